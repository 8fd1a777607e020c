//! Plans as text: what becomes of a query, operator by operator; and what each operator says it gave and cost.
//!
//! A new case is a new line of `QUERIES`. `passes` shows what each pass of the optimiser makes of plans.

#[path = "plans/passes.rs"]
mod passes;

use std::fmt::Write;

use promql_engine::{
    Engine, EngineOptions,
    engine::{NodeFigures, PreparedQuery},
    formats::{self, ReadOptions},
    storage::MemoryStore,
    syntax::ParserOptions,
};

/// One of each kind of operator, instant and as a range.
const QUERIES: &[&str] = &[
    "1 + 2 * time()",
    "requests_total",
    "requests_total{job=\"api\", code!=\"200\"} offset 1m",
    "{__name__=~\"requests.*\"} @ 60",
    "rate(requests_total[5m])",
    "sum by (job) (rate(requests_total{code=~\"5..\"}[5m])) / sum by (job) (rate(requests_total[5m])) > 0.1",
    "max_over_time(rate(requests_total[1m])[5m:30s] offset 1m)",
    "quantile_over_time(0.9, temperature[2m])",
    "requests_total * on (job) group_left (team) owner",
    "requests_total and ignoring (code) owner or vector(1) unless owner",
    "topk(3, requests_total) + bottomk without (code) (scalar(owner{job=\"api\"}), requests_total)",
    "quantile(0.5, temperature) + count(count_values(\"value\", temperature))",
    "-abs(clamp(temperature, 0, 10)) ^ 2",
    "2 > bool scalar(owner{job=\"api\"})",
    "hour() + hour(temperature) + timestamp(temperature)",
    "label_replace(label_join(temperature, \"a\", \"-\", \"job\"), \"b\", \"$1\", \"a\", \"(.*)\")",
    "sort_desc(sort_by_label(temperature, \"job\"))",
    "absent(nonesuch{job=\"x\"}) or absent_over_time(nonesuch[5m])",
    "histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m]))) + histogram_fraction(0, 1, latency)",
    "histogram_count(latency) + max_of(1, time())",
    "info(requests_total)",
    "rate(requests_total[5m] anchored) + temperature smoothed",
    "requests_total + fill_right (0) owner",
    "temperature[1m]",
];

const DATA: &str = "\
load 30s
  requests_total{job=\"api\", code=\"200\"} 0+30x20
  requests_total{job=\"api\", code=\"500\"} 0+3x20
  requests_total{job=\"web\", code=\"200\"} 0+60x20
  owner{job=\"api\", team=\"one\"} 1x20
  owner{job=\"web\", team=\"two\"} 1x20
  temperature{job=\"api\"} 20+1x20
  latency {{schema:0 sum:5 count:4 buckets:[1 2 1]}}x20
";

fn engine() -> Engine {
    let mut options = EngineOptions::default();
    options.parser = ParserOptions::all();
    Engine::new(options)
}

fn prepare(query: &str, is_range: bool) -> Option<PreparedQuery> {
    let engine = engine();
    match is_range {
        false => Some(engine.prepare_instant(query, 600_000).expect(query)),
        true => engine.prepare_range(query, 0, 600_000, 60_000).ok(),
    }
}

fn store() -> MemoryStore {
    let mut store = MemoryStore::new();
    formats::load("data", DATA.as_bytes(), &ReadOptions::default(), &mut store).expect("data");
    store
}

#[test]
fn plans_are_what_their_snapshot_says() {
    let mut out = String::new();
    for query in QUERIES {
        writeln!(out, "{query}").expect("a string takes all");
        for node in prepare(query, true).or_else(|| prepare(query, false)).expect(query).explain() {
            let (indent, steps) = ("  ".repeat(node.depth + 1), node.steps);
            let part = &query[node.span.start as usize..node.span.end as usize];
            let request = node.request.map_or_else(String::new, |request| format!(" reads #{request}"));
            writeln!(out, "{indent}{} at {steps}{request} <- {part}", node.operator)
                .expect("a string takes all");
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_profiled_execution_answers_the_same_and_has_figures_for_each_operator() {
    let store = store();
    for (query, is_range) in QUERIES.iter().flat_map(|query| [(query, false), (query, true)]) {
        let Some(prepared) = prepare(query, is_range) else { continue };
        let plain = prepared.run(&store).expect(query);
        let (profiled, figures) = prepared.run_profiled(&store).expect(query);
        // NaN is in none of the answers.
        assert_eq!(plain.value, profiled.value, "{query}");
        assert_eq!(plain.statistics, profiled.statistics, "{query}");
        let nodes = prepared.explain();
        assert_eq!(nodes.len(), figures.len(), "{query}");
        let read: u64 = figures.iter().map(|figures| figures.samples_read).sum();
        // Of a subquery's steps only those count that a window has; info() looks at few of the series it asks for.
        if !query.starts_with("info") && !query.contains(':') {
            assert_eq!(read, profiled.statistics.samples_read, "{query}: {figures:?}");
        }
        for (at, node) in nodes.iter().enumerate() {
            let below = nodes[at + 1..].iter().take_while(|below| below.depth > node.depth).count();
            let is_slower = |below: &NodeFigures| below.elapsed > figures[at].elapsed;
            assert!(!figures[at + 1..at + 1 + below].iter().any(is_slower), "{query}: {figures:?}");
        }
    }
}

#[test]
fn a_chain_of_operators_may_have_any_length() {
    let query = vec!["owner"; 20_000].join(" + ");
    let prepared = prepare(&query, false).expect("a query");
    let (_, figures) = prepared.run_profiled(&store()).expect("an answer");
    assert_eq!(figures.len(), 39_999);
    assert_eq!(prepared.explain().last().map(|node| node.depth), Some(1));
}
