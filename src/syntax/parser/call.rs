//! Calls of functions, and the argument lists they share with aggregations.

use super::Parser;
use crate::model::Span;
use crate::syntax::ast::{Call, Expr, ExprKind};
use crate::syntax::error::SyntaxErrorKind;
use crate::syntax::token::{Token, TokenKind};

/// An argument list with its closing parenthesis.
pub(super) struct Arguments {
    pub(super) list: Vec<Expr>,
    pub(super) end: u32,
    /// Nothing in it was unreadable, so that its length means something.
    pub(super) complete: bool,
}

impl Parser<'_> {
    /// A call; the name has been taken and a parenthesis follows.
    pub(super) fn call(&mut self, name: Token) -> Option<Expr> {
        let arguments = self.arguments();
        let text = self.text(name.span);
        let Some(function) = self.functions.get(text).copied() else {
            let suggestion = self.suggest_function(text);
            self.error(SyntaxErrorKind::UnknownFunction { name: text.into(), suggestion }, name.span);
            // The partial tree keeps what was passed, since a node without a signature means nothing.
            return arguments.list.into_iter().next();
        };
        if function.experimental && !self.options.experimental_functions {
            self.error(SyntaxErrorKind::ExperimentalFunction { name: function.name }, name.span);
        }
        let span = Span::new(name.span.start, arguments.end);
        Some(Expr { span, kind: ExprKind::Call(Box::new(Call { function, args: arguments.list })) })
    }

    /// `( … )` with any number of expressions.
    pub(super) fn arguments(&mut self) -> Arguments {
        let open = self.bump();
        let mut arguments = Arguments { list: Vec::new(), end: open.span.end, complete: true };
        if let Some(close) = self.eat(TokenKind::RightParen) {
            arguments.end = close.span.end;
            return arguments;
        }
        if let Some(argument) = self.nested(|parser| parser.expression(0)) {
            arguments.list.push(argument);
        }
        while !self.recovering {
            match self.peek() {
                TokenKind::RightParen => {
                    arguments.end = self.bump().span.end;
                    return arguments;
                }
                TokenKind::Comma => {
                    let comma = self.bump();
                    let next = self.peek();
                    if next.starts_expression() {
                        if let Some(argument) = self.nested(|parser| parser.expression(0)) {
                            arguments.list.push(argument);
                        }
                    } else if !self.lexer_failed {
                        self.error(SyntaxErrorKind::TrailingComma, comma.span);
                        arguments.complete = false;
                    }
                }
                _ => self.unexpected("\",\" or \")\""),
            }
        }
        arguments.complete = false;
        arguments.end = self.input.len() as u32;
        if let Some(close) = self.recover(TokenKind::RightParen) {
            arguments.end = close.span.end;
        }
        arguments
    }
}
