//! What a query asks of a store: matchers, a window of time, and hints.

use crate::model::Matcher;

/// What one selector of a query reads.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectRequest {
    /// Every matcher must hold; a label that a series lacks counts as empty. No matcher accepts everything.
    pub matchers: Vec<Matcher>,
    /// First time of interest, in ms since the epoch, inclusive.
    pub start_ms: i64,
    /// Last time of interest, in ms since the epoch, inclusive.
    pub end_ms: i64,
    /// What the query does with the samples; a store may ignore all of it.
    pub hints: SelectHints,
}

impl SelectRequest {
    /// A request without hints for these matchers and this window, both ends included.
    pub fn new(matchers: Vec<Matcher>, start_ms: i64, end_ms: i64) -> Self {
        Self { matchers, start_ms, end_ms, hints: SelectHints::default() }
    }

    /// A request for every series at every time.
    pub fn everything() -> Self {
        Self::new(Vec::new(), i64::MIN, i64::MAX)
    }
}

/// What the query does with the samples it asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SelectHints {
    /// The range function or aggregation right around the selector, such as `rate`.
    pub function: Option<&'static str>,
    /// The range of a range selector, in ms; 0 for an instant selector.
    pub range_ms: i64,
    /// The distance between evaluation steps, in ms; 0 for an instant query.
    pub step_ms: i64,
    /// The labels the aggregation right around keeps (`by`) or drops (`without`).
    pub grouping: Vec<String>,
    /// Whether `grouping` keeps its labels.
    pub by: bool,
    /// The only labels the query looks at beside the metric's name, sorted; `None` where it may look at all of them. A store may leave out
    /// the other labels of a series, unless it has one of `__type__` and `__unit__`; the series stay as many and in the order of all
    /// their labels.
    pub labels: Option<Vec<String>>,
    /// Of histograms, only counts, sums and what is known of resets will be read.
    pub statistics_only: bool,
}
