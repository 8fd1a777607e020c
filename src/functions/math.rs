//! Arithmetic on each sample: rounding, limits, powers and logarithms.

use super::{
    Example, Function, Unit,
    kernel::{ElementwiseKernel, Kernel, Parameter},
    signature,
};
use crate::model::{
    ValueType::{Scalar, Vector},
    elementary,
};

/// An elementwise kernel that maps each value with `$map`, whatever its step.
macro_rules! each {
    ($map:expr) => {{
        fn kernel(values: &mut [f64], _: &mut [u64], _: &[Parameter<'_>]) {
            let map: fn(f64) -> f64 = $map;
            for value in values {
                *value = map(*value);
            }
        }
        kernel
    }};
}
pub(super) use each;

pub(super) const fn of_one(
    name: &'static str,
    summary: &'static str,
    example: Example,
    kernel: ElementwiseKernel,
) -> Function {
    Function {
        signature: signature(name, &[Vector], 0, Vector),
        summary,
        example,
        unit: Unit::Argument,
        kernel: Kernel::Elementwise(kernel),
    }
}

pub(super) const fn at_zero(load: &'static str, query: &'static str, answer: &'static str) -> Example {
    Example { load, query, at: "0s", answer }
}

const OFFSET: &str = "load 1m\n  clock_offset_seconds -2.25";
const SIZE: &str = "load 1m\n  response_bytes 64";

pub(super) static FUNCTIONS: &[Function] = &[
    of_one(
        "abs",
        "The absolute value of each sample.",
        at_zero(OFFSET, "abs(clock_offset_seconds)", "{} 2.25"),
        each!(f64::abs),
    ),
    of_one(
        "ceil",
        "Each sample rounded up to an integer.",
        at_zero(OFFSET, "ceil(clock_offset_seconds)", "{} -2"),
        each!(f64::ceil),
    ),
    of_one(
        "floor",
        "Each sample rounded down to an integer.",
        at_zero(OFFSET, "floor(clock_offset_seconds)", "{} -3"),
        each!(f64::floor),
    ),
    Function {
        signature: signature("round", &[Vector, Scalar], 1, Vector),
        summary: "Each sample rounded to the nearest multiple of the second argument (1 if left out); halves are rounded up.",
        example: at_zero(OFFSET, "round(clock_offset_seconds, 0.5)", "{} -2"),
        unit: Unit::Argument,
        kernel: Kernel::Elementwise(round),
    },
    of_one(
        "sgn",
        "The sign of each sample: 1, -1, or 0.",
        at_zero(OFFSET, "sgn(clock_offset_seconds)", "{} -1"),
        each!(sign),
    )
    .in_unit(Unit::Number),
    Function {
        signature: signature("clamp", &[Vector, Scalar, Scalar], 0, Vector),
        summary: "Each sample moved into the limits given, lowest first; nothing where the limits cross.",
        example: at_zero(OFFSET, "clamp(clock_offset_seconds, -1, 1)", "{} -1"),
        unit: Unit::Argument,
        kernel: Kernel::Elementwise(clamp),
    },
    Function {
        signature: signature("clamp_max", &[Vector, Scalar], 0, Vector),
        summary: "Each sample, but the limit where it is greater.",
        example: at_zero(SIZE, "clamp_max(response_bytes, 50)", "{} 50"),
        unit: Unit::Argument,
        kernel: Kernel::Elementwise(clamp_max),
    },
    Function {
        signature: signature("clamp_min", &[Vector, Scalar], 0, Vector),
        summary: "Each sample, but the limit where it is less.",
        example: at_zero(OFFSET, "clamp_min(clock_offset_seconds, 0)", "{} 0"),
        unit: Unit::Argument,
        kernel: Kernel::Elementwise(clamp_min),
    },
    of_one(
        "exp",
        "e to the power of each sample.",
        at_zero("load 1m\n  growth 0", "exp(growth)", "{} 1"),
        each!(elementary::exp),
    )
    .in_unit(Unit::Number),
    of_one(
        "ln",
        "The natural logarithm of each sample; NaN below zero, -Inf at zero.",
        at_zero("load 1m\n  growth 1", "ln(growth)", "{} 0"),
        each!(elementary::ln),
    )
    .in_unit(Unit::Number),
    of_one(
        "log2",
        "The binary logarithm of each sample; NaN below zero, -Inf at zero.",
        at_zero(SIZE, "log2(response_bytes)", "{} 6"),
        each!(elementary::log2),
    )
    .in_unit(Unit::Number),
    of_one(
        "log10",
        "The decimal logarithm of each sample; NaN below zero, -Inf at zero.",
        at_zero("load 1m\n  response_bytes 100", "log10(response_bytes)", "{} 2"),
        each!(elementary::log10),
    )
    .in_unit(Unit::Number),
    of_one(
        "sqrt",
        "The square root of each sample; NaN below zero.",
        at_zero(SIZE, "sqrt(response_bytes)", "{} 8"),
        each!(f64::sqrt),
    )
    .in_unit(Unit::Number),
];

fn sign(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

/// Multiplies by the inverse instead of dividing: 0.1 has no exact value, 10 has.
fn round(values: &mut [f64], _: &mut [u64], parameters: &[Parameter<'_>]) {
    let nearest = parameters.first().copied().unwrap_or(Parameter::Constant(1.0));
    for (step, value) in values.iter_mut().enumerate() {
        let inverse = 1.0 / nearest.at(step);
        *value = (*value * inverse + 0.5).floor() / inverse;
    }
}

fn clamp(values: &mut [f64], present: &mut [u64], parameters: &[Parameter<'_>]) {
    if let [low, high, ..] = parameters {
        clamp_between(values, present, *low, *high);
    }
}

fn clamp_max(values: &mut [f64], present: &mut [u64], parameters: &[Parameter<'_>]) {
    if let [high, ..] = parameters {
        clamp_between(values, present, Parameter::Constant(f64::NEG_INFINITY), *high);
    }
}

fn clamp_min(values: &mut [f64], present: &mut [u64], parameters: &[Parameter<'_>]) {
    if let [low, ..] = parameters {
        clamp_between(values, present, *low, Parameter::Constant(f64::INFINITY));
    }
}

fn clamp_between(values: &mut [f64], present: &mut [u64], low: Parameter<'_>, high: Parameter<'_>) {
    for (step, value) in values.iter_mut().enumerate() {
        let (low, high) = (low.at(step), high.at(step));
        if high < low
            && let Some(word) = present.get_mut(step / 64)
        {
            *word &= !(1 << (step % 64));
        }
        *value = greater_of(low, lesser_of(high, *value));
    }
}

/// The greater of two numbers: NaN if either is NaN, unless the other is +Inf; 0 rather than −0.
pub fn greater_of(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

/// The lesser of two numbers: NaN if either is NaN, unless the other is −Inf; −0 rather than 0.
pub fn lesser_of(a: f64, b: f64) -> f64 {
    -greater_of(-a, -b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(kernel: ElementwiseKernel, value: f64, parameters: &[f64]) -> Option<f64> {
        let (mut values, mut present) = ([value], [1]);
        let parameters: Vec<_> = parameters.iter().map(|p| Parameter::Constant(*p)).collect();
        kernel(&mut values, &mut present, &parameters);
        (present[0] == 1).then_some(values[0])
    }

    #[test]
    fn clamp_follows_go_in_its_treatment_of_nan_and_infinity() {
        assert_eq!(apply(clamp, 5.0, &[1.0, 3.0]), Some(3.0));
        assert_eq!(apply(clamp, 5.0, &[3.0, 1.0]), None);
        assert!(apply(clamp, f64::NAN, &[1.0, 3.0]).is_some_and(f64::is_nan));
        assert!(apply(clamp_min, f64::NAN, &[1.0]).is_some_and(f64::is_nan));
        assert!(apply(clamp_max, 1.0, &[f64::NAN]).is_some_and(f64::is_nan));
        assert_eq!(apply(clamp_min, 1.0, &[f64::INFINITY]), Some(f64::INFINITY));
    }

    #[test]
    fn round_goes_up_at_halves() {
        for (value, nearest, expected) in [
            (2.5, 1.0, 3.0),
            (-2.5, 1.0, -2.0),
            (0.15, 0.1, 0.2),
            (7.0, 5.0, 5.0),
            (8.0, 5.0, 10.0),
            (-1.5, 1.0, -1.0),
        ] {
            assert_eq!(apply(round, value, &[nearest]), Some(expected), "round({value}, {nearest})");
        }
        assert_eq!(apply(round, 2.5, &[]), Some(3.0));
        assert!(apply(round, 2.5, &[0.0]).is_some_and(f64::is_nan));
    }

    #[test]
    fn sgn_keeps_zero_and_nan() {
        assert_eq!(sign(0.0), 0.0);
        assert!(sign(-0.0).is_sign_negative());
        assert!(sign(f64::NAN).is_nan());
        assert_eq!(sign(f64::NEG_INFINITY), -1.0);
    }
}
