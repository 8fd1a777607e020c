//! The engine with and without the passes of its optimiser, on queries made for them: parts that repeat, or nearly.
//!
//! `PROMQL_PASSES_CASES` says how many cases (default 10,000) and `PROMQL_PASSES_SEED` where to start.

use std::panic::{AssertUnwindSafe, catch_unwind};

use promql_engine::EngineOptions;
use promql_engine::storage::{MemoryStore, SelectRequest, SeriesSet, Storage, StorageError};
use promql_engine::testing::case::Case;
use promql_engine::testing::faulty_store::{Fault, FaultyStore};
use promql_engine::testing::generator::{Choices, case_settings, case_times, repeating_query};
use promql_engine::testing::generous_store::GenerousStore;
use promql_engine::testing::passes::PassCheck;
use promql_engine::testing::shrink::shrink;
use promql_engine::testing::thrifty_store::ThriftyStore;

use super::{QUERIES_PER_SET, next_set, number, options};

/// Among so many cases are some that each pass changes.
const SOME_OF_ALL: u64 = 10_000;

/// What a case is asked of, and how.
#[derive(Debug, Clone, Copy)]
struct Host {
    threads: usize,
    batch_series: usize,
    max_samples: u64,
    /// Lends more samples and series than are asked for.
    is_generous: bool,
    /// Leaves out labels that no one will look at.
    is_thrifty: bool,
    is_profiled: bool,
    fault: Option<Fault>,
}

impl Host {
    fn new(choices: &mut Choices) -> Self {
        let faults = [Fault::SelectFails, Fault::ColumnsFailAfter(0)];
        let (threads, batch_series) = *choices.pick(&[(1, 0), (4, 3), (1, 1), (4, 0)]);
        Self {
            threads,
            batch_series,
            max_samples: if choices.rarely(8) { 1 << choices.below(16) } else { 1 << 24 },
            is_generous: choices.rarely(4),
            is_thrifty: choices.rarely(3),
            is_profiled: choices.rarely(4),
            fault: choices.rarely(40).then(|| *choices.pick(&faults)),
        }
    }

    fn ask(&self, case: &Case, store: &MemoryStore, passes: &mut PassCheck) -> Result<(), String> {
        let mut options: EngineOptions = options(&case.settings, self.threads, self.batch_series);
        options.max_samples = self.max_samples;
        (passes.gives_empty_series, passes.profiles) = (self.is_generous, self.is_profiled);
        let mut ask = |store: &dyn Storage| passes.ask(&options, store, &case.query, case.times);
        catch_unwind(AssertUnwindSafe(|| match self.fault {
            Some(fault) => ask(&FaultyStore::new(Lent(store), fault)),
            None if self.is_generous && self.is_thrifty => ask(&ThriftyStore(GenerousStore(Lent(store)))),
            None if self.is_thrifty => ask(&ThriftyStore(Lent(store))),
            None if self.is_generous => ask(&GenerousStore(Lent(store))),
            None => ask(store),
        }))
        .unwrap_or_else(|_| Err("it panics".to_owned()))
    }
}

/// A store that others may be made of and that stays its owner's.
struct Lent<'a>(&'a MemoryStore);

impl Storage for Lent<'_> {
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        self.0.select(request)
    }
}

#[test]
fn passes_do_not_show_in_queries_full_of_repeats() {
    let cases = number("PROMQL_PASSES_CASES", 10_000);
    let seed = number("PROMQL_PASSES_SEED", 1);
    let (mut asked, mut failed, mut passes) = (0, Vec::new(), PassCheck::default());
    for set in 0.. {
        if asked >= cases || failed.len() >= 10 {
            break;
        }
        let mut choices = Choices::from_seed(seed + 1000 * set);
        let (data, store, options) = next_set(&mut choices);
        for _ in 0..QUERIES_PER_SET {
            let query = repeating_query(&mut choices, options);
            let (times, settings) = (case_times(&mut choices, 70), case_settings(&mut choices));
            let (case, host) = (Case { data: data.clone(), query, times, settings }, Host::new(&mut choices));
            asked += 1;
            if host.ask(&case, &store, &mut passes).is_err() {
                let differs = |case: &Case| {
                    let store = case.data.to_store().ok()?;
                    host.ask(case, &store, &mut PassCheck::default()).err()
                };
                let small = shrink(&case, 3000, |case| differs(case).is_some());
                failed.push(format!("{small}# {host:?}\n# {}\n", differs(&small).unwrap_or_default()));
            }
        }
    }
    println!("full of repeats, from seed {seed}: {passes}");
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
    assert!(
        cases < SOME_OF_ALL || passes.idle().is_empty(),
        "passes that changed no query: {:?}",
        passes.idle()
    );
}
