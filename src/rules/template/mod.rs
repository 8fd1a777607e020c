//! The templates of labels and annotations: Go's `text/template` with Prometheus' functions.
//!
//! `lexer`, `parse` and `pipeline` make a tree (`ast`), `execute` and `range` walk it over the values of `value`; `functions` holds what a template may
//! call, `printf` Go's formats, `humanize` numbers for people. Errors have the words that Prometheus puts in the place of the text.
//! A template's work, depth and output are bounded.

mod ast;
mod collections;
mod compare;
mod execute;
mod functions;
mod humanize;
mod lexer;
mod parse;
mod pipeline;
mod printf;
mod range;
#[cfg(test)]
mod tests;
mod text;
mod value;

use std::fmt;
use std::rc::Rc;

use crate::exec::value::SampleValue;
use crate::model::Labels;
pub(super) use value::TemplateSample;
use value::{Alert, Value};

/// Sets the variables that people use: `$labels`, `$value` and so on.
const DEFINITIONS: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}\
                           {{$externalURL := .ExternalURL}}{{$value := .Value}}";

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The name of the template.
    name: String,
    /// Where: a line, and in a template that parses the column.
    place: String,
    /// Whether it parses.
    is_parsed: bool,
    message: String,
}

impl TemplateError {
    fn parse(name: &str, text: &str, at: usize, message: &str) -> Self {
        let place = (1 + text[..at].matches('\n').count()).to_string();
        Self { name: name.to_owned(), place, is_parsed: false, message: message.to_owned() }
    }

    fn execute(name: &str, text: &str, at: usize, context: &str, message: &str) -> Self {
        let before = &text[..at];
        let line = 1 + before.matches('\n').count();
        let column = at - before.rfind('\n').map_or(0, |end| end + 1);
        let message = format!("executing {name:?} at <{context}>: {message}");
        Self { name: name.to_owned(), place: format!("{line}:{column}"), is_parsed: true, message }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.name, self.place, self.message)
    }
}

impl std::error::Error for TemplateError {}

/// What answers the queries of templates; an error is its message.
pub(super) type TemplateQuery<'q> = dyn Fn(&str) -> Result<Vec<TemplateSample>, String> + 'q;

/// What the templates of one series of an alert know.
pub(super) struct AlertContext<'c> {
    pub(super) alert: &'c str,
    pub(super) labels: &'c Labels,
    pub(super) value: &'c SampleValue,
    pub(super) external_labels: &'c Labels,
    pub(super) external_url: &'c str,
    pub(super) time_ms: i64,
    pub(super) query: &'c TemplateQuery<'c>,
}

fn template_name(alert: &str) -> String {
    format!("__alert_{alert}")
}

/// Whether the text is a template that parses.
pub(super) fn check(alert: &str, text: &str) -> Result<(), TemplateError> {
    parse::parse(&template_name(alert), &format!("{DEFINITIONS}{text}")).map(|_| ())
}

/// The text that a template makes of an alert; where it fails, a text that says why.
pub(super) fn expand(text: &str, context: &AlertContext<'_>) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let name = template_name(context.alert);
    let text = format!("{DEFINITIONS}{text}");
    let result = parse::parse(&name, &text).and_then(|tree| {
        let alert = Alert {
            labels: context.labels.clone(),
            external_labels: context.external_labels.clone(),
            external_url: context.external_url.to_owned(),
            value: Value::from(context.value),
        };
        execute::execute(&name, &text, &tree, Value::Alert(Rc::new(alert)), context)
    });
    result.unwrap_or_else(|error| {
        let verb = if error.is_parsed { "executing" } else { "parsing" };
        format!("<error expanding template: error {verb} template {name}: {error}>")
    })
}
