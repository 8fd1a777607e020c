//! Function calls of a range vector: a value of each window.

use crate::model::Labels;
use crate::model::histogram::CounterResetHint;
use crate::syntax::ast::{Call, ExprKind};
use crate::testing::answer::Failure;

use super::calls::matched_labels;
use super::evaluate::{Run, Step, unique};
use super::histogram_rates::{self, HistogramWindow};
use super::pairs::{self, Neighbours};
use super::rates::{self, Extension, Window};
use super::select::Windows;
use super::value::{Sample, Stored, Value, WindowSeries, without_metadata};
use super::{histogram_windows, over_time};

impl Run<'_> {
    pub(super) fn over_windows(
        &self,
        name: &str,
        call: &Call,
        index: usize,
        step: Step,
    ) -> Result<Vec<Sample>, Failure> {
        let arg = call.args[index].unparenthesised();
        let step_of_windows = Step { wanted: step.wanted.below(arg), ..step };
        let windows = match &arg.kind {
            ExprKind::MatrixSelector(matrix) => self.windows(matrix, step_of_windows)?,
            ExprKind::Subquery(subquery) => without_hints(self.subquery(subquery, step_of_windows)?),
            _ => return Err(Failure::refused("a range vector is needed here")),
        };
        let is_rate = matches!(name, "rate" | "increase" | "delta");
        let fits = match windows.extension {
            Extension::None => true,
            Extension::Anchored => is_rate || matches!(name, "resets" | "changes"),
            Extension::Smoothed => is_rate,
        };
        if !fits {
            return Err(Failure::execution(format!("{name} does not take an anchored or smoothed range")));
        }
        let others = call.args.iter().enumerate().filter(|(at, _)| *at != index);
        let numbers: Vec<f64> = others.map(|(_, arg)| self.scalar(arg, step)).collect::<Result<_, _>>()?;
        if name == "absent_over_time" {
            let labels = match &arg.kind {
                ExprKind::MatrixSelector(matrix) => matched_labels(&matrix.selector),
                _ => Labels::default(),
            };
            let one = Sample { drop_name: true, ..Sample::new(labels, 1.0) };
            return Ok(if windows.series.is_empty() { vec![one] } else { Vec::new() });
        }
        let keeps_name = matches!(name, "last_over_time" | "first_over_time");
        let mut out = Vec::new();
        for window in &windows.series {
            let Some(value) = self.window_value(name, &windows, window, &numbers, step)? else { continue };
            let drop_name = !keeps_name || window.drop_name;
            let labels = if drop_name && !self.options.delayed_name_removal {
                without_metadata(&window.labels)
            } else {
                window.labels.clone()
            };
            out.push(Sample { labels, value, drop_name });
        }
        if self.options.delayed_name_removal { Ok(out) } else { unique(out) }
    }

    /// The value of one window, or nothing where the function gives none.
    fn window_value(
        &self,
        name: &str,
        windows: &Windows,
        window: &WindowSeries,
        numbers: &[f64],
        step: Step,
    ) -> Result<Option<Value>, Failure> {
        let start_times = self.options.start_timestamps;
        match name {
            "rate" => return Ok(rate(windows, window, self.options.lookback_ms, start_times, (true, true))),
            "increase" => {
                return Ok(rate(windows, window, self.options.lookback_ms, start_times, (true, false)));
            }
            "delta" => return Ok(rate(windows, window, self.options.lookback_ms, false, (false, false))),
            "irate" | "idelta" | "resets" | "changes" => {
                let samples = in_order(window, start_times && matches!(name, "irate" | "resets"));
                let (start_ms, extension) = (windows.start_ms, windows.extension);
                let neighbours = Neighbours { samples: &samples, start_ms, extension };
                return Ok(match name {
                    "irate" => pairs::instant_change(neighbours, true),
                    "idelta" => pairs::instant_change(neighbours, false),
                    "resets" => pairs::resets(neighbours).map(Value::Float),
                    _ => pairs::changes(neighbours).map(Value::Float),
                });
            }
            _ => {}
        }
        if let Some(value) = histogram_windows::fold(name, window) {
            return Ok(value);
        }
        if name == "double_exponential_smoothing" {
            check_factors(numbers)?;
        }
        let points = &window.points;
        if points.is_empty() {
            return Ok(None);
        }
        let value = match (name, numbers) {
            ("quantile_over_time", [q]) => Some(over_time::quantile(*q, points)),
            ("predict_linear", [ahead]) => over_time::predict_linear(points, step.now_ms, *ahead),
            ("double_exponential_smoothing", [smoothing, trend]) => {
                over_time::double_exponential_smoothing(points, *smoothing, *trend)
            }
            ("integral", []) => Some(over_time::integral(points, 2.0)),
            ("integral", [strategy]) => Some(over_time::integral(points, *strategy)),
            _ => match over_time::fold(name, points) {
                Some(value) => value,
                None => return Err(Failure::unsupported(format!("{name} in the reference evaluator"))),
            },
        };
        Ok(value.map(Value::Float))
    }
}

/// What was known of resets between stored samples does not hold between the steps of a subquery.
fn without_hints(mut windows: Windows) -> Windows {
    for point in windows.series.iter_mut().flat_map(|window| &mut window.histograms) {
        if !point.value.is_gauge() {
            point.value.hint = CounterResetHint::Unknown;
        }
    }
    windows
}

/// `rate` and its relatives, of floats or of histograms, and of no mix of them.
fn rate(
    windows: &Windows,
    window: &WindowSeries,
    lookback_ms: i64,
    use_start_times: bool,
    (is_counter, per_second): (bool, bool),
) -> Option<Value> {
    let (start_ms, end_ms, extension) = (windows.start_ms, windows.end_ms, windows.extension);
    match (window.points.as_slice(), window.histograms.as_slice()) {
        (points, []) => {
            let cut = Window { points, start_ms, end_ms, lookback_ms, extension, use_start_times };
            rates::rate(cut, is_counter, per_second).map(Value::Float)
        }
        ([], points) => {
            let cut = HistogramWindow { points, start_ms, end_ms, extension, use_start_times };
            histogram_rates::rate(cut, is_counter, per_second).map(Value::from)
        }
        _ => None,
    }
}

/// A window's samples of both kinds in the order of their times; start times where they are asked for.
fn in_order(window: &WindowSeries, start_times: bool) -> Vec<Stored> {
    let started = |start_ms: i64| if start_times { start_ms } else { 0 };
    let floats = window.points.iter().map(|point| Stored {
        time_ms: point.time_ms,
        value: Value::Float(point.value),
        start_ms: started(point.start_ms),
    });
    let histograms = window.histograms.iter().map(|point| Stored {
        time_ms: point.time_ms,
        value: point.value.clone().into(),
        start_ms: started(point.start_ms),
    });
    let mut samples: Vec<Stored> = floats.chain(histograms).collect();
    samples.sort_by_key(|sample| sample.time_ms);
    samples
}

fn check_factors(numbers: &[f64]) -> Result<(), Failure> {
    for (what, factor) in ["smoothing", "trend"].into_iter().zip(numbers) {
        if *factor <= 0.0 || *factor >= 1.0 {
            return Err(Failure::execution(format!("the {what} factor {factor} is not between 0 and 1")));
        }
    }
    Ok(())
}

impl Windows {
    /// The series as a query of the bare selector shows them.
    pub(super) fn extended(self, run: &Run<'_>) -> Result<Vec<WindowSeries>, Failure> {
        if self.extension == Extension::None {
            return Ok(self.series);
        }
        let mut out = Vec::new();
        for mut window in self.series {
            if !window.histograms.is_empty() {
                return Err(Failure::execution("a bare anchored or smoothed range cannot show histograms"));
            }
            let cut = Window {
                points: &window.points,
                start_ms: self.start_ms,
                end_ms: self.end_ms,
                lookback_ms: 0,
                extension: self.extension,
                use_start_times: run.options.start_timestamps,
            };
            window.points = rates::extend(cut);
            if !window.points.is_empty() {
                out.push(window);
            }
        }
        Ok(out)
    }
}
