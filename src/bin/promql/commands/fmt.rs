//! `fmt`: a query laid out over as many lines as it needs, its comments kept.

use promql_engine::syntax::{self, ParserOptions};

use super::query_or_input;
use crate::{
    outcome::Failure,
    problem,
    terminal::{self, Terminal},
};

/// Writes the query laid out, or with `check` says whether it is.
pub(crate) fn run(query: Option<String>, check: bool, terminal: &Terminal) -> Result<(), Failure> {
    let query = query_or_input(query)?;
    let laid_out =
        syntax::format(&query, &ParserOptions::all(), &problem::functions()).map_err(|errors| {
            terminal::err(&problem::render_syntax(&errors, &query, &terminal.err));
            Failure::Said
        })?;
    match check {
        true if query.trim_end() == laid_out => Ok(()),
        true => Err(Failure::failed("the query is laid out differently")),
        false => Ok(terminal::out(&format!("{laid_out}\n"))?),
    }
}
