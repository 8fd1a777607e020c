//! Merging buckets into those of a coarser schema.

use super::bounds::{CUSTOM_BUCKETS_SCHEMA, target_index};
use super::kahan::increment;
use super::spans::{Indexed, SpanBuilder, check_spans};
use super::{BucketSpan, FloatHistogram, HistogramError};

impl FloatHistogram {
    /// Merges buckets so that the histogram has a coarser exponential schema.
    pub fn reduce_resolution(&mut self, target_schema: i32) -> Result<(), HistogramError> {
        if self.uses_custom_buckets() || target_schema == CUSTOM_BUCKETS_SCHEMA {
            return Err(HistogramError::IncompatibleSchemas);
        }
        if target_schema >= self.schema {
            return Err(HistogramError::InvalidTargetSchema(target_schema));
        }
        check_spans(&self.positive_spans, self.positive_buckets.len())?;
        check_spans(&self.negative_spans, self.negative_buckets.len())?;
        (self.positive_spans, self.positive_buckets) =
            reduced(&self.positive_spans, &self.positive_buckets, self.schema, target_schema);
        (self.negative_spans, self.negative_buckets) =
            reduced(&self.negative_spans, &self.negative_buckets, self.schema, target_schema);
        self.schema = target_schema;
        Ok(())
    }
}

/// One side in a coarser schema. Counts are added plainly, in ascending order of index.
pub(super) fn reduced(
    spans: &[BucketSpan],
    buckets: &[f64],
    schema: i32,
    target_schema: i32,
) -> (Vec<BucketSpan>, Vec<f64>) {
    let mut builder = SpanBuilder::default();
    let mut target = Vec::with_capacity(buckets.len() / 2 + 1);
    for (index, bucket) in Indexed::new(spans, buckets) {
        let index = target_index(index, schema, target_schema);
        match target.last_mut() {
            Some(last) if index < builder.end() => *last += bucket,
            _ => {
                builder.push(index);
                target.push(bucket);
            }
        }
    }
    (builder.finish(), target)
}

/// As [`reduced`], with compensated addition of counts that have compensations.
pub(super) fn reduced_compensated(
    spans: &[BucketSpan],
    buckets: &[f64],
    compensations: &[f64],
    schema: i32,
    target_schema: i32,
) -> (Vec<BucketSpan>, Vec<f64>, Vec<f64>) {
    let mut builder = SpanBuilder::default();
    let mut target = Vec::with_capacity(buckets.len() / 2 + 1);
    let mut target_compensations = Vec::with_capacity(buckets.len() / 2 + 1);
    let compensations = compensations.iter().copied().chain(std::iter::repeat(0.0));
    for ((index, bucket), compensation) in Indexed::new(spans, buckets).zip(compensations) {
        let index = target_index(index, schema, target_schema);
        match (target.last_mut(), target_compensations.last_mut()) {
            (Some(sum), Some(sum_compensation)) if index < builder.end() => {
                (*sum, *sum_compensation) = increment(bucket, *sum, *sum_compensation);
                (*sum, *sum_compensation) = increment(compensation, *sum, *sum_compensation);
            }
            _ => {
                builder.push(index);
                target.push(bucket);
                target_compensations.push(compensation);
            }
        }
    }
    (builder.finish(), target, target_compensations)
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::{FloatHistogram, HistogramError, HistogramParts};

    #[test]
    fn neighbours_merge_from_odd_indexes_on() {
        let mut histogram = FloatHistogram::from_parts(HistogramParts {
            schema: 1,
            offset: -2,
            buckets: vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
            ..HistogramParts::default()
        });
        histogram.reduce_resolution(0).expect("0 is coarser than 1");
        assert_eq!(histogram.positive_buckets, [1.0, 6.0, 24.0, 32.0]);
        assert_eq!(histogram.positive_spans[0].offset, -1);
        assert_eq!(histogram.reduce_resolution(1), Err(HistogramError::InvalidTargetSchema(1)));
        assert_eq!(histogram.reduce_resolution(-53), Err(HistogramError::IncompatibleSchemas));
    }
}
