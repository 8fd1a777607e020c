//! Function calls: over windows, over vectors, and the few that are neither.

use crate::model::{Labels, LabelsBuilder, MatchOperator};
use crate::syntax::ast::{Call, Expr, ExprKind, VectorSelector};
use crate::testing::answer::Failure;

use super::evaluate::{Run, Step, unique};
use super::rates::{self, Extension, Window};
use super::select::Windows;
use super::value::{Sample, StepValue, is_metadata, without_metadata};
use super::{histogram, labels, math, over_time};

impl Run<'_> {
    pub(super) fn call(&self, call: &Call, step: Step) -> Result<StepValue, Failure> {
        let name = call.function.name;
        let arg = |index: usize| {
            let missing = || Failure::refused(format!("{name} lacks an argument"));
            call.args.get(index).map(Expr::unparenthesised).ok_or_else(missing)
        };
        let scalar = match name {
            "time" => Some(step.now_ms as f64 / 1000.0),
            "pi" => Some(std::f64::consts::PI),
            "start" => Some(self.start_ms as f64 / 1000.0),
            "end" => Some(self.end_ms as f64 / 1000.0),
            "range" => Some((self.end_ms - self.start_ms) as f64 / 1000.0),
            "step" if self.start_ms == self.end_ms => Some(0.0),
            "step" => Some(self.step_ms as f64 / 1000.0),
            "max_of" => Some(math::larger(self.scalar(arg(0)?, step)?, self.scalar(arg(1)?, step)?)),
            "min_of" => Some(math::smaller(self.scalar(arg(0)?, step)?, self.scalar(arg(1)?, step)?)),
            "scalar" => match self.vector(arg(0)?, step)?.as_slice() {
                [only] => Some(only.value),
                _ => Some(f64::NAN),
            },
            _ => None,
        };
        if let Some(scalar) = scalar {
            return Ok(StepValue::Scalar(scalar));
        }
        if matches!(name, "info" | "histogram_fraction" | "histogram_quantiles") {
            return Err(Failure::unsupported(format!("{name} in the reference evaluator")));
        }
        let samples = match name {
            "label_replace" => {
                let replaced =
                    labels::replace(self.vector(arg(0)?, step)?, &self.texts(&call.args[1..], step)?)?;
                return unique(replaced).map(StepValue::Vector);
            }
            "label_join" => {
                let joined = labels::join(self.vector(arg(0)?, step)?, &self.texts(&call.args[1..], step)?)?;
                return unique(joined).map(StepValue::Vector);
            }
            "vector" => vec![Sample::new(Labels::default(), self.scalar(arg(0)?, step)?)],
            "absent" => {
                let present = !self.vector(arg(0)?, step)?.is_empty();
                if present { Vec::new() } else { vec![Sample::new(absent_labels(arg(0)?), 1.0)] }
            }
            "timestamp" | "start_timestamp" => self.timestamps(name, arg(0)?, step)?,
            "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" => {
                let keys = self.texts(call.args.get(1..).unwrap_or_default(), step)?;
                labels::sort(name, self.vector(arg(0)?, step)?, &keys)?
            }
            "histogram_quantile" => {
                let q = self.scalar(arg(0)?, step)?;
                let mut samples = histogram::quantiles(q, &self.vector(arg(1)?, step)?);
                self.drop_names(&mut samples);
                samples
            }
            // Nothing but native histograms has these, and those are refused where they are read.
            "histogram_avg" | "histogram_count" | "histogram_sum" | "histogram_stddev"
            | "histogram_stdvar" => {
                self.vector(arg(0)?, step)?;
                Vec::new()
            }
            _ => match call.args.iter().position(is_range_vector) {
                Some(index) => return self.over_windows(name, call, index, step).map(StepValue::Vector),
                None => self.each_element(name, call, step)?,
            },
        };
        self.checked(samples, step).map(StepValue::Vector)
    }

    fn texts(&self, args: &[Expr], step: Step) -> Result<Vec<String>, Failure> {
        args.iter()
            .map(|arg| match self.value(arg, step)? {
                StepValue::Text(text) => Ok(text),
                _ => Err(Failure::refused("a string is needed here")),
            })
            .collect()
    }

    /// The time of each element's own sample where the argument is a selector, else that of the step.
    fn timestamps(&self, name: &str, arg: &Expr, step: Step) -> Result<Vec<Sample>, Failure> {
        let wants_start = name == "start_timestamp";
        let mut samples: Vec<Sample> = match &arg.kind {
            ExprKind::VectorSelector(selector) => {
                if wants_start && !self.options.start_timestamps {
                    return Ok(Vec::new());
                }
                let newest = self.newest_of_timestamp(selector, step)?;
                newest
                    .into_iter()
                    .map(|(labels, point)| {
                        let time_ms = if wants_start { point.start_ms } else { point.time_ms };
                        Sample::new(labels, time_ms as f64 / 1000.0)
                    })
                    .collect()
            }
            _ => {
                let vector = self.vector(arg, step)?;
                if wants_start {
                    return Ok(Vec::new());
                }
                let now = step.now_ms as f64 / 1000.0;
                vector.into_iter().map(|sample| Sample { value: now, ..sample }).collect()
            }
        };
        self.drop_names(&mut samples);
        Ok(samples)
    }

    /// Functions that make a number of each element, or of nothing a number of the step's time.
    fn each_element(&self, name: &str, call: &Call, step: Step) -> Result<Vec<Sample>, Failure> {
        if math::calendar(name, 0).is_some() {
            let part = |seconds: f64| math::calendar(name, math::go_integer(seconds)).unwrap_or(f64::NAN);
            let Some(arg) = call.args.first() else {
                return Ok(vec![Sample::new(Labels::default(), part((step.now_ms / 1000) as f64))]);
            };
            return self.map(arg, step, part);
        }
        let numbers: Vec<f64> =
            call.args.iter().skip(1).map(|arg| self.scalar(arg, step)).collect::<Result<_, _>>()?;
        let Some(arg) = call.args.first() else {
            return Err(Failure::unsupported(format!("{name} in the reference evaluator")));
        };
        let clamp = |low: f64, high: f64| move |value: f64| math::larger(low, math::smaller(high, value));
        match (name, numbers.as_slice()) {
            ("clamp", [low, high]) if high < low => self.vector(arg, step).map(|_| Vec::new()),
            ("clamp", [low, high]) => self.map(arg, step, clamp(*low, *high)),
            ("clamp_min", [low]) => self.map(arg, step, clamp(*low, f64::INFINITY)),
            ("clamp_max", [high]) => self.map(arg, step, clamp(f64::NEG_INFINITY, *high)),
            ("round", []) => self.map(arg, step, |value| math::round(value, 1.0)),
            ("round", [nearest]) => self.map(arg, step, |value| math::round(value, *nearest)),
            _ => match math::number_function(name) {
                Some(function) => self.map(arg, step, function),
                None => Err(Failure::unsupported(format!("{name} in the reference evaluator"))),
            },
        }
    }

    fn map(&self, arg: &Expr, step: Step, function: impl Fn(f64) -> f64) -> Result<Vec<Sample>, Failure> {
        let mut samples = self.vector(arg.unparenthesised(), step)?;
        for sample in &mut samples {
            sample.value = function(sample.value);
        }
        self.drop_names(&mut samples);
        Ok(samples)
    }

    /// Functions that make a number of each window.
    fn over_windows(
        &self,
        name: &str,
        call: &Call,
        index: usize,
        step: Step,
    ) -> Result<Vec<Sample>, Failure> {
        let arg = call.args[index].unparenthesised();
        let windows = match &arg.kind {
            ExprKind::MatrixSelector(matrix) => self.windows(matrix, step)?,
            ExprKind::Subquery(subquery) => self.subquery(subquery, step)?,
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
            let absent = windows.series.is_empty();
            let one = Sample { labels, value: 1.0, drop_name: true };
            return Ok(if absent { vec![one] } else { Vec::new() });
        }
        let keeps_name = matches!(name, "last_over_time" | "first_over_time");
        let mut out = Vec::new();
        for window in &windows.series {
            let cut = Window {
                points: &window.points,
                start_ms: windows.start_ms,
                end_ms: windows.end_ms,
                lookback_ms: self.options.lookback_ms,
                extension: windows.extension,
                use_start_times: self.options.start_timestamps,
            };
            let Some(value) = window_value(name, cut, &numbers, step.now_ms)? else { continue };
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
}

/// The value of one window, or nothing where the function gives none.
fn window_value(
    name: &str,
    window: Window<'_>,
    numbers: &[f64],
    now_ms: i64,
) -> Result<Option<f64>, Failure> {
    let points = window.points;
    Ok(match (name, numbers) {
        ("rate", _) => rates::rate(window, true, true),
        ("increase", _) => rates::rate(window, true, false),
        ("delta", _) => rates::rate(Window { use_start_times: false, ..window }, false, false),
        ("irate", _) => rates::instant_change(window, true),
        ("idelta", _) => rates::instant_change(Window { use_start_times: false, ..window }, false),
        ("resets", _) => rates::resets(window),
        ("changes", _) => rates::changes(window),
        ("quantile_over_time", [q]) => Some(over_time::quantile(*q, points)),
        ("predict_linear", [ahead]) => over_time::predict_linear(points, now_ms, *ahead),
        ("double_exponential_smoothing", [smoothing, trend]) => {
            for (what, factor) in [("smoothing", *smoothing), ("trend", *trend)] {
                if factor <= 0.0 || factor >= 1.0 {
                    return Err(Failure::execution(format!(
                        "the {what} factor {factor} is not between 0 and 1"
                    )));
                }
            }
            over_time::double_exponential_smoothing(points, *smoothing, *trend)
        }
        ("integral", []) => Some(over_time::integral(points, 2.0)),
        ("integral", [strategy]) => Some(over_time::integral(points, *strategy)),
        _ => match over_time::fold(name, points) {
            Some(value) => value,
            None => return Err(Failure::unsupported(format!("{name} in the reference evaluator"))),
        },
    })
}

fn is_range_vector(arg: &Expr) -> bool {
    matches!(arg.unparenthesised().kind, ExprKind::MatrixSelector(_) | ExprKind::Subquery(_))
}

/// The labels that an absent series would have for certain.
fn absent_labels(arg: &Expr) -> Labels {
    match &arg.kind {
        ExprKind::VectorSelector(selector) => matched_labels(selector),
        _ => Labels::default(),
    }
}

/// Labels that exactly one condition names, and names a value for.
fn matched_labels(selector: &VectorSelector) -> Labels {
    let mut builder = LabelsBuilder::default();
    let mut seen: Vec<String> = Vec::new();
    for matcher in &selector.matchers {
        let name = matcher.name.to_lossy().into_owned();
        if is_metadata(&name) {
            continue;
        }
        if matcher.operator == MatchOperator::Equal && !seen.contains(&name) {
            builder.set(&name, &matcher.value.to_lossy());
            seen.push(name);
        } else {
            builder.set(&name, "");
        }
    }
    builder.finish()
}

impl Windows {
    /// The series as a query of the bare selector shows them.
    pub(super) fn extended(self, run: &Run<'_>) -> Vec<super::value::WindowSeries> {
        if self.extension == Extension::None {
            return self.series;
        }
        let series = self.series.into_iter().filter_map(|mut window| {
            let cut = Window {
                points: &window.points,
                start_ms: self.start_ms,
                end_ms: self.end_ms,
                lookback_ms: 0,
                extension: self.extension,
                use_start_times: run.options.start_timestamps,
            };
            window.points = rates::extend(cut);
            (!window.points.is_empty()).then_some(window)
        });
        series.collect()
    }
}
