//! How a file is to be read, and what came of it.

use super::Format;
use super::error::FormatError;

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The file's format; by default [`sniff`](super::sniff) decides.
    pub format: Option<Format>,
    /// The time of samples that have none, in ms since the epoch. By default such a sample is an error.
    pub default_timestamp_ms: Option<i64>,
    /// Skip malformed lines and refused samples, and count them.
    pub keep_going: bool,
    /// With `keep_going`: how many of the errors the report holds; all are counted. 100 by default.
    pub max_errors: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { format: None, default_timestamp_ms: None, keep_going: false, max_errors: 100 }
    }
}

/// What came of a reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReadReport {
    /// The format it was read in.
    pub format: Format,
    /// Lines of the file.
    pub lines: usize,
    /// Samples that the sink took.
    pub samples: u64,
    /// Distinct series, those of skipped lines among them.
    pub series: usize,
    /// Lines that were skipped with an error.
    pub skipped_lines: usize,
    /// The first of the errors.
    pub errors: Vec<FormatError>,
}

impl ReadReport {
    pub(super) fn new(format: Format) -> Self {
        Self { format, lines: 0, samples: 0, series: 0, skipped_lines: 0, errors: Vec::new() }
    }

    /// Ends the reading with this error, or counts it and goes on.
    pub(super) fn fault(&mut self, options: &ReadOptions, error: FormatError) -> Result<(), FormatError> {
        if !options.keep_going {
            return Err(error);
        }
        self.skipped_lines += 1;
        if self.errors.len() < options.max_errors {
            self.errors.push(error);
        }
        Ok(())
    }
}
