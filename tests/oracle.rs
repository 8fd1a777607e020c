//! The engine, and the reference evaluator, against Prometheus itself, on random queries and data.
//!
//! The oracle, `tests/oracle/program`, is a Go program that answers questions with Prometheus' own engine. It is built where Go is
//! there, unless `PROMQL_ORACLE` names its binary; elsewhere the test says that it is skipped. `PROMQL_ORACLE_SECONDS` says how long to ask (by default the test asks a fixed number of questions),
//! `PROMQL_ORACLE_SEED` where to start (default 1),
//! `PROMQL_ORACLE_FAILURES` how many failing cases to collect (default 5). Those are printed in their smallest form.
//!
//! `oracle/crossed.rs` asks the same way, with parts of our scripts' queries in new combinations.
//!
//! `PROMQL_RECORD=write` records the questions of `tests/recorded` anew; else Prometheus is asked them again.

mod skipped;

#[path = "oracle/answer.rs"]
mod answer;
#[path = "oracle/crossed.rs"]
mod crossed;
#[path = "oracle/go.rs"]
mod go;
#[path = "oracle/process.rs"]
mod process;
#[path = "oracle/record.rs"]
mod record;
#[path = "corpora/recorded.rs"]
mod recorded;
#[path = "corpora/shape.rs"]
mod shape;
#[path = "oracle/statistics.rs"]
mod statistics;
#[path = "conformance/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use promql_engine::Engine;
use promql_engine::storage::MemoryStore;
use promql_engine::testing::answer::{Outcome, Shape, Stage};
use promql_engine::testing::case::Case;
use promql_engine::testing::compare::Tolerance;
use promql_engine::testing::generator::{
    Choices, DataOptions, QueryOptions, case_settings, case_times, data_set, query,
};
use promql_engine::testing::shrink::shrink;

use answer::Expected;
use process::Oracle;

const QUERIES_PER_SET: usize = 60;

/// Questions asked where no time is given.
const QUESTIONS: usize = 3_000;

/// How often Prometheus is asked before its answer counts as different.
const ASKED_AGAIN: usize = 12;

/// How many differences of the reference are told.
const TOLD: usize = 5;

/// Functions and operators that Go computes by approximations of its own, which may miss the nearest float.
const APPROXIMATED: &[&str] = &["exp", "ln", "log", "sin", "cos", "tan", "^", "deg", "rad", "stddev", "sqrt"];

/// How long one case is shrunk at most.
const LONGEST_SHRINK: Duration = Duration::from_secs(20);

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// When to stop asking, where a time is given.
fn until() -> Option<Instant> {
    std::env::var_os("PROMQL_ORACLE_SECONDS")?;
    Some(Instant::now() + Duration::from_secs(number("PROMQL_ORACLE_SECONDS", 60)))
}

/// How the answer differs from Prometheus'; `None` where it does not.
fn difference(query: &str, expected: &Expected, got: &Outcome, with_annotations: bool) -> Option<String> {
    match (&expected.outcome, got) {
        (Err(expected), Err(got)) if expected.stage == got.stage => None,
        (Ok(expected_answer), Ok(got)) => {
            let tolerance = Tolerance { relative: 1e-9, zero: 1e-13, ordered: expected.ordered, hints: true };
            let difference = tolerance.difference_of_counts(query, &expected_answer.value, &got.value);
            if difference.is_some() {
                return difference;
            }
            let same = with_rounded_numbers(&expected_answer.warnings) == with_rounded_numbers(&got.warnings)
                && with_rounded_numbers(&expected_answer.infos) == with_rounded_numbers(&got.infos);
            (with_annotations && !same).then(|| {
                format!(
                    "expected warnings {:?} and infos {:?}\n     got warnings {:?} and infos {:?}",
                    expected_answer.warnings, expected_answer.infos, got.warnings, got.infos
                )
            })
        }
        (expected, got) => Some(format!("expected {}\n     got {}", short(expected), short(got))),
    }
}

/// Remarks quote numbers of the query, which may differ in their last digits, too.
fn with_rounded_numbers(remarks: &BTreeSet<String>) -> BTreeSet<String> {
    let round = |word: &str| match word.trim_end_matches(',').parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{number:.9e}"),
        _ => word.to_owned(),
    };
    remarks.iter().map(|remark| remark.split(' ').map(round).collect::<Vec<_>>().join(" ")).collect()
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Err(failure) => format!("{failure:?}"),
        Ok(answer) => match &answer.value {
            Shape::Vector(elements) | Shape::Matrix(elements) => {
                format!("a {} of {} elements", answer.value.type_name(), elements.len())
            }
            value => format!("{value:?}"),
        },
    }
}

/// The first difference of the engine's answer; how the reference's fares is counted.
fn judge(case: &Case, store: &MemoryStore, expected: &Expected, counts: &mut Counts) -> Option<String> {
    // Not an answer but a fault of Prometheus: it looks for a zero bucket where none can be, or for the first letter of no name.
    let panicked =
        ["histograms with custom buckets have no zero bucket", "runtime error: index out of range"];
    if let Err(failure) = &expected.outcome
        && (failure.stage == Stage::Interrupted || panicked.iter().any(|text| failure.message.contains(text)))
    {
        counts.refused_data += 1;
        counts.last_refusal.clone_from(&failure.message);
        return None;
    }
    let guarded = |ask: &dyn Fn() -> Outcome| catch_unwind(AssertUnwindSafe(ask)).ok();
    let Some(engine) = guarded(&|| case.ask(&Engine::new(case.settings.engine_options()), store)) else {
        return Some("the engine panics".to_owned());
    };
    if let Some(difference) = difference(&case.query, expected, &engine, true) {
        return Some(difference);
    }
    let Some(reference) = guarded(&|| case.ask(&case.settings.reference(), store)) else {
        return Some("the reference panics".to_owned());
    };
    match &reference {
        Err(failure) if failure.stage == Stage::Unsupported => {
            counts.without_reference += 1;
            None
        }
        _ => {
            // The engine agrees with Prometheus here: where the reference does not is told, and fails nothing.
            if let Some(difference) = difference(&case.query, expected, &reference, false)
                && !case.reference_knows_less(&reference, &engine)
            {
                counts.reference_differs += 1;
                if counts.reference_differs <= TOLD {
                    println!(
                        "reference: {:?} {:?} {}\n  {difference}",
                        case.settings, case.times, case.query
                    );
                }
            }
            None
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    asked: usize,
    failed_as_expected: usize,
    without_reference: usize,
    reference_differs: usize,
    /// Prometheus gave another answer when it was asked again, or hangs on last digits that Go's mathematics gets otherwise.
    unsteady: usize,
    refused_data: usize,
    last_refusal: String,
}

/// How the answers differ. `None` also where Prometheus does not agree with itself: some answers depend on the order of a Go
/// map.
fn differs(case: &Case, oracle: &mut Oracle) -> Option<String> {
    let store = case.data.to_store().ok()?;
    let answer = oracle.ask(case)?;
    let difference = judge(case, &store, &answer::parse(&answer).ok()?, &mut Counts::default())?;
    let steady = (1..ASKED_AGAIN).all(|_| oracle.ask(case).as_ref() == Some(&answer));
    if !steady || (APPROXIMATED.iter().any(|name| case.query.contains(name)) && hangs_on_digits(case, oracle))
    {
        return None;
    }
    Some(difference)
}

/// Whether Prometheus itself has another answer for samples that differ in their last digits.
fn hangs_on_digits(case: &Case, oracle: &mut Oracle) -> bool {
    let nearly = Case { data: case.data.nearly(), ..case.clone() };
    let mut answer = |case: &Case| answer::parse(&oracle.ask(case)?).ok();
    let (Some(expected), Some(other)) = (answer(case), answer(&nearly)) else { return false };
    difference(&case.query, &expected, &other.outcome, true).is_some()
}

#[test]
fn the_engine_answers_as_prometheus_does() {
    let mut oracle = match Oracle::start() {
        Ok(oracle) => oracle,
        Err(why) => {
            skipped::skipped(why);
            return;
        }
    };
    let seed = number("PROMQL_ORACLE_SEED", 1);
    let wanted = number("PROMQL_ORACLE_FAILURES", 5) as usize;
    let until = until();
    let mut counts = Counts::default();
    let mut failed: Vec<String> = Vec::new();
    let enough = |asked: usize, failed: usize| {
        failed >= wanted || until.map_or(asked >= QUESTIONS, |until| Instant::now() > until)
    };
    for set in 0.. {
        let mut choices = Choices::from_seed(seed.wrapping_mul(1_000_003) + set);
        let options = DataOptions {
            native_histograms: !choices.rarely(3),
            start_times: choices.rarely(2),
            growing_layouts: false,
            many_series: choices.rarely(6),
        };
        let data = data_set(&mut choices, options);
        let store = data.to_store().expect("a generated data set can be stored");
        let query_options = QueryOptions {
            native_histograms: options.native_histograms,
            many_series: data.blocks.len() > 1,
            ties: true,
            ..QueryOptions::default()
        };
        for _ in 0..QUERIES_PER_SET {
            if enough(counts.asked, failed.len()) {
                break;
            }
            let case = Case {
                data: data.clone(),
                query: query(&mut choices, query_options),
                times: case_times(&mut choices, 40),
                settings: case_settings(&mut choices),
            };
            let answer = oracle.ask(&case).expect("the oracle answers");
            let expected = answer::parse(&answer).expect("the oracle answers in its notation");
            counts.asked += 1;
            counts.failed_as_expected += usize::from(expected.outcome.is_err());
            if judge(&case, &store, &expected, &mut counts).is_some() {
                if differs(&case, &mut oracle).is_none() {
                    counts.unsteady += 1;
                    continue;
                }
                let patience = Instant::now() + LONGEST_SHRINK;
                let small = shrink(&case, 2000, |case| {
                    Instant::now() < patience && differs(case, &mut oracle).is_some()
                });
                let how = differs(&small, &mut oracle).unwrap_or_default();
                failed.push(format!("{small}# {how}\n# from {}\n", case.query));
            }
        }
        if enough(counts.asked, failed.len()) {
            break;
        }
    }
    println!("seed {seed}: {counts:?}, {} differ", failed.len());
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn recorded_answers_are_those_of_prometheus() {
    let mut oracle = match Oracle::start() {
        Ok(oracle) => oracle,
        Err(why) => {
            skipped::skipped(why);
            return;
        }
    };
    if std::env::var("PROMQL_RECORD").is_ok_and(|wish| wish == "write") {
        println!("{}", record::write(&mut oracle));
    }
    let mut others = Vec::new();
    for line in recorded::read().lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
        let mut question = row.clone();
        if let Some(fields) = question.as_object_mut() {
            fields.remove("expected");
        }
        // Some answers depend on the order of a Go map.
        if !(0..ASKED_AGAIN).any(|_| record::answered(&mut oracle, &question).as_ref() == Some(&row)) {
            others.push(question.to_string());
        }
    }
    assert!(others.is_empty(), "Prometheus answers otherwise:\n{}", others.join("\n"));
}
