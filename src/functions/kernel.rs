//! What a function's implementation looks like to the evaluator: one row of steps of one series at a time.
//!
//! A kernel reads columns and writes a row: a value a step, and a bit a step that says whether there is one. It knows nothing
//! of labels. A row may be cut anywhere and its parts computed by different workers: a kernel's bits depend on the samples
//! and on absolute times only, never on the first step asked for.

use std::{fmt, ops::Range};

use super::{ranks, special::Special, sums, variance, window::Windows};
use crate::model::{FloatColumn, HistogramColumn};

/// A scalar argument of a function.
#[derive(Debug, Clone, Copy)]
pub enum Parameter<'a> {
    /// The same at every step.
    Constant(f64),
    /// One value a step of the row asked for.
    Column(&'a [f64]),
}

impl Parameter<'_> {
    /// The argument at step `index` of the row; NaN where a column is too short.
    #[inline]
    pub fn at(&self, index: usize) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Column(values) => values.get(index).copied().unwrap_or(f64::NAN),
        }
    }
}

/// The samples of one series and the windows to evaluate.
#[derive(Debug, Clone)]
pub struct RangeInput<'a> {
    /// The float samples, stale markers removed. `start_timestamps` are empty unless the engine uses them.
    pub floats: FloatColumn<'a>,
    /// The windows over `floats`.
    pub windows: &'a Windows,
    /// The histogram samples, stale markers removed.
    pub histograms: HistogramColumn<'a>,
    /// The windows over `histograms`, of the same steps; `None` where the series has no histogram.
    pub histogram_windows: Option<&'a Windows>,
    /// Which steps of the windows this row holds.
    pub steps: Range<usize>,
}

impl RangeInput<'_> {
    /// The float samples in the window of step `index` of the row.
    #[inline]
    pub(super) fn bounds(&self, index: usize) -> (usize, usize) {
        self.windows.bounds(self.steps.start + index)
    }

    /// Whether the window of step `index` of the row holds histograms.
    pub(super) fn has_histograms(&self, index: usize) -> bool {
        self.histogram_bounds(index).is_some()
    }

    /// The histogram samples in the window of step `index` of the row, if there are any.
    pub(super) fn histogram_bounds(&self, index: usize) -> Option<(usize, usize)> {
        let (first, end) = self.histogram_windows?.reach(self.steps.start + index);
        (first < end).then_some((first, end))
    }

    /// The float samples of the window of step `index` of the row.
    #[inline]
    pub(super) fn window(&self, index: usize) -> &[f64] {
        let (first, end) = self.bounds(index);
        &self.floats.values[first..end]
    }
}

/// The row a kernel fills.
#[derive(Debug)]
pub struct RowOut<'a> {
    /// A value a step; what stands where there is none has no meaning.
    pub values: &'a mut [f64],
    /// Bit `k % 64` of word `k / 64`: whether step `k` has a sample. The caller zeroes them; a word for every 64 values.
    pub present: &'a mut [u64],
    /// What a user should hear of.
    pub notes: &'a mut Notes,
}

impl RowOut<'_> {
    /// Fills the row step by step.
    #[inline]
    pub(super) fn fill(&mut self, at: impl FnMut(usize) -> Option<f64>) {
        self.fill_or(|_, _| false, at);
    }

    /// Fills the row 64 steps at a time where `together` can, which is given the first of them and then has a value for each; else
    /// step by step.
    #[inline]
    pub(super) fn fill_or(
        &mut self,
        together: impl Fn(usize, &mut [f64]) -> bool,
        mut at: impl FnMut(usize) -> Option<f64>,
    ) {
        for (word_index, (values, word)) in
            self.values.chunks_mut(64).zip(self.present.iter_mut()).enumerate()
        {
            if together(word_index * 64, values) {
                *word = u64::MAX >> (64 - values.len());
                continue;
            }
            let mut bits = 0;
            for (bit, value) in values.iter_mut().enumerate() {
                if let Some(result) = at(word_index * 64 + bit) {
                    *value = result;
                    bits |= 1 << bit;
                }
            }
            *word = bits;
        }
    }
}

/// What a kernel met that the user should hear of; the evaluator words it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notes {
    bits: u32,
    /// In how many windows a start timestamp lay before the sample ahead of it (a warning).
    pub start_time_overlaps: u64,
}

impl Notes {
    /// A window held floats and histograms, which the function cannot combine (a warning; the step has no result).
    pub const MIXED_FLOATS_HISTOGRAMS: Self = Self::bit(2);
    /// A window held floats and histograms, and the histograms were ignored (an info).
    pub const HISTOGRAMS_IGNORED: Self = Self::bit(4);
    /// `integral()` got no strategy it knows and took the default (a warning).
    pub const INVALID_INTEGRAL_STRATEGY: Self = Self::bit(8);
    /// A quantile outside 0…1 (a warning).
    pub const INVALID_QUANTILE: Self = Self::bit(16);

    const fn bit(bits: u32) -> Self {
        Self { bits, start_time_overlaps: 0 }
    }

    /// Whether all of `other` is noted, counts aside.
    pub const fn contains(self, other: Self) -> bool {
        self.bits & other.bits == other.bits
    }

    /// Notes `other` too.
    pub const fn insert(&mut self, other: Self) {
        self.bits |= other.bits;
        self.start_time_overlaps += other.start_time_overlaps;
    }

    /// Whether nothing is noted.
    pub const fn is_empty(self) -> bool {
        self.bits == 0 && self.start_time_overlaps == 0
    }
}

/// An argument a function cannot work with; it fails the query where a series has samples.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum KernelError {
    /// The smoothing factor of `double_exponential_smoothing` is not between 0 and 1.
    SmoothingFactor(f64),
    /// The trend factor of `double_exponential_smoothing` is not between 0 and 1.
    TrendFactor(f64),
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmoothingFactor(factor) => {
                write!(f, "the smoothing factor must lie between 0 and 1, both excluded; it is {factor}")
            }
            Self::TrendFactor(factor) => {
                write!(f, "the trend factor must lie between 0 and 1, both excluded; it is {factor}")
            }
        }
    }
}

impl std::error::Error for KernelError {}

/// Memory a worker reuses from row to row; its content has no meaning between calls.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) floats: Vec<f64>,
    pub(super) indices: Vec<u32>,
    pub(super) counts: Vec<u32>,
    pub(super) sums: Vec<sums::Run>,
    pub(super) ranks: ranks::Ranks,
    pub(super) deviations: Vec<variance::Run>,
}

/// Evaluates a range function on the floats of one series, for a row of steps.
pub type RangeKernel =
    fn(&RangeInput<'_>, &[Parameter<'_>], &mut Scratch, &mut RowOut<'_>) -> Result<(), KernelError>;

/// Maps the float samples of a row in place; may take samples away.
pub type ElementwiseKernel = fn(&mut [f64], &mut [u64], &[Parameter<'_>]);

/// What a range function does where a window holds native histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistogramRule {
    /// They are ignored; where floats stand beside them an info says so.
    Ignore,
    /// They count like floats, and the float kernel has dealt with them (`count_over_time`, `present_over_time`, `ts_of_first_over_time`, …).
    Count,
    /// A histogram alone gives a histogram; one beside a float gives nothing, and a warning (`rate`, `sum_over_time`, …).
    Exclusive,
    /// The first sample of either kind is the result.
    First,
    /// The last sample of either kind is the result.
    Last,
    /// The last two samples of either kind decide (`irate`, `idelta`).
    LastTwo,
    /// Floats and histograms are compared in order of time (`changes`, `resets`).
    Interleave,
}

impl HistogramRule {
    /// Whether a window with histograms needs more than the float kernel.
    pub const fn needs_histogram_kernel(self) -> bool {
        !matches!(self, Self::Ignore | Self::Count)
    }
}

/// A function over range vectors.
#[derive(Debug, Clone, Copy)]
pub struct RangeFunction {
    /// Its kernel on floats.
    pub floats: RangeKernel,
    /// What it does with histograms.
    pub histograms: HistogramRule,
    /// Whether the result keeps the metric's name.
    pub keeps_metric_name: bool,
    /// Whether it may be used with the modifier `anchored`.
    pub anchored: bool,
    /// Whether it may be used with the modifier `smoothed`.
    pub smoothed: bool,
    /// Whether it looks at start timestamps, where the engine uses them.
    pub uses_start_timestamps: bool,
}

impl RangeFunction {
    /// A function on floats that ignores histograms and has no specialities.
    pub(super) const fn new(floats: RangeKernel) -> Self {
        Self {
            floats,
            histograms: HistogramRule::Ignore,
            keeps_metric_name: false,
            anchored: false,
            smoothed: false,
            uses_start_timestamps: false,
        }
    }

    pub(super) const fn histograms(mut self, rule: HistogramRule) -> Self {
        self.histograms = rule;
        self
    }

    pub(super) const fn keeps_metric_name(mut self) -> Self {
        self.keeps_metric_name = true;
        self
    }

    pub(super) const fn anchored(mut self) -> Self {
        self.anchored = true;
        self
    }

    pub(super) const fn smoothed(mut self) -> Self {
        self.smoothed = true;
        self
    }

    pub(super) const fn uses_start_timestamps(mut self) -> Self {
        self.uses_start_timestamps = true;
        self
    }

    /// Evaluates a row: the float kernel, and what follows from histograms beside the floats. What a histogram
    /// kernel has to add (see [`HistogramRule::needs_histogram_kernel`]) is not in the row: those steps are left without a sample.
    pub fn evaluate(
        &self,
        input: &RangeInput<'_>,
        parameters: &[Parameter<'_>],
        scratch: &mut Scratch,
        out: &mut RowOut<'_>,
    ) -> Result<(), KernelError> {
        (self.floats)(input, parameters, scratch, out)?;
        if input.histogram_windows.is_none() {
            return Ok(());
        }
        for index in 0..input.steps.len() {
            if !input.has_histograms(index) {
                continue;
            }
            let (first, end) = input.windows.reach(input.steps.start + index);
            match self.histograms {
                HistogramRule::Ignore if first < end => out.notes.insert(Notes::HISTOGRAMS_IGNORED),
                HistogramRule::Ignore | HistogramRule::Count => {}
                rule => {
                    if rule == HistogramRule::Exclusive && first < end {
                        out.notes.insert(Notes::MIXED_FLOATS_HISTOGRAMS);
                    }
                    if let Some(word) = out.present.get_mut(index / 64) {
                        *word &= !(1 << (index % 64));
                    }
                }
            }
        }
        Ok(())
    }
}

/// How a function is evaluated.
#[derive(Debug, Clone, Copy)]
pub enum Kernel {
    /// Over the window of each series at each step.
    Range(RangeFunction),
    /// On each float sample of an instant vector; histogram samples are dropped. The metric's name goes.
    Elementwise(ElementwiseKernel),
    /// On each float sample read as seconds since the epoch; without an argument on the time of evaluation.
    Time(fn(f64) -> f64),
    /// By the evaluator itself.
    Special(Special),
}
