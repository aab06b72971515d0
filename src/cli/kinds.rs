//! The reference of kinds and parameters, printed from the tables that the checks and the inspector use.

use loadstone::component::link::MEANINGS;
use loadstone::component::param::{Type, number};
use loadstone::component::{KINDS, Lit, Param, prices, slo};
use serde_json::{Value, json};

/// For people.
pub fn text() -> String {
    let mut out = String::new();
    for spec in KINDS.iter().map(|k| k.spec()) {
        out += &format!("{} ({})\n  {}\n\n", spec.id, spec.label, spec.help);
        params(&mut out, spec.params, "  ");
        out.push('\n');
    }
    out += "Links: what one means follows from the nodes at its ends.\n\n";
    for meaning in MEANINGS {
        out += &format!("{} ({})\n\n", meaning.id(), meaning.label());
        params(&mut out, meaning.params(), "  ");
        out.push('\n');
    }
    out += "Objectives: what the document promises under `slo`, next to `run_s`.\n\n";
    params(&mut out, slo::PARAMS, "  ");
    out += "\nPrices: what the document counts with under `prices`, next to `slo`.\n\n";
    params(&mut out, prices::PARAMS, "  ");
    out += "\nA distribution is a number, or {\"exponential\": mean}, {\"gamma\": {\"mean\", \"cv\"}}, {\"lognormal\": {\"mean\", \
            \"cv\"}},\n{\"uniform\": [low, high]}, {\"pareto\": {\"mean\", \"shape\"}}, {\"percentiles\": {\"p50\", \"p95\", \
            \"p99\"}}.\n";
    out
}

fn params(out: &mut String, table: &[Param], indent: &str) {
    for p in table {
        let unit = if p.unit().is_empty() { String::new() } else { format!(", {}", p.unit()) };
        let later = if p.ready { "" } else { " Not simulated yet." };
        let default = p.default.to_value();
        let default = if p.default == Lit::Group { "on, with:".into() } else { default.to_string() };
        out.push_str(&format!("{indent}{} [{default}] {}{unit}\n{indent}    {}{later}\n", p.name, range(p), p.help));
        if let Type::Group(inner) | Type::List(inner) = p.of {
            params(out, inner, &format!("{indent}    "));
        }
    }
}

fn range(p: &Param) -> String {
    let span = |lo: f64, hi: f64| format!("{} to {}", number(lo), number(hi));
    let none = if p.nullable() { ", or null" } else { "" };
    let what = match &p.of {
        Type::Number(lo, hi) => format!("number, {}", span(*lo, *hi)),
        Type::Whole(lo, hi) => format!("whole number, {lo} to {hi}"),
        Type::Flag => "true or false".into(),
        Type::Choice(of) => of.join(" | "),
        Type::Text => "text".into(),
        Type::Distribution(lo, hi) => format!("distribution, {}", span(*lo, *hi)),
        Type::Points => "list of [seconds, multiplier]".into(),
        Type::Group(_) => "parameters of its own".into(),
        Type::List(_) => "list of objects with parameters of their own".into(),
        Type::Counts => "whole numbers by node".into(),
        Type::Later => "structure".into(),
    };
    what + none
}

/// For programs.
pub fn json() -> String {
    let kinds: Vec<Value> = KINDS
        .iter()
        .map(|k| k.spec())
        .map(|s| {
            json!({
                "id": s.id, "label": s.label, "group": s.group, "help": s.help, "params": params_json(s.params),
            })
        })
        .collect();
    let links: Vec<Value> = MEANINGS
        .iter()
        .map(|m| json!({"meaning": m.id(), "label": m.label(), "params": params_json(m.params())}))
        .collect();
    let all =
        json!({"kinds": kinds, "links": links, "slo": params_json(slo::PARAMS), "prices": params_json(prices::PARAMS)});
    format!("{all:#}\n")
}

fn params_json(table: &[Param]) -> Vec<Value> {
    table.iter().map(param_json).collect()
}

fn param_json(p: &Param) -> Value {
    let mut value = json!({
        "name": p.name, "label": p.label, "unit": p.unit(), "default": p.default.to_value(), "nullable": p.nullable(),
        "help": p.help, "simulated": p.ready,
    });
    let (kind, range) = match &p.of {
        Type::Number(lo, hi) => ("number", json!([number(*lo), number(*hi)])),
        Type::Whole(lo, hi) => ("whole", json!([lo, hi])),
        Type::Flag => ("flag", json!([false, true])),
        Type::Choice(of) => ("choice", json!(of)),
        Type::Text => ("text", Value::Null),
        Type::Distribution(lo, hi) => ("distribution", json!([number(*lo), number(*hi)])),
        Type::Points => ("points", Value::Null),
        Type::Group(inner) => {
            value["params"] = params_json(inner).into();
            ("group", Value::Null)
        }
        Type::List(inner) => {
            value["params"] = params_json(inner).into();
            ("list", Value::Null)
        }
        Type::Counts => ("counts", json!([0, 1000])),
        Type::Later => ("later", Value::Null),
    };
    value["type"] = kind.into();
    value["range"] = range;
    value
}
