//! Text to a syntax tree and back: lexer, parser, checks, printer.
//!
//! [`parse`] is the way in: it gives a [`Parsed`] tree that is well typed, or every error it found. [`parse_partial`]
//! is for tools: it gives whatever tree there is along with the errors.
//!
//! - [`ast`]: the tree, plain data with a span on every node.
//! - [`ops`]: operators and their binding powers, the one table behind parser, printer and grammar.
//! - [`token`]: kinds of tokens and the registry of keywords; [`Lexer`] reads them.
//! - [`ParserOptions`] and [`FunctionSet`]: what one parser accepts.
//! - [`Expr::to_canonical`], [`Expr::to_pretty`], [`Expr::to_json`]: the tree as text; [`format()`] keeps comments.
//! - [`Visitor`] and [`Expr::positions`]: walking it.

pub mod ast;
pub mod ops;
pub mod token;

mod check;
mod comments;
mod error;
mod go_text;
mod json;
mod lexer;
mod literal;
mod options;
mod parser;
mod pretty;
mod printer;
mod raw;
mod scan;
mod series_lexer;
mod suggest;
mod text;
mod unicode;
mod visitor;

pub use ast::{Expr, ExprKind};
pub(crate) use go_text::write_duration;

pub use error::{Place, SyntaxError, SyntaxErrorKind, SyntaxErrors};
pub use lexer::Lexer;
#[cfg(feature = "formats")]
pub(crate) use literal::{parse_duration, unquote};
pub use ops::{AggregateOp, BinaryOp, UnaryOp};
pub use options::{DEFAULT_MAX_NESTING, FunctionSet, ParserOptions};
pub use pretty::format;
pub use text::Text;
pub use visitor::Visitor;

use crate::model::Span;

/// A query that parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree.
    pub expr: Expr,
    /// Where the comments stand, in order, `#` included and the end of the line not.
    pub comments: Vec<Span>,
}

/// What could be made of a query that may be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Partial {
    /// The tree, or the parts of it that could be read. Where there are errors it is for looking at only.
    pub expr: Option<Expr>,
    /// Where the comments stand.
    pub comments: Vec<Span>,
    /// What is wrong, in the order met; empty where the query is right.
    pub errors: Vec<SyntaxError>,
}

/// Parses and checks a query. The cost is linear in its length.
pub fn parse(input: &str, options: &ParserOptions, functions: &FunctionSet) -> Result<Parsed, SyntaxErrors> {
    let Partial { expr, comments, errors } = parse_partial(input, options, functions);
    let mut errors = errors.into_iter();
    match (errors.next(), expr) {
        (None, Some(expr)) => Ok(Parsed { expr, comments }),
        (first, _) => {
            let empty = SyntaxError { kind: SyntaxErrorKind::Empty, span: Span::default() };
            Err(SyntaxErrors::new(input, first.unwrap_or(empty), errors))
        }
    }
}

/// Parses what there is and tells what is wrong with it, for tools such as editors.
pub fn parse_partial(input: &str, options: &ParserOptions, functions: &FunctionSet) -> Partial {
    if u32::try_from(input.len()).is_err() {
        let error = SyntaxError { kind: SyntaxErrorKind::TooLong, span: Span::default() };
        return Partial { expr: None, comments: Vec::new(), errors: vec![error] };
    }
    let mut parser = parser::Parser::new(input, options, functions);
    let expr = parser.parse();
    let (mut errors, patterns) = (parser.errors, parser.patterns);
    if options.check_patterns {
        check::check_patterns(input, &patterns, &mut errors);
    }
    if let Some(expr) = &expr
        && errors.iter().all(|error| matches!(error.kind, SyntaxErrorKind::NestingTooDeep { .. }))
    {
        // The depth is a bound of ours: what the language has against the part that was read comes first.
        let mut checked = check::check(input, expr);
        checked.append(&mut errors);
        errors = checked;
    }
    Partial { expr, comments: parser.comments, errors }
}
