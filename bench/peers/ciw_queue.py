"""Work A in Ciw. Usage: ciw_queue.py A REQUESTS; prints requests, seconds, mean time in the system in ms."""
import sys
import time

import ciw

requests = int(sys.argv[2])
queue = ciw.create_network(
    arrival_distributions=[ciw.dists.Exponential(rate=0.8)],
    service_distributions=[ciw.dists.Exponential(rate=1.0)],
    number_of_servers=[1],
)
ciw.seed(7)
simulation = ciw.Simulation(queue)
began = time.process_time()
simulation.simulate_until_max_customers(requests, method="Complete")
seconds = time.process_time() - began
visits = simulation.get_all_records()
print(len(visits), seconds, sum(v.exit_date - v.arrival_date for v in visits) / len(visits))
