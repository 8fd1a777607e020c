//! The canonical text of a tree: one line, one way to say a thing, and parsing it gives the tree again.

use std::fmt;

use super::ast::{
    AggregateExpr, At, BinaryExpr, Cardinality, Duration, DurationExpr, DurationExprKind, Expr, ExprKind,
    MatrixSelector, NumberLiteral, RawMatcher, SubqueryExpr, VectorMatching, VectorSelector,
};
use super::go_text::{write_duration, write_number, write_quoted, write_short_number};
use super::options::ParserOptions;
use super::unicode::is_letter;
use crate::model::{METRIC_NAME, MatchOperator};

/// Whether the name of a label must be quoted to be read back; `utf8` is the option `unquoted_utf8_names`.
pub(crate) fn needs_quotes(name: &str, utf8: bool) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_' || utf8 && !c.is_ascii() && is_letter(c);
    let mut chars = name.chars();
    !chars.next().is_some_and(start) || chars.any(|c| !(start(c) || c.is_ascii_digit() || utf8 && c == '.'))
}

impl Expr {
    /// The canonical text, for a parser with these options: `unquoted_utf8_names` saves quotes.
    pub fn to_canonical(&self, options: &ParserOptions) -> String {
        let mut printer = Printer::new(options.unquoted_utf8_names);
        printer.expr(self);
        printer.out
    }
}

impl fmt::Display for Expr {
    /// The canonical text that every parser reads, whatever its options.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::new(false);
        printer.expr(self);
        f.write_str(&printer.out)
    }
}

impl fmt::Display for DurationExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::new(false);
        printer.duration_expr(self);
        f.write_str(&printer.out)
    }
}

pub(super) struct Printer {
    pub(super) out: String,
    utf8: bool,
}

impl Printer {
    pub(super) const fn new(utf8: bool) -> Self {
        Self { out: String::new(), utf8 }
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Number(literal) => self.number(literal),
            ExprKind::String(text) => write_quoted(&mut self.out, text.as_bytes()),
            ExprKind::Paren(inner) => {
                self.out.push('(');
                self.expr(inner);
                self.out.push(')');
            }
            ExprKind::Unary(unary) => {
                self.out.push_str(unary.op.symbol());
                self.expr(&unary.expr);
            }
            ExprKind::Binary(binary) => self.chain(binary),
            ExprKind::Aggregate(aggregate) => {
                self.aggregate_head(aggregate);
                self.out.push('(');
                if let Some(param) = &aggregate.param {
                    self.expr(param);
                    self.out.push_str(", ");
                }
                self.expr(&aggregate.expr);
                self.out.push(')');
            }
            ExprKind::Call(call) => {
                self.out.push_str(call.function.name);
                self.out.push('(');
                for (i, argument) in call.args.iter().enumerate() {
                    self.out.push_str(if i == 0 { "" } else { ", " });
                    self.expr(argument);
                }
                self.out.push(')');
            }
            ExprKind::VectorSelector(selector) => self.vector(selector),
            ExprKind::MatrixSelector(matrix) => self.matrix(matrix),
            ExprKind::Subquery(subquery) => {
                self.expr(&subquery.expr);
                self.subquery_tail(subquery);
            }
        }
    }

    fn number(&mut self, literal: &NumberLiteral) {
        if !literal.is_duration {
            return write_number(&mut self.out, literal.value);
        }
        if literal.value < 0.0 {
            self.out.push('-');
        }
        write_duration(&mut self.out, (literal.value.abs() * 1e9) as i64);
    }

    fn chain(&mut self, binary: &BinaryExpr) {
        let spine: Vec<&BinaryExpr> = binary.left_spine().collect();
        if let Some(innermost) = spine.last() {
            self.expr(&innermost.lhs);
        }
        for operation in spine.into_iter().rev() {
            self.out.push(' ');
            self.operator(operation);
            self.out.push(' ');
            self.expr(&operation.rhs);
        }
    }

    /// An operator with its modifiers.
    pub(super) fn operator(&mut self, binary: &BinaryExpr) {
        self.out.push_str(binary.op.symbol());
        if binary.return_bool {
            self.out.push_str(" bool");
        }
        if let Some(matching) = &binary.matching {
            self.matching(matching);
        }
    }

    fn matching(&mut self, matching: &VectorMatching) {
        let group = match matching.card {
            Cardinality::ManyToOne => Some(" group_left ("),
            Cardinality::OneToMany => Some(" group_right ("),
            Cardinality::OneToOne | Cardinality::ManyToMany => None,
        };
        if !matching.labels.is_empty() || matching.on || group.is_some() {
            self.out.push_str(if matching.on { " on (" } else { " ignoring (" });
            self.labels(&matching.labels);
        }
        if let Some(group) = group {
            self.out.push_str(group);
            self.labels(&matching.include);
        }
        match (matching.fill_lhs, matching.fill_rhs) {
            (Some(left), Some(right)) if left == right => self.fill(" fill (", left),
            (left, right) => {
                if let Some(left) = left {
                    self.fill(" fill_left (", left);
                }
                if let Some(right) = right {
                    self.fill(" fill_right (", right);
                }
            }
        }
    }

    fn fill(&mut self, keyword: &str, value: f64) {
        self.out.push_str(keyword);
        write_short_number(&mut self.out, value);
        self.out.push(')');
    }

    fn labels(&mut self, labels: &[Box<str>]) {
        for (i, label) in labels.iter().enumerate() {
            self.out.push_str(if i == 0 { "" } else { ", " });
            if needs_quotes(label, self.utf8) {
                write_quoted(&mut self.out, label.as_bytes());
            } else {
                self.out.push_str(label);
            }
        }
        self.out.push(')');
    }

    /// An aggregation up to its parenthesis.
    pub(super) fn aggregate_head(&mut self, aggregate: &AggregateExpr) {
        self.out.push_str(aggregate.op.symbol());
        if aggregate.without || !aggregate.grouping.is_empty() {
            self.out.push_str(if aggregate.without { " without (" } else { " by (" });
            self.labels(&aggregate.grouping);
            self.out.push(' ');
        }
    }

    fn matchers(&mut self, selector: &VectorSelector) {
        let name = selector.name.as_deref();
        self.out.push_str(name.unwrap_or_default());
        let is_name = |matcher: &&RawMatcher| {
            matcher.operator == MatchOperator::Equal
                && matcher.name == *METRIC_NAME
                && name.is_some_and(|name| matcher.value == *name)
        };
        let shown = selector.matchers.iter().filter(|matcher| !is_name(matcher));
        let mut texts: Vec<String> = shown.map(|matcher| self.matcher(matcher)).collect();
        if !texts.is_empty() {
            texts.sort_unstable();
            self.out.push('{');
            self.out.push_str(&texts.join(","));
            self.out.push('}');
        }
    }

    fn matcher(&self, matcher: &RawMatcher) -> String {
        let mut text = String::new();
        match matcher.name.as_str() {
            Some(name) if !needs_quotes(name, self.utf8) => text.push_str(name),
            _ => write_quoted(&mut text, matcher.name.as_bytes()),
        }
        text.push_str(match matcher.operator {
            MatchOperator::Equal => "=",
            MatchOperator::NotEqual => "!=",
            MatchOperator::Regex => "=~",
            MatchOperator::NotRegex => "!~",
        });
        write_quoted(&mut text, matcher.value.as_bytes());
        text
    }

    fn extended(&mut self, selector: &VectorSelector) {
        if selector.anchored {
            self.out.push_str(" anchored");
        } else if selector.smoothed {
            self.out.push_str(" smoothed");
        }
    }

    fn vector(&mut self, selector: &VectorSelector) {
        self.matchers(selector);
        self.at(selector.at);
        self.extended(selector);
        self.offset(&selector.offset);
    }

    fn matrix(&mut self, matrix: &MatrixSelector) {
        self.matchers(&matrix.selector);
        self.out.push('[');
        self.duration(&matrix.range);
        self.out.push(']');
        self.extended(&matrix.selector);
        self.at(matrix.selector.at);
        self.offset(&matrix.selector.offset);
    }

    /// What stands behind the expression of a subquery.
    pub(super) fn subquery_tail(&mut self, subquery: &SubqueryExpr) {
        self.out.push('[');
        self.duration(&subquery.range);
        self.out.push(':');
        if let Some(step) = &subquery.step {
            self.duration(step);
        }
        self.out.push(']');
        self.at(subquery.at);
        self.offset(&subquery.offset);
    }

    fn at(&mut self, at: Option<At>) {
        match at {
            None => {}
            Some(At::Start) => self.out.push_str(" @ start()"),
            Some(At::End) => self.out.push_str(" @ end()"),
            Some(At::Timestamp(milliseconds)) => {
                let seconds = milliseconds as f64 / 1000.0;
                self.out.push_str(&format!(" @ {seconds:.3}"));
            }
        }
    }

    fn offset(&mut self, offset: &Duration) {
        if !offset.is_zero() {
            self.out.push_str(" offset ");
            match offset {
                // The smallest integer has no positive counterpart and keeps its sign behind the one printed here.
                Duration::Fixed(nanoseconds) if *nanoseconds < 0 => {
                    self.out.push('-');
                    write_duration(&mut self.out, nanoseconds.wrapping_neg());
                }
                _ => self.duration(offset),
            }
        }
    }

    fn duration(&mut self, duration: &Duration) {
        match duration {
            Duration::Fixed(nanoseconds) => write_duration(&mut self.out, *nanoseconds),
            Duration::Expression(expr) => self.duration_expr(expr),
        }
    }

    fn duration_expr(&mut self, expr: &DurationExpr) {
        if expr.wrapped {
            self.out.push('(');
        }
        match &expr.kind {
            DurationExprKind::Number(literal) => self.number(literal),
            DurationExprKind::Step => self.out.push_str("step()"),
            DurationExprKind::Range => self.out.push_str("range()"),
            DurationExprKind::MinOf(a, b) => self.duration_choice("min_of(", a, b),
            DurationExprKind::MaxOf(a, b) => self.duration_choice("max_of(", a, b),
            DurationExprKind::Unary(op, inner) => {
                if *op == super::ops::UnaryOp::Minus {
                    self.out.push('-');
                }
                self.duration_expr(inner);
            }
            DurationExprKind::Binary(op, lhs, rhs) => {
                self.duration_expr(lhs);
                self.out.push(' ');
                self.out.push_str(op.symbol());
                self.out.push(' ');
                self.duration_expr(rhs);
            }
        }
        if expr.wrapped {
            self.out.push(')');
        }
    }

    fn duration_choice(&mut self, name: &str, a: &DurationExpr, b: &DurationExpr) {
        self.out.push_str(name);
        self.duration_expr(a);
        self.out.push_str(", ");
        self.duration_expr(b);
        self.out.push(')');
    }
}
