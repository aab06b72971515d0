//! Closed forms, computed here so that no expected number is copied from anywhere.
//!
//! Times are in mean service times and rates in services per mean service time (μ = 1) unless a function says otherwise.

use libm::{exp, pow};

/// Erlang B: share of requests that find all `c` servers busy and leave, at offered load `a`, for any distribution of
/// service times (Erlang 1917; the recursion is in Gross and Harris, Fundamentals of Queueing Theory, 2.5).
pub fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// Erlang C: share of requests that have to wait for one of `c` servers.
pub fn erlang_c(c: u32, a: f64) -> f64 {
    let (b, rho) = (erlang_b(c, a), a / f64::from(c));
    b / (1.0 - rho * (1.0 - b))
}

/// M/M/c: mean wait.
pub fn mmc_wait(c: u32, a: f64) -> f64 {
    erlang_c(c, a) / (f64::from(c) - a)
}

/// M/M/c, first come first served: the time below which a share `q` of requests is answered. A request serves for an
/// exponential time, after an exponential wait with probability [`erlang_c`]; the tail is inverted by bisection.
pub fn mmc_quantile(c: u32, a: f64, q: f64) -> f64 {
    let (waits, theta) = (erlang_c(c, a), f64::from(c) - a);
    let tail = |t: f64| {
        let late = if libm::fabs(theta - 1.0) < 1e-9 {
            (1.0 + t) * exp(-t)
        } else {
            (theta * exp(-t) - exp(-theta * t)) / (theta - 1.0)
        };
        (1.0 - waits) * exp(-t) + waits * late
    };
    bisect(|t| tail(t) - (1.0 - q), 0.0, 1e4)
}

/// M/M/c/K: share lost, and mean time in the system of those who get in (birth-death equations).
pub fn mmck(c: u32, a: f64, k: u32) -> (f64, f64) {
    let mut weights = vec![1.0];
    for n in 1..=k {
        weights.push(weights[n as usize - 1] * a / f64::from(n.min(c)));
    }
    let sum: f64 = weights.iter().sum();
    let inside: f64 = weights.iter().enumerate().map(|(n, w)| n as f64 * w).sum::<f64>() / sum;
    let lost = weights[k as usize] / sum;
    (lost, inside / (a * (1.0 - lost)))
}

/// M/G/1: mean wait by Pollaczek and Khinchine, from the load and the squared coefficient of variation of service times.
pub fn mg1_wait(rho: f64, cs2: f64) -> f64 {
    rho * (1.0 + cs2) / 2.0 / (1.0 - rho)
}

/// E_k/M/1, what one of `k` servers sees that are fed in turn by a Poisson stream: mean time in the system. The root of
/// σ = A*(1 − σ) is the share that waits (Kleinrock, Queueing Systems I, 6.4).
pub fn ekm1_time(k: u32, rho: f64) -> f64 {
    let rate = f64::from(k) * rho;
    let gap = |sigma: f64| pow(rate / (rate + 1.0 - sigma), f64::from(k)) - sigma;
    1.0 / (1.0 - bisect(gap, 0.0, 1.0 - 1e-9))
}

/// A closed network of `users` who think for `think` and queue at one exponential server: requests answered per service
/// time, and mean time in the system (mean value analysis: Reiser and Lavenberg 1980).
pub fn closed(users: u32, think: f64) -> (f64, f64) {
    let (mut inside, mut rate, mut time) = (0.0, 0.0, 1.0);
    for n in 1..=users {
        time = 1.0 + inside;
        rate = f64::from(n) / (think + time);
        inside = rate * time;
    }
    (rate, time)
}

/// `n` exponential servers with queues at load `rho`; an arrival joins the queue of rank `r` (0 is the shortest) with
/// probability `ranks[r]`: mean time in the system. The chain of sorted queue lengths, no queue above `cap`, is solved
/// by Gauss and Seidel; equal queues are alike, so who wins a tie does not matter.
pub fn ranked(ranks: &[f64], rho: f64, cap: usize) -> f64 {
    let n = ranks.len();
    let rate = rho * n as f64;
    let states = sorted_states(n, cap);
    let find = |mut s: Vec<usize>| {
        s.sort_unstable();
        states.binary_search(&s).expect("a sorted state within the cap")
    };
    // For each state: who flows in, at which rate; and all that flows out.
    let mut inflow: Vec<Vec<(u32, f64)>> = vec![Vec::new(); states.len()];
    let mut outflow = vec![0.0; states.len()];
    for (i, s) in states.iter().enumerate() {
        for r in 0..n {
            let mut flow = |step: fn(usize) -> usize, speed: f64| {
                let mut next = s.clone();
                next[r] = step(next[r]);
                inflow[find(next)].push((i as u32, speed));
                outflow[i] += speed;
            };
            if s[r] < cap && ranks[r] > 0.0 {
                flow(|x| x + 1, rate * ranks[r]);
            }
            if s[r] > 0 {
                flow(|x| x - 1, 1.0);
            }
        }
    }
    let mut p = vec![1.0 / states.len() as f64; states.len()];
    loop {
        let mut moved = 0.0;
        // Forth and back: what is known of one end reaches the other in one sweep.
        for i in (0..states.len()).chain((0..states.len()).rev()) {
            let fresh = inflow[i].iter().map(|&(from, speed)| p[from as usize] * speed).sum::<f64>() / outflow[i];
            moved += libm::fabs(fresh - p[i]);
            p[i] = fresh;
        }
        let sum: f64 = p.iter().sum();
        p.iter_mut().for_each(|x| *x /= sum);
        if moved / sum < 1e-9 {
            break;
        }
    }
    states.iter().zip(&p).map(|(s, p)| s.iter().sum::<usize>() as f64 * p).sum::<f64>() / rate
}

/// Every sorted list of `n` lengths up to `cap`, in order.
fn sorted_states(n: usize, cap: usize) -> Vec<Vec<usize>> {
    let mut states = vec![Vec::new()];
    for _ in 0..n {
        states = states
            .into_iter()
            .flat_map(|s: Vec<usize>| {
                (s.last().copied().unwrap_or(0)..=cap).map(move |x| s.iter().copied().chain([x]).collect::<Vec<_>>())
            })
            .collect();
    }
    states
}

/// Join the shortest of `n` queues.
pub fn shortest(n: usize) -> Vec<f64> {
    (0..n).map(|r| if r == 0 { 1.0 } else { 0.0 }).collect()
}

/// Join the shorter of two distinct queues drawn among `n`.
pub fn shorter_of_two(n: usize) -> Vec<f64> {
    let pairs = (n * (n - 1) / 2) as f64;
    (0..n).map(|r| (n - 1 - r) as f64 / pairs).collect()
}

/// The popularity of `n` records by Zipf's law with this exponent.
fn zipf(n: u32, exponent: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=n).map(|i| pow(f64::from(i), -exponent)).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}

/// Hit share of a least-recently-used cache: a record is there if it was asked for within the time that the cache takes
/// to turn over, counted in requests (Che, Tung and Wang 2002; Fricker, Robert and Roberts 2012).
pub fn che(keys: u32, exponent: f64, capacity: u32) -> f64 {
    let p = zipf(keys, exponent);
    let held = |t: f64| p.iter().map(|p| 1.0 - exp(-p * t)).sum::<f64>();
    let turn = bisect(|t| f64::from(capacity) - held(t), 0.0, 1e9);
    p.iter().map(|p| p * (1.0 - exp(-p * turn))).sum()
}

/// Hit share where each record is good for as long as so many requests take, after it was put in.
pub fn aged(keys: u32, exponent: f64, requests: f64) -> f64 {
    zipf(keys, exponent).iter().map(|p| p * p * requests / (1.0 + p * requests)).sum()
}

/// Where a function that falls from above 0 to below it crosses, to the last bit that matters.
fn bisect(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(what: &str, value: f64, known: f64) {
        assert!(libm::fabs(value / known - 1.0) < 2e-4, "{what} is {value}, known is {known}");
    }

    #[test]
    fn closed_forms_give_the_known_numbers() {
        near("B(10, 10)", erlang_b(10, 10.0), 0.21458);
        near("B(100, 90)", erlang_b(100, 90.0), 0.02696);
        near("C(4, 3.2)", erlang_c(4, 3.2), 0.5964);
        near("Wq of M/M/10", mmc_wait(10, 8.0), 0.2046);
        near("p99 of M/M/1", mmc_quantile(1, 0.8, 0.99), 23.026);
        near("p95 of M/M/4", mmc_quantile(4, 3.2, 0.95), 4.738);
        near("p99 of M/M/100", mmc_quantile(100, 90.0, 0.99), 4.629);
        near("loss of M/M/10/20", mmck(10, 12.0, 20).0, 0.17967);
        near("time in M/M/10/20", mmck(10, 12.0, 20).1, 1.6360);
        near("Wq of M/G/1", mg1_wait(0.8, 4.0), 10.0);
        near("one of four in turn", ekm1_time(4, 0.8), 3.2674);
        near("one in turn is M/M/1", ekm1_time(1, 0.8), 5.0);
        near("LRU, flat", che(10_000, 0.8, 1000), 0.4367);
        near("LRU, steep", che(10_000, 1.0, 1000), 0.6756);
        near("ten seconds at 100/s", aged(10_000, 0.8, 1000.0), 0.3327);
        near("a closed network of one", closed(1, 9.0).0, 0.1);
    }

    #[test]
    fn joining_at_random_is_mm1_and_a_look_at_the_queues_helps() {
        near("random between two", ranked(&[0.5, 0.5], 0.5, 40), 2.0);
        let (best, two) = (ranked(&shortest(3), 0.5, 20), ranked(&shorter_of_two(3), 0.5, 20));
        assert!(best < two && two < 2.0, "shortest {best}, shorter of two {two}, random 2");
    }
}
