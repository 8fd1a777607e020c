//! The in-memory store: samples as plain columns, lent as they are, found by an inverted index.
//!
//! ```
//! use promql_engine::model::Labels;
//! use promql_engine::storage::MemoryStore;
//!
//! let mut store = MemoryStore::new();
//! let up = Labels::from_pairs([("__name__", "up"), ("job", "api")]);
//! store.append(&up, 15_000, 1.0)?;
//! store.append(&up, 30_000, 0.0)?;
//! assert_eq!(store.summary().samples, 2);
//! # Ok::<(), promql_engine::storage::StorageError>(())
//! ```

mod index;
mod select;
mod series;
mod times;

use std::sync::{Arc, OnceLock};

use index::Index;
use rustc_hash::{FxHashMap, FxHashSet};
use series::Series;
use times::TimeColumns;

use super::{Metadata, StorageError};
use crate::model::histogram::{Header, HistogramRef, Layout};
use crate::model::{FloatColumn, LabelInterner, Labels};

/// A store in memory. Fill it through `&mut self`, then query it from any number of threads.
///
/// Values of a series stand in one column; times stand once for all series that were scraped together, and
/// regular times are recognised. Adding samples to known series keeps the index; the first query after a
/// *new* series builds it anew.
#[derive(Debug, Default)]
pub struct MemoryStore {
    labels: LabelInterner,
    series: Vec<Series>,
    times: TimeColumns,
    index: OnceLock<Index>,
    metadata: FxHashMap<Box<str>, Metadata>,
}

/// A series of one [`MemoryStore`], for appending without looking its labels up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeriesId(u32);

/// What a store holds, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Distinct metric names.
    pub metrics: usize,
    /// Series.
    pub series: usize,
    /// Float and histogram samples.
    pub samples: u64,
    /// The oldest sample's time in ms, if there is a sample.
    pub min_time_ms: Option<i64>,
    /// The newest sample's time in ms, if there is a sample.
    pub max_time_ms: Option<i64>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The series with these labels, which is there from now on, if without samples.
    ///
    /// # Errors
    /// [`StorageError::Full`] at 2³² series.
    pub fn series_id(&mut self, labels: &Labels) -> Result<SeriesId, StorageError> {
        let id = self.labels.intern(labels).ok_or(StorageError::Full { what: "series" })?;
        if id as usize == self.series.len() {
            self.series.push(Series::default());
            self.index = OnceLock::new();
        }
        Ok(SeriesId(id))
    }

    /// Adds a float sample to the series with these labels.
    ///
    /// # Errors
    /// [`StorageError::OutOfOrder`] and [`StorageError::DuplicateSample`], for times at or before the series' newest
    /// sample of either kind; [`StorageError::Full`].
    pub fn append(&mut self, labels: &Labels, timestamp_ms: i64, value: f64) -> Result<(), StorageError> {
        let id = self.series_id(labels)?;
        self.append_to(id, timestamp_ms, 0, value)
    }

    /// Adds a float sample that counts since `start_timestamp_ms` (0 where unknown). Errors as [`MemoryStore::append`].
    pub fn append_to(
        &mut self,
        id: SeriesId,
        timestamp_ms: i64,
        start_timestamp_ms: i64,
        value: f64,
    ) -> Result<(), StorageError> {
        self.check_time(id, timestamp_ms)?;
        let Some(series) = self.series.get_mut(id.0 as usize) else {
            return Err(StorageError::Full { what: "series" });
        };
        let times = self.times.append(series.float_times, timestamp_ms);
        series.float_times = times.ok_or(StorageError::Full { what: "samples" })?;
        series.push_float(value, start_timestamp_ms);
        Ok(())
    }

    /// Adds a native histogram sample to the series with these labels: its numbers, its layout, and the counts of its
    /// buckets, positive ones first. `header.layout` and `header.buckets` are set here. A sum that is the stale
    /// marker makes it one.
    ///
    /// # Errors
    /// As [`MemoryStore::append`]; [`StorageError::MismatchedColumns`] where the layout wants another number of buckets.
    pub fn append_histogram(
        &mut self,
        labels: &Labels,
        timestamp_ms: i64,
        start_timestamp_ms: i64,
        header: Header,
        layout: &Arc<Layout>,
        buckets: &[f64],
    ) -> Result<(), StorageError> {
        let wanted: u64 = layout
            .positive_spans
            .iter()
            .chain(&layout.negative_spans)
            .map(|span| u64::from(span.length))
            .sum();
        if wanted != buckets.len() as u64 {
            let detail = "the layout and the bucket counts differ in length";
            return Err(StorageError::MismatchedColumns { labels: labels.clone(), detail });
        }
        let id = self.series_id(labels)?;
        self.check_time(id, timestamp_ms)?;
        let Some(series) = self.series.get_mut(id.0 as usize) else {
            return Err(StorageError::Full { what: "series" });
        };
        let place = series.place_histogram(layout, buckets.len());
        let (layout_number, first_bucket) =
            place.ok_or(StorageError::Full { what: "buckets of a series" })?;
        let times = self.times.append(series.histogram_times(), timestamp_ms);
        let times = times.ok_or(StorageError::Full { what: "samples" })?;
        let header = Header { layout: layout_number, buckets: first_bucket, ..header };
        series.push_histogram(times, header, layout, buckets, start_timestamp_ms);
        Ok(())
    }

    /// The newest sample of a series, where it is a native histogram.
    pub fn newest_histogram(&self, id: SeriesId) -> Option<HistogramRef<'_>> {
        let series = self.series.get(id.0 as usize)?;
        let time = self.times.last(series.histogram_times())?;
        let samples = series.histogram_samples();
        let newest = self.times.last(series.float_times).is_none_or(|float| float < time);
        newest.then(|| samples.at(samples.len().saturating_sub(1)))
    }

    /// The newest float of a series and its time in ms.
    pub fn newest_float(&self, id: SeriesId) -> Option<(i64, f64)> {
        let series = self.series.get(id.0 as usize)?;
        let time = self.times.last(series.float_times)?;
        Some((time, series.newest_float()?))
    }

    /// Adds a run of float samples to the series with these labels; the samples before a refused one stay.
    ///
    /// # Errors
    /// As [`MemoryStore::append`]; [`StorageError::MismatchedColumns`] where the columns differ in length.
    pub fn append_columns(&mut self, labels: &Labels, floats: FloatColumn<'_>) -> Result<(), StorageError> {
        let FloatColumn { timestamps, values, start_timestamps } = floats;
        if timestamps.len() != values.len()
            || !(start_timestamps.is_empty() || start_timestamps.len() == values.len())
        {
            let detail = "times, values and start times differ in length";
            return Err(StorageError::MismatchedColumns { labels: labels.clone(), detail });
        }
        let id = self.series_id(labels)?;
        if let Some(series) = self.series.get_mut(id.0 as usize) {
            series.reserve(values.len());
        }
        for (at, value) in values.iter().enumerate() {
            let start = start_timestamps.get(at).copied().unwrap_or_default();
            self.append_to(id, timestamps.at(at), start, *value)?;
        }
        Ok(())
    }

    /// Says what is known of a metric; a later word replaces an earlier one.
    pub fn set_metadata(&mut self, metric: &str, metadata: Metadata) {
        self.metadata.insert(metric.into(), metadata);
    }

    /// All known metadata, by metric name.
    pub fn all_metadata(&self) -> Vec<(&str, &Metadata)> {
        let mut all: Vec<_> = self.metadata.iter().map(|(name, metadata)| (&**name, metadata)).collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// What the store holds, in figures. Reads every series' ends.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { series: self.series.len(), ..Summary::default() };
        let mut names = FxHashSet::default();
        names.extend(self.labels.as_slice().iter().filter_map(Labels::metric_name));
        summary.metrics = names.len();
        for series in &self.series {
            summary.samples += series.samples();
            for times in [series.float_times, series.histogram_times()] {
                let column = self.times.column(times);
                if let (Some(&first), Some(&last)) = (column.first(), column.last()) {
                    summary.min_time_ms = Some(summary.min_time_ms.map_or(first, |time| time.min(first)));
                    summary.max_time_ms = Some(summary.max_time_ms.map_or(last, |time| time.max(last)));
                }
            }
        }
        summary
    }

    /// The bytes that samples and their times take, shared times counted once.
    pub fn sample_bytes(&self) -> usize {
        self.times.size() + self.series.iter().map(Series::size).sum::<usize>()
    }

    /// Builds the index now rather than in the first query.
    pub fn build_index(&self) {
        self.index();
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::build(&self.labels))
    }

    /// Whether a sample at this time may follow the series' newest one, of either kind.
    fn check_time(&self, id: SeriesId, timestamp_ms: i64) -> Result<(), StorageError> {
        let Some(series) = self.series.get(id.0 as usize) else {
            return Err(StorageError::Full { what: "series" });
        };
        let newest = self.times.last(series.float_times).max(self.times.last(series.histogram_times()));
        match newest {
            Some(newest) if timestamp_ms <= newest => {
                let labels = self.labels.get(id.0).cloned().unwrap_or_default();
                Err(if timestamp_ms == newest {
                    StorageError::DuplicateSample { labels, timestamp_ms }
                } else {
                    StorageError::OutOfOrder { labels, timestamp_ms }
                })
            }
            _ => Ok(()),
        }
    }
}
