//! What stands between two operands: `bool`, vector matching, fill values.

use super::Parser;
use crate::model::{Span, ValueType};
use crate::syntax::ast::{BinaryExpr, Cardinality, Expr, ExprKind, VectorMatching};
use crate::syntax::error::SyntaxErrorKind;
use crate::syntax::ops::BinaryOp;
use crate::syntax::token::TokenKind;

/// The modifiers behind an operator.
pub(super) struct BinaryModifiers {
    return_bool: bool,
    matching: VectorMatching,
}

impl Parser<'_> {
    pub(super) fn binary_modifiers(&mut self) -> BinaryModifiers {
        let return_bool = self.eat(TokenKind::Bool).is_some();
        let mut modifiers = BinaryModifiers { return_bool, matching: VectorMatching::default() };
        let matching = &mut modifiers.matching;
        if let kind @ (TokenKind::On | TokenKind::Ignoring) = self.peek() {
            self.bump();
            matching.on = kind == TokenKind::On;
            matching.labels = self.labels();
            if self.recovering {
                return modifiers;
            }
            if let kind @ (TokenKind::GroupLeft | TokenKind::GroupRight) = self.peek() {
                self.bump();
                let left = kind == TokenKind::GroupLeft;
                matching.card = if left { Cardinality::ManyToOne } else { Cardinality::OneToMany };
                if self.peek() == TokenKind::LeftParen {
                    matching.include = self.labels();
                }
            }
        }
        match self.peek() {
            TokenKind::Fill => {
                let value = self.fill_value();
                (matching.fill_lhs, matching.fill_rhs) = (value, value);
            }
            TokenKind::FillLeft => {
                matching.fill_lhs = self.fill_value();
                if !self.recovering && self.peek() == TokenKind::FillRight {
                    matching.fill_rhs = self.fill_value();
                }
            }
            TokenKind::FillRight => {
                matching.fill_rhs = self.fill_value();
                if !self.recovering && self.peek() == TokenKind::FillLeft {
                    matching.fill_lhs = self.fill_value();
                }
            }
            _ => {}
        }
        modifiers
    }

    /// `fill (number)`: takes the keyword, too.
    fn fill_value(&mut self) -> Option<f64> {
        self.bump();
        self.expect(TokenKind::LeftParen, "\"(\" and a number")?;
        let mut sign = 1.0;
        if let TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) = self.peek() {
            self.bump();
            if op == BinaryOp::Sub {
                sign = -1.0;
            }
        }
        if !matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
            self.unexpected("a number");
            self.recover(TokenKind::RightParen);
            return None;
        }
        let token = self.bump();
        let value = self.number(token).value * sign;
        if self.expect(TokenKind::RightParen, "\")\"").is_none() {
            self.recover(TokenKind::RightParen);
        }
        Some(value)
    }

    pub(super) fn binary(&mut self, op: BinaryOp, lhs: Expr, rhs: Expr, modifiers: BinaryModifiers) -> Expr {
        let span = Span::new(lhs.span.start, rhs.span.end);
        let BinaryModifiers { return_bool, mut matching } = modifiers;
        let fills = matching.fill_lhs.is_some() || matching.fill_rhs.is_some();
        if fills && !self.options.fill_modifiers {
            self.error(SyntaxErrorKind::FillDisabled, span);
        }
        let (left, right) = (lhs.value_type(), rhs.value_type());
        let vectors = left == ValueType::Vector && right == ValueType::Vector;
        if op.is_set() && matching.card == Cardinality::OneToOne {
            matching.card = Cardinality::ManyToMany;
        }
        // Between other types, matching means nothing; where it says something, the checks refuse it.
        let matching = (vectors || fills || !matching.labels.is_empty()).then_some(matching);
        let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
        let value_type = if scalars { ValueType::Scalar } else { ValueType::Vector };
        let (lhs, rhs) = (Box::new(lhs), Box::new(rhs));
        Expr {
            span,
            kind: ExprKind::Binary(Box::new(BinaryExpr { op, lhs, rhs, return_bool, matching, value_type })),
        }
    }
}
