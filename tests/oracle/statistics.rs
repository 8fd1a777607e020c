//! What a query costs, against Prometheus' statistics, on random queries and data; and whether `max_samples` refuses what Prometheus refuses.

use promql_engine::engine::QueryStatistics;
use promql_engine::storage::Storage;
use promql_engine::testing::case::{Case, Times};
use promql_engine::testing::generator::{
    Choices, DataOptions, QueryOptions, case_settings, case_times, data_set, query,
};
use promql_engine::{Engine, ErrorKind, QueryError};
use serde_json::{Value, json};

use super::process::Oracle;

/// Questions asked.
const QUESTIONS: usize = 2_000;
const QUERIES_PER_SET: usize = 50;

/// How often Prometheus is asked before its numbers count as different: what a range function over a subquery holds depends on the order of
/// a Go map.
const ASKED_AGAIN: usize = 60;

/// Cases that are printed.
const SHOWN: usize = 8;

fn ask(case: &Case, store: &dyn Storage, max_samples: Option<u64>) -> Result<QueryStatistics, QueryError> {
    let mut options = case.settings.engine_options();
    options.statistics_by_step = true;
    // Threads and batches must not show.
    (options.threads, options.batch_series) = (2, 3);
    if let Some(limit) = max_samples {
        options.max_samples = limit;
    }
    let engine = Engine::new(options);
    let answer = match case.times {
        Times::Instant(time_ms) => engine.instant_query(store, &case.query, time_ms),
        Times::Range { start_ms, end_ms, step_ms } => {
            engine.range_query(store, &case.query, start_ms, end_ms, step_ms)
        }
    };
    Ok(answer?.statistics)
}

/// The statistics in the oracle's notation, but for the series: Prometheus' database gives series whose block has samples.
fn notation(statistics: &QueryStatistics) -> Value {
    json!({
        "total": statistics.samples, "per_step": statistics.samples_by_step,
        "read": statistics.samples_read, "read_per_step": statistics.samples_read_by_step,
        "peak": statistics.peak_samples,
    })
}

fn without_series(stats: &Value) -> Value {
    let mut stats = stats.clone();
    if let Some(fields) = stats.as_object_mut() {
        fields.remove("series");
    }
    stats
}

fn is_refused(result: &Result<QueryStatistics, QueryError>) -> bool {
    let Err(QueryError::Evaluation(error)) = result else { return false };
    matches!(error.kind, ErrorKind::LimitExceeded { limit: "max_samples", .. })
}

#[test]
fn the_engine_counts_as_prometheus_does() {
    let mut oracle = match Oracle::start() {
        Ok(oracle) => oracle,
        Err(why) => {
            super::skipped::skipped(why);
            return;
        }
    };
    let seed = super::number("PROMQL_ORACLE_SEED", 1);
    let questions = super::number("PROMQL_ORACLE_COUNTS", QUESTIONS as u64) as usize;
    let (mut asked, mut agree, mut series_agree, mut unsteady, mut at_the_border) = (0, 0, 0, 0, 0);
    let mut failed: Vec<String> = Vec::new();
    for set in 0.. {
        if asked >= questions {
            break;
        }
        let mut choices = Choices::from_seed(seed.wrapping_mul(2_000_003) + set);
        let options = DataOptions {
            native_histograms: choices.rarely(3),
            start_times: choices.rarely(2),
            growing_layouts: false,
            many_series: choices.rarely(6),
        };
        let data = data_set(&mut choices, options);
        let store = data.to_store().expect("a generated data set can be stored");
        let query_options = QueryOptions {
            native_histograms: options.native_histograms,
            many_series: data.blocks.len() > 1,
            ..QueryOptions::default()
        };
        for _ in 0..QUERIES_PER_SET {
            let case = Case {
                data: data.clone(),
                query: query(&mut choices, query_options),
                times: case_times(&mut choices, 40),
                settings: case_settings(&mut choices),
            };
            let mut numbers = || {
                let answer = oracle.ask_with(&case, &[("stats", json!(true))]).expect("the oracle answers");
                let stats = &answer["expected"]["stats"];
                stats.is_object().then(|| stats.clone())
            };
            let (Some(stats), Ok(own)) = (numbers(), ask(&case, &store, None)) else { continue };
            asked += 1;
            let expected = without_series(&stats);
            if notation(&own) != expected {
                let others: Vec<Value> =
                    (1..ASKED_AGAIN).filter_map(|_| numbers()).map(|s| without_series(&s)).collect();
                if others.iter().any(|other| *other != expected) {
                    unsteady += 1;
                    agree += usize::from(others.contains(&notation(&own)));
                } else {
                    failed.push(format!("{case}# expected {expected}\n# got      {}\n", notation(&own)));
                }
                continue;
            }
            agree += 1;
            series_agree += usize::from(stats["series"] == json!(own.series));
            if own.peak_samples > 0 {
                let border = own.peak_samples;
                let (at, below) = (ask(&case, &store, Some(border)), ask(&case, &store, Some(border - 1)));
                if at.as_ref() != Ok(&own) || !is_refused(&below) {
                    failed.push(format!("{case}# at the border {at:?}\n# below {below:?}\n"));
                }
                // Prometheus itself, of some: each limit is an engine of its own.
                if asked % 10 == 0 {
                    let mut error = |limit: u64| {
                        let fields = [("max_samples", json!(limit))];
                        oracle.ask_with(&case, &fields).expect("an answer")["expected"]["error"].clone()
                    };
                    let (at, below) = (error(border), error(border - 1));
                    if !at.is_null() || !below.as_str().is_some_and(|text| text.contains("too many samples"))
                    {
                        failed.push(format!("{case}# Prometheus at the border {at}\n# below {below}\n"));
                    }
                    at_the_border += 1;
                }
            }
        }
    }
    println!(
        "seed {seed}: {agree} of {asked} agree ({unsteady} of them vary in Prometheus), series of {series_agree}; \
         {at_the_border} limits asked of Prometheus; {} differ",
        failed.len()
    );
    for case in &failed {
        let lines: Vec<&str> =
            case.lines().filter(|l| l.starts_with("eval") || l.starts_with("# ")).collect();
        println!("{}", lines.join("\n"));
    }
    failed.sort_by_key(String::len);
    failed.truncate(SHOWN);
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
