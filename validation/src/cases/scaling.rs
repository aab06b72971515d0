//! Autoscaling: how many instances are wanted, and when fewer are.

use super::balancing::balancer;
use super::{design, link, users};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::json;

pub fn section() -> Section {
    let cases =
        [(2.9, 0.5, 1.2), (4.2, 0.7, 1.0), (2.6, 0.4, 0.9)].map(|(work, target, then)| scaled(work, target, then));
    Section {
        title: "Autoscaling",
        about: "Every 15 s as many instances are wished for as bring their cores to the target, ceil(current × metric / target), and \
                nothing changes within a tenth of it; fewer only once no higher wish was made for 300 s \
                ([Kubernetes](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/)).",
        cases: cases.into(),
    }
}

/// When the load falls.
const FALLS: f64 = 600.0;

/// So many cores' worth of work, then less, on instances of one core; four stand there at first.
fn scaled(work: f64, target: f64, then: f64) -> Case {
    let rate = 100.0 * work;
    let mut people = users(rate);
    people["params"]["arrivals"] = "constant".into();
    let autoscale = json!({"target_share": target, "min": 1, "max": 50});
    let params = json!({"cores": 1, "service_ms": 10, "instances": 4, "boot_s": 5, "autoscale": autoscale});
    let web = json!({"id": "web", "kind": "server", "params": params});
    let mut design = design(vec![people, balancer("round_robin"), web], vec![link("users", "lb"), link("lb", "web")]);
    design["timeline"] = json!([{"at_s": FALLS, "node": "users", "do": "load", "factor": then / work}]);
    let (before, after) = (f64::ceil(work / target), f64::ceil(then / target));
    let title = format!("work of {work} cores, then {then}, target {target}");
    Case::short(title, design, FALLS + 400.0, rate, 4)
        .within("instances wanted", |run: &Run| wanted(run, 0.0, FALLS), before, before)
        .within("instances wanted in the end", |run: &Run| wanted(run, FALLS, f64::INFINITY), after, after)
        // The last wish for many is made up to 15 s before or after the load falls.
        .within("fewer are wanted after, s", |run: &Run| run.logged("web", "scaled", FALLS), 285.0, 330.0)
}

/// The last number of instances that was wanted within some time.
fn wanted(run: &Run, from: f64, to: f64) -> Option<f64> {
    let log = run.report["log"].as_array()?;
    let within = |at: f64| at >= from && at < to;
    let last = log.iter().rev().find(|e| e["what"] == "scaled" && e["at_s"].as_f64().is_some_and(within))?;
    last["instances"].as_f64()
}
