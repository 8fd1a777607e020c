//! Angles, circular and hyperbolic functions.

use super::{
    Example, Function, Unit,
    kernel::{ElementwiseKernel, Kernel, Parameter},
    math::{at_zero, each, of_one},
    signature,
    special::Special,
};
use crate::model::{ValueType::Scalar, elementary};

const ZERO: &str = "load 1m\n  angle 0";
const ONE: &str = "load 1m\n  angle 1";

const fn entry(
    name: &'static str,
    summary: &'static str,
    load: &'static str,
    query: &'static str,
    answer: &'static str,
    kernel: ElementwiseKernel,
) -> Function {
    of_one(name, summary, at_zero(load, query, answer), kernel).in_unit(Unit::Number)
}

pub(super) static FUNCTIONS: &[Function] = &[
    entry(
        "sin",
        "The sine of each sample, an angle in radians.",
        ZERO,
        "sin(angle)",
        "{} 0",
        each!(elementary::sin),
    ),
    entry(
        "cos",
        "The cosine of each sample, an angle in radians.",
        ZERO,
        "cos(angle)",
        "{} 1",
        each!(elementary::cos),
    ),
    entry(
        "tan",
        "The tangent of each sample, an angle in radians.",
        ZERO,
        "tan(angle)",
        "{} 0",
        each!(elementary::tan),
    ),
    entry(
        "asin",
        "The angle in radians whose sine each sample is; NaN outside -1 to 1.",
        ONE,
        "asin(angle)",
        "{} 1.5707963267948966",
        each!(elementary::asin),
    )
    .in_unit(Unit::Radians),
    entry(
        "acos",
        "The angle in radians whose cosine each sample is; NaN outside -1 to 1.",
        ONE,
        "acos(angle)",
        "{} 0",
        each!(elementary::acos),
    )
    .in_unit(Unit::Radians),
    entry(
        "atan",
        "The angle in radians whose tangent each sample is.",
        ONE,
        "atan(angle)",
        "{} 0.7853981633974483",
        each!(elementary::atan),
    )
    .in_unit(Unit::Radians),
    entry(
        "sinh",
        "The hyperbolic sine of each sample.",
        ZERO,
        "sinh(angle)",
        "{} 0",
        each!(elementary::sinh),
    ),
    entry(
        "cosh",
        "The hyperbolic cosine of each sample.",
        ZERO,
        "cosh(angle)",
        "{} 1",
        each!(elementary::cosh),
    ),
    entry(
        "tanh",
        "The hyperbolic tangent of each sample.",
        ZERO,
        "tanh(angle)",
        "{} 0",
        each!(elementary::tanh),
    ),
    entry(
        "asinh",
        "The number whose hyperbolic sine each sample is.",
        ZERO,
        "asinh(angle)",
        "{} 0",
        each!(elementary::asinh),
    ),
    entry(
        "acosh",
        "The number whose hyperbolic cosine each sample is; NaN below 1.",
        ONE,
        "acosh(angle)",
        "{} 0",
        each!(elementary::acosh),
    ),
    entry(
        "atanh",
        "The number whose hyperbolic tangent each sample is; NaN outside -1 to 1.",
        ZERO,
        "atanh(angle)",
        "{} 0",
        each!(elementary::atanh),
    ),
    entry(
        "rad",
        "Each sample, an angle in degrees, in radians.",
        "load 1m\n  angle 180",
        "rad(angle)",
        "{} 3.141592653589793",
        each!(|degrees| degrees * 0.017_453_292_519_943_295),
    )
    .in_unit(Unit::Radians),
    entry(
        "deg",
        "Each sample, an angle in radians, in degrees.",
        "load 1m\n  angle 3.141592653589793",
        "deg(angle)",
        "{} 180",
        each!(|radians| radians * 57.295_779_513_082_32),
    )
    .in_unit(Unit::Degrees),
    Function {
        signature: signature("pi", &[], 0, Scalar),
        summary: "π.",
        example: Example { load: ZERO, query: "pi()", at: "0s", answer: "3.141592653589793" },
        unit: Unit::Number,
        kernel: Kernel::Special(Special::Pi),
    },
];
