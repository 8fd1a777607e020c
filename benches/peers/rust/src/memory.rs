//! Peak memory: one process an engine and a case, which loads the samples, forgets what that took, and evaluates once.
//!
//! Linux counts it, and forgets on request; elsewhere there is nothing to show.

use std::hint::black_box;
use std::process::{Command, ExitCode};

use serde_json::{Value, json};

use crate::Settings;
use crate::data::Data;
use crate::engines::engine;
use crate::lists::{self, Question};
use crate::programs::{self, Program};
use crate::record::Memory;

/// The case that only ours is asked: the others take a minute each for it.
const OURS_ALONE: &str = "sum by (zone) (rate(large[5m]))";

/// The cases: two of the large data, and some at 1,000 steps of 2,000 series.
fn cases() -> Vec<(&'static str, Question)> {
    let large = lists::large().into_iter().take(1).chain([lists::large_and_fine()]);
    let large = large.map(|question| ("large", question));
    let wanted = |question: &Question| {
        question.steps() == 1000
            && ["sum by (group) (rate(requests_2000[5m]))", "requests_2000 - errors_2000"]
                .contains(&question.query.as_str())
    };
    large.chain(lists::all().into_iter().filter(wanted).map(|question| ("lists", question))).collect()
}

fn data(name: &str) -> Data {
    if name == "large" { Data::large() } else { Data::lists() }
}

/// The greatest memory of this process since [`forget`], in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

fn forget() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

/// Ours, of the case of this number, as a line of JSON: the process that [`compare`] starts.
pub(crate) fn of_one(case: &str) -> ExitCode {
    let cases = cases();
    let Some((name, question)) = case.parse().ok().and_then(|number: usize| cases.get(number)) else {
        eprintln!("there is no case {case}");
        return ExitCode::FAILURE;
    };
    let store = data(name).store();
    store.build_index();
    forget();
    let before = peak();
    let engine = engine();
    let answer =
        engine.range_query(&store, &question.query, question.start_ms, question.end_ms, question.step_ms);
    black_box(answer.is_ok());
    println!("{}", json!({ "store": before, "peak": peak() }));
    ExitCode::SUCCESS
}

/// Ours and the peers in Go, a process a case.
pub(crate) fn compare(settings: &Settings) -> Vec<Memory> {
    let mut all = Vec::new();
    if peak().is_none() {
        println!("skipped: memory is counted on Linux alone");
        return all;
    }
    let file = programs::folder().join("target/samples");
    let mut written = "";
    for (number, (name, question)) in cases().into_iter().enumerate() {
        if !question.name().contains(&settings.filter) {
            continue;
        }
        let mut add = |engine: &str, store: u64, peak: u64| {
            let (engine, case) = (engine.to_owned(), question.name());
            all.push(Memory { engine, case, store, above: peak.saturating_sub(store) });
        };
        let ours = std::env::current_exe()
            .and_then(|program| Command::new(program).args(["--memory-of", &number.to_string()]).output());
        let figures = ours.ok().and_then(|output| serde_json::from_slice::<Value>(&output.stdout).ok());
        if let Some((store, peak)) = figures.and_then(|f| Some((f["store"].as_u64()?, f["peak"].as_u64()?))) {
            add("ours", store, peak);
        }
        if question.query == OURS_ALONE || !programs::is_there() {
            continue;
        }
        if written != name && data(name).write(&file).is_ok() {
            written = name;
        }
        for peer in ["prometheus", "thanos"] {
            let Ok(mut program) = Program::start(peer) else { continue };
            let loaded = program.load(&file);
            let evaluated = program.evaluate(&question, 1, None);
            if let (Ok(store), Ok((_, peak))) = (loaded, evaluated) {
                add(peer, store, peak);
            }
        }
    }
    std::fs::remove_file(&file).ok();
    all
}
