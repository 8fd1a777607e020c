//! Custom bounds that differ: both sides are brought to the bounds they have in common.

use super::bounds::CUSTOM_BUCKETS_SCHEMA;
use super::kahan::increment;
use super::spans::{Indexed, SpanBuilder};
use super::{BucketSpan, HistogramRef};

/// The bounds that both ascending lists have.
pub(super) fn intersect(a: &[f64], b: &[f64]) -> Vec<f64> {
    let (mut i, mut j) = (0, 0);
    let mut common = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            common.push(*x);
            i += 1;
            j += 1;
        } else if x < y {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

/// Counts in the buckets between common bounds, gathered with compensated sums.
pub(super) struct Gathered<'a> {
    bounds: &'a [f64],
    sums: Vec<f64>,
    compensations: Vec<f64>,
}

impl<'a> Gathered<'a> {
    /// Empty buckets, one below each bound and one above the last.
    pub(super) fn new(bounds: &'a [f64]) -> Self {
        Self { bounds, sums: vec![0.0; bounds.len() + 1], compensations: vec![0.0; bounds.len() + 1] }
    }

    /// Adds (or subtracts) the counts of one histogram to the buckets they lie in.
    pub(super) fn gather(
        &mut self,
        spans: &[BucketSpan],
        buckets: &[f64],
        bounds: &[f64],
        compensations: &[f64],
        negative: bool,
    ) {
        let mut target = 0;
        for (position, (index, bucket)) in Indexed::new(spans, buckets).enumerate() {
            match usize::try_from(index).ok().and_then(|index| bounds.get(index)) {
                Some(bound) => {
                    while self.bounds.get(target).is_some_and(|common| common < bound) {
                        target += 1;
                    }
                }
                // What lies above the last bound stays there.
                None => target = self.bounds.len(),
            }
            let (Some(sum), Some(c)) = (self.sums.get_mut(target), self.compensations.get_mut(target)) else {
                continue;
            };
            (*sum, *c) = increment(if negative { -bucket } else { bucket }, *sum, *c);
            if let Some(compensation) = compensations.get(position) {
                (*sum, *c) = increment(*compensation, *sum, *c);
            }
        }
    }

    /// The populated buckets: spans, counts and compensations.
    pub(super) fn finish(self) -> (Vec<BucketSpan>, Vec<f64>, Vec<f64>) {
        let mut builder = SpanBuilder::default();
        let mut buckets = Vec::new();
        let mut compensations = Vec::new();
        for (index, (sum, compensation)) in self.sums.iter().zip(&self.compensations).enumerate() {
            if *sum != 0.0 || *compensation != 0.0 {
                builder.push(index as i64);
                buckets.push(*sum);
                compensations.push(*compensation);
            }
        }
        (builder.finish(), buckets, compensations)
    }
}

/// Whether a count between two common bounds went down: a reset, as far as differing bounds can tell.
pub(super) fn detect_reset(current: HistogramRef<'_>, previous: HistogramRef<'_>) -> bool {
    /// The counts of buckets not yet taken that end at or below a bound.
    struct Rest<'a>(std::iter::Peekable<Indexed<'a>>, &'a [f64]);
    impl Rest<'_> {
        fn take_up_to(&mut self, bound: f64) -> f64 {
            let mut sum = 0.0;
            let bounds = self.1;
            while let Some((_, count)) = self
                .0
                .next_if(|(index, _)| super::bounds::bound(*index, CUSTOM_BUCKETS_SCHEMA, bounds) <= bound)
            {
                sum += count;
            }
            sum
        }
    }
    let mut current_rest = Rest(
        Indexed::new(current.positive_spans, current.positive_buckets).peekable(),
        current.custom_bounds,
    );
    let mut previous_rest = Rest(
        Indexed::new(previous.positive_spans, previous.positive_buckets).peekable(),
        previous.custom_bounds,
    );
    let common = intersect(current.custom_bounds, previous.custom_bounds);
    common.into_iter().chain([f64::INFINITY]).any(|bound| {
        let now = current_rest.take_up_to(bound);
        let before = previous_rest.take_up_to(bound);
        now < before
    })
}

#[cfg(test)]
mod tests {
    use super::{Gathered, intersect};
    use crate::model::histogram::BucketSpan;

    #[test]
    fn counts_move_to_the_next_common_bound() {
        let common = intersect(&[1.0, 2.0, 5.0, 10.0], &[2.0, 3.0, 10.0]);
        assert_eq!(common, [2.0, 10.0]);
        assert!(intersect(&[], &[1.0]).is_empty());

        let mut gathered = Gathered::new(&common);
        let spans = [BucketSpan { offset: 0, length: 5 }];
        gathered.gather(&spans, &[1.0, 2.0, 4.0, 8.0, 16.0], &[1.0, 2.0, 5.0, 10.0], &[], false);
        gathered.gather(&spans[..1], &[1.0, 1.0, 1.0, 16.0], &[2.0, 3.0, 10.0], &[], true);
        let (spans, buckets, compensations) = gathered.finish();
        assert_eq!(spans, [BucketSpan { offset: 0, length: 2 }]);
        assert_eq!(buckets, [2.0, 10.0]);
        assert_eq!(compensations, [0.0, 0.0]);
    }
}
