//! How many instructions ten queries take: a figure that a busy machine does not blur, to see what a change costs.
//!
//! `cargo bench --bench instructions` counts them by `valgrind --tool=callgrind` and sets them beside the
//! committed ones in `counts.tsv`; `-- --write` commits them anew. Counts differ between compilers, too, and fewer are not
//! always faster; so nothing fails here, it is only said.
//!
//! Each query runs in two processes, once and three times; half the difference is one run that is warm.

mod cases;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, case, runs, ..] = arguments.as_slice()
        && flag == "--one"
    {
        cases::run(case, runs.parse().unwrap_or(1));
        return;
    }
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: counting instructions needs valgrind");
        return;
    }
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/counts.tsv");
    let committed = read(&std::fs::read_to_string(&file).unwrap_or_default());
    let mut lines = String::new();
    println!("{:>12} {:>12} {:>9}  query", "committed", "now", "change");
    for (name, _) in cases::CASES {
        let (Some(once), Some(thrice)) = (count(name, 1), count(name, 3)) else {
            println!("{:>36}  {name}: valgrind gave no count", "");
            continue;
        };
        let now = thrice.saturating_sub(once) / 2;
        lines.push_str(&format!("{name}\t{now}\n"));
        match committed.get(*name) {
            Some(before) => {
                let change = (now as f64 / *before as f64 - 1.0) * 100.0;
                println!("{before:>12} {now:>12} {change:>+8.1}%  {name}");
            }
            None => println!("{:>12} {now:>12} {:>9}  {name}", "-", "new"),
        }
    }
    if arguments.iter().any(|argument| argument == "--write") {
        std::fs::write(&file, lines).expect("counts.tsv can be written");
    }
}

/// Name and count, a line each.
fn read(text: &str) -> BTreeMap<String, u64> {
    let line = |line: &str| {
        let (name, count) = line.split_once('\t')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// The instructions of a process that runs a case so many times.
fn count(name: &str, runs: usize) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--one", name, &runs.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, rest) = text.split_once("Collected : ")?;
    rest.split_whitespace().next()?.parse().ok()
}
