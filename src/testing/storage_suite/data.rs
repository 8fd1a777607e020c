//! The series that the suite stores, and what it asks of them.

use crate::model::{Labels, MatchOperator, Matcher, STALE_NAN};
use crate::storage::SelectRequest;

/// A series for a store to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesData {
    /// Its labels.
    pub labels: Labels,
    /// Its samples, in ascending order of times in ms.
    pub samples: Vec<(i64, f64)>,
}

fn one(pairs: &[(&str, &str)], samples: impl IntoIterator<Item = (i64, f64)>) -> SeriesData {
    SeriesData { labels: Labels::from_pairs(pairs.iter().copied()), samples: samples.into_iter().collect() }
}

/// Regular and jittered times, gaps, stale markers, NaN, infinities, names that need quotes; in no order of labels.
pub(super) fn series() -> Vec<SeriesData> {
    let regular = |first: i64| (0..40).map(move |i| (first + i * 15_000, i as f64));
    vec![
        one(&[("__name__", "up"), ("job", "b"), ("instance", "2")], regular(0)),
        one(&[("__name__", "up"), ("job", "a"), ("instance", "10")], regular(0)),
        one(&[("__name__", "up"), ("job", "a"), ("instance", "1")], regular(7)),
        one(
            &[("__name__", "up"), ("job", "a")],
            regular(0).filter(|(time, _)| !(90_000..300_000).contains(time)),
        ),
        one(&[("__name__", "up")], [(0, 1.0)]),
        one(&[("__name__", "up"), ("job", "")], []),
        one(
            &[("__name__", "load"), ("job", "a"), ("instance", "1")],
            (0..40).map(|i| (i * 15_000 + i * i % 7, -0.5 * i as f64)),
        ),
        one(
            &[("__name__", "gone"), ("job", "c")],
            [(0, 1.0), (15_000, f64::NAN), (30_000, STALE_NAN), (60_000, f64::INFINITY), (75_000, STALE_NAN)],
        ),
        one(&[("job", "a"), ("instance", "x\ny")], [(-5_000, f64::NEG_INFINITY), (600_000, -0.0)]),
        one(&[("__name__", "my.metric"), ("label.x", "ü→🙂"), ("a", "\"\\")], [(1, f64::MAX), (2, f64::MIN)]),
        one(&[], [(3, 4.0)]),
    ]
    .into_iter()
    // A series without samples need not be known to a store.
    .filter(|series| !series.samples.is_empty())
    .collect()
}

/// Every combination of the suite's matchers and windows.
pub(super) fn requests(data: &[SeriesData]) -> Vec<SelectRequest> {
    use MatchOperator::{Equal, NotEqual, NotRegex, Regex};
    let choices: [&[(&str, MatchOperator, &str)]; 20] = [
        &[],
        &[("__name__", Equal, "up")],
        &[("__name__", Equal, "up"), ("job", Equal, "a")],
        &[("__name__", Equal, "up"), ("job", Equal, "")],
        &[("__name__", Equal, "up"), ("job", NotEqual, "")],
        &[("__name__", NotEqual, "up")],
        &[("__name__", Equal, "")],
        &[("instance", NotEqual, "1"), ("job", Equal, "a")],
        &[("job", Regex, "a|c")],
        &[("job", Regex, "a|")],
        &[("job", NotRegex, "a|")],
        &[("job", Regex, ".+"), ("job", NotRegex, "b.*")],
        &[("job", Regex, ".*"), ("__name__", Regex, "u.|l.*d")],
        &[("instance", Regex, "1.?")],
        &[("instance", Regex, "x.y")],
        &[("label.x", Regex, "ü.*"), ("a", Equal, "\"\\")],
        &[("absent", Equal, "")],
        &[("absent", NotEqual, "")],
        &[("absent", Regex, "x?"), ("__name__", Equal, "gone")],
        &[("__name__", Equal, "up"), ("__name__", Equal, "load")],
    ];
    let mut windows = vec![
        (i64::MIN, i64::MAX),
        (0, 600_000),
        (0, 0),
        (30_000, 75_000),
        (100_000, 200_000),
        (101_000, 104_000),
        (700_000, 800_000),
        (-10_000, -1),
        (50_000, 40_000),
    ];
    // The first and the last sample of each series alone: both ends belong to the window.
    let ends = data.iter().filter_map(|series| Some((series.samples.first()?.0, series.samples.last()?.0)));
    windows.extend(ends.flat_map(|(first, last)| [(first, first), (last, last), (first + 1, last)]));
    let mut requests = Vec::new();
    for choice in choices {
        let compiled = choice.iter().map(|(name, operator, value)| Matcher::new(name, *operator, value));
        // The suite's own patterns compile; were one refused, the requests of that choice would be left out.
        let Ok(matchers) = compiled.collect::<Result<Vec<_>, _>>() else {
            continue;
        };
        requests
            .extend(windows.iter().map(|(start, end)| SelectRequest::new(matchers.clone(), *start, *end)));
    }
    requests
}
