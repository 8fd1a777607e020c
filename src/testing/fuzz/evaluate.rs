//! Bodies that evaluate queries.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::engine::{Engine, EngineOptions};
use crate::storage::MemoryStore;
use crate::testing::answer::{Outcome, Stage};
use crate::testing::case::{Case, Settings, Times};
use crate::testing::compare::{Tolerance, same_bits};
use crate::testing::generator::{
    Choices, DataOptions, DataSet, QueryOptions, case_settings, case_times, data_set, query as generate_query,
};

/// The order of a vector is left to `tests/differential.rs`: the reference does not know all of Prometheus' orders.
const TOLERANCE: Tolerance = Tolerance { relative: 1e-9, zero: 1e-13, ordered: false, hints: true };

type Loaded = Arc<(DataSet, MemoryStore)>;

/// The data set of a seed; a fuzzer asks for the same ones over and over.
fn loaded(seed: u8) -> Loaded {
    static SETS: LazyLock<Mutex<HashMap<u8, Loaded>>> = LazyLock::new(Mutex::default);
    let mut sets = SETS.lock().unwrap_or_else(PoisonError::into_inner);
    let fill = || {
        let options = DataOptions {
            native_histograms: seed % 2 == 1,
            start_times: seed % 3 == 1,
            growing_layouts: seed % 4 == 3,
            many_series: false,
        };
        let data = data_set(&mut Choices::from_seed(seed.into()), options);
        let store = data.to_store().expect("a generated data set can be stored");
        Arc::new((data, store))
    };
    sets.entry(seed).or_insert_with(fill).clone()
}

/// The engine's answer within limits that keep a run short. The number of threads and the size of a batch must not show in it.
fn engine_answer(case: &Case, store: &MemoryStore) -> Outcome {
    let ask = |threads, batch_series| {
        let options = EngineOptions {
            threads,
            batch_series,
            max_samples: 500_000,
            max_steps: 5_000,
            max_bytes: 1 << 28,
            max_duration_ms: 5_000,
            ..case.settings.engine_options()
        };
        case.ask(&Engine::new(options), store)
    };
    let (answer, other) = (ask(1, 64), ask(2, 1));
    let interrupted =
        |outcome: &Outcome| matches!(outcome, Err(failure) if failure.stage == Stage::Interrupted);
    // Where a limit strikes may depend on what ran first.
    if !interrupted(&answer) && !interrupted(&other) {
        let same = match (&answer, &other) {
            (Ok(a), Ok(b)) => same_bits(&a.value, &b.value) && a.warnings == b.warnings && a.infos == b.infos,
            (a, b) => a == b,
        };
        assert!(same, "{case}\none thread:  {answer:?}\ntwo threads: {other:?}");
    }
    answer
}

/// The engine on a query as text: it answers or refuses, the same way at any number of threads, within its limits.
pub fn query(data: &[u8]) {
    let set = loaded(1);
    let text = String::from_utf8_lossy(data);
    let range = Times::Range { start_ms: 300_000, end_ms: 2_400_000, step_ms: 97_000 };
    for times in [Times::Instant(1_800_000), range] {
        let case =
            Case { data: set.0.clone(), query: text.to_string(), times, settings: Settings::default() };
        // Most texts are no queries: what matters is that there is an answer or a refusal, and only one.
        drop(engine_answer(&case, &set.1));
    }
}

/// The engine against the reference evaluator, on generated data and a generated query. The first byte chooses the data, the
/// others are the choices that make times, settings and query.
///
/// Answers that hang on the last digits of a sample are let pass: what the reference says of nearly the same data must be
/// nearly the same, or there is no telling who is right.
pub fn evaluate(data: &[u8]) {
    let (seed, rest) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
    let mut choices = Choices::from_numbers(rest.iter().map(|byte| u32::from(*byte)).collect());
    let set = loaded(seed);
    let (times, settings) = (case_times(&mut choices, 50), case_settings(&mut choices));
    let options = QueryOptions { native_histograms: seed % 2 == 1, ties: true, ..QueryOptions::default() };
    let query = generate_query(&mut choices, options);
    let case = Case { data: set.0.clone(), query, times, settings };
    let got = engine_answer(&case, &set.1);
    let expected = case.ask(&settings.reference(), &set.1);
    let Some(difference) = difference(&expected, &got) else { return };
    if case.reference_knows_less(&expected, &got) {
        return;
    }
    let nearly = set.0.nearly().to_store().expect("a generated data set can be stored");
    let unstable = self::difference(&expected, &case.ask(&settings.reference(), &nearly)).is_some();
    assert!(unstable, "{case}# {difference}");
}

fn difference(expected: &Outcome, got: &Outcome) -> Option<String> {
    match (expected, got) {
        (Err(reference), _) if reference.stage == Stage::Unsupported => None,
        (_, Err(engine)) if matches!(engine.stage, Stage::Interrupted | Stage::Unsupported) => None,
        (Ok(expected), Ok(got)) => TOLERANCE.difference(&expected.value, &got.value),
        (Err(expected), Err(got)) if expected.stage == got.stage => None,
        _ => Some(format!("expected {expected:?}\n     got {got:?}")),
    }
}
