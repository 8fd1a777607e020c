//! Range functions: each series' samples, seen through a window a step.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use rustc_hash::FxHashMap;

use super::{
    aggregate_histograms,
    annotations::Place,
    context::{Context, Worker},
    evaluate::{BoxedRows, Evaluator},
    labels::drop_name,
    range_histograms::{Fresh, HistogramRow, samples_covered},
    row::Row,
    rows::Rows,
    scalar::Scalar,
    select::with_buffer,
    table::{Series, Table, series_of},
};
use crate::{
    error::Error,
    functions::{Notes, Parameter, RangeFunction, RangeInput, RowOut, WindowSpecification, Windows},
    model::{
        FloatColumn, HistogramColumn, METRIC_NAME, SeriesColumns, Span, Timestamps, is_stale,
        number::format_float,
    },
    operators::matching::TYPE_LABEL,
    plan::{Node, RangeCall, RangeSource},
    storage::{ColumnBuffer, SeriesSet},
};

/// Where a range function's samples come from.
pub(crate) enum Source<'a> {
    /// A store.
    Set(&'a dyn SeriesSet),
    /// The rows of a subquery, at its steps.
    Steps { table: Arc<Table>, start_ms: i64, step_ms: i64, forget_resets: bool },
}

impl<'a> Source<'a> {
    /// The source of a plan's windows, and its series.
    pub(crate) fn new(evaluator: Evaluator<'a>, source: &RangeSource) -> Result<(Self, Vec<Series>), Error> {
        match source {
            RangeSource::Selector { request, span, .. } => {
                let set = evaluator.fetched_set(*request, *span)?;
                Ok((Self::Set(set), series_of(set)))
            }
            RangeSource::Subquery { child, .. } => {
                let table = evaluator.table(child)?;
                let series = table.series.clone();
                let (start_ms, step_ms) = (child.steps.start_ms, child.steps.step_ms);
                Ok((Self::Steps { table, start_ms, step_ms, forget_resets: true }, series))
            }
        }
    }

    /// The samples of one series.
    pub(crate) fn columns<'s>(
        &'s self,
        row: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, Error> {
        match self {
            Self::Set(set) => Ok(set.columns(row, buffer)?),
            Self::Steps { table, start_ms, step_ms, forget_resets } => {
                let values = table.values(row);
                let present = table.present(row);
                let found = super::row::count_bits(present);
                let mut columns = SeriesColumns::default();
                if let Some(cells) = table.histograms(row) {
                    cells.write_series(*start_ms, *step_ms, *forget_resets, &mut buffer.histograms);
                    columns.histograms = HistogramColumn {
                        timestamps: Timestamps::Explicit {
                            times_ms: &buffer.histograms.timestamps,
                            shared: None,
                        },
                        samples: buffer.histograms.as_samples(),
                        start_timestamps: &[],
                    };
                }
                columns.floats = if found == values.len() {
                    let (start_ms, interval_ms) = (*start_ms, (*step_ms).max(1));
                    let timestamps = Timestamps::Regular { start_ms, interval_ms, count: found };
                    FloatColumn { timestamps, values, start_timestamps: &[] }
                } else {
                    buffer.timestamps.clear();
                    buffer.values.clear();
                    super::row::for_each_bit(present, |k| {
                        buffer.timestamps.push(start_ms + step_ms * k as i64);
                        buffer.values.push(values[k]);
                    });
                    FloatColumn {
                        timestamps: Timestamps::Explicit { times_ms: &buffer.timestamps, shared: None },
                        values: &buffer.values,
                        start_timestamps: &[],
                    }
                };
                Ok(columns)
            }
        }
    }
}

/// Identifies a timestamp column whose windows are worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ColumnKey {
    Regular { start_ms: i64, interval_ms: i64, count: usize },
    Shared(u64, usize),
}

/// Distinct timestamp columns whose windows are kept at most.
const KEPT_WINDOWS: usize = 256;

struct RangeRows<'a> {
    source: Source<'a>,
    series: Vec<Series>,
    /// Where the call stands.
    span: Span,
    /// The labels as the source has them, for annotations and errors.
    inputs: Vec<Series>,
    name: &'static str,
    function: RangeFunction,
    specification: WindowSpecification,
    /// Samples up to the first or behind the second of these times are not seen.
    seen_ms: Option<(i64, i64)>,
    parameters: Vec<Scalar>,
    argument_spans: Vec<Span>,
    /// Where remarks on the samples point: the range selector, or the query's start for a subquery, whose position Prometheus has lost by then.
    source_span: Span,
    kept: Mutex<FxHashMap<ColumnKey, Arc<Windows>>>,
    context: &'a Context,
}

/// The rows of a range function.
pub(crate) fn rows<'a>(
    evaluator: Evaluator<'a>,
    call: &RangeCall,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let (source, inputs) = Source::new(evaluator, &call.source)?;
    let parameters = call.parameters.iter().map(|node| evaluator.scalar(node)).collect::<Result<_, _>>()?;
    let mut series = inputs.clone();
    if !call.function.keeps_metric_name {
        let delayed = evaluator.context.options.delayed_name_removal;
        series.iter_mut().for_each(|series| drop_name(series, delayed));
    }
    Ok(Box::new(RangeRows {
        source,
        series,
        span: node.span,
        inputs,
        name: call.name,
        function: call.function,
        specification: *call.source.windows(),
        seen_ms: match call.source {
            RangeSource::Selector { seen_ms, .. } => seen_ms,
            RangeSource::Subquery { .. } => None,
        },
        parameters,
        argument_spans: call.argument_spans.clone(),
        source_span: match &call.source {
            RangeSource::Selector { span, .. } => *span,
            RangeSource::Subquery { .. } => Span::default(),
        },
        kept: Mutex::default(),
        context: evaluator.context,
    }))
}

/// The part of a float column with times in `after_ms < t <= until_ms`.
pub(crate) fn within<'c>(column: &FloatColumn<'c>, after_ms: i64, until_ms: i64) -> FloatColumn<'c> {
    let (first, end, timestamps) = cut(&column.timestamps, after_ms, until_ms);
    FloatColumn {
        timestamps,
        values: column.values.get(first..end).unwrap_or_default(),
        start_timestamps: column.start_timestamps.get(first..end).unwrap_or_default(),
    }
}

/// The part of a histogram column with times in `after_ms < t <= until_ms`.
pub(crate) fn histograms_within<'c>(
    column: &HistogramColumn<'c>,
    after_ms: i64,
    until_ms: i64,
) -> HistogramColumn<'c> {
    let (first, end, timestamps) = cut(&column.timestamps, after_ms, until_ms);
    HistogramColumn {
        timestamps,
        samples: column.samples.slice(first..end),
        start_timestamps: column.start_timestamps.get(first..end).unwrap_or_default(),
    }
}

fn cut<'c>(timestamps: &Timestamps<'c>, after_ms: i64, until_ms: i64) -> (usize, usize, Timestamps<'c>) {
    match *timestamps {
        Timestamps::Regular { start_ms, interval_ms, count } => {
            let interval_ms = interval_ms.max(1);
            let up_to = |time: i64| {
                if time < start_ms {
                    0
                } else {
                    let index = time.saturating_sub(start_ms) / interval_ms;
                    usize::try_from(index).unwrap_or(count).saturating_add(1).min(count)
                }
            };
            let (first, end) = (up_to(after_ms), up_to(until_ms));
            let (first, end) = (first.min(end), end);
            let start_ms = start_ms + interval_ms * first as i64;
            (first, end, Timestamps::Regular { start_ms, interval_ms, count: end - first })
        }
        Timestamps::Explicit { times_ms, shared } => {
            let first = times_ms.partition_point(|time| *time <= after_ms);
            let end = times_ms.partition_point(|time| *time <= until_ms).max(first);
            (first, end, Timestamps::Explicit { times_ms: &times_ms[first..end], shared })
        }
    }
}

impl Rows for RangeRows<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn inputs(&self) -> &[Series] {
        &self.inputs
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        with_buffer(worker, |buffer, worker| {
            let columns = self.source.columns(row, buffer)?;
            self.evaluate(row, &columns, steps, worker, out)
        })
    }

    fn weight(&self) -> usize {
        8
    }
}

impl RangeRows<'_> {
    fn evaluate(
        &self,
        row: usize,
        columns: &SeriesColumns<'_>,
        steps: Range<usize>,
        worker: &mut Worker,
        out: &mut Row,
    ) -> Result<(), Error> {
        out.reset(steps.len());
        let (mut after_ms, mut until_ms) = self.specification.reach();
        if let Some((seen_after_ms, seen_until_ms)) = self.seen_ms {
            (after_ms, until_ms) = (after_ms.max(seen_after_ms), until_ms.min(seen_until_ms));
        }
        let mut floats = within(&columns.floats, after_ms, until_ms);
        let mut fresh = Fresh::default();
        let mut histograms = fresh.take(histograms_within(&columns.histograms, after_ms, until_ms));
        let Worker { scratch, timestamps, values, start_timestamps, .. } = worker;
        if floats.values.iter().any(|value| is_stale(*value)) {
            without_stale(&floats, timestamps, values, start_timestamps);
            floats = FloatColumn {
                timestamps: Timestamps::Explicit { times_ms: timestamps, shared: None },
                values,
                start_timestamps,
            };
        }
        if !self.context.options.start_timestamps || !self.function.uses_start_timestamps {
            floats.start_timestamps = &[];
            histograms.start_timestamps = &[];
        }
        if floats.values.is_empty() && histograms.samples.is_empty() {
            return Ok(());
        }
        let windows = self.windows(&floats.timestamps);
        let histogram_windows = (!histograms.samples.is_empty())
            .then(|| Windows::new(&histograms.timestamps, &self.specification));
        self.context.count_covered(windows.total_samples());
        let parameters: Vec<Parameter<'_>> =
            self.parameters.iter().map(|scalar| scalar.parameter(steps.clone())).collect();
        let input = RangeInput {
            floats,
            windows: &windows,
            histograms,
            histogram_windows: histogram_windows.as_ref(),
            steps: steps.clone(),
        };
        let mut notes = Notes::default();
        let mut row_out = RowOut { values: &mut out.values, present: &mut out.present, notes: &mut notes };
        self.function
            .evaluate(&input, &parameters, scratch, &mut row_out)
            .map_err(|error| Error::execution(error.to_string(), self.argument_spans.first().copied()))?;
        self.fill_histograms(row, &input, &mut notes, out)?;
        self.context.count_samples(super::row::count_bits(&out.present) as u64)?;
        self.annotate(row, notes, out, &parameters);
        Ok(())
    }

    /// Fills in what follows from the histograms in the windows.
    fn fill_histograms(
        &self,
        row: usize,
        input: &RangeInput<'_>,
        notes: &mut Notes,
        out: &mut Row,
    ) -> Result<(), Error> {
        let Some(windows) = input.histogram_windows else { return Ok(()) };
        self.context.count_covered(samples_covered(&input.histograms, windows, input.steps.clone()));
        let (name, rule) = (self.name, self.function.histograms);
        let remarks = HistogramRow { name, rule, input, windows }
            .fill(out, notes)
            .map_err(|error| Error::execution(error.to_string(), self.source_span))?;
        let metric = self.inputs[row].labels.get(METRIC_NAME).unwrap_or_default();
        for remark in remarks.iter() {
            aggregate_histograms::annotate(self.context, remark, metric, self.place(self.source_span));
        }
        let sizes =
            out.histograms.samples.as_samples().iter().map(|histogram| histogram.sample_count() as u64);
        self.context.count_samples(sizes.sum())
    }

    /// The windows over a column, computed once for each distinct column that says what it is.
    fn windows(&self, timestamps: &Timestamps<'_>) -> Arc<Windows> {
        let key = match *timestamps {
            Timestamps::Regular { start_ms, interval_ms, count } => {
                ColumnKey::Regular { start_ms, interval_ms, count }
            }
            Timestamps::Explicit { times_ms, shared: Some(identity) } => {
                ColumnKey::Shared(identity, times_ms.len())
            }
            Timestamps::Explicit { .. } => return Arc::new(Windows::new(timestamps, &self.specification)),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(windows) = kept.get(&key) {
            return Arc::clone(windows);
        }
        let windows = Arc::new(Windows::new(timestamps, &self.specification));
        if kept.len() < KEPT_WINDOWS {
            kept.insert(key, Arc::clone(&windows));
        }
        windows
    }

    fn place(&self, about: Span) -> Place {
        Place { about, operator: self.span }
    }

    fn annotate(&self, row: usize, notes: Notes, out: &Row, parameters: &[Parameter<'_>]) {
        let labels = &self.inputs[row].labels;
        let place = self.place(self.source_span);
        if matches!(self.name, "rate" | "increase") && out.present.iter().any(|word| *word != 0) {
            let metric = labels.get(METRIC_NAME).unwrap_or_default();
            let typed = self.context.options.type_and_unit_labels;
            let type_label = labels.get(TYPE_LABEL).unwrap_or_default();
            if metric.is_empty() {
            } else if typed && !matches!(type_label, "counter" | "histogram") {
                let message = format!(
                    "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {type_label:?}: {metric:?}"
                );
                self.context.annotate(|annotations| annotations.inform(message, place));
            } else if !typed
                && !["_total", "_sum", "_count", "_bucket"].iter().any(|end| metric.ends_with(end))
            {
                let message = format!(
                    "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {metric:?}"
                );
                self.context.annotate(|annotations| annotations.inform(message, place));
            }
        }
        if notes.is_empty() {
            return;
        }
        let metric = labels.get(METRIC_NAME).unwrap_or_default();
        self.context.annotate(|annotations| {
            if notes.start_time_overlaps > 0 {
                let message = "sample has start time that overlaps with previous sample timestamp";
                annotations.count(
                    format!("{message} for metric {metric:?}"),
                    place,
                    notes.start_time_overlaps,
                );
            }
            let argument = parameters.first().copied().unwrap_or(Parameter::Constant(f64::NAN));
            if notes.contains(Notes::INVALID_QUANTILE) {
                let place = self.place(self.argument_spans.first().copied().unwrap_or_default());
                super::row::for_each_bit(&out.present, |step| {
                    let q = argument.at(step);
                    if !(0.0..=1.0).contains(&q) {
                        let q = format_float(q);
                        annotations.warn(format!("quantile value should be between 0 and 1, got {q}"), place);
                    }
                });
            }
            if notes.contains(Notes::INVALID_INTEGRAL_STRATEGY) {
                let place = self.place(self.argument_spans.get(1).copied().unwrap_or_default());
                super::row::for_each_bit(&out.present, |step| {
                    let strategy = argument.at(step);
                    if !matches!(strategy, 0.0 | 1.0 | 2.0) {
                        let strategy = format_float(strategy);
                        let message = "strategy should be 0, 1, or 2 (default), using 2, got";
                        annotations.warn(format!("{message} {strategy}"), place);
                    }
                });
            }
            if notes.contains(Notes::MIXED_FLOATS_HISTOGRAMS) {
                let message = "encountered a mix of histograms and floats for metric name";
                annotations.warn(format!("{message} {metric:?}"), place);
            }
            if notes.contains(Notes::HISTOGRAMS_IGNORED) {
                let message =
                    "ignored histograms in a range containing both floats and histograms for metric name";
                // Prometheus points at the first argument, which here is the quantile.
                let place = match (self.name, self.argument_spans.first()) {
                    ("quantile_over_time", Some(quantile)) => self.place(*quantile),
                    _ => place,
                };
                annotations.inform(format!("{message} {metric:?}"), place);
            }
        });
    }
}

fn without_stale(
    column: &FloatColumn<'_>,
    timestamps: &mut Vec<i64>,
    values: &mut Vec<f64>,
    start_timestamps: &mut Vec<i64>,
) {
    timestamps.clear();
    values.clear();
    start_timestamps.clear();
    for (index, value) in column.values.iter().enumerate() {
        if !is_stale(*value) {
            timestamps.push(column.timestamps.at(index));
            values.push(*value);
            start_timestamps.extend(column.start_timestamps.get(index));
        }
    }
}
