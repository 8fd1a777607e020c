//! Where the answers of rules go.

use std::sync::Arc;

use crate::exec::value::SampleValue;
use crate::formats::FormatErrorKind;
use crate::formats::load::{LoadSample, append_sample};
use crate::formats::series::SequenceValue;
use crate::model::Labels;
use crate::storage::{MemoryStore, Storage, StorageError};

/// A store that takes samples of rules, and answers queries that see them at once.
pub trait RuleStore: Storage {
    /// Adds a sample, at a time in ms since the epoch. A sample that the series has at that time already, with the same value, is no error.
    ///
    /// # Errors
    /// [`StorageError::OutOfOrder`] and [`StorageError::DuplicateSample`] for times at or before the series' newest sample; whatever
    /// else the store fails with.
    fn append(&mut self, labels: &Labels, time_ms: i64, value: &SampleValue) -> Result<(), StorageError>;
}

impl RuleStore for MemoryStore {
    fn append(&mut self, labels: &Labels, time_ms: i64, value: &SampleValue) -> Result<(), StorageError> {
        let id = self.series_id(labels)?;
        let value = match value {
            SampleValue::Float(value) => {
                let same = |(at, newest): (i64, f64)| at == time_ms && newest.to_bits() == value.to_bits();
                if self.newest_float(id).is_some_and(same) {
                    return Ok(());
                }
                SequenceValue::Float(*value)
            }
            SampleValue::Histogram(histogram) => {
                SequenceValue::Histogram { histogram: Arc::new((**histogram).clone()), hint_set: false }
            }
        };
        let sample = LoadSample { timestamp_ms: time_ms, start_timestamp_ms: 0, value };
        append_sample(self, labels, &sample).map_err(|kind| match kind {
            FormatErrorKind::Storage(error) => error,
            other => StorageError::Backend(other.to_string()),
        })
    }
}
