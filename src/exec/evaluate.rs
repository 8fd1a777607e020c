//! Plan nodes to rows and scalars: the one place that knows every operator.

use std::{sync::Arc, time::Instant};

use super::{
    aggregate, choose,
    context::Context,
    count_values, histogram, info, join, labels,
    map::{self, Map, Mapped},
    map_histograms, range,
    reads::ReadSet,
    rows::{Noted, Rows, materialise, shallow},
    scalar::Scalar,
    select, set_operators,
    table::{Series, Table},
};
use crate::{
    error::{Error, ErrorKind},
    model::{Labels, Span},
    plan::{AggregateKind, Node, NodeKind, SetOperator},
    storage::SeriesSet,
};

/// What the nodes of one plan are evaluated on: the context and the series of each selector.
#[derive(Clone, Copy)]
pub(crate) struct Evaluator<'a> {
    pub(crate) context: &'a Context,
    pub(crate) reads: &'a [ReadSet<'a>],
}

/// An operator's rows, boxed for as long as the fetched series live.
pub(crate) type BoxedRows<'a> = Box<dyn Rows + 'a>;

impl<'a> Evaluator<'a> {
    /// The series of one of the plan's selectors.
    pub(crate) fn series_set(&self, read: usize, span: Span) -> Result<&'a dyn SeriesSet, Error> {
        let missing = || Error::new(ErrorKind::Unsupported("this selector"), span);
        self.reads.get(read).map(ReadSet::series_set).ok_or_else(missing)
    }

    /// Evaluates a scalar node.
    pub(crate) fn scalar(&self, node: &Node) -> Result<Scalar, Error> {
        let (start, whole) = (self.context.profile.start(), node);
        // A chain of operators is as deep as it is long: go down its left side in a loop.
        let mut chain = Vec::new();
        let mut node = node;
        while let (NodeKind::ScalarBinary { operator, rhs, .. }, Some(left)) = (&node.kind, node.left()) {
            chain.push((*operator, rhs));
            node = left;
        }
        let mut value = self.simple_scalar(node)?;
        while let Some((operator, rhs)) = chain.pop() {
            let rhs_value = self.scalar(rhs)?;
            value = value.zip(&rhs_value, node.steps.count, |a, b| operator.of_scalars(a, b));
        }
        self.context.profile.took(whole, start);
        Ok(value)
    }

    fn simple_scalar(&self, node: &Node) -> Result<Scalar, Error> {
        let steps = node.steps;
        Ok(match &node.kind {
            NodeKind::Number(value) | NodeKind::Folded { value, .. } => Scalar::Constant(*value),
            NodeKind::Time => Scalar::Column((0..steps.count).map(|k| steps.at(k) as f64 / 1000.0).collect()),
            NodeKind::ScalarFunction { function, lhs, rhs, .. } => {
                self.scalar(lhs)?.zip(&self.scalar(rhs)?, steps.count, function)
            }
            NodeKind::ScalarNegate(child) => match self.scalar(child)? {
                Scalar::Constant(value) => Scalar::Constant(-value),
                Scalar::Column(values) => Scalar::Column(values.into_iter().map(|value| -value).collect()),
            },
            NodeKind::ScalarOf(child) => {
                let table = self.table(child)?;
                let mut found = vec![(f64::NAN, 0u32); steps.count];
                for row in 0..table.len() {
                    super::row::for_each_bit(table.present(row), |k| {
                        found[k] = (table.values(row)[k], found[k].1 + 1);
                    });
                }
                Scalar::Column(
                    found
                        .into_iter()
                        .map(|(value, times)| if times == 1 { value } else { f64::NAN })
                        .collect(),
                )
            }
            NodeKind::Plus(child) => self.scalar(child)?,
            NodeKind::Invariant(child) => Scalar::Constant(self.scalar(child)?.at(0)),
            _ => return Err(Error::new(ErrorKind::Unsupported("this expression as a scalar"), node.span)),
        })
    }

    /// Evaluates a vector node into a table.
    pub(crate) fn table(&self, node: &Node) -> Result<Arc<Table>, Error> {
        if node.steps.count == 0 {
            // Nothing is evaluated, so nothing fails or is remarked upon.
            return Ok(Arc::new(Table::new(Vec::new(), 0)));
        }
        let rows = self.rows(node)?;
        let table = materialise(self.context, &*rows, node.steps.count)?;
        self.context.profile.holds(node, &table);
        Ok(table)
    }

    /// Evaluates a vector node as far as its rows can be asked for.
    pub(crate) fn rows(&self, node: &Node) -> Result<BoxedRows<'a>, Error> {
        let start = self.context.profile.start();
        let mut chain = Vec::new();
        let mut bottom = node;
        while let (
            NodeKind::VectorBinary { .. }
            | NodeKind::Set { .. }
            | NodeKind::VectorScalar { swapped: false, .. },
            Some(left),
        ) = (&bottom.kind, bottom.left())
        {
            chain.push(bottom);
            bottom = left;
        }
        let mut left = self.noted(bottom, start, self.simple_rows(bottom)?)?;
        while let Some(node) = chain.pop() {
            left = self.noted(node, start, self.binary(node, left)?)?;
        }
        Ok(left)
    }

    /// Rows whose cost is noted: here where they are there already, else when they are asked for.
    fn noted(
        &self,
        node: &Node,
        start: Option<Instant>,
        rows: BoxedRows<'a>,
    ) -> Result<BoxedRows<'a>, Error> {
        if let Some(table) = rows.table() {
            self.context.account.holds(node, table)?;
        }
        let notes_none_itself = match &node.kind {
            NodeKind::Set { .. } | NodeKind::LabelReplace { .. } | NodeKind::LabelJoin { .. } => true,
            NodeKind::Aggregate { kind, .. } => {
                use AggregateKind::{CountValues, Limit, LimitRatio, Top};
                matches!(kind, CountValues { .. } | Limit { .. } | LimitRatio { .. } | Top { .. })
            }
            _ => false,
        };
        let rows = match rows.table() {
            None if notes_none_itself => {
                Box::new(Noted { rows, context: self.context, node: (node.slot, node.steps.count) })
            }
            _ => rows,
        };
        Ok(self.context.profile.rows(node, start, rows))
    }

    /// One binary operator whose left operand is evaluated.
    fn binary(&self, node: &Node, left: BoxedRows<'a>) -> Result<BoxedRows<'a>, Error> {
        let steps = node.steps.count;
        let left = shallow(self.context, left, steps)?;
        match &node.kind {
            NodeKind::VectorScalar { operator, return_bool, scalar, .. } => {
                let scalar = self.scalar(scalar)?;
                let (operator, return_bool) = (*operator, *return_bool);
                let op = Map::Scalar { operator, return_bool, scalar, swapped: false };
                self.mapped(op, left, node)
            }
            NodeKind::VectorBinary { operator, return_bool, matching, rhs, .. } => {
                if steps == 0 {
                    return Ok(Box::new(Arc::new(Table::new(Vec::new(), 0))));
                }
                let right = self.rows(rhs)?;
                let join = join::Join {
                    context: self.context,
                    matching,
                    operator: *operator,
                    return_bool: *return_bool,
                    times: node.steps,
                    span: node.span,
                };
                Ok(Box::new(self.context.hold(join.run(left, right)?)?))
            }
            NodeKind::Set { operator, matching, rhs, .. } => {
                if steps == 0 {
                    return Ok(Box::new(Arc::new(Table::new(Vec::new(), 0))));
                }
                let right = self.rows(rhs)?;
                let rows = set_operators::rows(self.context, *operator, matching, left, right, steps)?;
                if *operator != SetOperator::Or || !labels::has_equal(rows.series()) {
                    return Ok(rows);
                }
                let table = materialise(self.context, &*rows, steps)?;
                let table = Arc::try_unwrap(table).unwrap_or_else(|shared| (*shared).clone());
                Ok(Box::new(self.context.hold(labels::merge_equal(table, self.context, node)?)?))
            }
            _ => Err(Error::new(ErrorKind::Unsupported("this operator"), node.span)),
        }
    }

    fn simple_rows(&self, node: &Node) -> Result<BoxedRows<'a>, Error> {
        let context = self.context;
        let steps = node.steps;
        let table: Table = match &node.kind {
            NodeKind::Select(selector) => {
                return select::rows(*self, selector, node);
            }
            NodeKind::Range(call) => {
                let rows = range::rows(*self, call, node)?;
                return self.without_equal_labels(rows, node);
            }
            NodeKind::Invariant(child) => {
                let once = self.table(child)?;
                return Ok(Box::new(map::Repeated::new(once)));
            }
            NodeKind::VectorOf(child) => {
                let scalar = self.scalar(child)?;
                let mut table = Table::new(vec![Series::named(Default::default())], steps.count);
                (0..steps.count).for_each(|k| table.set(0, k, scalar.at(k)));
                table
            }
            NodeKind::Elementwise { name, kernel, child, parameters } => {
                let parameters = parameters.iter().map(|p| self.scalar(p)).collect::<Result<_, _>>()?;
                let _ = name;
                return self.mapped(
                    Map::Elementwise { kernel: *kernel, parameters },
                    self.rows(child)?,
                    node,
                );
            }
            NodeKind::Calendar { function, child, .. } => {
                return self.mapped(Map::Calendar(*function), self.rows(child)?, node);
            }
            NodeKind::Timestamp { child, start } => {
                if let NodeKind::Select(selector) = &child.kind {
                    let rows = select::timestamps(*self, selector, child, *start)?;
                    return self.without_equal_labels(rows, node);
                }
                return self.mapped(Map::StepTime { times: steps, start: *start }, self.rows(child)?, node);
            }
            NodeKind::Plus(child) => return self.rows(child),
            NodeKind::Shared(shared) => return Ok(Box::new(self.shared(shared, node.span)?)),
            NodeKind::OneOf { folds, which, input } => {
                return Ok(Box::new(self.one_of(folds, *which, *input)?));
            }
            NodeKind::Negate(child) => return self.mapped(Map::Negate, self.rows(child)?, node),
            NodeKind::VectorScalar { operator, return_bool, vector, scalar, swapped } => {
                let scalar = self.scalar(scalar)?;
                let (operator, return_bool, swapped) = (*operator, *return_bool, *swapped);
                if swapped && operator.is_trim() {
                    map_histograms::remark_on_trimmed_scalar(
                        context,
                        operator,
                        &*self.table(vector)?,
                        node.span,
                    );
                    return Ok(Box::new(Arc::new(Table::new(Vec::new(), steps.count))));
                }
                let op = Map::Scalar { operator, return_bool, scalar, swapped };
                return self.mapped(op, self.rows(vector)?, node);
            }
            NodeKind::Aggregate { kind, child, without, grouping, streams } => {
                let grouping = aggregate::Grouping { without: *without, names: grouping };
                let input = || Ok::<_, Error>(Table::without_empty_rows(&self.table(child)?));
                match kind {
                    AggregateKind::Fold(operator) => {
                        aggregate::fold(context, *operator, &*self.input(child, *streams)?, &grouping, child)?
                    }
                    AggregateKind::CountValues { label } => {
                        return Ok(Box::new(count_values::count_values(&*input()?, &grouping, label)));
                    }
                    AggregateKind::Quantile(q) => {
                        let q = self.scalar(q)?;
                        choose::quantile(context, &q, &input()?, &grouping, node, child)?
                    }
                    AggregateKind::Top { largest, k } => {
                        let k = self.scalar(k)?;
                        return choose::top(context, *largest, &k, input()?, &grouping, node);
                    }
                    AggregateKind::Limit { k } => {
                        let k = self.scalar(k)?;
                        return choose::limit(&k, input()?, &grouping, node);
                    }
                    AggregateKind::LimitRatio { ratio } => {
                        let span = ratio.span;
                        let ratio = self.scalar(ratio)?;
                        let input = self.input(child, *streams)?;
                        return choose::limit_ratio(context, &ratio, input, &grouping, span, node);
                    }
                }
            }
            NodeKind::LabelReplace { child, replace } => {
                let rows = labels::relabel(self.rows(child)?, replace.destination(), replace.change());
                return self.merged(rows, node);
            }
            NodeKind::LabelJoin { child, join } => {
                let mut joined = join.change();
                let change = |labels: &Labels| Some(joined(labels));
                return self.merged(labels::relabel(self.rows(child)?, join.destination(), change), node);
            }
            NodeKind::Sort { child, descending } => {
                choose::sort(context, &*self.table(child)?, *descending, node)
            }
            NodeKind::SortByLabel { child, labels, descending } => {
                labels::sort_by(context, &*self.table(child)?, labels, *descending, node)
            }
            NodeKind::Absent { child, labels } => labels::absent(&*self.table(child)?, labels, steps.count),
            NodeKind::AbsentOverTime { call, labels } => {
                let rows = range::rows(*self, call, node)?;
                let mut table =
                    labels::absent(&*materialise(context, &*rows, steps.count)?, labels, steps.count);
                table.series.iter_mut().for_each(|series| series.drop_name = true);
                table
            }
            NodeKind::Info { child, selector, infos: slot, names, data } => {
                let input = Table::without_empty_rows(&self.table(child)?);
                let times = select::sample_times(*self, selector, node)?;
                let infos = materialise(context, &*times, steps.count)?;
                let is_found = |row| self.reads.get(selector.read).is_none_or(|read| read.is_found(row));
                info::Enrichment { names, data, span: node.span, slot: *slot }
                    .run(context, &input, &infos, &is_found)?
            }
            NodeKind::HistogramQuantiles { quantiles, label, child } => {
                let spans: Vec<_> = quantiles.iter().map(|node| node.span).collect();
                let values = quantiles.iter().map(|q| self.scalar(q)).collect::<Result<Vec<_>, _>>()?;
                let input = self.table(child)?;
                let table =
                    histogram::quantiles(context, &values, &spans, label.as_deref(), &input, node, child)?;
                labels::merge_equal(table, context, node)?
            }
            NodeKind::HistogramFraction { lower, upper, child } => {
                let bounds = (self.scalar(lower)?, self.scalar(upper)?);
                let table = histogram::fraction(context, bounds, &*self.table(child)?, child)?;
                labels::merge_equal(table, context, node)?
            }
            NodeKind::HistogramStatistic { statistic, child } => {
                let table = histogram::statistic(context, *statistic, &*self.table(child)?)?;
                labels::merge_equal(table, context, node)?
            }
            _ => return Err(Error::new(ErrorKind::Unsupported("this expression as a vector"), node.span)),
        };
        Ok(Box::new(context.hold(table)?))
    }

    /// The input of an aggregation that reads row by row: streamed, or held.
    pub(super) fn input(&self, child: &Node, streams: bool) -> Result<BoxedRows<'a>, Error> {
        Ok(if streams { self.rows(child)? } else { Box::new(self.table(child)?) })
    }

    fn mapped(&self, map: Map, child: BoxedRows<'a>, node: &Node) -> Result<BoxedRows<'a>, Error> {
        let rows = Box::new(Mapped::new(map, child, self.context, node));
        self.without_equal_labels(rows, node)
    }

    /// Where names go at once, series may come to have equal labels: those are merged here, and fail where they meet at a step.
    fn without_equal_labels(&self, rows: BoxedRows<'a>, node: &Node) -> Result<BoxedRows<'a>, Error> {
        if self.context.options.delayed_name_removal || node.distinct && !labels::has_metadata(rows.series())
        {
            return Ok(rows);
        }
        self.merged(rows, node)
    }

    /// Series of equal labels are merged, and fail where they meet at a step.
    fn merged(&self, rows: BoxedRows<'a>, node: &Node) -> Result<BoxedRows<'a>, Error> {
        if node.steps.count == 0 || !labels::has_equal(rows.series()) {
            return Ok(rows);
        }
        let table = materialise(self.context, &*rows, node.steps.count)?;
        let table = Arc::try_unwrap(table).unwrap_or_else(|shared| (*shared).clone());
        let before = |row: usize| Some(rows.input_labels(row).clone());
        Ok(Box::new(self.context.hold(labels::merge_series(table, node.span, before)?)?))
    }
}
