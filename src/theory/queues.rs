//! Closed forms for queues in their steady state. Rates and times are in units that fit each other: requests per ms and
//! ms, or requests per s and s. Sources: L. Kleinrock, "Queueing Systems", volume 1 (1975); D. Gross et al.,
//! "Fundamentals of Queueing Theory" (4th ed., 2008); M. Harchol-Balter, "Performance Modeling and Design of Computer
//! Systems" (2013).

/// The share of requests lost by `c` servers without a queue under the offered load `a` = λ/μ: Erlang's loss formula, by
/// its recursion (Gross, 2.5).
pub fn erlang_b(c: u64, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, n| a * b / (n as f64 + a * b))
}

/// The probability of having to wait for one of `c` servers under the offered load `a` < `c`: Erlang's delay formula.
pub fn erlang_c(c: u64, a: f64) -> f64 {
    let b = erlang_b(c, a);
    b / (1.0 - a / c as f64 * (1.0 - b))
}

/// M/M/c: Poisson arrivals, exponential service, `c` servers, first come, first served, λ < cμ (Kleinrock, 3.5).
#[derive(Clone, Copy, Debug)]
pub struct Mmc {
    lambda: f64,
    mu: f64,
    c: f64,
    /// Probability of having to wait.
    pub p_wait: f64,
}

impl Mmc {
    /// Arrivals at rate `lambda`, each of `c` servers serving at rate `mu`. None at a load of 1 and above.
    pub fn new(lambda: f64, mu: f64, c: u64) -> Option<Mmc> {
        let stable = lambda >= 0.0 && lambda < mu * c as f64;
        stable.then(|| Mmc { lambda, mu, c: c as f64, p_wait: erlang_c(c, lambda / mu) })
    }

    /// Share of the servers that are busy.
    pub fn utilization(&self) -> f64 {
        self.lambda / self.mu / self.c
    }

    /// Rate at which a queue that has formed shrinks.
    fn drain(&self) -> f64 {
        self.c * self.mu - self.lambda
    }

    /// Mean time in the queue.
    pub fn wait_mean(&self) -> f64 {
        self.p_wait / self.drain()
    }

    /// The time in the queue that a share `q` of the requests stays below: P(W > t) = P(wait) e^(-(cμ-λ)t).
    pub fn wait_quantile(&self, q: f64) -> f64 {
        (libm::log(self.p_wait / (1.0 - q)) / self.drain()).max(0.0)
    }

    /// Mean time from arrival to leaving.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + 1.0 / self.mu
    }

    /// Mean number inside, by Little's law.
    pub fn in_system(&self) -> f64 {
        self.lambda * self.response_mean()
    }

    /// The probability of staying longer than `t`: no wait and an exponential service, or an exponential wait and then it.
    pub fn response_tail(&self, t: f64) -> f64 {
        let (mu, drain) = (self.mu, self.drain());
        let service = libm::exp(-mu * t);
        let both = if (drain - mu).abs() < 1e-6 * mu {
            (1.0 + mu * t) * service
        } else {
            (drain * service - mu * libm::exp(-drain * t)) / (drain - mu)
        };
        (1.0 - self.p_wait) * service + self.p_wait * both
    }

    /// The time from arrival to leaving that a share `q` of the requests stays below.
    pub fn response_quantile(&self, q: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.response_mean());
        while self.response_tail(high) > 1.0 - q {
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if self.response_tail(middle) > 1.0 - q { low = middle } else { high = middle }
        }
        high
    }

    /// The probability that `n` ≥ c or more are inside.
    pub fn at_least(&self, n: u64) -> f64 {
        self.p_wait * libm::pow(self.utilization(), n as f64 - self.c)
    }
}

/// M/M/c/K: as [`Mmc`], with room for `k` ≥ c inside and the rest turned away; any load (Gross, 2.5).
#[derive(Clone, Copy, Debug)]
pub struct Mmck {
    /// Share of the requests turned away.
    pub loss: f64,
    /// Mean number in the queue.
    pub queue: f64,
    /// Share of the servers that are busy.
    pub utilization: f64,
    admitted: f64,
    mu: f64,
}

impl Mmck {
    /// Arrivals at rate `lambda` > 0, `c` servers at rate `mu`, room for `k`.
    pub fn new(lambda: f64, mu: f64, c: u64, k: u64) -> Mmck {
        let a = lambda / mu;
        let r = a / c as f64;
        let room = k.saturating_sub(c);
        // Weights of c, c+1, …, k inside, by their distance from the heavier end so that none overflows.
        let (step, full_is_first) = if r > 1.0 { (1.0 / r, true) } else { (r, false) };
        let (mut weight, mut sum, mut queue) = (1.0f64, 0.0f64, 0.0f64);
        let mut at_c = if full_is_first { 0.0 } else { 1.0 };
        let mut at_k = if full_is_first { 1.0 } else { 0.0 };
        for i in 0..=room {
            let waiting = if full_is_first { room - i } else { i };
            sum += weight;
            queue += weight * waiting as f64;
            if i == room {
                (at_c, at_k) = if full_is_first { (weight, at_k) } else { (at_c, weight) };
            }
            weight *= step;
            if weight < 1e-300 {
                break;
            }
        }
        // Fewer than c inside: Erlang's formula gives their weight relative to that of c.
        let total = sum + at_c * (1.0 / erlang_b(c, a) - 1.0);
        let loss = at_k / total;
        let admitted = lambda * (1.0 - loss);
        Mmck { loss, queue: queue / total, utilization: admitted / mu / c as f64, admitted, mu }
    }

    /// Mean time in the queue of those let in.
    pub fn wait_mean(&self) -> f64 {
        self.queue / self.admitted
    }

    /// Mean time from arrival to leaving of those let in.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + 1.0 / self.mu
    }

    /// Mean number inside.
    pub fn in_system(&self) -> f64 {
        self.admitted * self.response_mean()
    }
}

/// Mean wait of M/G/1, first come, first served: Pollaczek and Khinchine's formula (Kleinrock, 5.6). The service has this
/// mean and coefficient of variation. None at a load of 1 and above.
pub fn mg1_wait(lambda: f64, mean: f64, cv: f64) -> Option<f64> {
    let load = lambda * mean;
    (load < 1.0).then(|| load * mean * (1.0 + cv * cv) / (2.0 * (1.0 - load)))
}

/// Mean response of M/G/c with processor sharing, whatever the service's distribution: as of M/M/c (insensitivity; J. W.
/// Cohen, "The multiple phase service network with generalized processor sharing", 1979). None at a load of 1 and above.
pub fn processor_sharing(lambda: f64, mean: f64, c: u64) -> Option<f64> {
    Mmc::new(lambda, 1.0 / mean, c).map(|q| q.response_mean())
}

/// E_k/M/1: every k-th of a Poisson stream, as round robin over k equal servers hands out (Kleinrock, 6.4, as G/M/1). An
/// arrival finds the server busy with probability `busy`; the response is exponential.
#[derive(Clone, Copy, Debug)]
pub struct Ekm1 {
    mu: f64,
    /// Probability of having to wait.
    pub busy: f64,
}

impl Ekm1 {
    /// Arrivals at rate `lambda`, one server at rate `mu`. None at a load of 1 and above.
    pub fn new(lambda: f64, mu: f64, k: u64) -> Option<Ekm1> {
        if lambda.is_nan() || lambda <= 0.0 || lambda >= mu {
            return None;
        }
        let k = k as f64;
        // The smallest root of σ = A*(μ - μσ), A* being the transform of the time between arrivals.
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let s = (low + high) / 2.0;
            if libm::pow(k * lambda / (k * lambda + mu * (1.0 - s)), k) > s { low = s } else { high = s }
        }
        Some(Ekm1 { mu, busy: low })
    }

    /// Mean time from arrival to leaving.
    pub fn response_mean(&self) -> f64 {
        1.0 / (self.mu * (1.0 - self.busy))
    }

    /// The time from arrival to leaving that a share `q` of the requests stays below.
    pub fn response_quantile(&self, q: f64) -> f64 {
        -libm::log(1.0 - q) * self.response_mean()
    }

    /// Mean time in the queue.
    pub fn wait_mean(&self) -> f64 {
        self.busy * self.response_mean()
    }

    /// The time in the queue that a share `q` of the requests stays below.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        (libm::log(self.busy / (1.0 - q)) * self.response_mean()).max(0.0)
    }
}

/// `n` users that wait for an answer and think before they ask again, served by `c` exponential servers: machine repair
/// (Gross, 2.7). The time to think may have any distribution.
#[derive(Clone, Copy, Debug)]
pub struct Closed {
    /// Requests per unit of time.
    pub throughput: f64,
    /// Mean time from arrival to leaving.
    pub response_mean: f64,
    /// Share of the servers that are busy.
    pub utilization: f64,
}

impl Closed {
    /// `n` users who think for `think` on average, `c` servers who take `service`.
    pub fn new(n: u64, think: f64, service: f64, c: u64) -> Closed {
        let (mut weight, mut sum, mut busy) = (1.0f64, 1.0f64, 0.0f64);
        for inside in 1..=n {
            let servers = inside.min(c) as f64;
            weight *= (n - inside + 1) as f64 / think * service / servers;
            sum += weight;
            busy += weight * servers;
            if weight > 1e200 {
                (weight, sum, busy) = (weight / 1e200, sum / 1e200, busy / 1e200);
            }
            // Behind the largest weight they fall faster and faster.
            if weight < sum * 1e-20 && inside > c {
                break;
            }
        }
        let busy = busy / sum;
        let throughput = busy / service;
        Closed { throughput, response_mean: n as f64 / throughput - think, utilization: busy / c as f64 }
    }
}

/// Mean time of a request through stations that it visits `visits` times each for `response` (J. R. Jackson, "Networks of
/// waiting lines", 1957: in the steady state each station behaves as if it stood alone).
pub fn network(stations: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    stations.into_iter().map(|(visits, response)| visits * response).sum()
}

/// Attempts per request if each fails with this probability and at most `tries` are made.
pub fn attempts(failure: f64, tries: u32) -> f64 {
    if failure >= 1.0 { f64::from(tries) } else { (1.0 - libm::pow(failure, tries.into())) / (1.0 - failure) }
}

/// The share of requests for which one of so many tries succeeds.
pub fn success(failure: f64, tries: u32) -> f64 {
    1.0 - libm::pow(failure, tries.into())
}

/// The share of requests that meet at least one slow answer among `calls`, each slow with this probability.
pub fn fan_out(slow: f64, calls: u32) -> f64 {
    1.0 - libm::pow(1.0 - slow, calls.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the value has exactly these digits.
    fn digits(what: &str, value: f64, expected: &str) {
        let places = expected.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let rounded = format!("{value:.places$}");
        assert_eq!(rounded, expected, "{what}: {value}");
    }

    #[test]
    fn one_server() {
        let q = Mmc::new(0.8, 1.0, 1).unwrap();
        digits("L", q.in_system(), "4.0");
        digits("T", q.response_mean(), "5.0");
        digits("p50", q.response_quantile(0.5), "3.4657");
        digits("p95", q.response_quantile(0.95), "14.979");
        digits("p99", q.response_quantile(0.99), "23.026");
        assert!(Mmc::new(1.0, 1.0, 1).is_none() && Mmc::new(f64::NAN, 1.0, 1).is_none());
    }

    #[test]
    fn several_servers() {
        for (lambda, c, p_wait, wait, p95, p99) in [
            (3.2, 4, "0.5964", "0.7455", "4.738", "6.893"),
            (8.0, 10, "0.4092", "0.2046", "3.328", "4.946"),
            (90.0, 100, "0.2169", "0.02169", "3.0196", "4.629"),
        ] {
            let q = Mmc::new(lambda, 1.0, c).unwrap();
            digits("P(wait)", q.p_wait, p_wait);
            digits("Wq", q.wait_mean(), wait);
            digits("p95", q.response_quantile(0.95), p95);
            digits("p99", q.response_quantile(0.99), p99);
        }
    }

    #[test]
    fn losses() {
        digits("Erlang B (10, 10)", erlang_b(10, 10.0), "0.21458");
        digits("Erlang B (100, 90)", erlang_b(100, 90.0), "0.02696");
        let q = Mmck::new(12.0, 1.0, 10, 20);
        digits("loss", q.loss, "0.17967");
        digits("T", q.response_mean(), "1.6360");
        // Without a queue it is Erlang's loss formula; with endless room it is M/M/c.
        assert!((Mmck::new(10.0, 1.0, 10, 10).loss - erlang_b(10, 10.0)).abs() < 1e-12);
        assert!((Mmck::new(90.0, 1.0, 100, 100).loss - erlang_b(100, 90.0)).abs() < 1e-12);
        let (wide, open) = (Mmck::new(3.2, 1.0, 4, 10_000), Mmc::new(3.2, 1.0, 4).unwrap());
        assert!((wide.response_mean() - open.response_mean()).abs() < 1e-9 && wide.loss < 1e-100, "{wide:?}");
        assert!((wide.in_system() - open.in_system()).abs() < 1e-9, "{wide:?}");
        // Far above capacity all but what can be served is lost, and the room is full.
        let over = Mmck::new(30.0, 1.0, 10, 100_000);
        assert!((over.loss - 2.0 / 3.0).abs() < 1e-9 && (over.in_system() - 100_000.0).abs() < 1.0, "{over:?}");
    }

    #[test]
    fn general_service() {
        for (squared, wait) in [(0.0, "2.0"), (0.25, "2.5"), (4.0, "10.0")] {
            digits("M/G/1 Wq", mg1_wait(0.8, 1.0, f64::sqrt(squared)).unwrap(), wait);
        }
        digits("M/G/1-PS T", processor_sharing(0.8, 1.0, 1).unwrap(), "5.0");
        assert_eq!(mg1_wait(1.0, 1.0, 0.0), None);
    }

    #[test]
    fn round_robin_over_four() {
        digits("round robin T", Ekm1::new(0.8, 1.0, 4).unwrap().response_mean(), "3.2674");
        // With k = 1 it is M/M/1.
        let (q, plain) = (Ekm1::new(0.8, 1.0, 1).unwrap(), Mmc::new(0.8, 1.0, 1).unwrap());
        assert!((q.response_mean() - plain.response_mean()).abs() < 1e-9);
        assert!((q.wait_quantile(0.99) - plain.wait_quantile(0.99)).abs() < 1e-6);
        assert!(Ekm1::new(1.0, 1.0, 4).is_none());
    }

    #[test]
    fn closed_loops() {
        // Kleinrock, "Queueing Systems", volume 2, section 4.12: far above saturation R = n s - z.
        let full = Closed::new(100, 1000.0, 50.0, 1);
        assert!((full.response_mean - 4000.0).abs() < 1e-3 && (full.utilization - 1.0).abs() < 1e-9, "{full:?}");
        // One user never waits.
        let alone = Closed::new(1, 1000.0, 50.0, 1);
        assert!((alone.response_mean - 50.0).abs() < 1e-9 && (alone.throughput - 1.0 / 1050.0).abs() < 1e-12);
        // Very many users who hardly ever ask are a Poisson stream.
        let many = Closed::new(1_000_000, 1e6 / 0.8, 1.0, 1);
        assert!((many.response_mean - 5.0).abs() < 1e-3, "{many:?}");
    }

    #[test]
    fn networks_retries_and_fan_out() {
        let station = |lambda: f64, mu: f64, c: u64| Mmc::new(lambda, mu, c).unwrap().response_mean();
        let response =
            network([(1.0, station(100.0, 10.0, 16)), (1.0, station(100.0, 1000.0, 1)), (0.3, station(30.0, 50.0, 1))]);
        digits("Jackson T", response, "0.11707");
        assert!((attempts(0.5, 3) - 1.75).abs() < 1e-12 && (success(0.5, 3) - 0.875).abs() < 1e-12);
        assert_eq!(attempts(1.0, 4), 4.0);
        digits("fan-out", fan_out(0.01, 100), "0.6340");
    }
}
