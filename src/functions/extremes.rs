//! The least and the greatest value of a range, and when they occurred.

use super::{
    extrapolation::seconds,
    kernel::{KernelError, Parameter, RangeInput, RowOut, Scratch},
};

pub(super) fn minimum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| extreme_of(input.window(step), |value, best| value < best).map(|(_, value)| value));
    Ok(())
}

pub(super) fn maximum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| extreme_of(input.window(step), |value, best| value > best).map(|(_, value)| value));
    Ok(())
}

pub(super) fn time_of_minimum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    time_of_extreme(input, out, |value, best| value <= best);
    Ok(())
}

pub(super) fn time_of_maximum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    time_of_extreme(input, out, |value, best| value >= best);
    Ok(())
}

fn time_of_extreme(input: &RangeInput<'_>, out: &mut RowOut<'_>, better: impl Fn(f64, f64) -> bool) {
    out.fill(|step| {
        let first = input.bounds(step).0;
        let (index, _) = extreme_of(input.window(step), &better)?;
        Some(seconds(input.floats.timestamps.at(first + index)))
    });
}

/// The best value and where it stands; any value is better than NaN.
fn extreme_of(values: &[f64], better: impl Fn(f64, f64) -> bool) -> Option<(usize, f64)> {
    let mut best = (0, *values.first()?);
    for (index, value) in values.iter().enumerate() {
        if better(*value, best.1) || best.1.is_nan() {
            best = (index, *value);
        }
    }
    Some(best)
}
