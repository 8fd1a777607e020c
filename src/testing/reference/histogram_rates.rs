//! Histograms that count, over a window: rate, increase, delta.

use super::histogram::{Histogram, Mixed, difference, sum};
use super::rates::{Extension, extrapolation, restarted};
use super::value::HistogramPoint;

/// A window's histograms, with what the rate functions need to know of the cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct HistogramWindow<'a> {
    pub(super) points: &'a [HistogramPoint],
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) extension: Extension,
    pub(super) use_start_times: bool,
}

/// The result, or `None` where there are too few samples, or such that have nothing to do with each other.
type Rate = Option<Histogram>;

impl HistogramWindow<'_> {
    fn started(&self, at: usize) -> i64 {
        if self.use_start_times { self.points.get(at).map_or(0, |point| point.start_ms) } else { 0 }
    }

    /// Whether the counter started anew between a sample and the one before, which may stand for another.
    fn is_reset(&self, at: usize, before: &Histogram) -> bool {
        let time = |at: usize| self.points[at].time_ms;
        let times = ((self.started(at - 1), time(at - 1)), (self.started(at), time(at)));
        restarted(times.0, times.1) || self.points[at].value.is_reset_after(before)
    }

    fn seconds(&self) -> f64 {
        (self.end_ms - self.start_ms) as f64 / 1000.0
    }
}

/// `rate`, `increase` and `delta`.
pub(super) fn rate(window: HistogramWindow<'_>, is_counter: bool, per_second: bool) -> Rate {
    let rate = match window.extension {
        Extension::None => return extrapolated(window, is_counter, per_second),
        _ => extended(window, is_counter)?,
    };
    let rate = if per_second { rate.over(window.seconds()) } else { rate };
    Some(rate.into_gauge().compact())
}

fn extrapolated(window: HistogramWindow<'_>, is_counter: bool, per_second: bool) -> Rate {
    let points = window.points;
    let (first, last) = (points.first()?, points.last()?);
    let mut increase = if points.len() > 1 { Some(increase(window, is_counter)?) } else { None };
    let started = window.started(0);
    let from_zero = is_counter && started != 0 && started > window.start_ms && started < first.time_ms;
    if from_zero {
        increase = Some(match increase {
            Some(increase) => sum(&increase, &first.value).ok()?.0,
            None => first.value.clone(),
        });
    }
    let increase = increase?;
    let to_zero = (is_counter && increase.count > 0.0 && first.value.count >= 0.0)
        .then(|| first.value.count / increase.count);
    let times = (first.time_ms, last.time_ms);
    let range = (window.start_ms, window.end_ms);
    let from = from_zero.then_some(started);
    let mut factor = extrapolation(times, points.len() - 1, range, from, to_zero);
    if per_second {
        factor /= window.seconds();
    }
    Some(increase.times(factor))
}

/// The increase between the first and the last of two or more samples.
fn increase(window: HistogramWindow<'_>, is_counter: bool) -> Rate {
    let points = window.points;
    let mut before = points[0].value.clone();
    if is_counter && window.is_reset(1, &before) {
        // What was before does not matter, nor how its buckets lay.
        let second = &points[1].value;
        before = Histogram::empty(second.schema, second.bounds.clone());
    }
    let (last, between) = points[1..].split_last()?;
    let last = &last.value;
    let mut schema = last.schema.min(before.schema);
    if last.is_custom() != before.is_custom() {
        return None;
    }
    if is_counter {
        if between.iter().any(|point| point.value.is_custom() != last.is_custom()) {
            return None;
        }
        schema = between.iter().map(|point| point.value.schema).fold(schema, i32::min);
    }
    let (mut increase, _) = difference(&last.in_schema(schema), &before).ok()?;
    if is_counter {
        for (at, point) in points.iter().enumerate().skip(1) {
            if window.is_reset(at, &before) {
                (increase, _) = sum(&increase, &before).ok()?;
            }
            before = point.value.clone();
        }
    }
    Some(increase.into_gauge().compact())
}

/// A histogram on the line between two, which a counter that started anew rises from zero on.
pub(super) fn between(
    from: (i64, &Histogram),
    to: (i64, &Histogram),
    time_ms: i64,
    is_counter: bool,
) -> Result<Histogram, Mixed> {
    if time_ms == from.0 {
        return Ok(from.1.clone());
    }
    if time_ms == to.0 {
        return Ok(to.1.clone());
    }
    let part = (time_ms - from.0) as f64 / (to.0 - from.0) as f64;
    if is_counter && to.1.is_reset_after(from.1) {
        return Ok(to.1.clone().times(part));
    }
    let (rise, _) = difference(to.1, from.1)?;
    Ok(sum(&rise.times(part), from.1)?.0)
}

/// The increase of an anchored or smoothed range.
fn extended(window: HistogramWindow<'_>, is_counter: bool) -> Rate {
    let points = window.points;
    let (start_ms, end_ms) = (window.start_ms, window.end_ms);
    let smoothed = window.extension == Extension::Smoothed;
    let mut last = points.len().checked_sub(1)?;
    let at_start = points[..last].iter().take_while(|point| point.time_ms <= start_ms).count();
    let first = at_start.saturating_sub(1);
    if smoothed {
        last = points[..last].iter().take_while(|point| point.time_ms < end_ms).count();
    }
    if points[last].time_ms <= start_ms || (smoothed && points[first].time_ms > end_ms) {
        return None;
    }
    let custom = points[first].value.is_custom();
    if points[first..=last].iter().any(|point| point.value.is_custom() != custom) {
        return None;
    }
    extended_increase(points, (first, last), (start_ms, end_ms), smoothed, is_counter).ok()
}

fn extended_increase(
    points: &[HistogramPoint],
    (first, last): (usize, usize),
    (start_ms, end_ms): (i64, i64),
    smoothed: bool,
    is_counter: bool,
) -> Result<Histogram, Mixed> {
    let at = |at: usize| (points[at].time_ms, &points[at].value);
    let left = if smoothed && points[first].time_ms < start_ms {
        between(at(first), at(first + 1), start_ms, is_counter)?
    } else {
        points[first].value.clone()
    };
    let right = if smoothed && last > 0 && points[last].time_ms > end_ms {
        between(at(last - 1), at(last), end_ms, is_counter)?
    } else {
        points[last].value.clone()
    };
    let (increase, _) = difference(&right, &left)?;
    if !is_counter {
        return Ok(increase);
    }
    let mut before = &left;
    let mut next = first + 1;
    if smoothed && points[first].time_ms < start_ms && points[next].value.is_reset_after(&points[first].value)
    {
        // The left edge rose from zero already.
        before = &points[next].value;
        next += 1;
    }
    // The right edge stands for the last point.
    let mut lost: Vec<&Histogram> = Vec::new();
    if next <= last {
        let inside = points[next..last].iter().map(|point| &point.value);
        for now in inside.chain([&right]) {
            if now.is_reset_after(before) {
                lost.push(before);
            }
            before = now;
        }
    }
    let Some((one, more)) = lost.split_first() else { return Ok(increase) };
    let mut correction = (*one).clone();
    for histogram in more {
        correction = sum(&correction, histogram)?.0;
    }
    Ok(sum(&increase, &correction)?.0)
}
