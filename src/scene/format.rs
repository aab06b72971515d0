//! Numbers as people read them, in one place so that every panel says the same.
//!
//! Three significant digits at most, no trailing zeros, a comma between thousands, a space before the unit. Spans below
//! a second are in ms, below 0.1 ms in µs, from two minutes on in minutes. No number at all is a dash.

use crate::texts::{fill, said};
use crate::time::{Nanos, SECOND, to_ms, to_s};

/// What stands where there is no number.
pub const NONE: &str = "–";

/// A whole number: `1,234`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Any number with three significant digits: `0.042`, `9.6`, `232`, `12,300`.
pub fn number(n: f64) -> String {
    if !n.is_finite() {
        return NONE.to_owned();
    }
    let size = n.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if size >= 1e15 {
        return format!("{n:e}");
    }
    // Places after the point that leave three significant digits of what rounding makes of it.
    let places = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else if size >= 0.9995 {
        2
    } else if size >= 0.09995 {
        3
    } else {
        4
    };
    if places == 0 {
        let whole = count(size.round() as u64);
        return if n < 0.0 { format!("−{whole}") } else { whole };
    }
    let text = format!("{size:.places$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match (n < 0.0, text) {
        (_, "0") => "0".to_owned(),
        (true, text) => format!("−{text}"),
        (false, text) => text.to_owned(),
    }
}

/// A number exactly as a person would type it, for input fields: `0.00025`, `1500`, `5`.
pub fn exact(n: f64) -> String {
    if n.is_finite() { n.to_string() } else { String::new() }
}

/// A span given in milliseconds: `50 µs`, `12.3 ms`, `261 ms`, `4.2 s`, `3.5 min`.
pub fn ms(ms: f64) -> String {
    match ms {
        n if !n.is_finite() => NONE.to_owned(),
        0.0 => "0 ms".to_owned(),
        n if n.abs() < 0.09995 => format!("{} µs", number(n * 1e3)),
        n if n.abs() < 999.5 => format!("{} ms", number(n)),
        n if n.abs() < 120e3 => format!("{} s", tenths(n / 1e3)),
        n => format!("{} min", number(n / 60e3)),
    }
}

/// One decimal: seconds need no more, and the last digits would only flicker.
fn tenths(n: f64) -> String {
    let text = format!("{n:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The same without a number.
pub fn ms_or_none(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), ms)
}

/// A span: `4.2 s`.
pub fn span(t: Nanos) -> String {
    ms(to_ms(t))
}

/// A share of 1 in percent: `96.8 %`, `9 %`, `0.03 %`.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    let n = share * 100.0;
    if n.abs() >= 1.0 { format!("{} %", tenths(n)) } else { format!("{} %", number((n * 100.0).round() / 100.0)) }
}

/// Something per second: `0.5`, `9.6`, `232`, `20,000`.
pub fn per_second(rate: f64) -> String {
    if rate.is_finite() && rate.abs() < 9.95 { tenths(rate) } else { number(rate.round()) }
}

/// Requests per second: `232 req/s`.
pub fn rate(rate: f64) -> String {
    format!("{} req/s", per_second(rate))
}

/// A moment of the run, as on a stopwatch: `00:32.6`, `1:02:03.4`. Cut, not rounded: a clock never runs ahead.
pub fn clock(t: Nanos) -> String {
    let tenths = t / (SECOND / 10);
    let (s, m, h) = (tenths / 10 % 60, tenths / 600 % 60, tenths / 36_000);
    if h > 0 { format!("{h}:{m:02}:{s:02}.{}", tenths % 10) } else { format!("{m:02}:{s:02}.{}", tenths % 10) }
}

/// A moment of the run in a sentence: `33.9 s`.
pub fn moment(t: Nanos) -> String {
    format!("{} s", tenths(to_s(t)))
}

/// A speed: `0.1×`, `1×`, `100×`.
pub fn speed(speed: f64) -> String {
    format!("{}×", number(speed))
}

/// "1 server", "2 servers" inside a sentence that is made in English, whoever reads it.
pub fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

/// The same in the reader's language.
pub fn plural(n: u64, one: &str) -> String {
    if n == 1 { said(&format!("1 {one}")) } else { fill(&format!("{{n}} {one}s"), &[&count(n)]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each example of the rules above.
    #[test]
    fn numbers_read_as_documented() {
        let cases: &[(&str, String)] = &[
            ("1,234,567", count(1_234_567)),
            ("999", count(999)),
            ("12.3 ms", ms(12.345)),
            ("261 ms", ms(260.7)),
            ("1 s", ms(999.9)),
            ("4.2 s", ms(4_234.0)),
            ("3.5 min", ms(210_000.0)),
            ("50 µs", ms(0.05)),
            ("0.5 ms", ms(0.5)),
            ("0 ms", ms(0.0)),
            (NONE, ms(f64::NAN)),
            ("96.8 %", percent(0.9678)),
            ("9 %", percent(0.09)),
            ("0.03 %", percent(0.0003)),
            ("100 %", percent(1.0)),
            ("0 %", percent(0.0)),
            ("00:32.6", clock(32_699_999_999)),
            ("1:02:03.4", clock(3_723_400_000_000)),
            ("232 req/s", rate(232.4)),
            ("0.5 req/s", rate(0.5)),
            ("20,000 req/s", rate(20_000.0)),
            ("33.9 s", moment(33_900_000_000)),
            ("−4.2", number(-4.2)),
            ("100", number(99.96)),
            ("0.1×", speed(0.1)),
            ("1 server", plural(1, "server")),
            ("2 servers", plural(2, "server")),
        ];
        for (wanted, got) in cases {
            assert_eq!(wanted, got);
        }
    }
}
