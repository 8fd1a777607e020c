//! What the two exposition dialects share: lines, series, faults, and the way of samples to the sink.
//!
//! Reading is line by line over the bytes as they lie. A line that is well-formed costs no allocation once
//! its series is known; only a fault or a new series builds strings.

mod cache;
mod created;
mod exposition;
mod openmetrics;
mod series;

use cache::SeriesCache;
use created::{Family, Waiting};
use rustc_hash::FxHashMap;
use series::{Cursor, unescape};

use super::error::{FormatError, FormatErrorKind};
use super::sink::{Sample, Sink};
use super::{Format, ReadOptions, ReadReport};
use crate::model::number::parse_float;
use crate::storage::{Metadata, MetricType};

/// Which exposition format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Prometheus,
    OpenMetrics,
}

/// What is wrong with a line, at a byte of it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) kind: FormatErrorKind,
}

/// Reads a whole text.
pub(super) fn read<S: Sink>(
    dialect: Dialect,
    file: &str,
    bytes: &[u8],
    options: &ReadOptions,
    sink: &mut S,
) -> Result<ReadReport, FormatError> {
    let format = match dialect {
        Dialect::Prometheus => Format::Prometheus,
        Dialect::OpenMetrics => Format::OpenMetrics,
    };
    let mut reading = Reading {
        dialect,
        file,
        options,
        sink,
        cache: SeriesCache::new(dialect),
        report: ReadReport::new(format),
        metric_type: MetricType::Unknown,
        family_name: String::new(),
        family: Family::default(),
        metadata: Vec::new(),
        metadata_by_name: FxHashMap::default(),
        ended: false,
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[][..], |end| &rest[end + 1..]);
        reading.report.lines += 1;
        if let Err(fault) = reading.line(line, end.is_some()) {
            reading.fault(reading.report.lines, line, fault)?;
        }
    }
    reading.finish()
}

/// A reading under way.
struct Reading<'a, 'o, S> {
    dialect: Dialect,
    file: &'o str,
    options: &'o ReadOptions,
    sink: &'o mut S,
    cache: SeriesCache<'a>,
    report: ReadReport,
    /// Of the last `TYPE` line.
    metric_type: MetricType,
    /// Of the last `HELP`, `TYPE` or `UNIT` line.
    family_name: String,
    /// The samples of the family that wait for their start timestamps.
    family: Family,
    metadata: Vec<(String, Metadata)>,
    metadata_by_name: FxHashMap<String, usize>,
    /// Whether `# EOF` was read.
    ended: bool,
}

impl<'a, S: Sink> Reading<'a, '_, S> {
    fn line(&mut self, line: &'a [u8], terminated: bool) -> Result<(), Fault> {
        match self.dialect {
            Dialect::Prometheus => self.exposition_line(line),
            Dialect::OpenMetrics => self.openmetrics_line(line, terminated),
        }
    }

    /// A fault ends the reading, or is counted where the options say so.
    fn fault(&mut self, number: usize, line: &[u8], fault: Fault) -> Result<(), FormatError> {
        let error = FormatError::at(self.file, number, line, fault.offset, fault.kind);
        self.report.fault(self.options, error)
    }

    /// A sample whose series and value are read; `timestamp_ms` as written.
    fn sample(&mut self, entry: u32, value: f64, timestamp_ms: Option<i64>) -> Result<(), Fault> {
        let Some(entry) = self.cache.entry(entry) else { return Ok(()) };
        if entry.created {
            // Checked by the caller: the value is a time in seconds.
            let start_timestamp_ms = (value * 1000.0) as i64;
            self.family.created(entry.group.unwrap_or_default(), timestamp_ms, start_timestamp_ms);
            return Ok(());
        }
        let (series, group) = (entry.series, entry.group);
        let timestamp_ms = timestamp_ms
            .or(self.options.default_timestamp_ms)
            .ok_or(Fault { offset: 0, kind: FormatErrorKind::MissingTimestamp })?;
        if let Some(group) = group {
            let line = self.report.lines;
            self.family.sample(Waiting { series, group, timestamp_ms, value, line });
            return Ok(());
        }
        self.deliver(series, timestamp_ms, 0, value).map_err(|kind| Fault { offset: 0, kind })
    }

    fn deliver(
        &mut self,
        series: u32,
        timestamp_ms: i64,
        start_timestamp_ms: i64,
        value: f64,
    ) -> Result<(), FormatErrorKind> {
        let Some(labels) = self.cache.labels(series) else { return Ok(()) };
        let sample = Sample { series: series as usize, labels, timestamp_ms, start_timestamp_ms, value };
        self.sink.sample(sample).map_err(FormatErrorKind::Storage)?;
        self.report.samples += 1;
        Ok(())
    }

    /// Hands out the samples that waited for the end of their family.
    fn flush(&mut self) -> Result<(), FormatError> {
        let mut family = std::mem::take(&mut self.family);
        family.flush(|sample, start| {
            let Waiting { series, timestamp_ms, value, line, .. } = sample;
            match self.deliver(series, timestamp_ms, start, value) {
                Ok(()) => Ok(()),
                Err(kind) => self.fault(line, &[], Fault { offset: 0, kind }),
            }
        })
    }

    /// Notes a `HELP`, `TYPE` or `UNIT` line.
    fn describe(&mut self, name: &str, change: impl FnOnce(&mut Metadata)) {
        let number = match self.metadata_by_name.get(name) {
            Some(number) => *number,
            None => {
                self.metadata.push((name.to_owned(), Metadata::default()));
                self.metadata_by_name.insert(name.to_owned(), self.metadata.len() - 1);
                self.metadata.len() - 1
            }
        };
        if let Some((_, metadata)) = self.metadata.get_mut(number) {
            change(metadata);
        }
    }

    /// The metric of a metadata line; a new one ends the family before it.
    fn enter_family(&mut self, cursor: &mut Cursor<'_>) -> Result<String, Fault> {
        let start = *cursor;
        let name = if cursor.peek() == Some(b'"') {
            cursor.quoted("a metric name")?
        } else {
            cursor.name(true).ok_or_else(|| start.expected("a metric name"))?.to_owned()
        };
        if name != self.family_name {
            self.flush().map_err(|error| Fault { offset: 0, kind: error.kind })?;
            self.family_name.clone_from(&name);
        }
        Ok(name)
    }

    fn finish(mut self) -> Result<ReadReport, FormatError> {
        self.flush()?;
        if self.dialect == Dialect::OpenMetrics && !self.ended {
            let kind = FormatErrorKind::expected("a last line \"# EOF\"", b"");
            self.fault(self.report.lines + 1, &[], Fault { offset: 0, kind })?;
            // That line is missing, not skipped.
            self.report.skipped_lines -= 1;
        }
        for (name, metadata) in &self.metadata {
            self.sink.metadata(name, metadata);
        }
        self.report.series = self.cache.series();
        Ok(self.report)
    }
}

/// A value or a float timestamp: Go's floats, but no hexadecimal ones and no underscores.
fn float(cursor: &Cursor<'_>, token: &[u8], expected: &'static str) -> Result<f64, Fault> {
    let refused = || Fault { offset: cursor.at, kind: FormatErrorKind::expected(expected, cursor.rest()) };
    if let Some(value) = small_integer(token) {
        return Ok(value);
    }
    if token.iter().any(|byte| matches!(byte, b'p' | b'P' | b'_')) {
        return Err(refused());
    }
    let text = std::str::from_utf8(token).map_err(|_| refused())?;
    let value = parse_float(text).map_err(|_| refused())?;
    // One NaN for all: no exposition can write a stale marker.
    Ok(if value.is_nan() { f64::NAN } else { value })
}

/// Most values are short integers: a float holds up to 15 digits exactly.
fn small_integer(token: &[u8]) -> Option<f64> {
    if token.is_empty() || token.len() > 15 {
        return None;
    }
    let mut value = 0u64;
    for byte in token {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value as f64)
}

/// The help text of a metadata line.
fn help(cursor: &Cursor<'_>, quotes: bool) -> Result<String, Fault> {
    let text = std::str::from_utf8(cursor.rest()).map_err(|error| {
        let broken = Cursor { at: cursor.at + error.valid_up_to(), ..*cursor };
        broken.expected("valid UTF-8")
    })?;
    Ok(unescape(text, quotes))
}
