//! The engine beside its peers, in one run: `cargo run --release --manifest-path benches/peers/rust/Cargo.toml`.
//!
//! Peers are Prometheus 3.16 (its own benchmarks as they are, and its engine asked case by case), the engine of Thanos, and
//! promql-parser. Ours and theirs run in turn, answers are compared before anything is timed, and a case whose answers differ
//! has no ratio. Where Go is missing, that is said, and the rest runs.
//!
//! `--only parsing,suites,lists,large,memory` runs a part, `--filter TEXT` cases whose name holds the text; `--rounds N` says how
//! often they take turns at the cases of lists; `--write` puts the tables into `docs/performance.md` and all figures into
//! `docs/performance.json`, where what is not measured stays as it is.

mod answers;
mod data;
mod engines;
mod go;
mod lists;
mod memory;
mod parsing;
mod report;
mod suites;

use std::process::ExitCode;

use memory::Memory;
use report::Row;

/// What is asked for.
pub(crate) struct Settings {
    /// Cases whose name holds this.
    pub(crate) filter: String,
    /// How often ours and each peer take turns at a case of a list.
    pub(crate) rounds: usize,
    only: Option<String>,
    write: bool,
}

impl Settings {
    fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.split(',').any(|wanted| wanted == part))
    }

    fn write_to_docs(&self, rows: &[Row], memory: &[Memory]) -> std::io::Result<()> {
        if self.write { report::write(rows, memory) } else { Ok(()) }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    let settings = Settings {
        filter: value("--filter").unwrap_or_default(),
        rounds: value("--rounds").and_then(|rounds| rounds.parse().ok()).unwrap_or(2),
        only: value("--only"),
        write: arguments.iter().any(|argument| argument == "--write"),
    };
    if let Some(case) = value("--memory-of") {
        return memory::of_one(&case);
    }
    let with_go = go::is_there();
    if !with_go {
        println!("skipped: Prometheus and Thanos need Go");
    }
    println!("{:>11} {:>11} {:>8}  case", "ours", "theirs", "ratio");
    let parts: [(&str, &dyn Fn() -> Vec<Row>); 4] = [
        ("parsing", &|| parsing::compare(&settings)),
        ("suites", &|| suites::compare(&settings)),
        ("lists", &|| engines::compare(&data::Data::lists(), &lists::all(), &settings)),
        ("large", &|| engines::compare(&data::Data::large(), &lists::large(), &settings)),
    ];
    let mut rows: Vec<Row> = Vec::new();
    let mut written = Ok(());
    for (part, compare) in parts {
        if settings.wants(part) && (with_go || part == "parsing") {
            rows.extend(compare());
            // After each part, as the next takes minutes.
            written = written.and_then(|()| settings.write_to_docs(&rows, &[]));
        }
    }
    let memory = if settings.wants("memory") { memory::compare(&settings) } else { Vec::new() };
    written = written.and_then(|()| settings.write_to_docs(&rows, &memory));
    println!("\n{}\n{}", report::table(&rows), memory::table(&memory));
    if let Err(error) = written {
        eprintln!("docs/performance.md: {error}");
        return ExitCode::FAILURE;
    }
    // Prometheus 3.16 is what ours is to agree with; other peers may be older.
    let wrong = rows.iter().any(|row| row.peer == "prometheus" && row.difference.is_some());
    if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
