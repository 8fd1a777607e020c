//! `changes` and `resets`: how often something happens between neighbouring samples.
//!
//! What happens between two samples depends on these two alone, so a running count over the column answers every window with
//! one subtraction.

use super::{
    Example, Function, Unit,
    kernel::{HistogramRule, Kernel, KernelError, Parameter, RangeFunction, RangeInput, RowOut, Scratch},
    signature, start_timestamps,
    window::Extension,
};
use crate::model::ValueType::{Matrix, Vector};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        signature: signature("changes", &[Matrix], 0, Vector),
        summary: "How often the value of each series changed within the range.",
        example: Example {
            load: "load 1m\n  configuration_version 1 1 2 2 1",
            query: "changes(configuration_version[5m])",
            at: "4m",
            answer: "{} 2",
        },
        unit: Unit::Number,
        kernel: Kernel::Range(RangeFunction::new(changes).histograms(HistogramRule::Interleave).anchored()),
    },
    Function {
        signature: signature("resets", &[Matrix], 0, Vector),
        summary: "How often each counter began anew within the range: each fall from one sample to the next.",
        example: Example {
            load: "load 1m\n  requests_total 10 20 5 8 2",
            query: "resets(requests_total[5m])",
            at: "4m",
            answer: "{} 2",
        },
        unit: Unit::Number,
        kernel: Kernel::Range(
            RangeFunction::new(resets)
                .histograms(HistogramRule::Interleave)
                .anchored()
                .uses_start_timestamps(),
        ),
    },
];

fn changes(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let values = input.floats.values;
    count_between(input, scratch, out, |index| {
        let (previous, current) = (values[index - 1], values[index]);
        current != previous && !(current.is_nan() && previous.is_nan())
    });
    Ok(())
}

fn resets(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let values = input.floats.values;
    let starts = input.floats.start_timestamps;
    if starts.is_empty() {
        count_between(input, scratch, out, |index| values[index] < values[index - 1]);
    } else {
        let times = &input.floats.timestamps;
        count_between(input, scratch, out, |index| {
            values[index] < values[index - 1]
                || start_timestamps::is_reset(
                    start_timestamps::of(starts, index - 1),
                    times.at(index - 1),
                    start_timestamps::of(starts, index),
                    times.at(index),
                )
        });
    }
    Ok(())
}

/// Counts the samples of each window, the first excepted, for which `happens` holds.
fn count_between(
    input: &RangeInput<'_>,
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
    happens: impl Fn(usize) -> bool,
) {
    let anchored = input.windows.extension() == Extension::Anchored;
    // An anchored window begins with the last sample at or before its start, if there is one within reach.
    let window = |step: usize| {
        let (first, end) = input.bounds(step);
        let reached = input.windows.reach(input.steps.start + step).0;
        if anchored && first < end && first > reached { (first - 1, end) } else { (first, end) }
    };
    let Some(last) = input.steps.len().checked_sub(1) else { return };
    let (from, to) = (input.bounds(0).0.saturating_sub(usize::from(anchored)), input.bounds(last).1);
    // running[i]: how often it happened at samples from + 1 ..= from + i.
    let running = &mut scratch.counts;
    running.clear();
    running.push(0);
    let mut count = 0;
    running.extend((from + 1..to).map(|index| {
        count += u32::from(happens(index));
        count
    }));
    let running = &running[..];
    out.fill(|step| {
        let (first, end) = window(step);
        (first < end).then(|| f64::from(running[end - 1 - from] - running[first - from]))
    });
}
