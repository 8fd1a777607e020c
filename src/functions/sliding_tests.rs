//! Kernels that slide, against folding each window anew, on random columns; whole rows against rows cut in two.

use std::ops::Range;

use proptest::prelude::*;

use super::{
    Kernel, Notes, Parameter, RangeInput, RowOut, Scratch, StepTimes, WindowSpecification, Windows, lookup,
    order::quantile_of, sums, variance,
};
use crate::model::{FloatColumn, HistogramColumn, Timestamps};

fn evaluate(
    name: &str,
    parameters: &[Parameter<'_>],
    floats: FloatColumn<'_>,
    windows: &Windows,
    steps: Range<usize>,
) -> Vec<Option<f64>> {
    let Some(Kernel::Range(function)) = lookup(name).map(|function| function.kernel) else {
        panic!("{name} is no range function")
    };
    let (mut values, mut present) = (vec![0.0; steps.len()], vec![0u64; steps.len().div_ceil(64)]);
    let mut notes = Notes::default();
    let mut out = RowOut { values: &mut values, present: &mut present, notes: &mut notes };
    let histograms = HistogramColumn::default();
    let input = RangeInput { floats, windows, histograms, histogram_windows: None, steps: steps.clone() };
    function.evaluate(&input, parameters, &mut Scratch::default(), &mut out).expect("valid arguments");
    (0..steps.len()).map(|k| (present[k / 64] >> (k % 64) & 1 == 1).then(|| values[k])).collect()
}

/// The plain answer of a window.
type Plain = fn(&[f64], &[i64]) -> Option<f64>;

fn extreme(values: &[f64], better: fn(f64, f64) -> bool) -> Option<usize> {
    let mut best = 0;
    values.first()?;
    for (index, value) in values.iter().enumerate() {
        if better(*value, values[best]) || values[best].is_nan() {
            best = index;
        }
    }
    Some(best)
}

fn smoothed(values: &[f64]) -> Option<f64> {
    let (sf, tf) = (0.3, 0.1);
    let (mut before, mut level) = (0.0, *values.first()?);
    let mut slope = values.get(1)? - level;
    for (i, value) in values.iter().enumerate().skip(1) {
        if i > 1 {
            slope = tf * (level - before) + (1.0 - tf) * slope;
        }
        (before, level) = (level, sf * value + (1.0 - sf) * (level + slope));
    }
    Some(level)
}

fn slope(values: &[f64], times: &[i64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    if values.iter().all(|value| *value == values[0]) {
        return Some(if values[0].is_infinite() { f64::NAN } else { 0.0 });
    }
    let x: Vec<f64> = times.iter().map(|time| (time - times[0]) as f64 / 1e3).collect();
    let sum = |terms: &mut dyn Iterator<Item = f64>| {
        let mut sum = sums::CompensatedSum::default();
        terms.for_each(|term| sum.add(term));
        sum.sum + sum.compensation
    };
    let n = values.len() as f64;
    let (sx, sy) = (sum(&mut x.iter().copied()), sum(&mut values.iter().copied()));
    let sxy = sum(&mut x.iter().zip(values).map(|(x, y)| x * y));
    let sxx = sum(&mut x.iter().map(|x| x * x));
    Some((sxy - sx * sy / n) / (sxx - sx * sx / n))
}

const FUNCTIONS: &[(&str, &[f64], Plain)] = &[
    ("sum_over_time", &[], |v, _| (!v.is_empty()).then(|| sums::sum_of(v))),
    ("avg_over_time", &[], |v, _| sums::average_of(v)),
    ("stdvar_over_time", &[], |v, _| variance::variance_of(v)),
    ("stddev_over_time", &[], |v, _| variance::variance_of(v).map(f64::sqrt)),
    ("min_over_time", &[], |v, _| extreme(v, |a, b| a < b).map(|i| v[i])),
    ("max_over_time", &[], |v, _| extreme(v, |a, b| a > b).map(|i| v[i])),
    ("ts_of_min_over_time", &[], |v, t| extreme(v, |a, b| a <= b).map(|i| t[i] as f64 / 1000.0)),
    ("ts_of_max_over_time", &[], |v, t| extreme(v, |a, b| a >= b).map(|i| t[i] as f64 / 1000.0)),
    ("quantile_over_time", &[0.9], |v, _| (!v.is_empty()).then(|| quantile_of(0.9, &mut v.to_vec()))),
    ("double_exponential_smoothing", &[0.3, 0.1], |v, _| smoothed(v)),
    ("deriv", &[], slope),
    ("changes", &[], |v, _| {
        let changed = |p: &&[f64]| p[0] != p[1] && !(p[0].is_nan() && p[1].is_nan());
        (!v.is_empty()).then(|| v.windows(2).filter(changed).count() as f64)
    }),
    ("resets", &[], |v, _| (!v.is_empty()).then(|| v.windows(2).filter(|p| p[1] < p[0]).count() as f64)),
];

fn values(kind: u8) -> BoxedStrategy<f64> {
    match kind {
        0 => (-100.0..100.0f64).boxed(),
        1 => prop_oneof![10 => (0..5i32).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(-0.0)].boxed(),
        2 => prop_oneof![Just(1e16), Just(-1e16), Just(1.0), Just(1e-9), Just(3.7)].boxed(),
        3 => (1e9..1.00001e9f64).boxed(),
        4 => prop_oneof![8 => Just(7.25), 1 => Just(7.5), 1 => Just(f64::INFINITY)].boxed(),
        _ => prop_oneof![3 => -1.7e308..1.7e308f64, 1 => Just(1.0), 1 => Just(-5e-324)].boxed(),
    }
}

fn column() -> impl Strategy<Value = Vec<f64>> {
    (0u8..6).prop_flat_map(|kind| prop::collection::vec(values(kind), 0..400))
}

fn agree(ours: Option<f64>, plain: Option<f64>) -> bool {
    match (ours, plain) {
        (Some(a), Some(b)) => {
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn sliding_agrees_with_folding_anew(
        values in column(), gaps in prop::collection::vec(1i64..30_000, 400), regular in any::<bool>(),
        start in -100_000i64..400_000, step in prop_oneof![Just(0i64), 1i64..50_000], count in 1usize..200,
        range in prop_oneof![1i64..100_000, 100_000i64..4_000_000], cut in 0usize..200,
    ) {
        let times: Vec<i64> = (0..values.len()).scan(0, |time, index| {
            *time += if regular { 10_000 } else { gaps[index] };
            Some(*time)
        }).collect();
        let timestamps = Timestamps::Explicit { times_ms: &times, shared: None };
        let floats = FloatColumn { timestamps, values: &values, start_timestamps: &[] };
        let steps = StepTimes { start_ms: start, step_ms: step, count };
        let windows = Windows::new(&timestamps, &WindowSpecification::plain(steps, range));
        for (name, parameters, plain) in FUNCTIONS {
            let parameters: Vec<_> = parameters.iter().map(|p| Parameter::Constant(*p)).collect();
            let whole = evaluate(name, &parameters, floats, &windows, 0..count);
            for (step, ours) in whole.iter().enumerate() {
                let (first, end) = windows.bounds(step);
                let expected = plain(&values[first..end], &times[first..end]);
                prop_assert!(agree(*ours, expected), "{} at step {}: {:?}, expected {:?}", name, step, ours, expected);
            }
            let cut = cut.min(count);
            let mut parts = evaluate(name, &parameters, floats, &windows, 0..cut);
            parts.extend(evaluate(name, &parameters, floats, &windows, cut..count));
            let bits = |row: &[Option<f64>]| row.iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>();
            prop_assert_eq!(bits(&whole), bits(&parts), "{} cut at {}", name, cut);
        }
    }
}

/// Of the whole window the slope becomes infinite; what smoothing remembers of it is finite.
#[test]
fn a_sample_that_overflows_is_not_forgotten() {
    let mut values = vec![0.0; 282];
    (values[31], values[33], values[279]) = (-1.67e308, 1.0, -1.54e308);
    let times: Vec<i64> = (0..282).map(|index| index * 10_000).collect();
    let timestamps = Timestamps::Explicit { times_ms: &times, shared: None };
    let floats = FloatColumn { timestamps, values: &values, start_timestamps: &[] };
    let steps = StepTimes { start_ms: 3_105_000, step_ms: 10, count: 200 };
    let windows = Windows::new(&timestamps, &WindowSpecification::plain(steps, 2_804_724));
    for (name, parameters, plain) in FUNCTIONS.iter().filter(|(name, ..)| name.starts_with("double")) {
        let parameters: Vec<_> = parameters.iter().map(|p| Parameter::Constant(*p)).collect();
        for (step, ours) in evaluate(name, &parameters, floats, &windows, 0..200).into_iter().enumerate() {
            let (first, end) = windows.bounds(step);
            let expected = plain(&values[first..end], &times[first..end]);
            assert!(agree(ours, expected), "{name} at step {step}: {ours:?}, expected {expected:?}");
        }
    }
}
