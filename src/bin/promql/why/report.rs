//! Reasons as text for people, and as a line of JSON for programs.

use promql_engine::syntax::{self, Expr, ExprKind, ParserOptions, Visitor};

use super::Reason;
use crate::{
    api, problem,
    query_text::QueryText,
    render::{self, Diagnostic, Severity},
    terminal::{self, Style},
};

/// The reasons for a person: a sentence each, with its part of the query where the query has several selectors.
pub(crate) fn text(reasons: &[Reason], query: QueryText<'_>, style: &Style) -> String {
    let mut out = String::new();
    let has_operands = has_operands(query.evaluated);
    for reason in reasons {
        let (start, end) = (reason.span.start as usize, reason.span.end as usize);
        let is_all = query.evaluated.get(start..end).is_some_and(|part| part == query.evaluated.trim());
        let span = (has_operands && !is_all).then_some((start, end));
        let diagnostic = Diagnostic { severity: Severity::Empty, message: &reason.message, span, note: None };
        out.push_str(&render::render(&diagnostic, query, style));
        out.push_str(&lines(&reason.notes, style));
    }
    out
}

/// Notes below a sentence, a line each, wrapped for a person.
pub(crate) fn lines(notes: &[String], style: &Style) -> String {
    let mut out = String::new();
    for note in notes {
        let note =
            if style.read { terminal::wrap(note, style.width.saturating_sub(2)) } else { note.clone() };
        out.extend(note.lines().map(|line| format!("  {line}\n")));
    }
    out
}

/// Whether there are operands, so that it takes carets to see which part is meant.
fn has_operands(query: &str) -> bool {
    struct Operators(bool);
    impl Visitor for Operators {
        fn enter(&mut self, expr: &Expr) -> bool {
            self.0 |= matches!(expr.kind, ExprKind::Binary(_));
            !self.0
        }
    }
    let mut operators = Operators(false);
    if let Ok(parsed) = syntax::parse(query, &ParserOptions::all(), &problem::functions()) {
        parsed.expr.visit(&mut operators);
    }
    operators.0
}

/// The reasons for a program: `{"empty":[{"kind":…}]}` and a line break.
pub(crate) fn json(reasons: &[Reason]) -> String {
    let list: Vec<String> = reasons
        .iter()
        .map(|reason| {
            let notes: Vec<String> = reason.notes.iter().map(|note| api::string(note.trim())).collect();
            format!(
                "{{\"kind\":{},\"start\":{},\"end\":{},\"message\":{},\"notes\":[{}]}}",
                api::string(reason.kind),
                reason.span.start,
                reason.span.end,
                api::string(&reason.message),
                notes.join(",")
            )
        })
        .collect();
    format!("{{\"empty\":[{}]}}\n", list.join(","))
}
