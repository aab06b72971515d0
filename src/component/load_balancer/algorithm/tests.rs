//! The algorithms alone: orders and shares that the real software gives, and what must hold for any backends.

use super::super::ring::name_hash;
use super::*;
use crate::rng::Rng;
use crate::time::SECOND;
use proptest::prelude::*;

fn backends(weights: &[f64]) -> Backends {
    let mut all = Backends::default();
    for (i, &weight) in weights.iter().enumerate() {
        all.push(Backend::new(i as u32, i as u32, 0, weight, true));
    }
    all
}

fn picker(algorithm: Algorithm, backends: &[Backend]) -> Picker {
    let mut picker = Picker::new(Rng::named(3, "lb", "balance"));
    picker.algorithm = algorithm;
    let present = backends.iter().enumerate().filter(|(_, b)| b.present);
    picker.ring.lay(present.map(|(i, b)| (i, name_hash(&format!("web{i}"), 0), b.weight)));
    picker
}

/// Who is asked, as letters, when `ends` says after each pick which request ends.
fn picks(algorithm: Algorithm, weights: &[f64], count: usize, ends: impl Fn(usize) -> Option<usize>) -> String {
    let mut all = backends(weights);
    let mut picker = picker(algorithm, &all);
    let mut said = String::new();
    let mut made = Vec::new();
    for n in 0..count {
        let i = picker.pick(&mut all, 0, Asked::default(), 0, None).expect("all are up");
        said.push((b'a' + i as u8) as char);
        made.push(i);
        if let Some(ended) = ends(n) {
            picker.ended(&mut all[made[ended]]);
        }
    }
    said
}

#[test]
fn least_connections_go_round_among_equals() {
    let idle = picks(Algorithm::LeastConnections, &[1.0, 1.0, 1.0], 9, Some);
    assert_eq!(idle, "abcabcabc", "each request ends before the next: idle backends take turns");
    let kept = picks(Algorithm::LeastConnections, &[1.0, 1.0, 1.0], 9, |_| None);
    assert_eq!(kept, "abcabcabc", "none ends: the loads stay level");
    // The request of b ends after the third pick: b is idle and is next.
    let freed = picks(Algorithm::LeastConnections, &[1.0, 1.0, 1.0], 5, |n| (n == 2).then_some(1));
    assert_eq!(freed, "abcba", "the one with the fewest comes first");
}

#[test]
fn least_connections_heed_weights() {
    // HAProxy's key is (open + 1) / weight, 0 for an idle one: both are idle; then a costs 2/3, 1, 4/3, b costs 2.
    let said = picks(Algorithm::LeastConnections, &[3.0, 1.0], 8, |_| None);
    assert_eq!(said, "abaaaaba", "weights 3 and 1, nothing ends");
}

#[test]
fn ip_hash_gives_a_network_what_nginx_gives_it() {
    // hash = (hash × 113 + octet) mod 6271, three times from 89: 2565, 154, 2592 and 3023, then the remainder by 3.
    let mut all = backends(&[1.0, 1.0, 1.0]);
    let mut picker = picker(Algorithm::IpHash, &all);
    let mut pick =
        |all: &mut Backends, network| picker.pick(all, 0, Asked { network, key: 0 }, 0, None).expect("one is up");
    for (network, backend) in [([10, 0, 0], 0), ([192, 168, 1], 1), ([203, 0, 113], 0), ([8, 8, 8], 2)] {
        assert_eq!(pick(&mut all, network), backend, "network {network:?}");
    }
    // While its backend is down a network goes on to where the hash of the hash leads, and comes back afterwards.
    let home = pick(&mut all, [10, 0, 0]);
    all[home].watched.up = false;
    let away = pick(&mut all, [10, 0, 0]);
    assert_ne!(away, home);
    assert_eq!(pick(&mut all, [10, 0, 0]), away, "always the same one");
    all[home].watched.up = true;
    assert_eq!(pick(&mut all, [10, 0, 0]), home);
}

#[test]
fn power_of_two_draws_two_different_ones_and_takes_the_idler() {
    let mut all = backends(&[1.0, 1.0]);
    (all[0].open, all[1].open) = (1000, 0);
    let mut picker = picker(Algorithm::PowerOfTwo, &all);
    for n in 0..500 {
        // With two backends both are drawn each time, so the idler one always wins.
        assert_eq!(picker.pick(&mut all, 0, Asked::default(), 0, None), Some(1), "pick {n}");
    }
}

#[test]
fn least_time_avoids_the_slow_one_and_tries_it_again() {
    let mut all = backends(&[1.0, 1.0]);
    let mut picker = picker(Algorithm::LeastTime, &all);
    let mut slow = Vec::new();
    for n in 0..2000u64 {
        let now = n * SECOND;
        let i = picker.pick(&mut all, now, Asked::default(), 0, None).expect("both are up");
        let took = if i == 0 { SECOND / 2 } else { SECOND / 100 };
        if i == 0 {
            slow.push(n);
        }
        all[i].time.observe(now + took, took);
        picker.ended(&mut all[i]);
    }
    // Its cost of 0.5 s falls to the other's 0.01 s after 10 s × ln 50 = 39 s; the other's falls too, within a second.
    let gaps: Vec<u64> = slow.windows(2).map(|w| w[1] - w[0]).collect();
    let all_alike = gaps.iter().all(|gap| (38..=42).contains(gap));
    assert!(!gaps.is_empty() && all_alike, "a backend fifty times slower got requests every {gaps:?} s, expected 40");
}

#[test]
fn a_backend_that_failed_gets_one_probe_after_the_time_out() {
    let mut all = backends(&[1.0, 1.0]);
    let mut picker = picker(Algorithm::RoundRobin, &all);
    picker.passive = Passive { max_fails: Some(1), fail_timeout: 10 * SECOND };
    let passive = picker.passive;
    // Ten requests a second; a fails every one.
    let mut at_a = Vec::new();
    for n in 0..350u64 {
        let now = n * SECOND / 10;
        let i = picker.pick(&mut all, now, Asked::default(), 0, None).expect("b is up");
        if i == 0 {
            at_a.push(n);
        }
        all[i].treated(now, &passive, i == 0);
        picker.ended(&mut all[i]);
    }
    assert_eq!(at_a.len(), 4, "the first request and a probe every 10 s: {at_a:?}");
    assert!(at_a.windows(2).all(|w| (101..=103).contains(&(w[1] - w[0]))), "just after 10 s each: {at_a:?}");
}

#[test]
fn the_only_server_of_a_group_is_tried_whatever_it_does() {
    let mut all = backends(&[1.0]);
    let mut picker = picker(Algorithm::RoundRobin, &all);
    picker.passive = Passive { max_fails: Some(1), fail_timeout: 10 * SECOND };
    let passive = picker.passive;
    for n in 0..10 {
        assert_eq!(picker.pick(&mut all, n, Asked::default(), 0, None), Some(0), "try {n}");
        all[0].treated(n, &passive, true);
    }
}

#[test]
fn a_slow_start_grows_in_a_straight_line() {
    let mut all = backends(&[1.0, 1.0]);
    let mut picker = picker(Algorithm::RoundRobin, &all);
    picker.slow_start = 100 * SECOND;
    all[0].grow(0);
    let mut shares = Vec::new();
    for tenth in 0..12u64 {
        let got = (0..1000).filter(|n| {
            let now = (tenth * 1000 + n) * SECOND / 100;
            let i = picker.pick(&mut all, now, Asked::default(), 0, None);
            i == Some(0)
        });
        shares.push(got.count());
    }
    for (tenth, &got) in shares.iter().enumerate() {
        let ramp = ((tenth as f64 + 0.5) / 10.0).min(1.0);
        let expected = 1000.0 * ramp / (1.0 + ramp);
        assert!(
            (got as f64 - expected).abs() < 25.0,
            "tenth {tenth}: {got} of 1000, expected {expected:.0}: {shares:?}"
        );
    }
}

const ALL: [Algorithm; 7] = [
    Algorithm::RoundRobin,
    Algorithm::LeastConnections,
    Algorithm::Random,
    Algorithm::PowerOfTwo,
    Algorithm::IpHash,
    Algorithm::ConsistentHash,
    Algorithm::LeastTime,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the weights and whoever is up: nobody who is down, absent or without weight is picked while another
    /// is up; nobody is picked if none is up, unless the balancer fails open; and all who are up get their turn.
    #[test]
    fn picks_are_up_and_everybody_gets_some(
        shape in prop::collection::vec((0.0..5.0f64, any::<bool>(), any::<bool>()), 1..12),
        fail_open in any::<bool>(),
        seed in any::<u64>(),
    ) {
        for algorithm in ALL {
            let weights: Vec<f64> = shape.iter().map(|&(w, ..)| if w < 0.5 { 0.0 } else { w }).collect();
            let mut all = backends(&weights);
            for (b, &(_, up, present)) in all.iter_mut().zip(&shape) {
                (b.watched.up, b.present) = (up, present || up);
            }
            let mut picker = picker(algorithm, &all);
            picker.fail_open = fail_open;
            let mut draw = Rng::named(seed, "lb", "asked");
            let usable: Vec<usize> = (0..all.len()).filter(|&i| weights[i] > 0.0 && shape[i].1).collect();
            let mut got = vec![0u32; all.len()];
            for n in 0..1500u64 {
                let bits = draw.bits();
                let asked = Asked { network: [bits as u8, (bits >> 8) as u8, (bits >> 16) as u8], key: bits >> 32 };
                let now = n * SECOND / 100;
                let tried = if n % 5 == 0 { bits & 0xff } else { 0 };
                let picked = picker.pick(&mut all, now, asked, tried, (n % 7 == 0).then_some((bits % 12) as usize));
                let Some(i) = picked else {
                    prop_assert!(usable.is_empty(), "{algorithm:?} picked nobody of {usable:?}");
                    continue;
                };
                prop_assert!(all[i].present && weights[i] > 0.0, "{algorithm:?} picked {i}, who is not there");
                prop_assert!(usable.contains(&i) || usable.is_empty() && fail_open, "{algorithm:?} picked {i} of {usable:?}");
                got[i] += 1;
                all[i].time.observe(now, SECOND / 100);
                picker.ended(&mut all[i]);
            }
            for &i in &usable {
                prop_assert!(got[i] > 0, "{algorithm:?} starved backend {i} of weight {}: {got:?}", weights[i]);
            }
        }
    }
}
