//! Files in, text out. An empty error means that everything has been said already.

use loadstone::check;
use loadstone::codec::{MAX_TEXT, Problem};
use loadstone::scenario::Scenario;
use std::fs::File;
use std::io::{self, Read, Write};

/// Reads a document that can run; its problems go to stderr.
pub fn read_checked(file: &str) -> Result<Scenario, String> {
    let (scenario, problems) = check::open(&read(file)?);
    tell(&problems);
    match scenario {
        Some(scenario) if !check::refused(&problems) => Ok(scenario),
        _ => Err(String::new()),
    }
}

/// Prints problems to stderr.
pub fn tell(problems: &[Problem]) {
    for problem in problems {
        eprintln!("{problem}");
    }
}

/// The text of a file, or of standard input for `-`; no more of it than could be a document.
fn read(file: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let limit = MAX_TEXT as u64 + 1;
    let outcome = if file == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|f| f.take(limit).read_to_end(&mut bytes))
    };
    outcome.map_err(|e| format!("{file} cannot be read: {e}"))?;
    String::from_utf8(bytes).map_err(|_| format!("{file} is not text in UTF-8"))
}

/// Prints to stdout. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<(), String> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("the result cannot be printed: {e}")),
        _ => Ok(()),
    }
}
