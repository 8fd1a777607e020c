//! The engine beside its peers, in one run: `cargo run --release --manifest-path benches/peers/rust/Cargo.toml`.
//!
//! Peers are Prometheus 3.16 (its own benchmarks as they are, and its engine asked case by case), the engine of Thanos,
//! opendata-timeseries and promql-parser. Ours and theirs run in turn, answers are compared before anything is timed, and a case
//! whose answers differ has no ratio. What is not there (Go, opendata) is said, and the rest runs. Behind the peers come figures
//! of ours alone.
//!
//! `--only PART,PART` runs some of [`PARTS`], `--filter TEXT` cases whose name holds the text; `--rounds N` says how
//! often they take turns at the cases of lists; `--write` puts the tables into `docs/performance.md` and all figures into
//! `docs/performance.json`, where what is not measured stays as it is; `--tables` makes the tables anew and measures nothing.

mod answers;
mod data;
mod engines;
mod lists;
mod memory;
mod ours;
mod parsing;
mod programs;
mod record;
mod suites;

use std::process::ExitCode;
use std::time::Instant;

use data::Data;
use record::{Figure, OTHER_BITS, Record, Row};

/// What is asked for.
pub(crate) struct Settings {
    /// Cases whose name holds this.
    pub(crate) filter: String,
    /// How often ours and each peer take turns at a case of a list.
    pub(crate) rounds: usize,
    only: Option<String>,
}

type Measure = fn(&Settings) -> Record;

/// Each part, and what measures it.
const PARTS: &[(&str, Measure)] = &[
    ("parsing", |settings| rows(parsing::compare(settings))),
    ("suites", |settings| rows(suites::compare(settings))),
    ("lists", |settings| {
        rows(engines::compare(Data::lists, &lists::all(), &["prometheus", "thanos"], settings))
    }),
    ("windows", |settings| {
        rows(engines::compare(Data::windows, &lists::windows(), &["prometheus"], settings))
    }),
    ("opendata", |settings| {
        let peers = ["prometheus", "thanos", "opendata"];
        rows(engines::compare(Data::opendata, &lists::opendata(), &peers, settings))
    }),
    ("large", |settings| {
        rows(engines::compare(Data::large, &lists::large(), &["prometheus", "thanos"], settings))
    }),
    ("memory", |settings| Record { memory: memory::compare(settings), ..Record::default() }),
    ("fixed-cost", |settings| figures(ours::fixed_cost(settings))),
    ("second-core", |settings| figures(ours::second_core(settings))),
    ("plain-pass", |settings| figures(ours::plain_pass(settings))),
    ("allocations", |settings| figures(ours::allocations(settings))),
    ("long-query", |settings| figures(ours::long_query(settings))),
    ("program", |settings| figures(ours::program(settings))),
];

fn rows(rows: Vec<Row>) -> Record {
    Record { rows, ..Record::default() }
}

fn figures(figures: Vec<Figure>) -> Record {
    Record { figures, ..Record::default() }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if let Some(case) = value("--memory-of") {
        return memory::of_one(&case);
    }
    let settings = Settings {
        filter: value("--filter").unwrap_or_default(),
        rounds: value("--rounds").and_then(|rounds| rounds.parse().ok()).unwrap_or(3),
        only: value("--only"),
    };
    let wanted =
        |part: &str| settings.only.as_ref().is_none_or(|only| only.split(',').any(|name| name == part));
    let unknown = settings.only.iter().flat_map(|only| only.split(','));
    if let Some(name) = unknown.into_iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let names: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        eprintln!("there is no part {name}; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    if has("--tables") {
        return told(write(&Record::default(), false));
    }
    println!("{:>11} {:>11} {:>8}  case", "ours", "theirs", "ratio");
    let mut all = Record::default();
    let mut written = Ok(());
    let start = Instant::now();
    for (part, measure) in PARTS.iter().filter(|(part, _)| wanted(part)) {
        println!("\n== {part} ({} s)", start.elapsed().as_secs());
        let found = measure(&settings);
        all.take(&found, false);
        // After each part, as the next takes minutes.
        if has("--write") {
            written = written.and_then(|()| write(&found, settings.filter.is_empty()));
        }
    }
    println!("\n{}\n{}", record::peers(&all.rows), record::memory(&all.memory));
    println!("{} s", start.elapsed().as_secs());
    // Prometheus 3.16 is what ours is to agree with; other peers may be older. Threads change no bits.
    let wrong = all.rows.iter().any(|row| row.peer == "prometheus" && row.difference.is_some())
        || all.figures.iter().any(|figure| figure.part == OTHER_BITS && figure.value > 0.0);
    if wrong { ExitCode::FAILURE } else { told(written) }
}

/// Adds what was measured to the documentation.
fn write(found: &Record, all: bool) -> std::io::Result<()> {
    let docs = programs::folder().join("../../../docs");
    let mut record =
        Record::read(&std::fs::read_to_string(docs.join("performance.json")).unwrap_or_default());
    record.take(found, all);
    record::write(&docs, &record)
}

fn told(written: std::io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("docs/performance.md: {error}");
            ExitCode::FAILURE
        }
    }
}
