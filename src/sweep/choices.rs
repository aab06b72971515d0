//! What of a design can be swept: every number that its nodes have, with a range around what it is.

use super::setting::Axis;
use crate::component::param::{Type, Values, number};
use crate::component::{Kind, Param};
use crate::editor::{Command, Item};
use crate::scenario::{Node, Scenario};
use serde_json::{Value, json};

/// A number of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// `users.rate_rps`, as `loadstone sweep --set` names it.
    pub path: String,
    /// The node's identifier.
    pub node: String,
    /// The parameter's name, dotted if it lies inside another.
    pub param: String,
    /// What people call it.
    pub label: &'static str,
    /// "req/s", or empty.
    pub unit: &'static str,
    /// What it is now.
    pub now: f64,
    /// The least and the most that it can be.
    pub range: (f64, f64),
    /// Only whole numbers.
    pub whole: bool,
    /// Shown first.
    pub main: bool,
}

/// Every number of every node, in the order of the document and the tables.
pub fn choices(scenario: &Scenario) -> Vec<Choice> {
    let of_node = |node: &Node| {
        let params = Kind::from_id(&node.kind).map_or(&[] as &[Param], |kind| kind.spec().params);
        params.iter().filter_map(|param| choice(node, params, param)).collect::<Vec<_>>()
    };
    scenario.nodes.iter().flat_map(of_node).collect()
}

fn choice(node: &Node, table: &'static [Param], param: &'static Param) -> Option<Choice> {
    let values = Values::new(table, &node.params);
    let value = values.value(param.name);
    let (range, now, inner) = match param.of {
        Type::Number(lo, hi) => ((lo, hi), value.as_f64()?, None),
        Type::Whole(lo, hi) => ((lo as f64, hi as f64), value.as_f64()?, None),
        // The mean of a distribution that has one number.
        Type::Distribution(lo, hi) => match value.get("exponential").and_then(Value::as_f64) {
            Some(mean) => ((lo.max(1e-6), hi), mean, Some("exponential")),
            None => ((lo, hi), value.as_f64()?, None),
        },
        _ => return None,
    };
    let name = inner.map_or_else(|| param.name.to_owned(), |inner| format!("{}.{inner}", param.name));
    param.ready.then(|| Choice {
        path: format!("{}.{name}", node.id),
        node: node.id.clone(),
        param: name,
        label: param.label,
        unit: param.unit(),
        now,
        range,
        whole: matches!(param.of, Type::Whole(..)),
        main: param.main,
    })
}

impl Choice {
    /// From half of what it is to twice that, within what it can be.
    pub fn around(&self) -> (f64, f64) {
        let now = if self.now > 0.0 { self.now } else { self.range.1.min(10.0) };
        let (from, to) = (self.fits(now / 2.0), self.fits(now * 2.0));
        if from < to { (from, to) } else { (self.range.0, self.fits(from + 1.0)) }
    }

    /// The command that sets it, from wherever it is applied on.
    pub fn command(&self, value: &Value) -> Command {
        let (name, value) = match self.param.strip_suffix(".exponential") {
            Some(name) => (name, json!({"exponential": value})),
            None => (self.param.as_str(), value.clone()),
        };
        Command::SetParam { target: Item::Node(self.node.clone()), name: name.to_owned(), value, gesture: 0 }
    }

    /// The nearest number that it can be.
    pub fn fits(&self, n: f64) -> f64 {
        let n = if self.whole { n.round() } else { n };
        n.clamp(self.range.0, self.range.1)
    }

    /// So many values from one to another, evenly apart; fewer if whole numbers would repeat.
    ///
    /// # Errors
    /// One sentence: what is wrong with the range.
    pub fn axis(&self, from: f64, to: f64, points: usize) -> Result<Axis, String> {
        let (lo, hi) = self.range;
        if !(lo..=hi).contains(&from) || !(lo..=hi).contains(&to) {
            return Err(format!("{} goes from {} to {}.", self.label, number(lo), number(hi)));
        }
        if from >= to {
            return Err("The range must begin below its end.".to_owned());
        }
        if !(2..=50).contains(&points) {
            return Err("A sweep has from 2 to 50 points.".to_owned());
        }
        let value = |i: usize| {
            let exact = from + (to - from) * i as f64 / (points - 1) as f64;
            // Six digits are more than anybody reads off a curve.
            let short = format!("{exact:.5e}").parse().unwrap_or(exact);
            number(self.fits(short))
        };
        let mut values: Vec<Value> = (0..points).map(value).collect();
        values.dedup();
        Ok(Axis { path: self.path.clone(), values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design() -> Vec<Choice> {
        let text = r#"{"loadstone": 1, "nodes": [{"id": "users", "kind": "users", "params": {"rate_rps": 240}},
            {"id": "web", "kind": "server", "params": {"service_ms": {"exponential": 8}}}], "links": [{"from": "users", "to": "web"}]}"#;
        choices(&crate::check::open(text).0.expect("it can be read"))
    }

    fn find(path: &str) -> Choice {
        design().into_iter().find(|c| c.path == path).unwrap_or_else(|| panic!("no {path} in {:?}", design()))
    }

    #[test]
    fn numbers_of_nodes_can_be_swept_and_words_cannot() {
        let rate = find("users.rate_rps");
        assert_eq!((rate.now, rate.around(), rate.unit), (240.0, (120.0, 480.0), "req/s"));
        assert_eq!(find("web.service_ms.exponential").now, 8.0);
        let cores = find("web.cores");
        assert_eq!((cores.whole, cores.around()), (true, (1.0, 4.0)));
        assert!(design().iter().all(|c| c.param != "discipline" && c.param != "address"));
    }

    #[test]
    fn a_value_is_taken_over_by_a_command() {
        let text = r#"{"loadstone": 1, "nodes": [{"id": "web", "kind": "server", "params": {"service_ms": {"exponential": 8}}}]}"#;
        let mut editor = crate::editor::Editor::new(crate::check::open(text).0.expect("it can be read"));
        let choice = find("web.service_ms.exponential");
        editor.apply(choice.command(&json!(3)), 0).expect("it fits");
        assert_eq!(editor.document().nodes[0].params["service_ms"], json!({"exponential": 3}));
    }

    #[test]
    fn ranges_are_checked_and_whole_numbers_come_once() {
        let cores = find("web.cores");
        assert_eq!(cores.axis(1.0, 4.0, 10).map(|a| json!(a.values)), Ok(json!([1, 2, 3, 4])));
        assert_eq!(find("users.rate_rps").axis(100.0, 200.0, 3).map(|a| json!(a.values)), Ok(json!([100, 150, 200])));
        for (from, to, points) in [(0.0, 4.0, 3), (4.0, 1.0, 3), (1.0, 4.0, 1), (1.0, 4.0, 51), (1.0, f64::NAN, 3)] {
            assert!(cores.axis(from, to, points).is_err(), "{from} to {to} in {points} points");
        }
    }
}
