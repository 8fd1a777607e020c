//! The aggregations over the samples of a range: entries, and the kernels that need no more than a look at the bounds.
//!
//! Sums and means are in `sums`, minima and maxima in `extremes`, variances in `variance`, quantiles in `order`.

use super::{
    Example, Function, Unit,
    extrapolation::seconds,
    extremes, integral,
    kernel::{HistogramRule, Kernel, KernelError, Parameter, RangeFunction, RangeInput, RowOut, Scratch},
    order, signature, sums, variance,
};
use crate::model::{
    Timestamps,
    ValueType::{Matrix, Scalar, Vector},
};

const GAUGE: &str = "load 1m\n  queue_length 3 1 4 1 5";

const fn entry(
    name: &'static str,
    summary: &'static str,
    query: &'static str,
    answer: &'static str,
    function: RangeFunction,
) -> Function {
    Function {
        signature: signature(name, &[Matrix], 0, Vector),
        summary,
        example: Example { load: GAUGE, query, at: "4m", answer },
        unit: Unit::Argument,
        kernel: Kernel::Range(function),
    }
}

pub(super) static FUNCTIONS: &[Function] = &[
    entry(
        "avg_over_time",
        "The mean of each series' values in the range.",
        "avg_over_time(queue_length[5m])",
        "{} 2.8",
        RangeFunction::new(sums::average).histograms(HistogramRule::Exclusive),
    ),
    entry(
        "sum_over_time",
        "The sum of each series' values in the range.",
        "sum_over_time(queue_length[5m])",
        "{} 14",
        RangeFunction::new(sums::sum).histograms(HistogramRule::Exclusive),
    ),
    entry(
        "count_over_time",
        "How many samples each series has in the range.",
        "count_over_time(queue_length[5m])",
        "{} 5",
        RangeFunction::new(count).histograms(HistogramRule::Count),
    )
    .in_unit(Unit::Number),
    entry(
        "min_over_time",
        "The least of each series' values in the range.",
        "min_over_time(queue_length[5m])",
        "{} 1",
        RangeFunction::new(extremes::minimum),
    ),
    entry(
        "max_over_time",
        "The greatest of each series' values in the range.",
        "max_over_time(queue_length[5m])",
        "{} 5",
        RangeFunction::new(extremes::maximum),
    ),
    entry(
        "first_over_time",
        "The oldest sample of each series in the range.",
        "first_over_time(queue_length[5m])",
        "queue_length 3",
        RangeFunction::new(first).histograms(HistogramRule::First).keeps_metric_name(),
    ),
    entry(
        "last_over_time",
        "The newest sample of each series in the range.",
        "last_over_time(queue_length[5m])",
        "queue_length 5",
        RangeFunction::new(last).histograms(HistogramRule::Last).keeps_metric_name(),
    ),
    entry(
        "present_over_time",
        "1 for each series that has a sample in the range.",
        "present_over_time(queue_length[5m])",
        "{} 1",
        RangeFunction::new(present).histograms(HistogramRule::Count),
    )
    .in_unit(Unit::Number),
    entry(
        "stddev_over_time",
        "The population standard deviation of each series' values in the range.",
        "stddev_over_time(queue_length[5m])",
        "{} 1.6",
        RangeFunction::new(variance::standard_deviation),
    ),
    entry(
        "stdvar_over_time",
        "The population variance of each series' values in the range.",
        "stdvar_over_time(queue_length[5m])",
        "{} 2.56",
        RangeFunction::new(variance::variance),
    )
    .in_unit(Unit::ArgumentSquared),
    entry(
        "mad_over_time",
        "The median of the distances of each series' values in the range from their median.",
        "mad_over_time(queue_length[5m])",
        "{} 2",
        RangeFunction::new(order::median_absolute_deviation),
    )
    .experimental(),
    entry(
        "ts_of_min_over_time",
        "When each series had its least value in the range, the last such time, in seconds since the epoch.",
        "ts_of_min_over_time(queue_length[5m])",
        "{} 180",
        RangeFunction::new(extremes::time_of_minimum),
    )
    .in_unit(Unit::Timestamp)
    .experimental(),
    entry(
        "ts_of_max_over_time",
        "When each series had its greatest value in the range, the last such time, in seconds since the epoch.",
        "ts_of_max_over_time(queue_length[5m])",
        "{} 240",
        RangeFunction::new(extremes::time_of_maximum),
    )
    .in_unit(Unit::Timestamp)
    .experimental(),
    entry(
        "ts_of_first_over_time",
        "The time of each series' oldest sample in the range, in seconds since the epoch.",
        "ts_of_first_over_time(queue_length[5m])",
        "{} 0",
        RangeFunction::new(time_of_first).histograms(HistogramRule::Count),
    )
    .in_unit(Unit::Timestamp)
    .experimental(),
    entry(
        "ts_of_last_over_time",
        "The time of each series' newest sample in the range, in seconds since the epoch.",
        "ts_of_last_over_time(queue_length[5m])",
        "{} 240",
        RangeFunction::new(time_of_last).histograms(HistogramRule::Count),
    )
    .in_unit(Unit::Timestamp)
    .experimental(),
    Function {
        signature: signature("quantile_over_time", &[Scalar, Matrix], 0, Vector),
        summary: "The φ-quantile (0 ≤ φ ≤ 1) of each series' values in the range.",
        example: Example {
            load: GAUGE,
            query: "quantile_over_time(0.5, queue_length[5m])",
            at: "4m",
            answer: "{} 3",
        },
        unit: Unit::Argument,
        kernel: Kernel::Range(RangeFunction::new(order::quantile)),
    },
    Function {
        signature: signature("integral", &[Matrix, Scalar], 1, Vector),
        summary: "The area under each series' values in the range, in value times seconds. The optional strategy: 0 takes the left sample of \
                  each pair, 1 the right one, 2 (the default) their mean.",
        example: Example {
            load: GAUGE,
            query: "integral(queue_length[5m])",
            at: "4m",
            answer: "{} 600",
        },
        unit: Unit::TimesSeconds,
        kernel: Kernel::Range(RangeFunction::new(integral::integral)),
    }
    .experimental(),
];

fn count(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        let histograms = input.histogram_bounds(step).map_or(0, |(first, end)| end - first);
        let count = end - first + histograms;
        (count > 0).then_some(count as f64)
    });
    Ok(())
}

fn present(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        (first < end || input.has_histograms(step)).then_some(1.0)
    });
    Ok(())
}

fn first(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| input.window(step).first().copied());
    Ok(())
}

fn last(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| input.window(step).last().copied());
    Ok(())
}

fn time_of_first(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    time_of(input, out, |times, first, _| times.at(first), i64::min);
    Ok(())
}

fn time_of_last(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    time_of(input, out, |times, _, end| times.at(end - 1), i64::max);
    Ok(())
}

/// A time of the samples of either kind.
fn time_of(
    input: &RangeInput<'_>,
    out: &mut RowOut<'_>,
    pick: impl Fn(&Timestamps<'_>, usize, usize) -> i64,
    merge: impl Fn(i64, i64) -> i64,
) {
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        let float = (first < end).then(|| pick(&input.floats.timestamps, first, end));
        let histogram =
            input.histogram_bounds(step).map(|(first, end)| pick(&input.histograms.timestamps, first, end));
        let time = match (float, histogram) {
            (Some(float), Some(histogram)) => merge(float, histogram),
            (one, other) => one.or(other)?,
        };
        Some(seconds(time))
    });
}
