//! The function registry: one entry a PromQL function, with its signature, summary, example and kernel.
//!
//! A function stands in the file of its family and nowhere else: the checker, completion, help and `docs/functions.md` read the
//! registry. Families: `math`, `trig`, `time`, `rate`, `changes`, `over_time`, `trend`, `histogram`, `label`, `sort`,
//! `absent`, `scalar`, `info`.
//!
//! Range functions are kernels ([`RangeKernel`]) from columns and [`Windows`] to a row of steps. Where a window is a plain fold upstream, the
//! answer has the same bits or differs by less than 1e-12; costs are O(samples + steps) where the mathematics allow.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::model::start_timestamps;
use crate::model::{Signature, ValueType};

mod absent;
mod blocks;
mod borders;
mod changes;
mod classic;
mod extended;
mod extrapolation;
mod extremes;
mod histogram;
mod info;
mod integral;
mod kernel;
mod label;
mod math;
pub(crate) mod order;
mod over_time;
mod ranks;
mod rate;
mod scalar;
#[cfg(test)]
mod sliding_tests;
mod sort;
mod special;
pub(crate) mod sums;
mod time;
mod trend;
mod trig;
mod variance;
mod window;

pub use crate::model::{Example, Unit};
pub use absent::absent_labels;
pub(crate) use classic::leave_for_next_quantile;
pub use classic::{Bucket, ForcedMonotonicity, bucket_fraction, bucket_quantile};
pub(crate) use extended::extended_samples;
pub use kernel::{
    ElementwiseKernel, HistogramRule, Kernel, KernelError, Notes, Parameter, RangeFunction, RangeInput,
    RangeKernel, RowOut, Scratch,
};
pub use label::{LabelError, LabelJoin, LabelReplace};
pub use math::{greater_of, lesser_of};
pub use sort::{natural_less, sort_by_labels, sort_by_value};
pub use special::Special;
pub(crate) use time::rfc3339;
pub(crate) use window::regular_counts;
pub use window::{Extension, StepTimes, WindowCounts, WindowSpecification, Windows};

/// One function of the language.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name and types.
    pub signature: Signature,
    /// What it does, for people.
    pub summary: &'static str,
    /// A use of it that runs.
    pub example: Example,
    /// What its values are measured in.
    pub unit: Unit,
    /// How it is evaluated.
    pub kernel: Kernel,
}

impl Function {
    /// The same function, refused unless experimental functions are on.
    const fn experimental(mut self) -> Self {
        self.signature.experimental = true;
        self
    }

    /// The same function, its values in another unit than its family's.
    const fn in_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// The function's name.
    pub const fn name(&self) -> &'static str {
        self.signature.name
    }

    /// Whether the result may differ from step to step though the arguments do not: the function knows the time.
    pub fn depends_on_time(&self) -> bool {
        match self.kernel {
            Kernel::Time(_) => true,
            Kernel::Range(_) => self.signature.name == "predict_linear",
            Kernel::Special(special) => matches!(
                special,
                Special::Time
                    | Special::Timestamp
                    | Special::QueryStart
                    | Special::QueryEnd
                    | Special::QueryStep
                    | Special::QueryRange
            ),
            Kernel::Elementwise(_) => false,
        }
    }
}

const fn signature(
    name: &'static str,
    argument_types: &'static [ValueType],
    variadic: i32,
    return_type: ValueType,
) -> Signature {
    Signature { name, argument_types, variadic, return_type, experimental: false }
}

struct Registry {
    signatures: Vec<Signature>,
    by_name: FxHashMap<&'static str, &'static Function>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let families = [
        absent::FUNCTIONS,
        changes::FUNCTIONS,
        histogram::FUNCTIONS,
        info::FUNCTIONS,
        label::FUNCTIONS,
        math::FUNCTIONS,
        over_time::FUNCTIONS,
        rate::FUNCTIONS,
        scalar::FUNCTIONS,
        sort::FUNCTIONS,
        time::FUNCTIONS,
        trend::FUNCTIONS,
        trig::FUNCTIONS,
    ];
    let by_name: FxHashMap<_, _> =
        families.into_iter().flatten().map(|function| (function.signature.name, function)).collect();
    let mut signatures: Vec<Signature> = by_name.values().map(|function| function.signature).collect();
    signatures.sort_unstable_by_key(|signature| signature.name);
    Registry { signatures, by_name }
});

/// What every function takes and gives, by name.
pub fn signatures() -> &'static [Signature] {
    &REGISTRY.signatures
}

/// The function of this name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    REGISTRY.by_name.get(name).copied()
}
