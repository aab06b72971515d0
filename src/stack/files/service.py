"""Does what a server of a Loadstone design does: computes for a drawn time, and asks its databases, caches and services.

Its settings are a JSON file. Each core is a process; each request keeps one of the workers while it waits for others."""

import hashlib
import http.client
import json
import os
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from draw import draw

QUERIES = {
    "point": ("SELECT body FROM records WHERE key = %s", 1),
    "document": ("SELECT body FROM records WHERE key = %s", 1),
    "join": ("SELECT r.body, p.body FROM records r JOIN parts p ON p.record = r.key WHERE r.key = %s", 1),
    "scan": ("SELECT body FROM records WHERE key BETWEEN %s AND %s + 99", 2),
    "graph_hop": ("SELECT b.body FROM records a JOIN records b ON b.key = a.next WHERE a.key = %s", 1),
}
WRITE = "UPDATE records SET body = repeat(%s, 400) WHERE key = %s"


class Full(Exception):
    """There is no room for another request."""


class Failed(Exception):
    """Something that was asked did not answer as it should."""


class Room:
    """So many requests at work, so many more that wait; whoever comes after that is refused."""

    def __init__(self, workers, backlog):
        self.workers = threading.Semaphore(workers)
        self.places = threading.Semaphore(workers + backlog)

    def __enter__(self):
        if not self.places.acquire(blocking=False):
            raise Full
        self.workers.acquire()

    def __exit__(self, *_):
        self.workers.release()
        self.places.release()


class Calls:
    """What a request asks of others. Each thread has connections of its own."""

    def __init__(self, settings):
        self.timeout = (settings["connect_timeout_ms"] + settings["read_timeout_ms"]) / 1000.0
        self.calls = settings["calls"]
        self.mine = threading.local()

    def make(self, request, times_of):
        """Makes every call of one request, in the order of the design."""
        together = []
        for call in self.chosen(request.key):
            times = call["times"] if times_of is None else times_of.get(call["node"], 0)
            if call["parallel"]:
                together += [threading.Thread(target=self.quietly, args=(call, request)) for _ in range(times)]
            else:
                for _ in range(times):
                    if self.one(call, request):
                        return
        for thread in together:
            thread.start()
        for thread in together:
            thread.join()
        if request.failed:
            raise Failed

    def chosen(self, key):
        """The calls of a request: of the parts of sharded data the one that holds its record."""
        best = {}
        for call in self.calls:
            if call["shard_of"]:
                mark = hashlib.sha256(f'{call["node"]} {key}'.encode()).digest()
                best[call["shard_of"]] = max(best.get(call["shard_of"], (b"", None)), (mark, call["node"]))
        caches_first = sorted(self.calls, key=lambda call: "cache" not in call)
        return [c for c in caches_first if not c["shard_of"] or best[c["shard_of"]][1] == c["node"]]

    def quietly(self, call, request):
        """One call in a thread of its own: its failure is the request's."""
        try:
            self.one(call, request)
        except Exception:  # whatever it was, the request has failed
            request.failed = True

    def one(self, call, request):
        """One call; true if nothing more needs to be asked, because a cache had the answer."""
        if "cache" in call:
            return self.ask_cache(call["cache"], request)
        if "database" in call:
            self.ask_database(call["database"], request)
        else:
            self.ask_service(random.choice(call["services"]), request)
        return False

    def kept(self, name, make):
        """This thread's connection of that name."""
        held = self.mine.__dict__.setdefault("held", {})
        if name not in held:
            held[name] = make()
        return held[name]

    def drop(self, name):
        """Forgets a connection that failed."""
        self.mine.__dict__.get("held", {}).pop(name, None)

    def ask_cache(self, cache, request):
        """Cache-aside: a read looks first and fills what it missed; a write takes the record out."""
        import redis

        name = "cache " + cache["host"]
        client = self.kept(name, lambda: redis.Redis(host=cache["host"], socket_timeout=self.timeout))
        try:
            if request.writes:
                client.delete(request.key)
                return False
            if client.get(request.key) is not None:
                return True
            request.fill.append((client, cache["ttl_s"]))
        except redis.RedisError:
            self.drop(name)  # a cache that is away is a miss
        return False

    def ask_database(self, database, request):
        """One query."""
        import psycopg

        address = database["writes" if request.writes else "reads"]
        try:
            connection = self.kept(address, lambda: psycopg.connect(address, autocommit=True))
            if request.writes:
                connection.execute(WRITE, (random.choice("abc"), request.key))
            else:
                query, places = QUERIES[request.query]
                connection.execute(query, (request.key,) * places).fetchall()
        except psycopg.Error as error:
            self.drop(address)
            raise Failed from error
        for client, ttl in request.fill:
            client.set(request.key, b"x" * 400, px=None if ttl is None else max(1, int(ttl * 1000)))
        request.fill.clear()

    def ask_service(self, host, request):
        """One request to another service."""
        try:
            connection = self.kept(host, lambda: http.client.HTTPConnection(host, timeout=self.timeout))
            connection.request(request.method, request.path, headers=request.passed_on)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 500:
                raise Failed
        except (OSError, http.client.HTTPException) as error:
            self.drop(host)
            raise Failed from error


class Handler(BaseHTTPRequestHandler):
    """Answers /health, /static/KEY and /records/KEY."""

    protocol_version = "HTTP/1.1"
    settings, room, calls = None, None, None

    def handle(self):
        """All requests of one connection; a client that went away is no error."""
        try:
            super().handle()
        except OSError:
            pass

    def do_GET(self):
        """A read, a file or a health check."""
        self.serve(writes=False)

    def do_POST(self):
        """A write."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.serve(writes=True)

    def serve(self, writes):
        """One request."""
        if self.path == "/health":
            return self.answer(200, b"")
        self.writes, self.failed, self.fill, self.method = writes, False, [], self.command
        self.key = int("0" + "".join(c for c in self.path.rpartition("/")[2] if c.isdigit())[:12])
        self.query = self.headers.get("X-Query", "point")
        self.query = self.query if self.query in QUERIES else "point"
        self.passed_on = {n: self.headers[n] for n in ("X-Endpoint", "X-Query", "X-Forwarded-For") if n in self.headers}
        try:
            with self.room:
                endpoint = self.endpoint()
                compute(draw(endpoint.get("service_ms") or self.settings["service_ms"]))
                if not self.path.startswith("/static/"):
                    self.calls.make(self, endpoint.get("calls"))
            size = int(float(self.headers.get("X-Answer-Bytes", 400)))
            self.answer(200, b"x" * min(max(size, 0), 10_000_000))
        except Full:
            self.answer(503, b"full")
        except Failed:
            self.answer(502, b"failed")

    def endpoint(self):
        """What the design says about this kind of request."""
        number, known = self.headers.get("X-Endpoint", ""), self.settings["endpoints"]
        return known[int(number)] if number.isdigit() and int(number) < len(known) else {}

    def answer(self, status, body):
        """Sends an answer."""
        reason = self.responses.get(status, ("", ""))[0]
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode("latin-1") + body)

    def log_message(self, *_):
        """Says nothing."""


def compute(ms):
    """Keeps a core busy for so many ms of this thread's own processor time."""
    until = time.thread_time() + ms / 1000.0
    while time.thread_time() < until:
        pass


class Server(ThreadingHTTPServer):
    """Listens together with the other processes: the kernel spreads connections over them."""

    daemon_threads = True
    allow_reuse_port = True
    request_queue_size = 4096


def main():
    """One process for each core."""
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    processes = settings["cores"]
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    random.seed()
    Handler.settings = settings
    Handler.room = Room(-(-settings["workers"] // processes), -(-settings["backlog"] // processes))
    Handler.calls = Calls(settings)
    Server((settings.get("host", ""), settings["port"]), Handler).serve_forever()


if __name__ == "__main__":
    main()
