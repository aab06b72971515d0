"""Draws from the distributions of a Loadstone document: a number, or an object with one of the names below."""

import bisect
import math
import random


def draw(dist, rng=random):
    """One value, in the unit of the distribution."""
    if dist is None:
        return 0.0
    if not isinstance(dist, dict):
        return float(dist)
    (name, of), = dist.items()
    if name == "exponential":
        return rng.expovariate(1.0 / of) if of > 0 else 0.0
    if name == "uniform":
        return rng.uniform(of[0], of[1])
    if name == "gamma":
        if of["cv"] == 0:
            return of["mean"]
        shape = 1.0 / of["cv"] ** 2
        return rng.gammavariate(shape, of["mean"] / shape)
    if name == "lognormal":
        spread = math.log(1.0 + of["cv"] ** 2)
        return of["mean"] * math.exp(rng.gauss(-spread / 2.0, math.sqrt(spread)))
    if name == "pareto":
        shape = of["shape"]
        return of["mean"] * (shape - 1.0) / shape * rng.paretovariate(shape)
    if name == "percentiles":
        return percentiles(of["p50"], of["p95"], of["p99"], rng.gauss(0.0, 1.0))
    raise ValueError(f"unknown distribution {name}")


def percentiles(p50, p95, p99, z):
    """The value at z standard deviations, if the logarithm is linear in z between those three percentiles."""
    z95, z99 = 1.6448536, 2.3263479
    slope = math.log(p95 / p50) / z95
    if z <= z95:
        return p50 * math.exp(slope * z)
    return p95 * math.exp(math.log(p99 / p95) / (z99 - z95) * (z - z95))


class Zipf:
    """Keys from 0 to count - 1; the popularity of the k-th falls as 1/k to the power of `exponent`."""

    def __init__(self, count, exponent):
        total, self.sums = 0.0, []
        for k in range(1, count + 1):
            total += k ** -exponent
            self.sums.append(total)

    def draw(self, rng=random):
        """One key."""
        return bisect.bisect_left(self.sums, rng.random() * self.sums[-1])
