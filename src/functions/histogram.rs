//! Functions of histograms, native and classic. The arithmetic on classic buckets is in `classic`.

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::ValueType::{self, Scalar, String as Text, Vector};

/// Four observations in (0, 1], four in (1, 2].
const CLASSIC: &str =
    "load 1m\n  latency_bucket{le=\"1\"} 4\n  latency_bucket{le=\"2\"} 8\n  latency_bucket{le=\"+Inf\"} 8";
/// Two observations around 1.5 (custom bounds 1, 2), sum 3.
const NATIVE: &str = "load 1m\n  latency {{schema:-53 sum:3 count:2 custom_values:[1 2] buckets:[0 2]}}";

const fn entry(
    name: &'static str,
    arguments: &'static [ValueType],
    variadic: i32,
    summary: &'static str,
    example: Example,
    special: Special,
) -> Function {
    Function {
        signature: signature(name, arguments, variadic, Vector),
        summary,
        example,
        unit: Unit::Observations,
        kernel: Kernel::Special(special),
    }
}

const fn at_zero(load: &'static str, query: &'static str, answer: &'static str) -> Example {
    Example { load, query, at: "0s", answer }
}

pub(super) static FUNCTIONS: &[Function] = &[
    entry(
        "histogram_quantile",
        &[Scalar, Vector],
        0,
        "The φ-quantile (0 ≤ φ ≤ 1) of the observations in each histogram, native or of buckets labelled le.",
        at_zero(CLASSIC, "histogram_quantile(0.75, latency_bucket)", "{} 1.5"),
        Special::HistogramQuantile,
    ),
    entry(
        "histogram_quantiles",
        &[Vector, Text, Scalar, Scalar],
        9,
        "Several quantiles of the observations in each histogram, told apart by the label named.",
        at_zero(
            CLASSIC,
            "histogram_quantiles(latency_bucket, \"q\", 0.5, 0.75)",
            "{q=\"0.5\"} 1\n{q=\"0.75\"} 1.5",
        ),
        Special::HistogramQuantiles,
    )
    .experimental(),
    entry(
        "histogram_fraction",
        &[Scalar, Scalar, Vector],
        0,
        "Which fraction of the observations in each histogram lies between two values.",
        at_zero(CLASSIC, "histogram_fraction(0, 1, latency_bucket)", "{} 0.5"),
        Special::HistogramFraction,
    )
    .in_unit(Unit::Number),
    entry(
        "histogram_count",
        &[Vector],
        0,
        "The number of observations in each native histogram.",
        at_zero(NATIVE, "histogram_count(latency)", "{} 2"),
        Special::HistogramCount,
    )
    .in_unit(Unit::Number),
    entry(
        "histogram_sum",
        &[Vector],
        0,
        "The sum of the observations in each native histogram.",
        at_zero(NATIVE, "histogram_sum(latency)", "{} 3"),
        Special::HistogramSum,
    ),
    entry(
        "histogram_avg",
        &[Vector],
        0,
        "The mean of the observations in each native histogram.",
        at_zero(NATIVE, "histogram_avg(latency)", "{} 1.5"),
        Special::HistogramAverage,
    ),
    entry(
        "histogram_stddev",
        &[Vector],
        0,
        "The standard deviation of the observations in each native histogram, as its buckets let one estimate it.",
        at_zero(NATIVE, "histogram_stddev(latency)", "{} 0"),
        Special::HistogramStandardDeviation,
    ),
    entry(
        "histogram_stdvar",
        &[Vector],
        0,
        "The variance of the observations in each native histogram, as its buckets let one estimate it.",
        at_zero(NATIVE, "histogram_stdvar(latency)", "{} 0"),
        Special::HistogramVariance,
    )
    .in_unit(Unit::ObservationsSquared),
];
