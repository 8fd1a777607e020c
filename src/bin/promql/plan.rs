//! `explain`, `analyze` and `estimate`: a query's plan as a tree, with what each part would read, or with what it gave and cost; and
//! what all of it may cost.

use std::collections::BTreeSet;

use promql_engine::{
    QueryError,
    engine::{CostEstimate, NodeFigures, PassFigures, PlanNode, PreparedQuery, SelectorEstimate},
    storage::{ColumnBuffer, SelectRequest, Storage},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    arguments::Mode,
    evaluate::{self, When},
    output, plan_json,
    terminal::{self, Paint, Style},
    times,
};

/// What is told of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// Its plan.
    Plan,
    /// Its plan and what each part gave and cost, after it was executed.
    Analysis,
    /// What it would cost.
    Estimate,
}

/// A report in a mode: JSON, or else text.
pub(crate) fn report(
    report: Report,
    mode: Mode,
    store: &dyn Storage,
    query: &str,
    when: When,
    style: &Style,
) -> Result<String, QueryError> {
    match (report, mode) {
        (Report::Plan, Mode::Json) => {
            let prepared = evaluate::prepare(&evaluate::engine(), query, when)?;
            let estimate = prepared.estimate(store)?;
            Ok(plan_json::plan(&prepared, &prepared.explain(), &estimate, None))
        }
        (Report::Plan, _) => explain(store, query, when, style),
        (Report::Analysis, mode) => analyze(store, query, when, mode, style),
        (Report::Estimate, mode) => {
            let estimate = evaluate::prepare(&evaluate::engine(), query, when)?.estimate(store)?;
            Ok(match mode {
                Mode::Json => plan_json::estimate(&estimate),
                _ => format!("estimated: {} · {}\n", cost(&estimate), steps(when)),
            })
        }
    }
}

/// `4 series · 40 samples read`
fn cost(estimate: &CostEstimate) -> String {
    read(estimate.series, estimate.samples_read)
}

fn read(series: u64, samples: u64) -> String {
    format!(
        "{} · {} read",
        output::count(series, "series", "series"),
        output::count(samples, "sample", "samples")
    )
}

/// The plan, each selector with the time it reads and with how much the store has there.
fn explain(store: &dyn Storage, query: &str, when: When, style: &Style) -> Result<String, QueryError> {
    let prepared = evaluate::prepare(&evaluate::engine(), query, when)?;
    let nodes = prepared.explain();
    let mut notes = Vec::new();
    let mut fetched = BTreeSet::new();
    for node in &nodes {
        let is_first = node.request.is_none_or(|request| fetched.insert(request));
        notes.push(match &node.asks {
            Some(request) if is_first => reads(store, request)?,
            Some(request) => reads(store, request)? + " · fetched above",
            None => String::new(),
        });
    }
    let trees = trees(&nodes);
    let widest =
        trees.iter().zip(&notes).filter(|(_, note)| !note.is_empty()).map(|(tree, _)| tree.width()).max();
    let mut out = String::new();
    for (tree, note) in trees.iter().zip(&notes) {
        let pad = " ".repeat(widest.unwrap_or(0).saturating_sub(tree.width()) + 2);
        let fits = !style.read || widest.unwrap_or(0) + 2 + note.width() <= style.width;
        match (note.is_empty(), fits) {
            (true, _) => out.push_str(&format!("{tree}\n")),
            (false, true) => out.push_str(&format!("{tree}{pad}{}\n", style.paint(Paint::Faint, note))),
            // Narrow terminals: below the operator, as far in as its name.
            (false, false) => {
                let indent = tree.chars().take_while(|c| " │├└─".contains(*c)).count() + 2;
                let room = style.width.saturating_sub(indent).max(10);
                out.push_str(&format!("{tree}\n"));
                for line in terminal::wrap(note, room).lines() {
                    out.push_str(&format!("{}{}\n", " ".repeat(indent), style.paint(Paint::Faint, line)));
                }
            }
        }
    }
    for line in [passes(&prepared), Some(steps(when))].into_iter().flatten() {
        out.push_str(&style.paint(Paint::Faint, &line));
        out.push('\n');
    }
    Ok(out)
}

/// `optimised: equal selectors 1 of 2`: the passes that changed the plan, at how many of the places they looked at.
fn passes(prepared: &PreparedQuery) -> Option<String> {
    let changed = prepared.passes().iter().filter(|figures| figures.changed > 0);
    let told = |figures: &PassFigures| {
        format!("{} {} of {}", figures.pass.name(), figures.changed, figures.attempted)
    };
    let told: Vec<String> = changed.map(told).collect();
    (!told.is_empty()).then(|| format!("optimised: {}", told.join(" · ")))
}

/// Executes a query and gives the plan with series, samples, time and memory of each part.
fn analyze(
    store: &dyn Storage,
    query: &str,
    when: When,
    mode: Mode,
    style: &Style,
) -> Result<String, QueryError> {
    let (engine, _watch) = evaluate::cancellable_engine();
    let prepared: PreparedQuery = evaluate::prepare(&engine, query, when)?;
    let estimate = prepared.estimate(store)?;
    let start = std::time::Instant::now();
    let (answer, figures) = prepared.run_profiled(store)?;
    let seconds = start.elapsed().as_secs_f64();
    let nodes = prepared.explain();
    let statistics = &answer.statistics;
    if mode == Mode::Json {
        return Ok(plan_json::plan(&prepared, &nodes, &estimate, Some((&figures, statistics))));
    }
    let trees = trees(&nodes);
    let mut rows = vec![["", "series", "samples", "estimated", "read", "time", "memory"].map(str::to_owned)];
    let estimates = nodes.iter().map(|node| node.selector.and_then(|index| estimate.selectors.get(index)));
    let parts = trees.into_iter().zip(estimates).zip(&figures);
    rows.extend(parts.map(|((tree, estimate), figures)| row(tree, estimate, figures)));
    let mut out = table(&rows, style);
    let series = output::count(answer.value.series_count() as u64, "series", "series");
    let peak = output::count(statistics.peak_samples, "sample", "samples");
    let lines = passes(&prepared).into_iter().chain([
        format!("{series} · {} · at most {peak} held · {}", output::took(seconds), steps(when)),
        format!("estimated: {}", cost(&estimate)),
        format!("actual:    {}", read(statistics.series, statistics.samples_read)),
    ]);
    for line in lines {
        out.push_str(&style.paint(Paint::Faint, &line));
        out.push('\n');
    }
    Ok(out)
}

fn row(tree: String, estimate: Option<&SelectorEstimate>, figures: &NodeFigures) -> [String; 7] {
    let counted = |number: u64, is_known: bool| {
        if is_known { output::thousands(number) } else { String::new() }
    };
    [
        tree,
        figures.series.map_or_else(String::new, output::thousands),
        counted(figures.samples, figures.series.is_some()),
        estimate.map_or_else(String::new, |estimate| output::thousands(estimate.samples_read)),
        counted(figures.samples_read, figures.samples_read > 0 || estimate.is_some()),
        if figures.elapsed.is_zero() { String::new() } else { output::took(figures.elapsed.as_secs_f64()) },
        if figures.bytes == 0 { String::new() } else { output::bytes(figures.bytes) },
    ]
}

/// Rows with the first column to the left and the figures to the right; the first is cut where a person's terminal ends.
fn table(rows: &[[String; 7]], style: &Style) -> String {
    let widths: [usize; 7] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0));
    let figures: usize = widths[1..].iter().map(|width| width + 2).sum();
    let room = if style.read { style.width.saturating_sub(figures).max(12) } else { usize::MAX };
    let first = widths[0].min(room);
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate() {
        let tree = output::cut(&row[0], first);
        let mut line = format!("{tree}{}", " ".repeat(first - tree.width().min(first)));
        for (cell, width) in row.iter().zip(widths).skip(1) {
            line.push_str(&" ".repeat(2 + width - cell.width()));
            line.push_str(cell);
        }
        let line = line.trim_end();
        let line = if at == 0 { style.paint(Paint::Faint, line) } else { line.to_owned() };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// What a selector will find: the window, and the series and samples in it.
fn reads(store: &dyn Storage, request: &SelectRequest) -> Result<String, QueryError> {
    let failed = |error| QueryError::from(promql_engine::Error::from(error));
    let set = store.select(request).map_err(failed)?;
    let mut buffer = ColumnBuffer::default();
    let (mut series, mut samples) = (0u64, 0u64);
    for index in 0..set.len() {
        buffer.clear();
        let columns = set.columns(index, &mut buffer).map_err(failed)?;
        let mut found = 0;
        for times in [columns.floats.timestamps, columns.histograms.timestamps] {
            let count =
                |before: &dyn Fn(i64) -> bool| partition_point(times.len(), |at| before(times.at(at)));
            found +=
                count(&|time| time <= request.end_ms).saturating_sub(count(&|time| time < request.start_ms));
        }
        series += u64::from(found > 0);
        samples += found as u64;
    }
    // The planner reads from one millisecond after the far end, which is not included.
    let window = times::span(request.start_ms.saturating_sub(1), request.end_ms);
    Ok(format!(
        "{} · {} · {window}",
        output::count(series, "series", "series"),
        output::count(samples, "sample", "samples"),
    ))
}

/// The first of `len` indices for which `before` does not hold; it holds for all before.
fn partition_point(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn steps(when: When) -> String {
    match when {
        When::Instant(time_ms) => format!("at {}", times::rfc3339(time_ms)),
        When::Range { start_ms, end_ms, step_ms } => {
            format!("{} every {}", times::span(start_ms, end_ms), times::duration(step_ms))
        }
    }
}

/// The operators with the lines of a tree before them.
fn trees(nodes: &[PlanNode]) -> Vec<String> {
    // Whether a line goes on at each depth, found from the end: a later node of that depth before a shallower one.
    let mut open: Vec<bool> = Vec::new();
    let mut lines: Vec<String> = Vec::with_capacity(nodes.len());
    for node in nodes.iter().rev() {
        // Deeper than a screen is wide there is nothing to see.
        const DEEPEST: usize = 60;
        let depth = node.depth.min(DEEPEST);
        let goes_on = open.get(depth).copied().unwrap_or(false);
        let mut line: String = (1..depth)
            .map(|above| if open.get(above).copied().unwrap_or(false) { "│  " } else { "   " })
            .collect();
        if depth > 0 {
            line.push_str(if goes_on { "├─ " } else { "└─ " });
        }
        line.push_str(&node.operator);
        lines.push(line);
        open.resize((depth + 1).max(open.len()), false);
        open.truncate(depth + 1);
        open[depth] = true;
    }
    lines.reverse();
    lines
}
