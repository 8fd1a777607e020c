//! The queries that every engine is asked.

/// A range query.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The list that it belongs to.
    pub(crate) list: &'static str,
    pub(crate) query: String,
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) step_ms: i64,
}

impl Question {
    fn new(list: &'static str, query: &str, steps: i64) -> Self {
        let end_ms = (9 * 3600 + 1200) * 1000 - 15_000;
        let step_ms = 30_000;
        Self { list, query: query.to_owned(), start_ms: end_ms - (steps - 1) * step_ms, end_ms, step_ms }
    }

    pub(crate) const fn steps(&self) -> i64 {
        (self.end_ms - self.start_ms) / self.step_ms + 1
    }

    /// The query and the steps.
    pub(crate) fn case(&self) -> String {
        let steps = self.steps();
        format!("{}, {steps} step{}", self.query, if steps == 1 { "" } else { "s" })
    }

    /// The list, the query and the steps.
    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.list, self.case())
    }
}

/// Common shapes; `N` is how many series a metric has.
const SHAPES: &[&str] = &[
    "requests_N",
    "requests_N * 2",
    "requests_N > 5000",
    "abs(requests_N)",
    "rate(requests_N[1m])",
    "rate(requests_N[1h])",
    "max_over_time(requests_N[1h])",
    "avg_over_time(requests_N[1h])",
    "quantile_over_time(0.9, requests_N[10m])",
    "sum(requests_N)",
    "sum by (group) (rate(requests_N[5m]))",
    "quantile(0.9, requests_N)",
    "topk(5, requests_N)",
    "count(rate(requests_N[1m]) > 0.1)",
    "requests_N - errors_N",
    "requests_N and errors_N",
    "requests_N / on (group) group_left sum by (group) (errors_N)",
    "sum(rate(errors_N[5m])) / sum(rate(requests_N[5m]))",
    "label_replace(requests_N, 'number', '$1', 'instance', '.*-(.*)')",
    "max_over_time(rate(requests_N[1m])[10m:1m])",
];

/// What Thanos' engine is measured with by its own project.
const THANOS: &[&str] = &[
    "http_requests_total",
    "sum(http_requests_total)",
    "sum by (pod) (http_requests_total)",
    "topk(2, http_requests_total)",
    "bottomk(2, http_requests_total)",
    "rate(http_requests_total[1m])",
    "rate(http_requests_total[10m])",
    "sum_over_time(rate(http_requests_total[1m])[10m:1m])",
    "sum(rate(http_requests_total[1m]))",
    "sum by (pod) (rate(http_requests_total[1m]))",
    "quantile by (pod) (scalar(min(http_requests_total)), http_requests_total)",
    "http_requests_total{container='c1'} / ignoring (container) http_responses_total",
    "http_requests_total / on (pod) group_left () http_responses_total",
    "http_requests_total * 10",
    "-http_requests_total",
    "http_requests_total > 10",
    "http_requests_total offset 5m",
    "http_requests_total @ 600.000",
    "http_requests_total @ 600.000 offset 5m",
    "clamp(http_requests_total, 5, 10)",
    "clamp_min(http_requests_total, 10)",
    "clamp(1 - http_requests_total, 10 - 5, 10)",
    "clamp(irate(http_requests_total[30s]), 10 - 5, 10)",
    "clamp(rate(http_requests_total[30s]), 10 - 5, 10)",
    "histogram_quantile(0.9, http_response_seconds_bucket)",
    "sort(http_requests_total)",
    "sort_desc(http_requests_total)",
    "absent(http_requests_total)",
    "absent(nonexistent)",
    "double_exponential_smoothing(http_requests_total[1m], 0.1, 0.1)",
    "count_over_time(http_requests_total[5m])",
    "count_over_time(http_requests_total[1h])",
    "count_over_time(http_requests_total[6h])",
    "sum_over_time(http_requests_total[5m])",
    "sum_over_time(http_requests_total[1h])",
    "sum_over_time(http_requests_total[6h])",
    "avg_over_time(http_requests_total[5m])",
    "avg_over_time(http_requests_total[1h])",
    "avg_over_time(http_requests_total[6h])",
    "min_over_time(http_requests_total[5m])",
    "min_over_time(http_requests_total[1h])",
    "min_over_time(http_requests_total[6h])",
    "max_over_time(http_requests_total[5m])",
    "max_over_time(http_requests_total[1h])",
    "max_over_time(http_requests_total[6h])",
    "stddev_over_time(http_requests_total[5m])",
    "stddev_over_time(http_requests_total[1h])",
    "stddev_over_time(http_requests_total[6h])",
    "stdvar_over_time(http_requests_total[5m])",
    "last_over_time(http_requests_total[5m])",
    "present_over_time(http_requests_total[5m])",
];

/// 1, 100 and 2,000 series, at one, 100 and 1,000 steps; and the list of Thanos at 240.
pub(crate) fn all() -> Vec<Question> {
    let mut questions = Vec::new();
    for series in ["1", "100", "2000"] {
        for steps in [1, 100, 1000] {
            let list = match series {
                "1" => "1 series",
                "100" => "100 series",
                _ => "2,000 series",
            };
            let shapes = SHAPES.iter().map(|shape| shape.replace('N', series));
            questions.extend(shapes.map(|query| Question::new(list, &query, steps)));
            if series != "2000" {
                let query = format!("histogram_quantile(0.9, sum by (le) (rate(latency_{series}[5m])))");
                questions.push(Question::new(list, &query, steps));
            }
        }
    }
    questions.extend(THANOS.iter().map(|query| Question::new("Thanos' list", query, 240)));
    questions
}

/// Windows of an hour and a day at 1,000 steps, whose cost shows how often an engine reads a sample.
const WINDOWS: &[&str] = &[
    "rate(long[1d])",
    "increase(long[1d])",
    "changes(long[1d])",
    "resets(long[1d])",
    "count_over_time(long[1d])",
    "sum_over_time(long[1d])",
    "avg_over_time(long[1d])",
    "min_over_time(long[1d])",
    "max_over_time(long[1d])",
    "stddev_over_time(long[1d])",
    "quantile_over_time(0.9, long[1h])",
    "quantile_over_time(0.9, long[1d])",
    "double_exponential_smoothing(long[1d], 0.3, 0.3)",
    // Factors this small remember a day.
    "double_exponential_smoothing(long[1d], 0.0005, 0.0005)",
];

/// Asked of [`super::data::Data::windows`].
pub(crate) fn windows() -> Vec<Question> {
    let step_ms = super::data::INTERVAL_MS;
    let start_ms = 24 * 3_600_000;
    let question = |query: &&str| Question {
        list: "Long windows",
        query: (*query).to_owned(),
        start_ms,
        end_ms: start_ms + 999 * step_ms,
        step_ms,
    };
    WINDOWS.iter().map(question).collect()
}

/// What opendata-timeseries is measured with: five hours at 300 steps, asked of [`super::data::Data::opendata`].
pub(crate) fn opendata() -> Vec<Question> {
    let start_ms = super::data::OPENDATA_START_MS;
    let step_ms = 60_000;
    // It names the series of the third otherwise than Prometheus does; the fourth makes answers of it that compare.
    [
        "sum by (group) (rate(hits[5m]))",
        "sum by (group) (rate(hits[1h]))",
        "max_over_time(hits[1h])",
        "max by (group) (max_over_time(hits[1h]))",
    ]
    .into_iter()
    .map(|query| Question {
        list: "opendata's list",
        query: query.to_owned(),
        start_ms: start_ms + step_ms,
        end_ms: start_ms + 300 * step_ms,
        step_ms,
    })
    .collect()
}

/// From the first sample of the large data to the last, in ms.
const LARGE_MS: i64 = 239 * super::data::INTERVAL_MS;

/// One aggregation over 100,000 series.
pub(crate) fn large() -> Vec<Question> {
    ["sum by (group) (rate(large[5m]))", "sum(large)", "max by (group) (max_over_time(large[5m]))"]
        .into_iter()
        .map(|query| Question {
            list: "100,000 series",
            query: query.to_owned(),
            start_ms: LARGE_MS - 59 * 60_000,
            end_ms: LARGE_MS,
            step_ms: 60_000,
        })
        .collect()
}

/// The large data at 1,000 steps into ten groups, which takes the other engines a minute.
pub(crate) fn large_and_fine() -> Question {
    let step_ms = 3_000;
    Question {
        list: "100,000 series",
        query: "sum by (zone) (rate(large[5m]))".to_owned(),
        start_ms: LARGE_MS - 999 * step_ms,
        end_ms: LARGE_MS,
        step_ms,
    }
}
