//! `stddev_over_time` and `stdvar_over_time`: Welford's method with compensated sums.

use super::{
    kernel::{KernelError, Parameter, RangeInput, RowOut, Scratch},
    sums::CompensatedSum,
};

pub(super) fn variance(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| variance_of(input.window(step)));
    Ok(())
}

pub(super) fn standard_deviation(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| variance_of(input.window(step)).map(f64::sqrt));
    Ok(())
}

/// The population variance of all values.
fn variance_of(values: &[f64]) -> Option<f64> {
    let mut mean = CompensatedSum::default();
    let mut squares = CompensatedSum::default();
    for (index, value) in values.iter().enumerate() {
        let delta = value - (mean.sum + mean.compensation);
        mean.add(delta / (index + 1) as f64);
        squares.add(delta * (value - (mean.sum + mean.compensation)));
    }
    (!values.is_empty()).then(|| (squares.sum + squares.compensation) / values.len() as f64)
}
