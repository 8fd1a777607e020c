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
        for step in 0..windows.len() {
            let (first, end) = windows.bounds(step);
            if end - first < 2 {
                stretches.push(Stretch::default());
                continue;
            }
            let range_end = windows.ends().at(step);
            let range_start = range_end.saturating_sub(windows.range_ms());
            let (first_time, last_time) = (timestamps.at(first), timestamps.at(end - 1));
            let sampled = seconds(last_time - first_time);
            let mut to_start = seconds(first_time - range_start);
            let mut to_end = seconds(range_end - last_time);
            let distance = sampled / (end - 1 - first) as f64;
            let threshold = distance * 1.1;
            if to_start >= threshold {
                to_start = distance / 2.0;
            }
            if to_end >= threshold {
                to_end = distance / 2.0;
            }
            stretches.push(Stretch { sampled, to_start, to_end, factor: factor(sampled, to_start, to_end) });
        }
        let factors_per_second = stretches.iter().map(|stretch| stretch.factor / range_seconds).collect();
        Self { stretches, factors_per_second }
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
