//! `anchored` and `smoothed` ranges: growth between values at the range's own borders, without extrapolation.
//!
//! `anchored` takes the last sample at or before a border as the value there; `smoothed` interpolates between the samples around
//! it. Resets count between the border values and the samples inside.

use std::ops::Range;

use super::{
    extrapolation::seconds,
    kernel::{RangeInput, RowOut},
    start_timestamps::{self, is_reset, is_reset_after},
    window::{Extension, WindowSpecification},
};
use crate::model::Timestamps;

#[derive(Clone, Copy)]
struct Point {
    time: i64,
    value: f64,
}

/// The samples a window may look at, and its borders.
struct View<'a> {
    timestamps: Timestamps<'a>,
    /// The window's first sample in the timestamps.
    offset: usize,
    values: &'a [f64],
    starts: &'a [i64],
    lookback_start: i64,
    smoothed: bool,
    counter: bool,
}

impl View<'_> {
    fn time(&self, index: usize) -> i64 {
        self.timestamps.at(self.offset + index)
    }

    fn point(&self, index: usize) -> Point {
        Point { time: self.time(index), value: self.values[index] }
    }

    /// As [`border_samples`]; `inside` counts the samples up to the start and up to the end.
    fn border_samples(&self, inside: (usize, usize), borders: [i64; 2]) -> Option<(usize, usize)> {
        border_samples(|index| self.time(index), (0, self.values.len()), inside, self.smoothed, borders)
    }

    fn start(&self, index: usize) -> i64 {
        start_timestamps::of(self.starts, index)
    }

    /// The value at a border that lies before every sample: from the counter's own start, if that is seen.
    fn before_all(&self, index: usize, border: i64) -> f64 {
        let (point, start) = (self.point(index), self.start(index));
        if !self.counter || !is_reset_after(self.lookback_start, start, point.time) {
            point.value
        } else if is_reset_after(border, start, point.time) || !self.smoothed {
            0.0
        } else {
            self.interpolate(Point { time: start, value: 0.0 }, point, border)
        }
    }

    /// The value at the range's start and the start timestamp that goes with it.
    fn left(&self, first: usize, border: i64) -> (f64, i64) {
        let mut point = self.point(first);
        let start = self.start(first);
        let mut known_start = if start > border { 0 } else { start };
        if point.time == border {
            return (point.value, start);
        }
        if point.time > border {
            return (self.before_all(first, border), known_start);
        }
        let mut next = self.point(first + 1);
        let next_start = self.start(first + 1);
        if self.counter {
            if is_reset_after(border, next_start, next.time) {
                next = Point { time: next_start, value: 0.0 };
            } else if is_reset(start, point.time, next_start, next.time) {
                point = Point { time: next_start, value: 0.0 };
                known_start = next_start;
            }
        }
        (if self.smoothed { self.interpolate(point, next, border) } else { point.value }, known_start)
    }

    /// The value at the range's end and the start timestamp that goes with it.
    fn right(&self, last: usize, border: i64) -> (f64, i64) {
        let mut point = self.point(last);
        let start = self.start(last);
        let mut known_start = if start > border { 0 } else { start };
        if point.time <= border {
            return (point.value, known_start);
        }
        if last == 0 {
            return (self.before_all(last, border), known_start);
        }
        let mut previous = self.point(last - 1);
        let previous_start = self.start(last - 1);
        if self.counter {
            if is_reset_after(border, start, point.time) {
                point = Point { time: start, value: 0.0 };
                known_start = previous_start;
            } else if is_reset(previous_start, previous.time, start, point.time) {
                previous = Point { time: start, value: 0.0 };
            }
        }
        (if self.smoothed { self.interpolate(previous, point, border) } else { previous.value }, known_start)
    }

    /// A straight line between two points; a counter that fell begins at 0.
    fn interpolate(&self, from: Point, to: Point, time: i64) -> f64 {
        let base = if self.counter && to.value < from.value { 0.0 } else { from.value };
        base + (to.value - base) * (time - from.time) as f64 / (to.time - from.time) as f64
    }
}

/// The samples next to the borders of a range: the last at or before the start, else the first; with `smoothed` the first at or
/// after the end, else the last. `reach` are the samples that may be looked at, `inside` those between the borders. `None`
/// where the range is empty.
pub(super) fn border_samples(
    time: impl Fn(usize) -> i64,
    reach: (usize, usize),
    inside: (usize, usize),
    smoothed: bool,
    [range_start, range_end]: [i64; 2],
) -> Option<(usize, usize)> {
    let mut last = reach.1.checked_sub(1).filter(|last| *last >= reach.0)?;
    let first = inside.0.min(last).saturating_sub(1).max(reach.0);
    if smoothed {
        let on_border = inside.1 > reach.0 && time(inside.1 - 1) == range_end;
        last = (inside.1 - usize::from(on_border)).min(last);
    }
    (time(last) > range_start).then_some((first, last))
}

/// `rate`, `increase` and `delta` over an extended range.
pub(super) fn extended_rate<const COUNTER: bool, const PER_SECOND: bool>(
    input: &RangeInput<'_>,
    resets: &mut Vec<u32>,
    out: &mut RowOut<'_>,
) {
    let windows = input.windows;
    let range_ms = windows.range_ms();
    let smoothed = windows.extension() == Extension::Smoothed;
    let starts = input.floats.start_timestamps;
    let values = input.floats.values;
    // Where there are no start timestamps, samples that fell are all that matters inside the windows.
    resets.clear();
    // A count rather than a search: it runs on several pairs at once. NaN neither rises nor falls.
    let risen: usize = values.windows(2).map(|pair| usize::from(pair[1] >= pair[0])).sum();
    if COUNTER && risen + 1 < values.len() {
        let pairs = values.windows(2).enumerate();
        resets.extend(pairs.filter(|(_, pair)| pair[1] < pair[0]).map(|(index, _)| index as u32 + 1));
    }
    let resets = &resets[..];
    let has_nan = COUNTER && risen + resets.len() + 1 < values.len();
    let together = |first: usize, out: &mut [f64]| {
        let first = input.steps.start + first;
        // Fewer steps are not worth the gathering.
        if has_nan || !starts.is_empty() || out.len() < 8 || !first.is_multiple_of(64) {
            return false;
        }
        let borders = windows.borders(&input.floats.timestamps);
        if COUNTER && !borders.spanned(first, out.len()).is_some_and(|seen| only_rises(values, seen, resets))
        {
            return false;
        }
        if !borders.grow(first, values, out) {
            return false;
        }
        if COUNTER {
            // What is lost at resets: nothing, which changes −0.
            out.iter_mut().for_each(|growth| *growth += 0.0);
        }
        if PER_SECOND {
            let range_seconds = seconds(range_ms);
            out.iter_mut().for_each(|growth| *growth /= range_seconds);
        }
        true
    };
    out.fill_or(together, |step| {
        let step = input.steps.start + step;
        let (first, end) = windows.reach(step);
        if first == end {
            return None;
        }
        let range_end = windows.ends().at(step);
        let range_start = range_end.saturating_sub(range_ms);
        let view = View {
            timestamps: input.floats.timestamps,
            offset: first,
            values: &values[first..end],
            starts: starts.get(first..end.min(starts.len())).unwrap_or_default(),
            lookback_start: range_start.saturating_sub(windows.lookback_ms()),
            smoothed,
            counter: COUNTER,
        };
        let inside = windows.bounds(step);
        let counts = (inside.0.saturating_sub(first), inside.1.saturating_sub(first));
        let growth = growth::<COUNTER>(&view, counts, resets, range_start, range_end)?;
        Some(if PER_SECOND { growth / seconds(range_ms) } else { growth })
    });
}

/// Whether a counter has no reset among some of its samples, and differences of them are finite.
fn only_rises(values: &[f64], seen: Range<usize>, resets: &[u32]) -> bool {
    let passed = resets.partition_point(|reset| *reset as usize <= seen.start);
    let ends = values.get(seen.start).zip(values.get(seen.end - 1));
    resets.get(passed).is_none_or(|reset| *reset as usize >= seen.end)
        && ends.is_some_and(|(first, last)| (last - first).is_finite())
}

fn growth<const COUNTER: bool>(
    view: &View<'_>,
    counts: (usize, usize),
    resets: &[u32],
    range_start: i64,
    range_end: i64,
) -> Option<f64> {
    let (mut first, last) = view.border_samples(counts, [range_start, range_end])?;
    if view.smoothed && view.time(first) > range_end {
        let (start, time) = (view.start(first), view.time(first));
        // Only a counter that began within sight, and not after the range, has grown by then.
        if !COUNTER
            || !is_reset_after(view.lookback_start, start, time)
            || is_reset_after(range_end, start, time)
        {
            return None;
        }
    }
    let (left, left_start) = view.left(first, range_start);
    let (right, right_start) = view.right(last, range_end);
    let mut growth = right - left;
    if COUNTER {
        // The borders have dealt with the samples on and past them.
        if view.time(first) <= range_start {
            first += 1;
        }
        let end = if view.time(last) >= range_end { last } else { last + 1 };
        growth += if view.starts.is_empty() {
            fallen(view, (first, end), resets, left, right)
        } else {
            let mut correction = 0.0;
            let (mut previous, mut previous_start) = (Point { time: range_start, value: left }, left_start);
            let mut meet = |point: Point, start: i64| {
                if point.value < previous.value || is_reset(previous_start, previous.time, start, point.time)
                {
                    correction += previous.value;
                }
                (previous, previous_start) = (point, start);
            };
            for index in first..end {
                meet(view.point(index), view.start(index));
            }
            meet(Point { time: range_end, value: right }, right_start);
            correction
        };
    }
    Some(growth)
}

/// What is lost at resets from the left border's value over the samples `first..end` to the right border's; `resets` are those
/// of the whole column.
fn fallen(view: &View<'_>, (first, end): (usize, usize), resets: &[u32], left: f64, right: f64) -> f64 {
    let mut sum = 0.0;
    let mut last = left;
    if first < end {
        if view.values[first] < left {
            sum += left;
        }
        let passed = resets.partition_point(|reset| *reset as usize <= view.offset + first);
        let inside = resets[passed..].iter().map(|reset| *reset as usize - view.offset);
        for reset in inside.take_while(|reset| *reset < end) {
            sum += view.values[reset - 1];
        }
        last = view.values[end - 1];
    }
    if right < last {
        sum += last;
    }
    sum
}

/// The samples of an extended range as a range selector shows them: those inside, and one at each border.
///
/// `points` are the times (ms) and values the windows' one step may look at, ascending; `starts` their start times, or nothing.
pub(crate) fn extended_samples(
    points: &[(i64, f64)],
    starts: &[i64],
    windows: &WindowSpecification,
) -> Vec<(i64, f64)> {
    let (range_end, range_start) =
        (windows.ends.start_ms, windows.ends.start_ms.saturating_sub(windows.range_ms));
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    let times: Vec<i64> = points.iter().map(|(time, _)| *time).collect();
    let view = View {
        timestamps: Timestamps::Explicit { times_ms: &times, shared: None },
        offset: 0,
        values: &values,
        starts,
        lookback_start: range_start.saturating_sub(windows.lookback_ms),
        smoothed: windows.extension == Extension::Smoothed,
        counter: false,
    };
    let counts = [range_start, range_end].map(|border| times.partition_point(|time| *time <= border));
    let Some((mut first, last)) = view.border_samples((counts[0], counts[1]), [range_start, range_end])
    else {
        return Vec::new();
    };
    let (left, right) = (view.left(first, range_start).0, view.right(last, range_end).0);
    if times[first] <= range_start {
        first += 1;
    }
    let end = if times[last] >= range_end { last } else { last + 1 };
    let mut out = vec![(range_start, left)];
    out.extend(points.get(first..end).unwrap_or_default());
    out.push((range_end, right));
    out
}
