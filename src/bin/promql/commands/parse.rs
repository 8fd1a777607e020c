//! `parse`: what a query is. With `--json` a line of JSON a query, in the shape of Prometheus' own answers to it.

use std::{
    fmt::Write,
    io::{self, BufRead},
};

use promql_engine::syntax::{self, FunctionSet, ParserOptions, SyntaxErrors};
use serde_json::Value;

use crate::{
    api::string,
    outcome::Failure,
    problem,
    terminal::{self, Paint, Terminal},
};

/// Answers for one query, or for a query a line of standard input.
pub(crate) fn run(query: Option<&str>, json: bool, terminal: &Terminal) -> Result<(), Failure> {
    let functions = problem::functions();
    let mut all_well = true;
    let mut one = |query: &str| -> Result<(), Failure> {
        match json {
            true => terminal::out(&answer_json(query, &ParserOptions::all(), &functions))?,
            false => all_well &= say(query, &functions, terminal)?,
        }
        Ok(())
    };
    match query {
        Some(query) => one(query)?,
        None => {
            for line in io::stdin().lock().lines() {
                let line =
                    line.map_err(|error| Failure::failed(format!("cannot read the queries: {error}")))?;
                match question(&line).filter(|_| json) {
                    Some((query, options)) => terminal::out(&answer_json(&query, &options, &functions))?,
                    None => one(&line)?,
                }
            }
        }
    }
    // As JSON, the verdict is the answer; as text, a query that is none is a failure.
    if all_well { Ok(()) } else { Err(Failure::Said) }
}

/// A line that is an object with a query in it. No query is one: a brace opens matchers, which have no colon.
fn question(line: &str) -> Option<(String, ParserOptions)> {
    if !line.starts_with('{') {
        return None;
    }
    let object: Value = serde_json::from_str(line).ok()?;
    let query = object.get("input")?.as_str()?.to_owned();
    let option = |name: &str| {
        let options = object.get("options");
        options.and_then(|options| options.get(name)?.as_bool()).unwrap_or(true)
    };
    let mut options = ParserOptions::all();
    options.experimental_functions = option("experimental_functions");
    options.fill_modifiers = option("binop_fill");
    options.unquoted_utf8_names = option("unquoted_utf8_names");
    Some((query, options))
}

/// The answer for a person; says whether it is a query.
fn say(query: &str, functions: &FunctionSet, terminal: &Terminal) -> Result<bool, Failure> {
    let options = ParserOptions::all();
    match syntax::parse(query, &options, functions) {
        Ok(parsed) => {
            let kind = terminal.out.paint(Paint::Faint, &format!("# {}", parsed.expr.value_type()));
            terminal::out(&format!("{}  {kind}\n", parsed.expr.to_canonical(&options)))?;
            Ok(true)
        }
        Err(errors) => {
            terminal::err(&problem::render_syntax(&errors, query, &terminal.err));
            Ok(false)
        }
    }
}

fn answer_json(query: &str, options: &ParserOptions, functions: &FunctionSet) -> String {
    let mut out = format!("{{\"input\":{},", string(query));
    match syntax::parse(query, options, functions) {
        Ok(parsed) => {
            let expr = &parsed.expr;
            let positions: Vec<String> = expr
                .positions()
                .iter()
                .map(|(name, span)| format!("[{},{},{}]", string(name), span.start, span.end))
                .collect();
            let _ = write!(
                out,
                "\"ok\":true,\"canonical\":{},\"pretty\":{},\"type\":\"{}\",\"ast\":{},\"positions\":[{}]",
                string(&expr.to_canonical(options)),
                string(&expr.to_pretty(options)),
                expr.value_type(),
                expr.to_json(),
                positions.join(","),
            );
        }
        Err(errors) => {
            let _ = write!(out, "\"ok\":false,{}", errors_json(&errors));
        }
    }
    out.push_str("}\n");
    out
}

/// `"error":…,"errors":[…]`.
fn errors_json(errors: &SyntaxErrors) -> String {
    let full = |start, message: &str| {
        let (line, column) = errors.line_column(start);
        format!("{line}:{column}: parse error: {message}")
    };
    let list: Vec<String> = errors
        .iter()
        .map(|error| {
            let message = error.kind.to_string();
            let (start, end) = (error.span.start, error.span.end);
            let (text, full) = (string(&message), string(&full(start, &message)));
            format!("{{\"start\":{start},\"end\":{end},\"message\":{text},\"full\":{full}}}")
        })
        .collect();
    format!("\"error\":{},\"errors\":[{}]", string(&crate::api::first(errors)), list.join(","))
}
