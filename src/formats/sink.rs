//! Where readers put what they read: a trait, so that a reader knows nothing of the store behind it.

use crate::model::Labels;
use crate::storage::{MemoryStore, Metadata, SeriesId, StorageError};

/// One sample as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// A dense number of the series within one reading, from 0 up: equal numbers, equal labels.
    pub series: usize,
    /// The series' labels, the metric's name among them.
    pub labels: &'a Labels,
    /// When, in ms since the epoch.
    pub timestamp_ms: i64,
    /// Since when a cumulative value counts, in ms since the epoch; 0 where unknown.
    pub start_timestamp_ms: i64,
    /// What. NaN has its ordinary bits; only the `load` notation can write a stale marker.
    pub value: f64,
}

/// What takes the samples of a reading, in the order of the file.
pub trait Sink {
    /// Takes a sample, or says why not; the reader adds the place in the file.
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError>;

    /// Takes what the file says of a metric family; a family may come again, and the later word counts.
    fn metadata(&mut self, family: &str, metadata: &Metadata);
}

/// Fills a [`MemoryStore`]. Samples of a series must come in ascending time; others are refused, never dropped.
#[derive(Debug)]
pub struct StoreSink<'a> {
    store: &'a mut MemoryStore,
    /// The store's series by the reading's numbers: labels are looked up once a series, not once a sample.
    known: Vec<Option<SeriesId>>,
}

impl<'a> StoreSink<'a> {
    /// A sink for one reading. A second reading numbers its series anew and needs a sink of its own.
    pub fn new(store: &'a mut MemoryStore) -> Self {
        Self { store, known: Vec::new() }
    }
}

impl Sink for StoreSink<'_> {
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError> {
        let id = match self.known.get(sample.series) {
            Some(Some(id)) => *id,
            _ => {
                let id = self.store.series_id(sample.labels)?;
                if self.known.len() <= sample.series {
                    self.known.resize(sample.series + 1, None);
                }
                self.known[sample.series] = Some(id);
                id
            }
        };
        self.store.append_to(id, sample.timestamp_ms, sample.start_timestamp_ms, sample.value)
    }

    fn metadata(&mut self, family: &str, metadata: &Metadata) {
        self.store.set_metadata(family, metadata.clone());
    }
}
