//! Element-wise operators: each row from one row below, label by label and value by value.

use std::{ops::Range, sync::Arc};

use super::{
    context::{Context, Worker},
    evaluate::BoxedRows,
    map_histograms::{WithScalar, negate},
    row::{Row, bit, fill_bits},
    rows::Rows,
    scalar::Scalar,
    table::{Series, Table},
};
use crate::{
    error::Error,
    functions::{ElementwiseKernel, Parameter, StepTimes},
    model::{Labels, Span},
    operators::elementwise::{Comparison, ElementOperator, apply},
    plan::Node,
};

/// What is done to each row.
pub(crate) enum Map {
    /// A function of floats.
    Elementwise { kernel: ElementwiseKernel, parameters: Vec<Scalar> },
    /// A function of times in seconds.
    Calendar(fn(f64) -> f64),
    /// The step's own time in seconds wherever there is a sample; nothing where start times are asked for.
    StepTime { times: StepTimes, start: bool },
    /// The sign changed.
    Negate,
    /// A binary operator with a scalar.
    Scalar { operator: ElementOperator, return_bool: bool, scalar: Scalar, swapped: bool },
}

/// Rows with a [`Map`] applied.
pub(crate) struct Mapped<'a> {
    map: Map,
    child: BoxedRows<'a>,
    series: Vec<Series>,
    context: &'a Context,
    span: Span,
    slot: u32,
    steps: usize,
}

impl<'a> Mapped<'a> {
    /// Applies `map` to all rows of `child`.
    pub(crate) fn new(map: Map, child: BoxedRows<'a>, context: &'a Context, node: &Node) -> Self {
        let drops = match &map {
            Map::Scalar { operator, return_bool, .. } => operator.changes_metric() || *return_bool,
            _ => true,
        };
        let delayed = context.options.delayed_name_removal;
        let series = if drops {
            child.series().iter().map(|series| Series::unnamed(&series.labels, delayed)).collect()
        } else {
            child.series().to_vec()
        };
        Self { map, child, series, context, span: node.span, slot: node.slot, steps: node.steps.count }
    }
}

impl Rows for Mapped<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series
    }

    fn input_labels(&self, row: usize) -> &Labels {
        &self.child.series()[row].labels
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        self.child.row(row, steps.clone(), worker, out)?;
        match &self.map {
            Map::Elementwise { kernel, parameters } => {
                out.histograms.clear();
                let parameters: Vec<Parameter<'_>> =
                    parameters.iter().map(|scalar| scalar.parameter(steps.clone())).collect();
                kernel(&mut out.values, &mut out.present, &parameters);
            }
            Map::Calendar(function) => {
                out.histograms.clear();
                out.values.iter_mut().for_each(|value| *value = function(*value));
            }
            Map::StepTime { start: true, .. } => out.reset(steps.len()),
            Map::StepTime { times, .. } => {
                for (index, step) in steps.clone().enumerate() {
                    if out.histograms.at(index).is_some() {
                        super::row::set_bit(&mut out.present, index);
                    }
                    out.values[index] = times.at(step) as f64 / 1000.0;
                }
                out.histograms.clear();
            }
            Map::Negate => {
                negate(out);
                out.values.iter_mut().for_each(|value| *value = -*value);
            }
            Map::Scalar { operator, return_bool, scalar, swapped } => {
                let (operator, swapped) = (*operator, *swapped);
                let (context, span) = (self.context, self.span);
                WithScalar { context, operator, scalar, swapped, span }.apply(steps.clone(), out)?;
                let comparison = if *return_bool { Comparison::Bool } else { Comparison::Filter };
                let side = scalar.side(steps.clone());
                // A comparison keeps the vector's value, whichever side the scalar stands on.
                apply(operator, comparison, &mut out.values, side, swapped, true, &mut out.present);
            }
        }
        self.context.account.gave(self.slot, &steps, self.steps, out)?;
        Ok(())
    }

    fn work(&self, steps: usize) -> usize {
        self.child.work(steps) + steps
    }

    fn depth(&self) -> usize {
        self.child.depth() + 1
    }
}

/// A table of one step, the same at every step.
pub(crate) struct Repeated {
    once: Arc<Table>,
}

impl Repeated {
    /// Repeats the one step of `once`.
    pub(crate) fn new(once: Arc<Table>) -> Self {
        Self { once }
    }
}

impl Rows for Repeated {
    fn series(&self) -> &[Series] {
        &self.once.series
    }

    fn row(&self, row: usize, steps: Range<usize>, _: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        if bit(self.once.present(row), 0) {
            out.values.fill(self.once.values(row)[0]);
            fill_bits(&mut out.present, steps.len());
        } else if let Some((cells, sample)) = self.once.histograms(row).and_then(|c| Some((c, c.at(0)?))) {
            out.histograms.samples.push(cells.samples.as_samples().at(sample));
            (0..steps.len()).for_each(|step| out.histograms.place_last(step, steps.len()));
        }
        Ok(())
    }
}
