//! The part of `anchored` and `smoothed` growth that depends on times alone: between which samples the borders of each range lie.
//!
//! A series that never falls and has no start timestamps grows from the value at one border to that at the other, and both are
//! found by looking at two samples; which ones, and how far along, is shared by every series with the same times.

use std::ops::Range;

use super::{
    extended::border_samples,
    window::{Extension, Windows},
};
use crate::model::Timestamps;

/// A place among the samples: at one of them, or on the line to the next.
#[derive(Debug, Clone, Copy, Default)]
struct Border {
    sample: u32,
    /// The distance from the sample in ms; 0 at the sample itself.
    along: f64,
    /// The distance of the next sample in ms; 1 at the sample itself.
    whole: f64,
}

/// The borders of each step's range.
#[derive(Debug)]
pub(super) struct Borders {
    /// Start and end.
    places: Vec<[Border; 2]>,
    /// Whether there is a result: bit `k % 64` of word `k / 64`.
    present: Vec<u64>,
    /// Whether any border lies between samples: the same bits.
    between: Vec<u64>,
}

impl Borders {
    pub(super) fn new(timestamps: &Timestamps<'_>, windows: &Windows) -> Self {
        let steps = windows.len();
        let words = steps.div_ceil(64);
        let mut borders = Self {
            places: vec![[Border::default(); 2]; steps],
            present: vec![0; words],
            between: vec![0; words],
        };
        for step in windows.live() {
            let Some(places) = Self::of_step(timestamps, windows, step) else { continue };
            borders.places[step] = places;
            borders.present[step / 64] |= 1 << (step % 64);
            if places.iter().any(|border| border.along > 0.0) {
                borders.between[step / 64] |= 1 << (step % 64);
            }
        }
        borders
    }

    fn of_step(timestamps: &Timestamps<'_>, windows: &Windows, step: usize) -> Option<[Border; 2]> {
        let reach = windows.reach(step);
        let range_end = windows.ends().at(step);
        let range_start = range_end.saturating_sub(windows.range_ms());
        let smoothed = windows.extension() == Extension::Smoothed;
        let time = |sample: usize| timestamps.at(sample);
        let (first, last) =
            border_samples(time, reach, windows.bounds(step), smoothed, [range_start, range_end])?;
        if smoothed && time(first) > range_end {
            return None;
        }
        let at = |sample: usize| Border { sample: sample as u32, along: 0.0, whole: 1.0 };
        let on_line = |sample: usize, border: i64| Border {
            sample: sample as u32,
            along: (border - time(sample)) as f64,
            whole: (time(sample + 1) - time(sample)) as f64,
        };
        let start =
            if smoothed && time(first) < range_start { on_line(first, range_start) } else { at(first) };
        let end = match last.checked_sub(1) {
            Some(previous) if time(last) > range_end && previous >= reach.0 => {
                if smoothed {
                    on_line(previous, range_end)
                } else {
                    at(previous)
                }
            }
            _ => at(last),
        };
        Some([start, end])
    }

    /// The samples that the borders of some steps look at; `None` where a step at either end has no result.
    pub(super) fn spanned(&self, first: usize, steps: usize) -> Option<Range<usize>> {
        let has = |step: usize| self.present[step / 64] >> (step % 64) & 1 == 1;
        let last = first + steps - 1;
        let [[start, _], [_, end]] = [self.places[first], self.places[last]];
        let end_sample = end.sample as usize + usize::from(end.along > 0.0);
        (has(first) && has(last)).then_some(start.sample as usize..end_sample + 1)
    }

    /// The growth between the borders of up to 64 steps from `first` on, a multiple of 64 away from the windows' first; `false` where
    /// a step has no result.
    pub(super) fn grow(&self, first: usize, values: &[f64], out: &mut [f64]) -> bool {
        let all = u64::MAX >> (64 - out.len());
        if self.present[first / 64] & all != all {
            return false;
        }
        let places = &self.places[first..first + out.len()];
        if self.between[first / 64] & all == 0 {
            for (growth, [start, end]) in out.iter_mut().zip(places) {
                *growth = values[end.sample as usize] - values[start.sample as usize];
            }
            return true;
        }
        let value = |border: &Border| {
            let sample = border.sample as usize;
            let from = values[sample];
            if border.along == 0.0 {
                return from;
            }
            from + (values[sample + 1] - from) * border.along / border.whole
        };
        out.iter_mut().zip(places).for_each(|(growth, [start, end])| *growth = value(end) - value(start));
        true
    }
}
