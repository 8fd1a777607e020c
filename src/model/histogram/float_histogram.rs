//! An owned histogram that arithmetic works in; its vectors are reused from sample to sample.

use super::{BucketSpan, CounterResetHint, HistogramError, HistogramRef};

/// A histogram with its buckets, owned. Its fields are those of [`HistogramRef`], which reads it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FloatHistogram {
    /// What is known of a reset.
    pub counter_reset_hint: CounterResetHint,
    /// Resolution −4…8, or −53 for custom bounds.
    pub schema: i32,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Count in the zero bucket.
    pub zero_count: f64,
    /// Count of all observations.
    pub count: f64,
    /// Sum of all observations; the stale marker here makes the sample one.
    pub sum: f64,
    /// Runs of positive (or custom) buckets.
    pub positive_spans: Vec<BucketSpan>,
    /// Absolute counts of positive (or custom) buckets.
    pub positive_buckets: Vec<f64>,
    /// Runs of negative buckets.
    pub negative_spans: Vec<BucketSpan>,
    /// Absolute counts of negative buckets, from zero outwards.
    pub negative_buckets: Vec<f64>,
    /// Upper bounds of custom buckets, ascending, without +Inf.
    pub custom_bounds: Vec<f64>,
}

/// A histogram as the `load` notation writes it: `{{schema:1 count:3 sum:4 offset:-1 buckets:[1 2]}}`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistogramParts {
    /// `schema`.
    pub schema: i32,
    /// `count`.
    pub count: f64,
    /// `sum`.
    pub sum: f64,
    /// `z_bucket`: the count in the zero bucket.
    pub z_bucket: f64,
    /// `z_bucket_w`: the width of the zero bucket.
    pub z_bucket_w: f64,
    /// `buckets`: positive (or custom) buckets without a gap.
    pub buckets: Vec<f64>,
    /// `offset`: the index of the first of `buckets`.
    pub offset: i32,
    /// `n_buckets`: negative buckets without a gap.
    pub n_buckets: Vec<f64>,
    /// `n_offset`: the index of the first of `n_buckets`.
    pub n_offset: i32,
    /// `custom_values`: the custom bounds.
    pub custom_values: Vec<f64>,
    /// `counter_reset_hint`.
    pub counter_reset_hint: CounterResetHint,
}

impl FloatHistogram {
    /// A histogram from the parts of its notation; [`HistogramRef::validate`] tells whether it is sound.
    pub fn from_parts(parts: HistogramParts) -> Self {
        let spans = |offset, buckets: &[f64]| {
            let length = u32::try_from(buckets.len()).unwrap_or(u32::MAX);
            if length == 0 { Vec::new() } else { vec![BucketSpan { offset, length }] }
        };
        Self {
            counter_reset_hint: parts.counter_reset_hint,
            schema: parts.schema,
            zero_threshold: parts.z_bucket_w,
            zero_count: parts.z_bucket,
            count: parts.count,
            sum: parts.sum,
            positive_spans: spans(parts.offset, &parts.buckets),
            positive_buckets: parts.buckets,
            negative_spans: spans(parts.n_offset, &parts.n_buckets),
            negative_buckets: parts.n_buckets,
            custom_bounds: parts.custom_values,
        }
    }

    /// The histogram, borrowed for reading.
    pub fn as_ref(&self) -> HistogramRef<'_> {
        HistogramRef {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive_spans: &self.positive_spans,
            positive_buckets: &self.positive_buckets,
            negative_spans: &self.negative_spans,
            negative_buckets: &self.negative_buckets,
            custom_bounds: &self.custom_bounds,
        }
    }

    /// Becomes a copy of another histogram, in the allocations at hand. Fields that its schema does not use are cleared.
    pub fn copy_from(&mut self, other: HistogramRef<'_>) {
        fn refill<T: Copy>(target: &mut Vec<T>, source: &[T]) {
            target.clear();
            target.extend_from_slice(source);
        }
        self.counter_reset_hint = other.counter_reset_hint;
        self.schema = other.schema;
        self.count = other.count;
        self.sum = other.sum;
        refill(&mut self.positive_spans, other.positive_spans);
        refill(&mut self.positive_buckets, other.positive_buckets);
        if other.uses_custom_buckets() {
            self.zero_threshold = 0.0;
            self.zero_count = 0.0;
            self.negative_spans.clear();
            self.negative_buckets.clear();
            refill(&mut self.custom_bounds, other.custom_bounds);
        } else {
            self.zero_threshold = other.zero_threshold;
            self.zero_count = other.zero_count;
            refill(&mut self.negative_spans, other.negative_spans);
            refill(&mut self.negative_buckets, other.negative_buckets);
            self.custom_bounds.clear();
        }
    }

    /// Becomes a histogram of nothing, and keeps the allocations.
    pub fn clear(&mut self) {
        self.copy_from(HistogramRef::EMPTY);
    }

    /// Whether its bounds are custom.
    pub const fn uses_custom_buckets(&self) -> bool {
        self.as_schema_view().uses_custom_buckets()
    }

    const fn as_schema_view(&self) -> HistogramRef<'static> {
        HistogramRef { schema: self.schema, ..HistogramRef::EMPTY }
    }

    /// Multiplies every count and the sum; a negative factor makes a gauge of it.
    pub fn multiply(&mut self, factor: f64) {
        self.for_each_number(|value| *value *= factor);
        if factor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    /// Divides every count and the sum; a negative divisor makes a gauge of it, and a division by 0
    /// takes the buckets away.
    pub fn divide(&mut self, divisor: f64) {
        if divisor == 0.0 {
            self.positive_spans.clear();
            self.positive_buckets.clear();
            self.negative_spans.clear();
            self.negative_buckets.clear();
        }
        self.for_each_number(|value| *value /= divisor);
        if divisor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    fn for_each_number(&mut self, mut change: impl FnMut(&mut f64)) {
        change(&mut self.zero_count);
        change(&mut self.count);
        change(&mut self.sum);
        self.positive_buckets.iter_mut().for_each(&mut change);
        self.negative_buckets.iter_mut().for_each(&mut change);
    }

    /// Whether exponential meets custom.
    pub(super) fn check_schemas(&self, other: HistogramRef<'_>) -> Result<(), HistogramError> {
        if self.uses_custom_buckets() == other.uses_custom_buckets() {
            Ok(())
        } else {
            Err(HistogramError::IncompatibleSchemas)
        }
    }
}

impl From<HistogramRef<'_>> for FloatHistogram {
    fn from(other: HistogramRef<'_>) -> Self {
        let mut histogram = Self::default();
        histogram.copy_from(other);
        histogram
    }
}

#[cfg(test)]
mod tests {
    use super::{CounterResetHint, FloatHistogram, HistogramParts};

    fn sample() -> FloatHistogram {
        FloatHistogram::from_parts(HistogramParts {
            count: 6.0,
            sum: 9.0,
            z_bucket: 1.0,
            z_bucket_w: 0.001,
            buckets: vec![2.0, 0.0, 3.0],
            offset: -1,
            ..HistogramParts::default()
        })
    }

    #[test]
    fn a_negative_factor_makes_a_gauge() {
        let mut histogram = sample();
        histogram.multiply(2.0);
        assert_eq!(histogram.counter_reset_hint, CounterResetHint::Unknown);
        histogram.multiply(-0.5);
        assert_eq!(histogram.counter_reset_hint, CounterResetHint::Gauge);
        assert_eq!((histogram.count, histogram.zero_count), (-6.0, -1.0));
        assert_eq!(histogram.positive_buckets, [-2.0, -0.0, -3.0]);
    }

    #[test]
    fn a_division_by_zero_leaves_infinities_and_no_buckets() {
        let mut histogram = sample();
        histogram.divide(0.0);
        assert_eq!(histogram.as_ref().to_string(), "{count:+Inf, sum:+Inf, [-0.001,0.001]:+Inf}");
    }

    #[test]
    fn a_copy_forgets_what_was_there() {
        let custom = FloatHistogram::from_parts(HistogramParts {
            schema: -53,
            count: 2.0,
            buckets: vec![2.0],
            custom_values: vec![1.0, 5.0],
            ..HistogramParts::default()
        });
        let mut histogram = sample();
        histogram.copy_from(custom.as_ref());
        assert_eq!(histogram, custom);
        histogram.copy_from(sample().as_ref());
        assert_eq!(histogram, sample());
    }
}
