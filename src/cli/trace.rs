//! `--trace`: what happened at nodes, one JSON object a line, for whoever wants to look closer than the report.

use loadstone::component::net::{Net, NodeIx};
use loadstone::component::view::{instance_name, instance_number};
use loadstone::engine::Record;
use loadstone::time::Nanos;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};

/// Writes a run's happenings to a file.
pub struct Trace {
    file: String,
    out: BufWriter<File>,
    failed: Option<std::io::Error>,
}

impl Trace {
    /// Opens the file.
    pub fn create(file: &str) -> Result<Trace, String> {
        let out = File::create(file).map_err(|e| format!("{file} cannot be written: {e}"))?;
        Ok(Trace { file: file.to_owned(), out: BufWriter::new(out), failed: None })
    }

    /// Closes the file; says what went wrong on the way.
    pub fn finish(mut self) -> Result<(), String> {
        let outcome = self.failed.take().map_or_else(|| self.out.flush(), Err);
        outcome.map_err(|e| format!("{} cannot be written: {e}", self.file))
    }
}

impl Trace {
    /// Writes one happening, unless it is about packets, which are too many.
    pub fn write(&mut self, now: Nanos, net: &Net, record: &Record) {
        if self.failed.is_some() {
            return;
        }
        let id = |node: NodeIx| net.nodes.get(node as usize).map(|n| n.id.as_str());
        let row = match *record {
            Record::Issued { node, ordinal, .. } => json!({"what": "issued", "node": id(node), "request": ordinal}),
            Record::Finished { node, ordinal, outcome, .. } => json!({
                "what": "finished", "node": id(node), "request": ordinal, "outcome": outcome.name(),
            }),
            Record::Retried { node, .. } => json!({"what": "retried", "node": id(node)}),
            Record::Entered { node, ordinal, .. } => json!({"what": "entered", "node": id(node), "request": ordinal}),
            Record::Left { node, ordinal, outcome, .. } => {
                json!({"what": "left", "node": id(node), "request": ordinal, "outcome": outcome.name()})
            }
            Record::Picked { node, backend, instance, .. } => {
                let number = instance_number(net.nodes[backend as usize].instances, instance);
                let backend = instance_name(&net.nodes[backend as usize].id, number);
                json!({"what": "picked", "node": id(node), "backend": backend})
            }
            Record::Lookup { node, hit, .. } => json!({"what": "lookup", "node": id(node), "hit": hit}),
            Record::Stored { node, .. } => json!({"what": "stored", "node": id(node)}),
            Record::Settled { node, outcome, .. } => {
                json!({"what": "settled", "node": id(node), "outcome": outcome.name()})
            }
            Record::Log(entry) => json!({"what": entry.what.name(), "node": id(entry.node), "by": id(entry.by)}),
            _ => return,
        };
        let mut row = row;
        row["at_ns"] = now.into();
        self.failed = writeln!(self.out, "{row}").err();
    }
}
