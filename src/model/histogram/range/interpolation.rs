//! The histogram between two samples, on a straight line.

use super::{HistogramAnnotations, HistogramError, HistogramRef, add, subtract};
use crate::model::histogram::{FloatHistogram, HistogramAnnotation};

/// Writes the histogram at `time_ms`, between two samples; `false`, and a remark, if they do not go together.
///
/// A counter that starts anew in between is taken to grow from nothing.
pub fn interpolate(
    before: (i64, HistogramRef<'_>),
    after: (i64, HistogramRef<'_>),
    time_ms: i64,
    counter: bool,
    out: &mut FloatHistogram,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    let (before_ms, before) = before;
    let (after_ms, after) = after;
    if time_ms == before_ms {
        out.copy_from(before);
        return Ok(true);
    }
    out.copy_from(after);
    if time_ms == after_ms {
        return Ok(true);
    }
    // Before resets are looked for: a change of schema would pass for one.
    if before.uses_custom_buckets() != after.uses_custom_buckets() {
        annotations.insert(HistogramAnnotation::MixedExponentialCustom);
        return Ok(false);
    }
    let fraction = time_ms.saturating_sub(before_ms) as f64 / after_ms.saturating_sub(before_ms) as f64;
    if counter && after.detect_reset(&before) {
        out.multiply(fraction);
        return Ok(true);
    }
    if !subtract(out, before, annotations)? {
        return Ok(false);
    }
    out.multiply(fraction);
    add(out, before, annotations)
}
