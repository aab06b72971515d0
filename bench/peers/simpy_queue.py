"""Work A or B in SimPy. Usage: simpy_queue.py A|B REQUESTS; prints requests, seconds, mean time in the system in ms."""
import random
import sys
import time

import simpy


def work(name, requests):
    servers_wanted, draw, env = {"A": 1, "B": 4}[name], random.Random(7), simpy.Environment()
    servers = [simpy.Resource(env, capacity=1) for _ in range(servers_wanted)]
    spent = []

    def visit():
        came = env.now
        # Least connections: the fewest inside, the first of equals.
        chosen = min(servers, key=lambda server: server.count + len(server.queue))
        with chosen.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(1.0))
        spent.append(env.now - came)

    def come():
        for _ in range(requests):
            yield env.timeout(draw.expovariate(0.8 * servers_wanted))
            env.process(visit())

    env.process(come())
    began = time.process_time()
    env.run()
    seconds = time.process_time() - began
    print(len(spent), seconds, sum(spent) / len(spent))


work(sys.argv[1], int(sys.argv[2]))
