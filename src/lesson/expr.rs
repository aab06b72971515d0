//! Expressions of lessons: comparisons of what a run measured with numbers. A closed grammar without names of its own, calls or
//! loops, so that a stranger's lesson can ask but not do.
//!
//! ```text
//! any   = all { "or" all }
//! all   = one { "and" one }
//! one   = "not" one | "(" any ")" | sum ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum
//! sum   = part { ( "+" | "-" ) part }
//! part  = value { ( "*" | "/" ) value }
//! value = number | path | "(" sum ")"
//! ```
//!
//! A path is words between dots, such as `latency_ms.p99` or `nodes.web1.utilization`: see [`Facts`](super::Facts).

use std::fmt;

/// Longest expression, in characters.
pub const LONGEST: usize = 400;
/// How deep parentheses and `not` may lie inside each other.
const DEEPEST: usize = 16;

/// An expression, which is true or false of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    text: String,
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Any(Vec<Node>),
    All(Vec<Node>),
    Not(Box<Node>),
    Compare(Sum, Relation, Sum),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Less,
    AtMost,
    More,
    AtLeast,
    Same,
    Other,
}

#[derive(Clone, Debug, PartialEq)]
enum Sum {
    Number(f64),
    Path(String),
    Of(Box<Sum>, char, Box<Sum>),
}

impl Expr {
    /// Reads an expression.
    ///
    /// # Errors
    /// One sentence: what is wrong, where, and what would be right.
    pub fn parse(text: &str) -> Result<Expr, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("is longer than {LONGEST} characters"));
        }
        if text.trim().is_empty() {
            return Err("is empty, but must be a comparison, such as requests.failed == 0".to_owned());
        }
        let mut reader = Reader { text, at: 0, depth: 0 };
        let root = reader.any()?;
        reader.space();
        if reader.at < text.len() {
            return Err(reader.wrong("and, or, or the end"));
        }
        Ok(Expr { text: text.to_owned(), root })
    }

    /// Whether it is true; `fact` gives the number behind a path. A comparison with what is not there is false.
    pub fn holds(&self, fact: &impl Fn(&str) -> Option<f64>) -> bool {
        self.root.holds(fact)
    }

    /// The paths in it, in their order.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        self.root.paths(&mut paths);
        paths
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    fn holds(&self, fact: &impl Fn(&str) -> Option<f64>) -> bool {
        match self {
            Node::Any(all) => all.iter().any(|n| n.holds(fact)),
            Node::All(all) => all.iter().all(|n| n.holds(fact)),
            Node::Not(one) => !one.holds(fact),
            Node::Compare(a, relation, b) => {
                let (Some(a), Some(b)) = (a.value(fact), b.value(fact)) else { return false };
                match relation {
                    Relation::Less => a < b,
                    Relation::AtMost => a <= b,
                    Relation::More => a > b,
                    Relation::AtLeast => a >= b,
                    Relation::Same => a == b,
                    Relation::Other => a != b,
                }
            }
        }
    }

    fn paths<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Node::Any(all) | Node::All(all) => all.iter().for_each(|n| n.paths(into)),
            Node::Not(one) => one.paths(into),
            Node::Compare(a, _, b) => [a, b].into_iter().for_each(|s| s.paths(into)),
        }
    }
}

impl Sum {
    fn value(&self, fact: &impl Fn(&str) -> Option<f64>) -> Option<f64> {
        let value = match self {
            Sum::Number(n) => *n,
            Sum::Path(path) => fact(path)?,
            Sum::Of(a, with, b) => {
                let (a, b) = (a.value(fact)?, b.value(fact)?);
                match with {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ => a / b,
                }
            }
        };
        value.is_finite().then_some(value)
    }

    fn paths<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Sum::Number(_) => {}
            Sum::Path(path) => into.push(path),
            Sum::Of(a, _, b) => [a, b].into_iter().for_each(|s| s.paths(into)),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn wrong(&self, wanted: &str) -> String {
        let found: String = self.rest().chars().take(12).collect();
        let found = if found.is_empty() { "the end".to_owned() } else { format!("“{found}”") };
        format!("has {found} after {} characters, where {wanted} belongs", self.text[..self.at].chars().count())
    }

    /// Takes this sign if it comes next.
    fn takes(&mut self, sign: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Takes this word if it comes next, as a whole.
    fn takes_word(&mut self, word: &str) -> bool {
        self.space();
        let whole = self.rest().strip_prefix(word).is_some_and(|after| !after.starts_with(in_path));
        if whole {
            self.at += word.len();
        }
        whole
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(format!("lies more than {DEEPEST} deep inside itself")) } else { Ok(()) }
    }

    fn any(&mut self) -> Result<Node, String> {
        let mut all = vec![self.all()?];
        while self.takes_word("or") {
            all.push(self.all()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Node::Any(all) })
    }

    fn all(&mut self) -> Result<Node, String> {
        let mut all = vec![self.one()?];
        while self.takes_word("and") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Node::All(all) })
    }

    fn one(&mut self) -> Result<Node, String> {
        self.deeper()?;
        let node = if self.takes_word("not") {
            Node::Not(Box::new(self.one()?))
        } else {
            // A parenthesis may hold a sum or a whole expression: the latter is tried first.
            let start = self.at;
            let inside = if self.takes("(") { self.any().ok().filter(|_| self.takes(")")) } else { None };
            match inside {
                Some(node) => node,
                None => {
                    self.at = start;
                    self.compare()?
                }
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn compare(&mut self) -> Result<Node, String> {
        const SIGNS: [(&str, Relation); 6] = [
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("==", Relation::Same),
            ("!=", Relation::Other),
            ("<", Relation::Less),
            (">", Relation::More),
        ];
        let left = self.sum()?;
        let Some(&(_, relation)) = SIGNS.iter().find(|(sign, _)| self.takes(sign)) else {
            return Err(self.wrong("<, <=, >, >=, == or !="));
        };
        Ok(Node::Compare(left, relation, self.sum()?))
    }

    fn sum(&mut self) -> Result<Sum, String> {
        self.chain(&['+', '-'], Self::part)
    }

    fn part(&mut self) -> Result<Sum, String> {
        self.chain(&['*', '/'], Self::value)
    }

    fn chain(&mut self, signs: &[char], next: fn(&mut Self) -> Result<Sum, String>) -> Result<Sum, String> {
        let mut sum = next(self)?;
        loop {
            self.space();
            let Some(sign) = self.rest().chars().next().filter(|c| signs.contains(c)) else { return Ok(sum) };
            self.at += sign.len_utf8();
            sum = Sum::Of(Box::new(sum), sign, Box::new(next(self)?));
        }
    }

    fn value(&mut self) -> Result<Sum, String> {
        if self.takes("(") {
            self.deeper()?;
            let sum = self.sum()?;
            self.depth -= 1;
            return if self.takes(")") { Ok(sum) } else { Err(self.wrong(")")) };
        }
        let rest = self.rest();
        let long = rest.find(|c| !in_path(c)).unwrap_or(rest.len());
        let word = &rest[..long];
        if word.is_empty() || ["and", "or", "not"].contains(&word) {
            return Err(self.wrong("a number or a path"));
        }
        let value = if word.starts_with(|c: char| c.is_ascii_digit()) {
            let number = word.parse().ok().filter(|n: &f64| n.is_finite());
            Sum::Number(number.ok_or_else(|| self.wrong("a number"))?)
        } else {
            Sum::Path(word.to_owned())
        };
        self.at += long;
        Ok(value)
    }
}

fn in_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
}
