//! Machines: who runs on whose, sizes that nobody sells, and autoscaling between bounds that make sense.

use super::design::Design;
use super::topology::Finding;
use crate::codec::{Problems, Subject};
use crate::component::{Kind, Values};
use crate::dist::shown;
use serde_json::json;

/// The largest virtual machine on sale, Amazon's u7inh-32tb.480xlarge: 1920 hardware threads are 960 cores, with 32 TiB
/// (<https://aws.amazon.com/ec2/instance-types/u7i/>).
const MOST_CORES: f64 = 960.0;
const MOST_GB: f64 = 32_768.0;

/// A host must be a machine that is there, and one machine.
pub(super) fn hosts(design: &Design, found: &mut Vec<Finding>) {
    for node in 0..design.kinds.len() {
        let Some(id) = host(design, node) else { continue };
        if let Err(message) = fits(design, node, id) {
            let subject = Subject::Node(design.id(node).into());
            found.push(Finding { path: format!("nodes[{node}].params.host"), subject, message });
        }
    }
}

/// The host that a node names, if it can have one.
fn host<'a>(design: &Design<'a>, node: usize) -> Option<&'a str> {
    let hosted = design.kinds[node].is_some_and(Kind::hosted);
    design.scenario.nodes[node].params.get("host")?.as_str().filter(|id| hosted && !id.is_empty())
}

fn fits(design: &Design, node: usize, id: &str) -> Result<(), String> {
    let named = shown(&json!(id));
    let Some(&host_of) = design.index.get(id) else {
        return Err(format!("is {named}, but there is no such node; name a server, a database or a cache"));
    };
    if host_of == node {
        return Err("is the node itself; leave it out for a machine of its own".into());
    }
    if !design.kinds[host_of].is_some_and(Kind::hosted) {
        return Err(format!("is {named}, but only a server, a database or a cache has a machine to share"));
    }
    if let Some(other) = host(design, host_of) {
        return Err(format!("is {named}, which runs on {other} itself; name {other}"));
    }
    if design.kinds[host_of] == Some(Kind::Server) {
        let p = Values::new(Kind::Server.spec().params, &design.scenario.nodes[host_of].params);
        if p.whole("instances") > 1 || p.group("autoscale").is_some() {
            return Err(format!("is {named}, which may be several machines; only one can be shared"));
        }
    }
    Ok(())
}

/// Servers that run, but hardly as meant.
pub(super) fn servers(problems: &mut Problems, design: &Design) {
    for node in design.of(Kind::Server) {
        let p = Values::new(Kind::Server.spec().params, &design.scenario.nodes[node].params);
        let about = Subject::Node(design.id(node).into());
        for (name, most, unit) in [("cores", MOST_CORES, "cores"), ("memory_gb", MOST_GB, "GB")] {
            if p.number(name) > most {
                let message = format!("is {}, but the largest machine on sale has {most} {unit}", p.number(name));
                problems.warning(format!("nodes[{node}].params.{name}"), &about, message);
            }
        }
        if let Some((least, most)) = p.group("autoscale").map(|a| (a.whole("min"), a.whole("max")))
            && least > most
        {
            let message = format!("is {least}, but must be at most max, {most}");
            problems.error(format!("nodes[{node}].params.autoscale.min"), &about, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::open;

    fn said(params: &str, other: &str) -> Vec<String> {
        let text = format!(
            r#"{{"loadstone":1,"name":"box","nodes":[{{"id":"users","kind":"users"}},{{"id":"lb","kind":"load_balancer"}},
            {{"id":"web","kind":"server","params":{{{params}}}}},{{"id":"db","kind":"database","params":{{{other}}}}}],
            "links":[{{"from":"users","to":"lb"}},{{"from":"lb","to":"web"}},{{"from":"web","to":"db"}}]}}"#
        );
        open(&text).1.iter().map(|p| p.to_string()).collect()
    }

    #[test]
    fn a_host_is_one_machine_that_is_there() {
        assert_eq!(said("", r#""host":"web""#), [""; 0]);
        for (params, other, words) in [
            ("", r#""host":"wep""#, "there is no such node"),
            ("", r#""host":"db""#, "is the node itself"),
            ("", r#""host":"lb""#, "only a server, a database or a cache"),
            (r#""host":"db""#, r#""host":"web""#, "runs on"),
            (r#""instances":2"#, r#""host":"web""#, "several machines"),
            (r#""autoscale":{}"#, r#""host":"web""#, "several machines"),
        ] {
            let said = said(params, other);
            assert!(said.iter().any(|s| s.starts_with("error") && s.contains(words)), "{params} {other}: {said:?}");
        }
    }

    #[test]
    fn a_size_that_nobody_sells_is_a_warning() {
        let said = said(r#""cores":1024,"memory_gb":40000"#, "");
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said.iter().all(|s| s.starts_with("warning") && s.contains("largest machine on sale")), "{said:?}");
    }

    #[test]
    fn the_least_number_of_instances_is_at_most_the_most() {
        let said = said(r#""autoscale":{"min":5,"max":3}"#, "");
        assert!(said[0].contains("must be at most max, 3"), "{said:?}");
    }
}
