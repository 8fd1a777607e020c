//! `load` blocks of test scripts: a step, and series in the [series notation](super::series).
//!
//! ```text
//! load 5m
//!   http_requests_total{job="api"} 0+10x10
//!   # start timestamps: ms relative to the samples of the next line
//!   errors_total@st -60000x10
//!   errors_total 0+1x10
//! ```
//!
//! The first sample stands at the epoch. `load_with_nhcb` also makes native histograms with custom buckets of the
//! classic ones. Within a block a series that comes again replaces its earlier line. A blank line ends a block.

mod custom_buckets;
pub(in crate::formats) mod script;
mod start_timestamps;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::{FormatError, FormatErrorKind};
use super::series::{SequenceValue, SeriesError, SeriesLine, parse_series};
use crate::model::Labels;
use crate::model::histogram::{CounterResetHint, FloatHistogram, Header, Layout};
use crate::storage::{MemoryStore, StorageError};

/// One block.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBlock {
    /// From step to step, in ms.
    pub step_ms: i64,
    /// Whether classic histograms are loaded as native ones, too.
    pub with_custom_buckets: bool,
    /// The series, in the order of their last lines.
    pub series: Vec<LoadSeries>,
}

/// A series of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSeries {
    /// Its labels, its name among them.
    pub labels: Labels,
    /// Its samples, by time.
    pub samples: Vec<LoadSample>,
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
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        if line.is_empty() || line.starts_with('#') {
            at += 1;
            continue;
        }
        let length = block_length(&lines[at..]);
        blocks.push(LoadBlock::parse(file, at + 1, &lines[at..at + length])?);
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
/// The first fault; a sample that the store refuses, with the line of the file where its block begins unknown, as line 0.
pub fn load_blocks(file: &str, text: &str, store: &mut MemoryStore) -> Result<u64, FormatError> {
    let mut samples = 0;
    for block in parse_blocks(file, text)? {
        samples += block.series.iter().map(|series| series.samples.len() as u64).sum::<u64>();
        block.fill(store).map_err(|kind| FormatError { file: file.to_owned(), line: 0, column: 0, kind })?;
    }
    Ok(samples)
}

impl LoadBlock {
    /// Reads a block: the command's line, then all others. `first_line` is the command's number in `file`.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn parse(file: &str, first_line: usize, lines: &[&str]) -> Result<Self, FormatError> {
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
            let parsed = parse_series(text).map_err(fault)?;
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
            series.insert(index, LoadSeries { labels: parsed.labels, samples });
        }
        if let Some((index, _)) = starts {
            let message = "start timestamps stand before the line of their series";
            return Err(at(index, 0, FormatErrorKind::StartTimestamps(message)));
        }
        Ok(Self { step_ms, with_custom_buckets, series: series.into_values().collect() })
    }

    /// Puts the samples into a store, which may hold older ones.
    ///
    /// # Errors
    /// What the store refuses; classic histograms that make no native one.
    pub fn fill(&self, store: &mut MemoryStore) -> Result<(), FormatErrorKind> {
        for series in &self.series {
            append(store, series).map_err(FormatErrorKind::Storage)?;
        }
        if self.with_custom_buckets {
            for series in custom_buckets::convert(&self.series)? {
                append(store, &series).map_err(FormatErrorKind::Storage)?;
            }
        }
        Ok(())
    }
}

fn parse_command(line: &str) -> Result<(i64, bool), FormatErrorKind> {
    let (command, step) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let with_custom_buckets = match command {
        "load" => false,
        "load_with_nhcb" => true,
        _ => return Err(FormatErrorKind::expected("`load` and a step", line.as_bytes())),
    };
    match crate::syntax::parse_duration(step.trim()) {
        Ok(nanoseconds) => Ok((nanoseconds / 1_000_000, with_custom_buckets)),
        Err(_) => Err(FormatErrorKind::expected("a step such as 1m", step.as_bytes())),
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

fn append(store: &mut MemoryStore, series: &LoadSeries) -> Result<(), StorageError> {
    let mut previous: Option<&FloatHistogram> = None;
    for sample in &series.samples {
        match &sample.value {
            SequenceValue::Omitted => {}
            SequenceValue::Float(value) => {
                let id = store.series_id(&series.labels)?;
                store.append_to(id, sample.timestamp_ms, sample.start_timestamp_ms, *value)?;
                previous = None;
            }
            SequenceValue::Histogram { histogram, .. } => {
                append_histogram(store, &series.labels, sample, histogram, previous)?;
                previous = Some(histogram);
            }
        }
    }
    Ok(())
}

/// Says of a reset what Prometheus' storage would say when it is read: nothing, or that there is none since the sample before.
fn stored_hint(histogram: &FloatHistogram, previous: Option<&FloatHistogram>) -> CounterResetHint {
    use CounterResetHint as Hint;
    let Some(previous) = previous else {
        return if histogram.counter_reset_hint == Hint::Gauge { Hint::Gauge } else { Hint::Unknown };
    };
    match histogram.counter_reset_hint {
        Hint::Gauge => Hint::Gauge,
        Hint::Reset => Hint::Unknown,
        _ if previous.counter_reset_hint == Hint::Gauge => Hint::Unknown,
        _ if crate::model::is_stale(previous.sum) => Hint::Unknown,
        _ if histogram.schema != previous.schema
            || histogram.zero_threshold.to_bits() != previous.zero_threshold.to_bits() =>
        {
            Hint::Unknown
        }
        _ => {
            let current = histogram.as_ref().with_hint(Hint::Unknown);
            if current.detect_reset(&previous.as_ref()) { Hint::Unknown } else { Hint::NotReset }
        }
    }
}

fn append_histogram(
    store: &mut MemoryStore,
    labels: &Labels,
    sample: &LoadSample,
    histogram: &FloatHistogram,
    previous: Option<&FloatHistogram>,
) -> Result<(), StorageError> {
    let layout = Arc::new(Layout {
        schema: histogram.schema,
        zero_threshold: histogram.zero_threshold,
        positive_spans: histogram.positive_spans.clone(),
        negative_spans: histogram.negative_spans.clone(),
        custom_bounds: histogram.custom_bounds.clone(),
    });
    let header = Header {
        layout: 0,
        buckets: 0,
        counter_reset_hint: stored_hint(histogram, previous),
        zero_count: histogram.zero_count,
        count: histogram.count,
        sum: histogram.sum,
    };
    let buckets = [histogram.positive_buckets.as_slice(), &histogram.negative_buckets].concat();
    store.append_histogram(labels, sample.timestamp_ms, sample.start_timestamp_ms, header, &layout, &buckets)
}
