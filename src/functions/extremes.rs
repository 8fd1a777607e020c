//! The least and the greatest value of a range, and when they occurred.

use super::{
    blocks::{Monoid, slide},
    extrapolation::seconds,
    kernel::{KernelError, Parameter, RangeInput, RowOut, Scratch},
};
use crate::model::Timestamps;

pub(super) fn minimum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    slide(input, &mut scratch.floats, out, &Extreme::<false> { values: input.floats.values });
    Ok(())
}

pub(super) fn maximum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    slide(input, &mut scratch.floats, out, &Extreme::<true> { values: input.floats.values });
    Ok(())
}

pub(super) fn time_of_minimum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let monoid = TimeOf::<false> { values: input.floats.values, times: &input.floats.timestamps };
    slide(input, &mut scratch.indices, out, &monoid);
    Ok(())
}

pub(super) fn time_of_maximum(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let monoid = TimeOf::<true> { values: input.floats.values, times: &input.floats.timestamps };
    slide(input, &mut scratch.indices, out, &monoid);
    Ok(())
}

/// Whether `value` beats `best`; false beside NaN.
#[inline]
fn beats<const GREATEST: bool>(value: f64, best: f64) -> bool {
    if GREATEST { value > best } else { value < best }
}

/// The best value; any is better than NaN, and of equal ones (0 and −0) the earlier stays.
struct Extreme<'a, const GREATEST: bool> {
    values: &'a [f64],
}

impl<const GREATEST: bool> Extreme<'_, GREATEST> {
    #[inline]
    fn pick(earlier: f64, later: f64) -> f64 {
        if beats::<GREATEST>(later, earlier) || earlier.is_nan() { later } else { earlier }
    }
}

impl<const GREATEST: bool> Monoid for Extreme<'_, GREATEST> {
    type State = f64;

    fn of(&self, index: usize) -> f64 {
        self.values[index]
    }

    #[inline]
    fn append(&self, state: f64, index: usize) -> f64 {
        Self::pick(state, self.values[index])
    }

    #[inline]
    fn prepend(&self, index: usize, state: f64) -> f64 {
        Self::pick(self.values[index], state)
    }

    #[inline]
    fn merge(&self, first: f64, second: f64) -> f64 {
        Self::pick(first, second)
    }

    #[inline]
    fn finish(&self, _: usize, _: usize, _: usize, state: f64) -> Option<f64> {
        Some(state)
    }

    #[inline]
    fn plain(&self, _: usize, first: usize, end: usize) -> f64 {
        self.values[first + 1..end].iter().fold(self.values[first], |best, value| Self::pick(best, *value))
    }
}

/// Where the best value stands; of equal ones the later counts.
struct TimeOf<'a, const GREATEST: bool> {
    values: &'a [f64],
    times: &'a Timestamps<'a>,
}

impl<const GREATEST: bool> TimeOf<'_, GREATEST> {
    #[inline]
    fn pick(&self, earlier: u32, later: u32) -> u32 {
        let (old, new) = (self.values[earlier as usize], self.values[later as usize]);
        if beats::<GREATEST>(new, old) || new == old || old.is_nan() { later } else { earlier }
    }

    fn time(&self, index: u32) -> f64 {
        seconds(self.times.at(index as usize))
    }
}

impl<const GREATEST: bool> Monoid for TimeOf<'_, GREATEST> {
    type State = u32;

    fn of(&self, index: usize) -> u32 {
        index as u32
    }

    #[inline]
    fn append(&self, state: u32, index: usize) -> u32 {
        self.pick(state, index as u32)
    }

    #[inline]
    fn prepend(&self, index: usize, state: u32) -> u32 {
        self.pick(index as u32, state)
    }

    #[inline]
    fn merge(&self, first: u32, second: u32) -> u32 {
        self.pick(first, second)
    }

    #[inline]
    fn finish(&self, _: usize, _: usize, _: usize, state: u32) -> Option<f64> {
        Some(self.time(state))
    }

    fn plain(&self, _: usize, first: usize, end: usize) -> f64 {
        self.time((first as u32 + 1..end as u32).fold(first as u32, |best, index| self.pick(best, index)))
    }
}
