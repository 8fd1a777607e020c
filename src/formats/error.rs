//! What is wrong with a file, and where: file, line, column, and what was expected there.

use std::fmt;

use crate::storage::StorageError;

/// A place in a file that its format does not allow, or that the store refused.
#[derive(Debug, Clone, PartialEq)]
pub struct FormatError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: FormatErrorKind,
}

/// What is wrong with a place in a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FormatErrorKind {
    /// Something else should stand here, such as a value where the line ends.
    Expected {
        /// What should stand here, as text to follow "expected".
        expected: &'static str,
        /// The beginning of what stands here; empty at the end of the line.
        found: String,
    },
    /// One label name stands twice in one series.
    DuplicateLabel {
        /// The name.
        name: String,
    },
    /// A series without a single label.
    NoLabels,
    /// A `UNIT` line whose metric's name does not end in the unit.
    UnitNotInName {
        /// The metric.
        metric: String,
        /// The unit.
        unit: String,
    },
    /// A sample without a time, and no time was given for such samples.
    MissingTimestamp,
    /// A bound of the options was reached.
    LimitExceeded {
        /// The option's name, such as `max_values`.
        limit: &'static str,
        /// Its value.
        value: u64,
    },
    /// Histograms that cannot be added up to a sequence; the text says why.
    Histogram(String),
    /// Start timestamps that do not fit the series they stand before; the text says why.
    StartTimestamps(&'static str),
    /// The store refused the sample, for instance because it is older than the one before.
    Storage(StorageError),
}

impl FormatErrorKind {
    /// An [`FormatErrorKind::Expected`] that quotes the beginning of `rest`.
    pub(crate) fn expected(expected: &'static str, rest: &[u8]) -> Self {
        const QUOTED: usize = 24;
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let text = String::from_utf8_lossy(line.get(..4 * QUOTED).unwrap_or(line));
        let mut found: String = text.chars().take(QUOTED).collect();
        if found.len() < line.len() && text.chars().nth(QUOTED).is_some() {
            found.push('…');
        }
        Self::Expected { expected, found }
    }
}

impl FormatError {
    /// An error at a byte of a line.
    pub(crate) fn at(file: &str, line: usize, text: &[u8], offset: usize, kind: FormatErrorKind) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        Self { file: file.to_owned(), line, column, kind }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, kind } = self;
        write!(f, "{file}:{line}:{column}: {kind}")
    }
}

impl fmt::Display for FormatErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected { expected, found } if found.is_empty() => {
                write!(f, "expected {expected}, found the end of the line")
            }
            Self::Expected { expected, found } => write!(f, "expected {expected}, found {found:?}"),
            Self::DuplicateLabel { name } => write!(f, "the label {name:?} stands twice"),
            Self::NoLabels => f.write_str("a series needs a label"),
            Self::UnitNotInName { metric, unit } => {
                write!(f, "the name {metric:?} does not end in its unit {unit:?}")
            }
            Self::MissingTimestamp => {
                f.write_str("a sample without a time, and no time was given for such samples")
            }
            Self::LimitExceeded { limit, value } => write!(f, "more than {limit} = {value}"),
            Self::Histogram(message) => f.write_str(message),
            Self::StartTimestamps(message) => f.write_str(message),
            Self::Storage(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FormatError {}
