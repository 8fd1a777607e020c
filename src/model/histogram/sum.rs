//! Summing histograms: `sum` and `sum_over_time`.

use super::{
    Compensation, CounterResetHint, FloatHistogram, HistogramAnnotation, HistogramAnnotations,
    HistogramError, HistogramOperation, HistogramRef, Reconciled,
};

/// Remarks of an aggregation: collisions are between any two of its samples, not only neighbours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Remarks {
    reset_seen: bool,
    not_reset_seen: bool,
    mismatched_custom_buckets: bool,
    failure: Option<HistogramError>,
}

impl Remarks {
    pub(super) fn saw_hint(&mut self, hint: CounterResetHint) {
        self.reset_seen |= hint == CounterResetHint::Reset;
        self.not_reset_seen |= hint == CounterResetHint::NotReset;
    }

    pub(super) fn saw(&mut self, reconciled: Reconciled) {
        self.mismatched_custom_buckets |= reconciled.custom_bounds;
    }

    /// Notes that an addition failed, after which nothing can be added; gives the failure back.
    pub(super) fn failed(&mut self, error: HistogramError) -> HistogramError {
        self.failure = Some(error);
        error
    }

    /// The failure, if an addition failed.
    pub(super) fn check(&self) -> Result<(), HistogramError> {
        self.failure.map_or(Ok(()), Err)
    }

    pub(super) fn annotations(self) -> HistogramAnnotations {
        let mut annotations = HistogramAnnotations::NONE;
        if self.failure == Some(HistogramError::IncompatibleSchemas) {
            annotations.insert(HistogramAnnotation::MixedExponentialCustom);
        }
        // A collision is a remark on a result, so there is none without.
        if self.failure.is_none() && self.reset_seen && self.not_reset_seen {
            annotations.insert(HistogramAnnotation::CounterResetCollision(HistogramOperation::Aggregation));
        }
        if self.mismatched_custom_buckets {
            annotations.insert(HistogramAnnotation::MismatchedCustomBuckets(HistogramOperation::Aggregation));
        }
        annotations
    }
}

/// A compensated sum of histograms, in the order they are added. Its allocations last from group to group.
#[derive(Debug, Clone, Default)]
pub struct HistogramSum {
    sum: FloatHistogram,
    compensation: Compensation,
    added: u64,
    remarks: Remarks,
}

impl HistogramSum {
    /// A sum of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a new sum.
    pub fn clear(&mut self) {
        self.added = 0;
        self.remarks = Remarks::default();
    }

    /// Whether nothing was added.
    pub const fn is_empty(&self) -> bool {
        self.added == 0
    }

    /// Adds a histogram. After an error there is no sum, and every further addition gives that error.
    pub fn add(&mut self, histogram: HistogramRef<'_>) -> Result<(), HistogramError> {
        self.remarks.check()?;
        self.remarks.saw_hint(histogram.counter_reset_hint);
        if self.added == 0 {
            self.sum.copy_from(histogram);
            self.compensation.reset(&self.sum);
        } else {
            match self.sum.add_compensated(histogram, &mut self.compensation) {
                Ok(reconciled) => self.remarks.saw(reconciled),
                Err(error) => return Err(self.remarks.failed(error)),
            }
        }
        self.added += 1;
        Ok(())
    }

    /// The sum, `None` of nothing and after an error; it is not compacted (`sum` does that afterwards, `sum_over_time` does not).
    /// What is added after this needs [`HistogramSum::clear`] first.
    pub fn finish(&mut self) -> Option<&mut FloatHistogram> {
        self.remarks.check().ok()?;
        match self.added {
            0 => return None,
            1 => {}
            _ => self.sum.add_compensation(&self.compensation),
        }
        Some(&mut self.sum)
    }

    /// What is to be said of the sum; where exponential and custom buckets met, that and what was seen before.
    pub fn annotations(&self) -> HistogramAnnotations {
        self.remarks.annotations()
    }
}
