//! Rows of `engine_*.jsonl`: queries on data sets, with Prometheus' answers.

use std::collections::{BTreeMap, BTreeSet};

use promql_engine::formats::load;
use promql_engine::storage::MemoryStore;
use promql_engine::syntax::ParserOptions;
use promql_engine::testing::answer::{Answer, Outcome, Stage};
use promql_engine::testing::case::Times;
use promql_engine::testing::compare::{Tolerance, same_bits};
use promql_engine::testing::evaluator::Evaluator;
use promql_engine::testing::passes::PassCheck;
use promql_engine::{Engine, EngineOptions};
use serde_json::Value;

use super::shape::shape;

/// Threads and series a batch, 0 for as many as there are by default. Every row runs in all these ways, which must give the same
/// bits.
const WAYS: [(usize, usize); 6] = [(1, 0), (4, 1), (1, 3), (4, 0), (1, 1), (4, 3)];

/// The data sets of a file, by name, and what the passes of the optimiser did to the questions asked on them.
#[derive(Default)]
pub(crate) struct DataSets {
    stores: BTreeMap<String, MemoryStore>,
    pub(crate) passes: PassCheck,
}

fn store(load: &str) -> Result<MemoryStore, String> {
    let mut store = MemoryStore::new();
    load::load_blocks("load", load, &mut store).map_err(|error| error.to_string())?;
    Ok(store)
}

impl DataSets {
    /// Takes in a row that defines a data set; false where it is a question.
    pub(crate) fn define(&mut self, row: &Value) -> Result<bool, String> {
        let (Some(name), Some(load), None) =
            (row["dataset"].as_str(), row["load"].as_str(), row.get("query"))
        else {
            return Ok(false);
        };
        self.stores.insert(name.to_owned(), store(load)?);
        Ok(true)
    }

    /// Asks a row's question, in several ways, and compares the answers.
    pub(crate) fn check_row(&mut self, row: &Value) -> Result<(), String> {
        let own;
        let store = match row["dataset"].as_str() {
            Some(name) => self.stores.get(name).ok_or_else(|| format!("no data set {name:?}"))?,
            None => {
                own = store(row["load"].as_str().unwrap_or_default())?;
                &own
            }
        };
        let mut cases = vec![(options(row), &row["expected"])];
        if let Some(expected) = row.get("expected_without_delayed_name_removal") {
            let mut options = options(row);
            options.delayed_name_removal = false;
            cases.push((options, expected));
        }
        for (lookback, expected) in row["expected_by_lookback_ms"].as_object().into_iter().flatten() {
            let mut options = options(row);
            options.lookback_ms = lookback.parse().map_err(|_| format!("lookback {lookback}"))?;
            cases.push((options, expected));
        }
        for (options, expected) in cases {
            let query = row["query"].as_str().unwrap_or_default();
            self.passes.ask(&with(&options, WAYS[0]), store, query, times(row))?;
            let first = ask(&options, WAYS[0], store, row);
            for way in &WAYS[1..] {
                same_answer(&first, &ask(&options, *way, store, row))
                    .map_err(|difference| format!("{way:?} differs from {:?}: {difference}", WAYS[0]))?;
            }
            compare(expected, row, first)?;
        }
        Ok(())
    }
}

fn options(row: &Value) -> EngineOptions {
    let on = |name: &str, default: bool| row[name].as_bool().unwrap_or(default);
    let mut options = EngineOptions::default();
    options.parser = ParserOptions::all();
    options.start_timestamps = on("start_timestamps", true);
    options.delayed_name_removal = on("delayed_name_removal", true);
    options.type_and_unit_labels = on("type_and_unit_labels", false);
    options.lookback_ms = row["lookback_ms"].as_i64().unwrap_or(300_000);
    options.default_subquery_step_ms = row["no_step_subquery_ms"].as_i64().unwrap_or(60_000);
    options
}

fn with(options: &EngineOptions, way: (usize, usize)) -> EngineOptions {
    let mut options = options.clone();
    let (threads, batch_series) = way;
    options.threads = threads;
    if batch_series > 0 {
        options.batch_series = batch_series;
    }
    options
}

fn times(row: &Value) -> Times {
    let time = |name: &str| row[name].as_i64();
    match (time("time_ms"), time("start_ms")) {
        (Some(time_ms), None) => Times::Instant(time_ms),
        (_, start) => Times::Range {
            start_ms: start.unwrap_or_default(),
            end_ms: time("end_ms").unwrap_or_default(),
            step_ms: time("step_ms").unwrap_or_default(),
        },
    }
}

fn ask(options: &EngineOptions, way: (usize, usize), store: &MemoryStore, row: &Value) -> Outcome {
    let engine = Engine::new(with(options, way));
    let query = row["query"].as_str().unwrap_or_default();
    match times(row) {
        Times::Instant(time_ms) => Evaluator::instant(&engine, store, query, time_ms),
        Times::Range { start_ms, end_ms, step_ms } => {
            Evaluator::range(&engine, store, query, start_ms, end_ms, step_ms)
        }
    }
}

fn same_answer(a: &Outcome, b: &Outcome) -> Result<(), String> {
    match (a, b) {
        (Ok(a), Ok(b)) if !same_bits(&a.value, &b.value) => Err(String::from("other bits")),
        (Ok(a), Ok(b)) if a.warnings != b.warnings || a.infos != b.infos => Err(format!(
            "other annotations: {:?} {:?} against {:?} {:?}",
            a.warnings, a.infos, b.warnings, b.infos
        )),
        (Ok(_), Ok(_)) => Ok(()),
        (Err(a), Err(b)) if a == b => Ok(()),
        (a, b) => Err(format!("{a:?} against {b:?}")),
    }
}

fn compare(expected: &Value, row: &Value, got: Outcome) -> Result<(), String> {
    let query_error = expected["error"].as_str();
    let got = match (query_error, got) {
        (None, Ok(answer)) => answer,
        (None, Err(failure)) => return Err(format!("failed: {}", failure.message)),
        (Some(error), Ok(_)) => return Err(format!("answered; expected the error {error}")),
        (Some(error), Err(failure)) => {
            let stage = match failure.stage {
                Stage::Parse => "parse",
                Stage::Execution | Stage::Interrupted => "exec",
                Stage::Unsupported => "unsupported",
            };
            let same = expected["stage"].as_str() == Some(stage);
            return if same {
                Ok(())
            } else {
                Err(format!("{stage}: {}; expected {error}", failure.message))
            };
        }
    };
    let sensitive = [row, expected].iter().any(|json| json["float_order_sensitive"].as_bool() == Some(true));
    let tolerance = Tolerance {
        relative: if sensitive { 1e-6 } else { 1e-9 },
        zero: 1e-13,
        ordered: [row, expected].iter().any(|json| json["order_significant"].as_bool() == Some(true)),
        hints: true,
    };
    if let Some(difference) = tolerance.difference(&shape(expected)?, &got.value) {
        return Err(difference);
    }
    same_texts(expected, &got)
}

fn same_texts(expected: &Value, got: &Answer) -> Result<(), String> {
    for (name, got) in [("warnings", &got.warnings), ("infos", &got.infos)] {
        let texts = expected[name].as_array().into_iter().flatten();
        let expected: BTreeSet<String> = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        if expected != *got {
            return Err(format!("{name}: expected {expected:?}, got {got:?}"));
        }
    }
    Ok(())
}
