#!/bin/sh
# Runs once, when a primary's data is made: lets replicas in, and makes the records that requests are about.
# In a shell of its own: PostgreSQL's image runs this file, or reads it into its own shell if it is not executable.
(
set -eu
echo 'host replication all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
psql --set ON_ERROR_STOP=1 --set records="$RECORDS" --set rows="$JOIN_ROWS" --username postgres <<'SQL'
-- There are no replicas yet that a commit could wait for.
SET synchronous_commit = local;
CREATE TABLE records (key bigint PRIMARY KEY, body text NOT NULL, next bigint NOT NULL);
CREATE TABLE parts (record bigint NOT NULL, part int NOT NULL, body text NOT NULL, PRIMARY KEY (record, part));
INSERT INTO records SELECT k, repeat('x', 400), (k * 7919 + 1) % :records FROM generate_series(0, :records - 1) AS k;
INSERT INTO parts SELECT k, p, repeat('y', 40)
  FROM generate_series(0, :records - 1) AS k, generate_series(1, :rows) AS p;
ANALYZE;
SQL
)
