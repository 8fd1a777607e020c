//! A line of OpenMetrics 1.0: one space between parts, timestamps in seconds, exemplars, `# EOF` at the end.

use super::series::{Cursor, label_list};
use super::{Dialect, Fault, Reading, float, help};
use crate::formats::error::FormatErrorKind;
use crate::formats::sink::Sink;
use crate::storage::MetricType;

const TYPES: &str = "\"counter\", \"gauge\", \"histogram\", \"gaugehistogram\", \"summary\", \"info\", \"stateset\" or \"unknown\"";

impl<'a, S: Sink> Reading<'a, '_, S> {
    pub(super) fn openmetrics_line(&mut self, line: &'a [u8], terminated: bool) -> Result<(), Fault> {
        let start = Cursor::new(line, Dialect::OpenMetrics);
        if self.ended {
            return Err(start.expected("nothing after the line \"# EOF\""));
        }
        if line == b"# EOF" {
            self.ended = true;
            return Ok(());
        }
        if !terminated {
            let end = Cursor { at: line.len(), ..start };
            return Err(end.expected("a line break, and a last line \"# EOF\""));
        }
        match line.first() {
            None => Err(start.expected("a metric or a comment, as empty lines are not allowed")),
            Some(b'#') => self.openmetrics_comment(line),
            Some(_) => self.openmetrics_sample(line),
        }
    }

    fn openmetrics_sample(&mut self, line: &'a [u8]) -> Result<(), Fault> {
        let found = self.cache.find(line, self.metric_type)?;
        let mut cursor = Cursor { line, at: found.end, dialect: Dialect::OpenMetrics };
        let value_at = Cursor { at: cursor.at + 1, ..cursor };
        let value = spaced_float(&mut cursor, "a space and a value", "a value")?;
        let mut timestamp_ms = None;
        if cursor.peek().is_some() && !cursor.rest().starts_with(b" # {") {
            timestamp_ms = Some(timestamp(&mut cursor)?);
        }
        if cursor.rest().starts_with(b" # {") {
            cursor.at += 4;
            exemplar(&mut cursor)?;
        }
        if cursor.peek().is_some() {
            return Err(cursor.expected("an exemplar or the end of the line"));
        }
        if self.cache.entry(found.entry).is_some_and(|entry| entry.created) && !in_range(value) {
            return Err(value_at.expected("a start time in seconds"));
        }
        self.sample(found.entry, value, timestamp_ms)
    }

    fn openmetrics_comment(&mut self, line: &[u8]) -> Result<(), Fault> {
        let mut cursor = Cursor::new(line, Dialect::OpenMetrics);
        let word = [&b"# HELP "[..], b"# TYPE ", b"# UNIT "].into_iter().find(|word| line.starts_with(word));
        let Some(word) = word else {
            return Err(cursor.expected("\"# HELP\", \"# TYPE\", \"# UNIT\" or \"# EOF\""));
        };
        cursor.at = word.len();
        let name = self.enter_family(&mut cursor)?;
        if !cursor.eat(b' ') {
            return Err(cursor.expected("a space and a text"));
        }
        match word {
            b"# HELP " => {
                let help = help(&cursor, true)?;
                self.describe(&name, |metadata| metadata.help = help);
            }
            b"# TYPE " => {
                let metric_type = match cursor.rest() {
                    b"counter" => MetricType::Counter,
                    b"gauge" => MetricType::Gauge,
                    b"histogram" => MetricType::Histogram,
                    b"gaugehistogram" => MetricType::GaugeHistogram,
                    b"summary" => MetricType::Summary,
                    b"info" => MetricType::Info,
                    b"stateset" => MetricType::StateSet,
                    b"unknown" => MetricType::Unknown,
                    _ => return Err(cursor.expected(TYPES)),
                };
                self.metric_type = metric_type;
                self.describe(&name, |metadata| metadata.metric_type = metric_type);
            }
            _ => {
                let unit = help(&cursor, false)?;
                let named = name.strip_suffix(&unit).is_some_and(|rest| rest.ends_with('_'));
                if !unit.is_empty() && !named {
                    let kind = FormatErrorKind::UnitNotInName { metric: name, unit };
                    return Err(Fault { offset: cursor.at, kind });
                }
                self.describe(&name, |metadata| metadata.unit = unit);
            }
        }
        Ok(())
    }
}

/// A space and a float.
fn spaced_float(cursor: &mut Cursor<'_>, missing: &'static str, wrong: &'static str) -> Result<f64, Fault> {
    if !cursor.eat(b' ') {
        return Err(cursor.expected(missing));
    }
    let start = *cursor;
    let rest = cursor.rest();
    let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
    cursor.at += end;
    float(&start, &rest[..end], wrong)
}

/// Whether seconds can be told in milliseconds.
fn in_range(seconds: f64) -> bool {
    const LIMIT: f64 = i64::MAX as f64 / 1000.0;
    seconds > -LIMIT && seconds < LIMIT
}

/// A space and a time in seconds, as milliseconds; what is finer than those is cut off.
fn timestamp(cursor: &mut Cursor<'_>) -> Result<i64, Fault> {
    const EXPECTED: &str = "a timestamp in seconds";
    let start = Cursor { at: cursor.at + 1, ..*cursor };
    let seconds =
        spaced_float(cursor, "a space and a timestamp in seconds, or the end of the line", EXPECTED)?;
    if in_range(seconds) { Ok((seconds * 1000.0) as i64) } else { Err(start.expected(EXPECTED)) }
}

/// What follows ` # {`: labels, a value, maybe a time. Checked and left out, as a query cannot see exemplars.
fn exemplar(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    label_list(cursor, None, &mut Vec::new())?;
    spaced_float(cursor, "a space and the exemplar's value", "the exemplar's value")?;
    if cursor.peek().is_some() {
        timestamp(cursor)?;
    }
    Ok(())
}
