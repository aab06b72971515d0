//! Joining one of several queues by their lengths: no formula is known, so the chain is solved.
//!
//! Times are in mean service times and rates in services per mean service time (μ = 1).

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_at_random_is_mm1_and_a_look_at_the_queues_helps() {
        let random = ranked(&[0.5, 0.5], 0.5, 40);
        assert!(libm::fabs(random / 2.0 - 1.0) < 2e-4, "random between two is {random}, known is 2");
        let (best, two) = (ranked(&shortest(3), 0.5, 20), ranked(&shorter_of_two(3), 0.5, 20));
        assert!(best < two && two < 2.0, "shortest {best}, shorter of two {two}, random 2");
    }
}
