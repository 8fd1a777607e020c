//! The large case beside one plain pass over the columns that it reads: what memory alone would take.

use std::hint::black_box;
use std::time::Instant;

use promql_engine::model::{Matcher, Timestamps};
use promql_engine::storage::{ColumnBuffer, SelectRequest, SeriesSet, Storage};

use super::figure;
use crate::Settings;
use crate::data::Data;
use crate::engines::engine;
use crate::lists;
use crate::record::{Figure, PLAIN_PASS, QUERY_BESIDE_PASS, median};

/// How often pass and query take turns.
const TURNS: usize = 11;

pub(crate) fn measure(settings: &Settings) -> Vec<Figure> {
    let mut figures = Vec::new();
    for name in ["regular", "jittered"].into_iter().filter(|name| name.contains(&settings.filter)) {
        let data = Data::large();
        let store = if name == "regular" { data.store() } else { data.jittered_store() };
        drop(data);
        let Some(question) = lists::large().into_iter().next() else { continue };
        let engine = engine();
        let ask = || {
            let answer = engine.range_query(
                &store,
                &question.query,
                question.start_ms,
                question.end_ms,
                question.step_ms,
            );
            black_box(answer.is_ok());
        };
        let request = SelectRequest::new(vec![Matcher::equal("__name__", "large")], i64::MIN, i64::MAX);
        let set = store.select(&request).expect("a store in memory selects");
        let (mut passes, mut queries) = (Vec::new(), Vec::new());
        // The first turn warms up.
        for turn in 0..=TURNS {
            let pass_ns = time(|| _ = black_box(pass(&*set)));
            let query_ns = time(ask);
            if turn > 0 {
                passes.push(pass_ns);
                queries.push(query_ns);
            }
        }
        figures.extend(median(&mut passes).map(|ns| figure(PLAIN_PASS, name, "ns", ns)));
        figures.extend(median(&mut queries).map(|ns| figure(QUERY_BESIDE_PASS, name, "ns", ns)));
    }
    figures
}

fn time(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64
}

/// Sums of all values, and of the times where there is a column of them; as many threads as the engine's, each with a run of
/// series.
fn pass(set: &dyn SeriesSet) -> f64 {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = set.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let part = |thread: usize| {
            let mut buffer = ColumnBuffer::default();
            let run = thread * share..((thread + 1) * share).min(set.len());
            run.map(|series| column_sum(set, series, &mut buffer)).sum::<f64>()
        };
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || part(thread))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).sum()
    })
}

fn column_sum(set: &dyn SeriesSet, series: usize, buffer: &mut ColumnBuffer) -> f64 {
    let Ok(columns) = set.columns(series, buffer) else { return f64::NAN };
    let times = match columns.floats.timestamps {
        Timestamps::Explicit { times_ms, .. } => {
            times_ms.iter().fold(0_i64, |sum, time| sum.wrapping_add(*time))
        }
        Timestamps::Regular { .. } => 0,
    };
    // Eight sums, so that no addition waits for the one before.
    let mut sums = [0.0; 8];
    let (blocks, rest) = columns.floats.values.as_chunks::<8>();
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += value;
        }
    }
    sums.iter().chain(rest).sum::<f64>() + times as f64
}
