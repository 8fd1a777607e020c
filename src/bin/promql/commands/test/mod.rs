//! `test`: scripts that load series, ask queries and say what the answers have to be; and rule tests in YAML, as promtool runs them.

mod glob;
mod junit;
mod rules;
mod scripts;

use std::{fs, path::Path, time::Instant};

use crate::{
    outcome::Failure,
    output,
    terminal::{self, Paint, Terminal},
};

/// How tests are run.
pub(crate) struct Options {
    /// Only the questions of scripts with this text in their query; only the rule tests whose name fits this pattern.
    pub(crate) run: Option<String>,
    /// Asks each question of a script only as it is written.
    pub(crate) once: bool,
    /// Shows of answers only what differs.
    pub(crate) diff: bool,
    /// Says which rules no test has to do with.
    pub(crate) coverage: bool,
    /// Where the outcome is written as JUnit's XML.
    pub(crate) junit: Option<String>,
}

/// What came of one question, or of one rule test.
struct Case {
    name: String,
    /// A line that says what is wrong, and all there is to say.
    failure: Option<(String, String)>,
}

/// What came of one file.
struct Outcome {
    file: String,
    seconds: f64,
    cases: Result<Vec<Case>, String>,
    /// What is shown of the failures.
    text: String,
}

impl Outcome {
    fn total(&self) -> usize {
        self.cases.as_ref().map_or(0, Vec::len)
    }

    fn passed(&self) -> usize {
        self.cases.as_ref().map_or(0, |cases| cases.iter().filter(|case| case.failure.is_none()).count())
    }

    fn failed(&self) -> bool {
        self.cases.is_err() || self.passed() < self.total()
    }

    /// A line for the file, and below it what failed.
    fn show(&self, terminal: &Terminal) -> String {
        let word = if self.failed() { terminal.out.paint(Paint::Error, "FAILED") } else { "ok".to_owned() };
        match &self.cases {
            Err(message) => format!("{word} {message}\n"),
            Ok(_) => format!("{word} {}: {}/{}\n{}", self.file, self.passed(), self.total(), self.text),
        }
    }
}

/// Runs the tests, and those of folders; fails where one fails.
pub(crate) fn run(paths: &[String], options: &Options, terminal: &Terminal) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    let mut coverage = rules::Coverage::default();
    let mut outcomes = Vec::new();
    for file in files {
        let start = Instant::now();
        let (cases, text) = match is_yaml(&file) {
            true => rules::run(&file, options, &mut coverage, terminal)?,
            false => scripts::run(&file, options, terminal),
        };
        let outcome = Outcome { file, seconds: start.elapsed().as_secs_f64(), cases, text };
        terminal::out(&outcome.show(terminal))?;
        outcomes.push(outcome);
    }
    if options.coverage {
        terminal::out(&coverage.text())?;
    }
    if let Some(path) = &options.junit {
        fs::write(path, junit::document(&outcomes))
            .map_err(|error| Failure::failed(format!("cannot write {path}: {error}")))?;
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failed()).count();
    if outcomes.len() > 1 {
        let passed: usize = outcomes.iter().map(Outcome::passed).sum();
        let total: usize = outcomes.iter().map(Outcome::total).sum();
        let files = output::count(outcomes.len() as u64, "file", "files");
        let line = format!("{files} · {passed}/{total} passed · {failed} failed\n");
        terminal::out(&terminal.out.paint(Paint::Faint, &line))?;
    }
    if failed > 0 { Err(Failure::Said) } else { Ok(()) }
}

fn is_yaml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

/// Whether a file of a folder is one of tests: scripts, and YAML whose name says so.
fn is_test(name: &str) -> bool {
    let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
    name.ends_with(".test")
        || is_yaml(name) && stem.is_some_and(|stem| stem.ends_with("test") || stem.ends_with("tests"))
}

/// A file as it is; of a folder its tests by name, and those of the folders in it.
fn collect(path: &str, files: &mut Vec<String>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("cannot read {path}: {error}"));
    if !Path::new(path).is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // A link may lead around in a circle.
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        let name = entry.path().to_string_lossy().into_owned();
        if is_folder || is_test(&name) {
            names.push(name);
        }
    }
    names.sort();
    names.iter().try_for_each(|name| collect(name, files))
}
