//! Functions on histograms: classic ones, whose buckets are series with a label `le`, and native ones, which are samples.

use rustc_hash::FxHashMap;

use super::{
    aggregate_histograms,
    annotations::{Forced, Place},
    context::Context,
    parallel,
    row::{bit, for_each_bit, set_bit},
    rows::SMALL,
    scalar::Scalar,
    table::{Series, Table},
};
use crate::{
    error::{Error, ErrorKind},
    functions::{
        Bucket, ForcedMonotonicity, Special, bucket_fraction, bucket_quantile, leave_for_next_quantile,
    },
    model::{
        Labels, LabelsBuilder, METRIC_NAME, Span,
        histogram::HistogramAnnotation,
        number::{format_float, parse_float, push_openmetrics_float},
        quote::Quoted,
    },
    plan::Node,
};

/// The label that holds a classic bucket's upper bound.
const BUCKET_LABEL: &str = "le";

/// One classic histogram: its labels without `le`, and the rows of its buckets.
struct Classic {
    labels: Labels,
    buckets: Vec<(f64, usize)>,
}

/// Finds the classic histograms of a vector. A bucket without a proper bound is left out with a warning, where it has a sample.
fn classic_histograms(context: &Context, input: &Table, place: Place) -> Vec<Classic> {
    let mut index: FxHashMap<Labels, usize> = FxHashMap::default();
    let mut found: Vec<Classic> = Vec::new();
    for (row, series) in input.series.iter().enumerate() {
        if input.present(row).iter().all(|word| *word == 0) {
            continue;
        }
        let bound = series.labels.get(BUCKET_LABEL).unwrap_or_default();
        let Some(upper) = parse_float(bound).ok().filter(|upper| !upper.is_nan()) else {
            let message =
                format!("bucket label \"le\" is missing or has a malformed value of {}", Quoted(bound));
            let message = with_metric_name(context, message, &series.labels);
            context.annotate(|annotations| annotations.warn(message, place));
            continue;
        };
        let labels = series.labels.without(&[BUCKET_LABEL]);
        // The buckets of a histogram are neighbours, unless a label's name comes behind `le`.
        if let Some(last) = found.last_mut()
            && last.labels == labels
        {
            last.buckets.push((upper, row));
            continue;
        }
        let next = found.len();
        let at = *index.entry(labels.clone()).or_insert(next);
        if at == next {
            found.push(Classic { labels, buckets: Vec::new() });
        }
        found[at].buckets.push((upper, row));
    }
    // In order of their bounds once, rather than at every step.
    for classic in &mut found {
        classic.buckets.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    }
    found
}

/// Names the metric in a message, where its name is still known.
fn with_metric_name(context: &Context, message: String, labels: &Labels) -> String {
    let name = labels.get(METRIC_NAME).unwrap_or_default();
    if context.options.delayed_name_removal && !name.is_empty() {
        format!("{message} for metric name {}", Quoted(name))
    } else {
        message
    }
}

/// One histogram to compute from, and the steps at which it has something to say.
struct Input {
    kind: Kind,
    /// The labels its samples have.
    labels: Labels,
    steps: Vec<u64>,
}

enum Kind {
    /// The row of a native histogram.
    Native(usize),
    Classic(Classic),
}

impl Input {
    /// The series of what is computed from it.
    fn series(&self, context: &Context) -> Series {
        Series::unnamed(&self.labels, context.options.delayed_name_removal)
    }
}

/// Finds the histograms of a vector, native ones first. Where a native and a classic histogram of the same labels have a sample at
/// one step, neither counts there, and a warning says so.
fn inputs(context: &Context, input: &Table, place: Place) -> Vec<Input> {
    let mut classics: Vec<Input> = classic_histograms(context, input, place)
        .into_iter()
        .map(|classic| Input {
            labels: classic.labels.clone(),
            steps: classic.steps(input),
            kind: Kind::Classic(classic),
        })
        .collect();
    let with_histograms = (0..input.len()).filter(|row| input.histograms(*row).is_some());
    let mut found = Vec::new();
    for row in with_histograms {
        let labels = input.series[row].labels.clone();
        let mut steps = vec![0u64; input.steps().div_ceil(64)];
        if let Some(cells) = input.histograms(row) {
            cells.for_each(|step, _| set_bit(&mut steps, step));
        }
        found.push(Input { kind: Kind::Native(row), labels, steps });
    }
    if !found.is_empty() && !classics.is_empty() {
        let classic_of: FxHashMap<Labels, usize> =
            classics.iter().enumerate().map(|(index, classic)| (classic.labels.clone(), index)).collect();
        for native in &mut found {
            let Some(classic) = classic_of.get(&native.labels).and_then(|index| classics.get_mut(*index))
            else {
                continue;
            };
            let mut conflict = false;
            for (native, classic) in native.steps.iter_mut().zip(&mut classic.steps) {
                let both = *native & *classic;
                conflict |= both != 0;
                *native &= !both;
                *classic &= !both;
            }
            if conflict {
                let message = "vector contains a mix of classic and native histograms".to_owned();
                let message = with_metric_name(context, message, &native.labels);
                context.annotate(|annotations| annotations.warn(message, place));
            }
        }
    }
    found.append(&mut classics);
    found
}

/// Remarks on a native histogram's result; its name is known where names go at the end.
fn remark(context: &Context, remark: Option<HistogramAnnotation>, labels: &Labels, child: &Node) {
    let Some(remark) = remark else { return };
    let named = context.options.delayed_name_removal;
    let metric = if named { labels.get(METRIC_NAME).unwrap_or_default() } else { "" };
    aggregate_histograms::annotate(context, remark, metric, child.span);
}

impl Classic {
    /// The buckets with a sample at a step, written to `out`.
    fn at(&self, input: &Table, step: usize, out: &mut Vec<Bucket>) {
        out.clear();
        let with_sample = self.buckets.iter().filter(|(_, row)| bit(input.present(*row), step));
        out.extend(
            with_sample.map(|(upper_bound, row)| Bucket {
                upper_bound: *upper_bound,
                count: input.values(*row)[step],
            }),
        );
    }

    /// The steps at which any bucket has a sample.
    fn steps(&self, input: &Table) -> Vec<u64> {
        let mut bits = vec![0u64; input.steps().div_ceil(64)];
        for (_, row) in &self.buckets {
            bits.iter_mut().zip(input.present(*row)).for_each(|(own, word)| *own |= word);
        }
        bits
    }
}

/// `histogram_quantile` and `histogram_quantiles`.
pub(crate) fn quantiles(
    context: &Context,
    quantiles: &[Scalar],
    spans: &[Span],
    label: Option<&str>,
    input: &Table,
    node: &Node,
    child: &Node,
) -> Result<Table, Error> {
    // Quantiles behind the vector are evaluated before the function looks at it.
    let on_input = Place { about: child.span, operator: node.span };
    let histograms = inputs(context, input, on_input);
    for (quantile, span) in quantiles.iter().zip(spans) {
        let invalid = quantile.values().iter().filter(|q| !(0.0..=1.0).contains(*q));
        for q in invalid {
            let message = format!("quantile value should be between 0 and 1, got {}", format_float(*q));
            let place = Place { about: *span, operator: node.span };
            context.annotate(|annotations| annotations.warn(message, place));
        }
    }
    let mut out = Table::new(Vec::new(), input.steps());
    let mut rows: FxHashMap<Labels, usize> = FxHashMap::default();
    let mut fallen: FxHashMap<String, Vec<(usize, Forced)>> = FxHashMap::default();
    // Of one step, equal label sets are left for the end of the query.
    let may_repeat = context.options.delayed_name_removal && node.steps.is_single();
    for (place, quantile) in quantiles.iter().enumerate() {
        let columns = quantile_columns(context, (quantile, &quantiles[..place]), &histograms, input, child)?;
        for (histogram, column) in histograms.iter().zip(columns) {
            let (mut failure, mut known) = (None, None);
            for_each_bit(&histogram.steps, |step| {
                let q = quantile.at(step);
                // The row changes with φ alone, and that only where φ is a label.
                let row = match known {
                    Some((bits, row)) if label.is_none() || bits == q.to_bits() => row,
                    _ => {
                        let mut series = histogram.series(context);
                        if let Some(label) = label {
                            let mut labels = LabelsBuilder::from(&series.labels);
                            let mut text = String::new();
                            push_openmetrics_float(&mut text, q);
                            labels.set(label, &text);
                            series.labels = labels.finish();
                        }
                        let next = out.len();
                        let known = *rows.entry(series.labels.clone()).or_insert(next);
                        let row = if may_repeat { next } else { known };
                        if row == next {
                            let mut empty = super::row::Row::default();
                            empty.reset(input.steps());
                            out.push(series, empty);
                        }
                        row
                    }
                };
                known = Some((q.to_bits(), row));
                if bit(out.present(row), step) {
                    failure = Some(out.series[row].labels.clone());
                }
                out.set(row, step, column.values[step]);
            });
            for (step, forced) in column.fallen {
                let message = with_metric_name(context, FORCED.to_owned(), &histogram.labels);
                let forced = Forced::once(child.steps.at(step), forced);
                fallen.entry(message).or_default().push((step, forced));
            }
            if let Some(labels) = failure {
                let kind = ErrorKind::DuplicateLabelSet { labels, series: Vec::new() };
                return Err(Error::new(kind, node.span));
            }
        }
    }
    for (message, mut found) in fallen {
        found.sort_by_key(|(step, _)| *step);
        let mut found = found.into_iter().peekable();
        let Some((first, mut forced)) = found.next() else { continue };
        for step in first..input.steps() {
            while let Some((_, more)) = found.next_if(|(at, _)| *at == step) {
                forced.join(&more);
            }
            if step > first {
                forced.next_step();
            }
        }
        context.annotate(|annotations| annotations.forced(message, on_input, forced));
    }
    Ok(out)
}

/// One quantile of one histogram.
#[derive(Default)]
struct Column {
    /// A value a step; without meaning where the histogram has nothing to say.
    values: Vec<f64>,
    /// Where counts of buckets fell.
    fallen: Vec<(usize, ForcedMonotonicity)>,
}

/// Computes a quantile of each histogram, whose classic buckets are as the quantiles before have left them.
fn quantile_columns(
    context: &Context,
    (quantile, before): (&Scalar, &[Scalar]),
    histograms: &[Input],
    input: &Table,
    child: &Node,
) -> Result<Vec<Column>, Error> {
    /// Reading the buckets and walking them, in samples copied.
    const WORK: usize = 100;
    let steps = input.steps();
    let mut columns: Vec<Column> = histograms.iter().map(|_| Column::default()).collect();
    let batch = context.batch(histograms.len());
    let batches = columns.chunks_mut(batch).zip(histograms.chunks(batch));
    let small = histograms.len() * steps * WORK < SMALL;
    parallel::run(context, batches, small, |(columns, histograms), _| {
        let mut buckets = Vec::new();
        for (column, histogram) in columns.iter_mut().zip(histograms) {
            column.values.resize(steps, 0.0);
            for_each_bit(&histogram.steps, |step| {
                let q = quantile.at(step);
                column.values[step] = match &histogram.kind {
                    Kind::Native(row) => {
                        let sample = input.histograms(*row).and_then(|cells| cells.get(step));
                        let (value, said) = sample.map_or((f64::NAN, None), |sample| sample.quantile(q));
                        remark(context, said, &histogram.labels, child);
                        value
                    }
                    Kind::Classic(classic) => {
                        classic.at(input, step, &mut buckets);
                        for before in before {
                            leave_for_next_quantile(before.at(step), &mut buckets);
                        }
                        let (value, forced) = bucket_quantile(q, &mut buckets);
                        column.fallen.extend(forced.map(|forced| (step, forced)));
                        value
                    }
                };
            });
        }
        Ok(())
    })?;
    Ok(columns)
}

/// What is said where counts of buckets fell and were lifted.
const FORCED: &str = "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

/// `histogram_fraction`.
pub(crate) fn fraction(
    context: &Context,
    (lower, upper): (Scalar, Scalar),
    input: &Table,
    child: &Node,
) -> Result<Table, Error> {
    let histograms = inputs(context, input, child.span.into());
    let series = histograms.iter().map(|histogram| histogram.series(context)).collect();
    let mut out = Table::new(series, input.steps());
    let mut buckets = Vec::new();
    for (row, histogram) in histograms.iter().enumerate() {
        context.check()?;
        for_each_bit(&histogram.steps, |step| {
            let (lower, upper) = (lower.at(step), upper.at(step));
            let value = match &histogram.kind {
                Kind::Native(row) => {
                    let sample = input.histograms(*row).and_then(|cells| cells.get(step));
                    let (value, said) =
                        sample.map_or((f64::NAN, None), |sample| sample.fraction(lower, upper));
                    remark(context, said, &histogram.labels, child);
                    value
                }
                Kind::Classic(classic) => {
                    classic.at(input, step, &mut buckets);
                    bucket_fraction(lower, upper, &mut buckets)
                }
            };
            out.set(row, step, value);
        });
    }
    Ok(out)
}

/// `histogram_count` and its like: floats give nothing.
pub(crate) fn statistic(context: &Context, statistic: Special, input: &Table) -> Result<Table, Error> {
    let delayed = context.options.delayed_name_removal;
    let series = input.series.iter().map(|series| Series::unnamed(&series.labels, delayed)).collect();
    let mut out = Table::new(series, input.steps());
    for row in 0..input.len() {
        let Some(cells) = input.histograms(row) else { continue };
        cells.for_each(|step, sample| {
            let histogram = cells.samples.as_samples().at(sample);
            let value = match statistic {
                Special::HistogramCount => histogram.count,
                Special::HistogramSum => histogram.sum,
                Special::HistogramAverage => histogram.sum / histogram.count,
                Special::HistogramStandardDeviation => histogram.standard_deviation(),
                _ => histogram.variance(),
            };
            out.set(row, step, value);
        });
    }
    Ok(out)
}
