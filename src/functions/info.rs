//! `info`: labels from info metrics such as `target_info`.

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::ValueType::Vector;

pub(super) static FUNCTIONS: &[Function] = &[Function {
    signature: signature("info", &[Vector, Vector], 1, Vector),
    summary: "The argument, with the labels of the info series that have the same job and instance; the optional selector says which \
              labels and which info metrics.",
    example: Example {
        load: "load 1m\n  up{job=\"api\",instance=\"a\"} 1\n  target_info{job=\"api\",instance=\"a\",version=\"2\"} 1",
        query: "info(up, {version=~\".+\"})",
        at: "0s",
        answer: "up{job=\"api\",instance=\"a\",version=\"2\"} 1",
    },
    unit: Unit::Argument,
    kernel: Kernel::Special(Special::Info),
}
.experimental()];
