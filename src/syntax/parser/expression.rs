//! Expressions: operands, signs, parentheses, and the loop over binary operators.

use super::Parser;
use crate::model::Span;
use crate::syntax::ast::{Expr, ExprKind, NumberLiteral, UnaryExpr};
use crate::syntax::error::SyntaxErrorKind;
use crate::syntax::literal::{parse_duration, parse_number, seconds, unquote};
use crate::syntax::ops::{Associativity, BinaryOp, UNARY_BINDING_POWER, UnaryOp};
use crate::syntax::token::{Token, TokenKind};

impl Parser<'_> {
    /// An expression whose operators bind at least as tightly as `minimum`.
    ///
    /// `None` is an operand that could not be parsed; the error has been reported.
    pub(super) fn expression(&mut self, minimum: u8) -> Option<Expr> {
        let mut lhs = self.operand();
        while !self.recovering {
            let TokenKind::Operator(op) = self.peek() else { break };
            let entry = op.entry();
            if entry.binding_power < minimum {
                break;
            }
            self.bump();
            let modifiers = self.binary_modifiers();
            let next = entry.binding_power + u8::from(entry.associativity == Associativity::Left);
            let rhs =
                if self.recovering { None } else { self.nested(|parser: &mut Self| parser.expression(next)) };
            lhs = match (lhs, rhs) {
                (Some(lhs), Some(rhs)) => Some(self.binary(op, lhs, rhs, modifiers)),
                (lhs, rhs) => lhs.or(rhs),
            };
        }
        lhs
    }

    /// One operand with the modifiers behind it.
    fn operand(&mut self) -> Option<Expr> {
        let token = self.token();
        let expr = match token.kind {
            TokenKind::Identifier => {
                self.bump();
                if self.peek() == TokenKind::LeftParen {
                    self.call(token)
                } else {
                    self.named_selector(token)
                }
            }
            TokenKind::Aggregate(op) => {
                self.bump();
                match self.peek() {
                    TokenKind::LeftParen | TokenKind::By | TokenKind::Without => self.aggregate(op, token),
                    _ => self.named_selector(token),
                }
            }
            TokenKind::Number | TokenKind::Duration => {
                self.bump();
                let literal = self.number(token);
                Some(Expr { span: token.span, kind: ExprKind::Number(literal) })
            }
            TokenKind::LeftParen => self.parenthesised(),
            TokenKind::LeftBrace => self.braced_selector(None),
            TokenKind::String => {
                self.bump();
                Some(Expr { span: token.span, kind: ExprKind::String(unquote(self.text(token.span))) })
            }
            // Whatever may follow a signed expression belongs to what is behind the sign.
            TokenKind::Operator(BinaryOp::Add) => return self.signed(UnaryOp::Plus),
            TokenKind::Operator(BinaryOp::Sub) => return self.signed(UnaryOp::Minus),
            TokenKind::Start
            | TokenKind::End
            | TokenKind::Step
            | TokenKind::Range
            | TokenKind::MaxOf
            | TokenKind::MinOf => {
                self.bump();
                if self.peek() == TokenKind::LeftParen {
                    self.call(token)
                } else {
                    self.named_selector(token)
                }
            }
            kind if kind.is_metric_word() => {
                self.bump();
                self.named_selector(token)
            }
            _ => {
                self.unexpected("an expression");
                return None;
            }
        };
        self.modifiers(expr)
    }

    fn signed(&mut self, op: UnaryOp) -> Option<Expr> {
        let sign = self.bump();
        let mut expr = self.nested(|parser| parser.expression(UNARY_BINDING_POWER + 1))?;
        let span = Span::new(sign.span.start, expr.span.end);
        if let ExprKind::Number(literal) = &mut expr.kind {
            if op == UnaryOp::Minus {
                literal.value = -literal.value;
            }
            expr.span = span;
            return Some(expr);
        }
        Some(Expr { span, kind: ExprKind::Unary(UnaryExpr { op, expr: Box::new(expr) }) })
    }

    fn parenthesised(&mut self) -> Option<Expr> {
        let open = self.bump();
        let inner = self.nested(|parser| parser.expression(0));
        let mut close = None;
        if !self.recovering {
            close = self.expect(TokenKind::RightParen, "an operator or \")\"");
        }
        if close.is_none() {
            close = self.recover(TokenKind::RightParen);
        }
        let inner = inner?;
        let end = close.map_or(inner.span.end, |token| token.span.end);
        Some(Expr { span: Span::new(open.span.start, end), kind: ExprKind::Paren(Box::new(inner)) })
    }

    /// The value of a number or duration token; an error counts as zero.
    pub(super) fn number(&mut self, token: Token) -> NumberLiteral {
        let text = self.text(token.span);
        let is_duration = token.kind == TokenKind::Duration;
        let value = if is_duration { parse_duration(text).map(seconds) } else { parse_number(text) };
        let value = value.unwrap_or_else(|kind: SyntaxErrorKind| {
            self.error(kind, token.span);
            0.0
        });
        NumberLiteral { value, is_duration }
    }
}
