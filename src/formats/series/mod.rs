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

/// How many samples one line may stand for.
pub const MAX_VALUES: usize = 1 << 20;

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
/// The first fault of the line; a line of more than [`MAX_VALUES`] samples.
pub fn parse_series(line: &str) -> Result<SeriesLine, SeriesError> {
    let mut reader = Reader::new(line, true)?;
    let labels = reader.labels()?;
    let values = reader.values()?;
    Ok(SeriesLine { labels, values })
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
