//! The in-memory store through the `Storage` trait: what it finds, lends and refuses.

use std::sync::Arc;

use promql_engine::model::histogram::{BucketSpan, Header, Layout};
use promql_engine::model::{Labels, MatchOperator, Matcher, STALE_NAN, Timestamps, is_stale};
use promql_engine::storage::{ColumnBuffer, MemoryStore, SelectRequest, Storage, StorageError};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

fn matcher(name: &str, operator: MatchOperator, value: &str) -> Matcher {
    Matcher::new(name, operator, value).unwrap()
}

fn store() -> MemoryStore {
    let mut store = MemoryStore::new();
    for (name, job, instance) in [
        ("up", "b", "2"),
        ("up", "a", "1"),
        ("load", "a", "1"),
        ("up", "a", "2"),
        ("load", "", "3"),
        ("up", "ab", ""),
    ] {
        let labels = labels(&[("__name__", name), ("job", job), ("instance", instance)]);
        for step in 0..4 {
            store.append(&labels, step * 15_000, step as f64).unwrap();
        }
    }
    store
}

/// A label's name, the comparison and the value.
type Condition<'a> = (&'a str, MatchOperator, &'a str);

fn found(store: &MemoryStore, matchers: &[Condition<'_>]) -> Vec<String> {
    let matchers = matchers.iter().map(|(name, operator, value)| matcher(name, *operator, value)).collect();
    let series = store.series(&SelectRequest::new(matchers, 0, 60_000)).unwrap();
    assert!(series.is_sorted());
    series
        .iter()
        .map(|l| ["__name__", "job", "instance"].map(|name| l.get(name).unwrap_or("-")).join(" "))
        .collect()
}

#[test]
fn matchers_choose_series_in_label_order() {
    use MatchOperator::{Equal, NotEqual, NotRegex, Regex};
    let store = store();
    let all = ["load - 3", "load a 1", "up a 1", "up a 2", "up ab -", "up b 2"];
    let cases: &[(&[Condition<'_>], &[&str])] = &[
        (&[], &all),
        (&[("__name__", Equal, "up"), ("job", Equal, "a")], &["up a 1", "up a 2"]),
        (&[("job", Equal, "")], &["load - 3"]),
        (&[("job", NotEqual, "")], &["load a 1", "up a 1", "up a 2", "up ab -", "up b 2"]),
        (&[("job", NotEqual, "a")], &["load - 3", "up ab -", "up b 2"]),
        (&[("job", Regex, "a.*")], &["load a 1", "up a 1", "up a 2", "up ab -"]),
        (&[("job", Regex, "a|b"), ("instance", Regex, "2|3")], &["up a 2", "up b 2"]),
        (&[("job", Regex, "a|")], &["load - 3", "load a 1", "up a 1", "up a 2"]),
        (&[("job", NotRegex, "a|")], &["up ab -", "up b 2"]),
        (&[("job", NotRegex, "a.*"), ("__name__", Regex, ".+")], &["load - 3", "up b 2"]),
        (&[("nothing", Equal, "x")], &[]),
        (&[("nothing", Equal, "")], &all),
        (&[("__name__", Equal, "up"), ("__name__", Equal, "load")], &[]),
    ];
    for (matchers, expected) in cases {
        let mut found = found(&store, matchers);
        let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        // Label order puts `instance` before `job`; only which series come is asked here.
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{matchers:?}");
    }
}

#[test]
fn series_outside_the_window_are_left_out() {
    let mut store = store();
    store.append(&labels(&[("__name__", "late")]), 1_000_000, 1.0).unwrap();
    let count = |start, end| store.series(&SelectRequest::new(Vec::new(), start, end)).unwrap().len();
    assert_eq!(count(0, 45_000), 6);
    assert_eq!(count(45_001, 999_999), 0);
    assert_eq!(count(1, 14_999), 0);
    assert_eq!(count(1_000_000, 2_000_000), 1);
    assert_eq!(count(i64::MIN, i64::MAX), 7);
    let names = store.label_names(&SelectRequest::new(Vec::new(), 1_000_000, 2_000_000)).unwrap();
    assert_eq!(names, ["__name__"]);
    assert_eq!(store.label_values("job", &SelectRequest::everything()).unwrap(), ["a", "ab", "b"]);
    assert_eq!(store.label_values("job", &SelectRequest::new(Vec::new(), 0, 0)).unwrap(), ["a", "ab", "b"]);
    assert_eq!(store.label_names(&SelectRequest::everything()).unwrap(), ["__name__", "instance", "job"]);
}

#[test]
fn columns_are_lent_as_they_were_appended() {
    let mut store = MemoryStore::new();
    let one = labels(&[("__name__", "one")]);
    for (time, value) in [(10, 1.0), (20, f64::NAN), (30, STALE_NAN), (45, f64::INFINITY)] {
        store.append(&one, time, value).unwrap();
    }
    let two = labels(&[("__name__", "two")]);
    let id = store.series_id(&two).unwrap();
    store.append_to(id, 10, 0, 1.0).unwrap();
    store.append_to(id, 20, 5, 2.0).unwrap();

    let set = store.select(&SelectRequest::everything()).unwrap();
    let (mut a, mut b) = (ColumnBuffer::default(), ColumnBuffer::default());
    let first = set.columns(0, &mut a).unwrap().floats;
    assert_eq!((0..4).map(|i| first.timestamps.at(i)).collect::<Vec<_>>(), [10, 20, 30, 45]);
    assert!(first.values[1].is_nan() && !is_stale(first.values[1]) && is_stale(first.values[2]));
    assert!(first.start_timestamps.is_empty());
    let second = set.columns(1, &mut b).unwrap().floats;
    assert_eq!(second.timestamps, Timestamps::Regular { start_ms: 10, interval_ms: 10, count: 2 });
    assert_eq!(second.start_timestamps, [0, 5]);
}

#[test]
fn a_sample_not_after_the_newest_is_refused() {
    let mut store = MemoryStore::new();
    let series = labels(&[("__name__", "x")]);
    store.append(&series, 10, 1.0).unwrap();
    let layout =
        Arc::new(Layout { positive_spans: vec![BucketSpan { offset: 0, length: 2 }], ..Layout::default() });
    let header = Header {
        layout: 0,
        buckets: 0,
        counter_reset_hint: Default::default(),
        zero_count: 0.0,
        count: 3.0,
        sum: 4.0,
    };
    let duplicate = StorageError::DuplicateSample { labels: series.clone(), timestamp_ms: 10 };
    let out_of_order = StorageError::OutOfOrder { labels: series.clone(), timestamp_ms: 9 };
    assert_eq!(store.append(&series, 10, 1.0), Err(duplicate.clone()));
    assert_eq!(store.append(&series, 9, 1.0), Err(out_of_order));
    assert_eq!(store.append_histogram(&series, 10, 0, header, &layout, &[1.0, 2.0]), Err(duplicate));
    store.append_histogram(&series, 20, 0, header, &layout, &[1.0, 2.0]).unwrap();
    store.append_histogram(&series, 30, 0, header, &layout, &[3.0, 4.0]).unwrap();
    let at_20 = StorageError::OutOfOrder { labels: series.clone(), timestamp_ms: 20 };
    assert_eq!(store.append(&series, 20, 1.0), Err(at_20));
    assert!(matches!(
        store.append_histogram(&series, 40, 0, header, &layout, &[1.0]),
        Err(StorageError::MismatchedColumns { .. })
    ));

    let summary = store.summary();
    assert_eq!((summary.metrics, summary.series, summary.samples), (1, 1, 3));
    assert_eq!((summary.min_time_ms, summary.max_time_ms), (Some(10), Some(30)));
    let set = store.select(&SelectRequest::everything()).unwrap();
    let mut buffer = ColumnBuffer::default();
    let histograms = set.columns(0, &mut buffer).unwrap().histograms;
    assert_eq!(histograms.samples.layouts.len(), 1);
    assert_eq!(histograms.samples.buckets, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(histograms.samples.headers[1].buckets, 2);
    assert_eq!(histograms.timestamps.len(), 2);
}
