//! What may stand behind an operand: ranges and subqueries, `offset`, `@`, `anchored`, `smoothed`.

use super::Parser;
use crate::model::Span;
use crate::syntax::ast::{At, Duration, Expr, ExprKind, MatrixSelector, SubqueryExpr};
use crate::syntax::error::SyntaxErrorKind;
use crate::syntax::literal::to_integer;
use crate::syntax::ops::BinaryOp;
use crate::syntax::token::{Token, TokenKind};

impl Parser<'_> {
    /// Applies all modifiers that follow. `None` is an operand that was unreadable; its modifiers are read for their
    /// errors.
    #[inline]
    pub(super) fn modifiers(&mut self, mut expr: Option<Expr>) -> Option<Expr> {
        let outer = self.nesting;
        while !self.recovering {
            expr = match self.peek() {
                TokenKind::LeftBracket => {
                    if self.is_too_deep() {
                        break;
                    }
                    // Every subquery is one level around what it is made of.
                    self.nesting += 1;
                    self.bracket(expr)
                }
                TokenKind::Offset => self.offset(expr),
                TokenKind::At => self.at(expr),
                kind @ (TokenKind::Anchored | TokenKind::Smoothed) => self.extended(expr, kind),
                _ => break,
            };
        }
        self.nesting = outer;
        expr
    }

    fn offset(&mut self, mut expr: Option<Expr>) -> Option<Expr> {
        self.bump();
        let begins_with_paren = self.peek() == TokenKind::LeftParen;
        let Some(duration) = self.offset_duration() else { return expr };
        if begins_with_paren {
            // Prometheus looks behind such a duration, to see whether arithmetic follows, and takes a closing bracket there
            // for its end.
            self.peek();
        }
        let end = self.last_closing;
        let Some(target) = &mut expr else { return None };
        let span = target.span;
        let slot = match &mut target.kind {
            ExprKind::VectorSelector(selector) => &mut selector.offset,
            ExprKind::MatrixSelector(matrix) => &mut matrix.selector.offset,
            ExprKind::Subquery(subquery) => &mut subquery.offset,
            _ => {
                self.error(SyntaxErrorKind::OffsetWithoutSelector, span);
                return expr;
            }
        };
        if slot.is_zero() {
            *slot = duration;
        } else {
            self.error(SyntaxErrorKind::OffsetTwice, span);
        }
        target.span.end = end;
        expr
    }

    fn at(&mut self, mut expr: Option<Expr>) -> Option<Expr> {
        self.bump();
        let (at, out_of_bounds) = match self.peek() {
            kind @ (TokenKind::Start | TokenKind::End) => {
                self.bump();
                if self.expect(TokenKind::LeftParen, "\"()\"").is_none()
                    || self.expect(TokenKind::RightParen, "\")\"").is_none()
                {
                    return expr;
                }
                (if kind == TokenKind::Start { At::Start } else { At::End }, false)
            }
            _ => {
                let Some(seconds) = self.signed_number() else { return expr };
                let bounded = seconds.abs() < i64::MAX as f64;
                (At::Timestamp(to_integer((seconds * 1000.0).round())), !bounded)
            }
        };
        let end = self.last_closing;
        let Some(target) = &mut expr else { return None };
        let span = target.span;
        if out_of_bounds {
            self.error(SyntaxErrorKind::TimestampOutOfBounds, span);
        }
        let slot = match &mut target.kind {
            ExprKind::VectorSelector(selector) => &mut selector.at,
            ExprKind::MatrixSelector(matrix) => &mut matrix.selector.at,
            ExprKind::Subquery(subquery) => &mut subquery.at,
            _ => {
                self.error(SyntaxErrorKind::AtWithoutSelector, span);
                return expr;
            }
        };
        if slot.is_some() {
            self.error(SyntaxErrorKind::AtTwice, span);
            return expr;
        }
        *slot = Some(at);
        target.span.end = end;
        expr
    }

    fn signed_number(&mut self) -> Option<f64> {
        let mut sign = 1.0;
        if let TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) = self.peek() {
            self.bump();
            if op == BinaryOp::Sub {
                sign = -1.0;
            }
        }
        if !matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
            self.unexpected("a time in seconds, start() or end()");
            return None;
        }
        let token = self.bump();
        Some(self.number(token).value * sign)
    }

    fn extended(&mut self, mut expr: Option<Expr>, kind: TokenKind) -> Option<Expr> {
        self.bump();
        let Some(target) = &mut expr else { return None };
        let span = target.span;
        let selector = match &mut target.kind {
            ExprKind::VectorSelector(selector) => selector.as_mut(),
            ExprKind::MatrixSelector(matrix) => &mut matrix.selector,
            _ => {
                self.error(SyntaxErrorKind::ExtendedRangeWithoutSelector, span);
                return expr;
            }
        };
        match kind {
            TokenKind::Anchored => selector.anchored = true,
            _ => selector.smoothed = true,
        }
        if selector.anchored && selector.smoothed {
            self.error(SyntaxErrorKind::AnchoredAndSmoothed, span);
        }
        expr
    }

    /// `[range]` or `[range:step]`.
    fn bracket(&mut self, expr: Option<Expr>) -> Option<Expr> {
        let open = self.bump();
        let Some(range) = self.positive_duration() else {
            self.recover(TokenKind::RightBracket);
            return expr;
        };
        match self.peek() {
            TokenKind::RightBracket => {
                let close = self.bump();
                self.matrix(expr?, open, range, close)
            }
            TokenKind::Colon => {
                self.bump();
                self.subquery(expr, range)
            }
            _ => {
                self.unexpected("\":\" or \"]\"");
                self.recover(TokenKind::RightBracket);
                expr
            }
        }
    }

    fn matrix(&mut self, expr: Expr, open: Token, range: Duration, close: Token) -> Option<Expr> {
        let brackets = Span::new(open.span.start, close.span.end);
        let Expr { span: selector_span, kind } = expr;
        let selector = match kind {
            ExprKind::VectorSelector(selector) => selector,
            kind => {
                self.error(SyntaxErrorKind::RangeWithoutSelector, brackets);
                return Some(Expr { span: selector_span, kind });
            }
        };
        if !selector.offset.is_zero() {
            self.error(SyntaxErrorKind::OffsetBeforeRange, brackets);
        } else if selector.at.is_some() {
            self.error(SyntaxErrorKind::AtBeforeRange, brackets);
        }
        let span = Span::new(selector_span.start, close.span.end);
        let matrix = MatrixSelector { selector: *selector, selector_span, range };
        Some(Expr { span, kind: ExprKind::MatrixSelector(Box::new(matrix)) })
    }

    fn subquery(&mut self, expr: Option<Expr>, range: Duration) -> Option<Expr> {
        let mut step = None;
        if !matches!(self.peek(), TokenKind::RightBracket) {
            step = self.positive_duration();
        }
        let mut close = None;
        if !self.recovering {
            close = self.expect(TokenKind::RightBracket, "\"]\"");
        }
        if close.is_none() {
            close = self.recover(TokenKind::RightBracket);
        }
        let expr = expr?;
        let end = close.map_or(self.last_closing, |token| token.span.end);
        let span = Span::new(expr.span.start, end);
        let subquery = SubqueryExpr { expr, range, step, offset: Duration::ZERO, at: None };
        Some(Expr { span, kind: ExprKind::Subquery(Box::new(subquery)) })
    }
}
