//! The conformance corpora: questions with Prometheus' own answers, one JSON object a line.
//!
//! `PROMQL_CORPORA` names their folder (default `../shared/corpora`); without it there is nothing to compare with and
//! the test says so. `PROMQL_CORPORA_LIST=n` prints up to n failing rows a file.

#[path = "corpora/syntax.rs"]
mod syntax;

use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("PROMQL_CORPORA").map_or(default, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn syntax_rows_agree_with_prometheus() {
    let Some(folder) = folder() else {
        println!("skipped: no corpora; set PROMQL_CORPORA to their folder");
        return;
    };
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of corpora can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".jsonl") && (name.starts_with("parse") || name.starts_with("lex")))
        .collect();
    files.sort_unstable();
    let list = std::env::var("PROMQL_CORPORA_LIST").ok().and_then(|n| n.parse().ok()).unwrap_or(0usize);
    let functions = syntax::functions();
    let mut below = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(folder.join(&file)).expect("a corpus is UTF-8 text");
        let (mut passed, mut total, mut listed) = (0, 0, 0);
        for line in text.lines() {
            total += 1;
            let row: Value = serde_json::from_str(line).expect("a row is JSON");
            match syntax::check_row(&file, &row, &functions) {
                Ok(()) => passed += 1,
                Err(difference) if listed < list => {
                    listed += 1;
                    println!("{file}: {}\n    {difference}", row["input"]);
                }
                Err(_) => {}
            }
        }
        println!("{file}: {passed}/{total}");
        if passed < syntax::floor(&file) {
            below.push(file);
        }
    }
    assert!(below.is_empty(), "below the committed figures: {below:?}");
}
