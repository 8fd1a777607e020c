//! `sum_over_time` and `avg_over_time`: compensated sums.

use super::kernel::{KernelError, Parameter, RangeInput, RowOut, Scratch};

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

    /// The sum with its compensation.
    #[inline]
    pub(crate) fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.compensation }
    }
}

pub(super) fn sum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| {
        let window = input.window(step);
        (!window.is_empty()).then(|| sum_of(window))
    });
    Ok(())
}

pub(super) fn average(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| average_of(input.window(step)));
    Ok(())
}

/// The sum of all values, in order.
fn sum_of(values: &[f64]) -> f64 {
    let mut sum = CompensatedSum::default();
    for value in values {
        sum.add(*value);
    }
    sum.total()
}

/// The mean of all values: their sum divided by their number; a running mean from where the sum would overflow.
fn average_of(values: &[f64]) -> Option<f64> {
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
