//! The oracle's answers in the plain shape.

use std::collections::BTreeSet;

use promql_engine::model::Labels;
use promql_engine::model::histogram::{CounterResetHint, FloatHistogram, HistogramParts};
use promql_engine::testing::answer::{Answer, Element, Failure, Outcome, Shape, Stage};
use serde_json::Value;

/// Prometheus' answer.
pub(crate) struct Expected {
    pub(crate) outcome: Outcome,
    /// Whether the order of a vector counts.
    pub(crate) ordered: bool,
}

/// Reads an answer; `None` where it is none.
pub(crate) fn parse(row: &Value) -> Option<Expected> {
    let expected = row.get("expected")?;
    let ordered = expected.get("order_significant").is_some();
    if let Some(message) = expected.get("error") {
        let stage = match expected["stage"].as_str()? {
            "parse" => Stage::Parse,
            "exec" if expected["error_type"] == "execution" => Stage::Execution,
            // What the loader refused, too.
            _ => Stage::Interrupted,
        };
        return Some(Expected {
            outcome: Err(Failure { stage, message: message.as_str()?.to_owned() }),
            ordered,
        });
    }
    let mut histograms = expected.get("histogram_exprs").and_then(Value::as_array).into_iter().flatten();
    let result = &expected["result"];
    let value = match expected["result_type"].as_str()? {
        "scalar" => Shape::Scalar(float(&result[1])?),
        "string" => Shape::Text(result[1].as_str()?.to_owned()),
        kind => {
            let elements = result.as_array()?.iter().map(|series| element(series, &mut histograms));
            let elements = elements.collect::<Option<Vec<_>>>()?;
            if kind == "vector" { Shape::Vector(elements) } else { Shape::Matrix(elements) }
        }
    };
    let texts = |field: &str| -> BTreeSet<String> {
        let list = expected.get(field).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let answer = Answer { value, warnings: texts("warnings"), infos: texts("infos") };
    Some(Expected { outcome: Ok(answer), ordered })
}

fn element<'v>(series: &Value, histograms: &mut impl Iterator<Item = &'v Value>) -> Option<Element> {
    let labels = series["metric"].as_object()?;
    let labels =
        Labels::from_pairs(labels.iter().map(|(name, value)| (name, value.as_str().unwrap_or_default())));
    let points = |one: &str, many: &str| -> Vec<Value> {
        let single = series.get(one).cloned();
        single
            .into_iter()
            .chain(series.get(many).and_then(Value::as_array).into_iter().flatten().cloned())
            .collect()
    };
    let floats = points("value", "values").into_iter().map(|point| Some((time(&point)?, float(&point[1])?)));
    let floats = floats.collect::<Option<Vec<_>>>()?;
    let histograms = points("histogram", "histograms")
        .iter()
        .map(|point| Some((time(point)?, histogram(histograms.next()?.as_str()?)?)))
        .collect::<Option<Vec<_>>>()?;
    Some(Element { labels, floats, histograms })
}

fn time(point: &Value) -> Option<i64> {
    Some((point[0].as_f64()? * 1000.0).round() as i64)
}

fn float(value: &Value) -> Option<f64> {
    number(value.as_str()?)
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// A histogram as Prometheus writes it for tests: `{{schema:1 count:3 sum:4 offset:-1 buckets:[1 2]}}`.
fn histogram(text: &str) -> Option<FloatHistogram> {
    let mut rest = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let mut parts = HistogramParts::default();
    while let Some((key, after)) = rest.split_once(':') {
        let (value, next) = match after.strip_prefix('[') {
            Some(list) => list.split_once(']')?,
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        rest = next.trim_start();
        let list = || value.split_whitespace().map(number).collect::<Option<Vec<_>>>();
        match key {
            "schema" => parts.schema = value.parse().ok()?,
            "count" => parts.count = number(value)?,
            "sum" => parts.sum = number(value)?,
            "z_bucket" => parts.z_bucket = number(value)?,
            "z_bucket_w" => parts.z_bucket_w = number(value)?,
            "offset" => parts.offset = value.parse().ok()?,
            "n_offset" => parts.n_offset = value.parse().ok()?,
            "buckets" => parts.buckets = list()?,
            "n_buckets" => parts.n_buckets = list()?,
            "custom_values" => parts.custom_values = list()?,
            "counter_reset_hint" => {
                parts.counter_reset_hint = match value {
                    "reset" => CounterResetHint::Reset,
                    "not_reset" => CounterResetHint::NotReset,
                    _ => CounterResetHint::Gauge,
                }
            }
            _ => return None,
        }
    }
    Some(FloatHistogram::from_parts(parts))
}
