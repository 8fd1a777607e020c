//! The data sets, as Prometheus' benchmarks make them.

use std::sync::Arc;

use promql_engine::model::histogram::{BucketSpan, CUSTOM_BUCKETS_SCHEMA, CounterResetHint, Header, Layout};
use promql_engine::model::{Labels, LabelsBuilder};
use promql_engine::storage::MemoryStore;

/// From sample to sample, in ms.
pub(crate) const INTERVAL_MS: i64 = 10_000;
/// A day and 10,000 steps of samples.
pub(crate) const INTERVALS: i64 = 8_640 + 10_000;
/// Steps of a join.
pub(crate) const JOIN_STEPS: i64 = 5_000;
/// A day and the steps of a join.
pub(crate) const JOIN_INTERVALS: i64 = 8_640 + JOIN_STEPS;

/// Series of a native histogram, samples of each.
const HISTOGRAM_SERIES: usize = 3_000;
const HISTOGRAM_SAMPLES: i64 = 2_000;

fn fill(store: &mut MemoryStore, metrics: &[Labels], intervals: i64) {
    let ids: Vec<_> = metrics.iter().map(|labels| store.series_id(labels).expect("a few series")).collect();
    for sample in 0..intervals {
        for (place, id) in ids.iter().enumerate() {
            let value = sample as f64 + place as f64 / metrics.len() as f64;
            store.append_to(*id, sample * INTERVAL_MS, 0, value).expect("times ascend");
        }
    }
}

/// `a_X`, `b_X` and eleven buckets of `h_X`, for X one, ten and hundred; and a sparse metric.
pub(crate) fn range_query() -> MemoryStore {
    let mut metrics = Vec::new();
    for (size, count) in [("one", 1), ("ten", 10), ("hundred", 100)] {
        for l in 0..count {
            let l = if size == "one" { String::new() } else { l.to_string() };
            for letter in ["a", "b"] {
                metrics
                    .push(Labels::from_pairs([("__name__", format!("{letter}_{size}")), ("l", l.clone())]));
            }
            for le in (0..10).map(|le| le.to_string()).chain([String::from("+Inf")]) {
                metrics.push(Labels::from_pairs([
                    ("__name__", format!("h_{size}")),
                    ("l", l.clone()),
                    ("le", le),
                ]));
            }
        }
    }
    let mut store = MemoryStore::new();
    fill(&mut store, &metrics, INTERVALS);
    for sample in 0..INTERVALS {
        let l = (sample / (INTERVALS / 50)).to_string();
        let labels = Labels::from_pairs([("__name__", "sparse"), ("l", &*l)]);
        let value = sample as f64 / metrics.len() as f64;
        store.append(&labels, sample * INTERVAL_MS, value).expect("times ascend");
    }
    store
}

/// Two metrics of 1,000 instances, whose names are random like UUIDs.
pub(crate) fn join_query() -> MemoryStore {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut metrics = Vec::new();
    for _ in 0..1000 {
        // Marsaglia's xorshift: any spread of first digits will do.
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let (high, low) = (next(), next());
        let instance = format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 48,
            low & 0xffff_ffff_ffff
        );
        for metric in ["rpc_request_success_total", "rpc_request_error_total"] {
            metrics.push(Labels::from_pairs([
                ("__name__", metric),
                ("environment", "staging"),
                ("cluster", "test-kubernetes-cluster"),
                ("namespace", "test-kubernetes-namespace"),
                ("job", "worker"),
                ("rpc_method", "fetch-my-data-from-this-service"),
                ("domain", "test-domain"),
                ("instance", &*instance),
            ]));
        }
    }
    let mut store = MemoryStore::new();
    fill(&mut store, &metrics, JOIN_INTERVALS);
    store
}

fn spans() -> Vec<BucketSpan> {
    vec![BucketSpan { offset: 0, length: 2 }, BucketSpan { offset: 1, length: 2 }]
}

fn histogram_store(metric: &str, sample: impl Fn(i64) -> (Header, Arc<Layout>, Vec<f64>)) -> MemoryStore {
    let mut store = MemoryStore::new();
    for series in 0..HISTOGRAM_SERIES {
        let mut labels = LabelsBuilder::default();
        labels.set("__name__", metric).set("foo", "bar").set("h", &series.to_string());
        let labels = labels.finish();
        for i in 0..HISTOGRAM_SAMPLES {
            let (header, layout, buckets) = sample(i);
            store
                .append_histogram(&labels, i * 15_000, 0, header, &layout, &buckets)
                .expect("times ascend and layouts fit");
        }
    }
    store
}

fn header(i: i64, zero_count: f64, count: f64) -> Header {
    let counter_reset_hint = if i == 0 { CounterResetHint::Unknown } else { CounterResetHint::NotReset };
    Header { layout: 0, buckets: 0, counter_reset_hint, zero_count, count, sum: 18.4 * (i + 1) as f64 }
}

/// 3,000 series of exponential histograms; the first sample of each has a finer schema.
pub(crate) fn exponential_histograms() -> MemoryStore {
    let coarse = Arc::new(Layout {
        schema: 1,
        zero_threshold: 0.001,
        positive_spans: spans(),
        negative_spans: spans(),
        custom_bounds: Vec::new(),
    });
    let span = |offset, length| BucketSpan { offset, length };
    let fine = Arc::new(Layout {
        schema: 3,
        zero_threshold: 0.0,
        positive_spans: vec![span(-5, 2), span(2, 3), span(2, 2)],
        negative_spans: Vec::new(),
        custom_bounds: Vec::new(),
    });
    histogram_store("native_histogram_series", |i| {
        if i == 0 {
            let buckets = vec![1.0, 3.0, 1.0, 2.0, 1.0, 1.0, 4.0];
            return (Header { sum: 0.0, ..header(0, 0.0, 13.0) }, Arc::clone(&fine), buckets);
        }
        let x = i as f64;
        let half = [x + 1.0, x + 2.0, x + 1.0, x + 1.0];
        (header(i, 2.0 + x, 12.0 + 9.0 * x), Arc::clone(&coarse), [half, half].concat())
    })
}

/// 3,000 series of histograms with custom buckets.
pub(crate) fn custom_histograms() -> MemoryStore {
    let layout = Arc::new(Layout {
        schema: CUSTOM_BUCKETS_SCHEMA,
        zero_threshold: 0.0,
        positive_spans: spans(),
        negative_spans: Vec::new(),
        custom_bounds: vec![0.0, 1.0, 2.0, 3.0, 4.0],
    });
    histogram_store("native_histogram_custom_bucket_series", |i| {
        let x = i as f64;
        let buckets = vec![x + 1.0, x + 2.0, x + 1.0, x + 1.0];
        (header(i, 0.0, 5.0 + 4.0 * x), Arc::clone(&layout), buckets)
    })
}
