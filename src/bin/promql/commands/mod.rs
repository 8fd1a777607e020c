//! The commands that can do without samples, a file each.

pub(crate) mod fmt;
pub(crate) mod functions;
pub(crate) mod generate;
pub(crate) mod lint;
pub(crate) mod metrics;
pub(crate) mod parse;
pub(crate) mod rules;
pub(crate) mod test;

use std::io::Read;

use crate::outcome::Failure;

/// The query that was given, or else the one on standard input.
fn query_or_input(query: Option<String>) -> Result<String, Failure> {
    if let Some(query) = query {
        return Ok(query);
    }
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| Failure::failed(format!("cannot read the query: {error}")))?;
    Ok(text.trim_end().to_owned())
}
