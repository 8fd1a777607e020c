//! Errors of queries as diagnostics: every error with its carets, and a note where a mend is known.

use promql_engine::{
    QueryError, functions,
    model::ValueType,
    syntax::{self, ExprKind, FunctionSet, ParserOptions, SyntaxError, SyntaxErrorKind, SyntaxErrors},
};

use crate::{
    query_text::QueryText,
    render::{self, Diagnostic, Severity},
    terminal::Style,
};

/// How many errors of one query are shown; later ones mostly follow from the first.
const SHOWN: usize = 5;

/// The error of a query as text.
pub(crate) fn render<'a>(error: &QueryError, query: impl Into<QueryText<'a>>, style: &Style) -> String {
    let query = query.into();
    match error {
        QueryError::Syntax(errors) => render_syntax(errors, query, style),
        QueryError::Evaluation(error) => {
            let message = error.to_string();
            let span = error.span.map(|span| (span.start as usize, span.end as usize));
            let diagnostic = Diagnostic { severity: Severity::Error, message: &message, span, note: None };
            render::render(&diagnostic, query, style)
        }
        // The kinds of errors may grow; their text always says something.
        other => {
            let message = other.to_string();
            let diagnostic =
                Diagnostic { severity: Severity::Error, message: &message, span: None, note: None };
            render::render(&diagnostic, query, style)
        }
    }
}

/// The errors of a parse as text.
pub(crate) fn render_syntax<'a>(
    errors: &SyntaxErrors,
    query: impl Into<QueryText<'a>>,
    style: &Style,
) -> String {
    let query = query.into();
    let mut out = String::new();
    let all = errors.iter().len();
    for error in errors.iter().take(SHOWN) {
        let (message, note) = (error.kind.to_string(), note(error, query.evaluated));
        let span = Some((error.span.start as usize, error.span.end as usize));
        let diagnostic =
            Diagnostic { severity: Severity::Error, message: &message, span, note: note.as_deref() };
        out.push_str(&render::render(&diagnostic, query, style));
    }
    if all > SHOWN {
        out.push_str(&format!("and {} more\n", all - SHOWN));
    }
    out
}

/// What to write instead, where that is known.
fn note(error: &SyntaxError, query: &str) -> Option<String> {
    let text = query.get(error.span.start as usize..error.span.end as usize)?;
    match &error.kind {
        SyntaxErrorKind::WrongType { expected: ValueType::Matrix, found: ValueType::Vector, .. } => {
            const SHORT: usize = 40;
            let parsed = syntax::parse(text, &ParserOptions::all(), &functions()).ok()?;
            let is_selector = matches!(parsed.expr.kind, ExprKind::VectorSelector(_));
            Some(match is_selector {
                true if text.len() <= SHORT && !text.contains('\n') => format!("add a range: {text}[5m]"),
                true => "add a range: [5m]".to_owned(),
                false => "make it a subquery: [5m:]".to_owned(),
            })
        }
        SyntaxErrorKind::WrongType { expected, found, .. }
            if (*expected, *found) == (ValueType::Scalar, ValueType::Vector)
                || (*expected, *found) == (ValueType::Vector, ValueType::Scalar) =>
        {
            // Said only where the query is right with it.
            let made = format!("{expected}({text})");
            let (before, behind) =
                (query.get(..error.span.start as usize)?, query.get(error.span.end as usize..)?);
            syntax::parse(&format!("{before}{made}{behind}"), &ParserOptions::all(), &functions()).ok()?;
            Some(match text.len() <= 40 && !text.contains('\n') {
                true => format!("make it a {expected}: {made}"),
                false => format!("make it a {expected}: {expected}(…)"),
            })
        }
        SyntaxErrorKind::WrongType { expected: ValueType::Vector, found: ValueType::Matrix, .. } => {
            Some("a function such as rate() or last_over_time() makes one of it".to_owned())
        }
        _ => None,
    }
}

/// The functions of the engine, for parsing.
pub(crate) fn functions() -> FunctionSet {
    FunctionSet::new(functions::signatures().iter().copied())
}
