//! The table of figures in `docs/conformance.md`: read as what may not fall, written on request.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// How many rows of a file agree.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// The file.
    pub(crate) name: String,
    /// Rows that agree.
    pub(crate) passed: usize,
    /// All rows.
    pub(crate) total: usize,
}

/// Tests of one program run side by side, and each rewrites its lines of the file.
static WRITING: Mutex<()> = Mutex::new(());

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md")
}

/// A line of the table: `| name | passed | total |`.
fn parse_line(line: &str) -> Option<Figure> {
    let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
    let name = cells.next()?.trim_matches('`').to_owned();
    let mut count = || cells.next()?.replace(',', "").parse().ok();
    Some(Figure { name, passed: count()?, total: count()? })
}

/// Fails where a figure is below the committed one, or, with `PROMQL_CONFORMANCE=write`, writes the table anew.
pub(crate) fn settle(figures: &[Figure]) {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = std::fs::read_to_string(path()).expect("docs/conformance.md is there");
    let committed: BTreeMap<String, Figure> =
        text.lines().filter_map(parse_line).map(|figure| (figure.name.clone(), figure)).collect();
    if std::env::var("PROMQL_CONFORMANCE").is_ok_and(|wish| wish == "write") {
        write(&text, committed, figures);
        return;
    }
    let below: Vec<String> = figures
        .iter()
        .filter(|figure| {
            committed.get(&figure.name).is_some_and(|committed| figure.passed < committed.passed)
        })
        .map(|figure| format!("{}: {} of {}", figure.name, figure.passed, figure.total))
        .collect();
    assert!(below.is_empty(), "below the figures of docs/conformance.md: {below:?}");
}

fn write(text: &str, mut all: BTreeMap<String, Figure>, figures: &[Figure]) {
    all.extend(figures.iter().map(|figure| (figure.name.clone(), figure.clone())));
    let (before, rest) = text.split_once("|---|---|---|\n").expect("the table has a head");
    let after: String =
        rest.lines().skip_while(|line| line.starts_with('|')).map(|line| format!("{line}\n")).collect();
    let lines: String = all
        .values()
        .map(|figure| format!("| `{}` | {} | {} |\n", figure.name, figure.passed, figure.total))
        .collect();
    std::fs::write(path(), format!("{before}|---|---|---|\n{lines}{after}")).expect("docs can be written");
}
