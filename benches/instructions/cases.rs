//! The queries and their samples: little, as valgrind is fifty times slower.

use std::hint::black_box;
use std::sync::Arc;

use promql_engine::model::Labels;
use promql_engine::model::histogram::{BucketSpan, CounterResetHint, Header, Layout};
use promql_engine::storage::MemoryStore;
use promql_engine::{Engine, EngineOptions};

/// From sample to sample, in ms.
const INTERVAL_MS: i64 = 15_000;
/// Samples of a series.
const SAMPLES: i64 = 480;

/// Queries with their steps, one a minute up to the newest sample.
pub(crate) const CASES: &[(&str, i64)] = &[
    ("requests{instance='7'}", 1),
    ("sum by (group) (rate(requests[5m]))", 1),
    ("rate(requests[5m])", 60),
    ("max_over_time(requests[1h])", 60),
    ("quantile_over_time(0.9, requests[1h])", 60),
    ("requests - errors", 60),
    ("requests / on (group) group_left sum by (group) (errors)", 60),
    ("topk(5, label_replace(requests, 'number', '$1', 'instance', '(.*)'))", 60),
    ("histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))", 60),
    ("histogram_quantile(0.9, sum(rate(sizes[5m])))", 60),
];

/// Evaluates a case so many times.
pub(crate) fn run(name: &str, runs: usize) {
    let (query, steps) = CASES.iter().find(|(query, _)| *query == name).expect("a case of the list");
    let mut options = EngineOptions::default();
    // Who waits for whom must not be counted.
    options.threads = 1;
    let engine = Engine::new(options);
    let store = store();
    store.build_index();
    let end_ms = (SAMPLES - 1) * INTERVAL_MS;
    for _ in 0..runs {
        let answer = engine.range_query(&store, query, end_ms - (steps - 1) * 60_000, end_ms, 60_000);
        let answer = black_box(answer).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert!(answer.value.series_count() > 0, "{query} has an answer");
    }
}

fn store() -> MemoryStore {
    let mut store = MemoryStore::new();
    for metric in ["requests", "errors"] {
        for instance in 0..50_i64 {
            let (group, instance_name) = ((instance % 5).to_string(), instance.to_string());
            let labels =
                Labels::from_pairs([("__name__", metric), ("group", &group), ("instance", &instance_name)]);
            counter(&mut store, &labels, instance);
        }
    }
    for instance in 0..5_i64 {
        for (rank, le) in ["0.1", "0.5", "1", "5", "+Inf"].into_iter().enumerate() {
            let instance_name = instance.to_string();
            let labels = Labels::from_pairs([
                ("__name__", "latency_bucket"),
                ("instance", &instance_name),
                ("le", le),
            ]);
            counter(&mut store, &labels, instance + 10 * rank as i64);
        }
    }
    let layout = Arc::new(Layout {
        schema: 1,
        zero_threshold: 0.001,
        positive_spans: vec![BucketSpan { offset: 0, length: 8 }],
        negative_spans: Vec::new(),
        custom_bounds: Vec::new(),
    });
    for instance in 0..5_i64 {
        let labels = Labels::from_pairs([("__name__", "sizes"), ("instance", &instance.to_string())]);
        for sample in 0..SAMPLES {
            let count = (sample + instance) as f64;
            let header = Header {
                layout: 0,
                buckets: 0,
                counter_reset_hint: CounterResetHint::Unknown,
                zero_count: count,
                count: 9.0 * count,
                sum: 20.0 * count,
            };
            store
                .append_histogram(&labels, sample * INTERVAL_MS, 0, header, &layout, &[count; 8])
                .expect("times ascend and layouts fit");
        }
    }
    store
}

/// A counter that is reset twice, and never at the same time as another.
fn counter(store: &mut MemoryStore, labels: &Labels, phase: i64) {
    let id = store.series_id(labels).expect("few series");
    for sample in 0..SAMPLES {
        let value = ((sample + phase) % 200 * (phase + 3)) as f64;
        store.append_to(id, sample * INTERVAL_MS, 0, value).expect("times ascend");
    }
}
