//! The storage trait: what a time series database implements to be queried.
//!
//! A store knows nothing of PromQL. It selects series by matchers and lends their samples as
//! columns; every hint of a request may be ignored. [`MemoryStore`] is the store that comes along;
//! `testing::storage_suite` (feature `testing`) holds the tests that any implementation can run against itself.

mod error;
mod estimate;
mod memory;
mod metadata;
mod request;

pub use error::StorageError;
pub use estimate::SelectEstimate;
pub use memory::{MemoryStore, SeriesId, Summary};
pub use metadata::{Metadata, MetricType};
pub use request::{SelectHints, SelectRequest};

use crate::model::{Labels, SeriesColumns, histogram::HistogramBuffer};

/// A store of time series.
///
/// # Contract
///
/// Only [`Storage::select`] is required; the other methods have defaults on top of it. All of them may be
/// called from several threads at once and give the same answers until samples are added.
///
/// **Which series.** Every series that all matchers accept and that has at least one sample in the window,
/// `start_ms <= timestamp <= end_ms`. A label that a series lacks counts as the empty value, so `a=""` asks for
/// series without `a`, and `a!="x"` accepts them. A series without samples in the window may be given too;
/// it costs time and changes no answer. An empty answer is an empty set, not an error.
///
/// **In which order.** By labels, in the order of [`Labels`], each label set once.
///
/// **Which samples.** All in the window, in ascending time order, no time twice within a series, its floats and
/// histograms taken together. Samples outside the window may be lent too (a store that holds whole columns
/// need not cut them); the engine passes over them. Stale markers are samples and are kept, bit by bit.
///
/// **Errors.** A store that cannot answer in full fails; it never leaves out what it could not read.
pub trait Storage: Sync {
    /// The series of a request, their samples not yet read.
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError>;

    /// The label sets that [`Storage::select`] finds, in its order, without their samples.
    fn series(&self, request: &SelectRequest) -> Result<Vec<Labels>, StorageError> {
        let set = self.select(request)?;
        Ok((0..set.len()).map(|index| set.labels(index).clone()).collect())
    }

    /// The names of all labels of the request's series, sorted, each once. By default read off the series.
    fn label_names(&self, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let set = self.select(request)?;
        let mut names: Vec<&str> =
            (0..set.len()).flat_map(|index| set.labels(index).iter().map(|(name, _)| name)).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    /// The values of one label on the request's series, sorted, each once. By default read off the series.
    fn label_values(&self, name: &str, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let set = self.select(request)?;
        let mut values: Vec<&str> = (0..set.len()).filter_map(|index| set.labels(index).get(name)).collect();
        values.sort_unstable();
        values.dedup();
        Ok(values.into_iter().map(str::to_owned).collect())
    }

    /// What [`Storage::select`] would give, from a bounded look at the store: asked for to tell what a query would cost before it runs.
    /// `None` (the default) where that is not known; then the series are counted by [`Storage::series`].
    /// [`SelectEstimate::of_set`] does for stores that read a series at little cost.
    fn estimate(&self, request: &SelectRequest) -> Result<Option<SelectEstimate>, StorageError> {
        let _ = request;
        Ok(None)
    }

    /// What the store knows of a metric: its type, help and unit; `None` (the default) where it knows nothing.
    fn metadata(&self, metric: &str) -> Result<Option<Metadata>, StorageError> {
        let _ = metric;
        Ok(None)
    }
}

/// The series one [`Storage::select`] found: labels at once, samples when asked.
pub trait SeriesSet: Send + Sync {
    /// How many series.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The labels of series `index`, which is below [`SeriesSet::len`]. Cheap: the engine asks for them more than once.
    fn labels(&self, index: usize) -> &Labels;

    /// The samples of series `index`: lent by the store where it holds columns, or decoded into
    /// `buffer`, which the engine reuses between series and which may hold an earlier series' samples
    /// (see [`ColumnBuffer::clear`]). Asked in any order, from several threads, and perhaps twice or never.
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
    pub histograms: HistogramBuffer,
}

impl ColumnBuffer {
    /// Forgets the samples and keeps the memory.
    pub fn clear(&mut self) {
        self.timestamps.clear();
        self.values.clear();
        self.start_timestamps.clear();
        self.histograms.timestamps.clear();
        self.histograms.headers.clear();
        self.histograms.layouts.clear();
        self.histograms.buckets.clear();
    }
}
