//! A data set as plain values: what the generator makes, the notation writes, a store is filled with and a shrinker cuts.

use std::sync::Arc;

use crate::model::histogram::{CounterResetHint, FloatHistogram, Header, HistogramRef, Layout};
use crate::model::{Labels, is_stale};
use crate::storage::{MemoryStore, StorageError};

/// Series in blocks of one interval each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataSet {
    /// The blocks; no label set stands in two.
    pub blocks: Vec<Block>,
}

/// Series whose samples lie at multiples of one interval, as a `load` command has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The interval in ms.
    pub interval_ms: i64,
    /// The series, each label set once.
    pub series: Vec<SeriesData>,
}

/// One series: an item for each multiple of the block's interval, from 0 on.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesData {
    /// Its labels.
    pub labels: Labels,
    /// Its samples.
    pub items: Vec<Item>,
    /// For each item, where known, its start time relative to its own time, in ms; empty where none is known.
    pub starts: Vec<Option<i64>>,
}

/// What stands at one place of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// No sample.
    Omitted,
    /// A float, which may be the stale marker.
    Float(f64),
    /// A native histogram; its hint is what a writer says, not what a store makes of it.
    Histogram(Box<FloatHistogram>),
}

impl DataSet {
    /// All series.
    pub fn series(&self) -> impl Iterator<Item = &SeriesData> {
        self.blocks.iter().flat_map(|block| &block.series)
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        let present =
            |series: &SeriesData| series.items.iter().filter(|item| **item != Item::Omitted).count();
        self.series().map(present).sum()
    }

    /// A store with these samples. Hints of histograms are those that Prometheus' database would give: a gauge is one,
    /// a histogram that goes on from the one before is no reset, and of any other nothing is known.
    ///
    /// # Errors
    ///
    /// The store's, where a label set stands in two blocks.
    pub fn to_store(&self) -> Result<MemoryStore, StorageError> {
        let mut store = MemoryStore::new();
        for block in &self.blocks {
            for series in &block.series {
                series.fill(&mut store, block.interval_ms)?;
            }
        }
        Ok(store)
    }
}

impl SeriesData {
    fn fill(&self, store: &mut MemoryStore, interval_ms: i64) -> Result<(), StorageError> {
        let id = store.series_id(&self.labels)?;
        let mut before: Option<&FloatHistogram> = None;
        for (index, item) in self.items.iter().enumerate() {
            let time_ms = interval_ms.saturating_mul(index as i64);
            let start = self.starts.get(index).copied().flatten();
            let start_ms = start.map_or(0, |start| time_ms.saturating_add(start));
            match item {
                Item::Omitted => {}
                Item::Float(value) => {
                    store.append_to(id, time_ms, start_ms, *value)?;
                    before = None;
                }
                Item::Histogram(histogram) => {
                    let hint = stored_hint(before, histogram);
                    append(
                        store,
                        &self.labels,
                        (time_ms, start_ms),
                        HistogramRef { counter_reset_hint: hint, ..FloatHistogram::as_ref(histogram) },
                    )?;
                    before = Some(histogram);
                }
            }
        }
        Ok(())
    }
}

fn stored_hint(before: Option<&FloatHistogram>, now: &FloatHistogram) -> CounterResetHint {
    if now.counter_reset_hint == CounterResetHint::Gauge {
        return CounterResetHint::Gauge;
    }
    let goes_on = before.is_some_and(|before| {
        before.counter_reset_hint != CounterResetHint::Gauge
            && now.counter_reset_hint != CounterResetHint::Reset
            && before.schema == now.schema
            && before.zero_threshold == now.zero_threshold
            && before.custom_bounds == now.custom_bounds
            && !is_stale(before.sum)
            && !unhinted(now).detect_reset(&unhinted(before))
    });
    if goes_on { CounterResetHint::NotReset } else { CounterResetHint::Unknown }
}

/// As the database looks at it, which finds resets by itself.
fn unhinted(histogram: &FloatHistogram) -> HistogramRef<'_> {
    HistogramRef { counter_reset_hint: CounterResetHint::Unknown, ..histogram.as_ref() }
}

fn append(
    store: &mut MemoryStore,
    labels: &Labels,
    (time_ms, start_ms): (i64, i64),
    histogram: HistogramRef<'_>,
) -> Result<(), StorageError> {
    let layout = Arc::new(Layout {
        schema: histogram.schema,
        zero_threshold: histogram.zero_threshold,
        positive_spans: histogram.positive_spans.to_vec(),
        negative_spans: histogram.negative_spans.to_vec(),
        custom_bounds: histogram.custom_bounds.to_vec(),
    });
    let header = Header {
        layout: 0,
        buckets: 0,
        counter_reset_hint: histogram.counter_reset_hint,
        zero_count: histogram.zero_count,
        count: histogram.count,
        sum: histogram.sum,
    };
    let buckets = [histogram.positive_buckets, histogram.negative_buckets].concat();
    store.append_histogram(labels, time_ms, start_ms, header, &layout, &buckets)
}
