//! Random series of native histograms: counters that grow, start anew and change their layout; gauges.

use crate::model::histogram::{CUSTOM_BUCKETS_SCHEMA, CounterResetHint, FloatHistogram, HistogramParts};

use super::Choices;
use super::data::DataOptions;
use super::data_set::Item;

/// Histograms with exponential buckets, of a counter or a gauge.
pub(super) fn exponential(
    choices: &mut Choices,
    samples: usize,
    options: DataOptions,
    is_gauge: bool,
) -> Vec<Item> {
    let mut parts = HistogramParts::default();
    let fractional = choices.rarely(4);
    let negatives = choices.rarely(3);
    fresh_layout(choices, &mut parts, negatives);
    let items = (0..samples).map(|_| {
        if is_gauge || choices.rarely(20) {
            empty(&mut parts);
        }
        if choices.rarely(25) {
            fresh_layout(choices, &mut parts, negatives);
        }
        if options.growing_layouts && choices.rarely(12) {
            parts.buckets.push(0.0);
        }
        if options.growing_layouts && choices.rarely(25) {
            parts.offset -= 1;
            parts.buckets.insert(0, 0.0);
        }
        grow(choices, &mut parts, if fractional { 0.25 } else { 1.0 });
        parts.counter_reset_hint = match choices.below(40) {
            38 => CounterResetHint::Reset,
            39 => CounterResetHint::NotReset,
            _ if is_gauge => CounterResetHint::Gauge,
            _ => CounterResetHint::Unknown,
        };
        let mut histogram = FloatHistogram::from_parts(parts.clone());
        match choices.below(80) {
            // Observations of NaN are in no bucket, and spoil the sum.
            77 => (histogram.sum, histogram.count) = (f64::NAN, histogram.count + 1.0),
            78 => histogram.sum = f64::INFINITY,
            79 => histogram.count += 2.0,
            _ => {}
        }
        Item::Histogram(Box::new(histogram))
    });
    items.collect()
}

fn empty(parts: &mut HistogramParts) {
    let zero = |buckets: &mut Vec<f64>| buckets.iter_mut().for_each(|bucket| *bucket = 0.0);
    zero(&mut parts.buckets);
    zero(&mut parts.n_buckets);
    (parts.z_bucket, parts.count, parts.sum) = (0.0, 0.0, 0.0);
}

fn fresh_layout(choices: &mut Choices, parts: &mut HistogramParts, negatives: bool) {
    // Another than before, so that a store does not join the two.
    let schemas = [0, 1, 2, -1, 3, 8, -4].into_iter().filter(|schema| *schema != parts.schema);
    let schemas: Vec<i32> = schemas.collect();
    parts.schema = *choices.pick(&schemas);
    parts.z_bucket_w = *choices.pick(&[0.001, 0.0, 0.5, 2.0, 1e-128]);
    parts.offset = *choices.pick(&[0, 1, -2, 3]);
    parts.buckets = vec![0.0; 1 + choices.below(4)];
    if negatives {
        parts.n_offset = *choices.pick(&[0, -1, 2]);
        parts.n_buckets = vec![0.0; choices.below(4)];
    }
    empty(parts);
}

/// Some more observations, and the count and a sum that goes with them.
fn grow(choices: &mut Choices, parts: &mut HistogramParts, unit: f64) {
    if parts.z_bucket_w > 0.0 {
        parts.z_bucket += unit * choices.below(2) as f64;
    }
    for (index, bucket) in parts.buckets.iter_mut().enumerate() {
        let more = unit * choices.below(3) as f64;
        *bucket += more;
        parts.sum += more * (1 + index) as f64;
    }
    for bucket in &mut parts.n_buckets {
        let more = unit * choices.below(2) as f64;
        *bucket += more;
        parts.sum -= more;
    }
    parts.count = parts.z_bucket + parts.buckets.iter().sum::<f64>() + parts.n_buckets.iter().sum::<f64>();
}

const BOUNDS: [&[f64]; 4] =
    [&[1.0, 5.0, 10.0], &[1.0, 10.0], &[0.5, 1.0, 5.0, 10.0, 50.0], &[-5.0, 0.0, 5.0]];

/// Histograms with custom buckets, as classic ones are converted to.
pub(super) fn custom(choices: &mut Choices, samples: usize) -> Vec<Item> {
    let mut parts = HistogramParts { schema: CUSTOM_BUCKETS_SCHEMA, ..HistogramParts::default() };
    let start = |choices: &mut Choices, parts: &mut HistogramParts| {
        parts.custom_values = choices.pick(&BOUNDS).to_vec();
        parts.buckets = vec![0.0; parts.custom_values.len() + 1];
        (parts.count, parts.sum) = (0.0, 0.0);
    };
    start(choices, &mut parts);
    let items = (0..samples).map(|_| {
        if choices.rarely(25) {
            start(choices, &mut parts);
        } else if choices.rarely(25) {
            empty(&mut parts);
        }
        grow(choices, &mut parts, 1.0);
        parts.counter_reset_hint =
            if choices.rarely(30) { CounterResetHint::Gauge } else { CounterResetHint::Unknown };
        Item::Histogram(Box::new(FloatHistogram::from_parts(parts.clone())))
    });
    items.collect()
}
