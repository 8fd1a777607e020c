//! The storage trait: what a time series database implements to be queried.
//!
//! A store knows nothing of PromQL. It selects series by matchers and lends their samples as
//! columns; every hint of a request may be ignored.

use std::fmt;

use crate::model::{Labels, Matcher, SeriesColumns};

/// What one selector of a query reads.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectRequest {
    /// Every matcher must hold. At least one of them matches no empty value.
    pub matchers: Vec<Matcher>,
    /// First time of interest, in ms since the epoch, inclusive.
    pub start_ms: i64,
    /// Last time of interest, in ms since the epoch, inclusive.
    pub end_ms: i64,
    /// What the query does with the samples; a store may ignore all of it.
    pub hints: SelectHints,
}

/// What the query does with the samples it asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SelectHints {
    /// The range function or aggregation right around the selector, such as `rate`.
    pub function: Option<&'static str>,
    /// The range of a range selector, in ms; 0 for an instant selector.
    pub range_ms: i64,
    /// The distance between evaluation steps, in ms; 0 for an instant query.
    pub step_ms: i64,
    /// The labels the aggregation right around keeps (`by`) or drops (`without`).
    pub grouping: Vec<String>,
    /// Whether `grouping` keeps its labels.
    pub by: bool,
}

/// A store of time series.
///
/// # Contract
///
/// `select` gives every series that all matchers accept and that has samples in the window, in
/// label order (the order of [`Labels`]), each label set once. A series' columns hold its samples with
/// `start_ms <= timestamp <= end_ms`, in ascending time order without duplicates; a store may lend
/// samples outside the window too, the engine ignores them. Stale markers are samples and are kept.
pub trait Storage: Sync {
    /// The series of a request, their samples not yet read.
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError>;

    /// The names of all labels, sorted. By default read off the series.
    fn label_names(&self, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let set = self.select(request)?;
        let mut names: Vec<String> = (0..set.len())
            .flat_map(|i| set.labels(i).iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>())
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The values of one label, sorted. By default read off the series.
    fn label_values(&self, name: &str, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let set = self.select(request)?;
        let mut values: Vec<String> =
            (0..set.len()).filter_map(|i| set.labels(i).get(name).map(str::to_owned)).collect();
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}

/// The series one `select` found: labels at once, samples when asked.
pub trait SeriesSet: Send + Sync {
    /// How many series.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The labels of series `index`, which is below [`SeriesSet::len`].
    fn labels(&self, index: usize) -> &Labels;

    /// The samples of series `index`: lent by the store where it holds columns, or decoded into
    /// `buffer`, which the engine reuses between series.
    fn columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError>;
}

/// Where a store that keeps its samples compressed decodes them.
#[derive(Debug, Default)]
pub struct ColumnBuffer {
    /// Times of the float samples, in ms.
    pub timestamps: Vec<i64>,
    /// The float samples' values.
    pub values: Vec<f64>,
    /// Start times of the float samples, in ms, or empty where none is known; 0 means unknown.
    pub start_timestamps: Vec<i64>,
    /// The histogram samples.
    pub histograms: crate::model::histogram::HistogramBuffer,
}

/// Why a store could not answer.
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
    /// A second sample of a series at one time.
    DuplicateSample {
        /// The series.
        labels: Labels,
        /// The sample's time in ms.
        timestamp_ms: i64,
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
            Self::Backend(message) => write!(f, "the store failed: {message}"),
        }
    }
}

impl std::error::Error for StorageError {}
