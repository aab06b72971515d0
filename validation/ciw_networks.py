"""The networks of the report in Ciw, mean times in the system in mean service times: one line `name mean` per replication.

Usage: ciw_networks.py REPLICATIONS REQUESTS. Needs Ciw.
"""
import sys

import ciw


def mean_time(seed, requests, rate, stations):
    """Stations in a row, each with so many servers and a mean service time; requests come to the first."""
    following = [[1.0 if j == i + 1 else 0.0 for j in range(len(stations))] for i in range(len(stations))]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)] + [None] * (len(stations) - 1),
        service_distributions=[ciw.dists.Exponential(1.0 / mean) for _, mean in stations],
        number_of_servers=[servers for servers, _ in stations],
        routing=following,
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(requests, method="Finish")
    times = {}
    for record in simulation.get_all_records():
        if record.id_number > requests // 20:
            times[record.id_number] = times.get(record.id_number, 0.0) + record.exit_date - record.arrival_date
    return sum(times.values()) / len(times)


for name, rate, stations in [("mm4", 3.2, [(4, 1.0)]), ("row", 1.5, [(2, 1.0), (1, 0.5), (4, 1.0)])]:
    for replication in range(int(sys.argv[1])):
        print(name, mean_time(replication + 1, int(sys.argv[2]), rate, stations))
