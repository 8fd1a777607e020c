//! Functions that fold a window of floats into one number, each refolded from the first sample to the last.

use super::sums::{self, Compensated};
use super::value::Point;

fn values(points: &[Point]) -> Vec<f64> {
    points.iter().map(|point| point.value).collect()
}

/// The folds of one argument. `None` where the function is not one of them; `Some(None)` where it gives nothing.
pub(super) fn fold(function: &str, points: &[Point]) -> Option<Option<f64>> {
    let first = points.first()?;
    Some(match function {
        "sum_over_time" => Some(sums::sum(values(points))),
        "avg_over_time" => Some(sums::mean(&values(points))),
        "max_over_time" => Some(extreme(points, |new, best| new > best).value),
        "min_over_time" => Some(extreme(points, |new, best| new < best).value),
        "ts_of_max_over_time" => Some(seconds(extreme(points, |new, best| new >= best).time_ms)),
        "ts_of_min_over_time" => Some(seconds(extreme(points, |new, best| new <= best).time_ms)),
        "stdvar_over_time" => Some(variance(points)),
        "stddev_over_time" => Some(variance(points).sqrt()),
        "mad_over_time" => Some(median_deviation(points)),
        "deriv" => (points.len() > 1).then(|| regression(points, first.time_ms).0),
        _ => return None,
    })
}

fn seconds(time_ms: i64) -> f64 {
    time_ms as f64 / 1000.0
}

/// The point that beats all before it; a NaN is beaten by anything.
fn extreme(points: &[Point], beats: impl Fn(f64, f64) -> bool) -> Point {
    let mut best = points[0];
    for point in points {
        if beats(point.value, best.value) || best.value.is_nan() {
            best = *point;
        }
    }
    best
}

fn variance(points: &[Point]) -> f64 {
    let mut mean = Compensated::default();
    let mut squares = Compensated::default();
    let mut count = 0.0;
    for point in points {
        count += 1.0;
        let delta = point.value - (mean.sum + mean.error);
        mean = mean.add(delta / count);
        squares = squares.add(delta * (point.value - (mean.sum + mean.error)));
    }
    (squares.sum + squares.error) / count
}

fn median_deviation(points: &[Point]) -> f64 {
    if points.iter().any(|point| point.value.is_nan()) {
        return f64::NAN;
    }
    let median = sums::quantile(0.5, values(points));
    sums::quantile(0.5, points.iter().map(|point| (point.value - median).abs()).collect())
}

pub(super) fn quantile(q: f64, points: &[Point]) -> f64 {
    sums::quantile(q, values(points))
}

/// Slope and value at `intercept_ms` of the least-squares line through the points.
fn regression(points: &[Point], intercept_ms: i64) -> (f64, f64) {
    let first = points[0].value;
    if points[1..].iter().all(|point| point.value == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let (mut x_sum, mut y_sum) = (Compensated::default(), Compensated::default());
    let (mut xy_sum, mut xx_sum) = (Compensated::default(), Compensated::default());
    for point in points {
        let x = (point.time_ms - intercept_ms) as f64 / 1000.0;
        x_sum = x_sum.add(x);
        y_sum = y_sum.add(point.value);
        xy_sum = xy_sum.add(x * point.value);
        xx_sum = xx_sum.add(x * x);
    }
    let n = points.len() as f64;
    let x = x_sum.sum + x_sum.error;
    let y = y_sum.sum + y_sum.error;
    let covariance = (xy_sum.sum + xy_sum.error) - x * y / n;
    let spread = (xx_sum.sum + xx_sum.error) - x * x / n;
    let slope = covariance / spread;
    (slope, y / n - slope * x / n)
}

/// Where the line through the points stands `seconds_ahead` after `now_ms`.
pub(super) fn predict_linear(points: &[Point], now_ms: i64, seconds_ahead: f64) -> Option<f64> {
    (points.len() > 1).then(|| {
        let (slope, intercept) = regression(points, now_ms);
        slope * seconds_ahead + intercept
    })
}

/// Holt's double smoothing; both factors lie inside (0, 1).
pub(super) fn double_exponential_smoothing(points: &[Point], smoothing: f64, trend: f64) -> Option<f64> {
    if points.len() < 2 {
        return None;
    }
    let mut before = 0.0;
    let mut level = points[0].value;
    let mut slope = points[1].value - points[0].value;
    for (index, point) in points.iter().enumerate().skip(1) {
        if index > 1 {
            slope = trend * (level - before) + (1.0 - trend) * slope;
        }
        let next = smoothing * point.value + (1.0 - smoothing) * (level + slope);
        before = level;
        level = next;
    }
    Some(level)
}

/// The area under the samples; `strategy` 0 takes the left height, 1 the right one, anything else their mean.
pub(super) fn integral(points: &[Point], strategy: f64) -> f64 {
    let height = |value: f64| if value.is_nan() { 0.0 } else { value };
    let mut area = Compensated::default();
    for pair in points.windows(2) {
        let (left, right) = (height(pair[0].value), height(pair[1].value));
        let seconds = (pair[1].time_ms - pair[0].time_ms) as f64 / 1000.0;
        let mean = if strategy == 0.0 {
            Compensated { sum: left, error: 0.0 }
        } else if strategy == 1.0 {
            Compensated { sum: right, error: 0.0 }
        } else if left == 0.0 && right == 0.0 {
            Compensated::default()
        } else {
            let whole = Compensated { sum: left, error: 0.0 }.add(right);
            if whole.sum.is_infinite() && left.is_finite() && right.is_finite() {
                Compensated { sum: left / 2.0, error: 0.0 }.add(right / 2.0)
            } else {
                Compensated { sum: whole.sum / 2.0, error: whole.error / 2.0 }
            }
        };
        if mean.sum != 0.0 || mean.error != 0.0 {
            area = Compensated { sum: area.sum, error: area.error + mean.error * seconds }
                .add(mean.sum * seconds);
        }
    }
    area.total()
}
