//! Scripts in the language of Prometheus' own tests.

use std::{fmt::Write as _, fs};

use promql_engine::{
    Engine,
    testing::script::{Action, EvalReport, RunOptions, Script, Verdict, engine_options},
};

use super::{Case, Options};
use crate::terminal::{Paint, Terminal};

/// Runs a script: its questions, and a text of those that failed.
pub(super) fn run(file: &str, options: &Options, terminal: &Terminal) -> (Result<Vec<Case>, String>, String) {
    let result = fs::read_to_string(file)
        .map_err(|error| format!("cannot read {file}: {error}"))
        .and_then(|text| Script::parse(file, &text).map_err(|error| error.to_string()))
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
    match result {
        Err(message) => (Err(message), String::new()),
        Ok(report) => {
            let text = report.failures().map(|eval| difference(file, eval, options, terminal)).collect();
            (Ok(report.evals.iter().map(case).collect()), text)
        }
    }
}

fn case(eval: &EvalReport) -> Case {
    let failure = match &eval.verdict {
        Verdict::Passed => None,
        Verdict::Unsupported(what) => Some((format!("not supported: {what}"), String::new())),
        Verdict::Failed(difference) => Some((difference.summary.clone(), difference.to_string())),
    };
    Case { name: format!("{}: {}", eval.line, eval.query), failure }
}

/// A question that has another answer.
fn difference(file: &str, eval: &EvalReport, options: &Options, terminal: &Terminal) -> String {
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
            out.push_str(&lines(&difference.expected, &difference.got, options, terminal));
        }
    }
    out
}

/// What was expected and is missing with a `-`, what came instead with a `+`, the rest between unless only differences are asked for.
pub(super) fn lines(expected: &[String], got: &[String], options: &Options, terminal: &Terminal) -> String {
    let style = &terminal.out;
    let mut out = String::new();
    let both = |line: &&String| expected.contains(line) && got.contains(line);
    for line in expected.iter().filter(|line| !(options.diff && both(line))) {
        let mark = if both(&line) { ' ' } else { '-' };
        let paint = if mark == '-' { Paint::Error } else { Paint::Faint };
        let _ = writeln!(out, "    {}", style.paint(paint, &format!("{mark} {line}")));
    }
    for line in got.iter().filter(|line| !both(line)) {
        let _ = writeln!(out, "    {}", style.paint(Paint::Good, &format!("+ {line}")));
    }
    out
}
