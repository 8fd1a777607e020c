//! Bodies that read queries.

use std::sync::LazyLock;

use serde_json::Value;

use crate::functions::signatures;
use crate::model::Span;
use crate::syntax::ast::{Duration, DurationExpr, DurationExprKind, NumberLiteral, VectorSelector};
use crate::syntax::token::TokenKind;
use crate::syntax::{
    Expr, ExprKind, FunctionSet, Lexer, ParserOptions, SyntaxErrorKind, Visitor, parse as parse_query,
    parse_partial,
};

static FUNCTIONS: LazyLock<FunctionSet> = LazyLock::new(|| signatures().iter().copied().collect());

/// Bytes as a query; what is no UTF-8 becomes the replacement character, as in Go.
fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

fn assert_span(input: &str, span: Span, what: &str) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(input.get(start..end).is_some(), "{what} at {start}..{end} of {} bytes", input.len());
}

/// The lexer: tokens in order, on character boundaries, with nothing but space between them; an end or one error.
pub fn lex(data: &[u8]) {
    let input = text(data);
    for utf8 in [false, true] {
        tokens(&input, Lexer::new(&input, utf8), true);
        tokens(&input, Lexer::series(&input, utf8), false);
    }
}

fn tokens(input: &str, lexer: Lexer<'_>, spaces_only: bool) {
    let mut at = 0;
    let mut ended = false;
    for token in lexer {
        assert!(!ended, "a token behind the end");
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                assert_span(input, error.span, "an error");
                ended = true;
                continue;
            }
        };
        assert_span(input, token.span, "a token");
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        assert!(start >= at, "tokens overlap at {start}");
        ended = token.kind == TokenKind::Eof;
        assert!(ended || end > start, "an empty token at {start}");
        let between = &input[at..start];
        assert!(
            !spaces_only || between.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')),
            "{between:?} is in no token"
        );
        at = end;
    }
    assert!(ended, "neither an end nor an error");
}

/// The parser: a tree or errors, both with spans inside the text, whatever the options.
pub fn parse(data: &[u8]) {
    let input = text(data);
    for options in [ParserOptions::all(), ParserOptions::default()] {
        let partial = parse_partial(&input, &options, &FUNCTIONS);
        for error in &partial.errors {
            assert_span(&input, error.span, "an error");
        }
        for comment in &partial.comments {
            assert_span(&input, *comment, "a comment");
            assert!(input[comment.start as usize..].starts_with('#'));
        }
        if let Some(expr) = &partial.expr {
            for (node, span) in expr.positions() {
                assert_span(&input, span, node);
            }
        }
        match parse_query(&input, &options, &FUNCTIONS) {
            Ok(parsed) => {
                assert!(partial.errors.is_empty(), "{:?}", partial.errors);
                // The trees themselves may hold NaN, which is not equal to itself.
                assert_eq!(partial.expr.map(|expr| expr.positions()), Some(parsed.expr.positions()));
            }
            Err(errors) => {
                assert!(errors.iter().eq(&partial.errors) || partial.errors.is_empty());
                for error in errors.iter() {
                    let (line, column) = errors.line_column(error.span.start);
                    assert!(line >= 1 && column >= 1);
                }
                assert!(!errors.to_string().is_empty());
            }
        }
    }
}

/// The printers: what is printed, on one line or on several, parses to the tree it came from.
pub fn round_trip(data: &[u8]) {
    let input = text(data);
    let ascii = ParserOptions { unquoted_utf8_names: false, ..ParserOptions::all() };
    for options in [ParserOptions::all(), ascii] {
        let Ok(parsed) = parse_query(&input, &options, &FUNCTIONS) else { return };
        if !says_itself(&parsed.expr) {
            return;
        }
        let tree = tree(&parsed.expr);
        let canonical = parsed.expr.to_canonical(&options);
        for text in [&canonical, &parsed.expr.to_pretty(&options)] {
            match parse_query(text, &options, &FUNCTIONS) {
                Ok(again) => {
                    assert_eq!(self::tree(&again.expr), tree, "{input:?} is printed as {text:?}");
                    assert_eq!(again.expr.to_canonical(&options), canonical);
                }
                Err(errors) => {
                    // Indentation and parentheses never add nesting; anything else is a fault of the printer.
                    let deep =
                        |kind: &SyntaxErrorKind| matches!(kind, SyntaxErrorKind::NestingTooDeep { .. });
                    assert!(deep(&errors.first().kind), "{input:?} is printed as {text:?}: {errors}");
                }
            }
        }
    }
}

/// A tree without positions, its matchers sorted as the printer sorts them; `None` where it is too deep for JSON.
fn tree(expr: &Expr) -> Option<Value> {
    let mut tree = serde_json::from_str(&expr.to_json()).ok()?;
    sort_matchers(&mut tree);
    Some(tree)
}

fn sort_matchers(tree: &mut Value) {
    match tree {
        Value::Array(list) => list.iter_mut().for_each(sort_matchers),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Array(list) if name == "matchers" => list.sort_by_cached_key(Value::to_string),
                    _ => sort_matchers(field),
                }
            }
        }
        _ => {}
    }
}

/// Whether a tree's text can say all of it. Prometheus' text, which is ours to the byte, cannot say everything.
fn says_itself(expr: &Expr) -> bool {
    struct Lossless(bool);
    impl Visitor for Lossless {
        fn enter(&mut self, expr: &Expr) -> bool {
            self.0 &= match &expr.kind {
                ExprKind::Number(literal) => number(literal),
                ExprKind::VectorSelector(selector) => selector_is_lossless(selector),
                ExprKind::MatrixSelector(matrix) => {
                    selector_is_lossless(&matrix.selector) && duration(&matrix.range)
                }
                ExprKind::Subquery(subquery) => {
                    duration(&subquery.range)
                        && subquery.step.as_ref().is_none_or(duration)
                        && duration(&subquery.offset)
                }
                _ => true,
            };
            self.0
        }
    }
    let mut lossless = Lossless(true);
    expr.visit(&mut lossless);
    lossless.0
}

fn selector_is_lossless(selector: &VectorSelector) -> bool {
    duration(&selector.offset)
}

/// Durations are printed in whole milliseconds.
fn duration(duration: &Duration) -> bool {
    match duration {
        Duration::Fixed(nanoseconds) => nanoseconds % 1_000_000 == 0,
        Duration::Expression(expr) => term(expr),
    }
}

fn term(expr: &DurationExpr) -> bool {
    match &expr.kind {
        DurationExprKind::Number(literal) => number(literal),
        DurationExprKind::Step | DurationExprKind::Range => true,
        DurationExprKind::MinOf(a, b) | DurationExprKind::MaxOf(a, b) | DurationExprKind::Binary(_, a, b) => {
            term(a) && term(b)
        }
        DurationExprKind::Unary(_, inner) => term(inner),
    }
}

/// Infinity is printed with a sign, which binds less than what may follow. A duration loses the sign of minus zero, and some
/// lose a millisecond: `1s7ms` is printed as `1s6ms`.
fn number(literal: &NumberLiteral) -> bool {
    let value = literal.value.abs();
    if !literal.is_duration {
        return !value.is_infinite();
    }
    let milliseconds = (value * 1e9) as i64 / 1_000_000;
    let printed = (milliseconds / 1000) as f64 + (milliseconds % 1000 * 1_000_000) as f64 / 1e9;
    printed == value && (value != 0.0 || literal.value.is_sign_positive())
}
