//! Tables with verdicts, as text for the terminal, as Markdown, and as a page.

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// As expected.
    Pass,
    /// Not as expected, with what is wrong.
    Fail(String),
    /// Not tried, with the reason.
    Skipped(String),
}

impl Verdict {
    fn shown(&self) -> String {
        match self {
            Verdict::Pass => "pass".into(),
            Verdict::Fail(why) => format!("FAIL: {why}"),
            Verdict::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

/// One row.
pub struct Row {
    /// Rows of one group belong together.
    pub group: String,
    /// By column.
    pub cells: Vec<String>,
    /// The last column.
    pub verdict: Verdict,
}

/// One table with its headline.
pub struct Table {
    /// The headline.
    pub title: &'static str,
    /// Markdown: what was run, and where what is expected comes from.
    pub about: String,
    /// Names of the columns but the last, which is the verdict.
    pub columns: &'static [&'static str],
    /// The rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// Rows that passed, failed, were skipped.
    pub fn counts(&self) -> [usize; 3] {
        let count = |f: fn(&Verdict) -> bool| self.rows.iter().filter(|row| f(&row.verdict)).count();
        [
            count(|v| matches!(v, Verdict::Pass)),
            count(|v| matches!(v, Verdict::Fail(_))),
            count(|v| matches!(v, Verdict::Skipped(_))),
        ]
    }

    fn lines(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        let head = self.columns.iter().map(|c| (*c).to_owned()).chain(["verdict".to_owned()]).collect();
        let rows = self.rows.iter().map(|row| row.cells.iter().cloned().chain([row.verdict.shown()]).collect());
        std::iter::once(head).chain(rows)
    }

    /// For the terminal: columns aligned, long texts cut.
    pub fn text(&self) -> String {
        const WIDEST: usize = 72;
        let cut = |cell: String| match cell.char_indices().nth(WIDEST) {
            Some((at, _)) => format!("{}…", &cell[..at]),
            None => cell,
        };
        let mut lines: Vec<Vec<String>> = self.lines().map(|line| line.into_iter().collect()).collect();
        let last = self.columns.len();
        for line in &mut lines {
            for cell in &mut line[..last] {
                *cell = cut(std::mem::take(cell));
            }
        }
        let width = |i: usize| lines.iter().map(|line| line[i].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..last).map(width).collect();
        let mut out = format!("\n{}\n", self.title);
        for line in &lines {
            for (cell, width) in line.iter().zip(&widths) {
                out += &format!("  {cell:width$}");
            }
            out += &format!("  {}\n", line[last]);
        }
        out
    }

    /// For the repository.
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n{}\n\n", self.title, self.about);
        for (i, line) in self.lines().enumerate() {
            let cells: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
            out += &format!("| {} |\n", cells.join(" | "));
            if i == 0 {
                out += &format!("|{}\n", " --- |".repeat(line.len()));
            }
        }
        out + "\n"
    }

    /// For the page.
    pub fn html(&self) -> String {
        let mut out = format!(
            "<h2 id=\"{}\">{}</h2>\n<p>{}</p>\n<div class=\"wide\"><table>\n",
            anchor(self.title),
            escaped(self.title),
            inline(&self.about)
        );
        for (i, line) in self.lines().enumerate() {
            let tag = if i == 0 { "th" } else { "td" };
            let cells = line.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)));
            out += &format!("<tr>{}</tr>\n", cells.collect::<String>());
        }
        out + "</table></div>\n"
    }
}

/// A title as the end of an address: `#retries-and-fan-out`. The page and the reports lead there.
fn anchor(title: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = title.chars().map(plain).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Markdown's links and code marks, all that the descriptions use.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, label, address, after)) = next_link(rest) {
        out += &code(before);
        out += &format!("<a href=\"{}\">{}</a>", escaped(address), code(label));
        rest = after;
    }
    out + &code(rest)
}

/// The text before the first link, its label, its address, and what follows. An address may hold pairs of parentheses.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let start = text[..middle].rfind('[')?;
    let mut depth = 0;
    let end = text[middle + 1..].find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    })? + middle
        + 1;
    Some((&text[..start], &text[start + 1..middle], &text[middle + 2..end], &text[end + 1..]))
}

fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_become_html() {
        let html = inline("As `a < b` in [the book](https://x.org/a_(b)), and [more](https://y.org).");
        assert_eq!(
            html,
            "As <code>a &lt; b</code> in <a href=\"https://x.org/a_(b)\">the book</a>, and <a href=\"https://y.org\">more</a>."
        );
    }

    #[test]
    fn tables_tell_what_failed() {
        let row = |verdict| Row { group: String::new(), cells: vec!["a|b".into()], verdict };
        let rows = vec![row(Verdict::Pass), row(Verdict::Fail("off".into())), row(Verdict::Skipped("none".into()))];
        let table = Table { title: "T", about: "About.".into(), columns: &["what"], rows };
        assert_eq!(table.counts(), [1, 1, 1]);
        assert!(table.markdown().contains("| a\\|b | FAIL: off |"), "{}", table.markdown());
        assert!(table.text().contains("a|b   skipped: none"), "{}", table.text());
    }
}
