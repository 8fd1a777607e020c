//! Between scalars and vectors.

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::ValueType::{Scalar, Vector};

const LIMIT: &str = "load 1m\n  limit 7";

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        signature: signature("scalar", &[Vector], 0, Scalar),
        summary: "The value of the argument's only float sample as a scalar; NaN where there is none, or more than one.",
        example: Example { load: LIMIT, query: "scalar(limit)", at: "0s", answer: "7" },
        unit: Unit::Argument,
        kernel: Kernel::Special(Special::Scalar),
    },
    Function {
        signature: signature("vector", &[Scalar], 0, Vector),
        summary: "The scalar as a sample without labels.",
        example: Example { load: LIMIT, query: "vector(1)", at: "0s", answer: "{} 1" },
        unit: Unit::Argument,
        kernel: Kernel::Special(Special::Vector),
    },
    Function {
        signature: signature("max_of", &[Scalar, Scalar], 0, Scalar),
        summary: "The greater of two scalars.",
        example: Example { load: LIMIT, query: "max_of(1, 2)", at: "0s", answer: "2" },
        unit: Unit::Argument,
        kernel: Kernel::Special(Special::MaxOf),
    }
    .experimental(),
    Function {
        signature: signature("min_of", &[Scalar, Scalar], 0, Scalar),
        summary: "The lesser of two scalars.",
        example: Example { load: LIMIT, query: "min_of(1, 2)", at: "0s", answer: "1" },
        unit: Unit::Argument,
        kernel: Kernel::Special(Special::MinOf),
    }
    .experimental(),
];
