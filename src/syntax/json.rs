//! The tree as the HTTP API's `/api/v1/parse_query` gives it.
//!
//! The text is written in one pass without a tree of JSON values in between, because a chain of operators may be far
//! deeper than such a tree may safely be.

use std::fmt::Write;

use super::ast::{
    At, BinaryExpr, Call, Duration, DurationExpr, DurationExprKind, Expr, ExprKind, NumberLiteral,
    RawMatcher, SubqueryExpr, VectorMatching, VectorSelector,
};
use super::go_text::write_number;
use crate::model::{METRIC_NAME, MatchOperator};

impl Expr {
    /// The JSON of `/api/v1/parse_query`. A fill value that JSON has no number for becomes text, such as `"NaN"`.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write_expr(&mut out, self);
        out
    }
}

fn write_expr(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Number(literal) => {
            out.push_str(r#"{"type":"numberLiteral","val":""#);
            write_number(out, literal.value);
            out.push_str("\"}");
        }
        ExprKind::String(text) => {
            out.push_str(r#"{"type":"stringLiteral","val":"#);
            write_string(out, &text.to_lossy());
            out.push('}');
        }
        ExprKind::Paren(inner) => {
            out.push_str(r#"{"type":"parenExpr","expr":"#);
            write_expr(out, inner);
            out.push('}');
        }
        ExprKind::Unary(unary) => {
            let _ = write!(out, r#"{{"type":"unaryExpr","op":"{}","expr":"#, unary.op.symbol());
            write_expr(out, &unary.expr);
            out.push('}');
        }
        ExprKind::Binary(binary) => write_chain(out, binary),
        ExprKind::Aggregate(aggregate) => {
            let _ = write!(out, r#"{{"type":"aggregation","op":"{}","expr":"#, aggregate.op);
            write_expr(out, &aggregate.expr);
            out.push_str(r#","param":"#);
            match &aggregate.param {
                Some(param) => write_expr(out, param),
                None => out.push_str("null"),
            }
            out.push_str(r#","grouping":"#);
            write_list(out, &aggregate.grouping);
            let _ = write!(out, r#","without":{}}}"#, aggregate.without);
        }
        ExprKind::Call(call) => write_call(out, call),
        ExprKind::VectorSelector(selector) => {
            out.push_str(r#"{"type":"vectorSelector","#);
            write_selector(out, selector);
            out.push('}');
        }
        ExprKind::MatrixSelector(matrix) => {
            out.push_str(r#"{"type":"matrixSelector","#);
            write_selector(out, &matrix.selector);
            write_duration(out, "range", Some(&matrix.range));
            out.push('}');
        }
        ExprKind::Subquery(subquery) => write_subquery(out, subquery),
    }
}

fn write_chain(out: &mut String, binary: &BinaryExpr) {
    let spine: Vec<&BinaryExpr> = binary.left_spine().collect();
    for operation in &spine {
        let (op, return_bool) = (operation.op, operation.return_bool);
        let _ = write!(out, r#"{{"type":"binaryExpr","op":"{op}","bool":{return_bool},"lhs":"#);
    }
    if let Some(innermost) = spine.last() {
        write_expr(out, &innermost.lhs);
    }
    for operation in spine.into_iter().rev() {
        out.push_str(r#","rhs":"#);
        write_expr(out, &operation.rhs);
        out.push_str(r#","matching":"#);
        match &operation.matching {
            Some(matching) => write_matching(out, matching),
            None => out.push_str("null"),
        }
        out.push('}');
    }
}

fn write_matching(out: &mut String, matching: &VectorMatching) {
    let _ = write!(out, r#"{{"card":"{}","labels":"#, matching.card.name());
    write_list(out, &matching.labels);
    let _ = write!(out, r#","on":{},"include":"#, matching.on);
    write_list(out, &matching.include);
    out.push_str(r#","fillValues":{"lhs":"#);
    write_fill(out, matching.fill_lhs);
    out.push_str(r#","rhs":"#);
    write_fill(out, matching.fill_rhs);
    out.push_str("}}");
}

fn write_fill(out: &mut String, value: Option<f64>) {
    match value {
        None => out.push_str("null"),
        Some(value) if value.is_finite() => {
            let _ = write!(out, "{value:?}");
        }
        Some(value) => {
            out.push('"');
            write_number(out, value);
            out.push('"');
        }
    }
}

fn write_call(out: &mut String, call: &Call) {
    let function = &call.function;
    out.push_str(r#"{"type":"call","func":{"name":"#);
    write_string(out, function.name);
    out.push_str(r#","argTypes":["#);
    for (i, argument) in function.argument_types.iter().enumerate() {
        let _ = write!(out, "{}\"{argument}\"", if i == 0 { "" } else { "," });
    }
    let _ = write!(out, r#"],"variadic":{},"returnType":"{}"}},"#, function.variadic, function.return_type);
    out.push_str(r#""args":["#);
    for (i, argument) in call.args.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { "," });
        write_expr(out, argument);
    }
    out.push_str("]}");
}

fn write_selector(out: &mut String, selector: &VectorSelector) {
    out.push_str(r#""name":"#);
    write_string(out, selector.name.as_deref().unwrap_or_default());
    out.push_str(r#","matchers":["#);
    for (i, matcher) in selector.matchers.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { "," });
        write_matcher(out, matcher);
    }
    if let Some(name) = selector.name.as_deref() {
        out.push_str(if selector.matchers.is_empty() { "" } else { "," });
        let _ = write!(out, r#"{{"name":"{METRIC_NAME}","type":"=","value":"#);
        write_string(out, name);
        out.push('}');
    }
    out.push(']');
    let _ = write!(out, r#","anchored":{},"smoothed":{}"#, selector.anchored, selector.smoothed);
    write_at(out, selector.at);
    write_duration(out, "offset", Some(&selector.offset));
}

fn write_matcher(out: &mut String, matcher: &RawMatcher) {
    out.push_str(r#"{"name":"#);
    write_string(out, &matcher.name.to_lossy());
    out.push_str(match matcher.operator {
        MatchOperator::Equal => r#","type":"=","value":"#,
        MatchOperator::NotEqual => r#","type":"!=","value":"#,
        MatchOperator::Regex => r#","type":"=~","value":"#,
        MatchOperator::NotRegex => r#","type":"!~","value":"#,
    });
    write_string(out, &matcher.value.to_lossy());
    out.push('}');
}

fn write_subquery(out: &mut String, subquery: &SubqueryExpr) {
    out.push_str(r#"{"type":"subquery","expr":"#);
    write_expr(out, &subquery.expr);
    write_duration(out, "range", Some(&subquery.range));
    write_duration(out, "step", subquery.step.as_ref());
    write_duration(out, "offset", Some(&subquery.offset));
    write_at(out, subquery.at);
    out.push('}');
}

fn write_at(out: &mut String, at: Option<At>) {
    let _ = match at {
        None => out.write_str(r#","timestamp":null,"startOrEnd":null"#),
        Some(At::Start) => out.write_str(r#","timestamp":null,"startOrEnd":"start""#),
        Some(At::End) => out.write_str(r#","timestamp":null,"startOrEnd":"end""#),
        Some(At::Timestamp(milliseconds)) => write!(out, r#","timestamp":{milliseconds},"startOrEnd":null"#),
    };
}

/// Two members: the milliseconds, and the expression behind them where there is one.
fn write_duration(out: &mut String, name: &str, duration: Option<&Duration>) {
    let milliseconds = duration.and_then(Duration::milliseconds).unwrap_or(0);
    let _ = write!(out, r#","{name}":{milliseconds},"{name}Expr":"#);
    match duration {
        Some(Duration::Expression(expr)) => write_duration_expr(out, expr),
        _ => out.push_str("null"),
    }
}

fn write_duration_expr(out: &mut String, expr: &DurationExpr) {
    let (op, lhs, rhs) = match &expr.kind {
        DurationExprKind::Number(NumberLiteral { value, is_duration }) => {
            out.push_str(r#"{"type":"numberLiteral","val":""#);
            write_number(out, *value);
            let _ = write!(out, r#"","duration":{is_duration}}}"#);
            return;
        }
        DurationExprKind::Step => ("step", None, None),
        DurationExprKind::Range => ("range", None, None),
        DurationExprKind::MinOf(a, b) => ("min_of", Some(a), Some(b)),
        DurationExprKind::MaxOf(a, b) => ("max_of", Some(a), Some(b)),
        DurationExprKind::Unary(op, inner) => (op.symbol(), None, Some(inner)),
        DurationExprKind::Binary(op, lhs, rhs) => (op.symbol(), Some(lhs), Some(rhs)),
    };
    let _ = write!(out, r#"{{"type":"durationExpr","op":"{op}","wrapped":{},"lhs":"#, expr.wrapped);
    for (term, behind) in [(lhs, r#","rhs":"#), (rhs, "}")] {
        match term {
            Some(term) => write_duration_expr(out, term),
            None => out.push_str("null"),
        }
        out.push_str(behind);
    }
}

fn write_list(out: &mut String, labels: &[Box<str>]) {
    out.push('[');
    for (i, label) in labels.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { "," });
        write_string(out, label);
    }
    out.push(']');
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => out.write_str("\\n"),
            c if c.is_control() => write!(out, "\\u{:04x}", c as u32),
            c => out.write_char(c),
        };
    }
    out.push('"');
}
