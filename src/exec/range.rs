//! Range functions: each series' samples, seen through a window a step.

use std::{
    ops::Range,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    account::SizedWindows,
    aggregate_histograms,
    annotations::Place,
    by_column::ByColumn,
    context::{Context, Worker},
    evaluate::{BoxedRows, Evaluator},
    range_histograms::{Fresh, HistogramRow, sizes_before},
    row::Row,
    rows::Rows,
    scalar::Scalar,
    table::{Series, Table},
};
use crate::{
    error::Error,
    functions::{Notes, Parameter, RangeFunction, RangeInput, RowOut, Scratch, WindowSpecification, Windows},
    model::{
        FloatColumn, HistogramColumn, Labels, METRIC_NAME, SeriesColumns, Span, Timestamps, has_stale,
        is_stale, number::format_float, quote::Quoted, same_text,
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
    /// The source of a plan's windows.
    pub(crate) fn new(evaluator: Evaluator<'a>, source: &RangeSource) -> Result<Self, Error> {
        match source {
            RangeSource::Selector { read, span, .. } => {
                let set = evaluator.series_set(*read, *span)?;
                Ok(Self::Set(set))
            }
            RangeSource::Subquery { child, .. } => {
                let table = evaluator.table(child)?;
                let (start_ms, step_ms) = (child.steps.start_ms, child.steps.step_ms);
                Ok(Self::Steps { table, start_ms, step_ms, forget_resets: true })
            }
        }
    }

    /// The series that `name` makes of the labels it has, and of whether their names are to go.
    pub(crate) fn series(&self, name: impl Fn(&Labels, bool) -> Series) -> Vec<Series> {
        match self {
            Self::Set(set) => (0..set.len()).map(|row| name(set.labels(row), false)).collect(),
            Self::Steps { table, .. } => {
                table.series.iter().map(|series| name(&series.labels, series.drop_name)).collect()
            }
        }
    }

    /// The labels of one series as the source has them.
    pub(crate) fn labels(&self, row: usize) -> &Labels {
        match self {
            Self::Set(set) => set.labels(row),
            Self::Steps { table, .. } => &table.series[row].labels,
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

struct RangeRows<'a> {
    source: Source<'a>,
    series: Vec<Series>,
    /// Where the call stands.
    span: Span,
    name: &'static str,
    /// Whether only counters make sense.
    wants_counter: bool,
    function: RangeFunction,
    specification: WindowSpecification,
    /// Samples up to the first or behind the second of these times are not seen.
    seen_ms: Option<(i64, i64)>,
    parameters: Vec<Scalar>,
    argument_spans: Vec<Span>,
    /// Where remarks on the samples point: the range selector, or the query's start for a subquery, whose position Prometheus has lost by then.
    source_span: Span,
    windows: ByColumn<Windows>,
    /// The metrics and types remarked upon for not being a counter's, the first and the last one: series of one metric come one after
    /// the other.
    first_doubted: OnceLock<(String, String)>,
    last_doubted: Mutex<Option<(String, String)>>,
    slot: u32,
    context: &'a Context,
}

/// The rows of a range function.
pub(crate) fn rows<'a>(
    evaluator: Evaluator<'a>,
    call: &RangeCall,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let source = Source::new(evaluator, &call.source)?;
    let parameters = call.parameters.iter().map(|node| evaluator.scalar(node)).collect::<Result<_, _>>()?;
    let delayed = evaluator.context.options.delayed_name_removal;
    let series = source.series(|labels, drop_name| {
        // A name that `group_left` has brought back goes here after all, if it was to go.
        if call.function.keeps_metric_name && !drop_name {
            Series::named(labels.clone())
        } else {
            Series::unnamed(labels, delayed)
        }
    });
    evaluator.context.account.expect_rows(node.slot, series.len());
    Ok(Box::new(RangeRows {
        source,
        series,
        span: node.span,
        name: call.name,
        wants_counter: matches!(call.name, "rate" | "increase"),
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
        windows: ByColumn::default(),
        first_doubted: OnceLock::new(),
        last_doubted: Mutex::default(),
        slot: node.slot,
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

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series
    }

    fn input_labels(&self, row: usize) -> &Labels {
        self.source.labels(row)
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        let Worker { columns, scratch, timestamps, values, start_timestamps, .. } = worker;
        let columns = self.source.columns(row, columns)?;
        let memory = Memory { scratch, timestamps, values, start_timestamps };
        self.evaluate(row, &columns, steps, memory, out)
    }

    fn work(&self, steps: usize) -> usize {
        // A step costs several copies; of the samples only their number is guessed, from a usual distance.
        const USUAL_DISTANCE_MS: i64 = 15_000;
        let (after_ms, until_ms) = self.specification.reach();
        let samples = until_ms.saturating_sub(after_ms) / USUAL_DISTANCE_MS;
        steps.saturating_mul(8).saturating_add(usize::try_from(samples).unwrap_or(0))
    }
}

/// What of a worker's memory a row is computed in, beside the buffer of the store's columns.
struct Memory<'w> {
    scratch: &'w mut Scratch,
    timestamps: &'w mut Vec<i64>,
    values: &'w mut Vec<f64>,
    start_timestamps: &'w mut Vec<i64>,
}

impl RangeRows<'_> {
    fn evaluate(
        &self,
        row: usize,
        columns: &SeriesColumns<'_>,
        steps: Range<usize>,
        Memory { scratch, timestamps, values, start_timestamps }: Memory<'_>,
        out: &mut Row,
    ) -> Result<(), Error> {
        out.reset(steps.len());
        let (mut after_ms, mut until_ms) = self.specification.reach();
        if let Some((seen_after_ms, seen_until_ms)) = self.seen_ms {
            (after_ms, until_ms) = (after_ms.max(seen_after_ms), until_ms.min(seen_until_ms));
        }
        let mut floats = within(&columns.floats, after_ms, until_ms);
        let mut fresh = Fresh::default();
        let mut histograms = HistogramColumn::default();
        if !columns.histograms.timestamps.is_empty() {
            histograms = fresh.take(histograms_within(&columns.histograms, after_ms, until_ms));
        }
        if has_stale(floats.values) {
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
        let windows_of =
            |times: &Timestamps<'_>| self.windows.get(times, || Windows::new(times, &self.specification));
        let windows = windows_of(&floats.timestamps);
        let histogram_windows = (!histograms.samples.is_empty()).then(|| windows_of(&histograms.timestamps));
        if steps.start == 0 {
            let before = histogram_windows.as_ref().map(|_| sizes_before(&histograms));
            let histograms = histogram_windows.as_deref().zip(before.as_deref());
            self.context.account.saw(self.slot, row, &SizedWindows { floats: &windows, histograms });
        }
        // A series may be much shorter than the query; runs of steps begin at multiples of 64.
        let live = if histogram_windows.is_some() { steps.clone() } else { windows.live() };
        let seen =
            (live.start / 64 * 64).clamp(steps.start, steps.end)..live.end.clamp(steps.start, steps.end);
        if seen.is_empty() {
            return Ok(());
        }
        let parameters: Vec<Parameter<'_>> =
            self.parameters.iter().map(|scalar| scalar.parameter(seen.clone())).collect();
        let input = RangeInput {
            floats,
            windows: &windows,
            histograms,
            histogram_windows: histogram_windows.as_deref(),
            steps: seen.clone(),
        };
        let mut notes = Notes::default();
        let ahead = seen.start - steps.start;
        let mut row_out = RowOut {
            values: &mut out.values[ahead..ahead + seen.len()],
            present: &mut out.present[ahead / 64..(ahead + seen.len()).div_ceil(64)],
            notes: &mut notes,
        };
        self.function
            .evaluate(&input, &parameters, scratch, &mut row_out)
            .map_err(|error| Error::execution(error.to_string(), self.argument_spans.first().copied()))?;
        self.fill_histograms(row, &input, &mut notes, out)?;
        let given = self.context.account.gave(self.slot, &steps, windows.len(), out)?;
        self.context.account.row_gave(self.slot, row, given);
        self.annotate(row, notes, out, &steps);
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
        let (name, rule) = (self.name, self.function.histograms);
        let remarks = HistogramRow { name, rule, input, windows }
            .fill(out, notes)
            .map_err(|error| Error::execution(error.to_string(), self.source_span))?;
        let metric = self.source.labels(row).get(METRIC_NAME).unwrap_or_default();
        for remark in remarks.iter() {
            aggregate_histograms::annotate(self.context, remark, metric, self.place(self.source_span));
        }
        Ok(())
    }

    fn place(&self, about: Span) -> Place {
        Place { about, operator: self.span }
    }

    /// Remarks on a metric that does not look like a counter.
    fn doubt_counter(&self, labels: &Labels, place: Place) {
        let metric = labels.metric_name().unwrap_or_default();
        let typed = self.context.options.type_and_unit_labels;
        let type_label = if typed { labels.get(TYPE_LABEL).unwrap_or_default() } else { "" };
        let is_same = |(known, of_type): &(String, String)| known == metric && same_text(of_type, type_label);
        if self.first_doubted.get().is_some_and(is_same) {
            return;
        }
        let known = if typed {
            matches!(type_label, "counter" | "histogram")
        } else {
            ["_total", "_sum", "_count", "_bucket"].iter().any(|end| metric.ends_with(end))
        };
        if metric.is_empty() || known {
            return;
        }
        let doubted = (metric.to_owned(), type_label.to_owned());
        if let Err(doubted) = self.first_doubted.set(doubted) {
            let mut last = self.last_doubted.lock().unwrap_or_else(PoisonError::into_inner);
            if last.as_ref().is_some_and(is_same) {
                return;
            }
            *last = Some(doubted);
        }
        let message = if typed {
            format!(
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {}: {}",
                Quoted(type_label),
                Quoted(metric)
            )
        } else {
            format!(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {}",
                Quoted(metric)
            )
        };
        self.context.annotate(|annotations| annotations.inform(message, place));
    }

    fn annotate(&self, row: usize, notes: Notes, out: &Row, steps: &Range<usize>) {
        if !self.wants_counter && notes.is_empty() {
            return;
        }
        let labels = self.source.labels(row);
        let place = self.place(self.source_span);
        if self.wants_counter && out.present.iter().any(|word| *word != 0) {
            self.doubt_counter(labels, place);
        }
        if notes.is_empty() {
            return;
        }
        let metric = labels.get(METRIC_NAME).unwrap_or_default();
        self.context.annotate(|annotations| {
            if notes.start_time_overlaps > 0 {
                let message = "sample has start time that overlaps with previous sample timestamp";
                annotations.count(
                    format!("{message} for metric {}", Quoted(metric)),
                    place,
                    notes.start_time_overlaps,
                );
            }
            let argument = self.parameters.first().map(|scalar| scalar.parameter(steps.clone()));
            let argument = argument.unwrap_or(Parameter::Constant(f64::NAN));
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
                annotations.warn(format!("{message} {}", Quoted(metric)), place);
            }
            if notes.contains(Notes::HISTOGRAMS_IGNORED) {
                let message =
                    "ignored histograms in a range containing both floats and histograms for metric name";
                // Prometheus points at the first argument, which here is the quantile.
                let place = match (self.name, self.argument_spans.first()) {
                    ("quantile_over_time", Some(quantile)) => self.place(*quantile),
                    _ => place,
                };
                annotations.inform(format!("{message} {}", Quoted(metric)), place);
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
