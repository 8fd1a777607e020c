//! `irate` and `idelta`: growth between the last two samples.

use super::{
    Growth, HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramWindow, seconds_between,
    subtract,
};
use crate::model::histogram::{CounterResetHint, FloatHistogram};

/// The growth between the last two samples of a window; from nothing after a reset of a counter.
pub fn instant_rate(
    window: HistogramWindow<'_>,
    kind: Growth,
    out: &mut FloatHistogram,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    let Some(before) = window.len().checked_sub(2) else { return Ok(false) };
    let last = before + 1;
    let interval = seconds_between(window.time(before), window.time(last));
    if interval == 0.0 {
        return Ok(false);
    }
    let (previous, current) = (window.sample(before), window.sample(last));
    let gauges = [previous, current].map(|sample| sample.counter_reset_hint == CounterResetHint::Gauge);
    if kind.counter && gauges.contains(&true) {
        annotations.insert(HistogramAnnotation::NotCounter);
    }
    if !kind.counter && gauges.contains(&false) {
        annotations.insert(HistogramAnnotation::NotGauge);
    }
    out.copy_from(current);
    if (!kind.counter || !window.was_reset(last)) && !subtract(out, previous, annotations)? {
        return Ok(false);
    }
    out.counter_reset_hint = CounterResetHint::Gauge;
    out.compact(0);
    if kind.per_second {
        out.divide(interval);
    }
    Ok(true)
}
