//! Aggregations, and the label lists they share with vector matching.

use super::Parser;
use crate::model::Span;
use crate::syntax::ast::{AggregateExpr, Expr, ExprKind};
use crate::syntax::error::SyntaxErrorKind;
use crate::syntax::literal::unquote;
use crate::syntax::ops::AggregateOp;
use crate::syntax::printer::needs_quotes;
use crate::syntax::token::{Token, TokenKind};

impl Parser<'_> {
    /// An aggregation; its name has been taken and `(`, `by` or `without` follows.
    pub(super) fn aggregate(&mut self, op: AggregateOp, name: Token) -> Option<Expr> {
        let mut grouping = None;
        if self.peek() != TokenKind::LeftParen {
            grouping = Some(self.grouping());
            if self.recovering || self.peek() != TokenKind::LeftParen {
                self.unexpected("\"(\"");
                return None;
            }
        }
        let arguments = self.arguments();
        let mut end = arguments.end;
        if grouping.is_none() && !self.recovering {
            if matches!(self.peek(), TokenKind::By | TokenKind::Without) {
                grouping = Some(self.grouping());
                end = self.last_closing;
            } else {
                end = self.end_before_lookahead();
            }
        }
        let (without, grouping) = grouping.unwrap_or_default();
        let span = Span::new(name.span.start, end);
        self.check_arguments(op, arguments.list.len(), arguments.complete, span);
        let mut list = arguments.list.into_iter();
        let param = if op.has_param() && list.len() > 1 { list.next() } else { None };
        let expr = list.next()?;
        Some(Expr {
            span,
            kind: ExprKind::Aggregate(Box::new(AggregateExpr { op, expr, param, grouping, without })),
        })
    }

    fn check_arguments(&mut self, op: AggregateOp, found: usize, complete: bool, span: Span) {
        let expected = 1 + usize::from(op.has_param());
        let arity = SyntaxErrorKind::AggregationArguments { op, expected, found };
        if found == 0 && complete {
            self.error(arity, span);
        } else if op.is_experimental() && !self.options.experimental_functions {
            self.error(SyntaxErrorKind::ExperimentalAggregation { op }, span);
        } else if found != expected && complete {
            self.error(arity, span);
        }
    }

    /// Where an aggregation ends whose parser has read one token too many, as Prometheus finds it: behind the
    /// parenthesis before a closing one, with nothing but space between the two.
    fn end_before_lookahead(&mut self) -> u32 {
        let next = self.token();
        if next.kind != TokenKind::RightParen {
            return self.last_closing;
        }
        let before = self.input.as_bytes().get(..next.span.start as usize).unwrap_or_default();
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        match before.iter().rposition(|b| !blank(b)) {
            Some(at) if before[at] == b')' => at as u32 + 1,
            _ => self.last_closing,
        }
    }

    /// `by (…)` or `without (…)`.
    fn grouping(&mut self) -> (bool, Vec<Box<str>>) {
        let without = self.bump().kind == TokenKind::Without;
        (without, self.labels())
    }

    /// `( … )` with names of labels.
    pub(super) fn labels(&mut self) -> Vec<Box<str>> {
        let mut labels = Vec::new();
        if self.expect(TokenKind::LeftParen, "\"(\" and names of labels").is_none() {
            return labels;
        }
        loop {
            let token = self.token();
            match token.kind {
                TokenKind::RightParen => {
                    self.bump();
                    return labels;
                }
                TokenKind::String => {
                    self.bump();
                    match unquote(self.text(token.span)).as_str() {
                        Some(name) if !name.is_empty() => labels.push(name.into()),
                        _ => self.error(SyntaxErrorKind::InvalidLabelName, token.span),
                    }
                }
                kind if kind.is_label_word() => {
                    self.bump();
                    let name = self.text(token.span);
                    // Without the option, names with colons have always been accepted here.
                    if self.options.unquoted_utf8_names && needs_quotes(name, true) {
                        self.error(SyntaxErrorKind::InvalidLabelName, token.span);
                    }
                    labels.push(name.into());
                }
                _ => {
                    self.unexpected("the name of a label");
                    break;
                }
            }
            if self.eat(TokenKind::Comma).is_none() && self.peek() != TokenKind::RightParen {
                self.unexpected("\",\" or \")\"");
                break;
            }
        }
        self.recover(TokenKind::RightParen);
        labels
    }
}
