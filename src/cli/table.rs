//! A report for people: the same numbers as `--json`, in tables.

use serde_json::Value;

/// The report as text.
pub fn text(report: &Value, words: &[String]) -> String {
    let mut out = format!(
        "{}\nseed {}, {} s simulated ({} s warm-up), {} events in {} s, trace hash {}\n\n",
        plain(&report["name"]),
        report["seed"],
        short(&report["simulated_s"]),
        short(&report["warmup_s"]),
        report["events"],
        short(&report["wall_s"]),
        plain(&report["trace_hash"]),
    );
    let requests = &report["requests"];
    let counts = [
        "issued",
        "ok",
        "failed",
        "in_flight",
        "retries",
        "writes_acked",
        "writes_lost",
        "writes_restored",
        "stale_reads",
    ];
    out += &line("Requests", requests, &counts);
    if let Some(errors) = requests["errors"].as_object() {
        let causes: Vec<&str> = errors.iter().filter(|(_, n)| n.as_u64() != Some(0)).map(|(c, _)| c.as_str()).collect();
        if !causes.is_empty() {
            out += &line("Failed by", &requests["errors"], &causes);
        }
    }
    out += &line("Latency, ms", &report["latency_ms"], &["mean", "p50", "p90", "p95", "p99", "p999", "max"]);
    out += &format!("\n{}", nodes(&report["nodes"]));
    out += &theory(&report["nodes"]);
    out += &why(&report["why"]);
    // A report that was written before costs were estimated has none.
    if report["cost"].is_object() {
        out += &cost(&report["cost"]);
    }
    if let Some(rows) = report["series"].as_array() {
        out += &format!("\n{}", series(rows));
    }
    if !words.is_empty() {
        out += &format!("\nLog\n{}\n", words.join("\n"));
    }
    out
}

fn line(title: &str, of: &Value, names: &[&str]) -> String {
    let cells: Vec<String> = names.iter().map(|name| format!("{name} {}", with_interval(of, name))).collect();
    format!("{title:<12} {}\n", cells.join("  "))
}

/// A number, and how far off it may be where its 95 % confidence interval is known.
fn with_interval(of: &Value, name: &str) -> String {
    let ends = &of["ci95"][name];
    match (ends[0].as_f64(), ends[1].as_f64()) {
        (Some(low), Some(high)) => format!("{} ± {}", short(&of[name]), short(&((high - low) / 2.0).into())),
        _ => short(&of[name]),
    }
}

fn nodes(nodes: &Value) -> String {
    let head = ["Node", "kind", "arrivals", "completed", "refused", "util.", "in system", "mean ms", "p99 ms", ""];
    let mut rows = vec![head.map(String::from).to_vec()];
    for (id, node) in nodes.as_object().into_iter().flatten() {
        let mut row = vec![id.clone(), plain(&node["kind"])];
        for name in ["arrivals", "completed", "refused", "utilization", "mean_in_system"] {
            row.push(short(&node[name]));
        }
        let sojourn = &node["sojourn_ms"];
        row.extend([with_interval(sojourn, "mean"), with_interval(sojourn, "p99"), remark(node)]);
        rows.push(row);
    }
    columns(&rows)
}

/// What theory says of each node, and in brackets what was measured.
fn theory(nodes: &Value) -> String {
    let head = ["Theory", "model", "util.", "wait ms", "mean ms", "p99 ms", "hits", ""];
    let mut rows = vec![head.map(String::from).to_vec()];
    for (id, node) in nodes.as_object().into_iter().flatten() {
        let Some(theory) = node.get("theory") else { continue };
        let both = |place: &str| {
            let measured = node.pointer(place).unwrap_or(&Value::Null);
            match theory["predicted"].pointer(place) {
                Some(predicted) => format!("{} ({})", short(predicted), short(measured)),
                None => "-".into(),
            }
        };
        let mut row = vec![id.clone(), theory["model"].as_str().unwrap_or("-").to_owned()];
        row.extend(["/utilization", "/wait_ms/mean", "/sojourn_ms/mean", "/sojourn_ms/p99", "/hit_share"].map(both));
        row.push(theory["why"].as_str().unwrap_or_default().to_owned());
        rows.push(row);
    }
    if rows.len() > 1 { format!("\n{}In brackets: measured.\n", columns(&rows)) } else { String::new() }
}

/// What limits the system, as a list.
fn why(reasons: &Value) -> String {
    let words: Vec<String> =
        reasons.as_array().into_iter().flatten().map(|r| format!("- {}\n", plain(&r["words"]))).collect();
    if words.is_empty() { String::new() } else { format!("\nWhy\n{}", words.concat()) }
}

/// What it costs, node by node.
fn cost(cost: &Value) -> String {
    let mut rows = vec![["Cost", "USD a month", ""].map(String::from).to_vec()];
    for (id, node) in cost["nodes"].as_object().into_iter().flatten() {
        rows.push(vec![id.clone(), short(&node["month_usd"]), plain(&node["what"])]);
    }
    rows.push(vec!["in all".into(), short(&cost["month_usd"]), String::new()]);
    format!(
        "\n{}{} USD for a million answered requests. An estimate from {}.\n",
        columns(&rows),
        short(&cost["per_million_usd"]),
        plain(&cost["basis"])
    )
}

/// What only this kind of node has.
fn remark(node: &Value) -> String {
    let mut said = Vec::new();
    if let Some(picks) = node["picks"].as_object() {
        let picks: Vec<String> = picks.iter().map(|(id, n)| format!("{id} {n}")).collect();
        said.push(format!("picks {}", picks.join(", ")));
    }
    if node["queries"].is_number() {
        said.push(format!("{} queries, resolver hits {}", node["queries"], short(&node["resolver_hit_share"])));
    }
    if node["role"].is_string() {
        said.push(plain(&node["role"]));
        if node["replication_lag_ms"]["mean"].is_number() {
            said.push(format!("lag {} ms", short(&node["replication_lag_ms"]["mean"])));
        }
    }
    said.join(", ")
}

fn series(points: &[Value]) -> String {
    let names = ["from_s", "to_s", "rate_rps", "ok_rps", "error_share", "p50_ms", "p99_ms"];
    let mut rows = vec![names.map(String::from).to_vec()];
    rows.extend(points.iter().map(|p| names.iter().map(|name| short(&p[*name])).collect()));
    columns(&rows)
}

/// Rows with aligned columns: words to the left, numbers and what stands above them to the right.
pub fn columns(rows: &[Vec<String>]) -> String {
    let cells = |i: usize| rows.iter().filter_map(move |row| row.get(i));
    let count = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count).map(|i| cells(i).map(|c| c.chars().count()).max().unwrap_or(0)).collect();
    let is_number = |c: &String| c == "-" || c.split(" ± ").all(|part| part.parse::<f64>().is_ok());
    let numbers: Vec<bool> = (0..count).map(|i| rows.len() > 1 && cells(i).skip(1).all(is_number)).collect();
    let mut out = String::new();
    for row in rows {
        let aligned = row.iter().enumerate().map(|(i, cell)| {
            let w = widths[i];
            if numbers[i] { format!("{cell:>w$}") } else { format!("{cell:<w$}") }
        });
        out += aligned.collect::<Vec<_>>().join("  ").trim_end();
        out.push('\n');
    }
    out
}

/// A number with four digits that mean something; `-` for one that is not there.
pub fn short(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::Number(n) if n.is_f64() => {
            let n = n.as_f64().unwrap_or(0.0);
            match n.abs() {
                size if size >= 1000.0 || n.fract() == 0.0 => format!("{n:.0}"),
                size if size >= 10.0 => format!("{n:.1}"),
                size if size >= 1.0 => format!("{n:.2}"),
                _ => format!("{n:.4}"),
            }
        }
        other => plain(other),
    }
}

/// A value without quotes.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_reads_as_tables() {
        let report = json!({
            "name": "Demo", "seed": 7, "simulated_s": 60.0, "warmup_s": 0.0, "events": 1234, "wall_s": 0.0123,
            "trace_hash": "00ff",
            "requests": {"issued": 10, "ok": 9, "failed": 1, "in_flight": 0, "retries": 0, "writes_acked": 2,
                         "writes_lost": 0, "writes_restored": 0, "stale_reads": 3, "errors": {"refused": 1, "timeout": 0}},
            "latency_ms": {"mean": 12.3456, "p50": 9.87654, "p90": 20.0, "p95": 30.5, "p99": null, "p999": null, "max": 1234.56,
                           "ci95": {"mean": [11.3456, 13.3456], "p50": null}},
            "nodes": {"lb": {"kind": "load_balancer", "arrivals": 10, "completed": 9, "refused": 1, "utilization": null,
                             "mean_in_system": 0.5, "sojourn_ms": {"mean": 1.5, "p99": 3.0, "ci95": {"mean": [1.25, 1.75], "p99": null}}, "picks": {"w": 9},
                             "theory": {"model": "M/M/1", "predicted": {"sojourn_ms": {"mean": 1.625}}}},
                      "w": {"kind": "server", "theory": {"model": null, "why": "nothing arrived"}}},
            "why": [{"words": "Web is at its limit."}, {"words": "Each request is tried twice."}],
            "series": [{"from_s": 0.0, "to_s": 1.0, "rate_rps": 10.0, "ok_rps": 9.0, "error_share": 0.1, "p50_ms": 9.0,
                        "p99_ms": null}],
        });
        expect_test::expect![[r#"
            Demo
            seed 7, 60 s simulated (0 s warm-up), 1234 events in 0.0123 s, trace hash 00ff

            Requests     issued 10  ok 9  failed 1  in_flight 0  retries 0  writes_acked 2  writes_lost 0  writes_restored 0  stale_reads 3
            Failed by    refused 1
            Latency, ms  mean 12.3 ± 1  p50 9.88  p90 20  p95 30.5  p99 -  p999 -  max 1235

            Node  kind           arrivals  completed  refused  util.  in system        mean ms  p99 ms
            lb    load_balancer        10          9        1      -     0.5000  1.50 ± 0.2500       3  picks w 9
            w     server                -          -        -      -          -              -       -

            Theory  model  util.  wait ms  mean ms      p99 ms  hits
            lb      M/M/1      -        -  1.62 (1.50)       -     -
            w       -          -        -  -                 -     -  nothing arrived
            In brackets: measured.

            Why
            - Web is at its limit.
            - Each request is tried twice.

            from_s  to_s  rate_rps  ok_rps  error_share  p50_ms  p99_ms
                 0     1        10       9       0.1000       9       -

            Log
                 1.000 s  W crashed
        "#]].assert_eq(&text(&report, &["     1.000 s  W crashed".into()]));
    }
}
