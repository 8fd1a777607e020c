//! `rate`, `increase` and `delta`: growth over the range, stretched to its borders.

use super::{
    Growth, HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramRef, HistogramWindow,
    RangeBorders, add, seconds_between, subtract,
};
use crate::model::histogram::{CounterResetHint, FloatHistogram};
use crate::model::start_timestamps;

/// The growth over a range, from all samples in it. One sample is enough for a counter that is known to have
/// started within the range.
pub fn rate(
    window: HistogramWindow<'_>,
    range: RangeBorders,
    kind: Growth,
    out: &mut FloatHistogram,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    let Some(gaps) = window.len().checked_sub(1) else { return Ok(false) };
    let mut local = HistogramAnnotations::NONE;
    if gaps > 0 {
        let grew = growth(window, kind.counter, out, &mut local);
        annotations.merge(local);
        if !grew? {
            return Ok(false);
        }
    }

    let (first_time, last_time) = (window.time(0), window.time(gaps));
    let mut to_start = seconds_between(range.start_ms, first_time);
    let mut to_end = seconds_between(last_time, range.end_ms);
    let mut sampled = seconds_between(first_time, last_time);
    let distance = if gaps > 0 { sampled / gaps as f64 } else { 0.0 };
    let threshold = distance * 1.1;

    let began = window.start(0);
    if kind.counter && began != 0 && began > range.start_ms && began < first_time {
        // The counter was 0 when it began: that is a sample, and nothing lies before it.
        to_start = 0.0;
        sampled = seconds_between(began, last_time);
        if gaps == 0 {
            out.copy_from(window.sample(0));
        } else if !add(out, window.sample(0), annotations)? {
            return Ok(false);
        }
    } else if gaps == 0 {
        return Ok(false);
    } else {
        if to_start >= threshold {
            to_start = distance / 2.0;
        }
        let first_count = window.sample(0).count;
        if kind.counter && out.count > 0.0 && first_count >= 0.0 {
            // A counter is not stretched to before it was 0.
            let to_zero = sampled * (first_count / out.count);
            if to_zero < to_start {
                to_start = to_zero;
            }
        }
    }
    if to_end >= threshold {
        to_end = distance / 2.0;
    }

    let mut factor = if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled };
    if kind.per_second {
        factor /= range.seconds();
    }
    out.multiply(factor);
    Ok(true)
}

/// The growth from the first to the last of at least two samples, as a gauge, compacted.
fn growth(
    window: HistogramWindow<'_>,
    counter: bool,
    out: &mut FloatHistogram,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    let last_position = window.len() - 1;
    let last = window.sample(last_position);
    let first = window.sample(0);
    let is_gauge = |sample: HistogramRef<'_>| sample.counter_reset_hint == CounterResetHint::Gauge;
    if counter && (is_gauge(first) || is_gauge(last)) {
        annotations.insert(HistogramAnnotation::NotCounter);
    }

    // A reset right after the first sample makes that one worth nothing, and its layout without meaning.
    let second = window.sample(1);
    let anew = counter && window.was_reset(1);
    let base = if anew {
        HistogramRef { schema: second.schema, custom_bounds: second.custom_bounds, ..HistogramRef::EMPTY }
    } else {
        first
    };
    let custom = base.uses_custom_buckets();
    if last.uses_custom_buckets() != custom {
        annotations.insert(HistogramAnnotation::MixedExponentialCustom);
        return Ok(false);
    }
    let mixed = |annotations: &mut HistogramAnnotations| {
        *annotations = HistogramAnnotations::only(HistogramAnnotation::MixedExponentialCustom);
    };
    let mut schema = last.schema.min(base.schema);
    if counter && !window.is_uniform() {
        for position in 1..last_position {
            let sample = window.sample(position);
            if is_gauge(sample) {
                annotations.insert(HistogramAnnotation::NotCounter);
            }
            if sample.uses_custom_buckets() != custom {
                mixed(annotations);
                return Ok(false);
            }
            schema = schema.min(sample.schema);
        }
    }

    out.copy_from(last);
    if schema < last.schema {
        out.reduce_resolution(schema)?;
    }
    if !subtract(out, base, annotations)? {
        mixed(annotations);
        return Ok(false);
    }
    if counter {
        let mut meet = |position: usize| -> Result<bool, HistogramError> {
            let overlaps = start_timestamps::overlaps(
                window.start(position - 1),
                window.time(position - 1),
                window.start(position),
            );
            if overlaps {
                annotations.insert(HistogramAnnotation::StartTimeOverlap);
            }
            let (was_reset, before) = if position > 1 {
                (window.was_reset(position), window.sample(position - 1))
            } else if anew {
                (window.start_was_reset(1) || second.detect_reset(&base), base)
            } else {
                return Ok(true);
            };
            Ok(!was_reset || add(out, before, annotations)?)
        };
        let added = match window.known_resets() {
            Some(mut known) => known.try_fold(true, |added, position| Ok(added && meet(position)?))?,
            None => (1..=last_position).try_fold(true, |added, position| Ok(added && meet(position)?))?,
        };
        if !added {
            mixed(annotations);
            return Ok(false);
        }
    } else if !is_gauge(first) || !is_gauge(last) {
        annotations.insert(HistogramAnnotation::NotGauge);
    }
    out.counter_reset_hint = CounterResetHint::Gauge;
    out.compact(0);
    Ok(true)
}
