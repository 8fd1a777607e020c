//! `stddev_over_time` and `stdvar_over_time`: Welford's method with compensated sums.

use super::{
    blocks::{Monoid, slide},
    kernel::{KernelError, Parameter, RangeInput, RowOut, Scratch},
    sums::CompensatedSum,
};

pub(super) fn variance(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    evaluate(input, scratch, out, false);
    Ok(())
}

pub(super) fn standard_deviation(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    evaluate(input, scratch, out, true);
    Ok(())
}

fn evaluate(input: &RangeInput<'_>, scratch: &mut Scratch, out: &mut RowOut<'_>, root: bool) {
    let monoid = Deviations { values: input.floats.values, root };
    slide(input, &mut scratch.deviations, out, &monoid);
}

/// The mean of a run and the squares of its deviations from it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    count: f64,
    mean: CompensatedSum,
    squares: CompensatedSum,
    /// The one value of all samples, if there is only one.
    constant: Option<f64>,
}

struct Deviations<'a> {
    values: &'a [f64],
    root: bool,
}

impl Deviations<'_> {
    fn result(&self, variance: f64) -> f64 {
        if self.root { variance.sqrt() } else { variance }
    }
}

impl Monoid for Deviations<'_> {
    type State = Run;

    fn of(&self, index: usize) -> Run {
        let value = self.values[index];
        Run {
            count: 1.0,
            mean: CompensatedSum { sum: value, compensation: 0.0 },
            squares: CompensatedSum::default(),
            constant: Some(value),
        }
    }

    #[inline]
    fn append(&self, mut run: Run, index: usize) -> Run {
        let value = self.values[index];
        run.count += 1.0;
        let delta = value - (run.mean.sum + run.mean.compensation);
        run.mean.add_finite(delta / run.count);
        run.squares.add_finite(delta * (value - (run.mean.sum + run.mean.compensation)));
        run.constant = run.constant.filter(|constant| *constant == value);
        run
    }

    #[inline]
    fn prepend(&self, index: usize, run: Run) -> Run {
        self.append(run, index)
    }

    /// Chan's formula.
    #[inline]
    fn merge(&self, first: Run, second: Run) -> Run {
        let count = first.count + second.count;
        let distance =
            (second.mean.sum - first.mean.sum) + (second.mean.compensation - first.mean.compensation);
        let mut mean = first.mean;
        mean.add_finite(distance * (second.count / count));
        let mut squares = first.squares;
        squares.add_finite(second.squares.sum);
        squares.compensation += second.squares.compensation;
        squares.add_finite(distance * distance * (first.count * second.count / count));
        Run { count, mean, squares, constant: first.constant.filter(|_| first.constant == second.constant) }
    }

    /// Deviations that are small beside the mean have lost digits, here and upstream, and differently; then upstream's order decides.
    #[inline]
    fn finish(&self, _: usize, _: usize, _: usize, run: Run) -> Option<f64> {
        if run.constant.is_some_and(f64::is_finite) {
            return Some(0.0);
        }
        let variance = (run.squares.sum + run.squares.compensation) / run.count;
        let mean = run.mean.sum;
        let agrees = mean * mean <= 1e5 * variance && variance <= f64::MAX;
        agrees.then(|| self.result(variance))
    }

    fn plain(&self, _: usize, first: usize, end: usize) -> f64 {
        variance_of(&self.values[first..end]).map_or(f64::NAN, |variance| self.result(variance))
    }
}

/// The population variance of all values.
pub(super) fn variance_of(values: &[f64]) -> Option<f64> {
    let mut mean = CompensatedSum::default();
    let mut squares = CompensatedSum::default();
    for (index, value) in values.iter().enumerate() {
        let delta = value - (mean.sum + mean.compensation);
        mean.add(delta / (index + 1) as f64);
        squares.add(delta * (value - (mean.sum + mean.compensation)));
    }
    (!values.is_empty()).then(|| (squares.sum + squares.compensation) / values.len() as f64)
}
