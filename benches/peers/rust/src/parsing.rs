//! Parsers: promql-parser in turn with ours, and Prometheus' own benchmark.

use std::hint::black_box;
use std::time::Instant;

use promql_engine::functions;
use promql_engine::syntax::{self, FunctionSet, ParserOptions};

use crate::record::{self, Row, median};
use crate::{Settings, lists, suites};

/// The queries of Prometheus' `BenchmarkParser` that are valid, and a few of what dashboards ask.
const QUERIES: &[&str] = &[
    "a",
    "metric",
    "1",
    "1 >= bool 1",
    "1 + 2/(3*1)",
    "foo or bar",
    "foo and bar unless baz or qux",
    "bar + on(foo) bla / on(baz, buz) group_right(test) blub",
    "foo / ignoring(test,blub) group_left(blub) bar",
    "foo - ignoring(test,blub) group_right(bar,foo) bar",
    r#"foo{a="b", foo!="bar", test=~"test", bar!~"baz"}"#,
    "min_over_time(rate(foo{bar=\"baz\"}[2s])[5m:])[4m:3s]",
    "sum without(and, by, avg, count, alert, annotations)(some_metric) [30m:10s]",
    r#"sum(rate(http_requests_total{job="api"}[5m])) by (instance)"#,
    r#"histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{job="api"}[5m])))"#,
    r#"100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))"#,
    r#"sum(rate(http_requests_total{code=~"5.."}[5m])) by (job) / sum(rate(http_requests_total[5m])) by (job)"#,
];

/// All cases.
pub(crate) fn compare(settings: &Settings) -> Vec<Row> {
    let matching = |name: &str| format!("parse {name}").contains(&settings.filter);
    let mut rows = Vec::new();
    let options = ParserOptions::all();
    let known = FunctionSet::new(functions::signatures().iter().copied());
    let ours = |query: &str| black_box(syntax::parse(black_box(query), &options, &known)).is_ok();
    let theirs = |query: &str| black_box(promql_parser::parser::parse(black_box(query))).is_ok();
    let mut row = |name: &str, queries: &[String]| {
        if !matching(name) {
            return;
        }
        let both = |query: &&String| ours(query) == theirs(query);
        let difference =
            queries.iter().find(|query| !both(query)).map(|query| format!("valid for one alone: {query}"));
        let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
        // Long chains of terms take one of the two seconds.
        let rounds = if queries.iter().any(|query| query.len() > 10_000) { 1 } else { 5 };
        for _ in 0..rounds {
            our_times.push(per_pass(|| queries.iter().for_each(|query| _ = ours(query))));
            their_times.push(per_pass(|| queries.iter().for_each(|query| _ = theirs(query))));
        }
        rows.extend(median(&mut our_times).map(|ours_ns| Row {
            list: "Parsing".to_owned(),
            name: name.to_owned(),
            peer: "promql-parser".to_owned(),
            ours_ns,
            theirs_ns: median(&mut their_times),
            difference,
        }));
    };
    for query in QUERIES {
        row(query, &[(*query).to_owned()]);
    }
    let corpus: Vec<String> = lists::all().into_iter().map(|question| question.query).collect();
    row(&format!("{} queries of the lists", corpus.len()), &corpus);
    row("1,000 terms a+a+…", &[["a"; 1000].join("+")]);
    row("10,000 terms a+a+…", &[["a"; 10_000].join("+")]);

    if matching("BenchmarkParser") {
        let first: Vec<f64> = QUERIES.iter().map(|query| per_pass(|| _ = ours(query))).collect();
        let go = suites::go_benchmark("promql", "^BenchmarkParser$", "20ms").unwrap_or_default();
        let second: Vec<f64> = QUERIES.iter().map(|query| per_pass(|| _ = ours(query))).collect();
        for ((query, first), second) in QUERIES.iter().zip(first).zip(second) {
            let key = format!("BenchmarkParser/{}", query.replace(' ', "_"));
            let Some(theirs) = go.get(&key) else { continue };
            rows.push(Row {
                list: "BenchmarkParser".to_owned(),
                name: (*query).to_owned(),
                peer: "prometheus".to_owned(),
                ours_ns: f64::midpoint(first, second),
                theirs_ns: Some(*theirs),
                difference: None,
            });
        }
    }
    record::print(&rows);
    rows
}

/// What a pass takes, in ns: the median of nine means, each of as many passes as half a millisecond holds; of a pass longer than
/// half a second, the first.
pub(crate) fn per_pass(mut pass: impl FnMut()) -> f64 {
    let mut means = Vec::new();
    while means.len() < 9 && means.first().is_none_or(|first| *first < 500e6) {
        let start = Instant::now();
        let mut passes = 0_u32;
        while passes == 0 || start.elapsed().as_micros() < 500 {
            pass();
            passes += 1;
        }
        means.push(start.elapsed().as_nanos() as f64 / f64::from(passes));
    }
    median(&mut means).unwrap_or_default()
}
