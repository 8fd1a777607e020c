//! `sum_over_time` and `avg_over_time`.

use super::HistogramWindow;
use crate::model::histogram::{
    FloatHistogram, HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramMean, HistogramSum,
};

/// The sum of a window's samples, in `state`.
pub fn sum_over_time<'s>(
    window: HistogramWindow<'_>,
    state: &'s mut HistogramSum,
    annotations: &mut HistogramAnnotations,
) -> Result<Option<&'s mut FloatHistogram>, HistogramError> {
    state.clear();
    for sample in window.iter() {
        if let Err(error) = state.add(sample) {
            return incompatible(error, annotations);
        }
    }
    annotations.merge(state.annotations());
    Ok(state.finish())
}

/// The mean of a window's samples, in `state`.
pub fn avg_over_time<'s>(
    window: HistogramWindow<'_>,
    state: &'s mut HistogramMean,
    annotations: &mut HistogramAnnotations,
) -> Result<Option<&'s mut FloatHistogram>, HistogramError> {
    state.clear();
    for sample in window.iter() {
        if let Err(error) = state.add(sample) {
            return incompatible(error, annotations);
        }
    }
    annotations.merge(state.annotations());
    Ok(state.finish())
}

/// No result, and that said; other remarks go with the result.
fn incompatible<T>(
    error: HistogramError,
    annotations: &mut HistogramAnnotations,
) -> Result<Option<T>, HistogramError> {
    if error == HistogramError::IncompatibleSchemas {
        annotations.insert(HistogramAnnotation::MixedExponentialCustom);
        Ok(None)
    } else {
        Err(error)
    }
}
