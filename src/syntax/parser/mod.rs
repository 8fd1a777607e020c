//! The parser: tokens to a tree, by hand.
//!
//! Expressions are parsed by precedence climbing on the one table of binding powers in [`ops`](super::ops). What the
//! language says about *types* is checked afterwards, in [`check`](super::check); what Prometheus refuses while it
//! reads (a modifier set twice, an unknown function) is refused here, at the same moment, so that the first error is
//! the same one.
//!
//! Tokens are read as late as possible: a lexer error behind a complete construct must come after the errors of that
//! construct. After an unexpected token the parser skips to the bracket that closes the innermost open one and goes
//! on, so that several errors and a partial tree come out of one query.

mod aggregate;
mod binary;
mod call;
mod duration;
mod expression;
mod modifiers;
mod selector;

use super::ast::Expr;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::lexer::Lexer;
use super::ops::AggregateOp;
use super::options::{FunctionSet, ParserOptions};
use super::suggest::nearest;
use super::token::{KEYWORDS, Token, TokenKind};
use crate::model::{MatchOperator, Span};

/// More errors than a reader takes in; the rest is dropped.
const MAX_ERRORS: usize = 64;

/// A pattern to compile once the text is parsed, and how many errors came before it.
pub(crate) struct PendingPattern {
    pub(crate) span: Span,
    pub(crate) operator: MatchOperator,
    pub(crate) value: Span,
    pub(crate) errors_before: usize,
}

pub(crate) struct Parser<'a> {
    pub(crate) input: &'a str,
    lexer: Lexer<'a>,
    lookahead: Option<Token>,
    options: &'a ParserOptions,
    functions: &'a FunctionSet,
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) comments: Vec<Span>,
    pub(crate) patterns: Vec<PendingPattern>,
    /// The end of the last token read that may end a selector. A token read ahead counts, as in Prometheus, whose
    /// positions it explains.
    last_closing: u32,
    nesting: usize,
    /// An unexpected token was reported and nothing since has closed what is open.
    recovering: bool,
    /// The lexer has reported an error; there are no more tokens.
    lexer_failed: bool,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(input: &'a str, options: &'a ParserOptions, functions: &'a FunctionSet) -> Self {
        Self {
            input,
            lexer: Lexer::new(input, options.unquoted_utf8_names),
            lookahead: None,
            options,
            functions,
            errors: Vec::new(),
            comments: Vec::new(),
            patterns: Vec::new(),
            last_closing: 0,
            nesting: 0,
            recovering: false,
            lexer_failed: false,
        }
    }

    /// Parses the whole input as one expression.
    pub(crate) fn parse(&mut self) -> Option<Expr> {
        if self.peek() == TokenKind::Eof && !self.lexer_failed {
            self.error(SyntaxErrorKind::Empty, Span::default());
            return None;
        }
        let mut expr = self.expression(0);
        loop {
            if !self.recovering && self.peek() != TokenKind::Eof {
                self.unexpected("an operator or the end of the query");
            }
            if !self.recovering {
                return expr;
            }
            // Nothing is open: whatever follows is read as one more expression, for its errors only.
            while !matches!(self.peek(), TokenKind::Eof | TokenKind::Comma) && !self.is_restart() {
                self.skip_balanced();
            }
            if self.peek() == TokenKind::Eof {
                return expr;
            }
            self.bump();
            if !self.peek().starts_expression() {
                return expr;
            }
            self.recovering = false;
            let more = self.expression(0);
            expr = expr.or(more);
        }
    }

    fn is_restart(&mut self) -> bool {
        matches!(self.peek(), TokenKind::Operator(_))
    }

    /// The next token's kind; reads it where that has not happened yet.
    #[inline]
    fn peek(&mut self) -> TokenKind {
        self.token().kind
    }

    #[inline]
    fn token(&mut self) -> Token {
        match self.lookahead {
            Some(token) => token,
            None => self.read(),
        }
    }

    fn read(&mut self) -> Token {
        let token = loop {
            if self.lexer.done {
                let end = self.input.len() as u32;
                break Token { kind: TokenKind::Eof, span: Span::new(end, end) };
            }
            match self.lexer.step() {
                Ok(Token { kind: TokenKind::Comment, span }) => self.comments.push(span),
                Ok(token) => break token,
                Err(error) => {
                    if !self.lexer_failed {
                        self.error(error.kind, error.span);
                    }
                    (self.lexer_failed, self.recovering) = (true, true);
                }
            }
        };
        if matches!(
            token.kind,
            TokenKind::RightParen
                | TokenKind::RightBrace
                | TokenKind::RightBracket
                | TokenKind::Number
                | TokenKind::Duration
        ) {
            self.last_closing = token.span.end;
        }
        self.lookahead = Some(token);
        token
    }

    /// Takes the next token.
    #[inline]
    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::Eof {
            self.lookahead = None;
        }
        token
    }

    /// Takes the next token where it is of this kind.
    fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek() == kind).then(|| self.bump())
    }

    /// Takes a token that must come next, or reports what came instead.
    fn expect(&mut self, kind: TokenKind, expected: &'static str) -> Option<Token> {
        let token = self.eat(kind);
        if token.is_none() {
            self.unexpected(expected);
        }
        token
    }

    fn text(&self, span: Span) -> &'a str {
        self.input.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn error(&mut self, kind: SyntaxErrorKind, span: Span) {
        if !self.lexer_failed && self.errors.len() < MAX_ERRORS {
            self.errors.push(SyntaxError { kind, span });
        }
    }

    /// Reports the next token as wrong; the same trouble is reported once.
    fn unexpected(&mut self, expected: &'static str) {
        let token = self.token();
        if self.recovering {
            return;
        }
        let text = self.text(token.span);
        let suggestion = match token.kind {
            TokenKind::Identifier => nearest(text, KEYWORDS.iter().map(|(word, _)| *word)),
            _ => None,
        };
        let shown = text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end]);
        let kind =
            SyntaxErrorKind::Unexpected { found: token.kind, text: shown.into(), expected, suggestion };
        self.error(kind, token.span);
        self.recovering = true;
    }

    /// Behind an unexpected token: skips to the `close` of the innermost open bracket and takes it.
    fn recover(&mut self, close: TokenKind) -> Option<Token> {
        while !self.lexer_failed {
            match self.peek() {
                TokenKind::Eof | TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                    break;
                }
                _ => self.skip_balanced(),
            }
        }
        let token = self.eat(close);
        self.recovering = token.is_none();
        token
    }

    /// Skips a token, or a bracket with all it holds.
    fn skip_balanced(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.bump().kind {
                TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                    depth = depth.saturating_sub(1);
                }
                TokenKind::Eof => return,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Parses something that stands one level deeper; too deep is an error, once.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.is_too_deep() {
            return None;
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }

    /// Whether one level more is too deep, which is then reported.
    fn is_too_deep(&mut self) -> bool {
        let too_deep = self.nesting >= self.options.max_nesting;
        if too_deep {
            let span = self.token().span;
            if !self.recovering {
                self.error(SyntaxErrorKind::NestingTooDeep { limit: self.options.max_nesting }, span);
            }
            // What follows is as deep or deeper; reading on would only repeat the error.
            (self.recovering, self.lexer_failed) = (true, true);
            self.lexer.done = true;
            self.lookahead = None;
        }
        too_deep
    }

    fn suggest_function(&self, name: &str) -> Option<&'static str> {
        let aggregations = AggregateOp::ALL.iter().map(|op| op.symbol());
        nearest(name, self.functions.names().chain(aggregations))
    }
}
