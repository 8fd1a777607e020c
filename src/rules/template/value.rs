//! The values that templates work with: Go's, as far as templates of rules can meet them.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::exec::value::SampleValue;
use crate::functions::rfc3339;
use crate::model::Labels;
use crate::model::histogram::FloatHistogram;
use crate::model::number::push_float;

/// A sample of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TemplateSample {
    pub(crate) labels: Labels,
    pub(crate) value: SampleValue,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// Labels: a map of texts, in which what is missing is empty.
    Labels(Labels),
    /// A map of anything.
    Map(Rc<BTreeMap<String, Value>>),
    Samples(Rc<Vec<TemplateSample>>),
    Sample(Rc<TemplateSample>),
    Histogram(Rc<FloatHistogram>),
    /// A time in ms since the epoch.
    Time(i64),
    /// A duration in ns.
    Duration(i64),
    /// The labels, external labels, external URL and value of an alert.
    Alert(Rc<Alert>),
}

/// What the templates of an alert start from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alert {
    pub(super) labels: Labels,
    pub(super) external_labels: Labels,
    pub(super) external_url: String,
    pub(super) value: Value,
}

impl From<&SampleValue> for Value {
    fn from(value: &SampleValue) -> Self {
        match value {
            SampleValue::Float(value) => Self::Float(*value),
            SampleValue::Histogram(histogram) => Self::Histogram(Rc::new((**histogram).clone())),
        }
    }
}

impl Value {
    /// What Go calls the type.
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Integer(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Labels(_) => "map[string]string",
            Self::Map(_) => "map[string]interface {}",
            Self::Samples(_) => "template.queryResult",
            Self::Sample(_) => "*template.sample",
            Self::Histogram(_) => "*histogram.FloatHistogram",
            Self::Time(_) => "*time.Time",
            Self::Duration(_) => "*time.Duration",
            Self::Alert(_) => {
                "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }"
            }
        }
    }

    /// Whether a condition holds: nothing, zero and what is empty are false.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Integer(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Labels(labels) => !labels.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Samples(samples) => !samples.is_empty(),
            Self::Sample(_) | Self::Histogram(_) | Self::Time(_) | Self::Duration(_) | Self::Alert(_) => true,
        }
    }

    /// The value as `{{ }}` prints it.
    pub(super) fn print(&self) -> String {
        match self {
            Self::Nil => "<no value>".to_owned(),
            other => other.verb_v(),
        }
    }

    /// The value as Go's `%v` writes it.
    pub(super) fn verb_v(&self) -> String {
        match self {
            Self::Nil => "<nil>".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => float(*value),
            Self::Text(text) => text.clone(),
            Self::Labels(labels) => map(labels.iter().map(|(name, value)| (name, value.to_owned()))),
            Self::Map(entries) => map(entries.iter().map(|(name, value)| (name.as_str(), value.verb_v()))),
            // Addresses differ from run to run; a text that says what it is serves better.
            Self::Samples(samples) => {
                let list: Vec<String> = samples.iter().map(sample_text).collect();
                format!("[{}]", list.join(" "))
            }
            Self::Sample(sample) => sample_text(sample),
            Self::Histogram(histogram) => histogram.to_string(),
            Self::Time(ms) => time(*ms),
            Self::Duration(ns) => duration(*ns),
            Self::Alert(alert) => {
                let labels = Self::Labels(alert.labels.clone()).verb_v();
                let external = Self::Labels(alert.external_labels.clone()).verb_v();
                format!("{{{labels} {external} {} {}}}", alert.external_url, alert.value.verb_v())
            }
        }
    }

    /// The number that functions such as `humanize` take it for.
    pub(super) fn to_float(&self) -> Result<f64, String> {
        match self {
            Self::Float(value) => Ok(*value),
            Self::Integer(value) => Ok(*value as f64),
            Self::Text(text) => crate::model::number::parse_float(text)
                .map_err(|_| format!("strconv.ParseFloat: parsing {text:?}: invalid syntax")),
            other => Err(format!("can't convert {} to float", other.type_name())),
        }
    }
}

/// A float as Go prints one that has no verb of its own.
pub(super) fn float(value: f64) -> String {
    let mut out = String::new();
    push_float(&mut out, value);
    out
}

fn map<'a>(entries: impl Iterator<Item = (&'a str, String)>) -> String {
    let list: Vec<String> = entries.map(|(name, value)| format!("{name}:{value}")).collect();
    format!("map[{}]", list.join(" "))
}

fn sample_text(sample: &TemplateSample) -> String {
    let labels = Value::Labels(sample.labels.clone()).verb_v();
    format!("{{{labels} {}}}", Value::from(&sample.value).verb_v())
}

/// A time as Go prints it: `2015-01-01 00:00:00.5 +0000 UTC`.
pub(super) fn time(ms: i64) -> String {
    // Whole seconds, cut toward the past.
    let text = rfc3339(ms.div_euclid(1000) * 1000);
    let seconds = text.trim_end_matches('Z').replace('T', " ");
    let fraction = match ms.rem_euclid(1000) {
        0 => String::new(),
        rest => format!(".{rest:03}").trim_end_matches('0').to_owned(),
    };
    format!("{seconds}{fraction} +0000 UTC")
}

/// A duration as Go prints it: `1h2m3.5s`, `1.5ms`.
pub(super) fn duration(ns: i64) -> String {
    let magnitude = ns.unsigned_abs();
    let sign = if ns < 0 { "-" } else { "" };
    let part = |unit: u64| {
        let text = format!("{:.9}", magnitude as f64 / unit as f64);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match magnitude {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{magnitude}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", part(1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", part(1_000_000)),
        _ => {
            let minutes = magnitude / 60_000_000_000;
            let rest = magnitude % 60_000_000_000;
            let seconds = format!("{}.{:09}", rest / 1_000_000_000, rest % 1_000_000_000);
            let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}
