//! `fmt`: a query laid out over as many lines as it needs.

use promql_engine::syntax::{self, ParserOptions};

use super::query_or_input;
use crate::{
    outcome::Failure,
    problem,
    render::{self, Diagnostic, Severity},
    terminal::{self, Terminal},
};

/// Writes the query laid out, or with `check` says whether it is.
pub(crate) fn run(query: Option<String>, check: bool, terminal: &Terminal) -> Result<(), Failure> {
    let query = query_or_input(query)?;
    let parsed = syntax::parse(&query, &ParserOptions::all(), &problem::functions()).map_err(|errors| {
        terminal::err(&problem::render_syntax(&errors, &query, &terminal.err));
        Failure::Said
    })?;
    if let Some(comment) = parsed.comments.first() {
        // Leaving a comment out without a word would lose what somebody wrote.
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            message: "a query with comments cannot be laid out yet: they would be lost",
            span: Some((comment.start as usize, comment.end as usize)),
            note: None,
        };
        terminal::err(&render::render(&diagnostic, &query, &terminal.err));
        return Err(Failure::Said);
    }
    // Quotes where a server without options wants them: the text is read elsewhere, too.
    let laid_out = parsed.expr.to_pretty(&ParserOptions::default());
    match check {
        true if query.trim_end() == laid_out => Ok(()),
        true => Err(Failure::failed("the query is laid out differently")),
        false => Ok(terminal::out(&format!("{laid_out}\n"))?),
    }
}
