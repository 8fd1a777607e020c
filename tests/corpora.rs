//! Questions with Prometheus' own answers, one JSON object a line: those recorded in `tests/recorded`, and the conformance corpora.
//!
//! `PROMQL_CORPORA` names the corpora's folder (default `../shared/corpora`); without it only the recorded answers are compared,
//! and the other tests say that they are skipped. `PROMQL_CORPORA_LIST=n` prints up to n failing rows a file. The figures committed in
//! `docs/conformance.md` may not fall; `PROMQL_CONFORMANCE=write` writes them anew.

mod skipped;

mod conformance;

#[path = "corpora/engine.rs"]
mod engine;
#[path = "corpora/kinds.rs"]
mod kinds;
#[path = "corpora/recorded.rs"]
mod recorded;
#[path = "corpora/series.rs"]
mod series;
#[path = "corpora/shape.rs"]
mod shape;
#[path = "corpora/syntax.rs"]
mod syntax;

use std::path::{Path, PathBuf};

use conformance::{Figure, Usage};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("PROMQL_CORPORA").map_or(default, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Checks every row of the files whose names begin so; false where there are none. `check` says `None` of a row that only
/// defines data.
fn run(kinds: &[&str], mut check: impl FnMut(&str, &Value) -> Option<Result<(), String>>) -> bool {
    let Some(folder) = folder() else {
        skipped::skipped("no corpora; set PROMQL_CORPORA to their folder");
        return false;
    };
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of corpora can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".jsonl") && kinds.iter().any(|kind| name.starts_with(kind)))
        .collect();
    files.sort_unstable();
    let figures = files.iter().map(|file| {
        let text = std::fs::read_to_string(folder.join(file)).expect("a corpus is UTF-8 text");
        check_rows(file, &text, |row| check(file, row))
    });
    conformance::settle(&figures.collect::<Vec<_>>());
    true
}

fn check_rows(file: &str, text: &str, mut check: impl FnMut(&Value) -> Option<Result<(), String>>) -> Figure {
    let list = std::env::var("PROMQL_CORPORA_LIST").ok().and_then(|n| n.parse().ok()).unwrap_or(0usize);
    let mut figure = Figure { name: file.to_owned(), passed: 0, total: 0 };
    let mut listed = 0;
    for (number, line) in text.lines().enumerate() {
        let row: Value = serde_json::from_str(line).expect("a row is JSON");
        let Some(checked) = check(&row) else { continue };
        figure.total += 1;
        match checked {
            Ok(()) => figure.passed += 1,
            Err(difference) if listed < list => {
                listed += 1;
                let question = row.get("query").or(row.get("input")).unwrap_or(&Value::Null);
                println!("{file}:{}: {question}\n    {difference}", number + 1);
            }
            Err(_) => {}
        }
    }
    println!("{file}: {}/{}", figure.passed, figure.total);
    figure
}

#[test]
fn syntax_rows_agree_with_prometheus() {
    let functions = syntax::functions();
    let mut places = syntax::Places::default();
    run(&["parse", "lex"], |file, row| {
        places.count(file, row, &functions);
        Some(syntax::check_row(file, row, &functions))
    });
    let figure = places.figure();
    if figure.total > 0 {
        println!("{}: {}/{}", figure.name, figure.passed, figure.total);
        conformance::settle(&[figure]);
    }
}

#[test]
fn lines_of_series_agree_with_prometheus() {
    run(&["series"], |_, row| Some(series::check_row(row)));
}

/// Checks a row of questions on data sets; `None` where it defines one.
fn check_answer(sets: &mut engine::DataSets, usage: &mut Usage, row: &Value) -> Option<Result<(), String>> {
    match sets.define(row) {
        Ok(true) => None,
        Ok(false) => {
            let checked = sets.check_row(row);
            usage.count(row["query"].as_str().unwrap_or_default(), checked.is_ok());
            Some(checked)
        }
        Err(error) => Some(Err(error)),
    }
}

#[test]
fn answers_agree_with_prometheus() {
    let (mut sets, mut usage) = (engine::DataSets::default(), Usage::default());
    if run(&["engine"], |_, row| check_answer(&mut sets, &mut usage, row)) {
        println!("corpora: {}", sets.passes);
        assert_eq!(sets.passes.idle(), [], "passes that changed no query");
        usage.settle("corpora");
    }
}

/// How many questions are recorded at least.
const RECORDED: usize = 5_000;

/// Bytes that the recorded answers have at most: they are in every clone.
const RECORDED_BYTES: u64 = 1_000_000;

#[test]
fn recorded_answers_agree_with_prometheus() {
    let (mut sets, mut usage) = (engine::DataSets::default(), Usage::default());
    let mut kinds = kinds::Kinds::default();
    let figure = check_rows("tests/recorded", &recorded::read(), |row| {
        let checked = check_answer(&mut sets, &mut usage, row);
        match &checked {
            None => kinds.define(row),
            Some(checked) => kinds.count(row, checked.is_ok()),
        }
        checked
    });
    assert!(figure.total >= RECORDED, "{} questions are recorded", figure.total);
    let bytes = std::fs::metadata(recorded::path()).expect("the recorded answers are there").len();
    assert!(bytes < RECORDED_BYTES, "the recorded answers have {bytes} bytes");
    let kinds = kinds.figures();
    let words = usage.missing();
    assert!(words.is_empty(), "in no recorded question: {words:?}; tests/oracle/record.rs records anew");
    for kind in &kinds {
        assert!(kind.total > 0, "no recorded question: {}", kind.name);
    }
    conformance::settle(&[figure]);
    conformance::settle_column("recorded questions", "agree", &kinds);
    println!("tests/recorded: {}", sets.passes);
    usage.settle("recorded");
}
