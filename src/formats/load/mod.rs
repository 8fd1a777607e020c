//! `load` blocks of test scripts: a step, and series in the [series notation](super::series).
//!
//! ```text
//! load 5m
//!   http_requests_total{job="api"} 0+10x10
//!   # start timestamps, relative to the samples of the next line
//!   errors_total@st -1mx10
//!   errors_total 0+1x10
//! ```
//!
//! The first sample stands at the epoch. `load_with_nhcb` also makes native histograms with custom buckets of the
//! classic ones. Within a block a series that comes again replaces its earlier line. A blank line ends a block.

mod custom_buckets;
pub(in crate::formats) mod script;
mod start_timestamps;
mod store;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

#[cfg(feature = "rules")]
pub(crate) use store::append_sample;

use super::error::{FormatError, FormatErrorKind};
use super::series::{Budget, MAX_VALUES, SequenceValue, SeriesError, SeriesLine, parse_within};
use crate::model::Labels;
use crate::storage::MemoryStore;

/// One block.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBlock {
    /// From step to step, in ms.
    pub step_ms: i64,
    /// Whether classic histograms are loaded as native ones, too.
    pub with_custom_buckets: bool,
    /// The series, in the order of their last lines.
    pub series: Vec<LoadSeries>,
    /// The line of the command, counted from 1.
    pub line: usize,
}

/// A series of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSeries {
    /// Its labels, its name among them.
    pub labels: Labels,
    /// Its samples, by time.
    pub samples: Vec<LoadSample>,
    /// The line it stands on, counted from 1.
    pub line: usize,
}

/// A sample of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSample {
    /// When, in ms since the epoch.
    pub timestamp_ms: i64,
    /// Since when it counts, in ms since the epoch; 0 where unknown.
    pub start_timestamp_ms: i64,
    /// A float or histogram, never [`SequenceValue::Omitted`].
    pub value: SequenceValue,
}

/// Whether a line begins a block.
pub fn is_load_command(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|word| word == "load" || word == "load_with_nhcb")
}

/// Reads a text that consists of blocks, comments and blank lines.
///
/// # Errors
/// The first fault, with its line.
pub fn parse_blocks(file: &str, text: &str) -> Result<Vec<LoadBlock>, FormatError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut budget = Budget::new(MAX_VALUES);
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        if line.is_empty() || line.starts_with('#') {
            at += 1;
            continue;
        }
        let length = block_length(&lines[at..]);
        blocks.push(LoadBlock::parse_within(file, at + 1, &lines[at..at + length], &mut budget)?);
        at += length;
    }
    Ok(blocks)
}

/// How many lines the block has that begins with the first of these lines.
pub fn block_length(lines: &[&str]) -> usize {
    lines.iter().position(|line| line.trim().is_empty()).unwrap_or(lines.len())
}

/// Reads blocks into a store; gives the number of samples read.
///
/// # Errors
/// The first fault, be it of the text or what the store refuses, with its line.
pub fn load_blocks(file: &str, text: &str, store: &mut MemoryStore) -> Result<u64, FormatError> {
    let mut samples = 0;
    for block in parse_blocks(file, text)? {
        samples += block.series.iter().map(|series| series.samples.len() as u64).sum::<u64>();
        let refused = |(line, kind)| FormatError { file: file.to_owned(), line, column: 1, kind };
        store::fill(&block, store).map_err(refused)?;
    }
    Ok(samples)
}

impl LoadBlock {
    /// Reads a block: the command's line, then all others. `first_line` is the command's number in `file`.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn parse(file: &str, first_line: usize, lines: &[&str]) -> Result<Self, FormatError> {
        Self::parse_within(file, first_line, lines, &mut Budget::new(MAX_VALUES))
    }

    fn parse_within(
        file: &str,
        first_line: usize,
        lines: &[&str],
        budget: &mut Budget,
    ) -> Result<Self, FormatError> {
        let at = |index: usize, offset: usize, kind| {
            let line = lines.get(index).copied().unwrap_or_default();
            FormatError::at(file, first_line + index, line.as_bytes(), offset, kind)
        };
        let command = lines.first().copied().unwrap_or_default();
        let (step_ms, with_custom_buckets) = parse_command(command).map_err(|kind| at(0, 0, kind))?;
        let mut series: BTreeMap<usize, LoadSeries> = BTreeMap::new();
        let mut places: BTreeMap<Labels, usize> = BTreeMap::new();
        let mut starts: Option<(usize, SeriesLine)> = None;
        for (index, line) in lines.iter().enumerate().skip(1) {
            let text = line.trim();
            if text.starts_with('#') {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            let fault = |error: SeriesError| at(index, indent + error.span.start as usize, error.kind);
            let misplaced = |message| at(index, indent, FormatErrorKind::StartTimestamps(message));
            if let Some((name, values)) = start_timestamps::split(text) {
                if starts.is_some() {
                    return Err(misplaced("start timestamps stand before the line of their series"));
                }
                starts = Some((index, start_timestamps::parse(name, values).map_err(fault)?));
                continue;
            }
            let parsed = parse_within(text, budget).map_err(fault)?;
            let starts = starts.take().map(|(_, starts)| starts);
            if starts.as_ref().is_some_and(|starts| starts.labels != parsed.labels) {
                return Err(misplaced("start timestamps stand before the line of their series"));
            }
            if starts.as_ref().is_some_and(|starts| starts.values.len() != parsed.values.len()) {
                return Err(misplaced("there are not as many start timestamps as samples"));
            }
            let samples = place_samples(parsed.values, starts.map(|starts| starts.values), step_ms);
            if let Some(earlier) = places.insert(parsed.labels.clone(), index) {
                series.remove(&earlier);
            }
            series.insert(index, LoadSeries { labels: parsed.labels, samples, line: first_line + index });
        }
        if let Some((index, _)) = starts {
            let message = "start timestamps stand before the line of their series";
            return Err(at(index, 0, FormatErrorKind::StartTimestamps(message)));
        }
        Ok(Self { step_ms, with_custom_buckets, series: series.into_values().collect(), line: first_line })
    }

    /// Puts the samples into a store, which may hold older ones.
    ///
    /// # Errors
    /// What the store refuses; classic histograms that make no native one.
    pub fn fill(&self, store: &mut MemoryStore) -> Result<(), FormatErrorKind> {
        store::fill(self, store).map_err(|(_, kind)| kind)
    }
}

fn parse_command(line: &str) -> Result<(i64, bool), FormatErrorKind> {
    let (command, step) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let with_custom_buckets = match command {
        "load" => false,
        "load_with_nhcb" => true,
        _ => return Err(FormatErrorKind::expected("`load` and a step", line.as_bytes())),
    };
    match duration_ms(step.trim()) {
        Some(step_ms) => Ok((step_ms, with_custom_buckets)),
        None => Err(FormatErrorKind::expected("a step such as 1m", step.as_bytes())),
    }
}

fn place_samples(
    values: Vec<SequenceValue>,
    starts: Option<Vec<SequenceValue>>,
    step_ms: i64,
) -> Vec<LoadSample> {
    let starts = starts.unwrap_or_default();
    let mut samples = Vec::new();
    let mut timestamp_ms = 0i64;
    for (index, value) in values.into_iter().enumerate() {
        if value != SequenceValue::Omitted {
            let start_timestamp_ms = match starts.get(index) {
                Some(SequenceValue::Float(offset)) => timestamp_ms.saturating_add(*offset as i64),
                _ => 0,
            };
            samples.push(LoadSample { timestamp_ms, start_timestamp_ms, value });
        }
        timestamp_ms = timestamp_ms.saturating_add(step_ms);
    }
    samples
}

/// The ms of a duration such as `1m30s`, or of a bare 0.
fn duration_ms(text: &str) -> Option<i64> {
    match text {
        "" => None,
        "0" => Some(0),
        _ => crate::syntax::parse_duration(text).ok().map(|nanoseconds| nanoseconds / 1_000_000),
    }
}
