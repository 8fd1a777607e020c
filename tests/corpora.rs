//! The conformance corpora: questions with Prometheus' own answers, one JSON object a line.
//!
//! `PROMQL_CORPORA` names their folder (default `../shared/corpora`); without it there is nothing to compare with and
//! the tests say so. `PROMQL_CORPORA_LIST=n` prints up to n failing rows a file. The figures committed in
//! `docs/conformance.md` may not fall; `PROMQL_CONFORMANCE=write` writes them anew. Rows whose recorded answer is known to be
//! an accident are listed in `tests/data/accidents.txt`, with the proof; they count as failing, and must fail.

mod conformance;

#[path = "corpora/accidents.rs"]
mod accidents;
#[path = "corpora/engine.rs"]
mod engine;
#[path = "corpora/series.rs"]
mod series;
#[path = "corpora/shape.rs"]
mod shape;
#[path = "corpora/syntax.rs"]
mod syntax;

use std::path::{Path, PathBuf};

use conformance::Figure;
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("PROMQL_CORPORA").map_or(default, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Checks every row of the files whose names begin so. `check` says `None` of a row that only defines data.
fn run(kinds: &[&str], mut check: impl FnMut(&str, &Value) -> Option<Result<(), String>>) {
    let Some(folder) = folder() else {
        println!("skipped: no corpora; set PROMQL_CORPORA to their folder");
        return;
    };
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of corpora can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".jsonl") && kinds.iter().any(|kind| name.starts_with(kind)))
        .collect();
    files.sort_unstable();
    let list = std::env::var("PROMQL_CORPORA_LIST").ok().and_then(|n| n.parse().ok()).unwrap_or(0usize);
    let mut figures = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(folder.join(&file)).expect("a corpus is UTF-8 text");
        let mut figure = Figure { name: file.clone(), passed: 0, total: 0 };
        let mut listed = 0;
        for (number, line) in text.lines().enumerate() {
            let row: Value = serde_json::from_str(line).expect("a row is JSON");
            let Some(checked) = check(&file, &row) else { continue };
            figure.total += 1;
            let accident = accidents::is_listed(&file, number + 1);
            assert!(!(accident && checked.is_ok()), "{file}:{} passes: take it off the list", number + 1);
            match checked {
                Err(_) if accident => println!("{file}:{}: a listed accident", number + 1),
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
        figures.push(figure);
    }
    conformance::settle(&figures);
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

#[test]
fn answers_agree_with_prometheus() {
    let mut sets = engine::DataSets::default();
    run(&["engine"], |_, row| match sets.define(row) {
        Ok(true) => None,
        Ok(false) => Some(sets.check_row(row)),
        Err(error) => Some(Err(error)),
    });
}
