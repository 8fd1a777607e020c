//! Why a store could not take a sample or answer a request.

use std::fmt;

use crate::model::Labels;

/// Why a store could not answer, or refused a sample.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StorageError {
    /// A sample older than the newest of its series.
    OutOfOrder {
        /// The series.
        labels: Labels,
        /// The sample's time in ms.
        timestamp_ms: i64,
    },
    /// A second sample of a series at one time, be it a float or a histogram.
    DuplicateSample {
        /// The series.
        labels: Labels,
        /// The sample's time in ms.
        timestamp_ms: i64,
    },
    /// Columns given together that do not belong together, such as fewer values than times.
    MismatchedColumns {
        /// The series.
        labels: Labels,
        /// Which lengths differ, or which reference leads nowhere.
        detail: &'static str,
    },
    /// The store holds as much of something as it can count.
    Full {
        /// What there is too much of, such as `series`.
        what: &'static str,
    },
    /// The store's own failure, such as a lost connection.
    Backend(String),
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfOrder { labels, timestamp_ms } => {
                write!(f, "a sample of {labels} at {timestamp_ms} ms is older than the series' newest")
            }
            Self::DuplicateSample { labels, timestamp_ms } => {
                write!(f, "a second sample of {labels} at {timestamp_ms} ms")
            }
            Self::MismatchedColumns { labels, detail } => write!(f, "columns of {labels}: {detail}"),
            Self::Full { what } => write!(f, "the store cannot hold more {what}"),
            Self::Backend(message) => write!(f, "the store failed: {message}"),
        }
    }
}

impl std::error::Error for StorageError {}
