//! Angles, circular and hyperbolic functions.

use super::{
    Example, Function, Unit,
    kernel::{ElementwiseKernel, Kernel, Parameter},
    math::{at_zero, each, of_one},
    signature,
    special::Special,
};
use crate::model::ValueType::Scalar;

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
        each!(f64::sin),
    ),
    entry(
        "cos",
        "The cosine of each sample, an angle in radians.",
        ZERO,
        "cos(angle)",
        "{} 1",
        each!(f64::cos),
    ),
    entry(
        "tan",
        "The tangent of each sample, an angle in radians.",
        ZERO,
        "tan(angle)",
        "{} 0",
        each!(f64::tan),
    ),
    entry(
        "asin",
        "The angle in radians whose sine each sample is; NaN outside -1 to 1.",
        ONE,
        "asin(angle)",
        "{} 1.5707963267948966",
        each!(f64::asin),
    )
    .in_unit(Unit::Radians),
    entry(
        "acos",
        "The angle in radians whose cosine each sample is; NaN outside -1 to 1.",
        ONE,
        "acos(angle)",
        "{} 0",
        each!(f64::acos),
    )
    .in_unit(Unit::Radians),
    entry(
        "atan",
        "The angle in radians whose tangent each sample is.",
        ONE,
        "atan(angle)",
        "{} 0.7853981633974483",
        each!(f64::atan),
    )
    .in_unit(Unit::Radians),
    entry("sinh", "The hyperbolic sine of each sample.", ZERO, "sinh(angle)", "{} 0", each!(f64::sinh)),
    entry("cosh", "The hyperbolic cosine of each sample.", ZERO, "cosh(angle)", "{} 1", each!(f64::cosh)),
    entry("tanh", "The hyperbolic tangent of each sample.", ZERO, "tanh(angle)", "{} 0", each!(f64::tanh)),
    entry(
        "asinh",
        "The number whose hyperbolic sine each sample is.",
        ZERO,
        "asinh(angle)",
        "{} 0",
        each!(asinh),
    ),
    entry(
        "acosh",
        "The number whose hyperbolic cosine each sample is; NaN below 1.",
        ONE,
        "acosh(angle)",
        "{} 0",
        each!(acosh),
    ),
    entry(
        "atanh",
        "The number whose hyperbolic tangent each sample is; NaN outside -1 to 1.",
        ZERO,
        "atanh(angle)",
        "{} 0",
        each!(f64::atanh),
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

/// Stays finite where the square of the argument does not.
fn asinh(value: f64) -> f64 {
    if value.is_finite() && value.abs() > 1e150 {
        (value.abs().ln() + std::f64::consts::LN_2).copysign(value)
    } else {
        value.asinh()
    }
}

/// Exact near 1, where the usual formula loses half its digits, and finite for the largest numbers.
fn acosh(value: f64) -> f64 {
    if value.is_finite() && value > 1e150 {
        value.ln() + std::f64::consts::LN_2
    } else {
        let above = value - 1.0;
        if above < 0.0 { f64::NAN } else { (above + (2.0 * above + above * above).sqrt()).ln_1p() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_hyperbolic_functions_hold_at_their_ends() {
        // Arguments and answers as Prometheus gave them.
        for (argument, expected) in [
            (1.0, 0.0),
            (1.000_000_000_1, 1.414_213_620_867_586_2e-5),
            (2.0, 1.316_957_896_924_816_6),
            (1e300, 691.468_675_078_773_6),
        ] {
            let got = acosh(argument);
            assert!((got - expected).abs() <= 1e-12 * expected.abs(), "acosh({argument}) = {got}");
        }
        assert!(acosh(0.5).is_nan());
        assert_eq!(acosh(f64::INFINITY), f64::INFINITY);
        assert!((asinh(-1e300) + 691.468_675_078_773_6).abs() < 1e-9);
        assert_eq!(asinh(f64::NEG_INFINITY), f64::NEG_INFINITY);
    }
}
