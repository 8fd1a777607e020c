//! One session's state, and what a query or a dot-command does to it. The commands `query` and `range` are sessions
//! of one statement, so that all ways in answer alike.

use std::time::Instant;

use promql_engine::{
    Answer,
    exec::CancellationToken,
    storage::{SelectRequest, Storage},
};

use crate::{
    arguments::{AnswerArguments, Mode, SourceArguments},
    cancel,
    commands::functions,
    evaluate::{self, When},
    graph,
    outcome::Failure,
    output, pager, plan, problem,
    query_text::Expansion,
    render::{self, Diagnostic, Severity},
    shell::{
        completion::Vocabulary,
        dot::{self, Action},
        external, inspect, statements,
        variables::{self, ExpansionError, Variables},
        watch::{self, Watching},
    },
    sources::{self, Data},
    suggest,
    terminal::{self, Paint, Terminal},
    times::{self, DurationArgument, TimeArgument},
    why,
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
    keep_going: bool,
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
    reading: usize,
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
        let data = sources::load(&arguments.sources, arguments.keep_going, &terminal)?;
        Ok(Self {
            terminal,
            data,
            keep_going: arguments.keep_going,
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
            reading: 0,
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

    /// The words that help is there for: metrics, functions, keywords.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = inspect::metric_names(&self.data.store).into_iter().flatten().collect();
        words.extend(functions::names().map(str::to_owned));
        words.extend(promql_engine::syntax::token::KEYWORDS.iter().map(|(word, _)| (*word).to_owned()));
        words
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
        let start = Instant::now();
        let mut answer = evaluate::run(&self.data.store, query.evaluated, when);
        let histograms = |answer: &Answer| graph::is_histograms(&answer.value);
        if self.mode == Mode::Graph && self.range.is_none() && answer.as_ref().is_ok_and(histograms) {
            // Without a range, histograms are drawn as they are at the evaluation time.
            when = self.when();
            answer = evaluate::run(&self.data.store, query.evaluated, when);
        }
        let seconds = start.elapsed().as_secs_f64();
        let footer = self.timer.then_some(seconds);
        let reasons = || why::explain(&self.data.store, query.evaluated, when);
        let empty = evaluate::write(&answer, query, self.mode, footer, reasons, when, &self.terminal)?;
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

    /// Shows a query's plan; with `analyze`, what it gave and cost.
    pub(crate) fn explain(&self, query: &str, analyze: bool) -> Result<(), Failure> {
        let expansion = self.expand(query)?;
        let query = expansion.text();
        let show = if analyze { plan::analyze } else { plan::explain };
        match show(&self.data.store, query.evaluated, self.when(), &self.terminal.out) {
            Ok(text) => Ok(pager::show(&text, &self.terminal)?),
            Err(error) => {
                terminal::err(&problem::render(&error, query, &self.terminal.err));
                Err(Failure::Said)
            }
        }
    }

    fn dot(&mut self, word: &str, arguments: &str) -> Result<Flow, Failure> {
        let command = dot::find(word).map_err(Failure::Failed)?;
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let usage = || {
            let usage = format!(".{} {}", command.name, command.arguments);
            Failure::failed(format!("usage: {}", usage.trim_end()))
        };
        let style = self.terminal.out;
        let one = match words.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => None,
        };
        let at_most_one = || if words.len() > 1 { Err(usage()) } else { Ok(one) };
        match command.action {
            Action::Explain | Action::Analyze => {
                let query = self.query_or_last(arguments)?;
                self.explain(&query, command.action == Action::Analyze)?;
            }
            Action::Edit => {
                let text = if arguments.is_empty() { self.last.clone() } else { Some(arguments.to_owned()) };
                return self.edit(&text.unwrap_or_default());
            }
            Action::Exit => {
                let code = at_most_one()?.map_or(Ok(0), str::parse).map_err(|_| usage())?;
                return Ok(Flow::Exit(code));
            }
            Action::Functions => functions::run(at_most_one()?, &style)?,
            Action::Graph => {
                let (svg, arguments) = match arguments.strip_prefix("--svg") {
                    Some("") => return Err(usage()),
                    Some(rest) if rest.starts_with(char::is_whitespace) => {
                        let rest = rest.trim_start();
                        let (file, query) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                        (Some(file.to_owned()), query.trim_start())
                    }
                    _ => (None, arguments),
                };
                let query = self.query_or_last(arguments)?;
                let mode = std::mem::replace(&mut self.mode, Mode::Graph);
                let file = std::mem::replace(&mut self.svg, svg);
                let result = self.query(&query);
                (self.mode, self.svg) = (mode, file);
                result?;
            }
            Action::Help => pager::show(&self.help(at_most_one()?)?, &self.terminal)?,
            Action::Labels => {
                pager::show(&inspect::labels(&self.data.store, at_most_one()?, &style)?, &self.terminal)?
            }
            Action::Last => self.query(&self.query_or_last("")?)?,
            Action::Let => self.define(arguments, usage)?,
            Action::Metrics => {
                let pattern = at_most_one()?.unwrap_or_default();
                pager::show(&inspect::metrics(&self.data.store, pattern, &style)?, &self.terminal)?;
            }
            Action::Mode => match at_most_one()? {
                None => terminal::out(&format!("{}\n", self.mode.name()))?,
                Some(name) => self.mode = Mode::from_name(name).ok_or_else(usage)?,
            },
            Action::Open => {
                if words.is_empty() {
                    return Err(usage());
                }
                let names: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
                self.data = sources::load(&names, self.keep_going, &self.terminal)?;
                self.generation += 1;
                terminal::out(&self.banner())?;
            }
            Action::Output => self.redirect(arguments)?,
            Action::Range => self.range(arguments, usage)?,
            Action::Series => {
                pager::show(&inspect::series(&self.data.store, at_most_one()?)?, &self.terminal)?
            }
            Action::Source => return self.source(one.ok_or_else(usage)?),
            Action::Sources => {
                terminal::out(&format!("{}\n{}", self.data.names.join("\n"), self.banner()))?;
            }
            Action::Time => {
                if !arguments.is_empty() {
                    self.time = arguments.parse().map_err(|error| Failure::failed(format!("{error}")))?;
                }
                if arguments.is_empty() || self.terminal.interactive {
                    terminal::out(&format!("{}\n", times::rfc3339(self.time.resolve(self.newest()))))?;
                }
            }
            Action::Timer => {
                self.timer = match at_most_one()? {
                    None => !self.timer,
                    Some("on") => true,
                    Some("off") => false,
                    Some(_) => return Err(usage()),
                };
            }
            Action::Watch => self.watch(&Watching::parse(arguments).ok_or_else(usage)?)?,
        }
        Ok(Flow::Continue)
    }

    /// This query, or else the last one.
    fn query_or_last(&self, query: &str) -> Result<String, Failure> {
        match (query, &self.last) {
            ("", Some(last)) => Ok(last.clone()),
            ("", None) => Err(Failure::failed("there is no last query yet")),
            (query, _) => Ok(query.to_owned()),
        }
    }

    /// Names an expression, forgets a name, or shows what is named.
    fn define(&mut self, arguments: &str, usage: impl Fn() -> Failure) -> Result<(), Failure> {
        let (name, definition) = match arguments.split_once('=') {
            Some((name, definition)) => (name.trim(), Some(definition.trim())),
            None => (arguments, None),
        };
        let name = name.strip_prefix('$').unwrap_or(name);
        if !(variables::is_name(name) || arguments.is_empty()) {
            return Err(usage());
        }
        let unknown = || Failure::failed(format!("there is no variable `${name}`"));
        match definition {
            None => {
                let wanted = |other: &str| name.is_empty() || other == name;
                let shown = self.variables.iter().filter(|(name, _)| wanted(name));
                let text: String = shown.map(|(name, text)| format!(".let {name} = {text}\n")).collect();
                if text.is_empty() && !name.is_empty() { Err(unknown()) } else { Ok(terminal::out(&text)?) }
            }
            Some("") if !self.variables.remove(name) => Err(unknown()),
            Some("") => {
                self.generation += 1;
                Ok(())
            }
            Some(definition) => {
                let expansion = self.expand(definition)?;
                self.generation += 1;
                self.variables.set(name, &expansion.evaluated).map_err(|errors| {
                    terminal::err(&problem::render_syntax(&errors, expansion.text(), &self.terminal.err));
                    Failure::Said
                })
            }
        }
    }

    /// Has a text edited elsewhere, and runs what comes back.
    pub(crate) fn edit(&mut self, text: &str) -> Result<Flow, Failure> {
        let edited = external::edit(text)?;
        if self.terminal.interactive {
            terminal::out(&self.terminal.out.paint(Paint::Faint, &format!("{}\n", edited.trim_end())))?;
        }
        self.edited = Some(edited.trim_end().to_owned());
        self.run_all(edited.as_bytes(), "the edited text")
    }

    /// What came back from an editor since this was asked last.
    pub(crate) fn take_edited(&mut self) -> Option<String> {
        self.edited.take()
    }

    /// Runs a query again and again, until it is enough or Ctrl-C comes.
    fn watch(&mut self, watching: &Watching<'_>) -> Result<(), Failure> {
        let query = self.query_or_last(watching.query)?;
        let token = CancellationToken::default();
        let _watch = cancel::watch(token.clone());
        let is_screen = self.terminal.interactive && self.terminal.out.read;
        // Nobody pages through what is about to be replaced.
        let before = self.terminal;
        self.terminal.interactive = false;
        let mut next = Instant::now();
        let mut result = Ok(());
        let mut left = watching.times;
        while left != Some(0) && result.is_ok() && watch::wait_until(next, &token) {
            left = left.map(|left| left - 1);
            next = Instant::now() + watching.every;
            if is_screen {
                let every = times::duration(watching.every.as_millis() as i64);
                let head = format!("every {every} · {} · Ctrl-C ends", times::time_of_day(times::now_ms()));
                let head = self.terminal.out.paint(Paint::Faint, &head);
                // Home, and empty from there on.
                terminal::out(&format!("\u{1b}[H\u{1b}[2J{head}\n{query}\n"))?;
            }
            result = self.query(&query);
        }
        self.terminal = before;
        result
    }

    /// Sends answers to a file, or to standard output again.
    fn redirect(&mut self, path: &str) -> Result<(), Failure> {
        let file = match path {
            "" => None,
            path => {
                let file = std::fs::File::create(path);
                Some(file.map_err(|error| Failure::failed(format!("cannot write {path}: {error}")))?)
            }
        };
        terminal::redirect(file);
        self.terminal = Terminal::detect();
        Ok(())
    }

    fn range(&mut self, arguments: &str, usage: impl Fn() -> Failure) -> Result<(), Failure> {
        let mut rest = arguments;
        let mut word = || {
            let (word, after) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            rest = after.trim_start();
            word
        };
        let (start, end, step) = (word(), word(), word());
        let setting = match (start, end) {
            ("", _) => {
                let text = match &self.range {
                    None => "off\n".to_owned(),
                    Some(range) => {
                        let newest = self.newest();
                        let time = |time: TimeArgument| times::rfc3339(time.resolve(newest));
                        format!(
                            "{} {} {}\n",
                            time(range.start),
                            time(range.end),
                            times::duration(range.step.0)
                        )
                    }
                };
                return Ok(terminal::out(&text)?);
            }
            ("off", "") => None,
            _ if step.is_empty() => return Err(usage()),
            _ => {
                let refused = |error: times::TimeError| Failure::failed(error.to_string());
                let start = start.parse().map_err(refused)?;
                let end = end.parse().map_err(refused)?;
                Some(RangeSetting { start, end, step: step.parse().map_err(refused)? })
            }
        };
        if rest.is_empty() {
            self.range = setting;
            return Ok(());
        }
        let query = rest.to_owned();
        let before = std::mem::replace(&mut self.range, setting);
        let result = self.query(&query);
        self.range = before;
        result
    }

    /// Runs the statements of a file up to the first that fails.
    pub(crate) fn source(&mut self, path: &str) -> Result<Flow, Failure> {
        if self.reading >= MAX_READING {
            return Err(Failure::failed(format!(
                "{path}: files read each other more than {MAX_READING} deep"
            )));
        }
        let file = std::fs::File::open(path)
            .map_err(|error| Failure::failed(format!("cannot read {path}: {error}")))?;
        self.reading += 1;
        let result = self.run_all(std::io::BufReader::new(file), path);
        self.reading -= 1;
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

    fn help(&self, word: Option<&str>) -> Result<String, Failure> {
        let style = self.terminal.out;
        let Some(word) = word else {
            return Ok(dot::overview(&style));
        };
        let bare = word.strip_prefix('.').unwrap_or(word);
        if let Ok(command) = dot::find(bare) {
            return Ok(dot::explain(command, &style));
        }
        if let Some(text) = functions::explain(word, &style) {
            return Ok(text);
        }
        if let Some(text) = inspect::explain_metric(&self.data.store, word, &style)? {
            return Ok(text);
        }
        let words = self.words();
        let hint = suggest::nearest(word, words.iter().map(String::as_str));
        let hint = hint.map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
        Err(Failure::failed(format!("there is no command, function or metric `{word}`.{hint}")))
    }
}
