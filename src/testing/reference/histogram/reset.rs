//! Whether a counter started anew between two histograms.

use super::arithmetic::{at_common_bound, common_bounds};
use super::zero_bucket::widened;
use super::{Buckets, Histogram};
use crate::model::histogram::{CounterResetHint, bound};

impl Histogram {
    /// As the hint says; else whether anything is less than before.
    pub(in crate::testing::reference) fn is_reset_after(&self, before: &Self) -> bool {
        match self.hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            _ => {}
        }
        if self.count < before.count {
            return true;
        }
        if self.is_custom() {
            return !before.is_custom() || self.custom_buckets_fell(before);
        }
        // Coarser buckets and a wider zero bucket come by themselves; their opposites only with a new start.
        if self.schema > before.schema || self.zero_threshold < before.zero_threshold {
            return true;
        }
        let (zero_count, width) = widened(before, self.zero_threshold);
        width != self.zero_threshold
            || self.zero_count < zero_count
            || self.side_fell(&self.positive, &before.positive, before.schema)
            || self.side_fell(&self.negative, &before.negative, before.schema)
    }

    /// The counts outside of the zero bucket, of buckets of a schema, in this histogram's.
    fn outside_zero(&self, buckets: &Buckets, schema: i32) -> Buckets {
        let mut out = Buckets::new();
        for (number, count) in buckets {
            *out.entry(((number - 1) >> (schema - self.schema)) + 1).or_default() += count;
        }
        out.retain(|number, _| bound(*number, self.schema, &[]) > self.zero_threshold);
        out
    }

    fn side_fell(&self, now: &Buckets, before: &Buckets, schema: i32) -> bool {
        let now = self.outside_zero(now, self.schema);
        fell(&now, &self.outside_zero(before, schema))
    }

    fn custom_buckets_fell(&self, before: &Self) -> bool {
        if self.bounds == before.bounds {
            return fell(&self.positive, &before.positive);
        }
        let common = common_bounds(&self.bounds, &before.bounds);
        let between = |histogram: &Self| {
            let mut out = vec![0.0; common.len() + 1];
            for (number, count) in &histogram.positive {
                out[at_common_bound(*number, &histogram.bounds, &common) as usize] += count;
            }
            out
        };
        between(self).iter().zip(between(before)).any(|(now, before)| *now < before)
    }
}

/// Whether a bucket counts less than before. One that is gone had better been empty.
fn fell(now: &Buckets, before: &Buckets) -> bool {
    before.iter().any(|(number, before)| match now.get(number) {
        Some(now) => now < before,
        None => *before != 0.0,
    })
}
