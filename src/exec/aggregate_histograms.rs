//! The histogram half of [`super::aggregate`]: `sum` and `avg` of groups in which native histograms occur.

use super::{
    annotations::Place,
    context::Context,
    row::{HistogramCells, Row, bit, for_each_bit},
    table::Series,
};
use crate::{
    aggregations::{
        fold::{Fold, FoldOperator},
        histograms::HistogramFold,
    },
    error::Error,
    model::{
        METRIC_NAME,
        histogram::{HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramOperation},
        quote::Quoted,
    },
    plan::Node,
};

/// The state of a group: its floats, and its histograms where there are any.
pub(super) struct GroupFold {
    operator: FoldOperator,
    steps: usize,
    floats: Fold,
    histograms: Option<HistogramFold>,
    /// The metric of the first histogram.
    first_metric: String,
}

impl GroupFold {
    /// An empty state.
    pub(super) fn new(operator: FoldOperator, steps: usize) -> Self {
        let floats = Fold::new(operator, steps);
        Self { operator, steps, floats, histograms: None, first_metric: String::new() }
    }

    /// Takes in the floats of a row, after its histograms.
    pub(super) fn add(&mut self, values: &[f64], present: &[u64]) {
        self.floats.add(values, present);
        if let Some(histograms) = &mut self.histograms {
            for_each_bit(present, |step| histograms.add_float(step));
        }
    }

    /// Takes in the histograms of a row, if the aggregation is one of histograms too.
    pub(super) fn add_histograms(
        &mut self,
        context: &Context,
        child: &Node,
        series: &Series,
        row: &Row,
    ) -> Result<(), Error> {
        if !matches!(self.operator, FoldOperator::Sum | FoldOperator::Avg) {
            return Ok(());
        }
        let metric = series.labels.get(METRIC_NAME).unwrap_or_default();
        if self.histograms.is_none() {
            self.first_metric = metric.to_owned();
        }
        let (average, steps) = (self.operator == FoldOperator::Avg, self.steps);
        let histograms = self.histograms.get_or_insert_with(|| HistogramFold::new(average, steps));
        let floats = self.floats.present();
        let (mut met, mut failure) = (false, None);
        row.histograms.for_each(|step, sample| {
            let histogram = row.histograms.samples.as_samples().at(sample);
            match histograms.add(step, histogram, bit(floats, step)) {
                Ok(here) => met |= here,
                Err(error) => failure = Some(error),
            }
        });
        if met {
            annotate(context, HistogramAnnotation::MixedExponentialCustom, metric, child.span);
        }
        failure.map_or(Ok(()), |error| Err(unsound(error, child)))
    }

    /// Takes in the state of the rows that come after this state's own.
    pub(super) fn merge(&mut self, later: Self, context: &Context, child: &Node) {
        if self.histograms.is_some() || later.histograms.is_some() {
            let (average, steps) = (self.operator == FoldOperator::Avg, self.steps);
            let histograms = self.histograms.get_or_insert_with(|| HistogramFold::new(average, steps));
            let before = self.floats.present();
            if let Some(later_histograms) = later.histograms
                && histograms.merge(later_histograms, |step| bit(before, step)) > 0
            {
                let met = HistogramAnnotation::MixedExponentialCustom;
                annotate(context, met, &later.first_metric, child.span);
            }
            for_each_bit(later.floats.present(), |step| histograms.add_float(step));
        }
        self.floats.merge(&later.floats);
    }

    /// Writes the results: floats with their presence, histograms into `cells`.
    pub(super) fn finish(
        self,
        context: &Context,
        child: &Node,
        values: &mut [f64],
        present: &mut [u64],
        cells: &mut HistogramCells,
    ) -> Result<(), Error> {
        self.floats.finish(values, present);
        let Some(histograms) = self.histograms else { return Ok(()) };
        let (steps, mut mixed, mut remarks) = (values.len(), false, HistogramAnnotations::NONE);
        histograms
            .finish(|step, outcome| {
                present[step / 64] &= !(1 << (step % 64));
                mixed |= outcome.mixed;
                remarks.merge(outcome.remarks);
                if let Some(histogram) = outcome.histogram {
                    cells.put(step, steps, histogram.as_ref());
                }
                Ok(())
            })
            .map_err(|error| unsound(error, child))?;
        if mixed {
            let message = "encountered a mix of histograms and floats for aggregation";
            context.annotate(|annotations| annotations.warn(message.to_owned(), child.span));
        }
        for remark in remarks.iter() {
            annotate(context, remark, "", child.span);
        }
        Ok(())
    }
}

fn unsound(error: HistogramError, child: &Node) -> Error {
    Error::execution(error.to_string(), child.span)
}

/// Words a remark on histograms of a metric as Prometheus does.
pub(super) fn annotate(
    context: &Context,
    remark: HistogramAnnotation,
    metric: &str,
    place: impl Into<Place>,
) {
    use HistogramAnnotation as A;
    let operation = |operation: HistogramOperation| match operation {
        HistogramOperation::Addition => "addition",
        HistogramOperation::Subtraction => "subtraction",
        HistogramOperation::Aggregation => "aggregation",
    };
    let for_metric =
        if metric.is_empty() { String::new() } else { format!(" for metric name {}", Quoted(metric)) };
    let (is_warning, message) = match remark {
        A::MixedExponentialCustom => (
            true,
            format!(
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {}",
                Quoted(metric)
            ),
        ),
        A::NotCounter => (true, format!("this native histogram metric is not a counter: {}", Quoted(metric))),
        A::NotGauge => (true, format!("this native histogram metric is not a gauge: {}", Quoted(metric))),
        // Counted, and told with the count, by the caller.
        A::StartTimeOverlap => return,
        A::CounterResetCollision(doing) => {
            (true, format!("conflicting counter resets during histogram {}", operation(doing)))
        }
        A::MismatchedCustomBuckets(doing) => {
            (false, format!("mismatched custom buckets were reconciled during {}", operation(doing)))
        }
        A::QuantileNanResult => {
            (false, format!("input to histogram_quantile has NaN observations, result is NaN{for_metric}"))
        }
        A::QuantileNanSkew => (
            false,
            format!("input to histogram_quantile has NaN observations, result is skewed higher{for_metric}"),
        ),
        A::FractionNans => (
            false,
            format!(
                "input to histogram_fraction has NaN observations, which are excluded from all fractions{for_metric}"
            ),
        ),
    };
    context.annotate(|annotations| {
        if is_warning { annotations.warn(message, place) } else { annotations.inform(message, place) }
    });
}
