//! Compensated sums, means, quantiles: the folds that several functions and aggregations share.

use crate::model::sorting::sort_like_go;

/// A sum with the error it has made so far (Kahan's sum as Neumaier improved it).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Compensated {
    pub(super) sum: f64,
    pub(super) error: f64,
}

impl Compensated {
    pub(super) fn add(self, value: f64) -> Self {
        let sum = self.sum + value;
        let error = if sum.is_infinite() {
            0.0
        } else if self.sum.abs() >= value.abs() {
            self.error + ((self.sum - sum) + value)
        } else {
            self.error + ((value - sum) + self.sum)
        };
        Self { sum, error }
    }

    pub(super) fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.error }
    }
}

/// The sum of all values, from zero.
pub(super) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(Compensated::default(), Compensated::add).total()
}

/// The mean: the sum through the count, or a running mean from where the sum would overflow.
pub(super) fn mean(values: &[f64]) -> f64 {
    let Some((first, rest)) = values.split_first() else { return f64::NAN };
    let mut state = Compensated { sum: *first, error: 0.0 };
    let mut count = 1.0;
    let mut running = false;
    for value in rest {
        count += 1.0;
        if !running {
            let next = state.add(*value);
            if !next.sum.is_infinite() {
                state = next;
                continue;
            }
            running = true;
            state = Compensated { sum: state.sum / (count - 1.0), error: state.error / (count - 1.0) };
        }
        let weight = (count - 1.0) / count;
        state = Compensated { sum: weight * state.sum, error: weight * state.error }.add(value / count);
    }
    if running { state.sum + state.error } else { state.sum / count + state.error / count }
}

/// The `q`-quantile, interpolated between neighbours; NaN counts as the smallest value.
pub(super) fn quantile(q: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    sort_like_go(&mut values, |a, b| a.is_nan() || a < b);
    let last = values.len() - 1;
    let rank = q * last as f64;
    let lower = (rank.floor().max(0.0) as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - rank.floor();
    if weight == 0.0 { values[lower] } else { values[lower] * (1.0 - weight) + values[upper] * weight }
}

/// The sum of a group, which starts with its first value rather than with zero: a single −0 stays one.
pub(super) fn sum_from_first(values: &[f64]) -> f64 {
    let Some((first, rest)) = values.split_first() else { return 0.0 };
    let state = rest.iter().fold(Compensated { sum: *first, error: 0.0 }, |state, value| state.add(*value));
    state.sum + state.error
}
