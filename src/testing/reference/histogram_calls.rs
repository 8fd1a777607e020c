//! Functions of histograms: of native ones, and of those that are buckets in series of their own.

use crate::model::{Labels, LabelsBuilder, number};
use crate::syntax::ast::{Call, Expr};
use crate::testing::answer::Failure;

use super::classic::{self, Buckets};
use super::evaluate::{Run, Step};
use super::histogram::Histogram;
use super::value::{Sample, Value};

/// A histogram of either kind.
enum Either {
    Native(Histogram),
    Classic(Buckets),
}

impl Either {
    /// A quantile; it leaves its traces in classic buckets.
    fn quantile(&mut self, q: f64) -> f64 {
        match self {
            Self::Native(histogram) => histogram.quantile(q),
            Self::Classic(buckets) => classic::quantile(q, buckets),
        }
    }

    fn fraction(&self, lower: f64, upper: f64) -> f64 {
        match self {
            Self::Native(histogram) => histogram.fraction(lower, upper),
            Self::Classic(buckets) => classic::fraction(lower, upper, buckets.clone()),
        }
    }
}

/// The histograms of a vector, native ones first. Where both kinds have the same labels, neither counts.
fn histograms(samples: &[Sample]) -> Vec<(Labels, Either)> {
    let classic = classic::histograms(samples);
    let is_classic = |labels: &Labels| classic.iter().any(|(other, _)| other == labels);
    let natives: Vec<(&Labels, &Histogram)> =
        samples.iter().filter_map(|sample| Some((&sample.labels, sample.value.histogram()?))).collect();
    let native = natives
        .iter()
        .filter(|(labels, _)| !is_classic(labels))
        .map(|(labels, histogram)| ((*labels).clone(), Either::Native((*histogram).clone())))
        .collect::<Vec<_>>();
    let is_native = |labels: &Labels| natives.iter().any(|(other, _)| *other == labels);
    let classic = classic
        .iter()
        .filter(|(labels, _)| !is_native(labels))
        .map(|(labels, buckets)| (labels.clone(), Either::Classic(buckets.clone())));
    native.into_iter().chain(classic).collect()
}

/// A number of one native histogram, by the function's name.
fn number_of(name: &str) -> Option<fn(&Histogram) -> f64> {
    Some(match name {
        "histogram_count" => |histogram| histogram.count,
        "histogram_sum" => |histogram| histogram.sum,
        "histogram_avg" => |histogram| histogram.sum / histogram.count,
        "histogram_stdvar" => Histogram::variance,
        "histogram_stddev" => |histogram| histogram.variance().sqrt(),
        _ => return None,
    })
}

impl Run<'_> {
    /// The value of a function of histograms; `None` where the function is none.
    pub(super) fn histogram_call(&self, call: &Call, step: Step) -> Result<Option<Vec<Sample>>, Failure> {
        let name = call.function.name;
        let arg = |index: usize| {
            let missing = || Failure::refused(format!("{name} lacks an argument"));
            call.args.get(index).map(Expr::unparenthesised).ok_or_else(missing)
        };
        if let Some(number) = number_of(name) {
            let samples = self.vector(arg(0)?, step)?.into_iter().filter_map(|sample| {
                let value = Value::Float(number(sample.value.histogram()?));
                Some(Sample { value, ..sample })
            });
            return Ok(Some(self.without_names(samples.collect())));
        }
        let of_each = |vector: &Expr, value: &dyn Fn(&mut Either) -> f64| -> Result<_, Failure> {
            let histograms = histograms(&self.vector(vector, step)?).into_iter();
            let samples = histograms.map(|(labels, mut either)| Sample::new(labels, value(&mut either)));
            Ok(samples.collect::<Vec<_>>())
        };
        let samples = match name {
            "histogram_quantile" => {
                let q = self.scalar(arg(0)?, step)?;
                of_each(arg(1)?, &|histogram| histogram.quantile(q))?
            }
            "histogram_fraction" => {
                let (lower, upper) = (self.scalar(arg(0)?, step)?, self.scalar(arg(1)?, step)?);
                of_each(arg(2)?, &|histogram| histogram.fraction(lower, upper))?
            }
            "histogram_quantiles" => return self.quantiles(call, step).map(Some),
            _ => return Ok(None),
        };
        Ok(Some(self.without_names(samples)))
    }

    /// `histogram_quantiles`: the vector, a label, and the quantiles that stand in it.
    fn quantiles(&self, call: &Call, step: Step) -> Result<Vec<Sample>, Failure> {
        let [vector, label, quantiles @ ..] = call.args.as_slice() else {
            return Err(Failure::refused("histogram_quantiles takes a vector, a label and quantiles"));
        };
        let mut histograms = histograms(&self.vector(vector.unparenthesised(), step)?);
        let label = self.text(label, step)?;
        let mut out = Vec::new();
        for quantile in quantiles {
            let q = self.scalar(quantile.unparenthesised(), step)?;
            let mut value = String::new();
            number::push_openmetrics_float(&mut value, q);
            let samples =
                histograms.iter_mut().map(|(labels, either)| Sample::new(labels.clone(), either.quantile(q)));
            for mut sample in self.without_names(samples.collect()) {
                let mut labels = LabelsBuilder::from(&sample.labels);
                labels.set(&label, &value);
                sample.labels = labels.finish();
                out.push(sample);
            }
        }
        Ok(out)
    }

    fn without_names(&self, mut samples: Vec<Sample>) -> Vec<Sample> {
        self.drop_names(&mut samples);
        samples
    }
}
