//! Durations of ranges, steps and offsets: literals, or arithmetic with `step()` and `range()`.

use super::Parser;
use crate::model::Span;
use crate::syntax::ast::{Duration, DurationExpr, DurationExprKind, NumberLiteral};
use crate::syntax::error::SyntaxErrorKind;
use crate::syntax::literal::{nanoseconds, seconds_out_of_range};
use crate::syntax::ops::{Associativity, BinaryOp, UNARY_BINDING_POWER, UnaryOp};
use crate::syntax::token::{Token, TokenKind};

const EXPECTED: &str = "a number, a duration, step() or range()";

impl DurationExpr {
    /// The value of a literal that is not in parentheses.
    fn literal(&self) -> Option<f64> {
        match &self.kind {
            DurationExprKind::Number(literal) => Some(literal.value),
            _ => None,
        }
    }

    fn wrapped(mut self, span: Span) -> Self {
        if self.literal().is_some() {
            // Parentheses are a mark on a term; a literal has no room for it and gets a sign that has.
            return Self {
                span,
                wrapped: true,
                kind: DurationExprKind::Unary(UnaryOp::Plus, Box::new(self)),
            };
        }
        (self.span, self.wrapped) = (span, true);
        self
    }

    fn into_duration(self) -> Duration {
        match self.literal() {
            Some(seconds) => Duration::Fixed(nanoseconds(seconds)),
            None => Duration::Expression(Box::new(self)),
        }
    }
}

fn zero(span: Span) -> DurationExpr {
    let literal = NumberLiteral { value: 0.0, is_duration: false };
    DurationExpr { span, wrapped: false, kind: DurationExprKind::Number(literal) }
}

impl Parser<'_> {
    /// The duration of a range or a step, which must be positive as far as one can see.
    pub(super) fn positive_duration(&mut self) -> Option<Duration> {
        let term = self.duration(0)?;
        // Prometheus looks at the token behind before it judges the duration.
        self.peek();
        if term.literal().is_some_and(|value| value <= 0.0) {
            self.error(SyntaxErrorKind::DurationNotPositive, term.span);
        }
        Some(term.into_duration())
    }

    /// The duration of an offset. It ends behind its first term, so that `foo offset 5m + bar` adds; only one that
    /// starts with a parenthesis, or with two signs, goes on.
    pub(super) fn offset_duration(&mut self) -> Option<Duration> {
        let term = match self.peek() {
            TokenKind::LeftParen => self.duration(0),
            TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) => {
                let sign = self.bump();
                if matches!(self.peek(), TokenKind::Operator(BinaryOp::Add | BinaryOp::Sub)) {
                    let inner = self.nested(|parser| parser.duration(UNARY_BINDING_POWER + 1))?;
                    let lhs = self.signed_duration(sign, op, inner);
                    self.duration_operators(lhs, 0)
                } else {
                    if matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
                        let number = self.bump();
                        // Unlike elsewhere, Prometheus reports the sign of a number out of range.
                        let inner = self.duration_literal(number, sign.span);
                        return Some(self.signed_duration(sign, op, inner).into_duration());
                    }
                    let inner = self.duration_term()?;
                    let span = Span::new(sign.span.start, inner.span.end);
                    // A plus before a call is kept, as Prometheus keeps it; elsewhere it goes.
                    let is_call = matches!(
                        inner.kind,
                        DurationExprKind::Step
                            | DurationExprKind::Range
                            | DurationExprKind::MinOf(..)
                            | DurationExprKind::MaxOf(..)
                    );
                    if is_call && !inner.wrapped && op == BinaryOp::Add {
                        let kind = DurationExprKind::Unary(UnaryOp::Plus, Box::new(inner));
                        Some(DurationExpr { span, wrapped: false, kind })
                    } else {
                        Some(self.signed_duration(sign, op, inner))
                    }
                }
            }
            _ => self.duration_term(),
        };
        term.map(DurationExpr::into_duration)
    }

    fn duration(&mut self, minimum: u8) -> Option<DurationExpr> {
        let lhs = self.duration_term()?;
        self.duration_operators(lhs, minimum)
    }

    fn duration_operators(&mut self, mut lhs: DurationExpr, minimum: u8) -> Option<DurationExpr> {
        let outer = self.nesting;
        while !self.recovering {
            let token = self.token();
            let TokenKind::Operator(op) = token.kind else { break };
            let arithmetic = matches!(
                op,
                BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Pow
            );
            let entry = op.entry();
            if !arithmetic || entry.binding_power < minimum {
                break;
            }
            self.bump();
            let next = entry.binding_power + u8::from(entry.associativity == Associativity::Left);
            let Some(rhs) = self.nested(|parser| parser.duration(next)) else { break };
            lhs = self.duration_binary(token, op, lhs, rhs);
            // Every term of a chain stands one level deeper than the one before.
            self.nesting += 1;
        }
        self.nesting = outer;
        Some(lhs)
    }

    fn duration_binary(
        &mut self,
        token: Token,
        op: BinaryOp,
        lhs: DurationExpr,
        rhs: DurationExpr,
    ) -> DurationExpr {
        let span = Span::new(lhs.span.start, rhs.span.end);
        if matches!(op, BinaryOp::Div | BinaryOp::Mod) && rhs.literal() == Some(0.0) {
            self.error(SyntaxErrorKind::DivisionByZero, token.span);
            return zero(span);
        }
        let kind = DurationExprKind::Binary(op, Box::new(lhs), Box::new(rhs));
        DurationExpr { span, wrapped: false, kind }
    }

    fn duration_term(&mut self) -> Option<DurationExpr> {
        let token = self.token();
        let kind = match token.kind {
            TokenKind::Number | TokenKind::Duration => {
                self.bump();
                return Some(self.duration_literal(token, token.span));
            }
            TokenKind::Step => DurationExprKind::Step,
            TokenKind::Range => DurationExprKind::Range,
            TokenKind::MaxOf | TokenKind::MinOf => return self.duration_choice(token),
            TokenKind::LeftParen => {
                self.bump();
                let inner = self.nested(|parser| parser.duration(0))?;
                let close = self.expect(TokenKind::RightParen, "an operator or \")\"")?;
                return Some(inner.wrapped(Span::new(token.span.start, close.span.end)));
            }
            TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) => {
                self.bump();
                let inner = self.nested(|parser| parser.duration(UNARY_BINDING_POWER + 1))?;
                return Some(self.signed_duration(token, op, inner));
            }
            _ => {
                self.unexpected(EXPECTED);
                return None;
            }
        };
        self.bump();
        self.expect(TokenKind::LeftParen, "\"()\"")?;
        let close = self.expect(TokenKind::RightParen, "\")\"")?;
        Some(DurationExpr { span: Span::new(token.span.start, close.span.end), wrapped: false, kind })
    }

    /// The literal of a token that was taken; one out of range is reported at `place` and counts as zero.
    fn duration_literal(&mut self, token: Token, place: Span) -> DurationExpr {
        let literal = self.number(token);
        if seconds_out_of_range(literal.value) {
            self.error(SyntaxErrorKind::DurationOutOfRange, place);
            return zero(token.span);
        }
        DurationExpr { span: token.span, wrapped: false, kind: DurationExprKind::Number(literal) }
    }

    fn duration_choice(&mut self, name: Token) -> Option<DurationExpr> {
        self.bump();
        self.expect(TokenKind::LeftParen, "\"(\" and two durations")?;
        let first = Box::new(self.nested(|parser| parser.duration(0))?);
        self.expect(TokenKind::Comma, "\",\" and a second duration")?;
        let second = Box::new(self.nested(|parser| parser.duration(0))?);
        let close = self.expect(TokenKind::RightParen, "\")\"")?;
        let kind = match name.kind {
            TokenKind::MaxOf => DurationExprKind::MaxOf(first, second),
            _ => DurationExprKind::MinOf(first, second),
        };
        Some(DurationExpr { span: Span::new(name.span.start, close.span.end), wrapped: false, kind })
    }

    fn signed_duration(&mut self, sign: Token, op: BinaryOp, mut inner: DurationExpr) -> DurationExpr {
        let span = Span::new(sign.span.start, inner.span.end);
        if let DurationExprKind::Number(literal) = &mut inner.kind {
            if op == BinaryOp::Sub {
                literal.value = -literal.value;
            }
            inner.span = span;
            return inner;
        }
        if op == BinaryOp::Add {
            return inner;
        }
        DurationExpr { span, wrapped: false, kind: DurationExprKind::Unary(UnaryOp::Minus, Box::new(inner)) }
    }
}
