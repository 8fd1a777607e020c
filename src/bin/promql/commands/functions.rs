//! `functions` and `.functions`: the registry as a list, one entry of it in full, and all of it as a page.

use std::fmt::Write as _;

use promql_engine::{
    functions,
    model::{Example, Signature, Unit, ValueType},
    syntax::AggregateOp,
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

/// A function or an aggregation, as documentation sees it.
struct Entry {
    name: &'static str,
    usage: String,
    summary: String,
    is_experimental: bool,
    unit: Unit,
    example: Example,
}

impl Entry {
    /// The function or the aggregation of this name.
    fn find(name: &str) -> Option<Self> {
        if let Some(function) = functions::lookup(name) {
            return Some(Self {
                name: function.signature.name,
                usage: usage(&function.signature),
                summary: function.summary.to_owned(),
                is_experimental: function.signature.experimental,
                unit: function.unit,
                example: function.example,
            });
        }
        AggregateOp::ALL.iter().find(|op| op.symbol() == name).map(|op| Self::of_aggregation(*op))
    }

    fn of_aggregation(op: AggregateOp) -> Self {
        let parameter = match op {
            AggregateOp::CountValues => "string, ",
            _ if op.has_param() => "scalar, ",
            _ => "",
        };
        Self {
            name: op.symbol(),
            usage: format!("{op} [by|without (label, ...)] ({parameter}instant vector) → instant vector"),
            summary: format!("Of each group, {}.", op.summary()),
            is_experimental: op.is_experimental(),
            unit: op.unit(),
            example: op.example(),
        }
    }

    /// A section of the page.
    fn markdown(&self) -> String {
        let Self { name, usage, summary, unit, example, .. } = self;
        let stability = if self.is_experimental { "Experimental" } else { "Stable" };
        format!(
            "\n### {name}\n\n`{usage}`\n\n{summary} Unit: {unit}. {stability}.\n\n```promqltest\n{}```\n",
            example.script(),
        )
    }
}

/// All there is to say of the function or aggregation of this name.
pub(crate) fn explain(name: &str, style: &Style) -> Option<String> {
    let Entry { usage, summary, is_experimental, example, .. } = Entry::find(name)?;
    let experimental = match is_experimental {
        true => "Experimental: a Prometheus server refuses it unless told otherwise.\n",
        false => "",
    };
    let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    Some(format!(
        "{}\n{summary}\n{experimental}\nExample, at {}:\n{}\n    {}\n{}",
        style.paint(Paint::Name, &usage),
        example.at,
        indented(example.load),
        example.query,
        indented(example.answer),
    ))
}

/// What stands above the list in `docs/functions.md`.
const PAGE_HEAD: &str = "\
# Functions and aggregations

Written from the registries by `cargo run -- functions --markdown > docs/functions.md`; a test fails while this page says anything else.

Each entry shows what is taken and given (what stands in `[]` may be left out), what the values are measured in, and an example
that runs: a script for `promql test`, which loads series and says what the answer has to be. A server refuses what is
experimental, unless told otherwise; `promql` accepts all. How queries are put together is in [language.md](language.md).
";

/// Writes the page `docs/functions.md`.
pub(crate) fn markdown() -> Result<(), Failure> {
    let mut page = PAGE_HEAD.to_owned();
    let lists: [(&str, Vec<&str>); 2] = [
        ("Functions", names().collect()),
        ("Aggregations", AggregateOp::ALL.iter().map(|op| op.symbol()).collect()),
    ];
    for (title, names) in lists {
        let _ = writeln!(page, "\n## {title}");
        page.extend(names.into_iter().filter_map(Entry::find).map(|entry| entry.markdown()));
    }
    Ok(terminal::out(&page)?)
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
