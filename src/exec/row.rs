//! A row: the samples of one series at a run of steps, floats and histograms side by side.

use crate::model::histogram::{CounterResetHint, HistogramBuffer, HistogramRef};

/// Marks a step without a histogram.
const NONE: u32 = u32::MAX;

/// Samples of one series at a run of steps. A step has a float, a histogram, or nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// The float at each step; without meaning where `present` has no bit.
    pub(crate) values: Vec<f64>,
    /// Bit `k % 64` of word `k / 64`: there is a float at step `k`.
    pub(crate) present: Vec<u64>,
    /// The histograms.
    pub(crate) histograms: HistogramCells,
}

impl Row {
    /// Empties the row and sets its number of steps. The values are whatever they were.
    pub(crate) fn reset(&mut self, steps: usize) {
        if self.values.len() == steps {
            self.present.fill(0);
        } else {
            self.values.clear();
            self.values.resize(steps, 0.0);
            self.present.clear();
            self.present.resize(steps.div_ceil(64), 0);
        }
        if !self.histograms.is_empty() {
            self.histograms.clear();
        }
    }
}

/// The histograms of a row: which step has which.
#[derive(Debug, Clone, Default)]
pub(crate) struct HistogramCells {
    /// The histogram of each step, or [`NONE`]; empty where the row has no histogram at all.
    index: Vec<u32>,
    /// The histograms.
    pub(crate) samples: HistogramBuffer,
}

impl HistogramCells {
    /// Whether the row has no histogram.
    pub(crate) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// How many steps have a histogram.
    pub(crate) fn len(&self) -> usize {
        self.index.iter().filter(|cell| **cell != NONE).count()
    }

    /// Bytes of places, headers and buckets; shared layouts are not counted.
    pub(crate) fn size(&self) -> usize {
        size_of_val(&*self.index)
            + size_of_val(&*self.samples.headers)
            + size_of_val(&*self.samples.buckets)
            + size_of_val(&*self.samples.timestamps)
    }

    /// Forgets all histograms.
    pub(crate) fn clear(&mut self) {
        self.index.clear();
        self.samples.clear();
    }

    /// Which of the samples stands at a step.
    pub(crate) fn at(&self, step: usize) -> Option<usize> {
        self.index.get(step).copied().filter(|index| *index != NONE).map(|index| index as usize)
    }

    /// Calls `visit` with each step that has a histogram and the histogram's place in `samples`.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(usize, usize)) {
        for (step, cell) in self.index.iter().enumerate() {
            if *cell != NONE {
                visit(step, *cell as usize);
            }
        }
    }

    /// Writes the histograms as a series whose step `k` lies at `start_ms + k * step_ms`.
    ///
    /// Under a range function hints of resets go, as Prometheus has it: samples between the steps may be missing, or seen twice.
    pub(crate) fn write_series(
        &self,
        start_ms: i64,
        step_ms: i64,
        forget_resets: bool,
        out: &mut HistogramBuffer,
    ) {
        out.clear();
        self.for_each(|step, sample| {
            let mut histogram = self.samples.as_samples().at(sample);
            if forget_resets && histogram.counter_reset_hint != CounterResetHint::Gauge {
                histogram.counter_reset_hint = CounterResetHint::Unknown;
            }
            out.push_at(start_ms + step_ms * step as i64, histogram);
        });
    }

    /// Keeps the histograms at the steps whose bits `mask` has.
    pub(crate) fn keep(&mut self, mask: &[u64]) {
        for (step, cell) in self.index.iter_mut().enumerate() {
            if !bit(mask, step) {
                *cell = NONE;
            }
        }
        if self.index.iter().all(|cell| *cell == NONE) {
            self.clear();
        }
    }

    /// The cells of a run of steps.
    pub(crate) fn slice(&self, steps: std::ops::Range<usize>) -> Self {
        let index = self.index.get(steps).unwrap_or_default();
        if index.iter().all(|cell| *cell == NONE) {
            return Self::default();
        }
        Self { index: index.to_vec(), samples: self.samples.clone() }
    }

    /// Puts a histogram at `step` of a row of `steps`.
    pub(crate) fn put(&mut self, step: usize, steps: usize, histogram: HistogramRef<'_>) {
        self.samples.push(histogram);
        self.place_last(step, steps);
    }

    /// The histogram at a step.
    pub(crate) fn get(&self, step: usize) -> Option<HistogramRef<'_>> {
        self.at(step).map(|sample| self.samples.as_samples().at(sample))
    }

    /// Lets the newest sample in `samples` stand at `step` of a row of `steps`.
    pub(crate) fn place_last(&mut self, step: usize, steps: usize) {
        if self.index.is_empty() {
            self.index.resize(steps, NONE);
        }
        if let (Some(cell), Some(last)) =
            (self.index.get_mut(step), self.samples.headers.len().checked_sub(1))
        {
            *cell = last as u32;
        }
    }
}

/// Whether bit `k` is set.
#[inline]
pub(crate) fn bit(words: &[u64], k: usize) -> bool {
    words.get(k / 64).is_some_and(|word| word >> (k % 64) & 1 == 1)
}

/// Sets bit `k`.
#[inline]
pub(crate) fn set_bit(words: &mut [u64], k: usize) {
    words[k / 64] |= 1 << (k % 64);
}

/// Calls `visit` with the index of every set bit, ascending.
#[inline]
pub(crate) fn for_each_bit(words: &[u64], mut visit: impl FnMut(usize)) {
    for (word, bits) in words.iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            visit(word * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

/// Whether the first `count` bits are set.
pub(crate) fn all_bits(words: &[u64], count: usize) -> bool {
    let (full, rest) = (count / 64, count % 64);
    words[..full].iter().all(|word| *word == u64::MAX) && (rest == 0 || words[full] == (1 << rest) - 1)
}

/// Number of set bits.
pub(crate) fn count_bits(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// Sets the first `count` bits.
pub(crate) fn fill_bits(words: &mut [u64], count: usize) {
    for (i, word) in words.iter_mut().enumerate() {
        let rest = count.saturating_sub(i * 64);
        *word = if rest >= 64 { u64::MAX } else { (1 << rest) - 1 };
    }
}
