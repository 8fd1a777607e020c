//! Selectors: a metric's name, and conditions on labels in braces.

use super::{Parser, PendingPattern};
use crate::model::{METRIC_NAME, MatchOperator, Span};
use crate::syntax::ast::{Expr, ExprKind, RawMatcher, VectorSelector};
use crate::syntax::literal::unquote;
use crate::syntax::ops::BinaryOp;
use crate::syntax::text::Text;
use crate::syntax::token::{Token, TokenKind};

impl Parser<'_> {
    /// A selector that starts with a name, which has been taken.
    pub(super) fn named_selector(&mut self, name: Token) -> Option<Expr> {
        if self.peek() == TokenKind::LeftBrace && !self.recovering {
            return self.braced_selector(Some(name));
        }
        let selector = VectorSelector::new(Some(self.text(name.span).into()), Vec::new());
        Some(Expr { span: name.span, kind: ExprKind::VectorSelector(Box::new(selector)) })
    }

    /// The braces of a selector, and the selector.
    pub(super) fn braced_selector(&mut self, name: Option<Token>) -> Option<Expr> {
        let open = self.bump();
        let mut matchers = Vec::new();
        let mut close = None;
        while !self.recovering {
            close = self.eat(TokenKind::RightBrace);
            if close.is_some() {
                break;
            }
            if let Some(matcher) = self.matcher() {
                matchers.push(matcher);
            } else {
                break;
            }
            if self.eat(TokenKind::Comma).is_none() && self.peek() != TokenKind::RightBrace {
                self.unexpected("\",\" or \"}\"");
            }
        }
        if close.is_none() {
            close = self.recover(TokenKind::RightBrace);
        }
        let start = name.unwrap_or(open).span.start;
        let end = close.map_or(self.input.len() as u32, |token| token.span.end);
        let selector = VectorSelector::new(name.map(|token| self.text(token.span).into()), matchers);
        Some(Expr { span: Span::new(start, end), kind: ExprKind::VectorSelector(Box::new(selector)) })
    }

    fn matcher(&mut self) -> Option<RawMatcher> {
        let label = self.token();
        let name = match label.kind {
            TokenKind::Identifier => Text::from(self.text(label.span)),
            TokenKind::String => unquote(self.text(label.span)),
            _ => {
                self.unexpected("the name of a label or \"}\"");
                return None;
            }
        };
        self.bump();
        let operator = match self.peek() {
            TokenKind::Assign => MatchOperator::Equal,
            TokenKind::Operator(BinaryOp::NotEqual) => MatchOperator::NotEqual,
            TokenKind::RegexMatch => MatchOperator::Regex,
            TokenKind::RegexNotMatch => MatchOperator::NotRegex,
            _ if label.kind == TokenKind::String => {
                // A quoted name alone is the metric's.
                return Some(RawMatcher {
                    span: label.span,
                    name: Text::from(METRIC_NAME),
                    operator: MatchOperator::Equal,
                    value: name,
                });
            }
            _ => {
                self.unexpected("one of = != =~ !~");
                return None;
            }
        };
        self.bump();
        let value = self.expect(TokenKind::String, "a quoted string")?;
        let span = Span::new(label.span.start, value.span.end);
        if matches!(operator, MatchOperator::Regex | MatchOperator::NotRegex) {
            let errors_before = self.errors.len();
            self.patterns.push(PendingPattern { span, operator, value: value.span, errors_before });
        }
        Some(RawMatcher { span, name, operator, value: unquote(self.text(value.span)) })
    }
}
