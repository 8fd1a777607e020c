//! What a template may call: Go's own functions, and those of Prometheus.

use std::rc::Rc;

use regex::Regex;

use super::ast::{Operand, OperandKind};
use super::collections::{index, length, slice};
use super::compare::compare;
use super::execute::Executor;
use super::humanize::{general, humanize, humanize_1024, humanize_duration};
use super::printf::{sprint, sprintf, sprintln};
use super::value::{TemplateSample, Value};
use super::{TemplateError, text};
use crate::syntax::parse_duration;

/// All of them.
pub(super) const FUNCTIONS: &[&str] = &[
    "and",
    "or",
    "not",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "len",
    "index",
    "slice",
    "print",
    "printf",
    "println",
    "html",
    "js",
    "urlquery",
    "query",
    "first",
    "label",
    "value",
    "strvalue",
    "args",
    "reReplaceAll",
    "safeHtml",
    "match",
    "title",
    "toUpper",
    "toLower",
    "graphLink",
    "tableLink",
    "sortByLabel",
    "stripPort",
    "stripDomain",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "toTime",
    "toDuration",
    "now",
    "pathPrefix",
    "externalURL",
    "parseDuration",
    "urlQueryEscape",
];

/// How a call fails: in an argument, or as a whole.
enum Fault {
    /// Its place, the type it should have, and the type it has.
    Argument(usize, &'static str, &'static str),
    Call(String),
}

impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self::Call(message)
    }
}

pub(super) fn call(
    executor: &mut Executor<'_>,
    name: &str,
    (operand, source): (&Operand, &str),
    operands: &[Operand],
    dot: &Value,
    last: Option<Value>,
) -> Result<Value, TemplateError> {
    let mut values = Vec::new();
    for argument in operands {
        let value = executor.operand(argument, dot)?;
        // `and` and `or` look no further than they have to.
        let decides = match name {
            "and" => !value.is_true(),
            "or" => value.is_true(),
            _ => false,
        };
        if decides {
            return Ok(value);
        }
        values.push(value);
    }
    values.extend(last);
    let count = values.len();
    let result = match wrong_count(name, count) {
        Some(message) => return Err(executor.fault_at(operand, &message)),
        None => apply(executor, name, values),
    };
    result.map_err(|fault| match fault {
        Fault::Argument(at, expected, found) => {
            let argument = operands.get(at).unwrap_or(operand);
            let literal = matches!(
                argument.kind,
                OperandKind::Integer(_) | OperandKind::Float(_) | OperandKind::Bool(_) | OperandKind::Text(_)
            );
            let message = match literal {
                true if expected == "string" => format!("expected string; found {}", argument.text),
                true => format!("can't handle {} for arg of type {expected}", argument.text),
                false => format!("wrong type for value; expected {expected}; got {found}"),
            };
            executor.fault_at(argument, &message)
        }
        Fault::Call(message) => {
            executor.fault(operand.position, source, &format!("error calling {name}: {message}"))
        }
    })
}

/// Whether so many arguments are too many or too few.
fn wrong_count(name: &str, count: usize) -> Option<String> {
    let wanted = match name {
        "now" | "pathPrefix" | "externalURL" => 0,
        "label" | "match" | "sortByLabel" => 2,
        "reReplaceAll" => 3,
        "ne" | "lt" | "le" | "gt" | "ge" => 2,
        "and" | "or" | "printf" | "eq" | "index" | "slice" => {
            return (count == 0).then(|| format!("wrong number of args for {name}: want at least 1 got 0"));
        }
        "print" | "println" | "html" | "js" | "urlquery" | "args" => return None,
        _ => 1,
    };
    (count != wanted).then(|| format!("wrong number of args for {name}: want {wanted} got {count}"))
}

fn text_at(values: &[Value], at: usize) -> Result<&str, Fault> {
    match values.get(at) {
        Some(Value::Text(text)) => Ok(text),
        Some(other) => Err(Fault::Argument(at, "string", other.type_name())),
        None => Ok(""),
    }
}

fn samples_at(values: &[Value], at: usize) -> Result<Rc<Vec<TemplateSample>>, Fault> {
    match values.get(at) {
        Some(Value::Samples(samples)) => Ok(Rc::clone(samples)),
        Some(Value::Nil) | None => Ok(Rc::default()),
        Some(other) => Err(Fault::Argument(at, "template.queryResult", other.type_name())),
    }
}

fn sample_at(values: &[Value], at: usize) -> Result<Rc<TemplateSample>, Fault> {
    match values.get(at) {
        Some(Value::Sample(sample)) => Ok(Rc::clone(sample)),
        other => Err(Fault::Argument(at, "*template.sample", other.map_or("nothing", Value::type_name))),
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|_| format!("error parsing regexp: `{pattern}`"))
}

fn apply(executor: &Executor<'_>, name: &str, mut values: Vec<Value>) -> Result<Value, Fault> {
    let context = executor.context;
    let float = |values: &[Value]| values.first().unwrap_or(&Value::Nil).to_float();
    let written = |out: String| Ok(Value::Text(out));
    match name {
        "and" | "or" => Ok(values.pop().unwrap_or(Value::Nil)),
        "not" => Ok(Value::Bool(!values.first().is_some_and(Value::is_true))),
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => Ok(Value::Bool(compare(name, &values)?)),
        "len" => Ok(Value::Integer(length(values.first().unwrap_or(&Value::Nil))? as i64)),
        "index" => Ok(index(&values)?),
        "slice" => Ok(slice(&values)?),
        "print" => written(sprint(&values)),
        "println" => written(sprintln(&values)),
        "printf" => written(sprintf(text_at(&values, 0)?, values.get(1..).unwrap_or_default())),
        "html" => written(text::html_escape(&sprint(&values))),
        "js" => written(text::js_escape(&sprint(&values))),
        "urlquery" => written(text::query_escape(&sprint(&values))),
        "query" => Ok(Value::Samples(Rc::new((context.query)(text_at(&values, 0)?)?))),
        "first" => match samples_at(&values, 0)?.first() {
            Some(sample) => Ok(Value::Sample(Rc::new(sample.clone()))),
            None => Err("first() called on vector with no elements".to_owned().into()),
        },
        "label" => {
            let label = text_at(&values, 0)?;
            written(sample_at(&values, 1)?.labels.get(label).unwrap_or_default().to_owned())
        }
        "value" => Ok(Value::from(&sample_at(&values, 0)?.value)),
        "strvalue" => written(sample_at(&values, 0)?.labels.get("__value__").unwrap_or_default().to_owned()),
        "args" => {
            let named = values.into_iter().enumerate().map(|(at, value)| (format!("arg{at}"), value));
            Ok(Value::Map(Rc::new(named.collect())))
        }
        "reReplaceAll" => {
            let pattern = compile(text_at(&values, 0)?)?;
            written(pattern.replace_all(text_at(&values, 2)?, text_at(&values, 1)?).into_owned())
        }
        "match" => Ok(Value::Bool(compile(text_at(&values, 0)?)?.is_match(text_at(&values, 1)?))),
        "safeHtml" => written(text_at(&values, 0)?.to_owned()),
        "title" => written(text::title(text_at(&values, 0)?)),
        "toUpper" => written(text_at(&values, 0)?.to_uppercase()),
        "toLower" => written(text_at(&values, 0)?.to_lowercase()),
        "graphLink" => {
            written(format!("/graph?g0.expr={}&g0.tab=0", text::query_escape(text_at(&values, 0)?)))
        }
        "tableLink" => {
            written(format!("/graph?g0.expr={}&g0.tab=1", text::query_escape(text_at(&values, 0)?)))
        }
        "sortByLabel" => {
            let (label, samples) = (text_at(&values, 0)?, samples_at(&values, 1)?);
            let mut sorted = (*samples).clone();
            sorted.sort_by(|a, b| a.labels.get(label).cmp(&b.labels.get(label)));
            Ok(Value::Samples(Rc::new(sorted)))
        }
        "stripPort" => written(text::strip_port(text_at(&values, 0)?)),
        "stripDomain" => written(text::strip_domain(text_at(&values, 0)?)),
        "humanize" => written(humanize(float(&values)?)),
        "humanize1024" => written(humanize_1024(float(&values)?)),
        "humanizeDuration" => written(humanize_duration(float(&values)?)),
        "humanizePercentage" => written(format!("{}%", general(float(&values)? * 100.0, 4))),
        "humanizeTimestamp" => match float(&values)? {
            value if !value.is_finite() => written(general(value, 4)),
            value => written(Value::Time(time_of(value)?).verb_v()),
        },
        "toTime" => match float(&values)? {
            value if !value.is_finite() => Err("value is NaN or Inf".to_owned().into()),
            value => Ok(Value::Time(time_of(value)?)),
        },
        // What is too long for 64 bits is cut to them.
        "toDuration" => Ok(Value::Duration((float(&values)? * 1e9) as i64)),
        "now" => Ok(Value::Float(context.time_ms as f64 / 1000.0)),
        "pathPrefix" => written(text::path_of(context.external_url)),
        "externalURL" => written(context.external_url.to_owned()),
        "parseDuration" => {
            let written = text_at(&values, 0)?;
            let (sign, magnitude) = written.strip_prefix('-').map_or((1.0, written), |rest| (-1.0, rest));
            match magnitude {
                "0" => Ok(Value::Float(0.0)),
                _ => parse_duration(magnitude)
                    .map(|ns| Value::Float(sign * (ns as f64 / 1e9)))
                    .map_err(|_| Fault::Call(format!("not a valid duration string: {written:?}"))),
            }
        }
        "urlQueryEscape" => written(text::query_escape(text_at(&values, 0)?)),
        _ => Err(format!("{name} is not known").into()),
    }
}

/// A time in ms of seconds since the epoch.
fn time_of(seconds: f64) -> Result<i64, String> {
    let ns = seconds * 1e9;
    if ns > i64::MAX as f64 || ns < i64::MIN as f64 {
        let seconds = super::value::float(seconds);
        return Err(format!(
            "{seconds} cannot be represented as a nanoseconds timestamp since it overflows int64"
        ));
    }
    Ok((ns as i64).div_euclid(1_000_000))
}
