//! Prometheus' answers in JSON, as the corpora and the oracle give them, to the plain shape.

use promql_engine::formats::series::{SequenceValue, parse_series};
use promql_engine::model::histogram::FloatHistogram;
use promql_engine::model::{Labels, number};
use promql_engine::testing::answer::{Element, Shape};
use serde_json::Value;

/// The histogram that an expression of the corpora means. They write two things that the notation does not have.
pub(crate) fn histogram_of(expression: &str) -> Result<FloatHistogram, String> {
    let expression = expression.replace("custom_values:[] ", "").replace("custom_values:[]", "");
    let line = format!("m {}", expression.replace("+Inf", "Inf"));
    match parse_series(&line).map_err(|error| format!("{line}: {error}"))?.values.as_slice() {
        [SequenceValue::Histogram { histogram, .. }] => Ok(FloatHistogram::clone(histogram)),
        _ => Err(format!("{expression} is no histogram")),
    }
}

fn time_ms(value: &Value) -> i64 {
    (value.as_f64().unwrap_or_default() * 1000.0).round() as i64
}

fn float(value: &Value) -> Result<f64, String> {
    let text = value.as_str().ok_or("a value that is no text")?;
    number::parse_float(text).map_err(|error| format!("{text}: {error:?}"))
}

/// The expected value in the plain shape.
pub(crate) fn shape(expected: &Value) -> Result<Shape, String> {
    let result = &expected["result"];
    let mut expressions = expected["histogram_exprs"].as_array().into_iter().flatten();
    let mut histogram = || match expressions.next().and_then(Value::as_str) {
        Some(expression) => histogram_of(expression),
        None => Err(String::from("a histogram without an expression")),
    };
    let mut elements = || {
        let mut elements = Vec::new();
        for series in result.as_array().into_iter().flatten() {
            let pairs = series["metric"].as_object().into_iter().flatten();
            let labels =
                Labels::from_pairs(pairs.map(|(name, value)| (name, value.as_str().unwrap_or_default())));
            let mut element = Element { labels, floats: Vec::new(), histograms: Vec::new() };
            let points = |many: &str, one: &str| -> Vec<Value> {
                let many = series[many].as_array().cloned().unwrap_or_default();
                many.into_iter().chain(series.get(one).cloned()).collect()
            };
            for point in points("values", "value") {
                element.floats.push((time_ms(&point[0]), float(&point[1])?));
            }
            for point in points("histograms", "histogram") {
                element.histograms.push((time_ms(&point[0]), histogram()?));
            }
            elements.push(element);
        }
        Ok::<_, String>(elements)
    };
    Ok(match expected["result_type"].as_str() {
        Some("scalar") => Shape::Scalar(float(&result[1])?),
        Some("string") => Shape::Text(result[1].as_str().unwrap_or_default().to_owned()),
        Some("vector") => Shape::Vector(elements()?),
        Some("matrix") => Shape::Matrix(elements()?),
        other => return Err(format!("a result of type {other:?}")),
    })
}
