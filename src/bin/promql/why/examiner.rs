//! The walk down a query to the parts that are empty, and the evaluations it takes.

use std::time::{Duration, Instant};

use promql_engine::{
    Engine, EngineOptions,
    exec::{
        CancellationToken,
        value::{SampleValue, Value},
    },
    model::{Labels, Span, ValueType},
    storage::{SelectRequest, Storage},
    syntax::{
        ParserOptions,
        ast::{AggregateExpr, At, Duration as Length, Expr, ExprKind, SubqueryExpr, VectorSelector},
    },
};

use super::{Reason, binary, call, selector};
use crate::{
    cancel::{self, Watch},
    evaluate::When,
};

/// How long the search for reasons may take in all; a hint that takes longer than the query is none.
const PATIENCE: Duration = Duration::from_secs(2);
/// Parts that are evaluated at most.
const MAX_EVALUATIONS: usize = 200;
/// How deep the walk goes; whoever nests deeper gets no reasons.
const MAX_DEPTH: usize = 64;
/// Reasons that are told; more would be a page.
const MAX_REASONS: usize = 4;

/// Walks a query whose answer is empty.
pub(super) struct Examiner<'a> {
    pub(super) store: &'a dyn Storage,
    pub(super) when: When,
    engine: Engine,
    deadline: Instant,
    evaluations: usize,
    depth: usize,
    reasons: Vec<Reason>,
    _watch: Watch,
}

/// A series of an evaluated part: its labels and its floats at all steps.
pub(super) struct Row {
    pub(super) labels: Labels,
    pub(super) floats: Vec<f64>,
    /// Whether it has native histograms, too.
    pub(super) histograms: bool,
}

impl<'a> Examiner<'a> {
    pub(super) fn new(store: &'a dyn Storage, when: When) -> Self {
        let token = CancellationToken::default();
        let mut options = EngineOptions::default();
        options.parser = ParserOptions::all();
        options.cancellation = token.clone();
        options.max_duration_ms = PATIENCE.as_millis() as u64;
        Self {
            store,
            when,
            engine: Engine::new(options),
            deadline: Instant::now() + PATIENCE,
            evaluations: 0,
            depth: 0,
            reasons: Vec::new(),
            _watch: cancel::watch(token),
        }
    }

    pub(super) fn into_reasons(self) -> Vec<Reason> {
        self.reasons
    }

    pub(super) fn found(&mut self, reason: Reason) {
        if self.reasons.len() < MAX_REASONS && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Finds the reasons of a part that is known to be empty.
    pub(super) fn examine(&mut self, expr: &Expr) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        match &expr.unparenthesised().kind {
            ExprKind::VectorSelector(vector) => selector::examine(self, vector, expr, None),
            ExprKind::MatrixSelector(matrix) => selector::examine(self, &matrix.selector, expr, None),
            ExprKind::Unary(unary) => self.examine(&unary.expr),
            ExprKind::Subquery(subquery) => self.subquery(subquery, expr),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, expr),
            ExprKind::Call(of) => call::examine(self, of, expr),
            ExprKind::Binary(of) => binary::examine(self, of, expr),
            ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Paren(_) => {}
        }
        self.depth -= 1;
    }

    /// Whether a part is empty; unknown counts as no, so that nothing false is said.
    pub(super) fn is_empty(&mut self, expr: &Expr) -> bool {
        match expr.value_type() {
            ValueType::Scalar | ValueType::String => false,
            ValueType::Vector => self.rows(&canonical(expr)).is_some_and(|rows| rows.is_empty()),
            ValueType::Matrix => {
                let count = format!("count_over_time({})", canonical(expr));
                self.rows(&count).is_some_and(|rows| rows.is_empty())
            }
        }
    }

    /// The series of a query of an instant vector, evaluated at the same times. `None` where it failed or time is up.
    pub(super) fn rows(&mut self, query: &str) -> Option<Vec<Row>> {
        self.evaluations += 1;
        if self.evaluations > MAX_EVALUATIONS || Instant::now() > self.deadline {
            return None;
        }
        let answer = match self.when {
            When::Instant(time_ms) => self.engine.instant_query(self.store, query, time_ms),
            When::Range { start_ms, end_ms, step_ms } => {
                self.engine.range_query(self.store, query, start_ms, end_ms, step_ms)
            }
        };
        match answer.ok()?.value {
            Value::Vector(samples) => Some(
                samples
                    .into_iter()
                    .map(|sample| match sample.value {
                        SampleValue::Float(value) => {
                            Row { labels: sample.labels, floats: vec![value], histograms: false }
                        }
                        SampleValue::Histogram(_) => {
                            Row { labels: sample.labels, floats: Vec::new(), histograms: true }
                        }
                    })
                    .collect(),
            ),
            Value::Matrix(series) => Some(
                series
                    .into_iter()
                    .map(|series| Row {
                        labels: series.labels,
                        floats: series.floats.iter().map(|(_, value)| *value).collect(),
                        histograms: !series.histograms.is_empty(),
                    })
                    .collect(),
            ),
            Value::Scalar { value, .. } => {
                Some(vec![Row { labels: Labels::default(), floats: vec![value], histograms: false }])
            }
            Value::String { .. } => None,
        }
    }

    /// The first thing that a query asks of the store.
    pub(super) fn request(&self, query: &str) -> Option<SelectRequest> {
        let prepared = match self.when {
            When::Instant(time_ms) => self.engine.prepare_instant(query, time_ms),
            When::Range { start_ms, end_ms, step_ms } => {
                self.engine.prepare_range(query, start_ms, end_ms, step_ms)
            }
        };
        prepared.ok()?.requests().first().cloned()
    }

    pub(super) fn lookback_ms(&self) -> i64 {
        self.engine.options().lookback_ms
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr, expr: &Expr) {
        if self.is_empty(&aggregate.expr) {
            return self.examine(&aggregate.expr);
        }
        let op = aggregate.op;
        let nothing = aggregate.param.as_ref().and_then(|param| self.rows(&canonical(param)));
        if let Some(value) = nothing.as_deref().and_then(|rows| rows.first()?.floats.first())
            && *value < 1.0
        {
            let message = format!("{op}() of {value} elements");
            self.found(Reason::new("parameter", expr.span, message));
            return;
        }
        self.nothing_for(&format!("{op}()"), &aggregate.expr, expr.span);
    }

    /// The last resort: the part has input and gives nothing for it.
    pub(super) fn nothing_for(&mut self, what: &str, input: &Expr, span: Span) {
        let query = match input.value_type() {
            ValueType::Matrix => format!("last_over_time({})", canonical(input)),
            _ => canonical(input),
        };
        let Some(rows) = self.rows(&query) else { return };
        let histograms = rows.iter().filter(|row| row.histograms).count();
        let kinds = match histograms {
            0 => "floats",
            all if all == rows.len() => "native histograms",
            _ => "floats and native histograms",
        };
        let series = series(rows.len());
        let message = format!("{what} gives nothing for these {series}, which are {kinds}");
        self.found(Reason::new("no_result", span, message));
    }

    /// A subquery is empty where its inside is empty at every step of its own.
    fn subquery(&mut self, subquery: &SubqueryExpr, expr: &Expr) {
        // Inside, `start()`, `end()`, `step()` and `range()` still mean the whole query's.
        if !has_own_times(&subquery.expr) {
            return;
        }
        let Some(inside) = self.subquery_times(subquery, expr) else { return };
        let outside = std::mem::replace(&mut self.when, inside);
        if self.is_empty(&subquery.expr) {
            self.examine(&subquery.expr);
        }
        self.when = outside;
    }

    /// The steps of a subquery: planned with a plain selector in its place, whose request says them.
    fn subquery_times(&self, subquery: &SubqueryExpr, expr: &Expr) -> Option<When> {
        let probe = SubqueryExpr {
            expr: Expr {
                span: expr.span,
                kind: ExprKind::VectorSelector(Box::new(VectorSelector::new(Some("x".into()), Vec::new()))),
            },
            ..subquery.clone()
        };
        let probe = Expr { span: expr.span, kind: ExprKind::Subquery(Box::new(probe)) };
        let request = self.request(&format!("count_over_time({})", canonical(&probe)))?;
        let step_ms = match &subquery.step {
            None => self.engine.options().default_subquery_step_ms,
            Some(step) => step.milliseconds()?,
        };
        // The request reaches back by the lookback, its far end excluded.
        let start_ms = request.start_ms.saturating_add(self.lookback_ms() - 1);
        (start_ms <= request.end_ms && step_ms > 0).then_some(When::Range {
            start_ms,
            end_ms: request.end_ms,
            step_ms,
        })
    }
}

/// Whether a part names its times itself, so that it may be evaluated alone at other steps.
fn has_own_times(expr: &Expr) -> bool {
    let is_fixed = |length: &Length| matches!(length, Length::Fixed(_));
    let is_selector_fixed = |selector: &VectorSelector| {
        !matches!(selector.at, Some(At::Start | At::End)) && is_fixed(&selector.offset)
    };
    let own = match &expr.kind {
        ExprKind::VectorSelector(selector) => is_selector_fixed(selector),
        ExprKind::MatrixSelector(matrix) => is_selector_fixed(&matrix.selector) && is_fixed(&matrix.range),
        ExprKind::Subquery(subquery) => {
            !matches!(subquery.at, Some(At::Start | At::End))
                && is_fixed(&subquery.range)
                && is_fixed(&subquery.offset)
                && subquery.step.as_ref().is_none_or(is_fixed)
        }
        // A long chain is no nesting; its left side is followed as far as it goes.
        ExprKind::Binary(binary) => {
            return binary.left_spine().all(|part| {
                let leftmost = !matches!(part.lhs.kind, ExprKind::Binary(_));
                has_own_times(&part.rhs) && (!leftmost || has_own_times(&part.lhs))
            });
        }
        _ => true,
    };
    own && expr.children().into_iter().all(has_own_times)
}

/// A part of the query as a query.
pub(super) fn canonical(expr: &Expr) -> String {
    expr.to_canonical(&ParserOptions::all())
}

/// `1 series`, `4 series`.
pub(super) fn series(count: usize) -> String {
    crate::output::count(count as u64, "series", "series")
}
