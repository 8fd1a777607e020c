//! `sum_over_time` and `avg_over_time`: compensated sums.

use super::{
    blocks::{Monoid, slide},
    kernel::{KernelError, Parameter, RangeInput, RowOut, Scratch},
};

/// A sum and what rounding has cost it so far (Kahan's method in Neumaier's form).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct CompensatedSum {
    pub(crate) sum: f64,
    pub(crate) compensation: f64,
}

impl CompensatedSum {
    /// Adds `term`. At infinity the compensation is cleared, so that it does not turn the sum into NaN.
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let total = self.sum + term;
        if total.is_infinite() {
            self.compensation = 0.0;
        } else if self.sum.abs() >= term.abs() {
            self.compensation += (self.sum - total) + term;
        } else {
            self.compensation += (term - total) + self.sum;
        }
        self.sum = total;
    }

    /// As [`CompensatedSum::add`] where nothing overflows, and without a branch: both roundings are found by Knuth's method.
    #[inline]
    pub(crate) fn add_finite(&mut self, term: f64) {
        let total = self.sum + term;
        let share = total - self.sum;
        self.compensation += (self.sum - (total - share)) + (term - share);
        self.sum = total;
    }

    /// The sum with its compensation.
    #[inline]
    pub(crate) fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.compensation }
    }
}

pub(super) fn sum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let monoid = Sums { values: input.floats.values, mean: false };
    slide(input, &mut scratch.sums, out, &monoid);
    Ok(())
}

pub(super) fn average(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let monoid = Sums { values: input.floats.values, mean: true };
    slide(input, &mut scratch.sums, out, &monoid);
    Ok(())
}

/// The sum of a run, and of its values' sizes: how far rounding and overflow can have gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    sum: CompensatedSum,
    sizes: f64,
}

struct Sums<'a> {
    values: &'a [f64],
    mean: bool,
}

impl Monoid for Sums<'_> {
    type State = Run;

    fn of(&self, index: usize) -> Run {
        let value = self.values[index];
        Run { sum: CompensatedSum { sum: value, compensation: 0.0 }, sizes: value.abs() }
    }

    #[inline]
    fn append(&self, mut state: Run, index: usize) -> Run {
        let value = self.values[index];
        state.sum.add_finite(value);
        state.sizes += value.abs();
        state
    }

    #[inline]
    fn prepend(&self, index: usize, state: Run) -> Run {
        self.append(state, index)
    }

    #[inline]
    fn merge(&self, first: Run, second: Run) -> Run {
        let mut sum = first.sum;
        sum.add_finite(second.sum.sum);
        sum.compensation += second.sum.compensation;
        Run { sum, sizes: first.sizes + second.sizes }
    }

    /// Both orders of adding are off by at most about n² · 2⁻¹⁰⁵ of the sizes' sum; where that can show, upstream's order decides. It also
    /// does where any order could overflow, or a value is not finite.
    #[inline]
    fn finish(&self, _: usize, first: usize, end: usize, state: Run) -> Option<f64> {
        let total = state.sum.sum + state.sum.compensation;
        let count = (end - first) as f64;
        let agrees = count * count * 2.5e-32 * state.sizes <= 1e-13 * total.abs();
        (agrees && state.sizes <= f64::MAX).then(|| if self.mean { total / count } else { total })
    }

    fn plain(&self, _: usize, first: usize, end: usize) -> f64 {
        let values = &self.values[first..end];
        if self.mean { average_of(values).unwrap_or(f64::NAN) } else { sum_of(values) }
    }
}

/// The sum of all values, in order.
pub(super) fn sum_of(values: &[f64]) -> f64 {
    let mut sum = CompensatedSum::default();
    for value in values {
        sum.add(*value);
    }
    sum.total()
}

/// The mean of all values: their sum divided by their number; a running mean from where the sum would overflow.
pub(super) fn average_of(values: &[f64]) -> Option<f64> {
    let (first, rest) = values.split_first()?;
    let mut sum = CompensatedSum { sum: *first, compensation: 0.0 };
    for (index, value) in rest.iter().enumerate() {
        let mut next = sum;
        next.add(*value);
        if next.sum.is_infinite() {
            let count = (index + 1) as f64;
            let mean = CompensatedSum { sum: sum.sum / count, compensation: sum.compensation / count };
            return Some(running_mean(mean, index + 1, &rest[index..]));
        }
        sum = next;
    }
    let count = values.len() as f64;
    Some(sum.sum / count + sum.compensation / count)
}

/// Continues a mean of `count` values with more values, each at its share.
fn running_mean(mut mean: CompensatedSum, count: usize, values: &[f64]) -> f64 {
    for (index, value) in values.iter().enumerate() {
        let count = (count + index + 1) as f64;
        let share = (count - 1.0) / count;
        mean = CompensatedSum { sum: share * mean.sum, compensation: share * mean.compensation };
        mean.add(value / count);
    }
    mean.sum + mean.compensation
}
