//! Why a function gives nothing: its argument is empty, its range holds too few samples, or it asks for what is not there.

use promql_engine::{
    model::ValueType,
    storage::{ColumnBuffer, SelectRequest, Storage},
    syntax::ast::{Call, Duration, Expr, ExprKind, MatrixSelector},
};

use super::{
    Reason,
    examiner::{Examiner, canonical, series},
    selector,
};
use crate::times;

/// Functions that compare samples of a range: one is not enough.
pub(crate) const OF_TWO_SAMPLES: [&str; 8] = [
    "rate",
    "increase",
    "delta",
    "irate",
    "idelta",
    "deriv",
    "predict_linear",
    "double_exponential_smoothing",
];

/// Functions that read native histograms and pass over floats.
const OF_HISTOGRAMS: [&str; 5] =
    ["histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar"];

/// Finds why a call gives nothing.
pub(super) fn examine(examiner: &mut Examiner<'_>, call: &Call, expr: &Expr) {
    let name = call.function.name;
    let is_series = |arg: &&Expr| matches!(arg.value_type(), ValueType::Vector | ValueType::Matrix);
    let Some(input) = call.args.iter().find(is_series) else { return };
    if matches!(name, "absent" | "absent_over_time") {
        let inside = match input.value_type() {
            ValueType::Matrix => format!("last_over_time({})", canonical(input)),
            _ => canonical(input),
        };
        let there = examiner.rows(&inside).map_or(0, |rows| rows.len());
        let message = format!("{name}() answers only where its argument is empty: there {}", are(there));
        return examiner.found(Reason::new("not_absent", expr.span, message));
    }
    if examiner.is_empty(input) {
        return match &input.unparenthesised().kind {
            ExprKind::MatrixSelector(matrix) => {
                selector::examine(examiner, &matrix.selector, input, Some(&canonical(expr)));
            }
            _ => examiner.examine(input),
        };
    }
    if OF_TWO_SAMPLES.contains(&name) && too_few(examiner, call, input, expr) {
        return;
    }
    if matches!(name, "histogram_quantile" | "histogram_quantiles" | "histogram_fraction")
        && no_buckets(examiner, name, input)
    {
        return;
    }
    if OF_HISTOGRAMS.contains(&name) {
        let rows = examiner.rows(&canonical(input)).unwrap_or_default();
        if !rows.is_empty() && rows.iter().all(|row| !row.histograms) {
            let these = series(rows.len());
            let message = format!("{name}() reads native histograms, and these {these} are floats");
            return examiner.found(Reason::new("no_native_histograms", input.span, message));
        }
    }
    examiner.nothing_for(&format!("{name}()"), input, expr.span);
}

fn are(count: usize) -> String {
    format!("{} {}", if count == 1 { "is" } else { "are" }, series(count))
}

/// Whether no window of the range holds two samples; then says so, and which range would do.
fn too_few(examiner: &mut Examiner<'_>, call: &Call, input: &Expr, expr: &Expr) -> bool {
    let counts = examiner.rows(&format!("count_over_time({})", canonical(input))).unwrap_or_default();
    if counts.iter().flat_map(|row| &row.floats).any(|count| *count >= 2.0) {
        return false;
    }
    let name = call.function.name;
    let message = match &input.unparenthesised().kind {
        ExprKind::MatrixSelector(matrix) => {
            let range = matrix.range.milliseconds().map_or_else(String::new, times::duration);
            format!("{name}() needs two samples in its range, and no series has more than one in {range}")
        }
        _ => format!("{name}() needs two samples in its range, and the subquery has no more than one"),
    };
    let mut reason = Reason::new("fewer_than_two_samples", input.span, message);
    if let ExprKind::MatrixSelector(matrix) = &input.unparenthesised().kind
        && let Some(interval) = scrape_interval(examiner.store, matrix)
    {
        reason = reason.note(format!("the samples are {} apart", times::duration(interval)));
        // Four intervals survive a scrape that failed; two are the least, and enough where four are too many.
        let longer = [4, 2].map(|times| interval.saturating_mul(times));
        if let Some(range) = longer.into_iter().find(|range| {
            let query = with_range(call, input, matrix, *range, expr);
            query.is_some_and(|query| examiner.rows(&query).is_some_and(|rows| !rows.is_empty()))
        }) {
            reason = reason.note(format!("with [{}] there is an answer", times::duration(range)));
        }
    }
    examiner.found(reason);
    true
}

/// The call with another range.
fn with_range(
    call: &Call,
    input: &Expr,
    matrix: &MatrixSelector,
    range_ms: i64,
    expr: &Expr,
) -> Option<String> {
    let range = Duration::Fixed(range_ms.checked_mul(1_000_000)?);
    let longer = MatrixSelector { range, ..matrix.clone() };
    let mut call = call.clone();
    let place = call.args.iter_mut().find(|arg| *arg == input)?;
    place.kind = ExprKind::MatrixSelector(Box::new(longer));
    Some(canonical(&Expr { span: expr.span, kind: ExprKind::Call(Box::new(call)) }))
}

/// The usual distance of a selector's samples: the median of one series' distances.
pub(crate) fn scrape_interval(store: &dyn Storage, matrix: &MatrixSelector) -> Option<i64> {
    let matchers = matrix.selector.compile_matchers().ok()?;
    let set = store.select(&SelectRequest::new(matchers, i64::MIN, i64::MAX)).ok()?;
    let mut buffer = ColumnBuffer::default();
    for index in 0..set.len().min(10) {
        buffer.clear();
        let columns = set.columns(index, &mut buffer).ok()?;
        for times in [columns.floats.timestamps, columns.histograms.timestamps] {
            let last = times.len().min(1_000);
            let mut gaps: Vec<i64> = (1..last).map(|at| times.at(at) - times.at(at - 1)).collect();
            gaps.sort_unstable();
            if let Some(middle) = gaps.get(gaps.len() / 2) {
                // To the second: scrapes jitter by milliseconds.
                let whole = (middle + 500) / 1000 * 1000;
                return Some(if whole > 0 { whole } else { *middle });
            }
        }
    }
    None
}

/// Whether there is neither a classic bucket nor a native histogram; then says so, and where `le` was lost.
fn no_buckets(examiner: &mut Examiner<'_>, name: &str, input: &Expr) -> bool {
    let rows = examiner.rows(&canonical(input)).unwrap_or_default();
    if rows.iter().any(|row| row.histograms || row.labels.get("le").is_some()) {
        return false;
    }
    let message = format!(
        "{name}() needs buckets, which have a label `le`, or native histograms; these {} are neither",
        series(rows.len())
    );
    let mut reason = Reason::new("no_buckets", input.span, message);
    if let ExprKind::Aggregate(aggregate) = &input.unparenthesised().kind {
        let inside = examiner.rows(&canonical(&aggregate.expr)).unwrap_or_default();
        if inside.iter().any(|row| row.labels.get("le").is_some()) {
            let remedy = match (aggregate.without, aggregate.grouping.is_empty()) {
                (true, _) => "take `le` out of `without`".to_owned(),
                (false, true) => "write: by (le)".to_owned(),
                (false, false) => format!("write: by (le, {})", aggregate.grouping.join(", ")),
            };
            reason = reason.note(format!("{}() drops the label `le`; {remedy}", aggregate.op));
        }
    }
    examiner.found(reason);
    true
}
