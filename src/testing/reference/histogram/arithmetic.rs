//! Sums and differences of histograms that may differ in schema, zero bucket and bounds.

use std::collections::BTreeMap;

use super::{Buckets, Histogram};
use crate::model::histogram::{CounterResetHint, bound};
use crate::testing::reference::sums::Compensated;

/// Exponential and custom buckets have no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::testing::reference) struct Mixed;

/// Counts with the errors made so far.
pub(super) type Sums = BTreeMap<i64, Compensated>;

/// A running sum of histograms.
#[derive(Debug, Clone)]
pub(in crate::testing::reference) struct Total {
    /// Whether errors are kept track of, as sums of many do. A plain `a + b` does not.
    compensated: bool,
    hint: CounterResetHint,
    pub(super) schema: i32,
    pub(super) zero_threshold: f64,
    pub(super) zero_count: Compensated,
    count: Compensated,
    sum: Compensated,
    pub(super) positive: Sums,
    pub(super) negative: Sums,
    bounds: Vec<f64>,
}

fn plain(value: f64) -> Compensated {
    Compensated { sum: value, error: 0.0 }
}

fn starting(buckets: &Buckets) -> Sums {
    buckets.iter().map(|(number, count)| (*number, plain(*count))).collect()
}

fn finished(buckets: &Sums) -> Buckets {
    buckets.iter().map(|(number, count)| (*number, count.sum + count.error)).collect()
}

/// The number of the coarser bucket that a bucket lies in.
fn coarser(number: i64, by: i32) -> i64 {
    ((number - 1) >> by) + 1
}

impl Total {
    fn starting_with(first: &Histogram, compensated: bool) -> Self {
        Self {
            compensated,
            hint: first.hint,
            schema: first.schema,
            zero_threshold: first.zero_threshold,
            zero_count: plain(first.zero_count),
            count: plain(first.count),
            sum: plain(first.sum),
            positive: starting(&first.positive),
            negative: starting(&first.negative),
            bounds: first.bounds.clone(),
        }
    }

    pub(super) fn with(&self, state: Compensated, value: f64) -> Compensated {
        if self.compensated { state.add(value) } else { plain(state.sum + value) }
    }

    /// The total as a histogram.
    pub(super) fn finish(&self) -> Histogram {
        let number = |state: Compensated| state.sum + state.error;
        Histogram {
            hint: self.hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: number(self.zero_count),
            count: number(self.count),
            sum: number(self.sum),
            positive: finished(&self.positive),
            negative: finished(&self.negative),
            bounds: self.bounds.clone(),
        }
    }

    /// Adds a histogram; says whether the one is known to have been reset and the other is known not to.
    fn add(&mut self, other: &Histogram) -> Result<bool, Mixed> {
        let own = Histogram::empty(self.schema, Vec::new());
        if own.is_custom() != other.is_custom() {
            return Err(Mixed);
        }
        let (hint, collide) = common_hint(self.hint, other.hint);
        self.hint = hint;
        self.count = self.with(self.count, other.count);
        self.sum = self.with(self.sum, other.sum);
        if other.is_custom() {
            self.add_custom(other);
            return Ok(collide);
        }
        let zero_count = self.widen_zero_buckets(other);
        self.zero_count = self.with(self.zero_count, zero_count);
        let schema = self.schema.min(other.schema);
        self.coarsen(schema);
        let sides = [(true, &other.positive), (false, &other.negative)];
        for (positive, buckets) in sides {
            let added = self.in_schema(&starting(buckets), other.schema - schema);
            let mut sums = if positive { self.positive.clone() } else { self.negative.clone() };
            for (number, count) in added {
                // What lies in the zero bucket is counted there.
                if bound(number, schema, &[]) > self.zero_threshold {
                    let state = sums.entry(number).or_default();
                    *state = self.with(self.with(*state, count.sum), count.error);
                }
            }
            *(if positive { &mut self.positive } else { &mut self.negative }) = sums;
        }
        Ok(collide)
    }

    /// Merges buckets into those of a schema, which is not finer.
    fn coarsen(&mut self, schema: i32) {
        self.positive = self.in_schema(&self.positive, self.schema - schema);
        self.negative = self.in_schema(&self.negative, self.schema - schema);
        self.schema = schema;
    }

    fn in_schema(&self, buckets: &Sums, coarser_by: i32) -> Sums {
        let mut out = Sums::new();
        for (number, count) in buckets {
            let state = out.entry(coarser(*number, coarser_by)).or_default();
            *state = self.with(self.with(*state, count.sum), count.error);
        }
        out
    }

    /// Custom buckets meet in those that end at bounds which both have.
    fn add_custom(&mut self, other: &Histogram) {
        if self.bounds == other.bounds {
            for (number, count) in &other.positive {
                let state = self.positive.get(number).copied().unwrap_or_default();
                self.positive.insert(*number, self.with(state, *count));
            }
            return;
        }
        let common = common_bounds(&self.bounds, &other.bounds);
        let mut sums = Sums::new();
        let sides = [(self.positive.clone(), &self.bounds), (starting(&other.positive), &other.bounds)];
        for (buckets, bounds) in sides {
            for (number, count) in buckets {
                let state = sums.entry(at_common_bound(number, bounds, &common)).or_default();
                *state = self.with(self.with(*state, count.sum), count.error);
            }
        }
        sums.retain(|_, count| count.sum != 0.0 || count.error != 0.0);
        self.positive = sums;
        self.bounds = common;
    }

    fn overflows(&self) -> bool {
        let buckets = self.positive.values().chain(self.negative.values()).map(|count| count.sum);
        let numbers = [self.zero_count.sum, self.count.sum, self.sum.sum];
        buckets.chain(numbers).chain(self.bounds.iter().copied()).any(f64::is_infinite)
    }

    fn scaled(mut self, change: impl Fn(f64) -> f64) -> Self {
        let change = |state: &mut Compensated| {
            *state = Compensated { sum: change(state.sum), error: change(state.error) };
        };
        [&mut self.zero_count, &mut self.count, &mut self.sum].into_iter().for_each(change);
        self.positive.values_mut().chain(self.negative.values_mut()).for_each(change);
        self
    }
}

impl Histogram {
    /// With the buckets of a schema that is not finer.
    pub(in crate::testing::reference) fn in_schema(&self, schema: i32) -> Self {
        let mut total = Total::starting_with(self, false);
        total.coarsen(schema);
        total.finish()
    }
}

/// What is known of a reset of a sum; and whether the two contradict each other.
fn common_hint(a: CounterResetHint, b: CounterResetHint) -> (CounterResetHint, bool) {
    use CounterResetHint::{Gauge, Unknown};
    if a == b {
        (a, false)
    } else if a == Gauge || b == Gauge {
        (Gauge, false)
    } else {
        (Unknown, a != Unknown && b != Unknown)
    }
}

/// The bounds that stand in both lists.
pub(super) fn common_bounds(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().copied().filter(|bound| b.contains(bound)).collect()
}

/// The number of the bucket between common bounds in which a bucket between finer bounds lies.
pub(super) fn at_common_bound(number: i64, bounds: &[f64], common: &[f64]) -> i64 {
    let upper = usize::try_from(number).ok().and_then(|number| bounds.get(number));
    let found = upper.and_then(|upper| common.iter().position(|bound| bound >= upper));
    found.unwrap_or(common.len()) as i64
}

/// `a + b`, and whether their hints contradict each other.
pub(in crate::testing::reference) fn sum(a: &Histogram, b: &Histogram) -> Result<(Histogram, bool), Mixed> {
    let mut total = Total::starting_with(a, false);
    let collide = total.add(b)?;
    Ok((total.finish(), collide))
}

/// `a - b`, and whether their hints contradict each other.
pub(in crate::testing::reference) fn difference(
    a: &Histogram,
    b: &Histogram,
) -> Result<(Histogram, bool), Mixed> {
    sum(a, &Histogram { hint: b.hint, ..b.clone().each(|number| -number) })
}

/// The sum of many, errors kept track of; `None` of none.
pub(in crate::testing::reference) fn total(histograms: &[&Histogram]) -> Result<Option<Histogram>, Mixed> {
    let Some((first, rest)) = histograms.split_first() else { return Ok(None) };
    let mut total = Total::starting_with(first, true);
    for histogram in rest {
        total.add(histogram)?;
    }
    Ok(Some(total.finish()))
}

/// The mean of many: the sum through the count, or a running mean from where the sum would overflow; `None` of none.
pub(in crate::testing::reference) fn mean(histograms: &[&Histogram]) -> Result<Option<Histogram>, Mixed> {
    let Some((first, rest)) = histograms.split_first() else { return Ok(None) };
    let mut total = Total::starting_with(first, true);
    let mut count = 1.0;
    let mut running = false;
    for histogram in rest {
        count += 1.0;
        if !running {
            let mut next = total.clone();
            next.add(histogram)?;
            if !next.overflows() {
                total = next;
                continue;
            }
            running = true;
            total = total.scaled(|number| number / (count - 1.0));
        }
        total = total.scaled(|number| number * ((count - 1.0) / count));
        total.add(&(*histogram).clone().over(count))?;
    }
    Ok(Some(if running { total } else { total.scaled(|number| number / count) }.finish()))
}
