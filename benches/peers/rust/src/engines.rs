//! Ours and engines in Go on the same samples, in turn.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use promql_engine::storage::MemoryStore;
use promql_engine::{Engine, EngineOptions};

use crate::data::Data;
use crate::go::Program;
use crate::lists::Question;
use crate::report::{self, Row, median};
use crate::{Settings, answers};

/// Time for one engine's turn, in ns; at least it runs once.
const TURN_NS: f64 = 20e6;

/// The engine as its benchmarks set it up.
pub(crate) fn engine() -> Engine {
    let mut options = EngineOptions::default();
    options.parser.experimental_functions = true;
    options.max_samples = 1_000_000_000;
    Engine::new(options)
}

/// Asks all engines all questions.
pub(crate) fn compare(data: &Data, questions: &[Question], settings: &Settings) -> Vec<Row> {
    let questions: Vec<&Question> =
        questions.iter().filter(|q| q.name().contains(&settings.filter)).collect();
    if questions.is_empty() {
        return Vec::new();
    }
    let scratch = crate::go::folder().join("target/scratch");
    let file = scratch.join("samples");
    let written = std::fs::create_dir_all(&scratch).and_then(|()| data.write(&file));
    let mut peers = Vec::new();
    for name in ["prometheus", "thanos"] {
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
    let store = data.store();
    let engine = engine();
    let mut rows = Vec::new();
    for question in questions {
        let answer = scratch.join("answer");
        let found = one(&engine, &store, question, &mut peers, &answer, settings.rounds);
        report::print(&found);
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
    // Answers first; a run of each to warm up, too.
    let differences: Vec<Option<String>> = peers
        .iter_mut()
        .map(|peer| match peer.evaluate(question, 1, Some(file)) {
            Err(error) => Some(error),
            Ok(_) => match answers::read(file) {
                Ok(theirs) => answers::difference(&ours, &theirs),
                Err(error) => Some(error.to_string()),
            },
        })
        .collect();
    drop(ours);
    std::fs::remove_file(file).ok();

    let mut our_times = Vec::new();
    let mut their_times: Vec<Vec<f64>> = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        let turn = Instant::now();
        while our_times.is_empty() || (turn.elapsed().as_nanos() as f64) < TURN_NS {
            let start = Instant::now();
            black_box(ask().is_ok());
            our_times.push(start.elapsed().as_nanos() as f64);
        }
        for (peer, times) in peers.iter_mut().zip(&mut their_times) {
            let runs = match times.last() {
                Some(last) if *last > 0.0 => (TURN_NS / last).ceil() as usize,
                _ => 1,
            };
            if let Ok((measured, _)) = peer.evaluate(question, runs.clamp(1, 1000), None) {
                times.extend(measured);
            }
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
