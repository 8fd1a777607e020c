//! The series notation: one line names a series and its samples, `requests{job="api"} 1 2+3x4 _ stale {{count:2}}`.
//!
//! | item | samples |
//! |---|---|
//! | `3` | one |
//! | `3x4` | the value and four more of it |
//! | `3+2x4`, `3-2x4` | the value and four more, each 2 greater or less |
//! | `_`, `_x4` | none at one step, at four |
//! | `stale` | a stale marker |
//! | `{{schema:1 count:3 buckets:[1 2]}}` | a native histogram; `x`, `+` and `-` as with numbers |
//!
//! This is the notation of Prometheus' `promqltest` scripts and of its rule unit tests.

mod histogram;
mod reader;

use std::fmt;
use std::sync::Arc;

use super::error::FormatErrorKind;
use crate::model::histogram::FloatHistogram;
use crate::model::{Labels, Span};
use reader::Reader;

/// How many values one line may stand for, and one text of `load` blocks. A native histogram that is no repetition counts
/// for as many as it has numbers.
pub const MAX_VALUES: usize = 1 << 23;

/// A line of the notation.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesLine {
    /// The series' labels, its name among them.
    pub labels: Labels,
    /// What stands at each step, from the first on.
    pub values: Vec<SequenceValue>,
}

/// What stands at one step of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum SequenceValue {
    /// No sample.
    Omitted,
    /// A float; [`crate::model::STALE_NAN`] where the line says `stale`.
    Float(f64),
    /// A native histogram.
    Histogram {
        /// The histogram; steps that repeat it share it.
        histogram: Arc<FloatHistogram>,
        /// Whether the line says what is known of a reset.
        hint_set: bool,
    },
}

/// What is wrong with a line of the notation.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesError {
    /// Where in the line, in bytes.
    pub span: Span,
    /// What is wrong there.
    pub kind: FormatErrorKind,
}

impl fmt::Display for SeriesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for SeriesError {}

/// Reads one line.
///
/// ```
/// use promql_engine::formats::series::{SequenceValue, parse_series};
///
/// let line = parse_series("up{job=\"api\"} 1 0+1x2 _")?;
/// assert_eq!(line.labels.to_string(), "up{job=\"api\"}");
/// assert_eq!(line.values.len(), 5);
/// assert_eq!(line.values[4], SequenceValue::Omitted);
/// # Ok::<(), promql_engine::formats::series::SeriesError>(())
/// ```
///
/// # Errors
/// The first fault of the line; a line of more than [`MAX_VALUES`] values.
pub fn parse_series(line: &str) -> Result<SeriesLine, SeriesError> {
    let mut budget = Budget::new(MAX_VALUES);
    let mut reader = Reader::new(line, &mut budget)?;
    Ok(SeriesLine { labels: reader.labels()?, values: reader.values()? })
}

/// Reads one of several lines to be stored, which share a bound. A label given twice is an error there, as it is to the
/// storage of Prometheus; its parser takes the last one.
pub(super) fn parse_within(line: &str, budget: &mut Budget) -> Result<SeriesLine, SeriesError> {
    let mut reader = Reader::new(line, budget)?;
    reader.unique_labels = true;
    Ok(SeriesLine { labels: reader.labels()?, values: reader.values()? })
}

/// Reads the values of a line, without labels: `1 2 3`.
///
/// # Errors
/// As [`parse_series`].
pub fn parse_values(values: &str) -> Result<Vec<SequenceValue>, SeriesError> {
    // The notation has no beginning without a series: `{}` stands for it.
    let line = format!("{{}} {values}");
    let shift = |error: SeriesError| {
        let back = |at: u32| at.saturating_sub(3);
        SeriesError { span: Span { start: back(error.span.start), end: back(error.span.end) }, ..error }
    };
    parse_series(&line).map(|line| line.values).map_err(shift)
}

/// How many values may still come.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    left: usize,
}

impl Budget {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, left: limit }
    }

    /// Takes so many off, if they are there.
    pub(super) fn spend(&mut self, values: u64) -> Result<usize, FormatErrorKind> {
        let limit = FormatErrorKind::LimitExceeded { limit: "max_values", value: self.limit as u64 };
        let values = usize::try_from(values).map_err(|_| limit.clone())?;
        self.left = self.left.checked_sub(values).ok_or(limit)?;
        Ok(values)
    }
}

#[cfg(test)]
mod tests;
