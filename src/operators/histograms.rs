//! Binary operators on one pair of samples of which at least one is a native histogram, and what is to be said of pairs
//! that have no result.

use super::elementwise::ElementOperator;
use crate::model::histogram::{FloatHistogram, HistogramError, HistogramRef, Reconciled};

use ElementOperator as O;

/// One side of a pair.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sample<'a> {
    Float(f64),
    Histogram(HistogramRef<'a>),
}

/// Whether a sample is a float or a histogram, in the words of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SampleKind {
    Float,
    Histogram,
}

impl SampleKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Histogram => "histogram",
        }
    }
}

impl Sample<'_> {
    const fn kind(self) -> SampleKind {
        match self {
            Self::Float(_) => SampleKind::Float,
            Self::Histogram(_) => SampleKind::Histogram,
        }
    }
}

/// What is said of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PairRemark {
    /// The operator is not defined on these kinds (an info).
    IncompatibleTypes(SampleKind, SampleKind),
    /// Exponential and custom buckets meet (a warning).
    IncompatibleLayouts,
    /// One histogram says it was reset and the other that it was not (a warning).
    CounterResetCollision,
    /// Custom bounds differ and were reconciled (an info); the only remark on a pair that has a result.
    MismatchedCustomBuckets,
}

impl PairRemark {
    /// Whether it is a warning, not an info.
    pub(crate) const fn is_warning(self) -> bool {
        matches!(self, Self::IncompatibleLayouts | Self::CounterResetCollision)
    }

    /// Prometheus' words for it.
    pub(crate) fn message(self, operator: ElementOperator) -> String {
        let symbol = operator.symbol();
        let doing = if operator == O::Subtract { "subtraction" } else { "addition" };
        match self {
            Self::IncompatibleTypes(left, right) => format!(
                "incompatible sample types encountered for binary operator {symbol:?}: {} {symbol} {}",
                left.name(),
                right.name(),
            ),
            Self::IncompatibleLayouts => {
                format!("incompatible bucket layout encountered for binary operator {symbol}")
            }
            Self::CounterResetCollision => format!("conflicting counter resets during histogram {doing}"),
            Self::MismatchedCustomBuckets => {
                format!("mismatched custom buckets were reconciled during {doing}")
            }
        }
    }
}

/// What a pair gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PairResult {
    /// No sample, and why.
    Nothing(PairRemark),
    /// The histogram written to `out`, and perhaps a word on it.
    Computed(Option<PairRemark>),
    /// A comparison: whether it holds.
    Compared(bool),
}

/// Computes `left operator right` where at least one is a histogram; a computed one is in `out`.
///
/// An error is a histogram whose spans and buckets disagree.
pub(crate) fn apply(
    operator: ElementOperator,
    left: Sample<'_>,
    right: Sample<'_>,
    out: &mut FloatHistogram,
) -> Result<PairResult, HistogramError> {
    match (left, right) {
        (Sample::Float(factor), Sample::Histogram(histogram)) if operator == O::Multiply => {
            out.copy_from(histogram);
            out.multiply(factor);
            out.compact(0);
        }
        (Sample::Histogram(histogram), Sample::Float(value))
            if matches!(operator, O::Multiply | O::Divide | O::TrimUpper | O::TrimLower) =>
        {
            out.copy_from(histogram);
            match operator {
                O::Multiply => out.multiply(value),
                O::Divide => out.divide(value),
                O::TrimUpper => out.trim_above(value),
                _ => out.trim_below(value),
            }
            if matches!(operator, O::Multiply | O::Divide) {
                out.compact(0);
            }
        }
        (Sample::Histogram(left), Sample::Histogram(right)) => match operator {
            O::Equal => return Ok(PairResult::Compared(left.equals(&right))),
            O::NotEqual => return Ok(PairResult::Compared(!left.equals(&right))),
            O::Add | O::Subtract => {
                out.copy_from(left);
                let reconciled =
                    if operator == O::Add { out.add(right) } else { out.subtract_as_gauge(right) };
                return added(reconciled, out);
            }
            _ => return Ok(incompatible(SampleKind::Histogram, SampleKind::Histogram)),
        },
        _ => return Ok(incompatible(left.kind(), right.kind())),
    }
    Ok(PairResult::Computed(None))
}

const fn incompatible(left: SampleKind, right: SampleKind) -> PairResult {
    PairResult::Nothing(PairRemark::IncompatibleTypes(left, right))
}

fn added(
    reconciled: Result<Reconciled, HistogramError>,
    out: &mut FloatHistogram,
) -> Result<PairResult, HistogramError> {
    match reconciled {
        // Prometheus gives no sum where hints contradict each other.
        Ok(Reconciled { counter_reset_collision: true, .. }) => {
            Ok(PairResult::Nothing(PairRemark::CounterResetCollision))
        }
        Ok(Reconciled { custom_bounds, .. }) => {
            out.compact(0);
            Ok(PairResult::Computed(custom_bounds.then_some(PairRemark::MismatchedCustomBuckets)))
        }
        Err(HistogramError::IncompatibleSchemas) => Ok(PairResult::Nothing(PairRemark::IncompatibleLayouts)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::{CounterResetHint, HistogramParts};

    fn sample(hint: CounterResetHint) -> FloatHistogram {
        FloatHistogram::from_parts(HistogramParts {
            count: 3.0,
            sum: 4.0,
            buckets: vec![1.0, 0.0, 2.0],
            counter_reset_hint: hint,
            ..HistogramParts::default()
        })
    }

    #[test]
    fn hints_that_contradict_each_other_leave_no_sum() {
        let (left, right) = (sample(CounterResetHint::Reset), sample(CounterResetHint::NotReset));
        let sides = (Sample::Histogram(left.as_ref()), Sample::Histogram(right.as_ref()));
        let mut out = FloatHistogram::default();
        let result = apply(O::Add, sides.0, sides.1, &mut out);
        assert_eq!(result, Ok(PairResult::Nothing(PairRemark::CounterResetCollision)));
    }

    #[test]
    fn a_product_is_compacted_and_a_power_is_refused() {
        let histogram = sample(CounterResetHint::Unknown);
        let histogram = Sample::Histogram(histogram.as_ref());
        let mut out = FloatHistogram::default();
        assert_eq!(
            apply(O::Multiply, Sample::Float(2.0), histogram, &mut out),
            Ok(PairResult::Computed(None))
        );
        assert_eq!((out.count, out.positive_buckets.as_slice()), (6.0, [2.0, 4.0].as_slice()));
        let Ok(PairResult::Nothing(remark)) = apply(O::Power, histogram, Sample::Float(2.0), &mut out) else {
            panic!("a histogram has no power")
        };
        assert_eq!(
            remark.message(O::Power),
            "incompatible sample types encountered for binary operator \"^\": histogram ^ float"
        );
    }
}
