//! Average, variance and deviation of native histograms, estimated from the middles of buckets.

use super::HistogramRef;
use super::kahan::increment;

impl HistogramRef<'_> {
    /// The average of the observations.
    pub fn average(&self) -> f64 {
        self.sum / self.count
    }

    /// The estimated variance of the observations: those of a bucket lie at its middle, the arithmetic one of custom
    /// buckets, the geometric one of exponential buckets, 0 for the zero bucket.
    pub fn variance(&self) -> f64 {
        let mean = self.average();
        let mut sum = (0.0, 0.0);
        for bucket in self.buckets() {
            if bucket.count == 0.0 {
                continue;
            }
            let middle = if self.uses_custom_buckets() {
                (bucket.upper + bucket.lower) / 2.0
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                let geometric = (bucket.upper * bucket.lower).sqrt();
                if bucket.upper < 0.0 { -geometric } else { geometric }
            };
            let delta = middle - mean;
            sum = increment(bucket.count * delta * delta, sum.0, sum.1);
        }
        (sum.0 + sum.1) / self.count
    }

    /// The square root of [`HistogramRef::variance`].
    pub fn standard_deviation(&self) -> f64 {
        self.variance().sqrt()
    }
}
