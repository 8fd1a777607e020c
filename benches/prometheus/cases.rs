//! The queries, as Prometheus' benchmarks ask them.

use promql_engine::storage::MemoryStore;

use super::data;

/// A range query.
pub(crate) struct Case {
    /// Its name, as Go prints it, but for spaces.
    pub(crate) name: String,
    /// What is asked.
    pub(crate) query: String,
    /// First step, in ms.
    pub(crate) start_ms: i64,
    /// Last step, in ms.
    pub(crate) end_ms: i64,
    /// From step to step, in ms.
    pub(crate) step_ms: i64,
}

impl Case {
    /// How many steps it has.
    pub(crate) const fn steps(&self) -> i64 {
        (self.end_ms - self.start_ms) / self.step_ms + 1
    }

    /// The case with its suite's name before its own.
    pub(crate) fn named(self, suite: &str) -> Self {
        Self { name: format!("Benchmark{suite}/{}", self.name), ..self }
    }
}

/// Name, data and cases of a suite.
pub(crate) type Suite = (&'static str, fn() -> MemoryStore, Vec<Case>);

/// All suites.
pub(crate) fn suites() -> Vec<Suite> {
    vec![
        ("RangeQuery", data::range_query as fn() -> MemoryStore, range_query()),
        ("JoinQuery", data::join_query, join_query()),
        ("NativeHistograms", data::exponential_histograms, histograms("native_histogram_series", true)),
        (
            "NativeHistogramsCustomBuckets",
            data::custom_histograms,
            histograms("native_histogram_custom_bucket_series", false),
        ),
    ]
}

/// Expressions of one step and of 1,000.
const SHORT: &[&str] = &[
    "a_X",
    "rate(a_X[1m])",
    "rate(a_X[1m] smoothed)",
    "double_exponential_smoothing(a_X[1d], 0.3, 0.3)",
    "changes(a_X[1d])",
    "rate(a_X[1d])",
    "absent_over_time(a_X[1d])",
    "-a_X",
    "a_X - b_X",
    "a_X and b_X{l=~'.*[0-4]$'}",
    "a_X or b_X{l=~'.*[0-4]$'}",
    "a_X unless b_X{l=~'.*[0-4]$'}",
    "a_X and b_X{l='notfound'}",
    "abs(a_X)",
    "label_replace(a_X, 'l2', '$1', 'l', '(.*)')",
    "label_join(a_X, 'l2', '-', 'l', 'l')",
    "sum(a_X)",
    "avg(a_X)",
    "sum without (l)(h_X)",
    "sum without (le)(h_X)",
    "sum by (l)(h_X)",
    "sum by (le)(h_X)",
    "topk(1, a_X)",
    "topk(5, a_X)",
    "limitk(1, a_X)",
    "limitk(5, a_X)",
    "limit_ratio(0.1, a_X)",
    "limit_ratio(0.5, a_X)",
    "limit_ratio(-0.5, a_X)",
    "rate(a_X[1m]) + rate(b_X[1m])",
    "sum without (l)(rate(a_X[1m]))",
    "sum without (l)(rate(a_X[1m])) / sum without (l)(rate(b_X[1m]))",
    "histogram_quantile(0.9, rate(h_X[5m]))",
    "a_X + on(l) group_right a_one",
    "quantile_over_time(time() % 100 / 100, a_X[1m:10s] @ 86400)",
    "timestamp(a_X)",
];

/// Expressions with a number of steps of their own.
const OTHER: &[(&str, i64)] = &[
    ("rate(a_X[1m])", 10_000),
    ("rate(sparse[1m])", 10_000),
    ("rate(a_X[1m] smoothed)", 10_000),
    ("rate(sparse[1m] smoothed)", 10_000),
    ("a_X - b_X", 10_000),
    ("count_values('value', h_X)", 100),
    ("count({__name__!=\"\"})", 1),
    ("count({__name__!=\"\",l=\"\"})", 1),
];

fn range_query() -> Vec<Case> {
    let all = SHORT.iter().flat_map(|query| [(*query, 1), (*query, 1000)]).chain(OTHER.iter().copied());
    all.flat_map(|(query, steps)| {
        let sizes: &[&str] = if query.contains('X') { &["one", "hundred"] } else { &[""] };
        sizes.iter().map(move |size| {
            let query = query.replace('X', size);
            let end = data::INTERVALS * data::INTERVAL_MS;
            Case {
                name: format!("expr={query},steps={steps}"),
                query,
                start_ms: end - steps * data::INTERVAL_MS,
                end_ms: end,
                step_ms: data::INTERVAL_MS,
            }
        })
    })
    .collect()
}

fn join_query() -> Vec<Case> {
    let (success, error) = ("rpc_request_success_total", "rpc_request_error_total");
    let some = format!("{error}{{instance=~\"0.*\"}}");
    [
        format!("{success} + {error}"),
        format!("{success} + ON (job, instance) GROUP_LEFT {error}"),
        format!("{success} AND {some}"),
        format!("{success} OR {some}"),
        format!("{success} UNLESS {some}"),
    ]
    .into_iter()
    .map(|query| {
        let end = data::JOIN_INTERVALS * data::INTERVAL_MS;
        Case {
            name: format!("expr={query}/steps={}", data::JOIN_STEPS),
            query,
            start_ms: end - data::JOIN_STEPS * data::INTERVAL_MS,
            end_ms: end,
            step_ms: data::INTERVAL_MS,
        }
    })
    .collect()
}

fn histograms(metric: &str, more: bool) -> Vec<Case> {
    let rate = |window: &str| format!("sum(rate({metric}[{window}]))");
    let count = |window: &str| format!("histogram_count({})", rate(window));
    let both = |window: &str| format!("{} + histogram_sum({})", count(window), rate(window));
    let mut cases = vec![
        ("sum", format!("sum({metric})")),
        ("sum rate with short rate interval", rate("2m")),
        ("sum rate with long rate interval", rate("20m")),
        ("histogram_count with short rate interval", count("2m")),
        ("histogram_count with long rate interval", count("20m")),
    ];
    if more {
        cases.push(("two-legged histogram_count/sum with short rate interval", both("2m")));
        cases.push(("two-legged histogram_count/sum with long rate interval", both("20m")));
        cases.push(("sum timestamp", format!("sum(timestamp({metric}))")));
    }
    let case = |(name, query)| {
        let name = String::from(name);
        Case { name, query, start_ms: 0, end_ms: 7_200_000, step_ms: 30_000 }
    };
    cases.into_iter().map(case).collect()
}
