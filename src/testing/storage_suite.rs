//! Whether a store keeps the contract of [`Storage`]: tests that any implementation can run against itself.
//!
//! ```
//! use promql_engine::storage::MemoryStore;
//! use promql_engine::testing::storage_suite;
//!
//! storage_suite::check(|series| {
//!     let mut store = MemoryStore::new();
//!     for one in series {
//!         for (timestamp_ms, value) in one.samples {
//!             store.append(&one.labels, timestamp_ms, value).expect("the suite's samples are in order");
//!         }
//!     }
//!     store
//! })?;
//! # Ok::<(), promql_engine::testing::storage_suite::Violation>(())
//! ```
//!
//! The suite hands over float series and asks for them in many ways. Native histograms are not part of it: a store
//! need not have any.

mod columns;
mod data;

use std::fmt;

pub use data::SeriesData;
use data::{requests, series};

use crate::model::Labels;
use crate::storage::{SelectRequest, Storage, StorageError};

/// A promise that a store broke.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The promise.
    pub rule: Rule,
    /// On what it was noticed.
    pub detail: String,
}

/// What a store promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Requests that can be answered are not errors.
    Answers,
    /// Series come in label order, each label set once.
    SeriesOrder,
    /// All series come that the matchers accept and that have samples in the window.
    SeriesComplete,
    /// No series comes that a matcher refuses.
    SeriesAccepted,
    /// Times, values and start times of a series are equally many; regular times have a positive interval.
    ColumnShape,
    /// Times ascend, none stands twice.
    SampleOrder,
    /// All samples in the window come, with their bits, stale markers included.
    SamplesComplete,
    /// Columns with one identity have equal times.
    SharedTimes,
    /// Names and values of labels come sorted, each once, all of them and no others.
    LabelLists,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store broke the rule {:?}: {}", self.rule, self.detail)
    }
}

impl std::error::Error for Violation {}

fn broken(rule: Rule, request: &SelectRequest, detail: impl fmt::Display) -> Violation {
    let matchers: Vec<String> = request.matchers.iter().map(ToString::to_string).collect();
    let (start, end) = (request.start_ms, request.end_ms);
    Violation {
        rule,
        detail: format!("{detail}, asked for {{{}}} from {start} to {end}", matchers.join(", ")),
    }
}

fn answered<T>(answer: Result<T, StorageError>, request: &SelectRequest) -> Result<T, Violation> {
    answer.map_err(|error| broken(Rule::Answers, request, error))
}

/// Asks a store everything the contract promises; `make` fills one with the series it is given, which come in no order of
/// labels, their samples in order of time.
///
/// # Errors
/// The first promise found broken.
pub fn check<S: Storage>(make: impl Fn(Vec<SeriesData>) -> S) -> Result<(), Violation> {
    let data = series();
    let store = make(data.clone());
    for request in requests(&data) {
        check_select(&store, &data, &request)?;
        check_lists(&store, &data, &request)?;
    }
    let empty = make(Vec::new());
    for request in requests(&data) {
        check_select(&empty, &[], &request)?;
        check_lists(&empty, &[], &request)?;
    }
    Ok(())
}

fn is_accepted(labels: &Labels, request: &SelectRequest) -> bool {
    request.matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
}

fn in_window(data: &SeriesData, request: &SelectRequest) -> Vec<(i64, f64)> {
    let window = request.start_ms..=request.end_ms;
    data.samples.iter().copied().filter(|(time, _)| window.contains(time)).collect()
}

fn check_select(store: &impl Storage, data: &[SeriesData], request: &SelectRequest) -> Result<(), Violation> {
    let set = answered(store.select(request), request)?;
    let length = set.len();
    if set.is_empty() != (length == 0) {
        return Err(broken(Rule::ColumnShape, request, "is_empty() and len() disagree"));
    }
    for index in 1..set.len() {
        if set.labels(index - 1) >= set.labels(index) {
            let pair = format!("{} before {}", set.labels(index - 1), set.labels(index));
            return Err(broken(Rule::SeriesOrder, request, pair));
        }
    }
    for index in 0..set.len() {
        let labels = set.labels(index);
        if !is_accepted(labels, request) || !data.iter().any(|one| one.labels == *labels) {
            return Err(broken(Rule::SeriesAccepted, request, labels));
        }
    }
    for one in data {
        let found = (0..set.len()).any(|index| *set.labels(index) == one.labels);
        if !found && is_accepted(&one.labels, request) && !in_window(one, request).is_empty() {
            return Err(broken(Rule::SeriesComplete, request, format!("{} is missing", one.labels)));
        }
    }
    columns::check(&*set, data, request)
}

fn check_lists(store: &impl Storage, data: &[SeriesData], request: &SelectRequest) -> Result<(), Violation> {
    // Whether a label counts whose series has no sample in the window is the store's choice: ask for all times.
    let request = &SelectRequest { start_ms: i64::MIN, end_ms: i64::MAX, ..request.clone() };
    let accepted: Vec<&Labels> =
        data.iter().map(|one| &one.labels).filter(|labels| is_accepted(labels, request)).collect();
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts.dedup();
        texts
    };
    let same = |what: &str, found: Vec<String>, expected: Vec<String>| {
        let differ = || broken(Rule::LabelLists, request, format!("{what} are {found:?}, not {expected:?}"));
        if found == expected { Ok(()) } else { Err(differ()) }
    };
    let names = sorted(accepted.iter().flat_map(|l| l.iter().map(|(name, _)| name.to_owned())).collect());
    same("label names", answered(store.label_names(request), request)?, names.clone())?;
    for name in names.iter().map(String::as_str).chain(["absent"]) {
        let values =
            sorted(accepted.iter().filter_map(|labels| labels.get(name).map(str::to_owned)).collect());
        same(&format!("values of {name}"), answered(store.label_values(name, request), request)?, values)?;
    }
    let mut expected: Vec<Labels> = accepted.into_iter().cloned().collect();
    expected.sort();
    let found = answered(store.series(request), request)?;
    let text = |series: &[Labels]| series.iter().map(ToString::to_string).collect();
    same("series", text(&found), text(&expected))
}
