//! The part of `rate`, `increase` and `delta` that depends on times alone.
//!
//! A range rarely begins and ends at a sample, so the growth between its first and last sample is stretched to the whole range,
//! or by half a sample distance where the series seems to begin or end inside of it. All of that comes from times and is
//! shared by every series with the same ones; a counter's value only matters where its own zero lies nearer than that.

use super::window::Windows;
use crate::model::Timestamps;

/// What the times of one step's window say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stretch {
    /// Seconds from the first to the last sample.
    pub(super) sampled: f64,
    /// Seconds to add before the first sample, unless a counter's zero is nearer.
    pub(super) to_start: f64,
    /// Seconds to add after the last sample.
    pub(super) to_end: f64,
    /// What the growth is multiplied by, where `to_start` holds.
    pub(super) factor: f64,
}

/// What the times of each window say; for windows with fewer than two samples it has no meaning.
#[derive(Debug)]
pub(super) struct Extrapolation {
    pub(super) stretches: Vec<Stretch>,
    /// `factor` divided by the range, a step each: what `rate` multiplies by.
    pub(super) factors_per_second: Vec<f64>,
}

impl Extrapolation {
    pub(super) fn new(timestamps: &Timestamps<'_>, windows: &Windows) -> Self {
        let range_seconds = seconds(windows.range_ms());
        let mut stretches = Vec::with_capacity(windows.len());
        let mut factors_per_second = Vec::with_capacity(windows.len());
        // Where samples and steps are regular, window after window looks the same: no need to divide again.
        let mut known = (None, Stretch::default(), 0.0);
        let mut like_it = 0;
        let live = windows.live();
        let mut write = |(_, stretch, per_second): (_, Stretch, f64), times: usize| {
            stretches.resize(stretches.len() + times, stretch);
            factors_per_second.resize(factors_per_second.len() + times, per_second);
        };
        write(known, live.start);
        for step in live.clone() {
            let (first, end) = windows.bounds(step);
            let shape = (end - first >= 2).then(|| {
                let range_end = windows.ends().at(step);
                let range_start = range_end.saturating_sub(windows.range_ms());
                let (first_time, last_time) = (timestamps.at(first), timestamps.at(end - 1));
                (first_time - range_start, last_time - first_time, range_end - last_time, end - 1 - first)
            });
            if known.0 != shape {
                write(known, like_it);
                let stretch = shape.map_or(Stretch::default(), Stretch::of);
                (known, like_it) = ((shape, stretch, stretch.factor / range_seconds), 0);
            }
            like_it += 1;
        }
        write(known, like_it);
        write((None, Stretch::default(), 0.0), windows.len() - live.end);
        Self { stretches, factors_per_second }
    }
}

impl Stretch {
    /// Whether a counter's own zero is certainly further away than the stretch to the start, told without a division.
    #[inline]
    pub(super) fn is_far_from_zero(&self, first_value: f64, growth: f64) -> bool {
        let scaled = first_value * self.sampled;
        (scaled > self.to_start * growth * (1.0 + 1e-14)) & (scaled > f64::MIN_POSITIVE * 1e20)
    }

    /// What follows from the distances, in ms, from the window's start to its first sample, on to its last, and on to its end, and
    /// from the number of gaps between samples.
    fn of((before, between, after, gaps): (i64, i64, i64, usize)) -> Self {
        let sampled = seconds(between);
        let (mut to_start, mut to_end) = (seconds(before), seconds(after));
        let distance = sampled / gaps as f64;
        let threshold = distance * 1.1;
        if to_start >= threshold {
            to_start = distance / 2.0;
        }
        if to_end >= threshold {
            to_end = distance / 2.0;
        }
        Self { sampled, to_start, to_end, factor: factor(sampled, to_start, to_end) }
    }
}

/// What stretches a growth over `sampled` seconds.
#[inline]
pub(super) fn factor(sampled: f64, to_start: f64, to_end: f64) -> f64 {
    if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled }
}

/// Milliseconds as seconds.
#[inline]
pub(super) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
