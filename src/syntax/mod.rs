//! Text to a syntax tree and back: lexer, parser, checks, printer.
//!
//! - [`ast`]: the tree, plain data with a span on every node.
//! - [`ops`]: operators and their binding powers, the one table behind parser, printer and grammar.
//! - [`ParserOptions`] and [`FunctionSet`]: what one parser accepts.

pub mod ast;
pub mod ops;

mod options;
mod text;

pub use ast::{Expr, ExprKind};
pub use ops::{AggregateOp, BinaryOp, UnaryOp};
pub use options::{DEFAULT_MAX_NESTING, FunctionSet, ParserOptions};
pub use text::Text;
