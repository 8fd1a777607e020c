//! Ours and engines in Go on the same samples, in turn.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use promql_engine::storage::MemoryStore;
use promql_engine::{Engine, EngineOptions};

use crate::data::Data;
use crate::lists::Question;
use crate::programs::{self, Program};
use crate::record::{self, Row, median};
use crate::{Settings, answers};

/// Time for one engine's turn, in ns; at least it runs once.
pub(crate) const TURN_NS: f64 = 20e6;
/// A peer that takes longer than this, in ns, is asked once: the run whose answer is compared is the one that counts.
const SLOW_NS: f64 = 500e6;

/// The engine as its benchmarks set it up.
pub(crate) fn engine() -> Engine {
    engine_of(EngineOptions::default().threads)
}

/// The same with this many threads.
pub(crate) fn engine_of(threads: usize) -> Engine {
    let mut options = EngineOptions::default();
    options.threads = threads;
    options.parser.experimental_functions = true;
    options.max_samples = 1_000_000_000;
    Engine::new(options)
}

/// Asks ours and these peers all questions.
pub(crate) fn compare(
    data: impl Fn() -> Data,
    questions: &[Question],
    names: &[&'static str],
    settings: &Settings,
) -> Vec<Row> {
    let questions: Vec<&Question> =
        questions.iter().filter(|q| q.name().contains(&settings.filter)).collect();
    if questions.is_empty() {
        return Vec::new();
    }
    let data = data();
    let scratch = programs::folder().join("target/scratch");
    let file = scratch.join("samples");
    let written = std::fs::create_dir_all(&scratch).and_then(|()| data.write(&file));
    let mut peers = Vec::new();
    for name in names {
        let started = match &written {
            Ok(()) => Program::start(name).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match started.and_then(|mut program| program.load(&file).map(|_| program)) {
            Ok(program) => peers.push(program),
            Err(error) => println!("skipped: {name}: {error}"),
        }
    }
    std::fs::remove_file(&file).ok();
    if peers.is_empty() {
        return Vec::new();
    }
    let store = data.store();
    drop(data);
    let engine = engine();
    let mut rows = Vec::new();
    for question in questions {
        let answer = scratch.join("answer");
        let found = one(&engine, &store, question, &mut peers, &answer, settings.rounds);
        record::print(&found);
        rows.extend(found);
    }
    rows
}

fn one(
    engine: &Engine,
    store: &MemoryStore,
    question: &Question,
    peers: &mut [Program],
    file: &Path,
    rounds: usize,
) -> Vec<Row> {
    let ask =
        || engine.range_query(store, &question.query, question.start_ms, question.end_ms, question.step_ms);
    let ours = match ask() {
        Ok(answer) => answers::of(&answer.value),
        Err(error) => {
            println!("{}: {error}", question.name());
            return Vec::new();
        }
    };
    let mut our_times = Vec::new();
    let mut our_turn = || {
        let turn = Instant::now();
        while our_times.is_empty() || (turn.elapsed().as_nanos() as f64) < TURN_NS {
            let start = Instant::now();
            black_box(ask().is_ok());
            our_times.push(start.elapsed().as_nanos() as f64);
        }
    };
    our_turn();
    // Answers first; what is no slow run warms up.
    let mut their_times: Vec<Vec<f64>> = vec![Vec::new(); peers.len()];
    let mut differences = Vec::new();
    for (peer, times) in peers.iter_mut().zip(&mut their_times) {
        differences.push(match peer.evaluate(question, 1, Some(file)) {
            Err(error) => Some(error),
            Ok((first, _)) => {
                times.extend(first);
                answers::read(file)
                    .map_or_else(|e| Some(e.to_string()), |theirs| answers::difference(&ours, &theirs))
            }
        });
        std::fs::remove_file(file).ok();
    }
    drop(ours);
    let firsts: Vec<Option<f64>> = their_times.iter_mut().map(|times| times.pop()).collect();
    let is_slow = |first: &Option<f64>| first.is_none_or(|ns| ns > SLOW_NS);
    // Where all are slow, one more turn of ours behind theirs.
    let rounds = if firsts.iter().all(is_slow) { 1 } else { rounds };
    for _ in 0..rounds {
        for ((peer, times), first) in peers.iter_mut().zip(&mut their_times).zip(&firsts) {
            if is_slow(first) {
                continue;
            }
            let last = times.last().or(first.as_ref()).map_or(TURN_NS, |last| last.max(1.0));
            if let Ok((measured, _)) =
                peer.evaluate(question, (TURN_NS / last).ceil().clamp(1.0, 1000.0) as usize, None)
            {
                times.extend(measured);
            }
        }
        our_turn();
    }
    for (times, first) in their_times.iter_mut().zip(firsts) {
        if times.is_empty() {
            times.extend(first);
        }
    }
    let ours_ns = median(&mut our_times);
    let rows =
        peers.iter().zip(their_times).zip(differences).filter_map(|((peer, mut times), difference)| {
            let theirs_ns = median(&mut times);
            Some(Row {
                list: question.list.to_owned(),
                name: question.case(),
                peer: peer.name.to_owned(),
                ours_ns: ours_ns?,
                theirs_ns,
                difference,
            })
        });
    rows.collect()
}
