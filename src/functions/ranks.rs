//! A window that slides over a column and knows its values in order.
//!
//! The column is sorted once. The window is a set of ranks, a bit each; a cursor stays near the rank asked for last and is moved by
//! whole words, whose numbers of bits are kept. A step costs the samples that come and go, and how far the rank asked for moves.

use super::order::order_key;

/// Memory of a [`RankedWindow`], reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Ranks {
    /// Keys and indices while sorting; then the values' indices by rank.
    sorted: Vec<(u64, u32)>,
    /// The rank of each sample.
    ranks: Vec<u32>,
    bits: Vec<u64>,
    /// Number of bits of each word.
    counts: Vec<u8>,
}

/// The values of a sliding run of samples, in order.
pub(super) struct RankedWindow<'a> {
    values: &'a [f64],
    memory: &'a mut Ranks,
    first: usize,
    end: usize,
    /// The cursor's word, and how many bits are set before it.
    word: usize,
    before: usize,
}

impl<'a> RankedWindow<'a> {
    /// An empty window at the start of `values`, which are fewer than 2³².
    pub(super) fn new(values: &'a [f64], memory: &'a mut Ranks) -> Self {
        let Ranks { sorted, ranks, bits, counts } = memory;
        sorted.clear();
        sorted.extend(values.iter().enumerate().map(|(index, value)| (order_key(*value), index as u32)));
        sorted.sort_unstable();
        ranks.clear();
        ranks.resize(values.len(), 0);
        for (rank, (_, index)) in sorted.iter().enumerate() {
            ranks[*index as usize] = rank as u32;
        }
        let words = values.len().div_ceil(64);
        bits.clear();
        bits.resize(words, 0);
        counts.clear();
        counts.resize(words, 0);
        Self { values, memory, first: 0, end: 0, word: 0, before: 0 }
    }

    /// Slides on to the samples `first..end`; neither may go back.
    pub(super) fn move_to(&mut self, first: usize, end: usize) {
        // A window past all that is in the set starts anew from its own first sample.
        while self.first < first.min(self.end) {
            self.toggle(self.first, false);
            self.first += 1;
        }
        self.first = self.first.max(first);
        self.end = self.end.max(first);
        while self.end < end {
            self.toggle(self.end, true);
            self.end += 1;
        }
    }

    #[inline]
    fn toggle(&mut self, index: usize, add: bool) {
        let rank = self.memory.ranks[index] as usize;
        let word = rank / 64;
        self.memory.bits[word] ^= 1 << (rank % 64);
        let count = &mut self.memory.counts[word];
        if add {
            *count += 1;
            self.before += usize::from(word < self.word);
        } else {
            *count -= 1;
            self.before -= usize::from(word < self.word);
        }
    }

    /// The value at `index` in order; `index` is below the number of samples in the window.
    #[inline]
    pub(super) fn select(&mut self, index: usize) -> f64 {
        let counts = &self.memory.counts;
        while self.before > index {
            self.word -= 1;
            self.before -= usize::from(counts[self.word]);
        }
        while self.before + usize::from(counts[self.word]) <= index {
            self.before += usize::from(counts[self.word]);
            self.word += 1;
        }
        let mut word = self.memory.bits[self.word];
        for _ in self.before..index {
            word &= word - 1;
        }
        let rank = self.word * 64 + word.trailing_zeros() as usize;
        self.values[self.memory.sorted[rank].1 as usize]
    }
}
