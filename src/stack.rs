//! A design as a stack that runs: a compose file, the balancers' configurations, PostgreSQL with its replicas, a small web
//! service in the place of each server, and a script that sends the same load.
//!
//! It is there to hold the simulation against real programs, on one's own machine, and as a start for a real set-up. What
//! the real programs cannot do, or do otherwise, is written into the stack's own README. Identifiers in generated files
//! are made of `[a-z0-9-]`; what people wrote appears in comments only, on one line.

mod balancer;
mod compose;
mod data;
mod load;
mod names;
mod service;
mod site;
#[cfg(test)]
mod tests;

use crate::codec;
use crate::scenario::Scenario;
use site::Site;
use std::io::Write;

/// One file of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path inside the stack's folder, with `/` between folders.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    fn new(path: impl Into<String>, text: impl Into<String>) -> File {
        File { path: path.into(), text: text.into() }
    }
}

/// A design as files.
#[derive(Clone, Debug)]
pub struct Stack {
    /// All files, `compose.yaml` first.
    pub files: Vec<File>,
    /// What the stack lacks or does otherwise than the simulation, a sentence each.
    pub differs: Vec<String>,
}

impl Stack {
    /// All files in one zip archive, inside a folder of this name; stored, not compressed: they are small.
    pub fn zip(&self, folder: &str) -> Vec<u8> {
        // Writing into memory cannot fail, and no path is too long for an archive.
        archive(folder, &self.files).unwrap_or_default()
    }
}

fn archive(folder: &str, files: &[File]) -> Result<Vec<u8>, rawzip::Error> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for file in files {
        let path = format!("{folder}/{}", file.path);
        let (entry, config) = archive.new_file(&path).compression_method(rawzip::CompressionMethod::STORE).start()?;
        let mut writer = config.wrap(entry);
        writer.write_all(file.text.as_bytes())?;
        let (entry, descriptor) = writer.finish()?;
        entry.finish(descriptor)?;
    }
    archive.finish()
}

/// The stack of a document: its design at the start of a run, without the timeline.
///
/// # Errors
/// One sentence, if nothing in it could run.
pub fn export(scenario: &Scenario) -> Result<Stack, String> {
    let site = Site::new(scenario);
    if !site.serves() {
        return Err("there is no server in this design; draw one, and link the users to it".into());
    }
    let mut differs = site.differs.clone();
    if !scenario.timeline.is_empty() {
        differs.push("Faults and edits of the timeline are left out: stop and start containers by hand.".into());
    }
    let mut files = vec![compose::file(&site, &mut differs)];
    files.extend(balancer::files(&site, &mut differs));
    files.extend(service::files(&site, &mut differs));
    files.extend(data::files(&site));
    files.extend(load::files(&site, &mut differs));
    files.push(File::new("scenario.json", codec::write(scenario)));
    files.push(File::new("README.md", readme(&site, &differs)));
    Ok(Stack { files, differs })
}

/// What to do with the stack, who is who in it, and how it differs.
fn readme(site: &Site, differs: &[String]) -> String {
    let mut text = String::from(
        "# A design of Loadstone as a stack that runs\n\n\
         You need Docker with Compose 2.\n\n\
         ```sh\n\
         docker compose up --build --detach   # starts everything\n\
         docker compose run --rm load         # sends the load and prints rates, failures and percentiles\n\
         docker compose stop NAME             # a crash; `start` is the recovery\n\
         docker compose down --volumes        # ends it, data included\n\
         ```\n\n\
         `loadstone run scenario.json` simulates the same design, so that the figures can be held against each other. Each\n\
         machine's cores are a limit in `compose.yaml`: Docker refuses more than your machine has.\n\n\
         ## Who is who\n\n\
         | in the design | in the stack |\n\
         | --- | --- |\n",
    );
    for (node, name) in site.named() {
        text += &format!("| {} | `{name}` |\n", names::cell(&node.label()));
    }
    text += "\n## What is not the same\n\n\
             Latencies of links, packet loss and bandwidth are those of your machine. Whatever computes shares its cores with\n\
             everything else that runs on them.\n\n";
    for sentence in differs {
        text += &format!("- {sentence}\n");
    }
    text
}
