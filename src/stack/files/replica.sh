#!/bin/sh
# Copies the database that this one follows, the first time, and then follows it.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  until pg_basebackup --pgdata "$PGDATA" --wal-method stream --write-recovery-conf \
    --dbname "host=$FOLLOWS user=postgres application_name=$NAME"; do
    echo "waiting for $FOLLOWS"
    rm -rf "${PGDATA:?}"/*
    sleep 1
  done
  chmod 700 "$PGDATA"
fi
exec "$@"
