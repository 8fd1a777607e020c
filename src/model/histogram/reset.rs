//! Whether a counter histogram started anew between two samples.

use super::bounds::{exponential_bound, is_exponential};
use super::bucket::Merged;
use super::spans::Indexed;
use super::{CounterResetHint, HistogramRef, custom_bounds};

impl HistogramRef<'_> {
    /// Whether this sample of a counter starts anew after `previous`: its hint says so, or a count went down, or
    /// it has a finer schema, a narrower zero bucket, or lacks a populated bucket. The sum does not count.
    pub fn detect_reset(&self, previous: &HistogramRef<'_>) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            // A gauge that a counter function was applied to is treated as a counter.
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        if self.count < previous.count {
            return true;
        }
        if self.uses_custom_buckets() {
            if !previous.uses_custom_buckets() {
                return true;
            }
            if self.custom_bounds != previous.custom_bounds {
                return custom_bounds::detect_reset(*self, *previous);
            }
        }
        if self.schema > previous.schema || self.zero_threshold < previous.zero_threshold {
            return true;
        }
        let grown = previous.grown_zero_bucket(self.zero_threshold, None);
        if grown.zero_threshold != self.zero_threshold || self.zero_count < grown.zero_count {
            return true;
        }
        [true, false].into_iter().any(|positive| self.side_was_reset(previous, positive))
    }

    fn side_was_reset(&self, previous: &HistogramRef<'_>, positive: bool) -> bool {
        let (spans, buckets) = self.side(positive);
        let (previous_spans, previous_buckets) = previous.side(positive);
        if self.schema == previous.schema
            && spans == previous_spans
            && buckets.len() == previous_buckets.len()
            && !self.starts_within_zero_bucket(positive)
        {
            return buckets.iter().zip(previous_buckets).any(|(now, before)| now < before);
        }

        let mut current = Merged::new(*self, positive, self.zero_threshold, self.schema).peekable();
        Merged::new(*previous, positive, self.zero_threshold, self.schema).any(|(index, before)| {
            while current.next_if(|(at, _)| *at < index).is_some() {}
            match current.peek() {
                Some((at, now)) if *at == index => *now < before,
                // A bucket that is gone, unless it was empty.
                _ => before != 0.0,
            }
        })
    }

    /// Whether the first bucket of a side lies within the zero bucket.
    fn starts_within_zero_bucket(&self, positive: bool) -> bool {
        let (spans, buckets) = self.side(positive);
        is_exponential(self.schema)
            && self.zero_threshold != 0.0
            && Indexed::new(spans, buckets)
                .next()
                .is_some_and(|(index, _)| exponential_bound(index, self.schema) <= self.zero_threshold)
    }
}
