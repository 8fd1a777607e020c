//! Runs ```console blocks of Markdown files and compares what they print with what stands there.
//!
//! A line `$ COMMAND` is given to `sh` with the built `promql` first on its path; lines behind it that start with
//! `> ` continue the command. Up to the next command or the block's end stands what it must print, both streams
//! together; a last line `[exit N]` is the exit code where it is not 0. `[..]` in a line stands for any text,
//! a line `...` for any lines. With `PROMQL_BLESS=1` the files are rewritten with what was printed instead.
//! `cargo run --release --` in a command is the program that Cargo built for the test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// One command of a block.
struct Step {
    /// The command's line in the file, from 1.
    line: usize,
    command: String,
    /// The expected lines, as a range of the file's lines, from 0.
    expected: std::ops::Range<usize>,
}

/// Runs every block of `file` in `directory`; panics with all differences. Gives the number of commands run.
pub(crate) fn check(file: &Path, directory: &Path) -> usize {
    let text = fs::read_to_string(file).expect("a readable Markdown file");
    let lines: Vec<&str> = text.lines().collect();
    let steps = steps(&lines);
    let bless = std::env::var_os("PROMQL_BLESS").is_some();
    let mut failures = String::new();
    let mut blessed: Vec<String> = Vec::new();
    let mut copied = 0;
    for step in &steps {
        let printed = run(&step.command, directory);
        let expected = &lines[step.expected.clone()];
        let same = matches(expected, &printed);
        blessed.extend(lines[copied..step.expected.start].iter().map(|line| line.to_string()));
        blessed.extend(match same {
            true => expected.iter().map(|line| line.to_string()).collect(),
            false => printed.clone(),
        });
        copied = step.expected.end;
        if !same {
            failures.push_str(&format!(
                "{}:{}: $ {}\n--- expected\n{}\n--- printed\n{}\n\n",
                file.display(),
                step.line,
                step.command,
                expected.join("\n"),
                printed.join("\n")
            ));
        }
    }
    if bless {
        blessed.extend(lines[copied..].iter().map(|line| line.to_string()));
        fs::write(file, blessed.join("\n") + "\n").expect("a writable Markdown file");
    } else {
        assert!(failures.is_empty(), "\n{failures}");
    }
    steps.len()
}

fn steps(lines: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at] != "```console" {
            at += 1;
            continue;
        }
        at += 1;
        while at < lines.len() && lines[at] != "```" {
            let Some(first) = lines[at].strip_prefix("$ ") else {
                panic!("line {} of a console block stands before any command: {}", at + 1, lines[at]);
            };
            let line = at + 1;
            let mut command = first.to_owned();
            at += 1;
            while let Some(more) = lines.get(at).and_then(|line| line.strip_prefix("> ")) {
                command.push('\n');
                command.push_str(more);
                at += 1;
            }
            let start = at;
            while at < lines.len() && lines[at] != "```" && !lines[at].starts_with("$ ") {
                at += 1;
            }
            steps.push(Step { line, command, expected: start..at });
        }
    }
    steps
}

fn run(command: &str, directory: &Path) -> Vec<String> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_promql"));
    let mut path = program.parent().expect("a program stands in a directory").as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let command = command.replace("cargo run --release --", "promql");
    let output = Command::new("sh")
        .arg("-c")
        // One stream for both, so that their order is the one a reader sees.
        .arg(format!("exec 2>&1\n{command}"))
        .current_dir(directory)
        .env("PATH", path)
        .env("COLUMNS", "80")
        // What whoever runs the tests has set for themselves is none of the pages' business.
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("sh runs");
    let mut printed: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end().to_owned()).collect();
    match output.status.code() {
        Some(0) => {}
        Some(code) => printed.push(format!("[exit {code}]")),
        None => printed.push("[killed by a signal]".to_owned()),
    }
    printed
}

fn matches(expected: &[&str], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, others)| line_matches(line.trim_end(), first) && matches(rest, others)),
    }
}

fn line_matches(expected: &str, printed: &str) -> bool {
    let mut pieces = expected.split("[..]");
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return rest.is_empty();
    };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
