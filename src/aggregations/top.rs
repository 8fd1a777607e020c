//! `topk` and `bottomk` over many steps: which samples of a group stay, found on columns.
//!
//! Over several steps only the choice shows, not its order. Where exactly `k` samples are at least as good as the `k`-th best and none
//! is NaN, the choice is those, whatever the order in which a heap meets them; at all other steps the heap decides.

use super::{fold::for_each_present, select::TopHeap};

/// The largest `k` that is looked for on columns: its cost grows with `k`, that of a heap with its logarithm.
const MOST: usize = 8;

/// A member of the group: its floats at some steps and their presence.
pub(crate) type Member<'a> = (&'a [f64], &'a [u64]);

/// Chooses the best samples at each step, the largest or the smallest, as many as `wanted` says for it, and sets their bits: a run of
/// words a member.
pub(crate) fn choose(members: &[Member<'_>], wanted: &[usize], largest: bool, keep: &mut [u64]) {
    let words = wanted.len().div_ceil(64);
    let Some(first) = wanted.first() else { return };
    let same = wanted.iter().all(|k| k == first);
    if same && *first >= members.len() {
        for ((_, present), keep) in members.iter().zip(keep.chunks_mut(words)) {
            keep.copy_from_slice(present);
        }
        return;
    }
    let settled = if same && (1..=MOST).contains(first) {
        Columns::of(members, wanted.len(), *first, largest).settle(members, keep)
    } else {
        vec![0; words]
    };
    let mut heap = TopHeap::default();
    for (word, settled) in settled.into_iter().enumerate() {
        let open = members.iter().fold(0, |any, (_, present)| any | present[word]) & !settled;
        for_each_present(&[open], |bit| {
            let k = wanted[word * 64 + bit];
            heap.clear();
            for (row, (values, present)) in members.iter().enumerate() {
                keep[row * words + word] &= !(1 << bit);
                if k > 0 && present[word] >> bit & 1 == 1 {
                    heap.offer(k, largest, (values[word * 64 + bit], row as u32));
                }
            }
            for (_, row) in heap.kept() {
                keep[*row as usize * words + word] |= 1 << bit;
            }
        });
    }
}

/// The best samples of each step.
struct Columns {
    k: usize,
    /// Makes the largest the best.
    sign: f64,
    steps: usize,
    /// The best at each step, then the second best, down to the `k`-th; −∞ where there are fewer.
    best: Vec<f64>,
    /// All ones where a sample is NaN.
    nan: Vec<u64>,
}

impl Columns {
    fn of(members: &[Member<'_>], steps: usize, k: usize, largest: bool) -> Self {
        let sign = if largest { 1.0 } else { -1.0 };
        let mut best = vec![f64::NEG_INFINITY; k * steps];
        let mut nan = vec![0; steps];
        let mut row = vec![0.0; steps];
        for (values, present) in members {
            row.iter_mut().zip(*values).for_each(|(own, value)| *own = sign * value);
            for (word, bits) in present.iter().enumerate().filter(|(_, bits)| **bits != u64::MAX) {
                for (bit, own) in row[word * 64..].iter_mut().take(64).enumerate() {
                    if bits >> bit & 1 == 0 {
                        *own = f64::NEG_INFINITY;
                    }
                }
            }
            nan.iter_mut()
                .zip(&row)
                .for_each(|(nan, value)| *nan |= u64::from(value.is_nan()).wrapping_neg());
            for best in best.chunks_exact_mut(steps) {
                for (best, value) in best.iter_mut().zip(&mut row) {
                    // What is not better goes on to the next column, so does what is displaced.
                    let (better, worse) = (
                        if *value > *best { *value } else { *best },
                        if *best < *value { *best } else { *value },
                    );
                    (*best, *value) = (better, worse);
                }
            }
        }
        Self { k, sign, steps, best, nan }
    }

    /// Sets the bits of the samples that are at least as good as the `k`-th best; gives the steps at which those are the choice.
    fn settle(&self, members: &[Member<'_>], keep: &mut [u64]) -> Vec<u64> {
        const PLANES: usize = MOST.ilog2() as usize + 1;
        let words = self.steps.div_ceil(64);
        let worst = &self.best[(self.k - 1) * self.steps..];
        let of_word = |word: usize| {
            let steps = word * 64..self.steps.min(word * 64 + 64);
            let (worst, nan) = (&worst[steps.clone()], &self.nan[steps.clone()]);
            // Counts in bit planes: bit `i` of plane `p` is worth `2^p` at step `i`.
            let (mut planes, mut more) = ([0u64; PLANES], 0u64);
            for (row, (values, present)) in members.iter().enumerate() {
                let at_least = values[steps.clone()].iter().zip(worst).enumerate();
                let good =
                    at_least.map(|(step, (value, worst))| u64::from(self.sign * value >= *worst) << step);
                let good = good.fold(0, |good, bit| good | bit) & present[word];
                keep[row * words + word] = good;
                let mut carry = good;
                for plane in &mut planes {
                    (*plane, carry) = (*plane ^ carry, *plane & carry);
                }
                more |= carry;
            }
            let exact = planes.iter().enumerate().fold(!more, |exact, (place, plane)| {
                exact & if self.k >> place & 1 == 1 { *plane } else { !*plane }
            });
            let doubtful = nan.iter().zip(worst).enumerate();
            let doubtful = doubtful
                .map(|(step, (nan, worst))| (nan & 1 | u64::from(*worst == f64::NEG_INFINITY)) << step);
            exact & !doubtful.fold(0, |all, bit| all | bit)
        };
        (0..words).map(of_word).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chooses_as_a_heap_does(
            rows in prop::collection::vec(prop::collection::vec(0u8..12, 130), 1..14),
            k in 1usize..12, largest in any::<bool>(), spread in any::<bool>(),
        ) {
            let value = |row: usize, step: usize| match rows[row][step] {
                0 => f64::NAN,
                1 => f64::NEG_INFINITY,
                2 => -0.0,
                3 => 0.0,
                other => f64::from(other) + if spread { row as f64 / 32.0 } else { 0.0 },
            };
            let columns: Vec<(Vec<f64>, Vec<u64>)> = (0..rows.len()).map(|row| {
                let mut present = vec![0u64; 3];
                (0..130).filter(|step| rows[row][*step] < 11).for_each(|step| present[step / 64] |= 1 << (step % 64));
                ((0..130).map(|step| value(row, step)).collect(), present)
            }).collect();
            let members: Vec<Member<'_>> = columns.iter().map(|(values, present)| (&**values, &**present)).collect();
            let mut keep = vec![0; rows.len() * 3];
            choose(&members, &[k; 130], largest, &mut keep);
            for step in 0..130 {
                let mut heap = TopHeap::default();
                for row in (0..rows.len()).filter(|row| rows[*row][step] < 11) {
                    heap.offer(k, largest, (value(row, step), row as u32));
                }
                let mut expected: Vec<u32> = heap.kept().iter().map(|(_, row)| *row).collect();
                expected.sort_unstable();
                let kept = |row: &u32| keep[*row as usize * 3 + step / 64] >> (step % 64) & 1 == 1;
                let found: Vec<u32> = (0..rows.len() as u32).filter(kept).collect();
                prop_assert_eq!(found, expected, "step {}", step);
            }
        }
    }
}
