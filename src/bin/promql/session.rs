//! One session's state, and what a query or a dot-command does to it. The commands `query` and `range` are sessions
//! of one statement, so that all ways in answer alike.

mod commands;
mod scrapes;

use std::time::Instant;

use promql_engine::{
    Answer,
    storage::{SelectRequest, Storage},
};

use crate::{
    api,
    arguments::{AnswerArguments, Mode, SourceArguments},
    evaluate::{self, When},
    graph,
    outcome::Failure,
    output, pager,
    plan::{self, Report},
    problem,
    progress::Progress,
    query_text::Expansion,
    render::{self, Diagnostic, Severity},
    shell::{
        completion::Vocabulary,
        dot, statements,
        variables::{ExpansionError, Variables},
    },
    sources::{self, Data, Reading, scraping::Scraping},
    terminal::{self, Paint, Terminal},
    times::{self, DurationArgument, TimeArgument},
};

/// What follows a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The next one.
    Continue,
    /// The end, with this exit code.
    Exit(u8),
}

/// The steps of a range query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RangeSetting {
    pub(crate) start: TimeArgument,
    pub(crate) end: TimeArgument,
    pub(crate) step: DurationArgument,
}

/// The samples, the settings, the last query.
pub(crate) struct Session {
    pub(crate) terminal: Terminal,
    data: Data,
    reading: Reading,
    scrapes: Vec<Scraping>,
    time: TimeArgument,
    range: Option<RangeSetting>,
    mode: Mode,
    /// Whether pictures are of the evaluation time where no range is set, not of the hour before.
    one_time: bool,
    /// The file that pictures of answers go to.
    svg: Option<String>,
    fail_empty: bool,
    timer: bool,
    last: Option<String>,
    variables: Variables,
    /// What came back from an editor, for the history.
    edited: Option<String>,
    /// How often sources were read; tells the editor when its words are out of date.
    generation: usize,
    /// How many files read each other at present.
    depth: usize,
}

/// How deep files may `.source` files; one that reads itself must end.
const MAX_READING: usize = 16;

impl Session {
    /// A session on these sources.
    pub(crate) fn open(
        terminal: Terminal,
        arguments: &SourceArguments,
        answer: &AnswerArguments,
        time: TimeArgument,
    ) -> Result<Self, Failure> {
        let data = sources::load(&arguments.sources, &arguments.reading(), &terminal)?;
        Ok(Self {
            terminal,
            data,
            reading: arguments.reading(),
            scrapes: Vec::new(),
            time,
            range: None,
            mode: answer.output,
            one_time: false,
            svg: None,
            fail_empty: answer.fail_empty,
            timer: terminal.out.read,
            last: None,
            variables: Variables::default(),
            edited: None,
            generation: 0,
            depth: 0,
        })
    }

    /// What was read, in a line or two.
    pub(crate) fn banner(&self) -> String {
        let summary = self.data.store.summary();
        let mut parts = vec![
            output::count(self.data.names.len() as u64, "source", "sources"),
            output::count(summary.metrics as u64, "metric", "metrics"),
            output::count(summary.series as u64, "series", "series"),
            output::count(summary.samples, "sample", "samples"),
        ];
        if let (Some(first), Some(last)) = (summary.min_time_ms, summary.max_time_ms) {
            parts.push(times::span(first, last));
        }
        if self.data.skipped > 0 {
            parts.push(output::count(self.data.skipped, "malformed line skipped", "malformed lines skipped"));
        }
        let line = parts.join(" · ") + "\n";
        if self.terminal.out.read { terminal::wrap(&line, self.terminal.out.width) } else { line }
    }

    /// The prompt: the time or the range that queries are evaluated at.
    pub(crate) fn prompt(&self) -> String {
        let newest = self.newest();
        // To the second: `.time` says it exactly.
        let time = |time: TimeArgument| times::time_of_day(time.resolve(newest).div_euclid(1000) * 1000);
        match &self.range {
            None => format!("{}> ", time(self.time)),
            Some(range) => {
                let (start, end) = (time(range.start), time(range.end));
                format!("{}–{end}/{}> ", start.trim_end_matches('Z'), times::duration(range.step.0))
            }
        }
    }

    /// What a person is told once, below the banner.
    pub(crate) fn welcome(&self) -> String {
        let style = self.terminal.out;
        let line = "eval time = newest sample · .help · Tab completes · Ctrl-D ends";
        style.paint(Paint::Faint, &terminal::wrap(line, style.width)) + "\n"
    }

    /// Changes whenever other sources are read.
    pub(crate) fn generation(&self) -> usize {
        self.generation
    }

    /// The names in the sources, for completion.
    pub(crate) fn vocabulary(&self) -> Vocabulary {
        let series = self.data.store.series(&SelectRequest::everything()).unwrap_or_default();
        Vocabulary::of(&series, self.variables.iter().map(|(name, _)| name.to_owned()).collect())
    }

    fn newest(&self) -> Option<i64> {
        self.data.store.summary().max_time_ms
    }

    /// Evaluates over this range from here on.
    pub(crate) fn set_range(&mut self, range: RangeSetting) {
        self.range = Some(range);
    }

    /// Draws what stands at the evaluation time from here on, not the hour before.
    pub(crate) fn draw_one_time(&mut self) {
        self.one_time = true;
    }

    /// Draws answers into this file, too, from here on.
    pub(crate) fn set_svg(&mut self, file: Option<String>) {
        self.svg = file;
    }

    /// Runs one statement: a dot-command, a query, or nothing where there are only comments.
    pub(crate) fn run(&mut self, statement: &str) -> Result<Flow, Failure> {
        self.refresh()?;
        if self.terminal.interactive {
            // The window may have another size by now.
            self.terminal = Terminal::detect();
        }
        // Space at the end would only move the caret of what is missing there.
        let statement = statement.trim_end();
        if let Some((word, arguments)) = dot::split(statement) {
            return self.dot(word, arguments);
        }
        if statements::is_blank(statement) {
            return Ok(Flow::Continue);
        }
        self.query(statement)?;
        Ok(Flow::Continue)
    }

    /// Evaluates a query as the session is set.
    pub(crate) fn query(&mut self, query: &str) -> Result<(), Failure> {
        self.last = Some(query.to_owned());
        let expansion = self.expand(query)?;
        let query = expansion.text();
        let mut when = match (self.mode, self.when()) {
            (Mode::Graph, When::Instant(time_ms)) if !self.one_time => self.drawn_until(time_ms),
            (_, when) => when,
        };
        let progress = Progress::start("evaluating (Ctrl-C cancels)", &self.terminal);
        let start = Instant::now();
        let mut answer = evaluate::run(&self.data.store, query.evaluated, when);
        let histograms = |answer: &Answer| graph::is_histograms(&answer.value);
        if self.mode == Mode::Graph && self.range.is_none() && answer.as_ref().is_ok_and(histograms) {
            // Without a range, histograms are drawn as they are at the evaluation time.
            when = self.when();
            answer = evaluate::run(&self.data.store, query.evaluated, when);
        }
        let seconds = start.elapsed().as_secs_f64();
        drop(progress);
        let footer = self.timer.then_some(seconds);
        let store = &self.data.store;
        let empty = evaluate::write(store, &answer, query, self.mode, footer, when, &self.terminal)?;
        if let (Ok(answer), Some(file)) = (&answer, &self.svg) {
            let picture = graph::svg(&answer.value, query.evaluated, when)
                .ok_or_else(|| Failure::failed(format!("a {} has no picture", answer.value.value_type())))?;
            std::fs::write(file, picture)
                .map_err(|error| Failure::failed(format!("cannot write {file}: {error}")))?;
        }
        if empty && self.fail_empty { Err(Failure::Empty) } else { Ok(()) }
    }

    /// A query with its variables put in.
    fn expand(&self, query: &str) -> Result<Expansion, Failure> {
        self.variables.expand(query).map_err(|ExpansionError { span, message }| {
            let diagnostic =
                Diagnostic { severity: Severity::Error, message: &message, span: Some(span), note: None };
            terminal::err(&render::render(&diagnostic, query, &self.terminal.err));
            Failure::Said
        })
    }

    /// When queries are evaluated.
    fn when(&self) -> When {
        let newest = self.newest();
        match &self.range {
            None => When::Instant(self.time.resolve(newest)),
            Some(range) => When::Range {
                start_ms: range.start.resolve(newest),
                end_ms: range.end.resolve(newest),
                step_ms: range.step.0,
            },
        }
    }

    /// What is drawn where no range is set: the hour before, or as much of it as there are samples, a step a column of dots.
    fn drawn_until(&self, time_ms: i64) -> When {
        const HOUR: i64 = 3_600_000;
        let oldest = self.data.store.summary().min_time_ms.unwrap_or(time_ms);
        let start_ms = time_ms.saturating_sub(HOUR).max(oldest.min(time_ms.saturating_sub(60_000)));
        let step_ms = graph::fitting_step(time_ms.saturating_sub(start_ms), &self.terminal.out);
        When::Range { start_ms, end_ms: time_ms, step_ms }
    }

    /// Tells of a query's plan, of what it gave and cost, or of what it would cost.
    pub(crate) fn explain(&self, query: &str, report: Report) -> Result<(), Failure> {
        let expansion = self.expand(query)?;
        let query = expansion.text();
        let (store, style) = (&self.data.store, &self.terminal.out);
        match plan::report(report, self.mode, store, query.evaluated, self.when(), style) {
            Ok(text) => Ok(pager::show(&text, &self.terminal)?),
            Err(error) if self.mode == Mode::Json => {
                terminal::out(&api::error(&error))?;
                Err(Failure::Said)
            }
            Err(error) => {
                terminal::err(&problem::render(&error, query, &self.terminal.err));
                Err(Failure::Said)
            }
        }
    }

    /// What came back from an editor since this was asked last.
    pub(crate) fn take_edited(&mut self) -> Option<String> {
        self.edited.take()
    }

    /// Runs the statements of a file up to the first that fails.
    pub(crate) fn source(&mut self, path: &str) -> Result<Flow, Failure> {
        if self.depth >= MAX_READING {
            return Err(Failure::failed(format!(
                "{path}: files read each other more than {MAX_READING} deep"
            )));
        }
        let file = std::fs::File::open(path)
            .map_err(|error| Failure::failed(format!("cannot read {path}: {error}")))?;
        self.depth += 1;
        let result = self.run_all(std::io::BufReader::new(file), path);
        self.depth -= 1;
        result
    }

    fn run_all(&mut self, lines: impl std::io::BufRead, name: &str) -> Result<Flow, Failure> {
        for statement in statements::Statements::new(lines) {
            let statement =
                statement.map_err(|error| Failure::failed(format!("cannot read {name}: {error}")))?;
            let flow = self.run(&statement)?;
            if flow != Flow::Continue {
                return Ok(flow);
            }
        }
        Ok(Flow::Continue)
    }
}
