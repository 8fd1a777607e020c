//! The engine against Prometheus on crossed queries: parts of those in `tests/scripts` in new combinations, on the scripts' data.

use std::path::Path;
use std::time::Instant;

use promql_engine::formats::load::load_blocks;
use promql_engine::storage::MemoryStore;
use promql_engine::testing::case::{Case, Times};
use promql_engine::testing::generator::{Choices, DataSet, Parts, case_settings};
use promql_engine::testing::script::{Action, Script, Times as ScriptTimes};

use super::process::Oracle;
use super::{ASKED_AGAIN, Counts, answer, judge, number, until};

/// Questions asked where no time is given.
const QUESTIONS: usize = 3_000;
const QUERIES_PER_SET: usize = 40;

/// Data of a script, and what is asked of it.
#[derive(Default)]
struct Section {
    load: String,
    queries: Vec<String>,
    times: Vec<Times>,
}

/// The scripts' data sets, each with the queries up to the next change of it.
fn sections() -> Vec<Section> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the scripts' folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "test"))
        .collect();
    files.sort_unstable();
    files.iter().flat_map(|file| sections_of(&std::fs::read_to_string(file).expect("a script"))).collect()
}

fn sections_of(text: &str) -> Vec<Section> {
    let script = Script::parse("script", text).expect("our scripts parse");
    let lines: Vec<&str> = text.lines().collect();
    let ends = script.commands.iter().skip(1).map(|command| command.line).chain([lines.len() + 1]);
    let mut sections = vec![Section::default()];
    for (command, end) in script.commands.iter().zip(ends) {
        let current = sections.last_mut().expect("there is one");
        match &command.action {
            Action::Clear => sections.push(Section::default()),
            Action::Load(_) => {
                let mut load = std::mem::take(&mut current.load);
                load.extend(lines[command.line - 1..end - 1].iter().flat_map(|line| [*line, "\n"]));
                sections.push(Section { load, ..Section::default() });
            }
            Action::Eval(eval) => {
                current.queries.push(eval.query.clone());
                current.times.push(match eval.times {
                    ScriptTimes::Instant { time_ms } => Times::Instant(time_ms),
                    ScriptTimes::Range(grid) => {
                        let (start_ms, end_ms, step_ms) = (grid.start_ms, grid.end_ms, grid.step_ms);
                        Times::Range { start_ms, end_ms, step_ms }
                    }
                });
            }
        }
    }
    sections.retain(|section| !section.queries.is_empty());
    sections
}

#[test]
fn the_engine_answers_crossed_queries_as_prometheus_does() {
    let mut oracle = match Oracle::start() {
        Ok(oracle) => oracle,
        Err(why) => {
            super::skipped::skipped(why);
            return;
        }
    };
    let seed = number("PROMQL_ORACLE_SEED", 1);
    let wanted = number("PROMQL_ORACLE_FAILURES", 5) as usize;
    let until = until();
    let sections = sections();
    let all = Parts::of(sections.iter().flat_map(|section| &section.queries).map(String::as_str));
    let mut choices = Choices::from_seed(seed);
    let mut counts = Counts::default();
    let mut failed: Vec<String> = Vec::new();
    let goes_on = |asked: usize, failed: &[String]| {
        failed.len() < wanted && until.map_or(asked < QUESTIONS, |until| Instant::now() < until)
    };
    while goes_on(counts.asked, &failed) {
        let section = choices.pick(&sections);
        let own = Parts::of(section.queries.iter().map(String::as_str));
        let mut store = MemoryStore::new();
        load_blocks("script", &section.load, &mut store).expect("our scripts load");
        for _ in 0..QUERIES_PER_SET {
            if own.is_empty() || !goes_on(counts.asked, &failed) {
                break;
            }
            let Some(query) = own.cross(&mut choices, &all) else { continue };
            let times = *choices.pick(&section.times);
            // The data stand beside the case: they may hold what a generated set cannot.
            let case = Case { data: DataSet::default(), query, times, settings: case_settings(&mut choices) };
            let asked = oracle.ask_on(&section.load, &case, &[]).expect("the oracle answers");
            let expected = answer::parse(&asked).expect("the oracle answers in its notation");
            counts.asked += 1;
            counts.failed_as_expected += usize::from(expected.outcome.is_err());
            let Some(difference) = judge(&case, &store, &expected, &mut counts) else { continue };
            let same =
                |oracle: &mut Oracle| oracle.ask_on(&section.load, &case, &[]).as_ref() == Some(&asked);
            if (1..ASKED_AGAIN).all(|_| same(&mut oracle)) {
                failed.push(format!("{}\n{case}# {difference}\n", section.load));
            } else {
                counts.unsteady += 1;
            }
        }
    }
    println!("crossed, seed {seed}: {counts:?}, {} differ", failed.len());
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
