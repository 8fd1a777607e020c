//! `quantile_over_time` and `mad_over_time`: order statistics.

use super::{
    kernel::{KernelError, Notes, Parameter, RangeInput, RowOut, Scratch},
    ranks::RankedWindow,
    rate::seen,
};
use crate::model::sorting::{sort_like_go, zeros_tie};

pub(super) fn quantile(
    input: &RangeInput<'_>,
    parameters: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let mut invalid = false;
    let parameter = parameters.first().copied().unwrap_or(Parameter::Constant(f64::NAN));
    let covered: usize = (0..input.steps.len()).map(|step| input.window(step).len()).sum();
    let (from, to) = seen(input).unwrap_or_default();
    // Both ways give the same bits. A sort costs the logarithm of what is seen a sample, and pays where windows overlap enough.
    let sorted_cost = (to - from).saturating_mul(2 * (usize::BITS - (to - from).leading_zeros()) as usize);
    let values = &input.floats.values[from..to];
    if covered > sorted_cost && to - from <= u32::MAX as usize && !zeros_tie(values) {
        let mut ranked = RankedWindow::new(values, &mut scratch.ranks);
        out.fill(|step| {
            let (first, end) = input.bounds(step);
            if first == end {
                return None;
            }
            let quantile = parameter.at(step);
            invalid |= !(0.0..=1.0).contains(&quantile);
            ranked.move_to(first - from, end - from);
            Some(interpolate(quantile, end - first, |index| ranked.select(index)))
        });
    } else {
        out.fill(|step| {
            let window = input.window(step);
            if window.is_empty() {
                return None;
            }
            let quantile = parameter.at(step);
            invalid |= !(0.0..=1.0).contains(&quantile);
            scratch.floats.clear();
            scratch.floats.extend_from_slice(window);
            Some(quantile_of(quantile, &mut scratch.floats))
        });
    }
    if invalid {
        out.notes.insert(Notes::INVALID_QUANTILE);
    }
    Ok(())
}

pub(super) fn median_absolute_deviation(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| {
        let window = input.window(step);
        if window.is_empty() {
            return None;
        }
        if window.iter().any(|value| value.is_nan()) {
            return Some(f64::NAN);
        }
        let values = &mut scratch.floats;
        values.clear();
        values.extend_from_slice(window);
        let median = quantile_of(0.5, values);
        for value in values.iter_mut() {
            *value = (*value - median).abs();
        }
        Some(quantile_of(0.5, values))
    });
    Ok(())
}

/// Order of values: NaN first, then by size, −0 before 0.
#[inline]
fn by_value(a: &f64, b: &f64) -> std::cmp::Ordering {
    order_key(*a).cmp(&order_key(*b))
}

/// A number that grows with the value; 0 for NaN.
#[inline]
pub(super) fn order_key(value: f64) -> u64 {
    if value.is_nan() {
        return 0;
    }
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The quantile of `values`, which are reordered: interpolated between the two values around its rank. NaN where there is no value or
/// `quantile` is NaN, infinite where it is outside 0…1. NaN values count as the least.
pub(crate) fn quantile_of(quantile: f64, values: &mut [f64]) -> f64 {
    let count = values.len();
    if zeros_tie(values) {
        sort_like_go(values, |a, b| a.is_nan() || a < b);
        return interpolate(quantile, count, |index| values[index]);
    }
    let mut selected: Option<usize> = None;
    interpolate(quantile, count, |index| match selected {
        // The value behind the one selected is the least of those after it.
        Some(before) => values[before + 1..].iter().copied().min_by(by_value).unwrap_or(f64::NAN),
        None => {
            selected = Some(index);
            *values.select_nth_unstable_by(index, by_value).1
        }
    })
}

/// The quantile of `count` values of which `sorted` gives the one at an index in order; asked for one, or for two neighbours in order.
fn interpolate(quantile: f64, count: usize, mut sorted: impl FnMut(usize) -> f64) -> f64 {
    if count == 0 || quantile.is_nan() {
        return f64::NAN;
    }
    if quantile < 0.0 {
        return f64::NEG_INFINITY;
    }
    if quantile > 1.0 {
        return f64::INFINITY;
    }
    let rank = quantile * (count - 1) as f64;
    let below = rank.floor();
    let (lower, weight) = ((below as usize).min(count - 1), rank - below);
    let low = sorted(lower);
    if weight == 0.0 {
        return low;
    }
    let high = if lower + 1 < count { sorted(lower + 1) } else { low };
    low * (1.0 - weight) + high * weight
}
