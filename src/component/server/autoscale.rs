//! Autoscaling by the formula of Kubernetes' HorizontalPodAutoscaler
//! (<https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/>): every 15 s the wish is
//! ceil(current × metric / target), nothing within a tolerance of 0.1; it goes down only to the highest wish of the last
//! 300 s. Instances that still start count as idle when the wish goes up, and are left out when it goes down. Its
//! optional limits on the speed of scaling are not here: the next wish is fulfilled at once.

use crate::component::param::{Param, Values, num, whole};
use crate::time::{Nanos, SECOND};
use std::collections::VecDeque;

/// From one look to the next: `--horizontal-pod-autoscaler-sync-period`.
pub const PERIOD: Nanos = 15 * SECOND;
/// `behavior.scaleDown.stabilizationWindowSeconds`.
const WINDOW: Nanos = 300 * SECOND;
/// `--horizontal-pod-autoscaler-tolerance`.
const TOLERANCE: f64 = 0.1;

/// The parameters.
pub const AUTOSCALE: &[Param] = &[
    num("target_share", "Target", 0.01, 1.0, 0.5, "How busy the cores shall be: more instances above, fewer below.")
        .main(),
    whole("min", "At least", 1, 10_000, 1, "Never fewer instances.").main(),
    whole("max", "At most", 1, 10_000, 10, "Never more instances.").main(),
];

/// The autoscaler of one server.
#[derive(Clone)]
pub struct Autoscale {
    target: f64,
    min: u32,
    max: u32,
    /// When it wished for how many.
    wishes: VecDeque<(Nanos, u32)>,
}

impl Autoscale {
    /// Reads its parameters; `before` is what they were.
    pub fn new(p: &Values, before: Option<Autoscale>) -> Autoscale {
        Autoscale {
            target: p.number("target_share"),
            min: p.whole("min") as u32,
            max: p.whole("max") as u32,
            wishes: before.map(|b| b.wishes).unwrap_or_default(),
        }
    }

    /// As many as it may be.
    pub fn clamp(&self, instances: u32) -> u32 {
        instances.min(self.max).max(self.min)
    }

    /// Looks at how busy each ready instance's cores were, and says how many instances there shall be instead of
    /// `current`, which counts those that still start.
    pub fn look(&mut self, now: Nanos, current: u32, busy: &[f64]) -> u32 {
        if self.wishes.is_empty() {
            self.wishes.push_back((now, current));
        }
        self.wishes.push_back((now, self.wish(current, busy)));
        self.wishes.retain(|&(at, _)| at + WINDOW >= now);
        // Up at once, down only as far as nothing higher was wished for lately.
        let highest = self.wishes.iter().map(|&(_, wish)| wish).max();
        self.clamp(highest.unwrap_or(current))
    }

    fn wish(&self, current: u32, busy: &[f64]) -> u32 {
        let ready = busy.len() as u32;
        let sum: f64 = busy.iter().sum();
        if ready == 0 {
            return current;
        }
        let ratio = |instances: u32| sum / f64::from(instances) / self.target;
        let within = |ratio: f64| (ratio - 1.0).abs() <= TOLERANCE;
        // A sum of shares that should be whole is a hair off: that hair is no reason for another instance.
        let ceil = |instances: f64| f64::ceil(instances - 1e-9) as u32;
        if ready < current && ratio(ready) > 1.0 {
            let all = ratio(current);
            return if within(all) || all < 1.0 { current } else { ceil(all * f64::from(current)) };
        }
        if within(ratio(ready)) { current } else { ceil(ratio(ready) * f64::from(ready)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaler(target: f64, min: u32, max: u32) -> Autoscale {
        Autoscale { target, min, max, wishes: VecDeque::new() }
    }

    #[test]
    fn the_wish_is_the_documented_formula() {
        let s = scaler(0.5, 1, 100);
        assert_eq!(s.wish(2, &[1.0, 1.0]), 4, "twice the target: twice as many");
        assert_eq!(s.wish(4, &[0.25; 4]), 2, "half the target: half as many");
        assert_eq!(s.wish(3, &[0.6, 0.6, 0.6]), 4, "ceil(3 × 1.2)");
        assert_eq!(s.wish(3, &[0.549; 3]), 3, "a tenth above is tolerated");
        assert_eq!(s.wish(3, &[0.45; 3]), 3, "a tenth below is tolerated");
        assert_eq!(s.wish(3, &[0.56; 3]), 4, "more is not");
        assert_eq!(s.wish(5, &[]), 5, "nobody to measure");
    }

    #[test]
    fn instances_that_start_count_as_idle_on_the_way_up() {
        let s = scaler(0.5, 1, 100);
        assert_eq!(s.wish(4, &[1.0, 1.0]), 4, "two at 100 % and two that start are at the target");
        assert_eq!(s.wish(3, &[1.0, 1.0]), 4, "they will be at 67 %");
        assert_eq!(s.wish(4, &[0.1, 0.1]), 1, "on the way down they are left out");
    }

    #[test]
    fn it_goes_up_at_once_and_down_after_five_minutes() {
        let mut s = scaler(0.5, 2, 6);
        let (mut current, mut log) = (2, Vec::new());
        for step in 1..=60u32 {
            let now = Nanos::from(step) * PERIOD;
            // The work of 10 cores at first, of one from 150 s on.
            let work = if step < 10 { 10.0 } else { 1.0 };
            let busy = vec![(work / f64::from(current)).min(1.0); current as usize];
            let next = s.look(now, current, &busy);
            if next != current {
                log.push((step * 15, next));
                current = next;
            }
        }
        assert_eq!(log, [(15, 4), (30, 6), (450, 2)], "the last wish for more was at 135 s");
    }
}
