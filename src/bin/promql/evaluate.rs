//! One query from text to printed answer: evaluation that Ctrl-C can cancel, and the answer or the error in the mode asked for.

use promql_engine::{
    Answer, Engine, EngineOptions, QueryError,
    engine::PreparedQuery,
    exec::{
        CancellationToken, Severity as Seriousness,
        value::{MatrixSeries, SampleValue, Value},
    },
    model::number::format_api_value,
    storage::Storage,
    syntax::ParserOptions,
};

use crate::{
    api,
    arguments::Mode,
    cancel::{self, Watch},
    graph,
    outcome::Failure,
    output, pager, problem,
    query_text::QueryText,
    render::{self, Diagnostic, Severity},
    sheet::Sheet,
    terminal::{self, Paint, Terminal},
    times, why,
};

/// When a query is evaluated, in ms.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// At one time.
    Instant(i64),
    /// At every step.
    Range { start_ms: i64, end_ms: i64, step_ms: i64 },
}

/// An engine with all of the parser's options on.
pub(crate) fn engine() -> Engine {
    engine_with(CancellationToken::default())
}

fn engine_with(token: CancellationToken) -> Engine {
    let mut options = EngineOptions::default();
    options.parser = ParserOptions::all();
    options.cancellation = token;
    Engine::new(options)
}

/// Such an engine whose queries Ctrl-C cancels as long as the guard lives.
pub(crate) fn cancellable_engine() -> (Engine, Watch) {
    let token = CancellationToken::default();
    (engine_with(token.clone()), cancel::watch(token))
}

/// Plans a query.
pub(crate) fn prepare(engine: &Engine, query: &str, when: When) -> Result<PreparedQuery, QueryError> {
    match when {
        When::Instant(time_ms) => engine.prepare_instant(query, time_ms),
        When::Range { start_ms, end_ms, step_ms } => engine.prepare_range(query, start_ms, end_ms, step_ms),
    }
}

/// Evaluates a query.
pub(crate) fn run(store: &dyn Storage, query: &str, when: When) -> Result<Answer, QueryError> {
    let (engine, _watch) = cancellable_engine();
    Ok(prepare(&engine, query, when)?.run(store)?)
}

/// Writes what a query gave; says whether the answer has no series. `seconds` adds a footer to text; `store` is asked why
/// an answer is empty, and what would mend an error.
pub(crate) fn write(
    store: &dyn Storage,
    result: &Result<Answer, QueryError>,
    query: QueryText<'_>,
    mode: Mode,
    seconds: Option<f64>,
    when: When,
    terminal: &Terminal,
) -> Result<bool, Failure> {
    let is_empty = result.as_ref().is_ok_and(|answer| answer.value.series_count() == 0);
    let reasons = if is_empty { why::explain(store, query.evaluated, when) } else { Vec::new() };
    let answer = match result {
        Ok(answer) => answer,
        Err(error) if mode == Mode::Json => {
            terminal::out(&api::error(error))?;
            return Err(Failure::Said);
        }
        Err(error) => {
            let notes = match error {
                QueryError::Evaluation(error) => why::notes(store, query.evaluated, when, error),
                _ => Vec::new(),
            };
            terminal::err(
                &(problem::render(error, query, &terminal.err) + &why::lines(&notes, &terminal.err)),
            );
            return Err(Failure::Said);
        }
    };
    let explained = !reasons.is_empty();
    let rfc3339: &dyn Fn(i64) -> String = &times::rfc3339;
    let mut out = match mode {
        Mode::Json => api::answer(answer, query.evaluated),
        Mode::Ndjson => api::lines(&answer.value),
        Mode::Csv => Sheet::of(&answer.value, Some(rfc3339)).csv(),
        Mode::Markdown => Sheet::of(&answer.value, Some(rfc3339)).markdown(),
        // Why there is nothing says it.
        _ if is_empty && explained => String::new(),
        Mode::Text => text(&answer.value, terminal),
        Mode::Table => table(&answer.value, terminal),
        Mode::Graph => graph(&answer.value, query.evaluated, when, terminal),
    };
    if mode == Mode::Json {
        pager::show(&out, terminal)?;
        if explained {
            terminal::err(&why::json(&reasons));
        }
        return Ok(is_empty);
    }
    terminal::err(&why::text(&reasons, query, &terminal.err));
    if let (Some(seconds), Mode::Text | Mode::Table | Mode::Graph) = (seconds, mode) {
        out.push_str(&footer(answer, seconds, terminal));
    }
    match mode {
        Mode::Table => pager::show_table(&out, terminal)?,
        _ => pager::show(&out, terminal)?,
    }
    annotations(answer, query, terminal);
    Ok(is_empty)
}

/// The answer as a picture; what has none, as text.
fn graph(value: &Value, query: &str, when: When, terminal: &Terminal) -> String {
    graph::text(value, query, when, &terminal.out).unwrap_or_else(|| text(value, terminal))
}

/// The value as a table; an instant needs no column for its time.
fn table(value: &Value, terminal: &Terminal) -> String {
    let time = time_writer(value, terminal);
    let is_matrix = matches!(value, Value::Matrix(_));
    let sheet = Sheet::of(value, is_matrix.then_some(&time));
    if sheet.is_empty() { empty(terminal) } else { sheet.table(&terminal.out) }
}

/// How times are written: on a terminal the day is left out where it is the same for all points.
fn time_writer(value: &Value, terminal: &Terminal) -> fn(i64) -> String {
    let Value::Matrix(series) = value else { return times::rfc3339 };
    let ends = || series.iter().flat_map(|series| [times_of(series).min(), times_of(series).max()]);
    let (first, last) = (ends().flatten().min(), ends().flatten().max());
    let one_day = first.zip(last).is_some_and(|(first, last)| times::same_day(first, last));
    if terminal.out.read && one_day { times::time_of_day } else { times::rfc3339 }
}

/// The value as text: pasteable lines, or series with their points.
fn text(value: &Value, terminal: &Terminal) -> String {
    match value {
        Value::Scalar { value, .. } => format!("{}\n", format_api_value(*value)),
        Value::String { value, .. } => format!("{value}\n"),
        Value::Vector(samples) if samples.is_empty() => empty(terminal),
        Value::Vector(samples) => samples
            .iter()
            .map(|sample| match &sample.value {
                SampleValue::Float(value) => format!("{} {}\n", sample.labels, format_api_value(*value)),
                SampleValue::Histogram(histogram) => format!("{} {histogram}\n", sample.labels),
            })
            .collect(),
        Value::Matrix(series) if series.is_empty() => empty(terminal),
        Value::Matrix(series) => {
            let time = time_writer(value, terminal);
            let width = terminal.out.read.then_some(terminal.out.width);
            series
                .iter()
                .map(|series| format!("{}\n{}", series.labels, output::points(&points(series, time), width)))
                .collect()
        }
    }
}

fn times_of(series: &MatrixSeries) -> impl Iterator<Item = i64> {
    let floats = series.floats.iter().map(|(time, _)| *time);
    floats.chain(series.histograms.iter().map(|(time, _)| *time))
}

/// The points of a series as text, in time order.
fn points(series: &MatrixSeries, time: impl Fn(i64) -> String) -> Vec<(String, String)> {
    let floats = series.floats.iter().map(|(at, value)| (*at, format_api_value(*value)));
    let histograms = series.histograms.iter().map(|(at, histogram)| (*at, histogram.to_string()));
    let mut all: Vec<(i64, String)> = floats.chain(histograms).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(at, value)| (time(at), value)).collect()
}

/// A person sees that nothing was found; a program reads nothing.
fn empty(terminal: &Terminal) -> String {
    if terminal.out.read { terminal.out.paint(Paint::Faint, "(empty)") + "\n" } else { String::new() }
}

/// `3 series · 0.4 ms · 900 samples`, below the answer.
fn footer(answer: &Answer, seconds: f64, terminal: &Terminal) -> String {
    let text = format!(
        "{} · {} · {}",
        output::count(answer.value.series_count() as u64, "series", "series"),
        output::took(seconds),
        output::count(answer.statistics.samples, "sample", "samples"),
    );
    terminal.out.paint(Paint::Faint, &text) + "\n"
}

/// Warnings and infos, each with its part of the query.
fn annotations(answer: &Answer, query: QueryText<'_>, terminal: &Terminal) {
    for annotation in answer.annotations.iter() {
        let severity = match annotation.severity {
            Seriousness::Warning => Severity::Warning,
            Seriousness::Info => Severity::Info,
        };
        let span = Some((annotation.start as usize, annotation.end as usize));
        let diagnostic = Diagnostic { severity, message: &annotation.message, span, note: None };
        terminal::err(&render::render(&diagnostic, query, &terminal.err));
    }
}
