//! Functions on histograms: classic ones, whose buckets are series with a label `le`, and native ones, which are samples.

use rustc_hash::FxHashMap;

use super::{
    context::Context,
    labels::drop_name,
    row::{bit, for_each_bit},
    scalar::Scalar,
    table::{Series, Table},
};
use crate::{
    error::{Error, ErrorKind},
    functions::{Bucket, Special, bucket_fraction, bucket_quantile},
    model::{
        Labels, LabelsBuilder, METRIC_NAME, Span,
        number::{format_float, parse_float, push_openmetrics_float},
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
fn classic_histograms(context: &Context, input: &Table, child: &Node) -> Vec<Classic> {
    let mut index: FxHashMap<Labels, usize> = FxHashMap::default();
    let mut found: Vec<Classic> = Vec::new();
    for (row, series) in input.series.iter().enumerate() {
        if input.present(row).iter().all(|word| *word == 0) {
            continue;
        }
        let bound = series.labels.get(BUCKET_LABEL).unwrap_or_default();
        let Some(upper) = parse_float(bound).ok().filter(|upper| !upper.is_nan()) else {
            let message = format!("bucket label \"le\" is missing or has a malformed value of {bound:?}");
            let message = with_metric_name(context, message, &series.labels);
            context.annotate(|annotations| annotations.warn(message, child.span));
            continue;
        };
        let labels = series.labels.retain(|name| name != BUCKET_LABEL);
        let next = found.len();
        let at = *index.entry(labels.clone()).or_insert(next);
        if at == next {
            found.push(Classic { labels, buckets: Vec::new() });
        }
        found[at].buckets.push((upper, row));
    }
    found
}

/// Names the metric in a message, where its name is still known.
fn with_metric_name(context: &Context, message: String, labels: &Labels) -> String {
    let name = labels.get(METRIC_NAME).unwrap_or_default();
    if context.options.delayed_name_removal && !name.is_empty() {
        format!("{message} for metric name {name:?}")
    } else {
        message
    }
}

fn refuse_native(input: &Table, child: &Node) -> Result<(), Error> {
    if (0..input.len()).any(|row| input.histograms(row).is_some()) {
        let what = "quantiles and fractions of native histograms";
        return Err(Error::new(ErrorKind::Unsupported(what), child.span));
    }
    Ok(())
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

    fn series(&self, context: &Context) -> Series {
        let mut series = Series::named(self.labels.clone());
        drop_name(&mut series, context.options.delayed_name_removal);
        series
    }
}

/// `histogram_quantile` and `histogram_quantiles`, on classic histograms.
pub(crate) fn quantiles(
    context: &Context,
    quantiles: &[Scalar],
    spans: &[Span],
    label: Option<&str>,
    input: &Table,
    node: &Node,
    child: &Node,
) -> Result<Table, Error> {
    refuse_native(input, child)?;
    let classics = classic_histograms(context, input, child);
    for (quantile, span) in quantiles.iter().zip(spans) {
        let invalid = quantile.values().iter().filter(|q| !(0.0..=1.0).contains(*q));
        for q in invalid {
            let message = format!("quantile value should be between 0 and 1, got {}", format_float(*q));
            context.annotate(|annotations| annotations.warn(message, *span));
        }
    }
    let mut out = Table::new(Vec::new(), input.steps());
    let mut rows: FxHashMap<Labels, usize> = FxHashMap::default();
    let mut buckets = Vec::new();
    for quantile in quantiles {
        for classic in &classics {
            context.check()?;
            let mut failure = None;
            for_each_bit(&classic.steps(input), |step| {
                let q = quantile.at(step);
                let mut series = classic.series(context);
                if let Some(label) = label {
                    let mut labels = LabelsBuilder::from(&series.labels);
                    let mut text = String::new();
                    push_openmetrics_float(&mut text, q);
                    labels.set(label, &text);
                    series.labels = labels.finish();
                }
                let next = out.len();
                let row = match rows.get(&series.labels) {
                    Some(row) => *row,
                    None => {
                        let mut empty = super::row::Row::default();
                        empty.reset(input.steps());
                        rows.insert(series.labels.clone(), next);
                        out.push(series.clone(), empty);
                        next
                    }
                };
                classic.at(input, step, &mut buckets);
                let (value, forced) = bucket_quantile(q, &mut buckets);
                if let Some(forced) = forced {
                    let message = with_metric_name(context, FORCED.to_owned(), &classic.labels);
                    let time_ms = child.steps.at(step);
                    context.annotate(|annotations| annotations.forced(message, child.span, time_ms, forced));
                }
                if bit(out.present(row), step) {
                    failure = Some(series.labels.to_string());
                }
                out.set(row, step, value);
            });
            if let Some(labels) = failure {
                return Err(Error::new(ErrorKind::DuplicateLabelSet { labels }, node.span));
            }
        }
    }
    Ok(out)
}

/// What is said where counts of buckets fell and were lifted.
const FORCED: &str = "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

/// `histogram_fraction`, on classic histograms.
pub(crate) fn fraction(
    context: &Context,
    (lower, upper): (Scalar, Scalar),
    input: &Table,
    child: &Node,
) -> Result<Table, Error> {
    refuse_native(input, child)?;
    let classics = classic_histograms(context, input, child);
    let series = classics.iter().map(|classic| classic.series(context)).collect();
    let mut out = Table::new(series, input.steps());
    let mut buckets = Vec::new();
    for (row, classic) in classics.iter().enumerate() {
        context.check()?;
        for_each_bit(&classic.steps(input), |step| {
            classic.at(input, step, &mut buckets);
            out.set(row, step, bucket_fraction(lower.at(step), upper.at(step), &mut buckets));
        });
    }
    Ok(out)
}

/// `histogram_count` and its like: floats give nothing.
pub(crate) fn statistic(context: &Context, statistic: Special, input: &Table) -> Result<Table, Error> {
    let mut series = input.series.clone();
    series.iter_mut().for_each(|series| drop_name(series, context.options.delayed_name_removal));
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
