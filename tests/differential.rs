//! The engine against the plain reference evaluator, on random queries and data.
//!
//! Every case is answered by the engine in several configurations, with and without the passes of the optimiser, which must agree to
//! the bit, and by the reference, which must agree within 1e-9. `PROMQL_DIFFERENTIAL_CASES` says how many cases (default 20,000) and
//! `PROMQL_DIFFERENTIAL_SEED` where to start. A failing case is printed in its smallest form, ready to paste into a script.

#[path = "differential/passes.rs"]
mod passes;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use promql_engine::storage::MemoryStore;
use promql_engine::testing::answer::{Outcome, Stage};
use promql_engine::testing::case::{Case, Settings, Times};
use promql_engine::testing::compare::{Tolerance, same_bits};
use promql_engine::testing::generator::{
    Choices, DataOptions, DataSet, QueryOptions, case_settings, case_times, data_set, query,
};
use promql_engine::testing::passes::PassCheck;
use promql_engine::testing::shrink::shrink;
use promql_engine::{Engine, EngineOptions};

/// Queries asked of one data set.
const QUERIES_PER_SET: u64 = 20;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Options with that many threads and series a batch; 0 leaves the batch as it is.
fn options(settings: &Settings, threads: usize, batch_series: usize) -> EngineOptions {
    let mut options = settings.engine_options();
    options.threads = threads;
    if batch_series > 0 {
        options.batch_series = batch_series;
    }
    options
}

fn engine(settings: &Settings, threads: usize, batch_series: usize) -> Engine {
    Engine::new(options(settings, threads, batch_series))
}

/// What holding the answers to a case against each other came to.
enum Verdict {
    Agree,
    /// The engine agrees with itself; the reference has no answer, and says why.
    Alone(String),
    Differ(String),
}

fn judge(case: &Case, store: &MemoryStore, passes: &mut PassCheck) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| judge_answers(case, store, passes)))
        .unwrap_or_else(|_| Verdict::Differ("it panics".to_owned()))
}

fn judge_answers(case: &Case, store: &MemoryStore, passes: &mut PassCheck) -> Verdict {
    if let Err(how) = passes.ask(&options(&case.settings, 1, 0), store, &case.query, case.times) {
        return Verdict::Differ(how);
    }
    let first = case.ask(&engine(&case.settings, 1, 0), store);
    for (threads, batch_series) in [(4, 0), (1, 1), (4, 1), (1, 3), (4, 3)] {
        let other = case.ask(&engine(&case.settings, threads, batch_series), store);
        let same = match (&first, &other) {
            (Ok(a), Ok(b)) => same_bits(&a.value, &b.value) && a.warnings == b.warnings && a.infos == b.infos,
            (Err(a), Err(b)) => a == b,
            _ => false,
        };
        if !same {
            return Verdict::Differ(format!(
                "with {threads} threads and batches of {batch_series} it answers otherwise:\n{first:?}\n{other:?}"
            ));
        }
    }
    let expected = case.ask(&case.settings.reference(), store);
    match difference(&case.query, &expected, &first) {
        Some(_) if case.reference_knows_less(&expected, &first) => Verdict::Alone("knows less".to_owned()),
        Some(difference) => Verdict::Differ(difference),
        None => match expected {
            Err(failure) if failure.stage == Stage::Unsupported => Verdict::Alone(failure.message),
            _ => Verdict::Agree,
        },
    }
}

fn difference(query: &str, expected: &Outcome, got: &Outcome) -> Option<String> {
    match (expected, got) {
        (Err(reference), _) if reference.stage == Stage::Unsupported => None,
        (Ok(expected), Ok(got)) => {
            let ordered = ["sort (", "sort(", "sort_desc", "topk", "bottomk"]
                .iter()
                .any(|name| query.starts_with(name));
            let tolerance = Tolerance { relative: 1e-9, zero: 1e-13, ordered, hints: true };
            tolerance.difference_of_counts(query, &expected.value, &got.value)
        }
        (Err(expected), Err(got)) if expected.stage == got.stage => None,
        _ => Some(format!("expected {expected:?}\n     got {got:?}")),
    }
}

fn differs(case: &Case) -> Option<String> {
    let store = case.data.to_store().ok()?;
    match judge(case, &store, &mut PassCheck::default()) {
        Verdict::Differ(how) => Some(how),
        _ => None,
    }
}

fn next_set(choices: &mut Choices) -> (DataSet, MemoryStore, QueryOptions) {
    let options = DataOptions {
        native_histograms: choices.rarely(2),
        start_times: choices.rarely(2),
        growing_layouts: true,
        many_series: choices.rarely(3),
    };
    let data = data_set(choices, options);
    let store = data.to_store().expect("a generated data set can be stored");
    let query = QueryOptions {
        native_histograms: options.native_histograms,
        many_series: data.blocks.len() > 1,
        ties: true,
        ..QueryOptions::default()
    };
    (data, store, query)
}

#[test]
fn the_engine_agrees_with_the_reference_and_with_itself() {
    let cases = number("PROMQL_DIFFERENTIAL_CASES", 20_000);
    let seed = number("PROMQL_DIFFERENTIAL_SEED", 1);
    let (mut asked, mut agreed, mut failed) = (0, 0, Vec::new());
    let mut alone: BTreeMap<String, usize> = BTreeMap::new();
    let mut passes = PassCheck::default();
    for set in 0.. {
        if asked >= cases || failed.len() >= 10 {
            break;
        }
        let mut choices = Choices::from_seed(seed + 1000 * set);
        let (data, store, options) = next_set(&mut choices);
        for _ in 0..QUERIES_PER_SET {
            let query = query(&mut choices, options);
            // The reference reads all anew at every step.
            let steps = if data.samples() > 10_000 { 20 } else { 150 };
            let (times, settings) = (case_times(&mut choices, steps), case_settings(&mut choices));
            let case = Case { data: data.clone(), query, times, settings };
            asked += 1;
            match judge(&case, &store, &mut passes) {
                Verdict::Agree => agreed += 1,
                Verdict::Alone(why) => *alone.entry(why).or_default() += 1,
                Verdict::Differ(_) => {
                    let small = shrink(&case, 3000, |case| differs(case).is_some());
                    failed.push(format!("{small}# {}\n", differs(&small).unwrap_or_default()));
                }
            }
        }
    }
    println!("{asked} cases from seed {seed}: {agreed} agree, {} fail", failed.len());
    for (why, count) in alone {
        println!("{count} times without a reference: {why}");
    }
    println!("{passes}");
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn a_difference_would_be_seen() {
    let data = data_set(&mut Choices::from_seed(1), DataOptions::default());
    let store = data.to_store().unwrap();
    let ask = |query: &str| {
        let case = Case {
            data: DataSet::default(),
            query: query.to_owned(),
            times: Times::Instant(600_000),
            settings: Settings::default(),
        };
        case.ask(&engine(&case.settings, 1, 0), &store)
    };
    assert!(difference("", &ask("quota"), &ask("quota")).is_none());
    assert!(difference("", &ask("quota"), &ask("quota + 1")).is_some());
    assert!(difference("", &ask("quota"), &ask("quota offset 1m")).is_some());
}
