//! Traffic that was measured somewhere, from a table (CSV): a column of times and one of rates become the load of users.
//!
//! Reads what this program saves of a run, what monitoring systems export (a time and a value), and what people type.

use csv::{ReaderBuilder, StringRecord};

/// What users do according to a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// Requests per second on average.
    pub rate_rps: f64,
    /// Seconds since the first row, and how many times the average; as the parameter `load` has it.
    pub load: Vec<(f64, f64)>,
}

/// More points are merged into fewer: a link has to hold them.
const MOST_POINTS: usize = 1000;
/// Longest table that is read, in rows.
const MOST_ROWS: usize = 1_000_000;
/// The longest load that users can have, in seconds, and the highest peak, in averages.
const LONGEST_S: f64 = 1e9;
const MOST_TIMES: f64 = 1000.0;
/// Numbers from here on are milliseconds since 1970, those below are seconds.
const MILLISECONDS: f64 = 1e11;

/// Names of columns, in small letters. Rates are requests per second, counts are requests since the row before.
const TIMES: [&str; 10] = ["from_s", "t_s", "time_s", "t", "s", "seconds", "time", "timestamp", "date", "datetime"];
const RATES: [&str; 9] =
    ["rate_rps", "rps", "req/s", "requests/s", "requests_per_second", "rate", "qps", "value", "load"];
const COUNTS: [&str; 3] = ["requests", "count", "hits"];
/// The end of what a row tells of, where there is a column for it.
const ENDS: &str = "to_s";

/// Which column holds what.
struct Columns {
    time: usize,
    end: Option<usize>,
    rate: usize,
    counted: bool,
}

/// Whether a text is more likely a table than anything else that is dropped or pasted.
pub fn looks_like(text: &str) -> bool {
    let mut rows = rows(text);
    let (Some(Ok(head)), Some(Ok(row))) = (rows.next(), rows.next()) else { return false };
    columns(&head).is_ok_and(|(c, _)| row.get(c.time).is_some_and(|t| moment(t).is_some()))
}

/// The rows, separated by whatever makes columns of the first one that make sense.
fn rows(text: &str) -> impl Iterator<Item = csv::Result<StringRecord>> + '_ {
    let reader = |delimiter: u8| {
        let mut options = ReaderBuilder::new();
        options.delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes()).into_records()
    };
    let makes_sense = |d: &u8| matches!(reader(*d).next(), Some(Ok(head)) if columns(&head).is_ok());
    reader([b',', b';', b'\t'].into_iter().find(makes_sense).unwrap_or(b','))
}

/// Reads a table.
///
/// # Errors
/// A sentence that says what is wrong, in which line, and what would be right.
pub fn read(text: &str) -> Result<Traffic, String> {
    let mut rows = rows(text);
    let head = match rows.next() {
        Some(Ok(head)) => head,
        _ => return Err("There is nothing in it. A table has a line for each moment: a time and a rate.".to_owned()),
    };
    let (columns, named) = columns(&head)?;
    let mut points: Vec<(f64, f64)> = Vec::new();
    let unnamed = (!named).then_some(Ok(head));
    for row in unnamed.into_iter().chain(rows) {
        let row = row.map_err(|e| format!("A line cannot be read: {e}."))?;
        let line = row.position().map_or(0, |place| place.line());
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if points.len() == MOST_ROWS {
            return Err(format!("It has more than {MOST_ROWS} rows. Export it in longer intervals."));
        }
        points.push(point(&row, &columns, line)?);
        if let [.., before, last] = points[..]
            && last.0 <= before.0
        {
            return Err(format!("Line {line} is not later than the one before. Times have to ascend."));
        }
    }
    if points.len() < 2 {
        return Err("It has less than two rows with a time and a rate.".to_owned());
    }
    if columns.counted {
        // So many since the row before; what came before the first row nobody knows.
        let spans: Vec<f64> = points.windows(2).map(|w| w[1].0 - w[0].0).collect();
        for (i, point) in points.iter_mut().enumerate() {
            point.1 /= spans[i.saturating_sub(1)];
        }
    }
    traffic(&points)
}

/// From moments and rates to an average and its multiples.
fn traffic(points: &[(f64, f64)]) -> Result<Traffic, String> {
    let start = points[0].0;
    let each = points.len().div_ceil(MOST_POINTS);
    let mean = |of: &[(f64, f64)], get: fn(&(f64, f64)) -> f64| of.iter().map(get).sum::<f64>() / of.len() as f64;
    let merged: Vec<(f64, f64)> =
        points.chunks(each).map(|part| (mean(part, |p| p.0) - start, mean(part, |p| p.1))).collect();
    let rate = mean(&merged, |p| p.1);
    if rate <= 0.0 {
        return Err("There are no requests in it: all rates are 0.".to_owned());
    }
    // To four digits, as people write rates.
    let rate = rounded(rate, libm::pow(10.0, 3.0 - f64::floor(libm::log10(rate))));
    let (long, high) = merged.iter().fold((0.0f64, 0.0f64), |(t, r), p| (t.max(p.0), r.max(p.1 / rate)));
    if long > LONGEST_S || high > MOST_TIMES {
        return Err(format!(
            "It spans {long:.0} s with a peak of {high:.0} times the average. A load may last {LONGEST_S:.0} s and rise to {MOST_TIMES:.0} times."
        ));
    }
    let load = merged.into_iter().map(|(at, r)| (rounded(at, 1e3), rounded(r / rate, 1e5))).collect();
    Ok(Traffic { rate_rps: rate, load })
}

fn rounded(n: f64, grid: f64) -> f64 {
    (n * grid).round() / grid
}

/// Which columns there are, and whether the first row names them.
fn columns(head: &StringRecord) -> Result<(Columns, bool), String> {
    let names: Vec<String> =
        head.iter().map(|cell| cell.trim().trim_start_matches('\u{feff}').to_lowercase()).collect();
    if names.len() >= 2 && moment(&names[0]).is_some() && names[1].parse::<f64>().is_ok() {
        return Ok((Columns { time: 0, end: None, rate: 1, counted: false }, false));
    }
    let find = |wanted: &[&str]| wanted.iter().find_map(|w| names.iter().position(|name| name == w));
    let all = || names.iter().take(12).map(|n| format!("“{}”", cut(n))).collect::<Vec<_>>().join(", ");
    let Some(time) = find(&TIMES) else {
        return Err(format!("No column tells the time. One has to be called {}; it has {}.", TIMES.join(", "), all()));
    };
    // Of two columns the other one is the rate, whatever it is called: monitoring systems name it after the query.
    let only_other = || (names.len() == 2).then_some(1 - time.min(1));
    let (rate, counted) = match (find(&RATES), find(&COUNTS)) {
        (Some(rate), _) => (rate, false),
        (None, Some(count)) => (count, true),
        (None, None) => match only_other() {
            Some(other) => (other, false),
            None => {
                let wanted = [&RATES[..], &COUNTS].concat().join(", ");
                return Err(format!("No column tells the rate. One has to be called {wanted}; it has {}.", all()));
            }
        },
    };
    Ok((Columns { time, end: find(&[ENDS]), rate, counted }, true))
}

/// One row: when, and how many.
fn point(row: &StringRecord, columns: &Columns, line: u64) -> Result<(f64, f64), String> {
    let cell = |column: usize| row.get(column).unwrap_or_default().trim();
    let time = |column: usize| {
        moment(cell(column)).ok_or_else(|| {
            format!(
                "Line {line}: “{}” is no time. Right would be seconds, or a date as 2026-11-29T20:15:00.",
                cut(cell(column))
            )
        })
    };
    let at = match columns.end {
        Some(end) => (time(columns.time)? + time(end)?) / 2.0,
        None => time(columns.time)?,
    };
    let rate = cell(columns.rate);
    match rate.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate >= 0.0 => Ok((at, rate)),
        // Where nothing was measured nothing happened.
        _ if rate.is_empty() => Ok((at, 0.0)),
        _ => Err(format!("Line {line}: “{}” is no number of requests. Right would be a number from 0 up.", cut(rate))),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(24).collect()
}

/// A moment in seconds: a number of seconds, of milliseconds since 1970, or a date with a time.
fn moment(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(if number.abs() >= MILLISECONDS { number / 1000.0 } else { number });
    }
    // 2026-11-29 20:15:00.5, with a T between and a Z or an offset behind, which is the same for all rows.
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let time = time.split(['Z', '+', '-']).next()?;
    let mut time = time.splitn(3, ':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (time.next()??, time.next()??, time.next().unwrap_or(Some(0.0))?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    // Days since 1970 (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
    let year = year - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    let seconds = days as f64 * 86_400.0 + hours * 3600.0 + minutes * 60.0 + seconds;
    seconds.is_finite().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_this_program_saves_comes_back_as_load() {
        let text = "from_s,to_s,rate_rps,ok_rps,error_share\r\n0,1,100,90,0.1\r\n1,2,300,90,0.1\r\n2,3,200,90,0.1\r\n";
        let traffic = read(text).unwrap();
        assert_eq!(traffic, Traffic { rate_rps: 200.0, load: vec![(0.0, 0.5), (1.0, 1.5), (2.0, 1.0)] });
        assert!(looks_like(text));
    }

    #[test]
    fn tables_of_monitoring_systems_are_read() {
        let expected = Traffic { rate_rps: 20.0, load: vec![(0.0, 0.5), (15.0, 1.5)] };
        for text in [
            "Time,\"sum(rate(http_requests_total[1m]))\"\n2026-02-28 23:59:50,10\n2026-03-01 00:00:05,30\n",
            "time;value\n1764447300000;10\n1764447315000;30\n",
            "timestamp\trps\n2026-11-29T20:15:00Z\t10\n2026-11-29T20:15:15Z\t30",
            "0,10\n15,30\n",
            "t,x,requests\n0,a,150\n15,b,450\n",
            "\"Time\",\"sum by (a, b)(x)\"\n\"0\",\"10\"\n\"15\",\"30\"\n",
            "Time;\"rate(a, b)\"\n0;10\n15;30\n",
        ] {
            assert_eq!(read(text), Ok(expected.clone()), "{text}");
            assert!(looks_like(text), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("", "There is nothing in it."),
            ("a,b,c\n1,2,3\n", "No column tells the time."),
            ("time,b,c\n1,2,3\n", "No column tells the rate."),
            ("time,rps\n0,1\nx,2\n", "Line 3: “x” is no time."),
            ("time,rps\n0,1\n1,many\n", "Line 3: “many” is no number of requests."),
            ("time,rps\n0,-1\n", "Line 2: “-1” is no number of requests."),
            ("time,rps\n5,1\n5,2\n", "Line 3 is not later than the one before."),
            ("time,rps\n5,1\n", "It has less than two rows"),
            ("time,rps\n5,0\n6,0\n", "There are no requests in it"),
            ("0,5\n2026-11-29 20:15:00,7\n", "It spans 1795983300 s with a peak of 1 times"),
        ] {
            let got = read(text).unwrap_err();
            assert!(got.starts_with(said), "{text:?}: {got}");
        }
        for text in ["{\"loadstone\": 1}", "https://example.org/#a,b", "flowchart LR\n a-->b", "one, two\nthree, four"]
        {
            assert!(!looks_like(text), "{text} is no table of traffic");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "([a-z0-9,;\"\n\t.: -]|time|rps){0,200}") {
            let _ = (read(&text), looks_like(&text));
        }

        #[test]
        fn points_are_bounded_and_keep_the_mean(rates in prop::collection::vec(0.0f64..1e5, 2..3000)) {
            prop_assume!(rates.iter().sum::<f64>() > 1.0);
            let rows: String = rates.iter().enumerate().map(|(i, r)| format!("{i},{r}\n")).collect();
            let traffic = read(&format!("t,rps\n{rows}")).unwrap();
            prop_assert!(traffic.load.len() <= MOST_POINTS);
            let mean = traffic.load.iter().map(|p| p.1).sum::<f64>() / traffic.load.len() as f64;
            prop_assert!((mean - 1.0).abs() < 1e-3, "{mean}");
        }
    }
}
