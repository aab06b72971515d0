//! A measurement beside theory, as rows: value, interval, what a formula predicts, and what vouches for it.

use super::format;
use crate::metrics::measurement::{Estimated, Figure, Measurement};
use crate::scenario::Scenario;
use crate::theory::{self, Measured, Prediction, Theory};

/// What was measured, ready to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    /// One for each figure.
    pub rows: Vec<Reading>,
    /// What theory has to say of the node; none of the users' requests together.
    pub theory: Option<Formula>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it is.
    pub label: &'static str,
    /// Its value: `34.1 %`.
    pub value: String,
    /// Half of its interval's width: `± 0.4 %`; empty where there is none.
    pub within: String,
    /// What theory predicts; empty where it is silent.
    pub theory: String,
    /// The part of the validation that holds the engine to such figures.
    pub anchor: &'static str,
}

/// Which formula fits, or why none does.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// "M/M/2", or "No formula fits".
    pub title: String,
    /// Where it stands and what went into it, or why none fits.
    pub words: String,
}

/// The rows of a measurement. `document` is the whole document.
pub fn readings(document: &Scenario, measurement: &Measurement) -> Readings {
    let theory = measurement.node.as_deref().and_then(|id| of_node(document, measurement, id));
    let prediction = match &theory {
        Some(Theory::Fits(p)) => Some(&**p),
        _ => None,
    };
    let rows = measurement.estimates.iter().map(|e| reading(e, prediction)).collect();
    Readings { rows, theory: theory.as_ref().map(formula) }
}

fn of_node(document: &Scenario, m: &Measurement, id: &str) -> Option<Theory> {
    let nodes = m.flows.iter().map(|(id, rate, inside)| (id.clone(), (*rate, *inside))).collect();
    let all = theory::of(document, &Measured { nodes, retried: m.retried });
    all.into_iter().find(|(node, _)| node == id).map(|(_, theory)| theory)
}

fn formula(theory: &Theory) -> Formula {
    match theory {
        Theory::Nothing(why) => Formula { title: "No formula fits".into(), words: sentence(why) },
        Theory::Fits(p) => {
            let inputs = p.inputs.iter().map(|(name, n)| format!("{} {}", name.replace('_', " "), format::number(*n)));
            let inputs: Vec<String> = inputs.collect();
            Formula { title: p.model.clone(), words: format!("{}. From {}.", p.source, inputs.join(", ")) }
        }
    }
}

/// A reason as a sentence of its own.
fn sentence(why: &str) -> String {
    let mut chars = why.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

fn reading(e: &Estimated, p: Option<&Prediction>) -> Reading {
    let predicted = p.and_then(|p| predicted(e.figure, p));
    let half = e.ends.map(|[low, high]| (high - low) / 2.0);
    Reading {
        label: label(e.figure),
        value: shown(e.figure, e.value),
        within: half.map_or(String::new(), |half| format!("± {}", shown(e.figure, half))),
        theory: predicted.map_or(String::new(), |n| shown(e.figure, n)),
        anchor: match e.figure {
            Figure::Lag => "replication",
            Figure::FailedShare => "retries-and-fan-out",
            _ => "queues",
        },
    }
}

fn label(figure: Figure) -> &'static str {
    match figure {
        Figure::Rate => "Arrivals",
        Figure::FailedShare => "Failed",
        Figure::Utilization => "Utilization",
        Figure::Inside => "Inside",
        Figure::Wait => "Wait, mean",
        Figure::Mean => "Time, mean",
        Figure::P50 => "… median",
        Figure::P95 => "… p95",
        Figure::P99 => "… p99",
        Figure::Lag => "Lag, mean",
    }
}

fn shown(figure: Figure, n: f64) -> String {
    match figure {
        Figure::Rate => format!("{} /s", format::number(n)),
        Figure::FailedShare | Figure::Utilization => format::percent(n),
        Figure::Inside => format::number(n),
        _ => format::ms(n),
    }
}

fn predicted(figure: Figure, p: &Prediction) -> Option<f64> {
    match figure {
        Figure::Rate | Figure::Lag => None,
        Figure::FailedShare => p.failed_share,
        Figure::Utilization => p.utilization,
        Figure::Inside => p.mean_in_system,
        Figure::Wait => p.wait_ms.mean,
        Figure::Mean => p.sojourn_ms.mean,
        Figure::P50 => p.sojourn_ms.p50,
        Figure::P95 => p.sojourn_ms.p95,
        Figure::P99 => p.sojourn_ms.p99,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::metrics::Metrics;
    use crate::time::{SECOND, from_s};

    fn measured(rate: u64, timeline: &str, node: Option<&str>) -> Readings {
        let text = format!(
            r#"{{"loadstone":1,"name":"one","seed":4,"run_s":300,"nodes":[
            {{"id":"users","kind":"users","params":{{"rate_rps":{rate},"clients":50,"keep_alive_s":100000}}}},
            {{"id":"web","kind":"server","params":{{"cores":1}}}}],
            "links":[{{"from":"users","to":"web"}}],"timeline":[{timeline}]}}"#
        );
        let document = crate::check::open(&text).0.expect("a document");
        let mut engine = Engine::new(&document, Metrics::new(0, SECOND));
        engine.run_until(from_s(300.0), u64::MAX);
        let measurement = Measurement::of(&mut engine, node);
        readings(&document, &measurement)
    }

    #[test]
    fn a_queue_that_fits_stands_beside_its_formula() {
        let found = measured(100, "", Some("web"));
        let theory = found.theory.as_ref().expect("a server has one");
        assert_eq!(theory.title, "M/M/1", "{theory:?}");
        // At 100 requests a second of 5 ms each: load 0.5, 10 ms in the mean, 46.1 ms for all but one in a hundred.
        for (label, predicted) in [("Utilization", 50.0), ("Time, mean", 10.0), ("… p99", 46.1)] {
            let row = found.rows.iter().find(|r| r.label == label).expect(label);
            let number = |text: &str| text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).expect("a number");
            assert!((number(&row.theory) / predicted - 1.0).abs() < 0.05, "{row:?}");
            assert!(row.within.starts_with('±'), "a long run has an interval: {row:?}");
        }
    }

    #[test]
    fn where_none_fits_it_says_why_and_the_users_have_none() {
        let crash = r#"{"at_s":100,"node":"web","do":"crash"}"#;
        let theory = measured(100, crash, Some("web")).theory.expect("a reason");
        assert_eq!(
            (theory.title.as_str(), theory.words.as_str()),
            ("No formula fits", "The timeline changes the design while it runs.")
        );
        let all = measured(100, "", None);
        assert!(all.theory.is_none() && all.rows.iter().any(|r| r.label == "… p99"), "{all:?}");
        assert!(measured(100, crash, Some("web")).rows.iter().all(|r| r.theory.is_empty()));
    }
}
