//! Text to a [`Script`].

use super::command::{Action, Command, Eval, Grid, Script, Times};
use super::error::{ScriptError, ScriptErrorKind};
use super::expectation::{Expectations, ExpectedSeries, ExpectedValue, TextPattern};
use crate::formats::load::LoadBlock;
use crate::formats::series::parse_series;
use crate::model::number::parse_number;
use crate::syntax::{self, ExprKind, FunctionSet, ParserOptions, parse_duration};

impl Script {
    /// Reads a script. `file` is the name that errors and reports give. Queries are not looked at: whether they are right
    /// is the evaluator's business.
    ///
    /// # Errors
    ///
    /// A line that is no part of the language.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScriptError> {
        let written: Vec<&str> = text.lines().collect();
        let lines: Vec<&str> = written.iter().copied().map(content).collect();
        let mut commands = Vec::new();
        let mut at = 0;
        while let Some(&line) = lines.get(at) {
            if line.is_empty() {
                at += 1;
                continue;
            }
            let first = at;
            let mut block = Block { file, lines: &lines, at };
            let action = match split_word(line).0.to_ascii_lowercase() {
                word if word == "clear" => {
                    block.at += 1;
                    Action::Clear
                }
                word if word.starts_with("load") => {
                    while block.next().is_some() {}
                    Action::Load(load(file, first + 1, &written[first..block.at])?)
                }
                word if word.starts_with("eval") => Action::Eval(Box::new(block.eval()?)),
                _ => return Err(block.unknown(line)),
            };
            commands.push(Command { line: first + 1, action });
            at = block.at;
        }
        Ok(Self { file: file.to_owned(), commands })
    }
}

fn load(file: &str, first_line: usize, lines: &[&str]) -> Result<LoadBlock, ScriptError> {
    LoadBlock::parse(file, first_line, lines).map_err(|error| ScriptError {
        file: error.file,
        line: error.line,
        kind: ScriptErrorKind::Series { column: error.column, kind: error.kind },
    })
}

/// A line without the space around it; nothing where it is a comment.
fn content(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') { "" } else { line }
}

fn split_word(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

/// The lines of a script, and which one is next.
struct Block<'a> {
    file: &'a str,
    lines: &'a [&'a str],
    at: usize,
}

impl<'a> Block<'a> {
    /// The next line, unless it is empty, which ends the command.
    fn next(&mut self) -> Option<&'a str> {
        let line = self.lines.get(self.at).copied().filter(|line| !line.is_empty())?;
        self.at += 1;
        Some(line)
    }

    /// An error on the line that was taken last.
    fn error(&self, kind: ScriptErrorKind) -> ScriptError {
        ScriptError { file: self.file.to_owned(), line: self.at.max(1), kind }
    }

    /// An error on the line that is next.
    fn unknown(&mut self, line: &str) -> ScriptError {
        self.at += 1;
        self.expected("load, clear or eval", line)
    }

    fn expected(&self, expected: &'static str, found: &str) -> ScriptError {
        self.error(ScriptErrorKind::Expected { expected, found: found.to_owned() })
    }

    /// A duration of the query language, in ms.
    fn duration(&self, text: &str) -> Result<i64, ScriptError> {
        duration_ms(text).ok_or_else(|| self.expected("a duration, such as 5m", text))
    }

    /// `from TIME to TIME step STEP`, and what follows.
    fn grid(&self, text: &'a str) -> Result<(Grid, &'a str), ScriptError> {
        let mut rest = text;
        let mut times = [0; 3];
        for (time, keyword) in times.iter_mut().zip(["from", "to", "step"]) {
            let (word, behind) = split_word(rest);
            if word != keyword {
                return Err(self.expected("from TIME to TIME step STEP", rest));
            }
            let (duration, behind) = split_word(behind);
            *time = self.duration(duration)?;
            rest = behind;
        }
        let [start_ms, end_ms, step_ms] = times;
        if end_ms < start_ms {
            return Err(self.expected("an end that is not before the start", text));
        }
        Ok((Grid { start_ms, end_ms, step_ms }, rest))
    }

    fn eval(&mut self) -> Result<Eval, ScriptError> {
        let header = self.next().unwrap_or_default();
        let (word, rest) = split_word(header);
        let (kind, rest) = split_word(rest);
        let form = match (word, kind) {
            ("eval", "instant" | "range")
            | ("eval_fail" | "eval_warn" | "eval_info", "instant" | "range")
            | ("eval_ordered", "instant") => word.trim_start_matches("eval").trim_start_matches('_'),
            _ => return Err(self.expected("eval instant at TIME QUERY or eval range from …", header)),
        };
        let (times, query) = if kind == "range" {
            let (grid, query) = self.grid(rest)?;
            (Times::Range(grid), query)
        } else {
            let (keyword, behind) = split_word(rest);
            if keyword != "at" {
                return Err(self.expected("at TIME QUERY", rest));
            }
            let (time, query) = split_word(behind);
            (Times::Instant { time_ms: self.duration(time)? }, query)
        };
        if query.is_empty() {
            return Err(self.expected("a query", ""));
        }
        let expected = self.expectations(form, matches!(times, Times::Instant { .. }))?;
        let times = match expected.range_vector {
            Some(grid) => Times::Instant { time_ms: grid.end_ms },
            None => times,
        };
        Ok(Eval { query: query.to_owned(), times, expected })
    }

    /// The lines below an `eval`; `form` is what stood behind `eval_`.
    fn expectations(&mut self, form: &str, is_instant: bool) -> Result<Expectations, ScriptError> {
        let mut expected = Expectations::default();
        let mut series: Vec<ExpectedSeries> = Vec::new();
        while let Some(line) = self.next() {
            if let Some(message) = line.strip_prefix("expected_fail_message").filter(|_| form == "fail") {
                expected.failure = Some(TextPattern::Exactly(message.trim().to_owned()));
                break;
            }
            if let Some(pattern) = line.strip_prefix("expected_fail_regexp").filter(|_| form == "fail") {
                let pattern = TextPattern::matching(pattern.trim()).map_err(|kind| self.error(kind))?;
                expected.failure = Some(pattern);
                break;
            }
            let (word, rest) = split_word(line);
            if word == "expect" {
                self.expectation(rest, is_instant, &mut expected)?;
                continue;
            }
            if let Ok(number) = parse_number(line) {
                expected.value = ExpectedValue::Scalar(number);
                break;
            }
            let one = self.series(line, is_instant && expected.range_vector.is_none())?;
            // As in Prometheus, where a later line takes the place of an earlier one of the same series.
            series.retain(|known| known.labels != one.labels);
            series.push(one);
        }
        match form {
            "fail" => drop(expected.failure.get_or_insert(TextPattern::Any)),
            "warn" if expected.warnings.is_empty() => expected.warnings.push(TextPattern::Any),
            "info" if expected.infos.is_empty() => expected.infos.push(TextPattern::Any),
            "ordered" => expected.ordered = true,
            _ => {}
        }
        if !series.is_empty() {
            if expected.value != ExpectedValue::default() {
                let what = "a number or a string and series exclude each other";
                return Err(self.error(ScriptErrorKind::Contradiction(what)));
            }
            expected.value = ExpectedValue::Series(series);
        }
        Ok(expected)
    }

    /// What stands behind `expect`.
    fn expectation(
        &self,
        text: &'a str,
        is_instant: bool,
        expected: &mut Expectations,
    ) -> Result<(), ScriptError> {
        let (word, rest) = split_word(text);
        if let ("range", ("vector", times)) = (word, split_word(rest)) {
            let (grid, behind) = self.grid(times)?;
            if !behind.is_empty() {
                return Err(self.expected("the end of the line", behind));
            }
            if !is_instant {
                let what = "only an instant query can be expected to give a range vector";
                return Err(self.error(ScriptErrorKind::Contradiction(what)));
            }
            expected.range_vector = Some(grid);
        } else if word == "string" {
            let text = string_literal(rest).ok_or_else(|| self.expected("a string in quotes", rest))?;
            expected.value = ExpectedValue::Text(text);
        } else {
            expected.read(text).map_err(|kind| self.error(kind))?;
        }
        Ok(())
    }

    fn series(&self, line: &str, one_value: bool) -> Result<ExpectedSeries, ScriptError> {
        let parsed = parse_series(line).map_err(|error| {
            let column = error.span.start as usize + 1;
            self.error(ScriptErrorKind::Series { column, kind: error.kind })
        })?;
        if one_value && parsed.values.len() != 1 {
            let expected = "one value of an instant query (or expect range vector before)";
            return Err(self.expected(expected, line));
        }
        Ok(ExpectedSeries { text: line.to_owned(), labels: parsed.labels, values: parsed.values })
    }
}

/// The text of a string literal of the query language.
fn string_literal(text: &str) -> Option<String> {
    let parsed = syntax::parse(text, &ParserOptions::default(), &FunctionSet::default()).ok()?;
    match &parsed.expr.kind {
        ExprKind::String(text) => Some(text.to_lossy().into_owned()),
        _ => None,
    }
}

/// The milliseconds of `1h30m`, or of `0`.
fn duration_ms(text: &str) -> Option<i64> {
    match text {
        "" => None,
        "0" => Some(0),
        _ => parse_duration(text).ok().map(|nanoseconds| nanoseconds / 1_000_000),
    }
}
