//! Averaging histograms: `avg` and `avg_over_time`.

use super::sum::Remarks;
use super::{Compensation, FloatHistogram, HistogramAnnotations, HistogramError, HistogramRef};

/// A compensated mean of histograms, in the order they are added. Its allocations last from group to group.
///
/// The mean is a sum divided in the end; from the sample on that would make the sum infinite, it is a running mean.
#[derive(Debug, Clone, Default)]
pub struct HistogramMean {
    /// The sum so far, or the mean so far.
    value: FloatHistogram,
    compensation: Compensation,
    /// Where an addition is tried before it is known not to overflow.
    tried: FloatHistogram,
    tried_compensation: Compensation,
    count: f64,
    compensated: bool,
    incremental: bool,
    remarks: Remarks,
}

impl HistogramMean {
    /// A mean of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a new mean.
    pub fn clear(&mut self) {
        self.count = 0.0;
        self.compensated = false;
        self.incremental = false;
        self.remarks = Remarks::default();
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.count == 0.0
    }

    /// Adds a histogram. After an error there is no mean, and every further addition gives that error.
    pub fn add(&mut self, histogram: HistogramRef<'_>) -> Result<(), HistogramError> {
        self.remarks.check()?;
        self.try_add(histogram).map_err(|error| self.remarks.failed(error))
    }

    fn try_add(&mut self, histogram: HistogramRef<'_>) -> Result<(), HistogramError> {
        self.remarks.saw_hint(histogram.counter_reset_hint);
        self.count += 1.0;
        if self.count == 1.0 {
            self.value.copy_from(histogram);
            self.compensation.reset(&self.value);
            return Ok(());
        }
        if !self.incremental {
            self.tried.copy_from(self.value.as_ref());
            self.tried_compensation.copy_from(&self.compensation);
            let reconciled = self.tried.add_compensated(histogram, &mut self.tried_compensation)?;
            self.remarks.saw(reconciled);
            if !self.tried.as_ref().has_overflow() {
                std::mem::swap(&mut self.value, &mut self.tried);
                std::mem::swap(&mut self.compensation, &mut self.tried_compensation);
                self.compensated = true;
                return Ok(());
            }
            self.incremental = true;
            self.value.divide(self.count - 1.0);
            self.compensation.divide(self.count - 1.0);
        }
        let weight = (self.count - 1.0) / self.count;
        self.compensation.multiply(weight);
        self.value.multiply(weight);
        self.tried.copy_from(histogram);
        self.tried.divide(self.count);
        let reconciled = self.value.add_compensated(self.tried.as_ref(), &mut self.compensation)?;
        self.remarks.saw(reconciled);
        self.compensated = true;
        Ok(())
    }

    /// The mean, `None` of nothing and after an error; it is not compacted (`avg` does that afterwards, `avg_over_time` does not).
    /// What is added after this needs [`HistogramMean::clear`] first.
    pub fn finish(&mut self) -> Option<&mut FloatHistogram> {
        self.remarks.check().ok()?;
        if self.is_empty() {
            return None;
        }
        if !self.incremental {
            self.value.divide(self.count);
            self.compensation.divide(self.count);
        }
        if self.compensated {
            self.value.add_compensation(&self.compensation);
        }
        Some(&mut self.value)
    }

    /// What is to be said of the mean; where exponential and custom buckets met, that and what was seen before.
    pub fn annotations(&self) -> HistogramAnnotations {
        self.remarks.annotations()
    }
}
