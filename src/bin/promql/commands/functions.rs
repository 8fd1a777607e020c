//! `functions` and `.functions`: the registry as a list, and one entry of it in full.

use promql_engine::{
    functions::{self, Function},
    model::{Signature, ValueType},
};

use crate::{
    outcome::Failure,
    output, suggest,
    terminal::{self, Paint, Style},
};

/// The names of all functions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    functions::signatures().iter().map(|signature| signature.name)
}

/// Lists the functions; explains the one of this name; lists those with this part in their names.
pub(crate) fn run(name: Option<&str>, style: &Style) -> Result<(), Failure> {
    let part = name.unwrap_or_default();
    if let Some(text) = explain(part, style) {
        return Ok(terminal::out(&text)?);
    }
    let rows: Vec<[String; 2]> = functions::signatures()
        .iter()
        .filter(|signature| signature.name.contains(part))
        .filter_map(|signature| functions::lookup(signature.name))
        .map(|function| [usage(&function.signature), function.summary.to_owned()])
        .collect();
    if rows.is_empty() {
        let hint = suggest::nearest(part, names());
        let hint = hint.map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
        return Err(Failure::failed(format!("there is no function `{part}`.{hint}")));
    }
    Ok(terminal::out(&output::columns(&rows, style))?)
}

/// All there is to say of the function of this name.
pub(crate) fn explain(name: &str, style: &Style) -> Option<String> {
    let Function { signature, summary, example, .. } = functions::lookup(name)?;
    let experimental = match signature.experimental {
        true => "Experimental: a Prometheus server refuses it unless told otherwise.\n",
        false => "",
    };
    let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    Some(format!(
        "{}\n{summary}\n{experimental}\nExample, at {}:\n{}\n    {}\n{}",
        style.paint(Paint::Name, &usage(signature)),
        example.at,
        indented(example.load),
        example.query,
        indented(example.answer),
    ))
}

/// What it takes and gives: `round(instant vector, [scalar]) → instant vector`.
pub(crate) fn usage(signature: &Signature) -> String {
    let kind = |kind: &ValueType| match kind {
        ValueType::Scalar => "scalar",
        ValueType::Vector => "instant vector",
        ValueType::Matrix => "range vector",
        ValueType::String => "string",
    };
    let all = signature.argument_types.len();
    let optional = usize::try_from(signature.variadic).unwrap_or(1);
    let arguments: Vec<String> = signature
        .argument_types
        .iter()
        .enumerate()
        .map(|(at, argument)| match at + optional >= all {
            true if signature.variadic < 0 => format!("[{}...]", kind(argument)),
            true => format!("[{}]", kind(argument)),
            false => kind(argument).to_owned(),
        })
        .collect();
    format!("{}({}) → {}", signature.name, arguments.join(", "), kind(&signature.return_type))
}
