//! What a histogram must satisfy to be stored.

use super::bounds::is_exponential;
use super::spans::check_spans;
use super::{HistogramError, HistogramRef};

impl HistogramRef<'_> {
    /// Checks spans against buckets, counts against negative numbers, and that a schema's fields are the ones
    /// in use. The count may differ from the buckets' sum, for rounding makes it differ.
    pub fn validate(&self) -> Result<(), HistogramError> {
        if self.uses_custom_buckets() {
            self.check_custom_bounds()?;
            let misused = self.zero_count != 0.0
                || self.zero_threshold != 0.0
                || !self.negative_spans.is_empty()
                || !self.negative_buckets.is_empty();
            if misused {
                return Err(HistogramError::CustomBucketsMisused);
            }
        } else if is_exponential(self.schema) {
            check_spans(self.positive_spans, self.positive_buckets.len())?;
            check_spans(self.negative_spans, self.negative_buckets.len())?;
            check_counts(self.negative_buckets)?;
            check_counts(&[self.zero_count])?;
            if !self.custom_bounds.is_empty() {
                return Err(HistogramError::UnexpectedCustomBounds);
            }
        } else {
            return Err(HistogramError::InvalidSchema(self.schema));
        }
        if self.count < 0.0 {
            return Err(HistogramError::NegativeCount(self.count));
        }
        check_counts(self.positive_buckets)
    }

    fn check_custom_bounds(&self) -> Result<(), HistogramError> {
        if self.custom_bounds.iter().any(|bound| bound.is_nan()) {
            return Err(HistogramError::InvalidCustomBound);
        }
        if self.custom_bounds.windows(2).any(|pair| matches!(pair, [a, b] if b <= a)) {
            return Err(HistogramError::CustomBoundsNotAscending);
        }
        if self.custom_bounds.last() == Some(&f64::INFINITY) {
            return Err(HistogramError::InvalidCustomBound);
        }
        let mut named = 0;
        let mut reached = 0;
        for span in self.positive_spans {
            let Ok(offset) = u64::try_from(span.offset) else {
                return Err(HistogramError::NegativeSpanOffset);
            };
            named += u64::from(span.length);
            reached += u64::from(span.length) + offset;
        }
        let buckets = self.positive_buckets.len() as u64;
        if named != buckets {
            return Err(HistogramError::SpansBucketsMismatch { spans: named, buckets });
        }
        if (self.custom_bounds.len() as u64) + 1 < reached {
            return Err(HistogramError::TooFewCustomBounds);
        }
        Ok(())
    }
}

fn check_counts(counts: &[f64]) -> Result<(), HistogramError> {
    match counts.iter().find(|count| **count < 0.0) {
        Some(count) => Err(HistogramError::NegativeBucketCount(*count)),
        None => Ok(()),
    }
}
