//! What a query may not say although it reads well: wrong types, wrong counts, selectors of everything.
//!
//! The pass runs over a tree that parsed without an error and meets the nodes in Prometheus' order, so that the first
//! error is the same one. Patterns come before everything else, because Prometheus compiles them while it reads.

use super::ast::{
    AggregateExpr, BinaryExpr, Call, Cardinality, Expr, ExprKind, RawMatcher, VectorMatching, VectorSelector,
};
use super::error::{Place, SyntaxError, SyntaxErrorKind};
use super::literal::unquote;
use super::ops::AggregateOp;
use super::parser::PendingPattern;
use super::text::Text;
use crate::model::{METRIC_NAME, MatchOperator, Signature, Span, ValueType};

/// Compiles the patterns of a query and puts their errors among those of the parser, where they belong.
pub(crate) fn check_patterns(input: &str, patterns: &[PendingPattern], errors: &mut Vec<SyntaxError>) {
    let mut inserted = 0;
    for pattern in patterns {
        let token = input.get(pattern.value.start as usize..pattern.value.end as usize).unwrap_or_default();
        let matcher = RawMatcher {
            span: pattern.span,
            name: Text::from(""),
            operator: pattern.operator,
            value: unquote(token),
        };
        if let Err(error) = matcher.compile() {
            let kind = SyntaxErrorKind::InvalidPattern { message: error.kind.to_string().into() };
            errors.insert(pattern.errors_before + inserted, SyntaxError { kind, span: pattern.span });
            inserted += 1;
        }
    }
}

/// Checks a tree; the errors come in the order in which Prometheus meets them.
pub(crate) fn check(input: &str, expr: &Expr) -> Vec<SyntaxError> {
    let mut checker = Checker { input: input.as_bytes(), errors: Vec::new() };
    checker.expr(expr);
    checker.errors
}

struct Checker<'a> {
    input: &'a [u8],
    errors: Vec<SyntaxError>,
}

impl Checker<'_> {
    fn error(&mut self, kind: SyntaxErrorKind, span: Span) {
        self.errors.push(SyntaxError { kind, span });
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::String(_) => {}
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Unary(unary) => {
                self.expr(&unary.expr);
                let found = unary.expr.value_type();
                if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                    self.error(SyntaxErrorKind::SignType { found }, expr.span);
                }
            }
            ExprKind::Binary(binary) => self.chain(expr.span, binary),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Call(call) => self.call(expr.span, call),
            ExprKind::VectorSelector(selector) => self.selector(expr.span, selector, false),
            ExprKind::MatrixSelector(matrix) => self.selector(matrix.selector_span, &matrix.selector, false),
            ExprKind::Subquery(subquery) => {
                self.expr(&subquery.expr);
                let found = subquery.expr.value_type();
                if found != ValueType::Vector {
                    self.error(SyntaxErrorKind::SubqueryType { found }, expr.span);
                }
            }
        }
    }

    fn expect(&mut self, expr: &Expr, expected: ValueType, place: Place) {
        self.expr(expr);
        self.expect_type(expr, expected, place);
    }

    fn expect_type(&mut self, expr: &Expr, expected: ValueType, place: Place) {
        let found = expr.value_type();
        if found != expected {
            self.error(SyntaxErrorKind::WrongType { expected, found, place }, expr.span);
        }
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) {
        let op = aggregate.op;
        self.expect(&aggregate.expr, ValueType::Vector, Place::Aggregated(op));
        if let Some(param) = &aggregate.param {
            let expected = if op == AggregateOp::CountValues { ValueType::String } else { ValueType::Scalar };
            self.expect(param, expected, Place::Parameter(op));
        }
    }

    /// A binary operation with all those down its left side, which are met first.
    fn chain(&mut self, span: Span, binary: &BinaryExpr) {
        if !matches!(binary.lhs.kind, ExprKind::Binary(_)) {
            self.expr(&binary.lhs);
            self.binary(span, binary);
            return;
        }
        let spine: Vec<&BinaryExpr> = binary.left_spine().collect();
        if let Some(innermost) = spine.last() {
            self.expr(&innermost.lhs);
        }
        for operation in spine.into_iter().rev() {
            let span = Span::new(operation.lhs.span.start, operation.rhs.span.end);
            self.binary(span, operation);
        }
    }

    fn binary(&mut self, span: Span, binary: &BinaryExpr) {
        self.expr(&binary.rhs);
        let op = binary.op;
        let (left, right) = (binary.lhs.value_type(), binary.rhs.value_type());
        if binary.return_bool && !op.is_comparison() {
            self.error(SyntaxErrorKind::BoolWithoutComparison, self.operator_span(binary));
        }
        let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
        if op.is_comparison() && !binary.return_bool && scalars {
            self.error(SyntaxErrorKind::ComparisonWithoutBool, self.operator_span(binary));
        }
        if let Some(matching) = &binary.matching {
            self.group_labels(binary, matching);
        }
        for (operand, found) in [(&binary.lhs, left), (&binary.rhs, right)] {
            if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                self.error(SyntaxErrorKind::OperandType { found }, operand.span);
            }
        }
        let fills = |m: &VectorMatching| m.fill_lhs.is_some() || m.fill_rhs.is_some();
        if let Some(matching) = &binary.matching {
            if left != ValueType::Vector || right != ValueType::Vector {
                if !matching.labels.is_empty() {
                    self.error(SyntaxErrorKind::MatchingOnScalar, span);
                }
                if fills(matching) {
                    self.error(SyntaxErrorKind::FillOnScalar, span);
                }
            } else if op.is_set() {
                if matching.card != Cardinality::ManyToMany {
                    self.error(SyntaxErrorKind::GroupingOnSetOperator { op }, span);
                }
                if fills(matching) {
                    self.error(SyntaxErrorKind::FillOnSetOperator { op }, span);
                }
            }
        }
        if op.is_set() && (left == ValueType::Scalar || right == ValueType::Scalar) {
            self.error(SyntaxErrorKind::SetOperatorOnScalar { op }, span);
        }
    }

    fn group_labels(&mut self, binary: &BinaryExpr, matching: &VectorMatching) {
        if !matching.on {
            return;
        }
        for label in &matching.labels {
            if matching.include.contains(label) {
                let kind = SyntaxErrorKind::LabelOnBothSides { label: label.clone() };
                self.error(kind, self.operator_span(binary));
            }
        }
    }

    /// The operator with its modifiers: what lies between the operands, without space around it.
    fn operator_span(&self, binary: &BinaryExpr) -> Span {
        let is_space = |at: u32| matches!(self.input.get(at as usize), Some(b' ' | b'\t' | b'\r' | b'\n'));
        let (mut start, mut end) = (binary.lhs.span.end, binary.rhs.span.start);
        while start < end && is_space(start) {
            start += 1;
        }
        while end > start && is_space(end - 1) {
            end -= 1;
        }
        Span::new(start, end)
    }

    fn call(&mut self, span: Span, call: &Call) {
        let Signature { name, argument_types, variadic, .. } = call.function;
        let found = call.args.len();
        let (minimum, maximum) = match variadic {
            0 => (argument_types.len(), Some(argument_types.len())),
            _ => {
                let minimum = argument_types.len().saturating_sub(1);
                (minimum, usize::try_from(variadic).ok().map(|more| minimum + more))
            }
        };
        if found < minimum || maximum.is_some_and(|maximum| found > maximum) {
            self.error(SyntaxErrorKind::CallArguments { name, minimum, maximum, found }, span);
        }
        let info = name == "info";
        if info && let Some(second) = call.args.get(1) {
            let place = Place::Argument { function: name, position: 2 };
            if second.value_type() != ValueType::Vector {
                let found = second.value_type();
                self.error(SyntaxErrorKind::WrongType { expected: ValueType::Vector, found, place }, span);
            }
            if !matches!(&second.kind, ExprKind::VectorSelector(selector) if selector.name.is_none()) {
                self.error(SyntaxErrorKind::InfoSelector, second.span);
            }
        }
        for (i, argument) in call.args.iter().enumerate() {
            if variadic == 0 && i >= argument_types.len() {
                break;
            }
            let Some(expected) = argument_types.get(i).or(argument_types.last()) else { break };
            match &argument.kind {
                ExprKind::VectorSelector(selector) if info && i == 1 => {
                    self.selector(argument.span, selector, true);
                }
                _ => self.expr(argument),
            }
            self.expect_type(argument, *expected, Place::Argument { function: name, position: i + 1 });
        }
    }

    fn selector(&mut self, span: Span, selector: &VectorSelector, may_match_everything: bool) {
        if selector.name.is_some() {
            for _ in selector.matchers.iter().filter(|matcher| matcher.name == *METRIC_NAME) {
                self.error(SyntaxErrorKind::NameTwice, span);
            }
        } else if !may_match_everything && selector.matchers.iter().all(accepts_empty) {
            self.error(SyntaxErrorKind::MatchesEverything, span);
        }
    }
}

/// Whether a condition holds for a missing label. A pattern that does not compile has an error of its own.
fn accepts_empty(matcher: &RawMatcher) -> bool {
    match matcher.operator {
        MatchOperator::Equal => matcher.value.as_bytes().is_empty(),
        MatchOperator::NotEqual => !matcher.value.as_bytes().is_empty(),
        MatchOperator::Regex | MatchOperator::NotRegex => {
            matcher.compile().is_ok_and(|compiled| compiled.matches(""))
        }
    }
}
