//! One histogram sample, borrowed: what every reading operation works on.

use super::bounds::CUSTOM_BUCKETS_SCHEMA;
use super::spans::spans_match;
use super::{AllBuckets, BucketSpan, CounterResetHint, SideBuckets};
use crate::model::is_stale;

/// A histogram sample, borrowed from a column or from a [`super::FloatHistogram`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistogramRef<'a> {
    /// What is known of a reset.
    pub counter_reset_hint: CounterResetHint,
    /// Resolution −4…8, or −53 for custom bounds.
    pub schema: i32,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Count in the zero bucket.
    pub zero_count: f64,
    /// Count of all observations, NaN ones included, which are in no bucket.
    pub count: f64,
    /// Sum of all observations; the stale marker here makes the sample one.
    pub sum: f64,
    /// Runs of positive (or custom) buckets.
    pub positive_spans: &'a [BucketSpan],
    /// Absolute counts of positive (or custom) buckets.
    pub positive_buckets: &'a [f64],
    /// Runs of negative buckets.
    pub negative_spans: &'a [BucketSpan],
    /// Absolute counts of negative buckets, from zero outwards.
    pub negative_buckets: &'a [f64],
    /// Upper bounds of custom buckets, ascending, without +Inf.
    pub custom_bounds: &'a [f64],
}

impl<'a> HistogramRef<'a> {
    /// A histogram of nothing.
    pub const EMPTY: HistogramRef<'static> = HistogramRef {
        counter_reset_hint: CounterResetHint::Unknown,
        schema: 0,
        zero_threshold: 0.0,
        zero_count: 0.0,
        count: 0.0,
        sum: 0.0,
        positive_spans: &[],
        positive_buckets: &[],
        negative_spans: &[],
        negative_buckets: &[],
        custom_bounds: &[],
    };

    /// Whether its bounds are custom.
    pub const fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// Whether the sample is a stale marker.
    pub const fn is_stale(&self) -> bool {
        is_stale(self.sum)
    }

    /// The same with another hint.
    pub const fn with_hint(self, counter_reset_hint: CounterResetHint) -> Self {
        Self { counter_reset_hint, ..self }
    }

    /// The same without its positive and negative buckets.
    pub(super) const fn without_buckets(self) -> Self {
        Self {
            positive_spans: &[],
            positive_buckets: &[],
            negative_spans: &[],
            negative_buckets: &[],
            ..self
        }
    }

    /// Spans and buckets of one side.
    pub(super) const fn side(&self, positive: bool) -> (&'a [BucketSpan], &'a [f64]) {
        if positive {
            (self.positive_spans, self.positive_buckets)
        } else {
            (self.negative_spans, self.negative_buckets)
        }
    }

    /// The positive (or custom) buckets, empty ones included, ascending.
    pub fn positive(self) -> SideBuckets<'a> {
        SideBuckets::outwards(self, true)
    }

    /// The negative buckets, empty ones included, descending from zero.
    pub fn negative(self) -> SideBuckets<'a> {
        SideBuckets::outwards(self, false)
    }

    /// The positive (or custom) buckets, empty ones included, descending.
    pub fn positive_reversed(self) -> SideBuckets<'a> {
        SideBuckets::inwards(self, true)
    }

    /// The negative buckets, empty ones included, ascending towards zero.
    pub fn negative_reversed(self) -> SideBuckets<'a> {
        SideBuckets::inwards(self, false)
    }

    /// All buckets, ascending; the zero bucket where it is populated. A bucket that overlaps the zero
    /// bucket ends at its border.
    pub fn buckets(self) -> AllBuckets<'a> {
        AllBuckets::new(self, false)
    }

    /// All buckets, descending; otherwise as [`HistogramRef::buckets`].
    pub fn buckets_reversed(self) -> AllBuckets<'a> {
        AllBuckets::new(self, true)
    }

    /// Whether both hold the same data: layouts with all their empty buckets, and counts and sum by
    /// their bits. This is `==` of PromQL; hints do not count.
    pub fn equals(&self, other: &HistogramRef<'_>) -> bool {
        let bits_equal = |a: &[f64], b: &[f64]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        self.schema == other.schema
            && self.count.to_bits() == other.count.to_bits()
            && self.sum.to_bits() == other.sum.to_bits()
            && (!self.uses_custom_buckets() || self.custom_bounds == other.custom_bounds)
            && self.zero_threshold == other.zero_threshold
            && self.zero_count.to_bits() == other.zero_count.to_bits()
            && spans_match(self.negative_spans, other.negative_spans)
            && bits_equal(self.negative_buckets, other.negative_buckets)
            && spans_match(self.positive_spans, other.positive_spans)
            && bits_equal(self.positive_buckets, other.positive_buckets)
    }

    /// Whether a number of it is infinite, as sums become when they leave the range of floats.
    pub fn has_overflow(&self) -> bool {
        let any_infinite = |values: &[f64]| values.iter().any(|value| value.is_infinite());
        self.zero_count.is_infinite()
            || self.count.is_infinite()
            || self.sum.is_infinite()
            || any_infinite(self.positive_buckets)
            || any_infinite(self.negative_buckets)
            || any_infinite(self.custom_bounds)
    }

    /// How many samples this one counts as against `max_samples`, by upstream's rule: its bytes there, and
    /// those of its time, in units of a float sample's 16 bytes.
    pub const fn sample_count(&self) -> usize {
        const TIMESTAMP_BYTES: usize = 8;
        (self.bytes() + TIMESTAMP_BYTES) / 16
    }

    /// For how many floats it counts in a vector, where Prometheus rounds otherwise.
    pub const fn vector_sample_count(&self) -> usize {
        1 + self.bytes() / 16
    }

    /// The bytes that Prometheus takes a histogram to have.
    const fn bytes(&self) -> usize {
        const STRUCT_BYTES: usize = 168;
        let words = self.positive_spans.len()
            + self.negative_spans.len()
            + self.positive_buckets.len()
            + self.negative_buckets.len()
            + self.custom_bounds.len();
        STRUCT_BYTES + 8 * words
    }
}
