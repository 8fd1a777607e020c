//! The storage suite passes on the in-memory store, and notices every broken promise.

use promql_engine::model::Labels;
use promql_engine::storage::{ColumnBuffer, MemoryStore, SelectRequest, Storage, StorageError};
use promql_engine::testing::faulty_store::{Fault, FaultyStore};
use promql_engine::testing::storage_suite::{Rule, SeriesData, check};

fn fill(series: Vec<SeriesData>) -> MemoryStore {
    let mut store = MemoryStore::new();
    for one in series {
        for (timestamp_ms, value) in one.samples {
            store.append(&one.labels, timestamp_ms, value).unwrap();
        }
    }
    store
}

/// The same samples, appended scrape by scrape rather than series by series.
fn fill_by_time(series: Vec<SeriesData>) -> MemoryStore {
    let mut samples: Vec<(i64, f64, Labels)> = Vec::new();
    for one in &series {
        samples.extend(one.samples.iter().map(|(time, value)| (*time, *value, one.labels.clone())));
    }
    samples.sort_by_key(|(time, ..)| *time);
    let mut store = MemoryStore::new();
    for (time, value, labels) in samples {
        store.append(&labels, time, value).unwrap();
    }
    store
}

#[test]
fn the_memory_store_keeps_the_contract() {
    check(fill).unwrap();
    check(fill_by_time).unwrap();
}

#[test]
fn every_broken_promise_is_noticed() {
    for (fault, rule) in [
        (Fault::SelectFails, Rule::Answers),
        (Fault::ColumnsFailAfter(100), Rule::Answers),
        (Fault::Unsorted, Rule::SeriesOrder),
        (Fault::DuplicateSeries, Rule::SeriesOrder),
        (Fault::MissingSeries, Rule::SeriesComplete),
        (Fault::IgnoredMatchers, Rule::SeriesAccepted),
        (Fault::DroppedStaleMarkers, Rule::SamplesComplete),
        (Fault::PlainStaleMarkers, Rule::SamplesComplete),
        (Fault::ShortWindow, Rule::SamplesComplete),
        (Fault::DescendingTimes, Rule::SampleOrder),
        (Fault::DuplicateSample, Rule::SampleOrder),
        (Fault::MissingValue, Rule::ColumnShape),
        (Fault::FalselyShared, Rule::SharedTimes),
        (Fault::UnclearedBuffer, Rule::SampleOrder),
        (Fault::UnsortedLabelValues, Rule::LabelLists),
    ] {
        let violation = check(|series| FaultyStore::new(fill(series), fault)).unwrap_err();
        assert_eq!(violation.rule, rule, "{fault:?}: {violation}");
    }
}

#[test]
fn a_slow_store_is_only_slow() {
    let mut store = MemoryStore::new();
    store.append(&Labels::from_pairs([("a", "1")]), 0, 1.0).unwrap();
    let slow = FaultyStore::new(store, Fault::Slow(std::time::Duration::from_millis(5)));
    let started = std::time::Instant::now();
    let set = slow.select(&SelectRequest::everything()).unwrap();
    assert_eq!(set.columns(0, &mut ColumnBuffer::default()).unwrap().floats.values, [1.0]);
    assert!(started.elapsed() >= std::time::Duration::from_millis(5));
    let failing = FaultyStore::new(MemoryStore::new(), Fault::SelectFails);
    assert!(matches!(failing.select(&SelectRequest::everything()), Err(StorageError::Backend(_))));
}
