//! Aggregations that choose among samples (`topk`, `bottomk`, `limit_ratio`) or need them all (`quantile`).

use std::hash::Hasher;

use crate::model::{
    Labels,
    sorting::{sort_like_go, zeros_tie},
};

/// A sample in the running for `topk` or `bottomk`: its value and the row it comes from.
pub(crate) type Candidate = (f64, u32);

/// The `k` samples of one group at one step that `topk` (`largest`) or `bottomk` keep, best first.
///
/// Which of equal samples stay depends on the order of a binary heap; this one sifts as Go's
/// `container/heap` does, because Prometheus' answers show it.
#[derive(Debug, Default)]
pub(crate) struct TopHeap {
    heap: Vec<Candidate>,
}

impl TopHeap {
    /// Forgets all samples.
    pub(crate) fn clear(&mut self) {
        self.heap.clear();
    }

    /// Whether `a` leaves before `b`: the worse of the two, NaN the worst.
    fn less(largest: bool, a: f64, b: f64) -> bool {
        if a.is_nan() {
            return true;
        }
        if largest { a < b } else { a > b }
    }

    /// Takes a sample into the running.
    pub(crate) fn offer(&mut self, k: usize, largest: bool, candidate: Candidate) {
        if self.heap.len() < k {
            self.heap.push(candidate);
            // Prometheus pushes a group's first sample into the `topk` heap in either case; with one sample that is the same.
            self.sift_up(largest);
            return;
        }
        let Some(worst) = self.heap.first_mut() else { return };
        let better = if largest { worst.0 < candidate.0 } else { worst.0 > candidate.0 };
        if better || (worst.0.is_nan() && !candidate.0.is_nan()) {
            *worst = candidate;
            self.sift_down(largest);
        }
    }

    fn sift_up(&mut self, largest: bool) {
        let mut child = self.heap.len() - 1;
        while child > 0 {
            let parent = (child - 1) / 2;
            if !Self::less(largest, self.heap[child].0, self.heap[parent].0) {
                break;
            }
            self.heap.swap(parent, child);
            child = parent;
        }
    }

    fn sift_down(&mut self, largest: bool) {
        let mut parent = 0;
        loop {
            let left = 2 * parent + 1;
            if left >= self.heap.len() {
                break;
            }
            let right = left + 1;
            let mut child = left;
            if right < self.heap.len() && Self::less(largest, self.heap[right].0, self.heap[left].0) {
                child = right;
            }
            if !Self::less(largest, self.heap[child].0, self.heap[parent].0) {
                break;
            }
            self.heap.swap(parent, child);
            parent = child;
        }
    }

    /// The samples kept, in the heap's order.
    pub(crate) fn kept(&self) -> &[Candidate] {
        &self.heap
    }

    /// The samples kept, best first, NaN last, and equal ones as Go's sort leaves them.
    pub(crate) fn sorted(&mut self, largest: bool) -> &[Candidate] {
        sort_like_go(&mut self.heap, |a, b| Self::less(largest, b.0, a.0));
        &self.heap
    }
}

/// Puts samples in the order in which Prometheus gives those that `limitk` and `limit_ratio` keep of one group: it holds
/// them in the heap of `topk`, smallest value first, and never sorts them. A histogram's value counts as 0.
pub(crate) fn order_as_kept(kept: &mut Vec<Candidate>) {
    let mut heap = TopHeap::default();
    for candidate in kept.iter() {
        heap.heap.push(*candidate);
        heap.sift_up(true);
    }
    *kept = heap.heap;
}

/// The `q`-quantile of the values, interpolated between neighbours; NaN sorts below every number.
///
/// `q` below 0 gives −Inf, above 1 +Inf, NaN gives NaN, and so do no values. Reorders `values`.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let rank = q * (values.len() - 1) as f64;
    let lower = rank.floor() as usize;
    let weight = rank - rank.floor();
    if zeros_tie(values) {
        sort_like_go(values, |a, b| a.is_nan() || a < b);
        let high = values[(lower + 1).min(values.len() - 1)];
        return if weight == 0.0 { values[lower] } else { values[lower] * (1.0 - weight) + high * weight };
    }
    let order = |a: &f64, b: &f64| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b));
    let (_, low, above) = values.select_nth_unstable_by(lower, order);
    let low = *low;
    if weight == 0.0 {
        return low;
    }
    let high = above.iter().copied().min_by(|a, b| order(a, b)).unwrap_or(low);
    low * (1.0 - weight) + high * weight
}

/// Where `limit_ratio` places a label set in 0…1: Prometheus' hash of the labels over the largest hash.
///
/// The hash is xxHash64 of each name and value behind its length, as Prometheus' default build lays labels out.
pub(crate) fn ratio_offset(labels: &Labels) -> f64 {
    let mut layout = Vec::new();
    let mut push = |text: &str| {
        let length = text.len();
        if length < 255 {
            layout.push(length as u8);
        } else {
            layout.extend_from_slice(&[255, length as u8, (length >> 8) as u8, (length >> 16) as u8]);
        }
        layout.extend_from_slice(text.as_bytes());
    };
    for (name, value) in labels.iter() {
        push(name);
        push(value);
    }
    let mut hasher = twox_hash::XxHash64::with_seed(0);
    hasher.write(&layout);
    hasher.finish() as f64 / u64::MAX as f64
}

/// Whether `limit_ratio(ratio, …)` keeps a label set at this offset; `ratio` is in −1…1.
pub(crate) fn ratio_keeps(ratio: f64, offset: f64) -> bool {
    (ratio >= 0.0 && offset < ratio) || (ratio < 0.0 && offset >= 1.0 + ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(0.5, &mut [1.0, 4.0, 2.0, 3.0]), 2.5);
        assert_eq!(quantile(1.0, &mut [1.0, 4.0, 2.0]), 4.0);
        assert_eq!(quantile(-0.1, &mut [1.0]), f64::NEG_INFINITY);
        assert!(quantile(0.0, &mut [1.0, f64::NAN]).is_nan());
    }

    #[test]
    fn the_heap_keeps_the_best_and_numbers_before_nan() {
        let mut heap = TopHeap::default();
        for (row, value) in [f64::NAN, 3.0, 9.0, 1.0, 7.0].into_iter().enumerate() {
            heap.offer(3, true, (value, row as u32));
        }
        assert_eq!(heap.sorted(true), [(9.0, 2), (7.0, 4), (3.0, 1)]);
    }
}
