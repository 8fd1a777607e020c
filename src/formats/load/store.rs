//! Blocks into a store, as Prometheus' own storage would hold and read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{LoadBlock, LoadSample, LoadSeries, custom_buckets};
use crate::formats::error::FormatErrorKind;
use crate::formats::series::SequenceValue;
use crate::model::histogram::{BucketSpan, CounterResetHint, FloatHistogram, Header, HistogramRef, Layout};
use crate::model::{Labels, is_stale};
use crate::storage::MemoryStore;

/// What is wrong, and the line it is on.
type Refused = (usize, FormatErrorKind);

pub(super) fn fill(block: &LoadBlock, store: &mut MemoryStore) -> Result<(), Refused> {
    for series in &block.series {
        append(store, series).map_err(|kind| (series.line, kind))?;
    }
    if block.with_custom_buckets {
        let converted = custom_buckets::convert(&block.series).map_err(|kind| (block.line, kind))?;
        for series in converted {
            append(store, &series).map_err(|kind| (block.line, kind))?;
        }
    }
    Ok(())
}

fn append(store: &mut MemoryStore, series: &LoadSeries) -> Result<(), FormatErrorKind> {
    if series.labels.is_empty() && !series.samples.is_empty() {
        return Err(FormatErrorKind::NoLabels);
    }
    series.samples.iter().try_for_each(|sample| append_sample(store, &series.labels, sample))
}

/// Adds one sample to a series.
pub(crate) fn append_sample(
    store: &mut MemoryStore,
    labels: &Labels,
    sample: &LoadSample,
) -> Result<(), FormatErrorKind> {
    match &sample.value {
        SequenceValue::Omitted => Ok(()),
        SequenceValue::Float(value) => {
            let id = store.series_id(labels).map_err(FormatErrorKind::Storage)?;
            store
                .append_to(id, sample.timestamp_ms, sample.start_timestamp_ms, *value)
                .map_err(FormatErrorKind::Storage)
        }
        SequenceValue::Histogram { histogram, .. } => append_histogram(store, labels, sample, histogram),
    }
}

fn append_histogram(
    store: &mut MemoryStore,
    labels: &Labels,
    sample: &LoadSample,
    histogram: &FloatHistogram,
) -> Result<(), FormatErrorKind> {
    let view = histogram.as_ref();
    view.validate().map_err(|error| FormatErrorKind::Histogram(error.to_string()))?;
    let layout = Arc::new(Layout {
        schema: view.schema,
        zero_threshold: view.zero_threshold,
        positive_spans: view.positive_spans.to_vec(),
        negative_spans: view.negative_spans.to_vec(),
        custom_bounds: view.custom_bounds.to_vec(),
    });
    let id = store.series_id(labels).map_err(FormatErrorKind::Storage)?;
    let header = Header {
        layout: 0,
        buckets: 0,
        counter_reset_hint: stored_hint(view, store.newest_histogram(id)),
        zero_count: view.zero_count,
        count: view.count,
        sum: view.sum,
    };
    let buckets = [view.positive_buckets, view.negative_buckets].concat();
    store
        .append_histogram(labels, sample.timestamp_ms, sample.start_timestamp_ms, header, &layout, &buckets)
        .map_err(FormatErrorKind::Storage)
}

/// What Prometheus' storage says of a reset when the sample is read.
///
/// It keeps counters that do not reset in one chunk, of one schema, zero bucket and custom bounds: what follows in a chunk did not
/// reset, and of the first of a chunk nothing is known.
fn stored_hint(histogram: HistogramRef<'_>, previous: Option<HistogramRef<'_>>) -> CounterResetHint {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    match (histogram.counter_reset_hint, previous) {
        (Gauge, _) => Gauge,
        (Reset, _) | (_, None) => Unknown,
        (_, Some(previous)) => {
            let same_chunk = previous.counter_reset_hint != Gauge
                && !is_stale(previous.sum)
                && histogram.schema == previous.schema
                && histogram.zero_threshold == previous.zero_threshold
                && (!histogram.uses_custom_buckets() || histogram.custom_bounds == previous.custom_bounds)
                && !fell(histogram, previous);
            if same_chunk { NotReset } else { Unknown }
        }
    }
}

/// Whether a count is lower than in the histogram before it, of the same schema, zero bucket and bounds. Storage compares
/// bucket by bucket, also those that overlap the zero bucket.
fn fell(now: HistogramRef<'_>, before: HistogramRef<'_>) -> bool {
    let side_fell = |now: BTreeMap<i64, f64>, before: BTreeMap<i64, f64>| {
        before.iter().any(|(index, count)| now.get(index).copied().unwrap_or_default() < *count)
    };
    now.count < before.count
        || now.zero_count < before.zero_count
        || side_fell(
            by_index(now.positive_spans, now.positive_buckets),
            by_index(before.positive_spans, before.positive_buckets),
        )
        || side_fell(
            by_index(now.negative_spans, now.negative_buckets),
            by_index(before.negative_spans, before.negative_buckets),
        )
}

/// The counts of the buckets that spans name.
fn by_index(spans: &[BucketSpan], buckets: &[f64]) -> BTreeMap<i64, f64> {
    let mut next = 0;
    let indexes = spans.iter().flat_map(|span| {
        let first = next + i64::from(span.offset);
        next = first + i64::from(span.length);
        first..next
    });
    indexes.zip(buckets.iter().copied()).collect()
}
