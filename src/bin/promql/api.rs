//! Answers and errors as the JSON of Prometheus' HTTP API: values are strings, times are numbers in seconds.

use std::fmt::Write;

use promql_engine::{
    Answer, ErrorKind, QueryError,
    exec::{
        AnnotationLimits,
        value::{MatrixSeries, SampleValue, Value, VectorSample},
    },
    model::{Labels, histogram::FloatHistogram, number::format_api_value},
    syntax::SyntaxErrors,
};

/// A text as JSON.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `{"status":"success","data":…}` and a line break.
pub(crate) fn answer(answer: &Answer, query: &str) -> String {
    let kind = answer.value.value_type();
    let mut out = format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":");
    match &answer.value {
        Value::Scalar { time_ms, value } => point(&mut out, *time_ms, &string(&format_api_value(*value))),
        Value::String { time_ms, value } => point(&mut out, *time_ms, &string(value)),
        Value::Vector(samples) => list(&mut out, samples, vector_sample),
        Value::Matrix(series) => list(&mut out, series, matrix_series),
    }
    out.push('}');
    let texts = answer.annotations.texts(query, AnnotationLimits::default());
    for (key, texts) in [("warnings", texts.warnings), ("infos", texts.infos)] {
        if !texts.is_empty() {
            let _ = write!(out, ",\"{key}\":");
            list(&mut out, &texts, |out, text| out.push_str(&string(text)));
        }
    }
    out.push_str("}\n");
    out
}

/// The elements of the API's `result`, a line each; a scalar or a string is one line.
pub(crate) fn lines(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Scalar { time_ms, value } => {
            point(&mut out, *time_ms, &string(&format_api_value(*value)));
            out.push('\n');
        }
        Value::String { time_ms, value } => {
            point(&mut out, *time_ms, &string(value));
            out.push('\n');
        }
        Value::Vector(samples) => samples.iter().for_each(|sample| {
            vector_sample(&mut out, sample);
            out.push('\n');
        }),
        Value::Matrix(series) => series.iter().for_each(|series| {
            matrix_series(&mut out, series);
            out.push('\n');
        }),
    }
    out
}

/// `{"status":"error",…}` and a line break.
pub(crate) fn error(error: &QueryError) -> String {
    let (kind, text) = match error {
        QueryError::Syntax(errors) => ("bad_data", format!("invalid parameter \"query\": {}", first(errors))),
        QueryError::Evaluation(error) => {
            let kind = match &error.kind {
                ErrorKind::InvalidQuery(_) => "bad_data",
                ErrorKind::Cancelled => "canceled",
                ErrorKind::LimitExceeded { limit: "max_duration_ms", .. } => "timeout",
                ErrorKind::Storage(_) => "internal",
                _ => "execution",
            };
            (kind, error.to_string())
        }
        other => ("execution", other.to_string()),
    };
    format!("{{\"status\":\"error\",\"errorType\":\"{kind}\",\"error\":{}}}\n", string(&text))
}

/// The first error of a parse with its place, in one line.
pub(crate) fn first(errors: &SyntaxErrors) -> String {
    let error = errors.first();
    let (line, column) = errors.line_column(error.span.start);
    format!("{line}:{column}: parse error: {}", error.kind)
}

fn list<T>(out: &mut String, items: &[T], mut item: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (at, one) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        item(out, one);
    }
    out.push(']');
}

/// `[time, value]`; the value is JSON already.
fn point(out: &mut String, time_ms: i64, value: &str) {
    let (seconds, rest) = (time_ms / 1000, (time_ms % 1000).unsigned_abs());
    let sign = if time_ms < 0 && seconds == 0 { "-" } else { "" };
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
    let _ = write!(out, "[{sign}{seconds}{fraction},{value}]");
}

/// `{"metric":{…}`, left open.
fn metric(out: &mut String, labels: &Labels) {
    out.push_str("{\"metric\":{");
    for (at, (name, value)) in labels.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{}:{}", string(name), string(value));
    }
    out.push('}');
}

fn vector_sample(out: &mut String, sample: &VectorSample) {
    metric(out, &sample.labels);
    match &sample.value {
        SampleValue::Float(value) => {
            out.push_str(",\"value\":");
            point(out, sample.time_ms, &string(&format_api_value(*value)));
        }
        SampleValue::Histogram(value) => {
            out.push_str(",\"histogram\":");
            point(out, sample.time_ms, &histogram(value));
        }
    }
    out.push('}');
}

fn matrix_series(out: &mut String, series: &MatrixSeries) {
    metric(out, &series.labels);
    if !series.floats.is_empty() {
        out.push_str(",\"values\":");
        list(out, &series.floats, |out, (time, value)| point(out, *time, &string(&format_api_value(*value))));
    }
    if !series.histograms.is_empty() {
        out.push_str(",\"histograms\":");
        list(out, &series.histograms, |out, (time, value)| point(out, *time, &histogram(value)));
    }
    out.push('}');
}

fn histogram(value: &FloatHistogram) -> String {
    let text = |value: f64| string(&format_api_value(value));
    let mut out = format!("{{\"count\":{},\"sum\":{}", text(value.count), text(value.sum));
    let buckets: Vec<_> = value.as_ref().api_buckets().collect();
    if !buckets.is_empty() {
        out.push_str(",\"buckets\":");
        list(&mut out, &buckets, |out, (rule, lower, upper, count)| {
            let _ = write!(out, "[{rule},{},{},{}]", text(*lower), text(*upper), text(*count));
        });
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds() {
        let text = |ms| {
            let mut out = String::new();
            point(&mut out, ms, "0");
            out
        };
        assert_eq!(text(1_764_061_200_000), "[1764061200,0]");
        assert_eq!(text(1_764_061_200_005), "[1764061200.005,0]");
        assert_eq!((text(-5), text(-1500)), ("[-0.005,0]".to_owned(), "[-1.500,0]".to_owned()));
    }
}
