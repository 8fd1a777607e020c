//! Folds: aggregations that read a row of values once and keep a few numbers a step.
//!
//! A group folds its series in order, each step by itself, with the arithmetic of Prometheus (compensated sums,
//! Welford's moments), so that the bits are its bits. Rows are columns of steps: the loops run across steps.

/// The aggregations that fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoldOperator {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    Group,
    Stddev,
    Stdvar,
}

/// The state of one group over a run of steps.
#[derive(Debug)]
pub(crate) struct Fold {
    operator: FoldOperator,
    /// Bit k: the group has seen a sample at step k.
    present: Vec<u64>,
    /// Samples seen.
    count: Vec<f64>,
    /// Sum, extreme, or sum of squared deviations.
    value: Vec<f64>,
    /// Compensation of the sum or of the mean.
    compensation: Vec<f64>,
    /// Running mean: moments always, `avg` from the step on at which its sum overflowed.
    mean: Vec<f64>,
    /// Steps at which `avg` went over to the running mean; empty while there is none.
    incremental: Vec<bool>,
}

/// Adds `increment` to the compensated sum (`sum`, `compensation`): Neumaier's variant of Kahan's summation,
/// with the compensation cleared at an infinity, as Prometheus' `kahansum.Inc` does.
#[inline(always)]
pub(crate) fn compensated_add(increment: f64, sum: f64, compensation: f64) -> (f64, f64) {
    let total = sum + increment;
    let lost =
        if sum.abs() >= increment.abs() { (sum - total) + increment } else { (increment - total) + sum };
    (total, if total.is_infinite() { 0.0 } else { compensation + lost })
}

/// Calls `visit` with the index of every set bit, ascending.
#[inline]
pub(super) fn for_each_present(present: &[u64], mut visit: impl FnMut(usize)) {
    for (word, bits) in present.iter().enumerate() {
        let mut bits = *bits;
        if bits == u64::MAX {
            (word * 64..word * 64 + 64).for_each(&mut visit);
            continue;
        }
        while bits != 0 {
            visit(word * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

fn all_present(present: &[u64], steps: usize) -> bool {
    let (full, rest) = (steps / 64, steps % 64);
    present[..full].iter().all(|word| *word == u64::MAX) && (rest == 0 || present[full] == (1 << rest) - 1)
}

impl Fold {
    /// An empty state over `steps` steps.
    pub(crate) fn new(operator: FoldOperator, steps: usize) -> Self {
        use FoldOperator as O;
        let counts = !matches!(operator, O::Group | O::Sum | O::Min | O::Max);
        let values = !matches!(operator, O::Count | O::Group);
        let compensated = matches!(operator, O::Sum | O::Avg);
        let means = matches!(operator, O::Avg | O::Stddev | O::Stdvar);
        let column = |wanted: bool, value: f64| if wanted { vec![value; steps] } else { Vec::new() };
        let start = match operator {
            O::Sum | O::Avg => -0.0,
            O::Min | O::Max => f64::NAN,
            _ => 0.0,
        };
        Self {
            operator,
            present: vec![0; steps.div_ceil(64)],
            count: column(counts, 0.0),
            value: column(values, start),
            compensation: column(compensated, 0.0),
            mean: column(means, 0.0),
            incremental: Vec::new(),
        }
    }

    /// Bit k: the group has seen a sample at step k.
    pub(crate) fn present(&self) -> &[u64] {
        &self.present
    }

    /// Takes in one row: `values[k]` counts where bit k of `present` is set.
    pub(crate) fn add(&mut self, values: &[f64], present: &[u64]) {
        let steps = values.len();
        match self.operator {
            FoldOperator::Sum if all_present(present, steps) => self.add_to_sums(values),
            FoldOperator::Sum => {
                let (sums, lost) = (&mut self.value[..steps], &mut self.compensation[..steps]);
                for_each_present(present, |k| {
                    (sums[k], lost[k]) = compensated_add(values[k], sums[k], lost[k]);
                });
            }
            FoldOperator::Min => for_each_present(present, |k| {
                let old = self.value[k];
                if old > values[k] || old.is_nan() {
                    self.value[k] = values[k];
                }
            }),
            FoldOperator::Max => for_each_present(present, |k| {
                let old = self.value[k];
                if old < values[k] || old.is_nan() {
                    self.value[k] = values[k];
                }
            }),
            FoldOperator::Count => for_each_present(present, |k| self.count[k] += 1.0),
            FoldOperator::Group => {}
            // The first sample, too, is added to what there is, −0 and nothing lost, and changes neither's bits.
            FoldOperator::Avg if all_present(present, steps) && !self.may_overflow(values) => {
                self.count.iter_mut().for_each(|count| *count += 1.0);
                self.add_to_sums(values);
            }
            FoldOperator::Avg => for_each_present(present, |k| self.average_in(k, values[k])),
            FoldOperator::Stddev | FoldOperator::Stdvar => for_each_present(present, |k| {
                let value = values[k];
                if self.count[k] == 0.0 {
                    self.count[k] = 1.0;
                    self.mean[k] = value;
                    self.value[k] = if value.is_finite() { 0.0 } else { f64::NAN };
                } else {
                    self.count[k] += 1.0;
                    let delta = value - self.mean[k];
                    self.mean[k] += delta / self.count[k];
                    self.value[k] += delta * (value - self.mean[k]);
                }
            }),
        }
        for (own, more) in self.present.iter_mut().zip(present) {
            *own |= more;
        }
    }

    /// Adds a value to the sum of every step.
    fn add_to_sums(&mut self, values: &[f64]) {
        for ((sum, lost), value) in self.value.iter_mut().zip(&mut self.compensation).zip(values) {
            (*sum, *lost) = compensated_add(*value, *sum, *lost);
        }
    }

    /// Whether a sum has become too large for `avg`, or would with these values.
    fn may_overflow(&self, values: &[f64]) -> bool {
        // A count rather than a search: it runs on several values at once.
        let sums = self.value.iter().zip(values).map(|(sum, value)| u32::from((sum + value).is_infinite()));
        !self.incremental.is_empty() || sums.sum::<u32>() > 0
    }

    /// `avg` sums until the sum would overflow and then goes over to a running mean, as Prometheus does.
    fn average_in(&mut self, k: usize, value: f64) {
        self.count[k] += 1.0;
        let count = self.count[k];
        if count == 1.0 {
            self.value[k] = value;
            return;
        }
        if !self.incremental.get(k).copied().unwrap_or(false) {
            let (sum, lost) = compensated_add(value, self.value[k], self.compensation[k]);
            if !sum.is_infinite() {
                (self.value[k], self.compensation[k]) = (sum, lost);
                return;
            }
            self.incremental.resize(self.value.len(), false);
            self.incremental[k] = true;
            self.mean[k] = self.value[k] / (count - 1.0);
            self.compensation[k] /= count - 1.0;
        }
        let q = (count - 1.0) / count;
        (self.mean[k], self.compensation[k]) =
            compensated_add(value / count, q * self.mean[k], q * self.compensation[k]);
    }

    /// Takes in the state of the series that come after this state's own.
    pub(crate) fn merge(&mut self, later: &Self) {
        match self.operator {
            FoldOperator::Sum => for_each_present(&later.present, |k| {
                (self.value[k], self.compensation[k]) =
                    compensated_add(later.value[k], self.value[k], self.compensation[k]);
                if self.value[k].is_finite() {
                    self.compensation[k] += later.compensation[k];
                }
            }),
            FoldOperator::Min | FoldOperator::Max => {
                let (values, present) = (&later.value, &later.present);
                self.add(values, present);
            }
            FoldOperator::Count => for_each_present(&later.present, |k| self.count[k] += later.count[k]),
            FoldOperator::Group => {}
            FoldOperator::Avg => for_each_present(&later.present, |k| self.merge_average(k, later)),
            FoldOperator::Stddev | FoldOperator::Stdvar => for_each_present(&later.present, |k| {
                // Chan, Golub and LeVeque (1979): moments of two parts.
                let (n, m) = (self.count[k], later.count[k]);
                if n == 0.0 {
                    (self.count[k], self.mean[k], self.value[k]) = (m, later.mean[k], later.value[k]);
                    return;
                }
                let delta = later.mean[k] - self.mean[k];
                let total = n + m;
                self.mean[k] += delta * (m / total);
                self.value[k] += later.value[k] + delta * delta * (n * m / total);
                self.count[k] = total;
            }),
        }
        for (own, more) in self.present.iter_mut().zip(&later.present) {
            *own |= more;
        }
    }

    fn merge_average(&mut self, k: usize, later: &Self) {
        let incremental = |fold: &Self| fold.incremental.get(k).copied().unwrap_or(false);
        let (n, m) = (self.count[k], later.count[k]);
        if n == 0.0 {
            self.count[k] = m;
            (self.value[k], self.compensation[k], self.mean[k]) =
                (later.value[k], later.compensation[k], later.mean[k]);
            if incremental(later) {
                self.incremental.resize(self.value.len(), false);
                self.incremental[k] = true;
            }
            return;
        }
        let total = n + m;
        self.count[k] = total;
        if !incremental(self) && !incremental(later) {
            let (sum, lost) = compensated_add(later.value[k], self.value[k], self.compensation[k]);
            if sum.is_finite() || !(self.value[k].is_finite() && later.value[k].is_finite()) {
                (self.value[k], self.compensation[k]) = (sum, lost + later.compensation[k]);
                return;
            }
        }
        let mean_of = |fold: &Self, count: f64| {
            if incremental(fold) {
                (fold.mean[k], fold.compensation[k])
            } else {
                (fold.value[k] / count, fold.compensation[k] / count)
            }
        };
        let ((own, own_lost), (more, more_lost)) = (mean_of(self, n), mean_of(later, m));
        let (mean, lost) = compensated_add(more * (m / total), own * (n / total), own_lost * (n / total));
        self.incremental.resize(self.value.len(), false);
        self.incremental[k] = true;
        (self.mean[k], self.compensation[k]) = (mean, lost + more_lost * (m / total));
    }

    /// Writes the results and their presence.
    pub(crate) fn finish(&self, values: &mut [f64], present: &mut [u64]) {
        present.copy_from_slice(&self.present);
        match self.operator {
            FoldOperator::Sum => {
                for ((out, sum), lost) in values.iter_mut().zip(&self.value).zip(&self.compensation) {
                    *out = sum + lost;
                }
            }
            FoldOperator::Min | FoldOperator::Max => values.copy_from_slice(&self.value),
            FoldOperator::Count => values.copy_from_slice(&self.count),
            FoldOperator::Group => values.fill(1.0),
            FoldOperator::Avg => for_each_present(&self.present, |k| {
                values[k] = if self.incremental.get(k).copied().unwrap_or(false) {
                    self.mean[k] + self.compensation[k]
                } else {
                    self.value[k] / self.count[k] + self.compensation[k] / self.count[k]
                };
            }),
            FoldOperator::Stdvar => {
                for_each_present(&self.present, |k| values[k] = self.value[k] / self.count[k])
            }
            FoldOperator::Stddev => {
                for_each_present(&self.present, |k| values[k] = (self.value[k] / self.count[k]).sqrt());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(operator: FoldOperator, rows: &[f64]) -> f64 {
        let mut fold = Fold::new(operator, 1);
        rows.iter().for_each(|value| fold.add(&[*value], &[1]));
        let (mut out, mut present) = ([0.0], [0]);
        fold.finish(&mut out, &mut present);
        out[0]
    }

    #[test]
    fn a_compensated_sum_keeps_what_a_plain_one_loses() {
        assert_eq!(run(FoldOperator::Sum, &[1.0, 1e100, 1.0, -1e100]), 2.0);
    }

    #[test]
    fn an_average_survives_a_sum_that_overflows() {
        // The running mean loses the last bit, in Prometheus as here.
        assert_eq!(run(FoldOperator::Avg, &[f64::MAX, f64::MAX, f64::MAX]), 1.7976931348623155e308);
    }

    #[test]
    fn a_minimum_prefers_numbers_to_nan() {
        assert_eq!(run(FoldOperator::Min, &[f64::NAN, 2.0, 1.0, f64::NAN]), 1.0);
        assert!(run(FoldOperator::Max, &[f64::NAN, f64::NAN]).is_nan());
    }

    #[test]
    fn merging_two_parts_agrees_with_one_fold() {
        use FoldOperator as O;
        let rows: Vec<f64> = (0..40).map(|i| f64::from(i * i) - 300.0).collect();
        for operator in [O::Sum, O::Avg, O::Min, O::Max, O::Count, O::Stddev, O::Stdvar] {
            let (mut first, mut second) = (Fold::new(operator, 1), Fold::new(operator, 1));
            rows[..17].iter().for_each(|value| first.add(&[*value], &[1]));
            rows[17..].iter().for_each(|value| second.add(&[*value], &[1]));
            first.merge(&second);
            let (mut out, mut present) = ([0.0], [0]);
            first.finish(&mut out, &mut present);
            let whole = run(operator, &rows);
            assert!((out[0] - whole).abs() <= 1e-12 * whole.abs(), "{operator:?}: {} {whole}", out[0]);
        }
    }
}
