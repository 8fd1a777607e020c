//! The histogram half of [`super::aggregate`]: `sum` and `avg` of groups in which native histograms occur.

use super::{
    aggregate::ignored,
    annotations::{Annotations, Place},
    context::Context,
    row::{HistogramCells, Row, bit, count_bits, for_each_bit, set_bit},
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
    histograms: Option<Box<HistogramFold>>,
    /// The metric of the first histogram.
    first_metric: String,
    /// What is to be said of the samples.
    remarks: Annotations,
    /// Why there will be no result.
    failure: Option<Error>,
}

impl GroupFold {
    /// An empty state.
    pub(super) fn new(operator: FoldOperator, steps: usize) -> Self {
        let floats = Fold::new(operator, steps);
        let (first_metric, remarks) = (String::new(), Annotations::default());
        Self { operator, steps, floats, histograms: None, first_metric, remarks, failure: None }
    }

    /// Takes in the floats of a row, after its histograms.
    pub(super) fn add(&mut self, values: &[f64], present: &[u64]) {
        self.floats.add(values, present);
        if let Some(histograms) = &mut self.histograms {
            for_each_bit(present, |step| histograms.add_float(step));
        }
    }

    /// Takes in a row that has histograms. They count as samples where only their number matters, and are ignored, with a word, where
    /// only floats make sense.
    pub(super) fn add_mixed(&mut self, child: &Node, series: &Series, row: &Row) {
        let name = match self.operator {
            FoldOperator::Count | FoldOperator::Group => {
                let mut present = row.present.clone();
                row.histograms.for_each(|step, _| set_bit(&mut present, step));
                self.add(&row.values, &present);
                return;
            }
            FoldOperator::Sum | FoldOperator::Avg => {
                self.add_histograms(child, series, row);
                self.add_floats(row);
                return;
            }
            FoldOperator::Min => "min",
            FoldOperator::Max => "max",
            FoldOperator::Stddev => "stddev",
            FoldOperator::Stdvar => "stdvar",
        };
        ignored(&mut self.remarks, name, child);
        self.add_floats(row);
    }

    fn add_floats(&mut self, row: &Row) {
        if count_bits(&row.present) > 0 {
            self.add(&row.values, &row.present);
        }
    }

    fn add_histograms(&mut self, child: &Node, series: &Series, row: &Row) {
        if self.failure.is_some() {
            return;
        }
        let metric = series.labels.get(METRIC_NAME).unwrap_or_default();
        if self.histograms.is_none() {
            self.first_metric = metric.to_owned();
        }
        let (average, steps) = (self.operator == FoldOperator::Avg, self.steps);
        let histograms = self.histograms.get_or_insert_with(|| Box::new(HistogramFold::new(average, steps)));
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
            remark(&mut self.remarks, HistogramAnnotation::MixedExponentialCustom, metric, child.span);
        }
        self.failure = failure.map(|error| unsound(error, child));
    }

    /// Takes in the state of the rows that come after this state's own.
    pub(super) fn merge(&mut self, later: Self, child: &Node) {
        self.remarks.absorb(&later.remarks, |span| span);
        self.failure = self.failure.take().or(later.failure);
        if self.histograms.is_some() || later.histograms.is_some() {
            let (average, steps) = (self.operator == FoldOperator::Avg, self.steps);
            let histograms =
                self.histograms.get_or_insert_with(|| Box::new(HistogramFold::new(average, steps)));
            let before = self.floats.present();
            if let Some(later_histograms) = later.histograms
                && histograms.merge(*later_histograms, |step| bit(before, step)) > 0
            {
                let met = HistogramAnnotation::MixedExponentialCustom;
                remark(&mut self.remarks, met, &later.first_metric, child.span);
            }
            for_each_bit(later.floats.present(), |step| histograms.add_float(step));
        }
        self.floats.merge(&later.floats);
    }

    /// Writes the results: floats with their presence, histograms into `cells`; and what there is to be said.
    pub(super) fn finish(
        self,
        child: &Node,
        values: &mut [f64],
        present: &mut [u64],
        cells: &mut HistogramCells,
        remarks_out: &mut Annotations,
    ) -> Result<(), Error> {
        remarks_out.absorb(&self.remarks, |span| span);
        if let Some(failure) = self.failure {
            return Err(failure);
        }
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
            remarks_out.warn(message.to_owned(), child.span);
        }
        for of in remarks.iter() {
            remark(remarks_out, of, "", child.span);
        }
        Ok(())
    }
}

fn unsound(error: HistogramError, child: &Node) -> Error {
    Error::execution(error.to_string(), child.span)
}

/// Adds a remark on histograms of a metric to those of the query.
pub(super) fn annotate(context: &Context, of: HistogramAnnotation, metric: &str, place: impl Into<Place>) {
    context.annotate(|annotations| remark(annotations, of, metric, place));
}

/// Words a remark on histograms of a metric as Prometheus does.
fn remark(annotations: &mut Annotations, of: HistogramAnnotation, metric: &str, place: impl Into<Place>) {
    use HistogramAnnotation as A;
    let operation = |operation: HistogramOperation| match operation {
        HistogramOperation::Addition => "addition",
        HistogramOperation::Subtraction => "subtraction",
        HistogramOperation::Aggregation => "aggregation",
    };
    let for_metric =
        if metric.is_empty() { String::new() } else { format!(" for metric name {}", Quoted(metric)) };
    let (is_warning, message) = match of {
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
    if is_warning { annotations.warn(message, place) } else { annotations.inform(message, place) }
}
