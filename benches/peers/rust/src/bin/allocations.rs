//! Counts the allocations of warm queries on one thread, and how many more there are at twice the steps and at twice the samples.
//!
//! A line a query: `ALLOCATIONS MORE_AT_TWICE_THE_STEPS MORE_AT_TWICE_THE_SAMPLES QUERY`.

use std::hint::black_box;

use promql_engine::model::Labels;
use promql_engine::storage::MemoryStore;
use promql_engine::{Engine, EngineOptions};

/// Leaf pipelines, alone and below an aggregation.
const QUERIES: &[&str] = &[
    "m",
    "abs(m)",
    "rate(m[5m])",
    "changes(m[5m])",
    "sum_over_time(m[5m])",
    "stddev_over_time(m[5m])",
    "max_over_time(m[5m])",
    "quantile_over_time(0.9, m[5m])",
    "sum(m)",
    "sum by (group) (rate(m[5m]))",
    "max by (group) (max_over_time(m[5m]))",
];

const SERIES: i64 = 100;
/// Four hours, in ms.
const LENGTH_MS: i64 = 4 * 3_600_000;
const STEPS: i64 = 200;

fn main() {
    let mut options = EngineOptions::default();
    // The counter sees its own thread alone.
    options.threads = 1;
    let engine = Engine::new(options);
    let (plain, dense) = (store(15_000), store(7_500));
    for query in QUERIES {
        let base = count(&engine, &plain, query, STEPS);
        let more_steps = count(&engine, &plain, query, 2 * STEPS) - base;
        let more_samples = count(&engine, &dense, query, STEPS) - base;
        println!("{base} {more_steps} {more_samples} {query}");
    }
}

/// Counters with a sample at every interval.
fn store(interval_ms: i64) -> MemoryStore {
    let mut store = MemoryStore::new();
    for number in 0..SERIES {
        let (group, instance) = ((number % 10).to_string(), number.to_string());
        let labels = Labels::from_pairs([("__name__", "m"), ("group", &group), ("instance", &instance)]);
        let id = store.series_id(&labels).expect("few series");
        for sample in 0..LENGTH_MS / interval_ms {
            let value = (sample * 7 + sample * number % 5) as f64;
            store.append_to(id, sample * interval_ms, 0, value).expect("times ascend");
        }
    }
    store.build_index();
    store
}

/// Allocations of the fourth run; steps cover the last three hours, however many there are.
fn count(engine: &Engine, store: &MemoryStore, query: &str, steps: i64) -> i64 {
    let step_ms = 3 * 3_600_000 / steps;
    let start_ms = LENGTH_MS - 1 - (steps - 1) * step_ms;
    let ask = || black_box(engine.range_query(store, query, start_ms, LENGTH_MS - 1, step_ms).is_ok());
    (0..3).for_each(|_| _ = ask());
    let mut answered = false;
    let counted = allocation_counter::measure(|| answered = ask());
    assert!(answered, "{query}");
    counted.count_total as i64
}
