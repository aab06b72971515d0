//! A picture as an SVG file. Text is only ever text: it is escaped, and there is no script, style or reference in it.

use super::{Ink, Picture, Shape};
use crate::codec::picture::SVG_MARK;
use crate::editor::place::Rect;
use std::fmt::Write;

/// The typeface of names and numbers.
pub const SANS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
/// That of addresses.
pub const MONO: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";

/// The file. `link` is the document as the fragment of a link, by which the picture opens again as a scenario.
pub fn svg(picture: &Picture, title: &str, link: Option<&str>, dark: bool) -> String {
    let Rect { x, y, w, h } = picture.view;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" viewBox=\"{x:.1} {y:.1} {w:.1} {h:.1}\">\n"
    );
    line(&mut out, format_args!("<title>{}</title>", escaped(title)));
    if let Some(link) = link {
        line(&mut out, format_args!("<metadata>{SVG_MARK}{link}</metadata>"));
    }
    let background = Ink::Background.colour(dark);
    line(
        &mut out,
        format_args!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{background}\"/>"),
    );
    for shape in &picture.shapes {
        one(&mut out, shape, dark);
    }
    out += "</svg>\n";
    out
}

fn line(out: &mut String, what: std::fmt::Arguments) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{what}");
}

fn one(out: &mut String, shape: &Shape, dark: bool) {
    let colour = |ink: Option<Ink>| ink.map_or("none", |ink| ink.colour(dark));
    match shape {
        Shape::Box { rect: Rect { x, y, w, h }, radius, fill, edge, dashed } => {
            let dash = if *dashed { " stroke-dasharray=\"5 4\"" } else { "" };
            let (fill, edge) = (colour(*fill), colour(*edge));
            line(
                out,
                format_args!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"{edge}\"{dash}/>"
                ),
            );
        }
        Shape::Path { d, at: [x, y], fill, line: stroke, dash } => {
            let moved =
                if *x == 0.0 && *y == 0.0 { String::new() } else { format!(" transform=\"translate({x:.1} {y:.1})\"") };
            let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
            let stroke = match stroke {
                Some((ink, width)) => format!(
                    " stroke=\"{}\" stroke-width=\"{width:.1}\" stroke-linecap=\"round\" stroke-linejoin=\"round\"",
                    ink.colour(dark)
                ),
                None => String::new(),
            };
            line(out, format_args!("<path d=\"{d}\" fill=\"{}\"{stroke}{dash}{moved}/>", colour(*fill)));
        }
        Shape::Text { at: [x, y], words, size, ink, bold, mono } => {
            let family = if *mono { MONO } else { SANS };
            let weight = if *bold { " font-weight=\"600\"" } else { "" };
            line(
                out,
                format_args!(
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" font-family=\"{family}\" font-size=\"{size}\"{weight} fill=\"{}\">{}</text>",
                    ink.colour(dark),
                    escaped(words)
                ),
            );
        }
    }
}

/// Text as XML: the five characters that mean something are written by name, those that XML forbids are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
