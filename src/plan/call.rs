//! Function calls to plan nodes.

use super::{
    Node, NodeKind, RangeCall,
    build::{Planner, Surroundings},
    durations,
};
use crate::{
    error::{Error, ErrorKind},
    functions::{
        self, Extension, Kernel, LabelError, LabelJoin, LabelReplace, Special, StepTimes, absent_labels,
        greater_of, lesser_of,
    },
    model::{Labels, Span, ValueType},
    syntax::ast::{Call, Expr, ExprKind, VectorSelector},
};

fn text(arguments: &[Expr], index: usize, span: Span) -> Result<String, Error> {
    match arguments.get(index).map(|argument| &argument.unparenthesised().kind) {
        Some(ExprKind::String(text)) => Ok(text.to_lossy().into_owned()),
        _ => Err(Error::new(ErrorKind::InvalidQuery("a string is needed here".to_owned()), span)),
    }
}

/// A text that must be UTF-8: what is not names no label and is no pattern.
fn utf8(
    arguments: &[Expr],
    index: usize,
    span: Span,
    refusal: impl FnOnce(String) -> LabelError,
) -> Result<String, Error> {
    match arguments.get(index).map(|argument| &argument.unparenthesised().kind) {
        Some(ExprKind::String(text)) if text.as_str().is_none() => {
            Err(Error::execution(refusal(text.to_lossy().into_owned()).to_string(), span))
        }
        _ => text(arguments, index, span),
    }
}

fn texts(arguments: &[Expr], from: usize, span: Span) -> Result<Vec<String>, Error> {
    (from..arguments.len()).map(|index| text(arguments, index, span)).collect()
}

/// The labels an absent vector would have: those that the selector's `=` matchers fix.
fn labels_if_absent(arguments: &[Expr]) -> Labels {
    let selector: &VectorSelector = match arguments.first().map(|argument| &argument.unparenthesised().kind) {
        Some(ExprKind::VectorSelector(selector)) => selector,
        Some(ExprKind::MatrixSelector(matrix)) => &matrix.selector,
        _ => return Labels::default(),
    };
    let matchers: Vec<_> = selector
        .matchers
        .iter()
        .map(|matcher| (matcher.name.to_lossy(), matcher.operator, matcher.value.to_lossy()))
        .collect();
    absent_labels(matchers.iter().map(|(name, operator, value)| (name.as_ref(), *operator, value.as_ref())))
}

impl Planner {
    /// Plans a call.
    pub(super) fn call(
        &mut self,
        call: &Call,
        span: Span,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<NodeKind, Error> {
        let name = call.function.name;
        let arguments = &call.args;
        let Some(function) = functions::lookup(name) else {
            return Err(Error::new(ErrorKind::Unsupported("a function that only the parser knows"), span));
        };
        match function.kernel {
            Kernel::Range(_) => {
                Ok(NodeKind::Range(Box::new(self.range_call(name, call, span, steps, around)?)))
            }
            Kernel::Elementwise(kernel) => {
                let child = self.argument(arguments, 0, span, steps, Some(name))?;
                let parameters = (1..arguments.len())
                    .map(|index| self.argument(arguments, index, span, steps, None).map(|node| *node))
                    .collect::<Result<_, _>>()?;
                Ok(NodeKind::Elementwise { name, kernel, child, parameters })
            }
            Kernel::Time(function) => {
                let child = if arguments.is_empty() {
                    let time = Box::new(self.new_node(span, steps, NodeKind::Time));
                    Box::new(self.new_node(span, steps, NodeKind::VectorOf(time)))
                } else {
                    self.argument(arguments, 0, span, steps, Some(name))?
                };
                Ok(NodeKind::Calendar { name, function, child })
            }
            Kernel::Special(special) => self.special(special, call, span, steps, around),
        }
    }

    fn argument(
        &mut self,
        arguments: &[Expr],
        index: usize,
        span: Span,
        steps: StepTimes,
        function: Option<&'static str>,
    ) -> Result<Box<Node>, Error> {
        match arguments.get(index) {
            Some(argument) => {
                let around = Surroundings { function, ..Surroundings::default() };
                self.node(argument.unparenthesised(), steps, &around).map(Box::new)
            }
            None => Err(Error::new(ErrorKind::InvalidQuery("an argument is missing".to_owned()), span)),
        }
    }

    /// Plans a call as one of the range function `name`.
    fn range_call(
        &mut self,
        name: &'static str,
        call: &Call,
        span: Span,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<RangeCall, Error> {
        let Some(functions::Function { kernel: Kernel::Range(function), .. }) = functions::lookup(name)
        else {
            return Err(Error::new(ErrorKind::Unsupported("this range function"), span));
        };
        let around = Surroundings { function: Some(call.function.name), ..around.clone() };
        let mut source = None;
        let mut parameters = Vec::new();
        for argument in &call.args {
            let bare = argument.unparenthesised();
            if source.is_none() && argument.value_type() == ValueType::Matrix {
                source = Some(self.range_source(bare, steps, &around)?);
            } else {
                parameters.push(self.node(bare, steps, &Surroundings::default())?);
            }
        }
        let Some(source) = source else {
            return Err(Error::new(
                ErrorKind::InvalidQuery("a range vector is needed here".to_owned()),
                span,
            ));
        };
        let extended = match source.windows().extension {
            Extension::Anchored if !function.anchored => Some("anchored"),
            Extension::Smoothed if !function.smoothed => Some("smoothed"),
            _ => None,
        };
        if let Some(modifier) = extended {
            let allows = |name: &str| match functions::lookup(name).map(|other| other.kernel) {
                Some(Kernel::Range(f)) if modifier == "anchored" => f.anchored,
                Some(Kernel::Range(f)) => f.smoothed,
                _ => false,
            };
            let names = functions::signatures().iter().map(|signature| signature.name);
            let allowed: Vec<&str> = names.filter(|name| allows(name)).collect();
            let allowed = allowed.join(", ");
            let message = format!("{modifier} modifier can only be used with: {allowed} - not with {name}");
            return Err(Error::execution(message, source.span()));
        }
        let argument_spans = call.args.iter().map(|argument| argument.unparenthesised().span).collect();
        Ok(RangeCall { name, function: *function, source, parameters, argument_spans })
    }

    /// Plans the argument of `timestamp`. Of a selector that has `@` Prometheus fetches the samples that its offset asks for, and
    /// then looks at the time of `@` without the offset: it sees what lies in both lookbacks.
    fn timestamped(
        &mut self,
        arguments: &[Expr],
        span: Span,
        steps: StepTimes,
        name: &'static str,
    ) -> Result<Box<Node>, Error> {
        if let Some(argument) = arguments.first().map(Expr::unparenthesised)
            && let ExprKind::VectorSelector(selector) = &argument.kind
            && self.at(selector.at).is_some()
        {
            let around = Surroundings { function: Some(name), ..Surroundings::default() };
            let outside = (self.misplaced_ms, self.in_parameter);
            (self.misplaced_ms, self.in_parameter) = (0, false);
            let fetched = self.selector(selector, argument.span, steps, &around);
            (self.misplaced_ms, self.in_parameter) = outside;
            let fetched = fetched?;
            let offset_ms = durations::milliseconds(&selector.offset, true, &self.times)?;
            let time_ms = fetched.lookups.start_ms.saturating_add(offset_ms);
            let kind = NodeKind::Select(fetched.looking_at(time_ms));
            return Ok(Box::new(self.new_node(argument.span, steps, kind)));
        }
        self.argument(arguments, 0, span, steps, Some(name))
    }

    fn special(
        &mut self,
        special: Special,
        call: &Call,
        span: Span,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<NodeKind, Error> {
        let (name, arguments) = (call.function.name, &call.args);
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let first = |planner: &mut Self| planner.argument(arguments, 0, span, steps, Some(name));
        let scalar = |planner: &mut Self, index| planner.argument(arguments, index, span, steps, None);
        let refuse = |error: LabelError| Error::execution(error.to_string(), span);
        let times = self.times;
        Ok(match special {
            Special::Time => NodeKind::Time,
            Special::Pi => NodeKind::Number(std::f64::consts::PI),
            Special::QueryStart => NodeKind::Number(seconds(times.start_ms)),
            Special::QueryEnd => NodeKind::Number(seconds(times.end_ms)),
            Special::QueryRange => NodeKind::Number(seconds(times.end_ms.saturating_sub(times.start_ms))),
            Special::QueryStep if times.start_ms == times.end_ms => NodeKind::Number(0.0),
            Special::QueryStep => NodeKind::Number(seconds(times.step_ms)),
            Special::MaxOf | Special::MinOf => {
                let function = if special == Special::MaxOf { greater_of } else { lesser_of };
                NodeKind::ScalarFunction { name, function, lhs: scalar(self, 0)?, rhs: scalar(self, 1)? }
            }
            Special::Vector => NodeKind::VectorOf(scalar(self, 0)?),
            Special::Scalar => NodeKind::ScalarOf(first(self)?),
            Special::Timestamp | Special::StartTimestamp => {
                let child = self.timestamped(arguments, span, steps, name)?;
                NodeKind::Timestamp { child, start: special == Special::StartTimestamp }
            }
            Special::Absent => NodeKind::Absent { child: first(self)?, labels: labels_if_absent(arguments) },
            Special::AbsentOverTime => {
                let call = Box::new(self.range_call("present_over_time", call, span, steps, around)?);
                NodeKind::AbsentOverTime { call, labels: labels_if_absent(arguments) }
            }
            Special::Sort => NodeKind::Sort { child: first(self)?, descending: false },
            Special::SortDescending => NodeKind::Sort { child: first(self)?, descending: true },
            Special::SortByLabel | Special::SortByLabelDescending => NodeKind::SortByLabel {
                child: first(self)?,
                labels: texts(arguments, 1, span)?,
                descending: special == Special::SortByLabelDescending,
            },
            Special::LabelReplace => {
                let [replacement, source] = [2, 3].map(|index| text(arguments, index, span));
                let pattern = utf8(arguments, 4, span, LabelError::Pattern)?;
                let destination = utf8(arguments, 1, span, |name| LabelError::Destination {
                    function: "label_replace",
                    name,
                });
                let replace =
                    LabelReplace::new(&destination?, &replacement?, &source?, &pattern).map_err(refuse)?;
                NodeKind::LabelReplace { child: first(self)?, replace: Box::new(replace) }
            }
            Special::LabelJoin => {
                let function = "label_join";
                let separator = text(arguments, 2, span);
                let sources = (3..arguments.len())
                    .map(|index| utf8(arguments, index, span, |name| LabelError::Source { function, name }))
                    .collect::<Result<Vec<_>, _>>()?;
                let destination = utf8(arguments, 1, span, |name| LabelError::Destination { function, name });
                let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
                let join = LabelJoin::new(&destination?, &separator?, &sources).map_err(refuse)?;
                NodeKind::LabelJoin { child: first(self)?, join }
            }
            Special::HistogramQuantile => {
                let quantiles = vec![*scalar(self, 0)?];
                let child = self.argument(arguments, 1, span, steps, Some(name))?;
                NodeKind::HistogramQuantiles { quantiles, label: None, child }
            }
            Special::HistogramQuantiles => {
                let child = first(self)?;
                let label = Some(text(arguments, 1, span)?);
                let quantiles = (2..arguments.len())
                    .map(|index| scalar(self, index).map(|node| *node))
                    .collect::<Result<_, _>>()?;
                NodeKind::HistogramQuantiles { quantiles, label, child }
            }
            Special::HistogramFraction => NodeKind::HistogramFraction {
                lower: scalar(self, 0)?,
                upper: scalar(self, 1)?,
                child: self.argument(arguments, 2, span, steps, Some(name))?,
            },
            Special::HistogramAverage
            | Special::HistogramCount
            | Special::HistogramSum
            | Special::HistogramStandardDeviation
            | Special::HistogramVariance => {
                NodeKind::HistogramStatistic { statistic: special, child: first(self)? }
            }
            Special::Info => self.info(arguments, span, steps)?,
        })
    }
}
