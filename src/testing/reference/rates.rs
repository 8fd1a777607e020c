//! Counters and gauges over a window: rate, increase, delta, irate, idelta, resets, changes.

use super::value::Point;

/// A window as a selector cut it, with what the rate functions need to know of the cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) points: &'a [Point],
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) lookback_ms: i64,
    pub(super) extension: Extension,
    pub(super) use_start_times: bool,
}

/// How the selector reaches beyond its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extension {
    None,
    Anchored,
    Smoothed,
}

impl Window<'_> {
    fn started(&self, index: usize) -> i64 {
        if self.use_start_times { self.points.get(index).map_or(0, |point| point.start_ms) } else { 0 }
    }

    fn seconds(&self) -> f64 {
        (self.end_ms - self.start_ms) as f64 / 1000.0
    }

    /// The newest point at or before the start of the range, or the first one.
    fn anchor(&self) -> usize {
        let last = self.points.len().saturating_sub(1);
        let after = self.points[..last].iter().take_while(|point| point.time_ms <= self.start_ms).count();
        after.saturating_sub(1)
    }
}

/// Whether a counter started anew between two samples, as their start times tell.
pub(super) fn restarted(before: (i64, i64), now: (i64, i64)) -> bool {
    let ((before_start, before_time), (start, time)) = (before, now);
    if before_start == start || start == 0 || start >= time || start < before_time {
        return false;
    }
    if start > before_time {
        return true;
    }
    before_start <= before_time && before_start != 0 && before_start != before_time
}

fn restarted_after(time_ms: i64, start: i64, sample_time: i64) -> bool {
    start > time_ms && sample_time > time_ms && restarted((time_ms, time_ms), (start, sample_time))
}

/// `rate`, `increase` and `delta`.
pub(super) fn rate(window: Window<'_>, is_counter: bool, per_second: bool) -> Option<f64> {
    if window.points.is_empty() {
        return None;
    }
    if window.extension == Extension::None {
        extrapolated(window, is_counter, per_second)
    } else {
        extended(window, is_counter, per_second)
    }
}

fn extrapolated(window: Window<'_>, is_counter: bool, per_second: bool) -> Option<f64> {
    let points = window.points;
    let (first, last) = (points.first()?, points.last()?);
    let mut increase = last.value - first.value;
    if is_counter {
        for (index, pair) in points.windows(2).enumerate() {
            let before = (window.started(index), pair[0].time_ms);
            let now = (window.started(index + 1), pair[1].time_ms);
            if pair[1].value < pair[0].value || restarted(before, now) {
                increase += pair[0].value;
            }
        }
    }
    let started = window.started(0);
    let from_zero = is_counter && started != 0 && started > window.start_ms && started < first.time_ms;
    if from_zero {
        increase += first.value;
    } else if points.len() == 1 {
        return None;
    }
    let to_zero = (is_counter && increase > 0.0 && first.value >= 0.0).then(|| first.value / increase);
    let (times, range) = ((first.time_ms, last.time_ms), (window.start_ms, window.end_ms));
    let mut factor = extrapolation(times, points.len() - 1, range, from_zero.then_some(started), to_zero);
    if per_second {
        factor /= window.seconds();
    }
    Some(increase * factor)
}

/// By how much an increase between the first and the last sample of a window is too small: the series is taken to go on to
/// the edges of the range, or for half the distance of two samples where they are far. A counter that is known to have begun
/// at zero inside the range (`from`) is not stretched before that, and no counter to below zero, which lies `to_zero` of the
/// sampled time before the first sample.
pub(super) fn extrapolation(
    (first_ms, last_ms): (i64, i64),
    gaps: usize,
    (start_ms, end_ms): (i64, i64),
    from: Option<i64>,
    to_zero: Option<f64>,
) -> f64 {
    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    let between = seconds(first_ms, last_ms);
    let gap = if gaps > 0 { between / gaps as f64 } else { 0.0 };
    let stretch = |distance: f64| if distance >= gap * 1.1 { gap / 2.0 } else { distance };
    let to_end = stretch(seconds(last_ms, end_ms));
    let (sampled, to_start) = match from {
        Some(from) => (seconds(from, last_ms), 0.0),
        None => {
            let to_start = stretch(seconds(start_ms, first_ms));
            let to_zero = to_zero.map_or(to_start, |part| between * part);
            (between, if to_zero < to_start { to_zero } else { to_start })
        }
    };
    if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled }
}

fn extended(window: Window<'_>, is_counter: bool, per_second: bool) -> Option<f64> {
    let points = window.points;
    let (mut first, mut last) = boundaries(window)?;
    let lookback_start = window.start_ms - window.lookback_ms;
    let smoothed = window.extension == Extension::Smoothed;
    if smoothed && points[first].time_ms > window.end_ms {
        let (started, time) = (window.started(first), points[first].time_ms);
        if !is_counter
            || !restarted_after(lookback_start, started, time)
            || restarted_after(window.end_ms, started, time)
        {
            return None;
        }
    }
    let (left, left_started) = left_edge(window, first, is_counter);
    let (right, right_started) = right_edge(window, last as usize, is_counter);
    let mut increase = right - left;
    if is_counter {
        if points[first].time_ms <= window.start_ms {
            first += 1;
        }
        if points[last as usize].time_ms >= window.end_ms {
            last -= 1;
        }
        let mut lost = 0.0;
        let mut before = (left, left_started, window.start_ms);
        let inside = (first as isize..=last).map(|index| {
            let index = index as usize;
            (points[index].value, window.started(index), points[index].time_ms)
        });
        for now in inside.chain([(right, right_started, window.end_ms)]) {
            if now.0 < before.0 || restarted((before.1, before.2), (now.1, now.2)) {
                lost += before.0;
            }
            before = now;
        }
        increase += lost;
    }
    Some(if per_second { increase / window.seconds() } else { increase })
}

/// The points nearest to the two edges, or nothing where no point lies after the start.
fn boundaries(window: Window<'_>) -> Option<(usize, isize)> {
    let points = window.points;
    let mut last = points.len().checked_sub(1)?;
    let first = window.anchor();
    if window.extension == Extension::Smoothed {
        last = points[..last].iter().take_while(|point| point.time_ms < window.end_ms).count();
    }
    (points[last].time_ms > window.start_ms).then_some((first, last as isize))
}

fn interpolate(from: (i64, f64), to: (i64, f64), time_ms: i64, is_counter: bool) -> f64 {
    let start = if is_counter && to.1 < from.1 { 0.0 } else { from.1 };
    start + (to.1 - start) * (time_ms - from.0) as f64 / (to.0 - from.0) as f64
}

/// The value at the start of the range, and the start time that goes with it.
fn left_edge(window: Window<'_>, first: usize, is_counter: bool) -> (f64, i64) {
    let smoothed = window.extension == Extension::Smoothed;
    let edge = window.start_ms;
    let point = window.points[first];
    let started = window.started(first);
    let mut known = if started > edge { 0 } else { started };
    if point.time_ms == edge {
        return (point.value, started);
    }
    let mut from = (point.time_ms, point.value);
    if point.time_ms > edge {
        let lookback_start = edge - window.lookback_ms;
        if !is_counter || !restarted_after(lookback_start, started, point.time_ms) {
            return (point.value, known);
        }
        if restarted_after(edge, started, point.time_ms) || !smoothed {
            return (0.0, known);
        }
        return (interpolate((started, 0.0), from, edge, true), known);
    }
    let Some(next) = window.points.get(first + 1) else { return (point.value, known) };
    let next_started = window.started(first + 1);
    let mut to = (next.time_ms, next.value);
    if is_counter {
        if restarted_after(edge, next_started, next.time_ms) {
            to = (next_started, 0.0);
        } else if restarted((started, point.time_ms), (next_started, next.time_ms)) {
            from = (next_started, 0.0);
            known = next_started;
        }
    }
    if smoothed { (interpolate(from, to, edge, is_counter), known) } else { (from.1, known) }
}

/// The value at the end of the range, and the start time that goes with it.
fn right_edge(window: Window<'_>, last: usize, is_counter: bool) -> (f64, i64) {
    let smoothed = window.extension == Extension::Smoothed;
    let edge = window.end_ms;
    let point = window.points[last];
    let started = window.started(last);
    let mut known = if started > edge { 0 } else { started };
    if point.time_ms <= edge {
        return (point.value, known);
    }
    let mut to = (point.time_ms, point.value);
    let Some(before) = last.checked_sub(1) else {
        let lookback_start = window.start_ms - window.lookback_ms;
        if !is_counter || !restarted_after(lookback_start, started, point.time_ms) {
            return (point.value, known);
        }
        if restarted_after(edge, started, point.time_ms) || !smoothed {
            return (0.0, known);
        }
        return (interpolate((started, 0.0), to, edge, true), known);
    };
    let earlier = window.points[before];
    let earlier_started = window.started(before);
    let mut from = (earlier.time_ms, earlier.value);
    if is_counter {
        if restarted_after(edge, started, point.time_ms) {
            to = (started, 0.0);
            known = earlier_started;
        } else if restarted((earlier_started, earlier.time_ms), (started, point.time_ms)) {
            from = (started, 0.0);
        }
    }
    if smoothed { (interpolate(from, to, edge, is_counter), known) } else { (from.1, known) }
}

/// The points of an anchored or smoothed range vector itself, as a query of the bare selector shows them.
pub(super) fn extend(window: Window<'_>) -> Vec<Point> {
    let points = window.points;
    let Some((mut first, mut last)) = boundaries(window) else { return Vec::new() };
    let (left, _) = left_edge(window, first, false);
    let (right, _) = right_edge(window, last as usize, false);
    if points[first].time_ms <= window.start_ms {
        first += 1;
    }
    if points[last as usize].time_ms >= window.end_ms {
        last -= 1;
    }
    let edge = |time_ms, value| Point { time_ms, value, start_ms: 0 };
    let mut out = vec![edge(window.start_ms, left)];
    out.extend((first as isize..=last).map(|index| points[index as usize]));
    out.push(edge(window.end_ms, right));
    out
}
