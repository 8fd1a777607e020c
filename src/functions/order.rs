//! `quantile_over_time` and `mad_over_time`: order statistics.

use super::kernel::{KernelError, Notes, Parameter, RangeInput, RowOut, Scratch};

pub(super) fn quantile(
    input: &RangeInput<'_>,
    parameters: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let mut invalid = false;
    out.fill(|step| {
        let window = input.window(step);
        if window.is_empty() {
            return None;
        }
        let quantile = parameters.first().map_or(f64::NAN, |parameter| parameter.at(step));
        invalid |= !(0.0..=1.0).contains(&quantile);
        scratch.floats.clear();
        scratch.floats.extend_from_slice(window);
        Some(quantile_of(quantile, &mut scratch.floats))
    });
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

/// Order of values: NaN first, then by size.
#[inline]
fn by_value(a: &f64, b: &f64) -> std::cmp::Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal),
        (a, b) => b.cmp(&a),
    }
}

/// The quantile of `values`, which are reordered: interpolated between the two values around its rank. NaN where there is no value or
/// `quantile` is NaN, infinite where it is outside 0…1. NaN values count as the least.
pub(crate) fn quantile_of(quantile: f64, values: &mut [f64]) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    if quantile.is_nan() {
        return f64::NAN;
    }
    if quantile < 0.0 {
        return f64::NEG_INFINITY;
    }
    if quantile > 1.0 {
        return f64::INFINITY;
    }
    let (lower, weight) = rank(quantile, values.len());
    let (_, low, above) = values.select_nth_unstable_by(lower, by_value);
    let low = *low;
    if weight == 0.0 {
        return low;
    }
    let high = if lower < last { above.iter().copied().min_by(by_value).unwrap_or(low) } else { low };
    low * (1.0 - weight) + high * weight
}

/// Where a quantile lies among `count` sorted values: the index below it, and how far it is from there to the next.
#[inline]
fn rank(quantile: f64, count: usize) -> (usize, f64) {
    let rank = quantile * (count - 1) as f64;
    let below = rank.floor();
    ((below as usize).min(count - 1), rank - below)
}
