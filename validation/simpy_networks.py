"""The networks of the report in SimPy, mean times in the system in mean service times: one line `name mean` per replication.

Usage: simpy_networks.py REPLICATIONS REQUESTS. Needs SimPy.
"""
import random
import sys

import simpy


def mean_time(seed, requests, rate, route):
    """Requests come at `rate`; `route(environment)` gives each the stations that it visits, with their mean times."""
    rng, env = random.Random(seed), simpy.Environment()
    visits, total, counted = route(env), 0.0, 0

    def request(number):
        nonlocal total, counted
        began = env.now
        for station, mean in visits():
            with station.request() as turn:
                yield turn
                yield env.timeout(rng.expovariate(1.0 / mean))
        if number > requests // 20:
            total, counted = total + env.now - began, counted + 1

    def arrivals():
        for number in range(requests):
            yield env.timeout(rng.expovariate(rate))
            env.process(request(number))

    env.process(arrivals())
    env.run()
    return total / counted


def one_station(env):
    station = simpy.Resource(env, 4)
    return lambda: [(station, 1.0)]


def in_a_row(env):
    row = [(simpy.Resource(env, 2), 1.0), (simpy.Resource(env, 1), 0.5), (simpy.Resource(env, 4), 1.0)]
    return lambda: row


def in_turn(env):
    servers, number = [simpy.Resource(env, 1) for _ in range(4)], [0]

    def visits():
        number[0] += 1
        return [(servers[number[0] % 4], 1.0)]

    return visits


def shortest(env):
    servers = [simpy.Resource(env, 1) for _ in range(4)]
    return lambda: [(min(servers, key=lambda s: s.count + len(s.queue)), 1.0)]


for name, rate, route in [("mm4", 3.2, one_station), ("row", 1.5, in_a_row), ("turn", 3.2, in_turn), ("shortest", 3.2, shortest)]:
    for replication in range(int(sys.argv[1])):
        print(name, mean_time(replication + 1, int(sys.argv[2]), rate, route))
