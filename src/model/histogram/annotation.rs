//! What an operation on histograms remarks besides its result, as values; texts and positions are the caller's.

/// The operation an annotation speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HistogramOperation {
    /// `+`, and additions inside of range functions.
    Addition,
    /// `-`, and subtractions inside of range functions.
    Subtraction,
    /// `sum`, `avg` and their `_over_time` forms.
    Aggregation,
}

/// A remark on a histogram result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HistogramAnnotation {
    /// Warning: exponential and custom buckets meet; there is no result.
    MixedExponentialCustom,
    /// Warning: a counter function met a gauge.
    NotCounter,
    /// Warning: a gauge function met a counter.
    NotGauge,
    /// Warning: a sample's start time lies before the sample before it.
    StartTimeOverlap,
    /// Warning: one histogram says it was reset and another that it was not.
    CounterResetCollision(HistogramOperation),
    /// Info: custom bounds differ and only common ones were kept.
    MismatchedCustomBuckets(HistogramOperation),
    /// Info: NaN observations make this quantile NaN.
    QuantileNanResult,
    /// Info: NaN observations, counted as the highest, skew this quantile.
    QuantileNanSkew,
    /// Info: NaN observations are in no fraction.
    FractionNans,
}

/// Every annotation, in the order of their bits in [`HistogramAnnotations`].
const ALL: [HistogramAnnotation; 13] = {
    use HistogramAnnotation as A;
    use HistogramOperation as O;
    [
        A::MixedExponentialCustom,
        A::NotCounter,
        A::NotGauge,
        A::StartTimeOverlap,
        A::CounterResetCollision(O::Addition),
        A::CounterResetCollision(O::Subtraction),
        A::CounterResetCollision(O::Aggregation),
        A::MismatchedCustomBuckets(O::Addition),
        A::MismatchedCustomBuckets(O::Subtraction),
        A::MismatchedCustomBuckets(O::Aggregation),
        A::QuantileNanResult,
        A::QuantileNanSkew,
        A::FractionNans,
    ]
};

/// A set of annotations, in one word, so that kernels gather them at no cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistogramAnnotations(u16);

impl HistogramAnnotations {
    /// No annotation.
    pub const NONE: Self = Self(0);

    /// The set of this one.
    pub fn only(annotation: HistogramAnnotation) -> Self {
        let mut set = Self::NONE;
        set.insert(annotation);
        set
    }

    /// Adds one.
    pub fn insert(&mut self, annotation: HistogramAnnotation) {
        for (bit, known) in ALL.iter().enumerate() {
            if *known == annotation {
                self.0 |= 1 << bit;
            }
        }
    }

    /// Adds those of another set.
    pub fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the set holds this one.
    pub fn contains(self, annotation: HistogramAnnotation) -> bool {
        !self.is_empty() && self.iter().any(|known| known == annotation)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The annotations, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = HistogramAnnotation> {
        ALL.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, known)| known)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, HistogramAnnotations};

    #[test]
    fn every_annotation_has_a_bit_of_its_own() {
        let mut set = HistogramAnnotations::NONE;
        for annotation in ALL {
            assert!(!set.contains(annotation));
            set.insert(annotation);
            assert!(set.contains(annotation));
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), ALL);
    }
}
