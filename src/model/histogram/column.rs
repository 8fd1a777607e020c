//! Columns of histogram samples: headers, shared layouts, one array of bucket counts.

use std::sync::Arc;

use super::{CounterResetHint, HistogramRef};

/// A run of buckets: `offset` empty ones after the last run (or from bucket 0), then `length` present ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BucketSpan {
    /// Gap to the run before; for the first run its first bucket's index, which may be negative.
    pub offset: i32,
    /// Number of buckets.
    pub length: u32,
}

/// Which buckets a histogram has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// Resolution −4…8, or −53 for custom bounds.
    pub schema: i32,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Runs of positive (or custom) buckets.
    pub positive_spans: Vec<BucketSpan>,
    /// Runs of negative buckets.
    pub negative_spans: Vec<BucketSpan>,
    /// Upper bounds of custom buckets, ascending, without +Inf; empty in exponential schemas.
    pub custom_bounds: Vec<f64>,
}

impl Layout {
    /// Whether a histogram has exactly this layout.
    fn is_of(&self, histogram: HistogramRef<'_>) -> bool {
        self.schema == histogram.schema
            && self.zero_threshold.to_bits() == histogram.zero_threshold.to_bits()
            && self.positive_spans == histogram.positive_spans
            && self.negative_spans == histogram.negative_spans
            && self.custom_bounds == histogram.custom_bounds
    }
}

/// The numbers of one histogram sample and where its buckets stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// Index of its layout.
    pub layout: u32,
    /// First of its buckets in the bucket array: the positive ones, then the negative ones.
    pub buckets: u32,
    /// What is known of a reset.
    pub counter_reset_hint: CounterResetHint,
    /// Count in the zero bucket.
    pub zero_count: f64,
    /// Count of all observations.
    pub count: f64,
    /// Sum of all observations; the stale marker here makes the sample one.
    pub sum: f64,
}

/// Histogram samples, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HistogramSamples<'a> {
    /// One a sample.
    pub headers: &'a [Header],
    /// Layouts that headers name.
    pub layouts: &'a [Arc<Layout>],
    /// Absolute bucket counts of all samples.
    pub buckets: &'a [f64],
}

impl<'a> HistogramSamples<'a> {
    /// How many samples.
    pub const fn len(&self) -> usize {
        self.headers.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// The sample at `index`, which is below [`HistogramSamples::len`]. What a header names and the column
    /// does not hold reads as empty, so that a store's mistake stays a wrong histogram.
    #[inline]
    pub fn at(&self, index: usize) -> HistogramRef<'a> {
        let Some(header) = self.headers.get(index) else { return HistogramRef::EMPTY };
        let Some(layout) = self.layouts.get(header.layout as usize) else { return HistogramRef::EMPTY };
        let buckets = self.buckets.get(header.buckets as usize..).unwrap_or(&[]);
        let (positive, rest) = buckets.split_at(bucket_count(&layout.positive_spans).min(buckets.len()));
        let negative = rest.get(..bucket_count(&layout.negative_spans)).unwrap_or(rest);
        HistogramRef {
            counter_reset_hint: header.counter_reset_hint,
            schema: layout.schema,
            zero_threshold: layout.zero_threshold,
            zero_count: header.zero_count,
            count: header.count,
            sum: header.sum,
            positive_spans: &layout.positive_spans,
            positive_buckets: positive,
            negative_spans: &layout.negative_spans,
            negative_buckets: negative,
            custom_bounds: &layout.custom_bounds,
        }
    }

    /// The samples of a range of indexes; what lies past the end is left out.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        let end = range.end.min(self.headers.len());
        Self { headers: self.headers.get(range.start..end).unwrap_or(&[]), ..*self }
    }

    /// All samples in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = HistogramRef<'a>> + DoubleEndedIterator {
        (0..self.len()).map(move |index| self.at(index))
    }
}

/// How many buckets these spans name.
fn bucket_count(spans: &[BucketSpan]) -> usize {
    spans.iter().fold(0, |sum: usize, span| sum.saturating_add(span.length as usize))
}

/// Histogram samples, owned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistogramBuffer {
    /// Times in ms, where the buffer holds a series.
    pub timestamps: Vec<i64>,
    /// One a sample.
    pub headers: Vec<Header>,
    /// Layouts that headers name.
    pub layouts: Vec<Arc<Layout>>,
    /// Absolute bucket counts of all samples.
    pub buckets: Vec<f64>,
}

impl HistogramBuffer {
    /// How many of the newest layouts a new sample is compared with: series alternate between few.
    const LAYOUTS_COMPARED: usize = 4;

    /// The samples, borrowed.
    pub fn as_samples(&self) -> HistogramSamples<'_> {
        HistogramSamples { headers: &self.headers, layouts: &self.layouts, buckets: &self.buckets }
    }

    /// How many samples.
    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Forgets all samples and keeps the allocations.
    pub fn clear(&mut self) {
        self.timestamps.clear();
        self.headers.clear();
        self.layouts.clear();
        self.buckets.clear();
    }

    /// Appends a sample, without a time; a layout seen lately is shared.
    ///
    /// One whose spans and buckets disagree has no place in a column: it is stored without its buckets.
    pub fn push(&mut self, histogram: HistogramRef<'_>) {
        let consistent = bucket_count(histogram.positive_spans) == histogram.positive_buckets.len()
            && bucket_count(histogram.negative_spans) == histogram.negative_buckets.len();
        let histogram = if consistent { histogram } else { histogram.without_buckets() };
        let recent = self.layouts.len().saturating_sub(Self::LAYOUTS_COMPARED);
        let known = self.layouts.iter().skip(recent).rposition(|layout| layout.is_of(histogram));
        let layout = known.map_or_else(
            || {
                self.layouts.push(Arc::new(Layout {
                    schema: histogram.schema,
                    zero_threshold: histogram.zero_threshold,
                    positive_spans: histogram.positive_spans.to_vec(),
                    negative_spans: histogram.negative_spans.to_vec(),
                    custom_bounds: histogram.custom_bounds.to_vec(),
                }));
                self.layouts.len() - 1
            },
            |position| recent + position,
        );
        self.headers.push(Header {
            // A layout is larger than 100 bytes; 2^32 of them do not fit in memory.
            layout: u32::try_from(layout).unwrap_or(u32::MAX),
            // A column of 2^32 buckets takes 32 GiB; past that, samples read as having none.
            buckets: u32::try_from(self.buckets.len()).unwrap_or(u32::MAX),
            counter_reset_hint: histogram.counter_reset_hint,
            zero_count: histogram.zero_count,
            count: histogram.count,
            sum: histogram.sum,
        });
        self.buckets.extend_from_slice(histogram.positive_buckets);
        self.buckets.extend_from_slice(histogram.negative_buckets);
    }

    /// Appends a sample and its time in ms.
    pub fn push_at(&mut self, timestamp_ms: i64, histogram: HistogramRef<'_>) {
        self.timestamps.push(timestamp_ms);
        self.push(histogram);
    }
}
