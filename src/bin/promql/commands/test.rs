//! `test`: scripts that load series, ask queries and say what the answers have to be, run against the engine.

use std::{fmt::Write as _, fs, path::Path, time::Instant};

use promql_engine::{
    Engine,
    testing::script::{Action, EvalReport, Report, RunOptions, Script, Verdict, engine_options},
};

use crate::{
    outcome::Failure,
    output,
    terminal::{self, Paint, Terminal},
};

/// How scripts are run.
pub(crate) struct Options {
    /// Only the questions whose query has this text in it.
    pub(crate) run: Option<String>,
    /// Asks each question only as it is written.
    pub(crate) once: bool,
    /// Where the outcome is written as JUnit's XML.
    pub(crate) junit: Option<String>,
}

/// What came of one file.
struct Outcome {
    file: String,
    seconds: f64,
    result: Result<Report, String>,
}

impl Outcome {
    fn failed(&self) -> bool {
        match &self.result {
            Ok(report) => report.passed() < report.total(),
            Err(_) => true,
        }
    }
}

/// Runs the scripts, and those of folders; fails where one question has another answer.
pub(crate) fn run(paths: &[String], options: &Options, terminal: &Terminal) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    let outcomes: Vec<Outcome> = files
        .into_iter()
        .map(|file| {
            let outcome = run_file(file, options);
            terminal::out(&text(&outcome, terminal)).map(|()| outcome)
        })
        .collect::<Result<_, _>>()?;
    if let Some(path) = &options.junit {
        fs::write(path, junit(&outcomes))
            .map_err(|error| Failure::failed(format!("cannot write {path}: {error}")))?;
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failed()).count();
    if outcomes.len() > 1 {
        let reports = || outcomes.iter().filter_map(|outcome| outcome.result.as_ref().ok());
        let (passed, total) =
            reports().fold((0, 0), |(passed, total), one| (passed + one.passed(), total + one.total()));
        let files = output::count(outcomes.len() as u64, "file", "files");
        let line = format!("{files} · {passed}/{total} passed · {failed} failed\n");
        terminal::out(&terminal.out.paint(Paint::Faint, &line))?;
    }
    if failed > 0 { Err(Failure::Said) } else { Ok(()) }
}

/// A file as it is; of a folder its `.test` files by name, and those of the folders in it.
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
        if is_folder || name.ends_with(".test") {
            names.push(name);
        }
    }
    names.sort();
    names.iter().try_for_each(|name| collect(name, files))
}

fn run_file(file: String, options: &Options) -> Outcome {
    let start = Instant::now();
    let result = fs::read_to_string(&file)
        .map_err(|error| format!("cannot read {file}: {error}"))
        .and_then(|text| Script::parse(&file, &text).map_err(|error| error.to_string()))
        .and_then(|mut script| {
            if let Some(part) = &options.run {
                script.commands.retain(|command| match &command.action {
                    Action::Eval(eval) => eval.query.contains(part),
                    Action::Load(_) | Action::Clear => true,
                });
            }
            let run = RunOptions { reruns: !options.once, ..RunOptions::default() };
            script.run(&Engine::new(engine_options()), run).map_err(|error| error.to_string())
        });
    Outcome { file, seconds: start.elapsed().as_secs_f64(), result }
}

/// A line a file, and below it what failed.
fn text(outcome: &Outcome, terminal: &Terminal) -> String {
    let style = &terminal.out;
    let word = if outcome.failed() { style.paint(Paint::Error, "FAILED") } else { "ok".to_owned() };
    match &outcome.result {
        Err(message) => format!("{word} {message}\n"),
        Ok(report) => {
            let mut out = format!("{word} {}: {}/{}\n", outcome.file, report.passed(), report.total());
            for eval in report.failures() {
                out.push_str(&difference(&outcome.file, eval, terminal));
            }
            out
        }
    }
}

/// A question that has another answer: what was expected and is missing with a `-`, what came instead with a `+`.
fn difference(file: &str, eval: &EvalReport, terminal: &Terminal) -> String {
    let style = &terminal.out;
    let mut out = format!("  {file}:{}: {}\n", eval.line, eval.query);
    match &eval.verdict {
        Verdict::Passed => {}
        Verdict::Unsupported(what) => {
            let _ = writeln!(out, "    not supported: {what}");
        }
        Verdict::Failed(difference) => {
            let _ = writeln!(out, "    {}", difference.summary);
            if let Some(asked) = &difference.asked {
                let _ = writeln!(out, "    asked {asked}");
            }
            let both = |line: &&String| difference.expected.contains(line) && difference.got.contains(line);
            for line in &difference.expected {
                let mark = if both(&line) { ' ' } else { '-' };
                let paint = if mark == '-' { Paint::Error } else { Paint::Faint };
                let _ = writeln!(out, "    {}", style.paint(paint, &format!("{mark} {line}")));
            }
            for line in difference.got.iter().filter(|line| !both(line)) {
                let _ = writeln!(out, "    {}", style.paint(Paint::Good, &format!("+ {line}")));
            }
        }
    }
    out
}

/// The outcome in the XML that build servers read.
fn junit(outcomes: &[Outcome]) -> String {
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"promql test\">\n".to_owned();
    for outcome in outcomes {
        let file = xml(&outcome.file);
        let (total, failed) = match &outcome.result {
            Ok(report) => (report.total(), report.total() - report.passed()),
            Err(_) => (1, 1),
        };
        let _ = writeln!(
            out,
            "  <testsuite name=\"{file}\" tests=\"{total}\" failures=\"{failed}\" time=\"{:.3}\">",
            outcome.seconds
        );
        match &outcome.result {
            Err(message) => {
                let message = xml(message);
                let _ = writeln!(
                    out,
                    "    <testcase classname=\"{file}\" name=\"script\"><failure message=\"{message}\"/></testcase>"
                );
            }
            Ok(report) => {
                for eval in &report.evals {
                    let name = xml(&format!("{}: {}", eval.line, eval.query));
                    let case = format!("    <testcase classname=\"{file}\" name=\"{name}\"");
                    let _ = match &eval.verdict {
                        Verdict::Passed => writeln!(out, "{case}/>"),
                        Verdict::Unsupported(what) => {
                            writeln!(
                                out,
                                "{case}><failure message=\"not supported: {}\"/></testcase>",
                                xml(what)
                            )
                        }
                        Verdict::Failed(difference) => writeln!(
                            out,
                            "{case}><failure message=\"{}\">{}</failure></testcase>",
                            xml(&difference.summary),
                            xml(&difference.to_string())
                        ),
                    };
                }
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// A text as XML has it; characters that XML knows no way to write become the replacement character.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
