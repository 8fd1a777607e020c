//! What each dot-command does to a session.

use std::time::Instant;

use promql_engine::{exec::CancellationToken, model::Matcher, syntax::token::KEYWORDS};

use super::{Flow, RangeSetting, Session};
use crate::{
    arguments::Mode,
    cancel,
    commands::functions,
    outcome::Failure,
    pager,
    plan::Report,
    problem,
    shell::{
        dot::{self, Action},
        edit, inspect, variables,
        watch::{self, Watching},
    },
    sources::{self, Reading},
    suggest,
    terminal::{self, Paint, Terminal},
    times::{self, TimeArgument},
};

impl Session {
    pub(super) fn dot(&mut self, word: &str, arguments: &str) -> Result<Flow, Failure> {
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
            Action::Explain | Action::Analyze | Action::Estimate => {
                let query = self.query_or_last(arguments)?;
                let report = match command.action {
                    Action::Analyze => Report::Analysis,
                    Action::Estimate => Report::Estimate,
                    _ => Report::Plan,
                };
                self.explain(&query, report)?;
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
                let matchers = self.matchers(arguments)?;
                pager::show(&inspect::labels(&self.data.store, matchers, &style)?, &self.terminal)?
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
                let (csv, names) = match words.as_slice() {
                    [] | ["--csv"] | ["--csv", _] => return Err(usage()),
                    ["--csv", mapping, names @ ..] => {
                        (Some(mapping.parse().map_err(Failure::Failed)?), names)
                    }
                    names => (self.reading.csv.clone(), names),
                };
                let names: Vec<String> = names.iter().map(|word| (*word).to_owned()).collect();
                let reading = Reading { csv, ..self.reading.clone() };
                self.data = sources::load(&names, &reading, &self.terminal)?;
                self.reading = reading;
                self.generation += 1;
                terminal::out(&self.banner())?;
            }
            Action::Output => self.redirect(arguments)?,
            Action::Range => self.range(arguments, usage)?,
            Action::Scrape => self.scrape(&words, usage)?,
            Action::Series => {
                let matchers = self.matchers(arguments)?;
                pager::show(&inspect::series(&self.data.store, matchers)?, &self.terminal)?
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

    /// The matchers of a selector; none where none is given.
    fn matchers(&self, selector: &str) -> Result<Vec<Matcher>, Failure> {
        if selector.is_empty() {
            return Ok(Vec::new());
        }
        let expansion = self.expand(selector)?;
        let text = expansion.text();
        let matchers = inspect::matchers(text.evaluated).map_err(|error| {
            terminal::err(&problem::render(&error, text, &self.terminal.err));
            Failure::Said
        })?;
        // Every selector has one.
        if matchers.is_empty() {
            return Err(Failure::failed(format!("`{selector}` selects no series")));
        }
        Ok(matchers)
    }

    /// This query, or else the last one.
    pub(super) fn query_or_last(&self, query: &str) -> Result<String, Failure> {
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
        let edited = edit::edit(text)?;
        if self.terminal.interactive {
            terminal::out(&self.terminal.out.paint(Paint::Faint, &format!("{}\n", edited.trim_end())))?;
        }
        self.edited = Some(edited.trim_end().to_owned());
        self.run_all(edited.as_bytes(), "the edited text")
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
            result = self.refresh().and_then(|()| self.query(&query));
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

    /// The words that help is there for: metrics, functions, keywords.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = inspect::metric_names(&self.data.store).into_iter().flatten().collect();
        words.extend(functions::names().map(str::to_owned));
        words.extend(KEYWORDS.iter().map(|(word, _)| (*word).to_owned()));
        words
    }
}
