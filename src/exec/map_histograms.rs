//! The histogram half of [`super::map`]: signs changed, and binary operators with a scalar.

use std::ops::Range;

use super::{
    context::Context,
    row::{Row, count_bits},
    scalar::Scalar,
    table::Table,
};
use crate::{
    error::Error,
    model::{Span, histogram::FloatHistogram},
    operators::{
        elementwise::ElementOperator,
        histograms::{PairRemark, PairResult, Sample, SampleKind, apply},
    },
};

/// Changes the sign of every histogram of a row.
pub(crate) fn negate(row: &mut Row) {
    let steps = row.values.len();
    let cells = std::mem::take(&mut row.histograms);
    let mut histogram = FloatHistogram::default();
    cells.for_each(|step, sample| {
        histogram.copy_from(cells.samples.as_samples().at(sample));
        histogram.multiply(-1.0);
        row.histograms.put(step, steps, histogram.as_ref());
    });
}

/// An operator with a scalar, as it applies to the samples that are histograms.
pub(crate) struct WithScalar<'a> {
    pub(crate) context: &'a Context,
    pub(crate) operator: ElementOperator,
    pub(crate) scalar: &'a Scalar,
    /// The scalar stands on the left.
    pub(crate) swapped: bool,
    pub(crate) span: Span,
}

impl WithScalar<'_> {
    /// Applies the operator to the histograms of a row at `steps`, and remarks on those it is not defined on; also on floats
    /// where it is defined on histograms alone. To be called before the floats are computed.
    pub(crate) fn apply(&self, steps: Range<usize>, row: &mut Row) -> Result<(), Error> {
        if self.operator.is_trim() && !self.swapped && count_bits(&row.present) > 0 {
            let remark = PairRemark::IncompatibleTypes(SampleKind::Float, SampleKind::Float);
            annotate(self.context, remark, self.operator, self.span);
        }
        if row.histograms.is_empty() {
            return Ok(());
        }
        let cells = std::mem::take(&mut row.histograms);
        let mut out = FloatHistogram::default();
        let mut remarked = None;
        let mut failure = None;
        cells.for_each(|step, sample| {
            let histogram = Sample::Histogram(cells.samples.as_samples().at(sample));
            let scalar = Sample::Float(self.scalar.at(steps.start + step));
            let (left, right) = if self.swapped { (scalar, histogram) } else { (histogram, scalar) };
            match apply(self.operator, left, right, &mut out) {
                Ok(PairResult::Computed(_)) => row.histograms.put(step, steps.len(), out.as_ref()),
                Ok(PairResult::Nothing(remark)) => remarked = Some(remark),
                Ok(PairResult::Compared(_)) => {}
                Err(error) => failure = Some(error),
            }
        });
        if let Some(remark) = remarked
            && !(self.operator.is_trim() && self.swapped)
        {
            annotate(self.context, remark, self.operator, self.span);
        }
        match failure {
            Some(error) => Err(Error::execution(error.to_string(), self.span)),
            None => Ok(()),
        }
    }
}

/// Remarks on a trim whose left side is a scalar, which has no result: of each step's remarks the last one counts, as
/// Prometheus keeps it.
pub(crate) fn remark_on_trimmed_scalar(
    context: &Context,
    operator: ElementOperator,
    vector: &Table,
    span: Span,
) {
    let mut last = vec![None; vector.steps()];
    for row in 0..vector.len() {
        super::row::for_each_bit(vector.present(row), |step| last[step] = Some(SampleKind::Float));
        if let Some(cells) = vector.histograms(row) {
            cells.for_each(|step, _| last[step] = Some(SampleKind::Histogram));
        }
    }
    for kind in [SampleKind::Float, SampleKind::Histogram] {
        if last.contains(&Some(kind)) {
            annotate(context, PairRemark::IncompatibleTypes(SampleKind::Float, kind), operator, span);
        }
    }
}

/// Says what there is to say of a pair.
pub(crate) fn annotate(context: &Context, remark: PairRemark, operator: ElementOperator, span: Span) {
    context.annotate(|annotations| {
        let message = remark.message(operator);
        if remark.is_warning() {
            annotations.warn(message, span);
        } else {
            annotations.inform(message, span);
        }
    });
}
