"""Sends the load of a Loadstone design and prints what came of it. Its settings are a JSON file; --seconds shortens it."""

import argparse
import asyncio
import json
import random
import time

from draw import Zipf, draw


class Group:
    """The users of one node of the design."""

    def __init__(self, settings, seed):
        self.settings = settings
        self.rng = random.Random(f'{seed} {settings["name"]}')
        self.keys = Zipf(min(settings["keys"], 1_000_000), settings["zipf"])
        self.shares = [kind["share"] for kind in settings["mix"]]
        self.hosts = [target["host"] for target in settings["targets"]]
        self.weights = [target["weight"] for target in settings["targets"]]
        self.idle = {}
        self.cookies = {}
        self.latencies, self.failures = [], {}

    def level(self, now):
        """The multiplier of the load at this moment, by straight lines between the given points."""
        points = self.settings["load"]
        before = points[0]
        for point in points:
            if point[0] > now:
                span = point[0] - before[0]
                part = (now - before[0]) / span if span > 0 else 1.0
                return before[1] + (point[1] - before[1]) * max(0.0, part)
            before = point
        return before[1]

    async def run(self, seconds):
        """All requests of so many seconds."""
        start = time.monotonic()
        if self.settings["users"] is None:
            await self.open_loop(start, seconds)
        else:
            everyone = (self.user(start, seconds, n) for n in range(int(self.settings["users"])))
            await asyncio.gather(*everyone)

    async def open_loop(self, start, seconds):
        """Requests that come whatever happens to those before."""
        highest = max(level for _, level in self.settings["load"])
        rate, running, due = self.settings["rate_rps"] * highest, set(), 0.0
        while rate > 0:
            due += self.rng.expovariate(rate) if self.settings["arrivals"] == "poisson" else 1.0 / rate
            if due >= seconds:
                break
            # Poisson arrivals at a changing rate by thinning: Lewis and Shedler (1979).
            if self.rng.random() * highest > self.level(due):
                continue
            await asyncio.sleep(max(0.0, start + due - time.monotonic()))
            task = asyncio.create_task(self.request(self.rng.randrange(self.settings["clients"])))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)

    async def user(self, start, seconds, number):
        """One user, who thinks, asks and waits."""
        while True:
            await asyncio.sleep(draw(self.settings["think_ms"], self.rng) / 1000.0)
            if time.monotonic() - start >= seconds:
                return
            if number < self.settings["users"] * self.level(time.monotonic() - start):
                await self.request(number)

    async def request(self, client):
        """One request with its retries; its time counts from the first attempt."""
        kind = self.rng.choices(self.settings["mix"], self.shares)[0]
        key = self.keys.draw(self.rng)
        begun = time.monotonic()
        for attempt in range(self.settings["retries"] + 1):
            if attempt:
                longest = self.settings["backoff_ms"] / 1000.0 * 2 ** (attempt - 1)
                await asyncio.sleep(self.rng.random() * longest)
            outcome = await self.attempt(client, kind, key)
            if outcome == "ok":
                self.latencies.append((time.monotonic() - begun) * 1000.0)
                return
        self.failures[outcome] = self.failures.get(outcome, 0) + 1

    async def attempt(self, client, kind, key):
        """One attempt: "ok", or what went wrong."""
        host = self.rng.choices(self.hosts, self.weights)[0]
        try:
            async with asyncio.timeout(self.settings["timeout_ms"] / 1000.0):
                return await self.exchange(client, host, kind, key)
        except TimeoutError:
            return "timed out"
        except (OSError, asyncio.IncompleteReadError, ValueError):
            return "connection failed"

    async def exchange(self, client, host, kind, key):
        """Sends one request over a connection of this client and reads the answer."""
        reader, writer = self.idle.pop((client, host), (None, None))
        if writer is None or writer.is_closing():
            name, port = host.rsplit(":", 1)
            reader, writer = await asyncio.open_connection(name, int(port))
        good = False
        try:
            writer.write(self.head(client, host, kind, key))
            status = int((await reader.readuntil(b"\r\n")).split()[1])
            length, keep = 0, self.settings["keep_alive"]
            while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
                name, _, value = line.decode("latin-1").partition(":")
                name, value = name.lower(), value.strip()
                if name == "content-length":
                    length = int(value)
                elif name == "connection" and value.lower() == "close":
                    keep = False
                elif name == "set-cookie":
                    self.cookies[client, host] = value.split(";")[0]
            await reader.readexactly(length)
            good = keep
            return "ok" if status < 400 else f"status {status}"
        finally:
            if good:
                self.idle[client, host] = (reader, writer)
            else:
                writer.close()

    def head(self, client, host, kind, key):
        """The request as bytes."""
        place = "static" if kind["static"] else "records"
        method = "POST" if kind["writes"] else "GET"
        lines = [f"{method} /{place}/{key} HTTP/1.1", f"Host: {host}", "Content-Length: 0"]
        lines.append(f"X-Forwarded-For: 10.{client >> 16 & 255}.{client >> 8 & 255}.{client & 255}")
        lines.append(f'X-Query: {kind["query"]}')
        if kind["endpoint"] is not None:
            lines.append(f'X-Endpoint: {kind["endpoint"]}')
        if (client, host) in self.cookies:
            lines.append(f"Cookie: {self.cookies[client, host]}")
        if not self.settings["keep_alive"]:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def report(self, seconds):
        """What came of it."""
        times = sorted(self.latencies)
        failed = sum(self.failures.values())
        at = lambda share: times[min(len(times) - 1, int(share * len(times)))] if times else float("nan")
        return {
            "users": self.settings["name"],
            "requests_per_s": round((len(times) + failed) / seconds, 2),
            "ok": len(times),
            "failed": failed,
            "failures": self.failures,
            "latency_ms": {
                "mean": round(sum(times) / len(times), 3) if times else None,
                **{f"p{name}": round(at(share), 3) for name, share in (("50", 0.5), ("95", 0.95), ("99", 0.99)) if times},
            },
        }


async def main():
    """All groups of users at once."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("settings")
    words.add_argument("--seconds", type=float)
    given = words.parse_args()
    with open(given.settings, encoding="utf-8") as file:
        settings = json.load(file)
    seconds = given.seconds or settings["run_s"]
    groups = [Group(g, settings["seed"]) for g in settings["groups"] if g["targets"] and g["mix"]]
    await asyncio.gather(*(group.run(seconds) for group in groups))
    print(json.dumps([group.report(seconds) for group in groups], indent=2))


if __name__ == "__main__":
    asyncio.run(main())
