//! `rate`, `increase`, `delta`, `irate`, `idelta`: how much a series grew.

use std::ops::Range;

use super::{
    Example, Function, Unit,
    extended::extended_rate,
    extrapolation::{Extrapolation, factor, seconds},
    kernel::{HistogramRule, Kernel, KernelError, Parameter, RangeFunction, RangeInput, RowOut, Scratch},
    signature, start_timestamps,
    window::Extension,
};
use crate::model::ValueType::{Matrix, Vector};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        signature: signature("rate", &[Matrix], 0, Vector),
        summary: "The growth of each counter per second over the range, counter resets made good, stretched to the ends of the range.",
        example: Example {
            load: "load 1m\n  requests_total 0+30x10",
            query: "rate(requests_total[5m])",
            at: "10m",
            answer: "{} 0.5",
        },
        unit: Unit::PerSecond,
        kernel: Kernel::Range(
            RangeFunction::new(extrapolated::<true, true>)
                .histograms(HistogramRule::Exclusive)
                .anchored()
                .smoothed()
                .uses_start_timestamps(),
        ),
    },
    Function {
        signature: signature("increase", &[Matrix], 0, Vector),
        summary: "The growth of each counter over the range, counter resets made good, stretched to the ends of the range.",
        example: Example {
            load: "load 1m\n  requests_total 0+30x10",
            query: "increase(requests_total[5m])",
            at: "10m",
            answer: "{} 150",
        },
        unit: Unit::Argument,
        kernel: Kernel::Range(
            RangeFunction::new(extrapolated::<true, false>)
                .histograms(HistogramRule::Exclusive)
                .anchored()
                .smoothed()
                .uses_start_timestamps(),
        ),
    },
    Function {
        signature: signature("delta", &[Matrix], 0, Vector),
        summary: "How far each gauge rose or fell over the range, stretched to the ends of the range.",
        example: Example {
            load: "load 1m\n  temperature_celsius 30-1x10",
            query: "delta(temperature_celsius[5m])",
            at: "10m",
            answer: "{} -5",
        },
        unit: Unit::Argument,
        kernel: Kernel::Range(
            RangeFunction::new(extrapolated::<false, false>)
                .histograms(HistogramRule::Exclusive)
                .anchored()
                .smoothed(),
        ),
    },
    Function {
        signature: signature("irate", &[Matrix], 0, Vector),
        summary: "The growth of each counter per second between the last two samples of the range.",
        example: Example {
            load: "load 1m\n  requests_total 0 60 180",
            query: "irate(requests_total[5m])",
            at: "2m",
            answer: "{} 2",
        },
        unit: Unit::PerSecond,
        kernel: Kernel::Range(
            RangeFunction::new(last_two::<true>).histograms(HistogramRule::LastTwo).uses_start_timestamps(),
        ),
    },
    Function {
        signature: signature("idelta", &[Matrix], 0, Vector),
        summary: "The difference of the last two samples of the range of each gauge.",
        example: Example {
            load: "load 1m\n  temperature_celsius 20 21 18.5",
            query: "idelta(temperature_celsius[5m])",
            at: "2m",
            answer: "{} -2.5",
        },
        unit: Unit::Argument,
        kernel: Kernel::Range(RangeFunction::new(last_two::<false>).histograms(HistogramRule::LastTwo)),
    },
];

/// Growth from the first to the last sample, stretched to the range.
///
/// One pass over the samples finds the resets; a series that never falls has none and costs O(1) a step.
fn extrapolated<const COUNTER: bool, const PER_SECOND: bool>(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    if input.windows.extension() != Extension::None {
        extended_rate::<COUNTER, PER_SECOND>(input, &mut scratch.indices, out);
        return Ok(());
    }
    if COUNTER && !input.floats.start_timestamps.is_empty() {
        with_start_timestamps::<PER_SECOND>(input, out);
        return Ok(());
    }
    let range_seconds = seconds(input.windows.range_ms());
    let extrapolation = input.windows.extrapolation(&input.floats.timestamps);
    let values = input.floats.values;
    scratch.indices.clear();
    if COUNTER {
        find_resets(input, &mut scratch.indices);
    }
    let resets = &scratch.indices[..];
    let mut passed = 0;
    let start = input.steps.start;
    let together = |first: usize, out: &mut [f64]| {
        let steps = start + first..start + first + out.len();
        // Fewer steps are not worth the gathering.
        resets.is_empty() && out.len() >= 8 && {
            let bounds = &input.windows.all_bounds()[steps.clone()];
            grow_together::<COUNTER, PER_SECOND>(values, bounds, extrapolation, steps, out)
        }
    };
    out.fill_or(together, |step| {
        let (first, end) = input.bounds(step);
        if end - first < 2 {
            return None;
        }
        let first_value = values[first];
        let mut growth = values[end - 1] - first_value;
        while passed < resets.len() && resets[passed] as usize <= first {
            passed += 1;
        }
        for reset in &resets[passed..] {
            if *reset as usize >= end {
                break;
            }
            growth += values[*reset as usize - 1];
        }
        let stretch = &extrapolation.stretches[start + step];
        let near_zero =
            COUNTER && growth > 0.0 && first_value >= 0.0 && !stretch.is_far_from_zero(first_value, growth);
        if near_zero {
            let to_zero = stretch.sampled * (first_value / growth);
            if to_zero < stretch.to_start {
                let mut factor = factor(stretch.sampled, to_zero, stretch.to_end);
                if PER_SECOND {
                    factor /= range_seconds;
                }
                return Some(growth * factor);
            }
        }
        let factor = if PER_SECOND { extrapolation.factors_per_second[start + step] } else { stretch.factor };
        Some(growth * factor)
    });
    Ok(())
}

/// The growth over up to 64 windows without resets: gathered first, so that the arithmetic runs on several windows at once.
/// `false` where a window has too few samples or begins near its counter's zero.
fn grow_together<const COUNTER: bool, const PER_SECOND: bool>(
    values: &[f64],
    bounds: &[(u32, u32)],
    extrapolation: &Extrapolation,
    steps: Range<usize>,
    out: &mut [f64],
) -> bool {
    let mut firsts = [0.0; 64];
    for ((first_value, growth), (first, end)) in firsts.iter_mut().zip(out.iter_mut()).zip(bounds) {
        let (first, end) = (*first as usize, *end as usize);
        if end < first + 2 {
            return false;
        }
        *first_value = values[first];
        *growth = values[end - 1] - *first_value;
    }
    let stretches = &extrapolation.stretches[steps.clone()];
    if COUNTER {
        let grown = firsts.iter().zip(out.iter()).zip(stretches);
        let near = grown.map(|((first, growth), stretch)| {
            u32::from((*growth > 0.0) & (*first >= 0.0) & !stretch.is_far_from_zero(*first, *growth))
        });
        if near.sum::<u32>() > 0 {
            return false;
        }
    }
    if PER_SECOND {
        let factors = &extrapolation.factors_per_second[steps];
        out.iter_mut().zip(factors).for_each(|(growth, factor)| *growth *= factor);
    } else {
        out.iter_mut().zip(stretches).for_each(|(growth, stretch)| *growth *= stretch.factor);
    }
    true
}

/// Indices of samples that lie below the one before them, among the samples this row can see.
fn find_resets(input: &RangeInput<'_>, resets: &mut Vec<u32>) {
    let Some((first, end)) = seen(input) else { return };
    let values = &input.floats.values[first..end];
    if rises(values) {
        return;
    }
    resets.extend(
        values
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[1] < pair[0])
            .map(|(index, _)| (first + index + 1) as u32),
    );
}

/// Whether no value lies below the one before it and none is NaN: one comparison is false at both, and is made for several values at
/// once.
fn rises(values: &[f64]) -> bool {
    let later = values.get(1..).unwrap_or_default();
    values.chunks(256).zip(later.chunks(256)).all(|(before, after)| {
        let rises: usize = before.iter().zip(after).map(|(a, b)| usize::from(b >= a)).sum();
        rises == after.len()
    })
}

/// The samples between the first window's first and the last window's last.
pub(super) fn seen(input: &RangeInput<'_>) -> Option<(usize, usize)> {
    let last = input.steps.len().checked_sub(1)?;
    let (first, end) = (input.bounds(0).0, input.bounds(last).1);
    (first < end).then_some((first, end))
}

/// As [`extrapolated`] for counters whose samples say since when they count: a start inside the range is a sample of 0, so that
/// one sample can be enough.
fn with_start_timestamps<const PER_SECOND: bool>(input: &RangeInput<'_>, out: &mut RowOut<'_>) {
    let range_ms = input.windows.range_ms();
    let times = &input.floats.timestamps;
    let starts = input.floats.start_timestamps;
    let mut overlapping = 0;
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        let values = &input.floats.values[first..end];
        // Beside histograms the floats are not looked at.
        let mixed = input.has_histograms(step);
        let (first_value, last_value) = (*values.first()?, *values.last()?);
        let range_end = input.windows.ends().at(input.steps.start + step);
        let range_start = range_end.saturating_sub(range_ms);
        let (first_time, last_time) = (times.at(first), times.at(end - 1));
        let mut growth = last_value - first_value;
        let mut overlaps = false;
        for index in first + 1..end {
            let (previous, current) = (values[index - 1 - first], values[index - first]);
            let (previous_start, start) =
                (start_timestamps::of(starts, index - 1), start_timestamps::of(starts, index));
            overlaps |= !mixed && start_timestamps::overlaps(previous_start, times.at(index - 1), start);
            if current < previous
                || start_timestamps::is_reset(previous_start, times.at(index - 1), start, times.at(index))
            {
                growth += previous;
            }
        }
        overlapping += u64::from(overlaps);
        let mut to_start = seconds(first_time - range_start);
        let mut to_end = seconds(range_end - last_time);
        let mut sampled = seconds(last_time - first_time);
        let distance = if values.len() > 1 { sampled / (values.len() - 1) as f64 } else { 0.0 };
        let threshold = distance * 1.1;
        let began = start_timestamps::of(starts, first);
        if began != 0 && began > range_start && began < first_time {
            to_start = 0.0;
            sampled = seconds(last_time - began);
            growth += first_value;
        } else if values.len() == 1 {
            return None;
        } else {
            if to_start >= threshold {
                to_start = distance / 2.0;
            }
            if growth > 0.0 && first_value >= 0.0 {
                to_start = to_start.min(sampled * (first_value / growth));
            }
        }
        if to_end >= threshold {
            to_end = distance / 2.0;
        }
        let mut factor = factor(sampled, to_start, to_end);
        if PER_SECOND {
            factor /= seconds(range_ms);
        }
        Some(growth * factor)
    });
    out.notes.start_time_overlaps += overlapping;
}

/// The difference of the last two samples; for a counter per second, and from 0 after a reset.
fn last_two<const COUNTER: bool>(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let times = &input.floats.timestamps;
    let starts = input.floats.start_timestamps;
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        if end - first < 2 {
            return None;
        }
        let (previous, current) = (input.floats.values[end - 2], input.floats.values[end - 1]);
        let (previous_time, time) = (times.at(end - 2), times.at(end - 1));
        let is_reset = COUNTER
            && (current < previous
                || start_timestamps::is_reset(
                    start_timestamps::of(starts, end - 2),
                    previous_time,
                    start_timestamps::of(starts, end - 1),
                    time,
                ));
        let growth = if is_reset { current } else { current - previous };
        Some(if COUNTER { growth / seconds(time - previous_time) } else { growth })
    });
    Ok(())
}
