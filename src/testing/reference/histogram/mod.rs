//! A native histogram with its buckets by their numbers, and what can be asked of one.
//!
//! Spans and flat arrays are left behind at the door: a bucket that is there, be it empty, is an entry of a map. Of the
//! model only the bounds are taken, which are a table of numbers and no formula.
//!
//! - `arithmetic`: sums and differences; `zero_bucket`: zero buckets of different width;
//! - `reset`: whether a counter started anew;
//! - `quantile`, `fraction`, `variance`: what observations come to; `trim`: those below or above a number.

mod arithmetic;
mod fraction;
mod quantile;
mod reset;
mod trim;
mod variance;
mod zero_bucket;

use std::collections::BTreeMap;

use crate::model::histogram::{
    BucketSpan, CUSTOM_BUCKETS_SCHEMA, CounterResetHint, FloatHistogram, HistogramRef, bound,
};

pub(super) use arithmetic::{Mixed, difference, mean, sum, total};
pub(super) use trim::Keep;

/// The counts of one side's buckets.
pub(super) type Buckets = BTreeMap<i64, f64>;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Histogram {
    pub(super) hint: CounterResetHint,
    pub(super) schema: i32,
    pub(super) zero_threshold: f64,
    pub(super) zero_count: f64,
    pub(super) count: f64,
    pub(super) sum: f64,
    /// Positive buckets, or custom ones.
    pub(super) positive: Buckets,
    pub(super) negative: Buckets,
    /// Custom bounds.
    pub(super) bounds: Vec<f64>,
}

/// A bucket with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) count: f64,
}

fn by_number(spans: &[BucketSpan], counts: &[f64]) -> Buckets {
    let mut next = 0_i64;
    let numbers = spans.iter().flat_map(|span| {
        let first = next + i64::from(span.offset);
        next = first + i64::from(span.length);
        first..next
    });
    numbers.zip(counts.iter().copied()).collect()
}

fn in_spans(buckets: &Buckets) -> (Vec<BucketSpan>, Vec<f64>) {
    let mut spans: Vec<BucketSpan> = Vec::new();
    let mut next = 0;
    for number in buckets.keys() {
        match spans.last_mut() {
            Some(span) if *number == next => span.length += 1,
            _ => spans.push(BucketSpan { offset: (number - next) as i32, length: 1 }),
        }
        next = number + 1;
    }
    (spans, buckets.values().copied().collect())
}

impl From<HistogramRef<'_>> for Histogram {
    fn from(stored: HistogramRef<'_>) -> Self {
        Self {
            hint: stored.counter_reset_hint,
            schema: stored.schema,
            zero_threshold: stored.zero_threshold,
            zero_count: stored.zero_count,
            count: stored.count,
            sum: stored.sum,
            positive: by_number(stored.positive_spans, stored.positive_buckets),
            negative: by_number(stored.negative_spans, stored.negative_buckets),
            bounds: stored.custom_bounds.to_vec(),
        }
    }
}

impl From<&Histogram> for FloatHistogram {
    fn from(histogram: &Histogram) -> Self {
        let (positive_spans, positive_buckets) = in_spans(&histogram.positive);
        let (negative_spans, negative_buckets) = in_spans(&histogram.negative);
        Self {
            counter_reset_hint: histogram.hint,
            schema: histogram.schema,
            zero_threshold: histogram.zero_threshold,
            zero_count: histogram.zero_count,
            count: histogram.count,
            sum: histogram.sum,
            positive_spans,
            positive_buckets,
            negative_spans,
            negative_buckets,
            custom_bounds: histogram.bounds.clone(),
        }
    }
}

impl Histogram {
    /// A histogram of nothing, of a schema and bounds.
    pub(super) fn empty(schema: i32, bounds: Vec<f64>) -> Self {
        Self { bounds, ..Self::from(HistogramRef { schema, ..HistogramRef::EMPTY }) }
    }

    pub(super) const fn is_custom(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    pub(super) fn is_gauge(&self) -> bool {
        self.hint == CounterResetHint::Gauge
    }

    fn bound(&self, number: i64) -> f64 {
        bound(number, self.schema, &self.bounds)
    }

    /// Positive buckets from zero outwards.
    fn positive_outwards(&self) -> impl Iterator<Item = Bucket> {
        self.positive.iter().map(|(number, count)| Bucket {
            lower: self.bound(number - 1),
            upper: self.bound(*number),
            count: *count,
        })
    }

    /// Negative buckets from zero outwards.
    fn negative_outwards(&self) -> impl Iterator<Item = Bucket> {
        self.negative.iter().map(|(number, count)| Bucket {
            lower: -self.bound(*number),
            upper: -self.bound(number - 1),
            count: *count,
        })
    }

    fn zero_bucket(&self) -> Bucket {
        Bucket { lower: -self.zero_threshold, upper: self.zero_threshold, count: self.zero_count }
    }

    /// All buckets from the lowest to the highest. One that reaches into the zero bucket ends where that begins.
    fn ascending(&self) -> Vec<Bucket> {
        let width = self.zero_threshold;
        let outside = |mut bucket: Bucket| {
            if bucket.lower > 0.0 && bucket.lower < width {
                bucket.lower = width;
            }
            if bucket.upper < 0.0 && bucket.upper > -width {
                bucket.upper = -width;
            }
            bucket
        };
        let mut buckets: Vec<Bucket> = self.negative_outwards().map(outside).collect();
        buckets.reverse();
        buckets.extend((self.zero_count > 0.0).then(|| self.zero_bucket()));
        buckets.extend(self.positive_outwards().map(outside));
        buckets
    }

    /// The zero bucket reaches to one side only where all other buckets lie on that side.
    fn one_sided(&self, mut bucket: Bucket) -> Bucket {
        match (self.negative.is_empty(), self.positive.is_empty()) {
            (true, false) => bucket.lower = 0.0,
            (false, true) => bucket.upper = 0.0,
            _ => {}
        }
        bucket
    }

    fn each(mut self, change: impl Fn(f64) -> f64) -> Self {
        for number in [&mut self.count, &mut self.sum] {
            *number = change(*number);
        }
        if !self.is_custom() {
            self.zero_count = change(self.zero_count);
        }
        for count in self.positive.values_mut().chain(self.negative.values_mut()) {
            *count = change(*count);
        }
        self
    }

    pub(super) fn times(self, factor: f64) -> Self {
        let hint = if factor < 0.0 { CounterResetHint::Gauge } else { self.hint };
        Self { hint, ..self.each(|number| number * factor) }
    }

    /// Nothing is left of the buckets where the divisor is zero.
    pub(super) fn over(self, divisor: f64) -> Self {
        let hint = if divisor < 0.0 { CounterResetHint::Gauge } else { self.hint };
        let mut quotient = Self { hint, ..self.each(|number| number / divisor) };
        if divisor == 0.0 {
            quotient.positive.clear();
            quotient.negative.clear();
        }
        quotient
    }

    pub(super) fn into_gauge(self) -> Self {
        Self { hint: CounterResetHint::Gauge, ..self }
    }

    /// Without its empty buckets.
    pub(super) fn compact(mut self) -> Self {
        self.positive.retain(|_, count| *count != 0.0);
        self.negative.retain(|_, count| *count != 0.0);
        self
    }

    /// Whether both have the same buckets, empty ones included, and the same bits in them.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        let bits = |h: &Self| [h.count.to_bits(), h.sum.to_bits(), h.zero_count.to_bits()];
        let side = |buckets: &Buckets| -> Vec<(i64, u64)> {
            buckets.iter().map(|(number, count)| (*number, count.to_bits())).collect()
        };
        self.schema == other.schema
            && bits(self) == bits(other)
            && (!self.is_custom() || self.bounds == other.bounds)
            && self.zero_threshold == other.zero_threshold
            && side(&self.positive) == side(&other.positive)
            && side(&self.negative) == side(&other.negative)
    }
}

impl Bucket {
    /// The part of the bucket below a number within it: of its width, or of its width on a logarithmic scale.
    fn part_below(&self, value: f64, linear: bool) -> f64 {
        if linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let [lower, upper, value_log] = [self.lower, self.upper, value].map(|bound| bound.abs().log2());
        if value > 0.0 {
            (value_log - lower) / (upper - lower)
        } else {
            1.0 - (value_log - upper) / (lower - upper)
        }
    }
}
