//! The rows of `cases.tsv`: operation, histogram, argument, result, annotations.

use super::histogram;
use crate::model::histogram::range::{self, Growth, HistogramWindow, RangeBorders};
use crate::model::histogram::{
    FloatHistogram, HistogramAnnotation, HistogramAnnotations, HistogramBuffer, HistogramError,
    HistogramMean, HistogramOperation, HistogramSum, Reconciled,
};
use crate::model::{HistogramColumn, Timestamps};

const CASES: &str = include_str!("cases.tsv");

/// The result of a row's operation as text, and its annotations.
fn answer(operation: &str, subject: &str, argument: &str) -> (String, Vec<&'static str>) {
    let mut subject = histogram(subject);
    let number = |text: &str| text.replace("Inf", "inf").parse::<f64>().expect("a number");
    let text = |value: f64| crate::model::number::format_float(value);
    let unary = |mut subject: FloatHistogram, compact: bool| {
        if compact {
            subject.compact(0);
        }
        (subject.as_ref().to_load_expression().expect("buckets lie close"), Vec::new())
    };
    let binary = |mut subject: FloatHistogram,
                  result: Result<Reconciled, HistogramError>,
                  names: [&'static str; 2]| {
        match result {
            Err(error) => {
                assert_eq!(error, HistogramError::IncompatibleSchemas);
                ("none".to_owned(), vec!["incompatible"])
            }
            Ok(reconciled) => {
                subject.compact(0);
                let flags = [reconciled.counter_reset_collision, reconciled.custom_bounds];
                let names = names.into_iter().zip(flags).filter(|(_, flag)| *flag).map(|(name, _)| name);
                (subject.as_ref().to_load_expression().expect("buckets lie close"), names.collect())
            }
        }
    };
    match operation {
        "add" => {
            let result = subject.add(histogram(argument).as_ref());
            binary(subject, result, ["collision_add", "custom_add"])
        }
        "sub" => {
            let result = subject.subtract_as_gauge(histogram(argument).as_ref());
            binary(subject, result, ["collision_sub", "custom_sub"])
        }
        "eq" if subject.as_ref().equals(&histogram(argument).as_ref()) => unary(subject, false),
        "eq" => ("none".to_owned(), Vec::new()),
        "mul" => {
            subject.multiply(number(argument));
            unary(subject, true)
        }
        "div" => {
            subject.divide(number(argument));
            unary(subject, true)
        }
        "neg" => {
            subject.multiply(-1.0);
            unary(subject, false)
        }
        "trim_above" => {
            subject.trim_above(number(argument));
            unary(subject, false)
        }
        "trim_below" => {
            subject.trim_below(number(argument));
            unary(subject, false)
        }
        "avg" => (text(subject.as_ref().average()), Vec::new()),
        "stddev" => (text(subject.as_ref().standard_deviation()), Vec::new()),
        "stdvar" => (text(subject.as_ref().variance()), Vec::new()),
        "quantile" => {
            let (value, annotation) = subject.as_ref().quantile(number(argument));
            (text(value), annotation.map(annotation_name).into_iter().collect())
        }
        "fraction" => {
            let (lower, upper) = argument.split_once(' ').expect("two bounds");
            let (value, annotation) = subject.as_ref().fraction(number(lower), number(upper));
            (text(value), annotation.map(annotation_name).into_iter().collect())
        }
        _ => panic!("{operation} is no operation"),
    }
}

/// As [`answer`] for range functions: the subject is `time:histogram;…`, the argument says how the range reaches
/// past its borders (`plain`, `anchored`, `smoothed`), and its borders.
fn range_answer(operation: &str, subject: &str, argument: &str) -> (String, Vec<&'static str>) {
    let mut buffer = HistogramBuffer::default();
    for sample in subject.split(';') {
        let (time, text) = sample.split_once(':').expect("a time and a histogram");
        buffer.push_at(time.parse().expect("a time"), histogram(text).as_ref());
    }
    let arguments: Vec<&str> = argument.split(' ').collect();
    let [mode, start, end] = arguments[..] else { panic!("a mode and two borders: {argument}") };
    let borders =
        RangeBorders { start_ms: start.parse().expect("a time"), end_ms: end.parse().expect("a time") };
    let times_ms = &buffer.timestamps[..];
    let column = HistogramColumn {
        timestamps: Timestamps::Explicit { times_ms, shared: None },
        samples: buffer.as_samples(),
        start_timestamps: &[],
    };
    const LOOKBACK_MS: i64 = 300_000;
    let before = if mode == "plain" { 0 } else { LOOKBACK_MS };
    let after = if mode == "smoothed" { LOOKBACK_MS } else { 0 };
    let position = |border: i64| times_ms.partition_point(|time| *time <= border);
    let facts = range::ColumnFacts::of(&column);
    let window =
        HistogramWindow::new(&column, position(borders.start_ms - before), position(borders.end_ms + after));
    let mut annotations = HistogramAnnotations::NONE;
    let mut sum = HistogramSum::new();
    let mut mean = HistogramMean::new();
    let mut out = FloatHistogram::default();
    let mut growth = |counter, per_second| {
        let kind = Growth { counter, per_second };
        let grow = |window, out: &mut FloatHistogram, annotations: &mut HistogramAnnotations| match operation
        {
            "irate" | "idelta" => range::instant_rate(window, kind, out, annotations),
            _ if mode == "plain" => range::rate(window, borders, kind, out, annotations),
            _ => range::extended_rate(window, borders, mode == "smoothed", kind, out, annotations),
        };
        let plain = grow(window, &mut out, &mut annotations);
        // What is known beforehand changes nothing.
        let (mut again, mut annotations_again) = (FloatHistogram::default(), HistogramAnnotations::NONE);
        assert_eq!(grow(window.with_facts(&facts), &mut again, &mut annotations_again), plain);
        assert!(plain != Ok(true) || again.as_ref().equals(&out.as_ref()));
        plain.expect("spans and buckets agree").then(|| out.clone())
    };
    let result = match operation {
        "rate" | "irate" => growth(true, true),
        "increase" => growth(true, false),
        "delta" | "idelta" => growth(false, false),
        "sum_over_time" => range::sum_over_time(window, &mut sum, &mut annotations).expect("sound").cloned(),
        "avg_over_time" => range::avg_over_time(window, &mut mean, &mut annotations).expect("sound").cloned(),
        // As many series as samples: what differs is that remarks of a failed sum stay, and that sums are compacted.
        "sum" | "avg" => {
            for sample in buffer.as_samples().iter() {
                let added = if operation == "sum" { sum.add(sample) } else { mean.add(sample) };
                assert!(added.is_ok() || added == Err(HistogramError::IncompatibleSchemas));
            }
            let (result, remarks) = if operation == "sum" {
                (sum.finish().cloned(), sum.annotations())
            } else {
                (mean.finish().cloned(), mean.annotations())
            };
            annotations = remarks;
            result.map(|mut result| {
                result.compact(0);
                result
            })
        }
        "resets" | "changes" if window.is_empty() => None,
        "resets" | "changes" => {
            let count = if operation == "resets" { range::resets(window) } else { range::changes(window) };
            return (count.to_string(), Vec::new());
        }
        _ => panic!("{operation} is no range function"),
    };
    let text = result.map(|result| result.as_ref().to_load_expression().expect("buckets lie close"));
    (text.unwrap_or("none".to_owned()), annotations.iter().map(annotation_name).collect())
}

/// How the rows name an annotation.
fn annotation_name(annotation: HistogramAnnotation) -> &'static str {
    use HistogramAnnotation as A;
    use HistogramOperation as O;
    match annotation {
        A::MixedExponentialCustom => "mixed",
        A::NotCounter => "not_counter",
        A::NotGauge => "not_gauge",
        A::StartTimeOverlap => "overlap",
        A::CounterResetCollision(O::Addition) => "collision_add",
        A::CounterResetCollision(O::Subtraction) => "collision_sub",
        A::CounterResetCollision(O::Aggregation) => "collision_agg",
        A::MismatchedCustomBuckets(O::Addition) => "custom_add",
        A::MismatchedCustomBuckets(O::Subtraction) => "custom_sub",
        A::MismatchedCustomBuckets(O::Aggregation) => "custom_agg",
        A::QuantileNanResult => "nan_result",
        A::QuantileNanSkew => "nan_skew",
        A::FractionNans => "fraction_nans",
    }
}

/// Whether two results agree: as texts, or as numbers to 1e-9, for logarithms differ in their last bits.
fn agree(found: &str, expected: &str) -> bool {
    let mut found = found.split([' ', '[', ']', ':']);
    let mut expected = expected.split([' ', '[', ']', ':']);
    loop {
        match (found.next(), expected.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) if (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
}

/// The rows whose answers differ.
pub(super) fn failures(cases: &str) -> Vec<String> {
    let mut failures = Vec::new();
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [operation, subject, argument, expected, annotations] = fields[..] else {
            panic!("a row has five fields: {line}")
        };
        let is_range = subject.starts_with(|first: char| first.is_ascii_digit());
        let answer = if is_range { range_answer } else { answer };
        let (found, mut found_annotations) = answer(operation, subject, argument);
        found_annotations.sort_unstable();
        if !agree(&found, expected) || found_annotations.join(" ") != annotations {
            failures.push(format!("{line}\n    found {found} {found_annotations:?}"));
        }
    }
    failures
}

#[test]
fn operations_answer_as_prometheus_does() {
    let failures = failures(CASES);
    assert!(failures.is_empty(), "{} rows fail:\n{}", failures.len(), failures.join("\n"));
}
