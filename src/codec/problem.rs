//! Problems as values: what is wrong with a document, where, and what would be right.
//!
//! Knows nothing of documents. An error keeps a design from running, a warning does not. The list is bounded, so that a
//! file that is wrong in a million places cannot fill the memory with complaints.

use std::fmt;

/// Whether a design can run all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// What a problem is about, so that a page can point at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The document as a whole.
    #[default]
    Document,
    /// The node with this identifier.
    Node(String),
    /// The link between these two.
    Link(String, String),
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Where in the JSON: `nodes[2].params.workers`; empty for the document as a whole.
    pub path: String,
    /// Which node or link that is.
    pub subject: Subject,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// An error about the document as a whole.
    pub fn fatal(message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Error, path: String::new(), subject: Subject::Document, message: message.into() }
    }

    /// Whether it keeps the design from running.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Document => Ok(()),
            Subject::Node(id) => f.write_str(id),
            Subject::Link(from, to) => write!(f, "{from} → {to}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_error() { "error: " } else { "warning: " })?;
        match (self.path.as_str(), &self.subject) {
            ("", Subject::Document) => {}
            (path, Subject::Document) => write!(f, "{path}: ")?,
            ("", subject) => write!(f, "{subject}: ")?,
            (path, subject) => write!(f, "{path} ({subject}): ")?,
        }
        f.write_str(&self.message)
    }
}

/// How many errors, and how many warnings, are listed; the rest is counted.
const LISTED: usize = 200;

/// A bounded list of problems in the making.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    errors: usize,
    warnings: usize,
}

impl Problems {
    /// Adds an error.
    pub fn error(&mut self, path: impl Into<String>, subject: &Subject, message: impl Into<String>) {
        self.errors += 1;
        if self.errors <= LISTED {
            self.push(Severity::Error, path.into(), subject, message.into());
        }
    }

    /// Adds a warning.
    pub fn warning(&mut self, path: impl Into<String>, subject: &Subject, message: impl Into<String>) {
        self.warnings += 1;
        if self.warnings <= LISTED {
            self.push(Severity::Warning, path.into(), subject, message.into());
        }
    }

    fn push(&mut self, severity: Severity, path: String, subject: &Subject, message: String) {
        self.list.push(Problem { severity, path, subject: subject.clone(), message });
    }

    /// Whether an error was added.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The list, ending with how many more there are.
    pub fn into_list(mut self) -> Vec<Problem> {
        for (count, severity, what) in
            [(self.errors, Severity::Error, "errors"), (self.warnings, Severity::Warning, "warnings")]
        {
            if count > LISTED {
                let message = format!("{} more {what} are not listed", count - LISTED);
                self.push(severity, String::new(), &Subject::Document, message);
            }
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_line() {
        let problem = Problem {
            severity: Severity::Error,
            path: "nodes[2].params.workers".into(),
            subject: Subject::Node("web1".into()),
            message: "is 0, but must be a whole number from 1 to 10000000".into(),
        };
        assert_eq!(
            problem.to_string(),
            "error: nodes[2].params.workers (web1): is 0, but must be a whole number from 1 to 10000000"
        );
        assert_eq!(Problem::fatal("is empty").to_string(), "error: is empty");
    }

    #[test]
    fn is_bounded_and_warnings_never_crowd_out_errors() {
        let mut problems = Problems::default();
        for _ in 0..100_000 {
            problems.warning("a", &Subject::Document, "odd");
        }
        problems.error("b", &Subject::Document, "wrong");
        let list = problems.into_list();
        assert_eq!(list.len(), LISTED + 2);
        assert!(list.iter().any(|p| p.is_error() && p.path == "b"), "the error is not listed");
        assert_eq!(list.last().map(|p| p.message.as_str()), Some("99800 more warnings are not listed"));
    }
}
