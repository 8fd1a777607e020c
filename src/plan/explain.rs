//! Plans as people read them: a list of operators with their depth, the topmost first.
//!
//! The list is flat because a chain of operators may be as deep as a query is long.

use super::{AggregateKind, Matching, Node, NodeKind, Plan, RangeSource, SetOperator, walk};
use crate::{
    aggregations::fold::FoldOperator,
    functions::{self, Extension, Kernel},
    model::{METRIC_NAME, MatchOperator, Matcher, Span, number::format_float, quote::Quoted},
    storage::SelectRequest,
    syntax::{ast::Cardinality, write_duration},
};

/// One operator of a plan.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlanNode {
    /// How many operators stand above it.
    pub depth: usize,
    /// What it does, in a line: `sum by (job)`, `rate [5m] requests_total`.
    pub operator: String,
    /// The part of the query it comes from.
    pub span: Span,
    /// How many steps it is evaluated at.
    pub steps: usize,
    /// Which of the query's selectors it is, counted from 0.
    pub selector: Option<usize>,
    /// What that asks for; a part of what is fetched for it where several selectors read from one request.
    pub asks: Option<SelectRequest>,
    /// What it reads from, as an index into the query's requests.
    pub request: Option<usize>,
}

/// The operators of a plan in the order in which [`walk()`] meets them.
pub(crate) fn explain(plan: &Plan) -> Vec<PlanNode> {
    let describe = |(depth, node): (usize, &Node)| {
        let selector = read(node);
        PlanNode {
            depth,
            operator: operator(node, plan),
            span: node.span,
            steps: node.steps.count,
            selector,
            asks: selector.and_then(|read| plan.wanted(read)).cloned(),
            request: selector.and_then(|read| plan.reads.get(read)).map(|read| read.request),
        }
    };
    walk(plan).map(describe).collect()
}

/// What stands in the line of the operator above: a number or a text.
fn constant(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Number(value) | NodeKind::Folded { value, .. } => Some(format_float(*value)),
        NodeKind::Text(text) => Some(Quoted(text).to_string()),
        _ => None,
    }
}

/// Which of the plan's reads a node is.
fn read(node: &Node) -> Option<usize> {
    let of_source = |source: &RangeSource| match source {
        RangeSource::Selector { read, .. } => Some(*read),
        RangeSource::Subquery { .. } => None,
    };
    match &node.kind {
        NodeKind::Select(selector) | NodeKind::Info { selector, .. } => Some(selector.read),
        NodeKind::Range(call) | NodeKind::AbsentOverTime { call, .. } => of_source(&call.source),
        NodeKind::RangeVector(source) => of_source(source),
        _ => None,
    }
}

/// The operator in a line.
fn operator(node: &Node, plan: &Plan) -> String {
    use NodeKind as K;
    let selected = |read: usize| plan.wanted(read).map(|asked| selector(&asked.matchers)).unwrap_or_default();
    let with = |name: &str, parameters: Vec<&Node>| {
        // A parameter that is computed stands below, in its order.
        let texts: Vec<String> = parameters.iter().filter_map(|parameter| constant(parameter)).collect();
        if texts.is_empty() { name.to_owned() } else { format!("{name} ({})", texts.join(", ")) }
    };
    match &node.kind {
        K::Number(_) | K::Text(_) | K::Folded { .. } => constant(node).unwrap_or_default(),
        K::Time => "time".to_owned(),
        K::ScalarOf(_) => "scalar".to_owned(),
        K::ScalarBinary { operator, lhs, rhs } => infix(operator.symbol(), false, Some(lhs), Some(rhs)),
        K::ScalarFunction { name, lhs, rhs, .. } => with(name, vec![lhs, rhs]),
        K::ScalarNegate(_) | K::Negate(_) => "-".to_owned(),
        K::Plus(_) => "+".to_owned(),
        K::Invariant(_) => "once for all steps".to_owned(),
        K::Select(s) => {
            let smoothed = if s.smoothed { " smoothed" } else { "" };
            format!("select {}{smoothed}", selected(s.read))
        }
        K::Range(call) => with(&ranged(call.name, &call.source, &selected), call.parameters.iter().collect()),
        K::RangeVector(source) => ranged("samples", source, &selected),
        K::VectorOf(child) => with("vector", vec![child]),
        K::Elementwise { name, parameters, .. } => with(name, parameters.iter().collect()),
        K::Calendar { name, .. } => (*name).to_owned(),
        K::Timestamp { start, .. } => if *start { "start_timestamp" } else { "timestamp" }.to_owned(),
        K::VectorScalar { operator, return_bool, scalar, swapped, .. } => {
            let (left, right) = if *swapped { (Some(&**scalar), None) } else { (None, Some(&**scalar)) };
            infix(operator.symbol(), *return_bool, left, right)
        }
        K::VectorBinary { operator, return_bool, matching, .. } => {
            infix(operator.symbol(), *return_bool, None, None) + &modifiers(matching)
        }
        K::Set { operator, matching, .. } => {
            let name = match operator {
                SetOperator::And => "and",
                SetOperator::Or => "or",
                SetOperator::Unless => "unless",
            };
            name.to_owned() + &modifiers(matching)
        }
        K::Aggregate { kind, without, grouping, streams, .. } => {
            let (name, parameter) = aggregation(kind);
            let parameter = parameter.map(|text| format!(" ({text})")).unwrap_or_default();
            let may_stream = matches!(kind, AggregateKind::Fold(_) | AggregateKind::LimitRatio { .. });
            format!("{name}{}{parameter}{}", grouped(*without, grouping), held(may_stream && !streams))
        }
        K::Shared(_) => "shared".to_owned(),
        K::OneOf { folds, which, .. } => {
            let names: Vec<&str> = folds.operators.iter().map(|operator| fold(*operator)).collect();
            let name = names.get(*which).copied().unwrap_or_default();
            let grouped = grouped(folds.without, &folds.grouping);
            format!("{name}{grouped} in one pass ({}){}", names.join(", "), held(!folds.streams))
        }
        K::LabelReplace { replace, .. } => format!("label_replace ({})", Quoted(replace.destination())),
        K::LabelJoin { join, .. } => format!("label_join ({})", Quoted(join.destination())),
        K::Sort { descending, .. } => if *descending { "sort_desc" } else { "sort" }.to_owned(),
        K::SortByLabel { labels, descending, .. } => {
            let name = if *descending { "sort_by_label_desc" } else { "sort_by_label" };
            format!("{name} ({})", labels.join(", "))
        }
        K::Absent { .. } => "absent".to_owned(),
        K::AbsentOverTime { call, .. } => ranged("absent_over_time", &call.source, &selected),
        K::HistogramQuantiles { quantiles, label, .. } => {
            let name = if label.is_some() { "histogram_quantiles" } else { "histogram_quantile" };
            with(name, quantiles.iter().collect())
        }
        K::HistogramFraction { lower, upper, .. } => with("histogram_fraction", vec![lower, upper]),
        K::HistogramStatistic { statistic, .. } => {
            let is_it = |name: &&str| matches!(functions::lookup(name).map(|f| f.kernel), Some(Kernel::Special(s)) if s == *statistic);
            let name = functions::signatures().iter().map(|signature| signature.name).find(is_it);
            name.unwrap_or("histogram statistic").to_owned()
        }
        K::Info { selector, .. } => format!("info {}", selected(selector.read)),
    }
}

/// What is said of an aggregation that could read its input row by row, and does not.
const fn held(is_held: bool) -> &'static str {
    if is_held { ", input held" } else { "" }
}

/// `> bool`, `2 *`, `/ 60`.
fn infix(symbol: &str, return_bool: bool, left: Option<&Node>, right: Option<&Node>) -> String {
    let left = left.and_then(constant).map(|text| format!("{text} ")).unwrap_or_default();
    let right = right.and_then(constant).map(|text| format!(" {text}")).unwrap_or_default();
    let bool = if return_bool { " bool" } else { "" };
    format!("{left}{symbol}{bool}{right}")
}

fn modifiers(matching: &Matching) -> String {
    let list = matching.labels.join(", ");
    let mut out = match (matching.on, matching.labels.is_empty()) {
        (true, _) => format!(" on ({list})"),
        (false, true) => String::new(),
        (false, false) => format!(" ignoring ({list})"),
    };
    let group = match matching.cardinality {
        Cardinality::ManyToOne => "group_left",
        Cardinality::OneToMany => "group_right",
        Cardinality::OneToOne | Cardinality::ManyToMany => "",
    };
    if !group.is_empty() {
        out.push_str(&format!(" {group}"));
    }
    if !matching.include.is_empty() {
        out.push_str(&format!(" ({})", matching.include.join(", ")));
    }
    for (name, value) in [("fill_left", matching.fill_lhs), ("fill_right", matching.fill_rhs)] {
        if let Some(value) = value {
            out.push_str(&format!(" {name} ({})", format_float(value)));
        }
    }
    out
}

/// ` by (job)`, ` without (le)`.
fn grouped(without: bool, grouping: &[String]) -> String {
    match (without, grouping.is_empty()) {
        (true, _) => format!(" without ({})", grouping.join(", ")),
        (false, true) => String::new(),
        (false, false) => format!(" by ({})", grouping.join(", ")),
    }
}

const fn fold(operator: FoldOperator) -> &'static str {
    match operator {
        FoldOperator::Sum => "sum",
        FoldOperator::Avg => "avg",
        FoldOperator::Min => "min",
        FoldOperator::Max => "max",
        FoldOperator::Count => "count",
        FoldOperator::Group => "group",
        FoldOperator::Stddev => "stddev",
        FoldOperator::Stdvar => "stdvar",
    }
}

fn aggregation(kind: &AggregateKind) -> (&'static str, Option<String>) {
    match kind {
        AggregateKind::Fold(operator) => (fold(*operator), None),
        AggregateKind::Quantile(q) => ("quantile", constant(q)),
        AggregateKind::Top { largest: true, k } => ("topk", constant(k)),
        AggregateKind::Top { largest: false, k } => ("bottomk", constant(k)),
        AggregateKind::Limit { k } => ("limitk", constant(k)),
        AggregateKind::LimitRatio { ratio } => ("limit_ratio", constant(ratio)),
        AggregateKind::CountValues { label } => ("count_values", Some(Quoted(label).to_string())),
    }
}

/// `rate [5m] requests_total`, `max_over_time [1h:1m]`.
fn ranged(name: &str, source: &RangeSource, selected: &impl Fn(usize) -> String) -> String {
    let duration = |ms: i64| {
        let mut text = String::new();
        write_duration(&mut text, ms.saturating_mul(1_000_000));
        text
    };
    let range = duration(source.windows().range_ms);
    let extension = match source.windows().extension {
        Extension::None => "",
        Extension::Anchored => " anchored",
        Extension::Smoothed => " smoothed",
    };
    match source {
        RangeSource::Selector { read, .. } => {
            format!("{name} [{range}]{extension} {}", selected(*read))
        }
        RangeSource::Subquery { child, .. } => {
            format!("{name} [{range}:{}]{extension}", duration(child.steps.step_ms))
        }
    }
}

/// Matchers as a selector.
fn selector(matchers: &[Matcher]) -> String {
    let is_name = |m: &&Matcher| m.name() == METRIC_NAME && m.operator() == MatchOperator::Equal;
    let name = matchers.iter().find(is_name);
    let rest: Vec<String> =
        matchers.iter().filter(|m| name.is_none_or(|name| name != *m)).map(Matcher::to_string).collect();
    match (name, rest.is_empty()) {
        (Some(name), true) => name.value().to_owned(),
        (name, _) => {
            format!("{}{{{}}}", name.map(Matcher::value).unwrap_or_default(), rest.join(", "))
        }
    }
}
