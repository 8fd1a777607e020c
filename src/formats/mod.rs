//! Readers and writers of text formats.
//!
//! | format | what it is |
//! |---|---|
//! | [`Format::Prometheus`] | the text exposition format 0.0.4; timestamps in ms |
//! | [`Format::OpenMetrics`] | OpenMetrics 1.0; timestamps in seconds, `# EOF` at the end |
//! | [`Format::Load`] | the `load` blocks of test scripts; the first sample of each stands at the epoch |
//!
//! [`series`] reads lines of the `load` notation of test scripts, [`load`](mod@load) whole blocks of them.
//!
//! [`load`](fn@load) fills a store from a file's bytes; [`read`] hands samples to any [`Sink`]. A series may come again with
//! later timestamps: a file can be a history.
//!
//! ```
//! use promql_engine::formats::{self, ReadOptions};
//! use promql_engine::storage::MemoryStore;
//!
//! let text = "# TYPE up gauge\nup{job=\"api\"} 1 1000\nup{job=\"api\"} 0 2000\n";
//! let mut store = MemoryStore::new();
//! let report = formats::load("up.prom", text.as_bytes(), &ReadOptions::default(), &mut store)?;
//! assert_eq!((report.samples, report.series), (2, 1));
//! # Ok::<(), formats::FormatError>(())
//! ```
//!
//! # Strictness
//!
//! The readers accept what Prometheus' own parsers accept, with these differences, each on the strict side: a quoted string
//! ends on its line; a label stands once in a series; a metadata line has a space behind its name; NUL is a character like any.
//! `_created` lines of OpenMetrics counters, histograms and summaries are start timestamps of the samples around them, and no series.
//!
//! # Faults
//!
//! A malformed line is an error with file, line, column and what was expected there. The store then
//! holds what stood before it: drop it. With [`ReadOptions::keep_going`] such lines are skipped, counted, and
//! reported in the [`ReadReport`]. Nothing is left out without a word.

pub mod load;
pub mod series;

mod error;
mod report;
mod sink;
mod sniff;
mod text;

pub use error::{FormatError, FormatErrorKind};
pub use report::{ReadOptions, ReadReport};
pub use sink::{Sample, Sink, StoreSink};
pub use sniff::{Format, sniff};

use crate::storage::MemoryStore;
use text::Dialect;

/// Reads a file's bytes into a sink. `file` is the name that errors give.
///
/// # Errors
/// The first malformed or refused line, unless [`ReadOptions::keep_going`] is set. A script of `load` blocks: its samples may be
/// histograms, for which [`load`](fn@load) is there.
pub fn read<S: Sink>(
    file: &str,
    bytes: &[u8],
    options: &ReadOptions,
    sink: &mut S,
) -> Result<ReadReport, FormatError> {
    match options.format.unwrap_or_else(|| sniff(bytes)) {
        Format::Prometheus => text::read(Dialect::Prometheus, file, bytes, options, sink),
        Format::OpenMetrics => text::read(Dialect::OpenMetrics, file, bytes, options, sink),
        Format::Load => {
            let kind = FormatErrorKind::expected("exposition text, not a script of `load` blocks", bytes);
            Err(FormatError::at(file, 1, bytes, 0, kind))
        }
    }
}

/// Reads a file's bytes into a store, which may hold samples already. After an error the store holds a part of the file.
///
/// # Errors
/// As [`read`]; a sample that is older than its series' newest is refused with its line.
pub fn load(
    file: &str,
    bytes: &[u8],
    options: &ReadOptions,
    store: &mut MemoryStore,
) -> Result<ReadReport, FormatError> {
    match options.format.unwrap_or_else(|| sniff(bytes)) {
        Format::Load => load::script::read(file, bytes, options, store),
        format => {
            let options = ReadOptions { format: Some(format), ..options.clone() };
            read(file, bytes, &options, &mut StoreSink::new(store))
        }
    }
}
