//! Bodies that evaluate queries.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::engine::{Engine, EngineOptions};
use crate::storage::MemoryStore;
use crate::syntax::ParserOptions;
use crate::testing::answer::{Outcome, Stage};
use crate::testing::compare::{Tolerance, same_bits};
use crate::testing::evaluator::Evaluator;
use crate::testing::generator::{Choices, DataOptions, QueryOptions, data_set, query as generate_query};
use crate::testing::reference::Reference;

const TOLERANCE: Tolerance = Tolerance { relative: 1e-9, zero: 1e-13, ordered: true, hints: true };

/// The data set of a seed; a fuzzer asks for the same ones over and over.
fn store(seed: u8) -> Arc<MemoryStore> {
    static STORES: LazyLock<Mutex<HashMap<u8, Arc<MemoryStore>>>> = LazyLock::new(Mutex::default);
    let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
    let filled = || {
        let options = DataOptions {
            native_histograms: seed % 2 == 1,
            start_times: seed % 3 == 1,
            growing_layouts: false,
            many_series: false,
        };
        let data = data_set(&mut Choices::from_seed(seed.into()), options);
        Arc::new(data.to_store().expect("a generated data set can be stored"))
    };
    stores.entry(seed).or_insert_with(filled).clone()
}

/// An engine with the settings of the reference and limits that keep a run short.
fn engine(threads: usize, batch_series: usize) -> Engine {
    let reference = Reference::default();
    let options = EngineOptions {
        parser: ParserOptions::all(),
        lookback_ms: reference.lookback_ms,
        default_subquery_step_ms: reference.default_subquery_step_ms,
        delayed_name_removal: reference.delayed_name_removal,
        start_timestamps: reference.start_timestamps,
        threads,
        batch_series,
        max_samples: 500_000,
        max_steps: 5_000,
        max_bytes: 1 << 28,
        max_duration_ms: 5_000,
        ..EngineOptions::default()
    };
    Engine::new(options)
}

/// How a query is asked.
#[derive(Debug, Clone, Copy)]
enum Times {
    Instant(i64),
    Range(i64, i64, i64),
}

impl Times {
    fn ask(self, evaluator: &dyn Evaluator, store: &MemoryStore, query: &str) -> Outcome {
        match self {
            Self::Instant(time_ms) => evaluator.instant(store, query, time_ms),
            Self::Range(start_ms, end_ms, step_ms) => {
                evaluator.range(store, query, start_ms, end_ms, step_ms)
            }
        }
    }
}

/// The engine's answer; the number of threads and the size of a batch must not show in it.
fn engine_answer(store: &MemoryStore, query: &str, times: Times) -> Outcome {
    let answer = times.ask(&engine(1, 64), store, query);
    let other = times.ask(&engine(2, 1), store, query);
    let interrupted =
        |outcome: &Outcome| matches!(outcome, Err(failure) if failure.stage == Stage::Interrupted);
    // Where a limit strikes may depend on what ran first.
    if !interrupted(&answer) && !interrupted(&other) {
        let same = match (&answer, &other) {
            (Ok(a), Ok(b)) => same_bits(&a.value, &b.value) && a.warnings == b.warnings && a.infos == b.infos,
            (a, b) => a == b,
        };
        assert!(same, "{times:?} {query}\none thread:  {answer:?}\ntwo threads: {other:?}");
    }
    answer
}

/// The engine on a query as text: it answers or refuses, the same way at any number of threads, within its limits.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let store = store(1);
    // What it answers does not matter here.
    let _ = engine_answer(&store, &text, Times::Instant(1_800_000));
    let _ = engine_answer(&store, &text, Times::Range(300_000, 2_400_000, 97_000));
}

/// The engine against the reference evaluator, on generated data and a generated query. The first byte chooses the data, the
/// others are the choices that make the query.
pub fn evaluate(data: &[u8]) {
    let (seed, rest) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
    let mut choices = Choices::from_numbers(rest.iter().map(|byte| u32::from(*byte)).collect());
    let times = match choices.below(4) {
        0 | 1 => Times::Instant(*choices.pick(&[1_200_000, 900_000, 1_800_000, 0, 3_600_000])),
        2 => Times::Range(0, 1_800_000, 60_000),
        _ => Times::Range(600_000, 1_500_000, *choices.pick(&[37_000, 15_000, 300_000])),
    };
    let options =
        QueryOptions { native_histograms: seed % 2 == 1, ties: choices.rarely(4), ..QueryOptions::default() };
    let query = generate_query(&mut choices, options);
    let store = store(seed);
    let got = engine_answer(&store, &query, times);
    let expected = times.ask(&Reference::default(), &store, &query);
    let difference = match (&expected, &got) {
        (Err(reference), _) if reference.stage == Stage::Unsupported => None,
        (_, Err(engine)) if matches!(engine.stage, Stage::Interrupted | Stage::Unsupported) => None,
        (Ok(expected), Ok(got)) => TOLERANCE.difference(&expected.value, &got.value),
        (Err(expected), Err(got)) if expected.stage == got.stage => None,
        _ => Some(format!("expected {expected:?}\n     got {got:?}")),
    };
    assert!(difference.is_none(), "data set {seed}, {times:?}\n{query}\n{}", difference.unwrap_or_default());
}
