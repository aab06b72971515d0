//! What if one fails? Each node in turn is crashed at the same moment in a copy of the document; the run is compared with
//! the undisturbed one on the same seed. So a single point of failure is found by its failure, not by a rule.
//!
//! Pure: who runs the copies, and on how many cores or workers, is up to the caller. What a run was like is read off
//! frames, which the page has of its worker and the command line of its engine.

use crate::component::Kind;
use crate::engine::{Engine, Progress};
use crate::metrics::Metrics;
use crate::metrics::frame::{Clock, Frame, Point, Totals};
use crate::metrics::snapshot::Told;
use crate::order::sort_by;
use crate::scenario::{Action, Entry, Scenario, Target};
use crate::scene::format::{self, counted, percent};
use crate::time::{MS, Nanos, SECOND, from_s, to_s};

/// The crash comes after a quarter of the run, but no later than this.
const LATEST: Nanos = 30 * SECOND;
/// From the crash on it is watched for so long at most: name services and groups of databases have taken over by then.
const WATCHED: Nanos = 120 * SECOND;
/// A chart's interval in which this share more fails than in the undisturbed run is a bad one.
const BAD: f64 = 0.01;

/// The runs to make.
#[derive(Clone, Debug)]
pub struct Plan {
    document: Scenario,
    /// When a node crashes.
    pub at: Nanos,
    /// How far to simulate.
    pub until: Nanos,
    /// The nodes, one for each run.
    pub victims: Vec<String>,
}

impl Plan {
    /// Every node that can crash and is there at the moment, each by itself; what is on the timeline happens too.
    pub fn new(document: &Scenario, at: Option<Nanos>) -> Plan {
        let length = from_s(document.run_s);
        // To the millisecond, as everything on a timeline.
        let at = at.unwrap_or((length / 4).min(LATEST)).clamp(MS, length.max(MS)) / MS * MS;
        let there = document.at(at).nodes;
        let can = |id: &str| Kind::from_id(id).is_some_and(|kind| kind != Kind::Users);
        let victims = there.into_iter().filter(|n| can(&n.kind)).map(|n| n.id).collect();
        Plan { document: document.clone(), at, until: length.min(at.saturating_add(WATCHED)), victims }
    }

    /// The document in which this node crashes; without one, as it is.
    pub fn document(&self, victim: Option<&str>) -> Scenario {
        let mut document = self.document.clone();
        let crash = |id: &str| Entry::new(to_s(self.at), Target::Node(id.to_owned()), Action::Crash);
        document.timeline.extend(victim.map(crash));
        document
    }

    /// Makes one of the runs here and now.
    ///
    /// # Errors
    /// If the engine cannot go on, its reason.
    pub fn run(&self, victim: Option<&str>) -> Result<Course, String> {
        let document = self.document(victim);
        // As on the page: four points a second, fewer in a long run.
        let interval = (SECOND / 4).max(from_s(document.run_s) / 600);
        let mut engine = Engine::new(&document, Metrics::new(0, interval));
        if let Progress::Stopped(why) = engine.run_until(self.until, u64::MAX) {
            return Err(why);
        }
        let mut course = Course::default();
        course.feed(&Told::default().frame(&mut engine, &document, Clock::Ended, self.until));
        Ok(course)
    }

    /// What the crash of this node did.
    pub fn judge(&self, victim: &str, undisturbed: &Course, run: &Course) -> Impact {
        let (a, b) = (&undisturbed.totals, &run.totals);
        let after = |p: &&Point| p.at > self.at;
        let wanted: f64 = run.points.iter().filter(after).map(|p| p.rate * to_s(p.span)).sum();
        let pending = b.in_flight.saturating_sub(a.in_flight);
        let lost = (b.failed.saturating_sub(a.failed) + pending) as f64;
        let bad = |p: &&Point| {
            let before = undisturbed.points.iter().find(|q| q.at == p.at).and_then(|q| q.error_share).unwrap_or(0.0);
            // Requests that nobody answers and nobody has given up yet are failing too.
            let failing = p.error_share.unwrap_or(if p.rate > 0.0 { 1.0 } else { 0.0 });
            failing > before + BAD
        };
        let worst = run.points.iter().rev().filter(after).find(bad).map_or(self.at, |p| p.at);
        let end = run.points.last().map_or(self.until, |p| p.at);
        // Something that fails in the last tenth of the time fails for good, as far as this run can tell.
        let for_good = worst > self.at && worst >= end - (end - self.at) / 10;
        Impact {
            node: victim.to_owned(),
            failed_share: if wanted > 0.0 { (lost / wanted).min(1.0) } else { 0.0 },
            failing_at_end: if for_good { self.failing_at_end(run, end) } else { 0.0 },
            down_s: to_s(worst - self.at),
            recovered: !for_good,
            writes_lost: b.writes_lost.saturating_sub(a.writes_lost),
            p99_ms: (a.p99_ms, b.p99_ms),
        }
    }

    /// The share that fails in the last third.
    fn failing_at_end(&self, run: &Course, end: Nanos) -> f64 {
        let late = run.points.iter().filter(|p| p.at > end - (end - self.at) / 3);
        let (failing, all) = late.fold((0.0, 0.0), |(failing, all), p| {
            let share = p.error_share.unwrap_or(if p.rate > 0.0 { 1.0 } else { 0.0 });
            (failing + share * p.rate, all + p.rate)
        });
        if all > 0.0 { failing / all } else { 0.0 }
    }
}

/// How a run went.
#[derive(Clone, Debug, Default)]
pub struct Course {
    run: u32,
    points: Vec<Point>,
    totals: Totals,
}

impl Course {
    /// Takes in what a frame tells. A run that began again forgets the one before.
    pub fn feed(&mut self, frame: &Frame) {
        if frame.run != self.run {
            self.points.clear();
        }
        self.run = frame.run;
        self.points.extend(frame.points.iter().map(|p| Point { nodes: Vec::new(), ..p.clone() }));
        self.totals = frame.totals.clone();
    }
}

/// What the crash of one node did to the users.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// The node.
    pub node: String,
    /// Of the requests from the crash on, the share that failed or never ended, beyond what does anyway.
    pub failed_share: f64,
    /// The share that still fails at the end; 0 if it went on by itself.
    pub failing_at_end: f64,
    /// From the crash until the last moment at which more failed than without it, in seconds.
    pub down_s: f64,
    /// Whether it went on by itself before the end.
    pub recovered: bool,
    /// Acknowledged writes that are gone.
    pub writes_lost: u64,
    /// The 99th percentile of the run's latencies, without the crash and with it.
    pub p99_ms: (Option<f64>, Option<f64>),
}

impl Impact {
    /// Nothing takes its place: requests fail for as long as it is down.
    pub fn single_point(&self) -> bool {
        !self.recovered
    }

    /// Whether so little failed that nobody would notice.
    pub fn quiet(&self) -> bool {
        self.recovered && self.failed_share < 0.0005
    }

    /// By how many times the p99 grew.
    fn slower(&self) -> f64 {
        match self.p99_ms {
            (Some(before), Some(after)) if before > 0.0 => after / before,
            _ => 1.0,
        }
    }

    /// What that means, in words.
    pub fn verdict(&self) -> String {
        let writes = match self.writes_lost {
            0 => String::new(),
            n => format!(
                " {} lost for good.",
                if n == 1 { "1 write is".into() } else { format!("{} are", counted(n, "write")) }
            ),
        };
        if !self.recovered && self.failing_at_end >= 0.99 {
            return format!("Single point of failure: without it nothing works.{writes}");
        }
        if !self.recovered {
            let share = percent(self.failing_at_end);
            return format!("Single point of failure: {share} of the requests fail as long as it is down.{writes}");
        }
        let slower = match (self.slower() >= 1.25, self.p99_ms) {
            (true, (Some(a), Some(b))) => format!(" The p99 goes from {} to {}.", format::ms(a), format::ms(b)),
            _ => String::new(),
        };
        let what = match (self.quiet(), slower.is_empty()) {
            (true, true) => "The users notice nothing.".to_owned(),
            (true, false) => "It only gets slower.".to_owned(),
            _ if self.down_s < 1.0 => format!("{} of the requests fail, within a second.", percent(self.failed_share)),
            _ => format!(
                "It goes on by itself after {}; {} of the requests fail.",
                format::ms(self.down_s * 1000.0),
                percent(self.failed_share)
            ),
        };
        format!("{what}{slower}{writes}")
    }
}

/// The most harmful first.
pub fn rank(impacts: &mut [Impact]) {
    sort_by(impacts, |a, b| {
        let by = |x: f64, y: f64| y.total_cmp(&x);
        (b.single_point().cmp(&a.single_point()))
            .then(by(a.failed_share, b.failed_share))
            .then(b.writes_lost.cmp(&a.writes_lost))
            .then(by(a.slower(), b.slower()))
    });
}
