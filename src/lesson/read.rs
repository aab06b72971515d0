//! Reading a lesson out of its document: values in, a lesson and problems out.

use super::expr::Expr;
use super::{Bet, Choice, Drill, Fixed, Goal, Lesson, Real, Step};
use crate::codec::{self, Problem, Problems, Subject};
use crate::component::Kind;
use crate::dist::shown;
use crate::scenario::{Entry, Params, Scenario};
use serde_json::{Value, json};

/// Most steps of a lesson.
const MOST_STEPS: usize = 40;
/// Most answers to a bet, hints and sources of a step.
const MOST_LINES: usize = 6;
/// Most parameters that are set back.
const MOST_FIXED: usize = 60;
/// Longest text, in characters.
const LONGEST: usize = 2_000;

/// The lesson that a document carries, if it carries one that can be read, and what is wrong with it.
pub fn read(document: &Scenario) -> (Option<Lesson>, Vec<Problem>) {
    let mut reader = Reader { problems: Problems::default() };
    let lesson = if document.lesson.is_empty() { None } else { reader.lesson(document.lesson.clone()) };
    let problems = reader.problems.into_list();
    let broken = problems.iter().any(Problem::is_error);
    (lesson.filter(|_| !broken), problems)
}

struct Reader {
    problems: Problems,
}

impl Reader {
    fn error(&mut self, path: &str, message: impl Into<String>) {
        self.problems.error(path, &Subject::Document, message);
    }

    fn wrong(&mut self, path: &str, found: &Value, wanted: &str) {
        self.error(path, format!("is {}, but must be {wanted}", shown(found)));
    }

    fn unknown(&mut self, path: &str, rest: &Params) {
        for name in rest.keys() {
            let message = "is no field that this version knows; it is kept, but does nothing";
            self.problems.warning(format!("{path}.{name}"), &Subject::Document, message);
        }
    }

    fn lesson(&mut self, mut map: Params) -> Option<Lesson> {
        let title = self.text(&mut map, "lesson", "title", true)?;
        let about = self.text(&mut map, "lesson", "about", false).unwrap_or_default();
        let steps = self.objects(&mut map, "lesson", "steps", MOST_STEPS);
        if steps.is_empty() {
            self.error("lesson.steps", "is empty, but a lesson needs at least one step");
        }
        let steps = steps.into_iter().enumerate().map(|(i, step)| self.step(step, &format!("lesson.steps[{i}]")));
        let steps = steps.collect();
        self.unknown("lesson", &map);
        Some(Lesson { title, about, steps })
    }

    fn step(&mut self, mut map: Params, path: &str) -> Step {
        let step = Step {
            say: self.text(&mut map, path, "say", true).unwrap_or_default(),
            look: self.texts(&mut map, path, "look", 20),
            bet: self.object(&mut map, path, "bet").and_then(|bet| self.bet(bet, &format!("{path}.bet"))),
            goal: self.object(&mut map, path, "goal").and_then(|goal| self.goal(goal, &format!("{path}.goal"))),
            hints: self.texts(&mut map, path, "hints", 3),
            solution: self.entries(&mut map, path, "solution"),
            others: self.others(&mut map, path),
            explain: self.text(&mut map, path, "explain", false).unwrap_or_default(),
            real: self.object(&mut map, path, "real").and_then(|real| self.real(real, &format!("{path}.real"))),
        };
        if step.goal.is_some() && step.solution.is_empty() {
            self.error(&format!("{path}.solution"), "is missing: a goal needs a way to reach it");
        }
        self.unknown(path, &map);
        step
    }

    fn bet(&mut self, mut map: Params, path: &str) -> Option<Bet> {
        let ask = self.text(&mut map, path, "ask", true)?;
        let change = self.entries(&mut map, path, "change");
        let choices = self.objects(&mut map, path, "choices", MOST_LINES);
        if choices.len() < 2 {
            self.error(&format!("{path}.choices"), "must have at least two answers");
        }
        let mut all = Vec::new();
        for (i, mut choice) in choices.into_iter().enumerate() {
            let path = format!("{path}.choices[{i}]");
            let (text, when) = (self.text(&mut choice, &path, "text", true), self.expr(&mut choice, &path));
            all.extend(text.zip(when).map(|(text, when)| Choice { text, when }));
            self.unknown(&path, &choice);
        }
        self.unknown(path, &map);
        Some(Bet { ask, change, choices: all })
    }

    fn goal(&mut self, mut map: Params, path: &str) -> Option<Goal> {
        let (text, when) = (self.text(&mut map, path, "text", true), self.expr(&mut map, path));
        let seeds = self.seeds(&mut map, path);
        let drills = self.objects(&mut map, path, "drills", MOST_LINES).into_iter().enumerate();
        let drills = drills.filter_map(|(i, drill)| self.drill(drill, &format!("{path}.drills[{i}]"))).collect();
        let fixed = self.fixed(&mut map, path);
        self.unknown(path, &map);
        text.zip(when).map(|(text, when)| Goal { text, when, seeds, drills, fixed })
    }

    fn drill(&mut self, mut map: Params, path: &str) -> Option<Drill> {
        let (text, when) = (self.text(&mut map, path, "text", true), self.expr(&mut map, path));
        let change = self.entries(&mut map, path, "change");
        let kind = self.text(&mut map, path, "crash", false);
        if let Some(kind) = kind.as_ref().filter(|kind| Kind::from_id(kind).is_none()) {
            self.error(&format!("{path}.crash"), format!("is {}, which is no kind of node", json!(kind)));
        }
        let at_s = match map.remove("at_s") {
            None => 0.0,
            Some(value) => value.as_f64().filter(|at| *at >= 0.0).unwrap_or_else(|| {
                self.wrong(&format!("{path}.at_s"), &value, "a time in seconds, 0 or later");
                0.0
            }),
        };
        if kind.is_none() && change.is_empty() {
            self.error(path, "does nothing: it needs a change, or the kind of a node to crash");
        }
        self.unknown(path, &map);
        text.zip(when).map(|(text, when)| Drill { text, change, crash: kind.map(|kind| (kind, at_s)), when })
    }

    fn fixed(&mut self, map: &mut Params, path: &str) -> Vec<Fixed> {
        let mut fixed = Vec::new();
        for (of, params) in self.object(map, path, "fixed").unwrap_or_default() {
            match params {
                Value::Object(params) => {
                    let one = |(param, value)| Fixed { of: of.clone(), param, value };
                    fixed.extend(params.into_iter().map(one));
                }
                other => self.wrong(&format!("{path}.fixed.{of}"), &other, "an object of parameters"),
            }
        }
        if fixed.len() > MOST_FIXED {
            self.error(&format!("{path}.fixed"), format!("has more than {MOST_FIXED} parameters"));
        }
        // What is said of a node goes before what is said of its kind.
        fixed.sort_by_key(|one| Kind::from_id(&one.of).is_none());
        fixed
    }

    fn seeds(&mut self, map: &mut Params, path: &str) -> Vec<u64> {
        let found = self.list(map, path, "seeds", MOST_LINES);
        let mut seeds = Vec::new();
        for (i, value) in found.into_iter().enumerate() {
            match value.as_u64() {
                Some(seed) => seeds.push(seed),
                None => self.wrong(&format!("{path}.seeds[{i}]"), &value, "a whole number, 0 or more"),
            }
        }
        seeds
    }

    fn others(&mut self, map: &mut Params, path: &str) -> Vec<Vec<Entry>> {
        let found = self.list(map, path, "others", MOST_LINES).into_iter().enumerate();
        found.map(|(i, value)| self.timeline(value, &format!("{path}.others[{i}]"))).collect()
    }

    fn real(&mut self, mut map: Params, path: &str) -> Option<Real> {
        let text = self.text(&mut map, path, "text", true)?;
        let sources = self.texts(&mut map, path, "sources", MOST_LINES);
        for (i, source) in sources.iter().enumerate().filter(|(_, s)| !s.starts_with("https://")) {
            self.error(&format!("{path}.sources[{i}]"), format!("is {}, but must begin with https://", json!(source)));
        }
        self.unknown(path, &map);
        Some(Real { text, sources })
    }

    fn expr(&mut self, map: &mut Params, path: &str) -> Option<Expr> {
        let text = self.text(map, path, "when", true)?;
        Expr::parse(&text).map_err(|why| self.error(&format!("{path}.when"), why)).ok()
    }

    /// A list of timeline entries, read as those of a document.
    fn entries(&mut self, map: &mut Params, path: &str, name: &str) -> Vec<Entry> {
        map.remove(name).map_or_else(Vec::new, |value| self.timeline(value, &format!("{path}.{name}")))
    }

    fn timeline(&mut self, value: Value, path: &str) -> Vec<Entry> {
        let (read, problems) = codec::read_value(json!({"loadstone": 1, "timeline": value}));
        for problem in problems {
            let place = problem.path.strip_prefix("timeline").unwrap_or(&problem.path);
            self.error(&format!("{path}{place}"), problem.message);
        }
        read.map(|document| document.timeline).unwrap_or_default()
    }

    fn text(&mut self, map: &mut Params, path: &str, name: &str, needed: bool) -> Option<String> {
        match map.remove(name) {
            None if needed => {
                self.error(&format!("{path}.{name}"), "is missing");
                None
            }
            None => None,
            Some(Value::String(text)) if text.chars().count() <= LONGEST => Some(text),
            Some(other) => {
                self.wrong(&format!("{path}.{name}"), &other, &format!("a text of at most {LONGEST} characters"));
                None
            }
        }
    }

    fn texts(&mut self, map: &mut Params, path: &str, name: &str, most: usize) -> Vec<String> {
        let found = self.list(map, path, name, most);
        let mut texts = Vec::new();
        for (i, value) in found.into_iter().enumerate() {
            match value {
                Value::String(text) if text.chars().count() <= LONGEST => texts.push(text),
                other => self.wrong(&format!("{path}.{name}[{i}]"), &other, "a text"),
            }
        }
        texts
    }

    fn object(&mut self, map: &mut Params, path: &str, name: &str) -> Option<Params> {
        match map.remove(name)? {
            Value::Object(object) => Some(object),
            other => {
                self.wrong(&format!("{path}.{name}"), &other, "an object");
                None
            }
        }
    }

    fn objects(&mut self, map: &mut Params, path: &str, name: &str, most: usize) -> Vec<Params> {
        let found = self.list(map, path, name, most);
        let mut objects = Vec::new();
        for (i, value) in found.into_iter().enumerate() {
            match value {
                Value::Object(object) => objects.push(object),
                other => self.wrong(&format!("{path}.{name}[{i}]"), &other, "an object"),
            }
        }
        objects
    }

    fn list(&mut self, map: &mut Params, path: &str, name: &str, most: usize) -> Vec<Value> {
        match map.remove(name) {
            None => Vec::new(),
            Some(Value::Array(all)) if all.len() <= most => all,
            Some(other) => {
                self.wrong(&format!("{path}.{name}"), &other, &format!("a list of at most {most}"));
                Vec::new()
            }
        }
    }
}
