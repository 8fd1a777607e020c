//! The rows of `parse*.jsonl` and `lex*.jsonl`: verdict, canonical and pretty text, type, tree, positions, tokens.

use promql_engine::functions::signatures;
use promql_engine::model::ValueType;
use promql_engine::syntax::{Expr, FunctionSet, Lexer, ParserOptions, SyntaxErrors, parse};
use serde_json::Value;

use super::conformance::Figure;

/// How often the first error of a refused query stands where Prometheus' stands.
#[derive(Default)]
pub(crate) struct Places {
    agree: usize,
    total: usize,
}

impl Places {
    /// Counts a row, where both refuse the query and Prometheus says where.
    pub(crate) fn count(&mut self, file: &str, row: &Value, functions: &FunctionSet) {
        let (Some(input), Some(false)) = (row["input"].as_str(), row["ok"].as_bool()) else { return };
        if file.starts_with("lex") {
            return;
        }
        if let Err(errors) = parse(input, &options(&row["options"]), functions)
            && let Some(expected) = expected_place(row)
        {
            self.total += 1;
            self.agree += usize::from(errors.line_column(errors.first().span.start) == expected);
        }
    }

    pub(crate) fn figure(&self) -> Figure {
        let name = "parse*.jsonl, place of the first error".to_owned();
        Figure { name, passed: self.agree, total: self.total }
    }
}

/// What a row of a syntax file says against what the library says; an error is the difference.
pub(crate) fn check_row(file: &str, row: &Value, functions: &FunctionSet) -> Result<(), String> {
    let input = row["input"].as_str().ok_or("a row without input")?;
    if file.starts_with("lex") {
        return check_tokens(input, row);
    }
    let options = options(&row["options"]);
    let outcome = parse(input, &options, functions);
    if let Some(error) = row.get("server_default_error").and_then(Value::as_str) {
        let default = parse(input, &ParserOptions::default(), functions);
        if default.is_ok() {
            return Err(format!("accepted by default, expected {error}"));
        }
    }
    match (&row["ast"], outcome) {
        (Value::Null, outcome) => check_verdict(row, outcome.map(|parsed| parsed.expr), &options),
        (_, Err(errors)) => Err(format!("refused: {errors}")),
        (expected, Ok(parsed)) => check_tree(expected, &row["positions"], &parsed.expr),
    }
}

/// The functions of Prometheus, experimental ones included.
pub(crate) fn functions() -> FunctionSet {
    signatures().iter().copied().collect()
}

fn options(row: &Value) -> ParserOptions {
    let on = |name: &str| row.get(name).and_then(Value::as_bool).unwrap_or(true);
    ParserOptions {
        experimental_functions: on("experimental_functions"),
        fill_modifiers: on("binop_fill"),
        unquoted_utf8_names: on("unquoted_utf8_names"),
        ..ParserOptions::default()
    }
}

fn check_verdict(
    row: &Value,
    outcome: Result<Expr, SyntaxErrors>,
    options: &ParserOptions,
) -> Result<(), String> {
    let accepted = row["ok"].as_bool().unwrap_or_default();
    match outcome {
        Ok(_) if !accepted => Err(format!("accepted, expected {}", row["error"])),
        Err(errors) if accepted => Err(format!("refused: {errors}")),
        Err(errors) => check_first_error(row, &errors),
        Ok(expr) => {
            same("canonical", row["canonical"].as_str(), &expr.to_canonical(options))?;
            if let Some(pretty) = row["pretty"].as_str() {
                same("pretty", Some(pretty), &expr.to_pretty(options))?;
            }
            let value_type: ValueType = expr.value_type();
            same("type", row["type"].as_str(), value_type.name())
        }
    }
}

fn same(what: &str, expected: Option<&str>, found: &str) -> Result<(), String> {
    if expected == Some(found) {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

/// Prometheus' first error has a line and a column, unless the query is empty.
fn check_first_error(row: &Value, errors: &SyntaxErrors) -> Result<(), String> {
    let place = errors.line_column(errors.first().span.start);
    match expected_place(row) {
        Some(expected) if place != expected => {
            Err(format!("position: expected {}, found {errors}", row["error"]))
        }
        _ => Ok(()),
    }
}

/// Line and column of a row's first error.
fn expected_place(row: &Value) -> Option<(usize, usize)> {
    let mut parts = row["error"].as_str()?.splitn(3, ':');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn check_tree(expected: &Value, positions: &Value, expr: &Expr) -> Result<(), String> {
    let json: Value = serde_json::from_str(&expr.to_json()).map_err(|error| error.to_string())?;
    if !same_json(expected, &json) {
        return Err(format!("tree: expected {expected}, found {json}"));
    }
    let found: Vec<Value> = expr
        .positions()
        .into_iter()
        .map(|(name, span)| serde_json::json!([name, span.start, span.end]))
        .collect();
    if *positions != Value::Array(found.clone()) {
        return Err(format!("positions: expected {positions}, found {}", Value::Array(found)));
    }
    Ok(())
}

/// Equality of JSON where `1` is `1.0`.
fn same_json(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_json(a, b)))
        }
        _ => a == b,
    }
}

fn check_tokens(input: &str, row: &Value) -> Result<(), String> {
    let on = |name: &str| row[name].as_bool().unwrap_or_default();
    let unquoted = on("unquoted_utf8_names");
    let lexer = if on("series_desc") { Lexer::series(input, unquoted) } else { Lexer::new(input, unquoted) };
    let mut found = Vec::new();
    for token in lexer {
        found.push(match token {
            Ok(token) => {
                let (start, end) = (token.span.start as usize, token.span.end as usize);
                (start, input.get(start..end).unwrap_or_default().to_owned())
            }
            Err(error) => (error.span.start as usize, "ERROR".to_owned()),
        });
    }
    let mut expected = Vec::new();
    for token in row["tokens"].as_array().ok_or("a row without tokens")? {
        let start = token[1].as_u64().unwrap_or_default() as usize;
        // An error's text is its message; only its place is compared.
        let text = if token[0] == "ERROR" { "ERROR" } else { token[2].as_str().unwrap_or_default() };
        expected.push((start, text.to_owned()));
    }
    if found == expected { Ok(()) } else { Err(format!("tokens: expected {expected:?}, found {found:?}")) }
}
