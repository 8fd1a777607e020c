//! Embedding in ten lines: fill a store, ask the engine, read the answer.
//!
//! Run it with `cargo run --example quickstart`.

use promql_engine::Engine;
use promql_engine::exec::value::{SampleValue, Value};
use promql_engine::model::Labels;
use promql_engine::storage::MemoryStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Two instances count requests, one scrape each 15 s.
    let mut store = MemoryStore::new();
    for (instance, per_scrape) in [("a:80", 15.0), ("b:80", 60.0)] {
        let labels = Labels::from_pairs([("__name__", "requests_total"), ("instance", instance)]);
        for scrape in 0..=40 {
            store.append(&labels, scrape * 15_000, scrape as f64 * per_scrape)?;
        }
    }

    // One instant: the answer to `rate(…)` is a vector, one sample a series.
    let engine = Engine::default();
    let answer = engine.instant_query(&store, "rate(requests_total[1m])", 600_000)?;
    if let Value::Vector(samples) = &answer.value {
        for sample in samples {
            if let SampleValue::Float(value) = sample.value {
                println!("{} {value:.1} requests a second", sample.labels);
            }
        }
    }

    // A range: the same at every step, series by series.
    let answer = engine.range_query(&store, "sum(rate(requests_total[1m]))", 300_000, 600_000, 60_000)?;
    if let Value::Matrix(series) = &answer.value {
        for one in series {
            for (time_ms, value) in &one.floats {
                println!("{} at {} s: {value:.1}", one.labels, time_ms / 1000);
            }
        }
    }
    Ok(())
}
