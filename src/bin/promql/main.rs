//! `promql`: PromQL questions to metrics in files, one at a time or in a session.
//!
//! [`arguments`] says what can be asked; [`commands`] answers what needs no samples; a [`session`] holds samples and answers
//! queries, and [`shell`] feeds it from a terminal or a pipe. Samples come through [`sources`], answers leave through
//! [`evaluate`], [`output`], [`sheet`], [`render`], [`pager`] and [`terminal`]; [`why`] says of an empty one why it is empty. Only the library's public API is used.

mod api;
mod arguments;
mod cancel;
mod commands;
mod evaluate;
mod external;
mod graph;
mod lint;
mod outcome;
mod output;
mod pager;
mod plan;
mod plan_json;
mod problem;
mod progress;
mod query_text;
mod render;
mod session;
mod sheet;
mod shell;
mod sources;
mod suggest;
mod terminal;
mod times;
mod why;

use std::process::ExitCode;

use arguments::{AnswerArguments, Arguments, Check, Command, Mode, PlanMode};
use clap::Parser;
use outcome::Failure;
use plan::Report;
use promql_engine::storage::Storage;
use render::{Diagnostic, Severity};
use session::{Flow, RangeSetting, Session};
use terminal::Terminal;
use times::TimeArgument;

fn main() -> ExitCode {
    let terminal = Terminal::detect();
    cancel::install();
    let result = match Arguments::try_parse() {
        Ok(arguments) => run(arguments, terminal),
        Err(error) => {
            // Help and version are answers, not errors; clap knows which stream each belongs to.
            let code = if error.use_stderr() { 2 } else { 0 };
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(code.max(1)),
            };
        }
    };
    outcome::finish(result, |message| {
        let diagnostic = Diagnostic { severity: Severity::Error, message, span: None, note: None };
        terminal::err(&render::render(&diagnostic, "", &terminal.err));
    })
}

fn run(arguments: Arguments, terminal: Terminal) -> Result<u8, Failure> {
    match arguments.command {
        None => {
            let mut session = Session::open(terminal, &arguments.sources, &arguments.answer, arguments.time)?;
            if !arguments.no_init
                && let Flow::Exit(code) = shell::start(&mut session)?
            {
                return Ok(code);
            }
            for statement in &arguments.run {
                if let Flow::Exit(code) = session.run(statement)? {
                    return Ok(code);
                }
            }
            match &arguments.file {
                Some(path) => match session.source(path)? {
                    Flow::Exit(code) => Ok(code),
                    Flow::Continue => Ok(0),
                },
                None if !arguments.run.is_empty() => Ok(0),
                None if arguments.sources.sources.iter().any(|source| source == "-") => Err(Failure::Usage(
                    "standard input holds the samples; give the query with -c, or the queries with -f"
                        .to_owned(),
                )),
                None => shell::run(&mut session),
            }
        }
        Some(Command::Query { query, sources, time, svg, estimate, answer }) => {
            let mut session = Session::open(terminal, &sources, &answer, time)?;
            session.draw_one_time();
            session.set_svg(svg);
            if estimate {
                session.explain(&query, Report::Estimate)?
            } else {
                session.query(&query)?
            }
            Ok(0)
        }
        Some(Command::Range { query, sources, start, end, step, svg, estimate, answer }) => {
            let mut session = Session::open(terminal, &sources, &answer, TimeArgument::NEWEST)?;
            session.set_svg(svg);
            session.set_range(RangeSetting { start, end, step });
            if estimate {
                session.explain(&query, Report::Estimate)?
            } else {
                session.query(&query)?
            }
            Ok(0)
        }
        Some(Command::Explain { query, sources, analyze, output, time, start, end, step }) => {
            let output = match output {
                PlanMode::Text => Mode::Text,
                PlanMode::Json => Mode::Json,
            };
            let answer = AnswerArguments { output, fail_empty: false };
            let mut session = Session::open(terminal, &sources, &answer, time)?;
            if let Some(start) = start {
                session.set_range(RangeSetting { start, end, step });
            }
            session.explain(&query, if analyze { Report::Analysis } else { Report::Plan })?;
            Ok(0)
        }
        Some(Command::Parse { query, json }) => {
            commands::parse::run(query.as_deref(), json, &terminal).map(|()| 0)
        }
        Some(Command::Fmt { query, check }) => commands::fmt::run(query, check, &terminal).map(|()| 0),
        Some(Command::Lint { query, rules: true, .. }) if query.is_none() => {
            commands::lint::rules(&terminal).map(|()| 0)
        }
        Some(Command::Lint { query, sources, interval, rule, json, .. }) => {
            let data = match sources.sources.is_empty() {
                true => None,
                false => Some(sources::load(&sources.sources, &sources.reading(), &terminal)?),
            };
            let options = commands::lint::Options {
                store: data.as_ref().map(|data| &data.store as &dyn Storage),
                interval,
                is_rule: rule,
                output: if json { Mode::Json } else { Mode::Text },
            };
            commands::lint::run(query, &options, &terminal)
        }
        Some(Command::Test { files, run, once, diff, coverage, junit }) => {
            let options = commands::test::Options { run, once, diff, coverage, junit };
            commands::test::run(&files, &options, &terminal).map(|()| 0)
        }
        Some(Command::Check { what: Check::Rules { files, no_lint } }) => {
            commands::rules::run(&files, !no_lint, &terminal)
        }
        Some(Command::Check { what: Check::Metrics { files } }) => commands::metrics::run(&files, &terminal),
        Some(Command::Functions { markdown: true, .. }) => commands::functions::markdown().map(|()| 0),
        Some(Command::Functions { name, .. }) => {
            commands::functions::run(name.as_deref(), &terminal.out).map(|()| 0)
        }
        Some(Command::Completions { shell }) => commands::generate::completions(shell).map(|()| 0),
        Some(Command::Man) => commands::generate::man().map(|()| 0),
    }
}
