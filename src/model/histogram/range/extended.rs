//! `rate`, `increase` and `delta` on `anchored` and `smoothed` ranges: growth between the range's own borders.

use super::{
    Growth, HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramRef, HistogramWindow,
    RangeBorders, add, interpolate, subtract,
};
use crate::model::histogram::{CounterResetHint, FloatHistogram};

/// The growth between the borders of a range. The window also holds the samples around it that the selector may
/// look at: `anchored` takes the last sample at or before a border, `smoothed` interpolates between neighbours.
pub fn extended_rate(
    window: HistogramWindow<'_>,
    range: RangeBorders,
    smoothed: bool,
    kind: Growth,
    out: &mut FloatHistogram,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    let Some(mut last) = window.len().checked_sub(1) else { return Ok(false) };
    let first = first_position(last, |position| window.time(position) > range.start_ms).saturating_sub(1);
    if smoothed {
        last = first_position(last, |position| window.time(position) >= range.end_ms);
    }
    if window.time(last) <= range.start_ms || (smoothed && window.time(first) > range.end_ms) {
        return Ok(false);
    }
    if !check(window, first, last, kind.counter, annotations) {
        return Ok(false);
    }

    let point = |position: usize| (window.time(position), window.sample(position));
    let mut left = FloatHistogram::from(window.sample(first));
    if smoothed && window.time(first) < range.start_ms {
        let (before, after) = (point(first), point(first + 1));
        if !interpolate(before, after, range.start_ms, kind.counter, &mut left, annotations)? {
            return Ok(false);
        }
    }
    let mut right = FloatHistogram::from(window.sample(last));
    if smoothed && last > 0 && window.time(last) > range.end_ms {
        let (before, after) = (point(last - 1), point(last));
        if !interpolate(before, after, range.end_ms, kind.counter, &mut right, annotations)? {
            return Ok(false);
        }
    }
    let gauges = [&left, &right].map(|border| border.counter_reset_hint == CounterResetHint::Gauge);
    if !kind.counter && gauges.contains(&false) {
        annotations.insert(HistogramAnnotation::NotGauge);
    }

    out.copy_from(right.as_ref());
    if !subtract(out, left.as_ref(), annotations)? {
        return Ok(false);
    }
    if kind.counter {
        let interpolated_reset = smoothed
            && window.time(first) < range.start_ms
            && window.sample(first + 1).detect_reset(&window.sample(first));
        let between = Between { window, first, last, interpolated_reset };
        match between.lost(left.as_ref(), right.as_ref(), annotations)? {
            Lost::Nothing => {}
            Lost::Unknown => return Ok(false),
            Lost::Counts(counts) => {
                if !add(out, counts.as_ref(), annotations)? {
                    return Ok(false);
                }
            }
        }
    }
    if kind.per_second {
        out.divide(range.seconds());
    }
    out.counter_reset_hint = CounterResetHint::Gauge;
    out.compact(0);
    Ok(true)
}

/// The first position below `count` for which `holds`, which then holds for all that follow; else `count`.
fn first_position(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// Notes gauges under a counter function; `false`, and a remark, where exponential and custom buckets meet.
fn check(
    window: HistogramWindow<'_>,
    first: usize,
    last: usize,
    counter: bool,
    annotations: &mut HistogramAnnotations,
) -> bool {
    let custom = window.sample(first).uses_custom_buckets();
    for position in first..=last {
        let sample = window.sample(position);
        if sample.uses_custom_buckets() != custom {
            annotations.insert(HistogramAnnotation::MixedExponentialCustom);
            return false;
        }
        if counter && sample.counter_reset_hint == CounterResetHint::Gauge {
            annotations.insert(HistogramAnnotation::NotCounter);
        }
    }
    true
}

/// What a counter had reached at its resets.
enum Lost {
    Nothing,
    Unknown,
    Counts(FloatHistogram),
}

/// The samples between two borders.
struct Between<'a> {
    window: HistogramWindow<'a>,
    first: usize,
    last: usize,
    /// The value at the left border already takes the reset right after it into account.
    interpolated_reset: bool,
}

impl Between<'_> {
    fn lost(
        &self,
        left: HistogramRef<'_>,
        right: HistogramRef<'_>,
        annotations: &mut HistogramAnnotations,
    ) -> Result<Lost, HistogramError> {
        // The first sample is the left border, the last one the right border, which has its hint: seen twice, it
        // would count twice.
        let mut next = self.first + 1;
        let skipped;
        let mut before = left;
        if self.interpolated_reset {
            skipped = self.window.sample(next);
            before = skipped;
            next += 1;
        }
        if next > self.last {
            return Ok(Lost::Nothing);
        }
        let mut lost = None;
        let samples = (next..self.last).map(|position| self.window.sample(position));
        for sample in samples.chain([right]) {
            if sample.detect_reset(&before) {
                match &mut lost {
                    None => lost = Some(FloatHistogram::from(before)),
                    Some(lost) => {
                        if !add(lost, before, annotations)? {
                            return Ok(Lost::Unknown);
                        }
                    }
                }
            }
            before = sample;
        }
        Ok(lost.map_or(Lost::Nothing, Lost::Counts))
    }
}
