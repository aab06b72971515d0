//! Two designs side by side: the numbers they are compared by, and what can be said of each difference. Both ran on the
//! same seeds; what they have in common cancels out of the difference, so a few pairs of runs tell apart what would
//! need many runs by themselves (common random numbers; Law, "Simulation Modeling and Analysis", 5th ed., 11.2; the
//! paired t interval, 10.2.1).

use super::interval::Estimate;

/// The numbers by name, as options and reports call them.
pub const COMPARED: &[&str] = &[
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "mean_ms",
    "throughput_rps",
    "error_share",
    "writes_lost",
    "commit_ms",
    PER_MILLION,
];
/// What a million answered requests cost.
pub const PER_MILLION: &str = "usd_per_million";

/// One number of both.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Of A, over the seeds.
    pub a: Option<Estimate>,
    /// Of B.
    pub b: Option<Estimate>,
    /// B minus A, seed by seed.
    pub difference: Option<Estimate>,
}

/// What can be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Both have the same in every pair.
    Same,
    /// B has less, and chance does not explain it.
    Lower,
    /// B has more, and chance does not explain it.
    Higher,
    /// The interval holds zero.
    Nothing,
    /// There are fewer than two pairs.
    TooFew,
}

impl Pair {
    /// From the values of both, in the order of the seeds.
    pub fn of(name: &str, values: &[(Option<f64>, Option<f64>)]) -> Pair {
        let of_a: Vec<f64> = values.iter().filter_map(|pair| pair.0).collect();
        let of_b: Vec<f64> = values.iter().filter_map(|pair| pair.1).collect();
        let differences: Vec<f64> = values.iter().filter_map(|pair| Some(pair.1? - pair.0?)).collect();
        Pair {
            name: name.to_owned(),
            a: Estimate::of(&of_a),
            b: Estimate::of(&of_b),
            difference: Estimate::of(&differences),
        }
    }

    /// What can be said of it.
    pub fn told(&self) -> Told {
        match self.difference {
            Some(Estimate { mean: 0.0, half: Some(0.0) }) => Told::Same,
            Some(Estimate { mean, half: Some(half) }) if mean < -half => Told::Lower,
            Some(Estimate { mean, half: Some(half) }) if mean > half => Told::Higher,
            Some(Estimate { half: Some(_), .. }) => Told::Nothing,
            _ => Told::TooFew,
        }
    }

    /// The same in a sentence, with numbers written so.
    pub fn verdict(&self, number: impl Fn(f64) -> String) -> String {
        let (what, unit) = words(&self.name);
        let Some(Estimate { mean, half: Some(half) }) = self.difference else {
            return format!("Nothing can be said of {what}: too few runs have one.");
        };
        let word = if mean < 0.0 { "lower" } else { "higher" };
        let by = format!("{word} by {} ± {}{unit}", number(mean.abs()), number(half));
        match self.told() {
            Told::Same => format!("The {what} is the same for both."),
            Told::Lower | Told::Higher => format!("B's {what} is {by}."),
            _ => format!("No difference in {what} can be told: B's is {by}."),
        }
    }
}

/// What people call a number of this name, and its unit after a space.
pub fn words(name: &str) -> (String, &'static str) {
    match name {
        "writes_lost" => return ("number of lost writes".to_owned(), ""),
        "commit_ms" => return ("commit time".to_owned(), " ms"),
        "mean_ms" => return ("mean latency".to_owned(), " ms"),
        PER_MILLION => return ("estimated cost of a million requests".to_owned(), " USD"),
        _ => {}
    }
    match (name.strip_suffix("_ms"), name.strip_suffix("_rps")) {
        (Some(what), _) => (what.to_owned(), " ms"),
        (_, Some(what)) => (what.to_owned(), " per second"),
        _ => (name.replace('_', " "), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(name: &str, mean: f64, half: Option<f64>) -> String {
        let pair = Pair { name: name.into(), a: None, b: None, difference: Some(Estimate { mean, half }) };
        pair.verdict(|n| n.to_string())
    }

    #[test]
    fn verdicts_are_plain_sentences() {
        assert_eq!(verdict("p99_ms", -38.0, Some(9.0)), "B's p99 is lower by 38 ± 9 ms.");
        assert_eq!(verdict("throughput_rps", 12.5, Some(0.5)), "B's throughput is higher by 12.5 ± 0.5 per second.");
        assert_eq!(verdict("writes_lost", -4.0, Some(0.0)), "B's number of lost writes is lower by 4 ± 0.");
        assert_eq!(
            verdict("utilization of web", 0.01, Some(0.02)),
            "No difference in utilization of web can be told: B's is higher by 0.01 ± 0.02."
        );
        assert_eq!(verdict("error_share", 0.0, Some(0.0)), "The error share is the same for both.");
        assert_eq!(verdict("p50_ms", 1.0, None), "Nothing can be said of p50: too few runs have one.");
    }

    #[test]
    fn differences_are_taken_pair_by_pair() {
        // The pairs differ from each other far more than A from B.
        let values = [(Some(10.0), Some(11.0)), (Some(50.0), Some(51.1)), (Some(90.0), Some(90.9)), (Some(7.0), None)];
        let pair = Pair::of("p99_ms", &values);
        assert_eq!((pair.told(), pair.a.unwrap().mean), (Told::Higher, 39.25));
        let difference = pair.difference.unwrap();
        assert!((difference.mean - 1.0).abs() < 1e-9 && difference.half.unwrap() < 0.3, "{difference:?}");
        assert_eq!(Pair::of("p99_ms", &values[..1]).told(), Told::TooFew);
        assert_eq!(Pair::of("p99_ms", &[(Some(1.0), Some(3.0)), (Some(3.0), Some(1.0))]).told(), Told::Nothing);
    }
}
