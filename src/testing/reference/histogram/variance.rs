//! The spread of a histogram's observations, each taken to lie in the middle of its bucket.

use super::Histogram;
use crate::testing::reference::sums::Compensated;

impl Histogram {
    pub(in crate::testing::reference) fn variance(&self) -> f64 {
        let mean = self.sum / self.count;
        let mut squares = Compensated::default();
        for bucket in self.ascending().into_iter().filter(|bucket| bucket.count != 0.0) {
            let middle = if self.is_custom() {
                (bucket.upper + bucket.lower) / 2.0
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                (bucket.upper * bucket.lower).sqrt().copysign(bucket.upper)
            };
            let distance = middle - mean;
            squares = squares.add(bucket.count * distance * distance);
        }
        (squares.sum + squares.error) / self.count
    }
}
