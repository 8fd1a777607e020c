//! Zero buckets of different width: the narrower one swallows the buckets next to it, until both are equally wide.

use super::arithmetic::Total;
use super::{Bucket, Histogram};
use crate::testing::reference::sums::Compensated;

/// The zero bucket of a histogram that has to be at least `width` wide. A bucket with observations is swallowed whole, so
/// that it may become wider.
pub(super) fn widened(histogram: &Histogram, width: f64) -> (f64, f64) {
    let mut width = width;
    if width == histogram.zero_threshold {
        return (histogram.zero_count, width);
    }
    loop {
        let mirrored = |bucket: Bucket| Bucket { lower: -bucket.upper, upper: -bucket.lower, ..bucket };
        let (positive, reach) = swallowed(histogram.positive_outwards(), width);
        // Buckets on the negative side count from where the positive ones have led.
        let (negative, further) = swallowed(histogram.negative_outwards().map(mirrored), reach);
        if further == reach {
            return (histogram.zero_count + positive + negative, reach);
        }
        width = further;
    }
}

/// What the buckets from zero outwards count up to a width, and how wide it is after the last of them.
fn swallowed(buckets: impl Iterator<Item = Bucket>, width: f64) -> (f64, f64) {
    let mut count = 0.0;
    for bucket in buckets.take_while(|bucket| bucket.lower < width) {
        count += bucket.count;
        if bucket.upper > width {
            return (count, if bucket.count == 0.0 { width } else { bucket.upper });
        }
    }
    (count, width)
}

impl Total {
    /// Makes the total's zero bucket as wide as that of the histogram to add, or the other way round; gives the count of
    /// the other's.
    pub(super) fn widen_zero_buckets(&mut self, other: &Histogram) -> f64 {
        let (mut count, mut width) = (other.zero_count, other.zero_threshold);
        while width != self.zero_threshold {
            if self.zero_threshold > width {
                (count, width) = widened(other, self.zero_threshold);
            }
            if width > self.zero_threshold {
                let so_far = self.finish();
                let (own, own_width) = widened(&so_far, width);
                let inside = |bucket: &Bucket| bucket.lower < own_width && bucket.upper > -own_width;
                let positive = so_far.positive_outwards().take_while(inside).count();
                let negative = so_far.negative_outwards().take_while(inside).count();
                self.zero_count = Compensated { sum: own, error: 0.0 };
                self.zero_threshold = own_width;
                for (side, gone) in [(&mut self.positive, positive), (&mut self.negative, negative)] {
                    *side = side
                        .iter()
                        .skip(gone)
                        .filter(|(_, count)| count.sum != 0.0 || count.error != 0.0)
                        .map(|(number, count)| (*number, *count))
                        .collect();
                }
            }
        }
        count
    }
}
