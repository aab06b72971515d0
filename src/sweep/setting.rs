//! `--set PATH=VALUES`: a parameter of a node or a link, and the values that it takes one after the other.

use crate::check;
use crate::component::param::number;
use crate::component::{Kind, Meaning, Param, Type};
use crate::scenario::{Action, Scenario, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How values are written, for messages.
const FORMS: &str = "values are 100..2000:20 (twenty, evenly apart), 1..64:x7 (seven, each the same factor above the one before) or a,b,c";
/// One range has at most so many values.
const MOST: usize = 100_000;

/// One parameter with its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// As it was written: `node.param`, `node.group.param` or `from>to.param`.
    pub path: String,
    /// What it is set to.
    pub values: Vec<Value>,
}

impl Axis {
    /// Reads `PATH=VALUES`.
    pub fn read(text: &str) -> Result<Axis, String> {
        let (path, values) = text
            .split_once('=')
            .filter(|(path, values)| !path.trim().is_empty() && !values.trim().is_empty())
            .ok_or_else(|| format!("`{text}` is not PATH=VALUES, such as users.rate_rps=100..2000:20"))?;
        let values: Vec<Vec<Value>> =
            pieces(values).into_iter().map(|piece| piece_values(piece.trim())).collect::<Result<_, _>>()?;
        Ok(Axis { path: path.trim().to_owned(), values: values.concat() })
    }

    /// The values as numbers if they are all numbers and ascend.
    pub fn ascending(&self) -> Option<Vec<f64>> {
        let numbers: Option<Vec<f64>> = self.values.iter().map(Value::as_f64).collect();
        numbers.filter(|n| n.windows(2).all(|w| w[0] < w[1]))
    }
}

/// A list at its commas, but not at those inside brackets or quotes.
fn pieces(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut found) = (0, false, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

fn piece_values(piece: &str) -> Result<Vec<Value>, String> {
    if piece.is_empty() {
        return Err(format!("a value is missing between two commas; {FORMS}"));
    }
    if piece.starts_with(['{', '[', '"']) {
        return serde_json::from_str(piece).map(|v| vec![v]).map_err(|e| format!("{piece} is not JSON: {e}"));
    }
    if let Some((from, rest)) = piece.split_once("..") {
        return range(from, rest).ok_or_else(|| format!("{piece} is no range; {FORMS}"));
    }
    // What is no number, true, false or null is a word.
    Ok(vec![serde_json::from_str(piece).unwrap_or_else(|_| piece.into())])
}

fn range(from: &str, rest: &str) -> Option<Vec<Value>> {
    let (to, count) = rest.split_once(':')?;
    let (from, to): (f64, f64) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    let (factor, count) = match count.strip_prefix('x') {
        Some(count) => (true, count),
        None => (false, count),
    };
    let count: usize = count.trim().parse().ok().filter(|n| (1..=MOST).contains(n))?;
    if !from.is_finite() || !to.is_finite() || factor && (from <= 0.0 || to <= 0.0) {
        return None;
    }
    let value = |i: usize| {
        let share = if count == 1 { 0.0 } else { i as f64 / (count - 1) as f64 };
        let exact = if factor {
            from * libm::pow(to / from, share)
        } else {
            // Multiplied before it is divided: 100..2000:20 gives whole hundreds.
            from + (to - from) * i as f64 / (count - 1).max(1) as f64
        };
        // Twelve digits: 0.3, not 0.30000000000000004.
        number(format!("{exact:.11e}").parse().unwrap_or(exact))
    };
    Some((0..count).map(value).collect())
}

/// The scenario with one parameter set.
pub fn apply(scenario: &mut Scenario, path: &str, value: &Value) -> Result<(), String> {
    let (target, param) = find(scenario, path)?;
    scenario.apply_edit(&target, &Action::Set { param: param.to_owned(), value: value.clone() });
    let wrong = check::check(scenario).into_iter().find(|p| p.is_error());
    wrong
        .map_or(Ok(()), |problem| Err(format!("{path}={value}: {}", problem.to_string().trim_start_matches("error: "))))
}

/// What a path names. Identifiers may have dots in them, so the longest that fits is meant.
fn find<'a>(scenario: &Scenario, path: &'a str) -> Result<(Target, &'a str), String> {
    let after = |owner: &str| path.strip_prefix(owner).and_then(|rest| rest.strip_prefix('.'));
    let nodes = scenario.nodes.iter().filter_map(|n| Some((n.id.len(), Target::Node(n.id.clone()), after(&n.id)?)));
    let links = scenario.links.iter().filter_map(|l| {
        let owner = format!("{}>{}", l.from, l.to);
        Some((owner.len(), Target::Link(l.from.clone(), l.to.clone()), after(&owner)?))
    });
    let Some((_, target, param)) = nodes.chain(links).max_by_key(|(length, ..)| *length) else {
        let nodes: Vec<&str> = scenario.nodes.iter().map(|n| n.id.as_str()).collect();
        return Err(format!(
            "{path} names no parameter of this scenario; write node.param with one of the nodes {}, or from>to.param for a link",
            nodes.join(", ")
        ));
    };
    let table = table(scenario, &target);
    let known = table.iter().any(|p| reaches(p, param));
    if !known {
        let names: Vec<&str> = table.iter().map(|p| p.name).collect();
        return Err(format!("{path}: there is no parameter {param}; there are {}", names.join(", ")));
    }
    Ok((target, param))
}

/// The parameters that a node or a link has.
fn table(scenario: &Scenario, target: &Target) -> &'static [Param] {
    let kind = |id: &str| scenario.node(id).and_then(|n| Kind::from_id(&n.kind));
    match target {
        Target::Node(id) => kind(id).map_or(&[], |k| k.spec().params),
        Target::Link(from, to) => match (kind(from), kind(to)) {
            (Some(from), Some(to)) => {
                crate::component::link::meaning(from, to).map_or(&[] as &[Param], Meaning::params)
            }
            _ => &[],
        },
        _ => &[],
    }
}

/// Whether a name, or a dotted name into a group or a distribution, is this parameter's.
fn reaches(param: &Param, name: &str) -> bool {
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    param.name == first
        && match (rest, &param.of) {
            (None, _) => true,
            (Some(rest), Type::Group(inner)) => inner.iter().any(|p| reaches(p, rest)),
            // What is inside a distribution, `check` reads.
            (Some(_), Type::Distribution(..)) => true,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(text: &str) -> Vec<Value> {
        Axis::read(&format!("a.b={text}")).unwrap_or_else(|e| panic!("{text}: {e}")).values
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(json!(values("100..500:5")), json!([100, 200, 300, 400, 500]));
        assert_eq!(json!(values("0..1:11")[3]), json!(0.3));
        assert_eq!(json!(values("1..64:x7")), json!([1, 2, 4, 8, 16, 32, 64]));
        assert_eq!(json!(values("5..9:1, 7")), json!([5, 7]));
        assert_eq!(json!(values("random,null,true,2.5")), json!(["random", null, true, 2.5]));
        assert_eq!(
            json!(values(r#"{"gamma":{"mean":3,"cv":2}},4"#)),
            json!([{"gamma": {"mean": 3, "cv": 2}}, 4]),
            "commas inside an object divide nothing"
        );
    }

    #[test]
    fn what_is_no_setting_is_explained() {
        for (text, said) in [
            ("users.rate_rps", "is not PATH=VALUES"),
            ("=3", "is not PATH=VALUES"),
            ("a.b=1..5", "1..5 is no range; values are"),
            ("a.b=1..5:0", "is no range"),
            ("a.b=0..5:x3", "is no range"),
            ("a.b=1,,2", "is missing between two commas"),
            ("a.b={1", "is not JSON"),
        ] {
            let error = Axis::read(text).expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn paths_reach_nodes_groups_and_links() {
        let text = r#"{"loadstone": 1, "nodes": [{"id": "u", "kind": "users"}, {"id": "lb", "kind": "load_balancer"},
            {"id": "lb.x", "kind": "server"}], "links": [{"from": "u", "to": "lb"}, {"from": "lb", "to": "lb.x"}]}"#;
        let scenario = check::open(text).0.expect("it can be read");
        let set = |path: &str, value: Value| {
            let mut scenario = scenario.clone();
            apply(&mut scenario, path, &value).map(|()| scenario)
        };
        assert_eq!(set("u.rate_rps", json!(7)).unwrap().nodes[0].params["rate_rps"], 7);
        assert_eq!(set("lb.health.interval_ms", json!(9000)).unwrap().nodes[1].params["health"]["interval_ms"], 9000);
        assert_eq!(set("lb.x.cores", json!(3)).unwrap().nodes[2].params["cores"], 3);
        assert_eq!(set("lb>lb.x.weight", json!(3)).unwrap().links[1].params["weight"], 3);
        assert_eq!(
            set("lb.x.service_ms.exponential", json!(3)).unwrap().nodes[2].params["service_ms"]["exponential"],
            3
        );
        for (path, value, said) in [
            (
                "web.cores",
                json!(1),
                "names no parameter of this scenario; write node.param with one of the nodes u, lb, lb.x",
            ),
            ("u.rate", json!(1), "there is no parameter rate; there are rate_rps"),
            ("lb.health.often", json!(1), "there is no parameter health.often"),
            ("lb.x.cores", json!(1.5), "must be a whole number from 1 to 1024"),
            ("u>lb.weight", json!(1), "there is no parameter weight; there are latency_ms"),
        ] {
            let error = set(path, value).expect_err(path);
            assert!(error.contains(said), "{path}: {error}");
        }
    }
}
