//! Function calls: over vectors, and the few that are of neither vectors nor windows.

use crate::model::{Labels, LabelsBuilder, MatchOperator};
use crate::syntax::ast::{Call, Expr, ExprKind, VectorSelector};
use crate::testing::answer::Failure;

use super::evaluate::{Run, Step, unique};
use super::value::{Sample, StepValue, Value, is_metadata};
use super::{labels, math};

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
            "scalar" => {
                let samples = self.vector(arg(0)?, step)?;
                let floats: Vec<f64> = samples.iter().filter_map(|sample| sample.value.float()).collect();
                Some(if let [only] = floats.as_slice() { *only } else { f64::NAN })
            }
            _ => None,
        };
        if let Some(scalar) = scalar {
            return Ok(StepValue::Scalar(scalar));
        }
        if let Some(samples) = self.histogram_call(call, step)? {
            return self.checked(samples, step).map(StepValue::Vector);
        }
        let samples = match name {
            "label_replace" => {
                check_label_names([arg(1)?])?;
                let replaced =
                    labels::replace(self.vector(arg(0)?, step)?, &self.texts(&call.args[1..], step)?)?;
                return unique(replaced).map(StepValue::Vector);
            }
            "label_join" => {
                check_label_names(
                    call.args.iter().enumerate().filter(|(at, _)| *at != 0 && *at != 2).map(|arg| arg.1),
                )?;
                let joined = labels::join(self.vector(arg(0)?, step)?, &self.texts(&call.args[1..], step)?)?;
                return unique(joined).map(StepValue::Vector);
            }
            "info" => return self.info(call, step).map(StepValue::Vector),
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
            _ => match call.args.iter().position(is_range_vector) {
                Some(index) => return self.over_windows(name, call, index, step).map(StepValue::Vector),
                None => self.each_element(name, call, step)?,
            },
        };
        self.checked(samples, step).map(StepValue::Vector)
    }

    fn texts(&self, args: &[Expr], step: Step) -> Result<Vec<String>, Failure> {
        args.iter().map(|arg| self.text(arg, step)).collect()
    }

    pub(super) fn text(&self, arg: &Expr, step: Step) -> Result<String, Failure> {
        match self.value(arg, step)? {
            StepValue::Text(text) => Ok(text),
            _ => Err(Failure::refused("a string is needed here")),
        }
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
                    .map(|(labels, stored)| {
                        let time_ms = if wants_start { stored.start_ms } else { stored.time_ms };
                        Sample::new(labels, time_ms as f64 / 1000.0)
                    })
                    .collect()
            }
            _ => {
                let vector = self.vector(arg, step)?;
                if wants_start {
                    return Ok(Vec::new());
                }
                let now = Value::Float(step.now_ms as f64 / 1000.0);
                vector.into_iter().map(|sample| Sample { value: now.clone(), ..sample }).collect()
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
        samples.retain_mut(|sample| {
            let Some(value) = sample.value.float() else { return false };
            sample.value = Value::Float(function(value));
            true
        });
        self.drop_names(&mut samples);
        Ok(samples)
    }
}

/// Refuses names of labels that are empty or no UTF-8.
pub(super) fn check_label_names<'e>(args: impl IntoIterator<Item = &'e Expr>) -> Result<(), Failure> {
    for arg in args {
        if let ExprKind::String(text) = &arg.unparenthesised().kind
            && text.as_str().is_none_or(str::is_empty)
        {
            return Err(Failure::execution("a label's name is empty or no UTF-8"));
        }
    }
    Ok(())
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
pub(super) fn matched_labels(selector: &VectorSelector) -> Labels {
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
