//! Follows one request: an example of what is wanted is looked for in one copy of a run, and followed in another. A run
//! depends on its document alone, so both copies are the run that is looked at.

use super::Metrics;
use super::samples::{Samples, Wanted};
use super::spans::Tracer;
use super::trace::Trace;
use crate::component::net::{CallId, Net, Origin};
use crate::engine::{Engine, Progress, Record, Recorder, Step};
use crate::scenario::Scenario;
use crate::time::{Nanos, SECOND};

/// Events between two looks at whether all is known.
const CHUNK: u64 = 1_000;

/// Who listens; one kind of listener for both copies, so that there is one engine for it in the program.
#[derive(Clone)]
enum Scout {
    /// For examples.
    Looks(Box<(Metrics, Samples)>),
    /// For all that becomes of one request.
    Follows(Box<Tracer>),
}

impl Recorder for Scout {
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        match self {
            Scout::Looks(both) => both.record(now, net, record),
            Scout::Follows(tracer) => tracer.record(now, net, record),
        }
    }

    fn step(&mut self, now: Nanos, net: &Net, call: CallId, step: Step) {
        if let Scout::Follows(tracer) = self {
            tracer.step(now, net, call, step);
        }
    }
}

/// What became of a request of the run of this document up to `until`, of those that were wanted from `warmup` on.
///
/// # Errors
/// One sentence: there is no such request, or why the run stopped.
pub fn follow(scenario: &Scenario, until: Nanos, warmup: Nanos, wanted: Wanted) -> Result<Trace, String> {
    let origin = match wanted {
        Wanted::This(sample) => sample.origin(),
        _ => find(scenario, until, warmup, wanted)?,
    };
    let mut engine = Engine::new(scenario, Scout::Follows(Box::new(Tracer::new(origin))));
    loop {
        let progress = engine.run_until(until, CHUNK);
        let now = engine.now();
        let Scout::Follows(tracer) = &engine.recorder else { unreachable!("it follows") };
        if tracer.is_done(now) || progress == Progress::Reached {
            let trace = tracer.clone().finish(now, engine.net());
            return trace.ok_or_else(|| "That request is not made in this run.".to_owned());
        }
        if let Progress::Stopped(reason) = progress {
            return Err(reason);
        }
    }
}

/// An example of what is asked for, by a run that is only measured.
fn find(scenario: &Scenario, until: Nanos, warmup: Nanos, wanted: Wanted) -> Result<Origin, String> {
    let looks = Box::new((Metrics::new(warmup, SECOND), Samples::new(warmup)));
    let mut engine = Engine::new(scenario, Scout::Looks(looks));
    if let Progress::Stopped(reason) = engine.run_until(until, u64::MAX) {
        return Err(reason);
    }
    let Scout::Looks(both) = &engine.recorder else { unreachable!("it looks") };
    let (metrics, samples) = &**both;
    let none = match wanted {
        Wanted::Failed => "No request failed.",
        Wanted::About { failed: true, .. } => "No request failed about that moment.",
        Wanted::Took { .. } => "No request took that long.",
        _ => "No request was answered.",
    };
    samples.find(wanted, &metrics.latency()).map(|sample| sample.origin()).ok_or_else(|| none.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::samples::Sample;
    use crate::time::from_s;

    #[test]
    fn the_request_that_is_followed_is_an_example_of_what_was_wanted() {
        let scenario = &crate::codec::examples()[0].scenario;
        let until = from_s(40.0);
        let slowest = follow(scenario, until, 0, Wanted::Slowest).expect("one was answered");
        let p99 = follow(scenario, until, 0, Wanted::Quantile(0.99)).expect("one was answered");
        let took = |trace: &Trace| trace.finished.expect("it was answered") - trace.wanted;
        assert!(took(&p99) < took(&slowest), "p99 {} ns, slowest {} ns", took(&p99), took(&slowest));
        let users = scenario.nodes.iter().position(|n| n.id == p99.users).expect("its users are in the document");
        let this = Sample { users: users as u32, ordinal: p99.ordinal, wanted: 0 };
        assert_eq!(follow(scenario, until, 0, Wanted::This(this)), Ok(p99), "the same by its number");
        let none = Sample { ordinal: u64::MAX, ..this };
        let error = follow(scenario, until, 0, Wanted::This(none)).expect_err("there is no such request");
        assert_eq!(error, "That request is not made in this run.");
    }
}
