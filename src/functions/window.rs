//! Windows: which samples each step of a range selector sees.
//!
//! Everything here depends on times alone, so it is computed once for each distinct timestamp column and shared by all
//! series that have it.

use std::{ops::Range, sync::OnceLock};

use super::{borders::Borders, extrapolation::Extrapolation};
use crate::model::Timestamps;

/// Times at which something is evaluated: `start_ms + k * step_ms` for `k < count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepTimes {
    /// The first time.
    pub start_ms: i64,
    /// The distance of neighbours; 0 repeats one time.
    ///
    /// Of a query or subquery it is 0 exactly where start and end are the same: Prometheus leaves out some checks there and
    /// keeps orders, and does neither for a range that merely has room for one step.
    pub step_ms: i64,
    /// How many.
    pub count: usize,
}

impl StepTimes {
    /// The time of step `index`.
    #[inline]
    pub const fn at(&self, index: usize) -> i64 {
        self.start_ms.saturating_add(self.step_ms.saturating_mul(index as i64))
    }

    /// Whether this is one time rather than a range of times that holds one step.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        self.count == 1 && self.step_ms == 0
    }

    /// The same steps, `offset_ms` earlier.
    #[must_use]
    pub const fn earlier(self, offset_ms: i64) -> Self {
        Self { start_ms: self.start_ms.saturating_sub(offset_ms), ..self }
    }

    /// As many steps, all at one time (the modifier `@`).
    #[must_use]
    pub const fn fixed(self, time_ms: i64) -> Self {
        Self { start_ms: time_ms, step_ms: 0, count: self.count }
    }
}

/// How a range selector reaches past its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extension {
    /// It does not.
    #[default]
    None,
    /// `anchored`: the last sample at or before the range's start stands in for its start.
    Anchored,
    /// `smoothed`: values at both borders are interpolated from the samples around them.
    Smoothed,
}

/// The samples of one timestamp column that each step sees.
#[derive(Debug)]
pub struct Windows {
    ends: StepTimes,
    evaluated_at: StepTimes,
    range_ms: i64,
    extension: Extension,
    lookback_ms: i64,
    bounds: Vec<(u32, u32)>,
    reach: Vec<(u32, u32)>,
    /// The steps outside of which no window can see a sample.
    live: Range<usize>,
    extrapolation: OnceLock<Extrapolation>,
    borders: OnceLock<Borders>,
    counts: OnceLock<WindowCounts>,
}

/// How many samples some windows hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WindowCounts {
    /// In all of them together, a sample counted as often as a window has it.
    pub covered: u64,
    /// The same, but a sample that the window before had is not counted again.
    pub read: u64,
    /// In the largest.
    pub greatest: u64,
    /// In the last.
    pub last: u64,
}

/// What a range selector asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSpecification {
    /// Where each step's window ends, with `offset` and `@` applied.
    pub ends: StepTimes,
    /// When each step is evaluated.
    pub evaluated_at: StepTimes,
    /// The range.
    pub range_ms: i64,
    /// How it reaches past its range.
    pub extension: Extension,
    /// How far, where it does.
    pub lookback_ms: i64,
}

impl WindowSpecification {
    /// Plain windows of `range_ms` that end at each step.
    pub const fn plain(steps: StepTimes, range_ms: i64) -> Self {
        Self { ends: steps, evaluated_at: steps, range_ms, extension: Extension::None, lookback_ms: 0 }
    }

    /// Times of the samples any step can see: after the first, up to and including the second.
    pub const fn reach(&self) -> (i64, i64) {
        let (before, after) = reach_of(self.extension, self.lookback_ms);
        let last = self.ends.at(self.ends.count.saturating_sub(1));
        (self.ends.start_ms.saturating_sub(self.range_ms).saturating_sub(before), last.saturating_add(after))
    }
}

const fn reach_of(extension: Extension, lookback_ms: i64) -> (i64, i64) {
    match extension {
        Extension::None => (0, 0),
        Extension::Anchored => (lookback_ms, 0),
        Extension::Smoothed => (lookback_ms, lookback_ms),
    }
}

impl Windows {
    /// Finds the windows of a column: O(samples + steps).
    pub fn new(timestamps: &Timestamps<'_>, specification: &WindowSpecification) -> Self {
        let WindowSpecification { ends, evaluated_at, range_ms, extension, lookback_ms } = *specification;
        let (before, after) = reach_of(extension, lookback_ms);
        let whole_ms = range_ms.saturating_add(before).saturating_add(after);
        let live = live(timestamps, ends.earlier(-after), whole_ms);
        let bounds = find(timestamps, ends, range_ms, &live);
        let reach = match extension {
            Extension::None => Vec::new(),
            _ => find(timestamps, ends.earlier(-after), whole_ms, &live),
        };
        Self {
            ends,
            evaluated_at,
            range_ms,
            extension,
            lookback_ms,
            bounds,
            reach,
            live,
            extrapolation: OnceLock::new(),
            borders: OnceLock::new(),
            counts: OnceLock::new(),
        }
    }

    /// The samples with `end - range < time <= end` of step `index`, as a half-open run of the column.
    #[inline]
    pub fn bounds(&self, index: usize) -> (usize, usize) {
        let (first, end) = self.bounds[index];
        (first as usize, end as usize)
    }

    /// As [`Windows::bounds`], with the samples that `anchored` and `smoothed` may look at.
    #[inline]
    pub fn reach(&self, index: usize) -> (usize, usize) {
        let (first, end) = if self.reach.is_empty() { self.bounds[index] } else { self.reach[index] };
        (first as usize, end as usize)
    }

    /// The steps outside of which no window sees a sample, with what `anchored` and `smoothed` look at.
    pub(crate) fn live(&self) -> Range<usize> {
        self.live.clone()
    }

    /// All bounds, a pair a step.
    pub fn all_bounds(&self) -> &[(u32, u32)] {
        &self.bounds
    }

    fn reaches(&self) -> &[(u32, u32)] {
        if self.reach.is_empty() { &self.bounds } else { &self.reach }
    }

    /// How many samples the windows hold, with what `anchored` and `smoothed` look at; counted at the first call.
    pub fn counts(&self) -> WindowCounts {
        *self.counts.get_or_init(|| {
            let windows = self.reaches();
            let sizes = || windows[self.live.clone()].iter().map(|(first, end)| end - first);
            let Some((first, last)) = windows.first().zip(windows.last()) else {
                return WindowCounts::default();
            };
            let covered = sizes().map(u64::from).sum();
            let (before, after) = reach_of(self.extension, self.lookback_ms);
            let read = match self.ends.step_ms {
                // One window, at every step the same.
                0 => u64::from(first.1 - first.0),
                step_ms if self.range_ms.saturating_add(before).saturating_add(after) < step_ms => covered,
                _ => u64::from(last.1.saturating_sub(first.0)),
            };
            let greatest = sizes().max().map_or(0, u64::from);
            WindowCounts { covered, read, greatest, last: u64::from(last.1 - last.0) }
        })
    }

    /// Of each window, as half-open runs of the column: where it begins, where the part begins that the window before had not,
    /// and where it ends.
    pub fn grown(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        let mut before: Option<u32> = None;
        self.reaches().iter().map(move |(first, end)| {
            let new = match before {
                None => *first,
                Some(_) if self.ends.step_ms == 0 => *end,
                Some(before) => before.clamp(*first, *end),
            };
            before = Some(*end);
            [*first as usize, new as usize, *end as usize]
        })
    }

    /// Number of steps.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Whether there is no step.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// Where each window ends.
    pub const fn ends(&self) -> StepTimes {
        self.ends
    }

    /// When each step is evaluated.
    pub const fn evaluated_at(&self) -> StepTimes {
        self.evaluated_at
    }

    /// The range in ms.
    pub const fn range_ms(&self) -> i64 {
        self.range_ms
    }

    /// How the windows reach past their range.
    pub const fn extension(&self) -> Extension {
        self.extension
    }

    /// How far they reach.
    pub const fn lookback_ms(&self) -> i64 {
        self.lookback_ms
    }

    /// The part of `rate` that depends on times alone; computed at the first call.
    pub(super) fn extrapolation(&self, timestamps: &Timestamps<'_>) -> &Extrapolation {
        self.extrapolation.get_or_init(|| Extrapolation::new(timestamps, self))
    }

    /// The part of `anchored` and `smoothed` growth that depends on times alone; computed at the first call.
    pub(super) fn borders(&self, timestamps: &Timestamps<'_>) -> &Borders {
        self.borders.get_or_init(|| Borders::new(timestamps, self))
    }
}

/// How many samples of a regular column lie at or before each step; divides once, not at every step.
pub(crate) fn regular_counts(
    start_ms: i64,
    interval_ms: i64,
    count: usize,
    steps: StepTimes,
) -> impl Iterator<Item = usize> {
    let interval_ms = interval_ms.max(1);
    let (mut past, mut rest) = match steps.start_ms.checked_sub(start_ms) {
        Some(since) => (since.div_euclid(interval_ms).saturating_add(1), since.rem_euclid(interval_ms)),
        None => {
            let (since, interval) =
                (i128::from(steps.start_ms) - i128::from(start_ms), i128::from(interval_ms));
            // Beyond the numbers a count is all or nothing.
            let past = (since.div_euclid(interval) + 1).clamp(i64::MIN.into(), i64::MAX.into());
            (past as i64, since.rem_euclid(interval) as i64)
        }
    };
    let (whole, part) = (steps.step_ms / interval_ms, steps.step_ms % interval_ms);
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    (0..steps.count).map(move |_| {
        let found = past.clamp(0, count) as usize;
        past = past.saturating_add(whole);
        // Both are below the interval; compared so that nothing overflows.
        if rest >= interval_ms - part {
            rest -= interval_ms - part;
            past = past.saturating_add(1);
        } else {
            rest += part;
        }
        found
    })
}

/// The steps outside of which no window of `range_ms` holds a sample.
fn live(timestamps: &Timestamps<'_>, ends: StepTimes, range_ms: i64) -> Range<usize> {
    let Some(last) = timestamps.len().checked_sub(1) else { return 0..0 };
    if ends.step_ms <= 0 {
        return 0..ends.count;
    }
    let (first_ms, last_ms) = (timestamps.at(0), timestamps.at(last));
    // How many steps lie before a time.
    let before = |time_ms: i64| {
        let steps = (i128::from(time_ms) - i128::from(ends.start_ms)).div_euclid(ends.step_ms.into());
        // One of them may lie at it.
        let whole = i128::from(ends.start_ms) + steps * i128::from(ends.step_ms) == i128::from(time_ms);
        (steps + i128::from(!whole)).clamp(0, ends.count as i128) as usize
    };
    let end = before(last_ms.saturating_add(range_ms));
    before(first_ms).min(end)..end
}

/// For each step the run of samples with `end - range < time <= end`; there is none but at the steps `live`.
fn find(timestamps: &Timestamps<'_>, ends: StepTimes, range_ms: i64, live: &Range<usize>) -> Vec<(u32, u32)> {
    let all = timestamps.len() as u32;
    let mut bounds = Vec::with_capacity(ends.count);
    bounds.resize(live.start, (0, 0));
    let ends_live = StepTimes { start_ms: ends.at(live.start), count: live.len(), ..ends };
    find_live(timestamps, ends_live, range_ms, &mut bounds);
    bounds.resize(ends.count, (all, all));
    bounds
}

/// Appends the runs of samples of windows that can hold some.
fn find_live(timestamps: &Timestamps<'_>, ends: StepTimes, range_ms: i64, bounds: &mut Vec<(u32, u32)>) {
    match *timestamps {
        Timestamps::Regular { start_ms, interval_ms, count } => {
            let counts = |steps| regular_counts(start_ms, interval_ms, count, steps);
            let mut at_ends = counts(ends);
            let mut at_starts = counts(ends.earlier(range_ms));
            find_in(ends, range_ms, bounds, |_, is_end| {
                let next = if is_end { at_ends.next() } else { at_starts.next() };
                next.unwrap_or(count)
            });
        }
        Timestamps::Explicit { times_ms, .. } => {
            let (mut from, mut stride) = (0, 0);
            find_in(ends, range_ms, bounds, |time, _| {
                let found = up_to(times_ms, time, from, stride);
                stride = found.saturating_sub(from);
                from = found;
                found
            });
        }
    }
}

/// `count_until(t, is_end)` says how many samples have a time up to `t`, the end of a window or else its start. It is called for all
/// ends ascending, then for the first starts ascending.
fn find_in(
    ends: StepTimes,
    range_ms: i64,
    bounds: &mut Vec<(u32, u32)>,
    mut count_until: impl FnMut(i64, bool) -> usize,
) {
    let earlier = bounds.len();
    bounds.extend((0..ends.count).map(|step| (0, count_until(ends.at(step), true) as u32)));
    let bounds = &mut bounds[earlier..];
    // Where the range is a multiple of the step, a window starts where an earlier one ended.
    let shared = if ends.step_ms > 0 && range_ms % ends.step_ms == 0 {
        usize::try_from(range_ms / ends.step_ms).unwrap_or(usize::MAX)
    } else {
        usize::MAX
    };
    for (step, pair) in bounds.iter_mut().enumerate().take(shared) {
        pair.0 = count_until(ends.at(step).saturating_sub(range_ms), false) as u32;
    }
    for step in shared..ends.count {
        bounds[step].0 = bounds[step - shared].1;
    }
    for pair in bounds {
        pair.0 = pair.0.min(pair.1);
    }
}

/// How many of the ascending `times` are at most `time`: guesses `from + stride`, looks around it, then searches by halves.
fn up_to(times: &[i64], time: i64, from: usize, stride: usize) -> usize {
    let guess = (from + stride).min(times.len());
    let fits_below = guess == 0 || times[guess - 1] <= time;
    if fits_below && (guess == times.len() || times[guess] > time) {
        return guess;
    }
    // Neighbours first: jitter moves a bound by a sample or two.
    if fits_below {
        let near = &times[guess..(guess + 4).min(times.len())];
        if let Some(past) = near.iter().position(|t| *t > time) {
            return guess + past;
        }
        guess + times[guess..].partition_point(|t| *t <= time)
    } else {
        for near in (guess.saturating_sub(4)..guess - 1).rev() {
            if times[near] <= time {
                return near + 1;
            }
        }
        times[..guess].partition_point(|t| *t <= time)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bounds_are_those_of_a_plain_search(
            gaps in prop::collection::vec(1i64..40, 0..60), start in -100i64..100, step in 0i64..50,
            count in 0usize..40, range in 1i64..200, regular in any::<bool>(),
        ) {
            let times: Vec<i64> = gaps.iter().scan(0i64, |at, gap| {
                *at += if regular { 10 } else { *gap };
                Some(*at)
            }).collect();
            let column = if regular {
                Timestamps::Regular { start_ms: 10, interval_ms: 10, count: times.len() }
            } else {
                Timestamps::Explicit { times_ms: &times, shared: None }
            };
            let steps = StepTimes { start_ms: start, step_ms: step, count };
            let windows = Windows::new(&column, &WindowSpecification::plain(steps, range));
            prop_assert_eq!(windows.len(), count);
            for k in 0..count {
                let end = steps.at(k);
                let first = times.partition_point(|t| *t <= end - range);
                let past = times.partition_point(|t| *t <= end);
                prop_assert_eq!(windows.bounds(k), (first, past));
            }
            let mut plain = WindowCounts::default();
            for [first, new, end] in windows.grown() {
                plain.covered += (end - first) as u64;
                plain.read += (end - new) as u64;
                plain.greatest = plain.greatest.max((end - first) as u64);
                plain.last = (end - first) as u64;
            }
            prop_assert_eq!(windows.counts(), plain);
        }
    }

    #[test]
    fn smoothed_windows_reach_both_ways() {
        let column = Timestamps::Regular { start_ms: 0, interval_ms: 10, count: 100 };
        let steps = StepTimes { start_ms: 505, step_ms: 10, count: 2 };
        let specification = WindowSpecification {
            extension: Extension::Smoothed,
            lookback_ms: 30,
            ..WindowSpecification::plain(steps, 100)
        };
        let windows = Windows::new(&column, &specification);
        assert_eq!(windows.bounds(0), (41, 51));
        assert_eq!(windows.reach(0), (38, 54));
        // The second window reaches one sample further.
        assert_eq!(windows.counts(), WindowCounts { covered: 32, read: 17, greatest: 16, last: 16 });
        assert_eq!(specification.reach(), (375, 545));
    }
}
