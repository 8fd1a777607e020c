//! Functions that fold a window that may hold histograms.

use super::histogram::{Histogram, mean, total};
use super::value::{Value, WindowSeries};

/// What a function makes of a window: `None` where it gives nothing.
type Folded = Option<Value>;

/// Functions that answer for histograms, too; `None` for the others, which see the floats alone.
pub(super) fn fold(function: &str, window: &WindowSeries) -> Option<Folded> {
    let floats = &window.points;
    let histograms: Vec<&Histogram> = window.histograms.iter().map(|point| &point.value).collect();
    let number = |value: f64| Some(Value::Float(value));
    let seconds = |time_ms: Option<i64>| Some(Value::Float(time_ms? as f64 / 1000.0));
    let float_times = floats.iter().map(|point| point.time_ms);
    let histogram_times = window.histograms.iter().map(|point| point.time_ms);
    let times = float_times.clone().chain(histogram_times.clone());
    Some(match function {
        "count_over_time" => number((floats.len() + histograms.len()) as f64),
        "present_over_time" => number(1.0),
        "ts_of_first_over_time" => seconds(times.min()),
        "ts_of_last_over_time" => seconds(times.max()),
        "first_over_time" => match (floats.first(), window.histograms.first()) {
            (Some(float), Some(histogram)) if histogram.time_ms <= float.time_ms => {
                Some(histogram.value.clone().into())
            }
            (Some(float), _) => number(float.value),
            (None, histogram) => histogram.map(|point| point.value.clone().into()),
        },
        "last_over_time" => match (floats.last(), window.histograms.last()) {
            (Some(float), Some(histogram)) if histogram.time_ms >= float.time_ms => {
                Some(histogram.value.clone().into())
            }
            (Some(float), _) => number(float.value),
            (None, histogram) => histogram.map(|point| point.value.clone().into()),
        },
        "sum_over_time" | "avg_over_time" if histograms.is_empty() => return None,
        "sum_over_time" | "avg_over_time" if !floats.is_empty() => None,
        "sum_over_time" => total(&histograms).ok().flatten().map(Value::from),
        "avg_over_time" => mean(&histograms).ok().flatten().map(Value::from),
        _ => return None,
    })
}
