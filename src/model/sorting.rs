//! The order in which Go's sort leaves what its comparison does not tell apart.
//!
//! Prometheus sorts by comparisons that know no order for all pairs: 0 and −0 are equal and yet differ, and natural order has no
//! place for a missing label. What comes out then hangs on the method, which is Go's: a quicksort that looks for patterns
//! (Peters, “Pattern-defeating Quicksort”, 2021), an insertion sort for few items, a heap sort where pivots are bad. Any
//! comparison may drive it; it always ends.

/// What a choice of pivots has found on the way.
#[derive(PartialEq, Eq)]
enum Seen {
    Rising,
    Falling,
    Neither,
}

/// Up to this many items are sorted by insertion.
const FEW: usize = 12;
/// From this many items on, nine of them are looked at for a pivot, and items out of place are shifted.
const MANY: usize = 50;

/// Sorts as Go's `slices.SortFunc` and `sort.Sort` do.
pub(crate) fn sort_like_go<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let bad_pivots = (usize::BITS - items.len().leading_zeros()) as usize;
    let end = items.len();
    Sort { items, less }.quick(0, end, bad_pivots);
}

/// Whether values hold both 0 and −0, whose order is left to the sort.
pub(crate) fn zeros_tie(values: &[f64]) -> bool {
    let is_minus_zero = |value: &f64| value.to_bits() == 1 << 63;
    values.iter().any(is_minus_zero) && values.iter().any(|value| value.to_bits() == 0)
}

struct Sort<'a, T, F> {
    items: &'a mut [T],
    less: F,
}

impl<T, F: Fn(&T, &T) -> bool> Sort<'_, T, F> {
    fn less(&self, a: usize, b: usize) -> bool {
        (self.less)(&self.items[a], &self.items[b])
    }

    /// Lets an item sink towards `from` as long as it is less than the one before it.
    fn insert(&mut self, mut at: usize, from: usize) {
        while at > from && self.less(at, at - 1) {
            self.items.swap(at, at - 1);
            at -= 1;
        }
    }

    fn quick(&mut self, mut from: usize, mut end: usize, mut bad_pivots: usize) {
        let (mut balanced, mut in_parts) = (true, true);
        loop {
            let length = end - from;
            if length <= FEW {
                for at in from + 1..end {
                    self.insert(at, from);
                }
                return;
            }
            if bad_pivots == 0 {
                return self.heap(from, end);
            }
            if !balanced {
                self.break_patterns(from, end);
                bad_pivots -= 1;
            }
            let (mut pivot, mut seen) = self.pivot(from, end);
            if seen == Seen::Falling {
                self.items[from..end].reverse();
                pivot = (end - 1) - (pivot - from);
                seen = Seen::Rising;
            }
            if balanced && in_parts && seen == Seen::Rising && self.nearly_sorted(from, end) {
                return;
            }
            if from > 0 && !self.less(from - 1, pivot) {
                from = self.part_equal(from, end, pivot);
                continue;
            }
            let middle;
            (middle, in_parts) = self.part(from, end, pivot);
            let (left, right) = (middle - from, end - middle);
            balanced = left.min(right) >= length / 8;
            if left < right {
                self.quick(from, middle, bad_pivots);
                from = middle + 1;
            } else {
                self.quick(middle + 1, end, bad_pivots);
                end = middle;
            }
        }
    }

    /// Lesser items to the left of the pivot; where it ends up, and whether nothing had to move.
    fn part(&mut self, from: usize, end: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(from, pivot);
        // Items from `low` to before `high` are not looked at yet.
        let (mut low, mut high) = (from + 1, end);
        let mut moved = false;
        loop {
            while low < high && self.less(low, from) {
                low += 1;
            }
            while low < high && !self.less(high - 1, from) {
                high -= 1;
            }
            if low >= high {
                self.items.swap(high - 1, from);
                return (high - 1, !moved);
            }
            self.items.swap(low, high - 1);
            (low, high, moved) = (low + 1, high - 1, true);
        }
    }

    /// Items equal to the pivot to the left, greater ones to the right; where those begin.
    fn part_equal(&mut self, from: usize, end: usize, pivot: usize) -> usize {
        self.items.swap(from, pivot);
        let (mut low, mut high) = (from + 1, end);
        loop {
            while low < high && !self.less(from, low) {
                low += 1;
            }
            while low < high && self.less(from, high - 1) {
                high -= 1;
            }
            if low >= high {
                return low;
            }
            self.items.swap(low, high - 1);
            (low, high) = (low + 1, high - 1);
        }
    }

    /// Puts a few items into place; whether all are then.
    fn nearly_sorted(&mut self, from: usize, end: usize) -> bool {
        let mut at = from + 1;
        for _ in 0..5 {
            while at < end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == end {
                return true;
            }
            if end - from < MANY {
                return false;
            }
            self.items.swap(at, at - 1);
            if at - from >= 2 {
                self.insert(at - 1, 0);
            }
            let mut later = at + 1;
            while end - at >= 2 && later < end && self.less(later, later - 1) {
                self.items.swap(later, later - 1);
                later += 1;
            }
        }
        false
    }

    /// Moves three items in the middle to places that look random and are the same each time.
    fn break_patterns(&mut self, from: usize, end: usize) {
        let length = end - from;
        let mut random = length as u64;
        let mask = (1_u64 << (u64::BITS - (length as u64).leading_zeros())) - 1;
        let middle = from + length / 4 * 2;
        for at in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let other = (random & mask) as usize;
            self.items.swap(at, from + if other >= length { other - length } else { other });
        }
    }

    fn pivot(&self, from: usize, end: usize) -> (usize, Seen) {
        let quarter = (end - from) / 4;
        let mut swaps = 0;
        let mut places = [from + quarter, from + 2 * quarter, from + 3 * quarter];
        if end - from >= MANY {
            places = places.map(|at| self.median([at - 1, at, at + 1], &mut swaps));
        }
        let pivot = self.median(places, &mut swaps);
        match swaps {
            0 => (pivot, Seen::Rising),
            12 => (pivot, Seen::Falling),
            _ => (pivot, Seen::Neither),
        }
    }

    fn median(&self, [mut a, mut b, mut c]: [usize; 3], swaps: &mut usize) -> usize {
        let mut order = |a: &mut usize, b: &mut usize| {
            if self.less(*b, *a) {
                std::mem::swap(a, b);
                *swaps += 1;
            }
        };
        order(&mut a, &mut b);
        order(&mut b, &mut c);
        order(&mut a, &mut b);
        b
    }

    fn heap(&mut self, from: usize, end: usize) {
        let count = end - from;
        for root in (0..=(count - 1) / 2).rev() {
            self.sink(from, root, count);
        }
        for last in (0..count).rev() {
            self.items.swap(from, from + last);
            self.sink(from, 0, last);
        }
    }

    fn sink(&mut self, from: usize, mut root: usize, count: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= count {
                return;
            }
            if child + 1 < count && self.less(from + child, from + child + 1) {
                child += 1;
            }
            if !self.less(from + root, from + child) {
                return;
            }
            self.items.swap(from + root, from + child);
            root = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn numbers(count: usize, of: u64) -> Vec<u64> {
        let mut state = count as u64 + 1;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % of
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn sorts_at_any_length() {
        for count in 0..300 {
            for of in [2, 7, 1_000_000] {
                for shape in 0..4 {
                    let mut items = numbers(count, of);
                    match shape {
                        1 => items.sort_unstable(),
                        2 => items.sort_unstable_by(|a, b| b.cmp(a)),
                        3 => items.iter_mut().enumerate().for_each(|(at, item)| *item = at as u64 % 16),
                        _ => {}
                    }
                    let mut sorted = items.clone();
                    sorted.sort_unstable();
                    sort_like_go(&mut items, |a, b| a < b);
                    assert_eq!(items, sorted, "{count} of {of}, {shape}");
                }
            }
        }
    }

    #[test]
    fn any_comparison_ends() {
        for count in 0..200 {
            let mut items = numbers(count, 50);
            sort_like_go(&mut items, |a, b| (a * 7 + b * 3) % 5 < 2);
            sort_like_go(&mut items, |_, _| true);
            assert_eq!(items.len(), count);
        }
    }

    /// What Go makes of numbers with their places, sorted by the numbers and then by a comparison that is no order.
    #[test]
    fn leaves_equal_items_as_go_does() {
        for (count, by_number, by_nothing) in [
            (5, 65_740_u64, 65_740_u64),
            (12, 76_322_813_395_815_779, 76_322_814_938_093_949),
            (13, 1_004_081_512_759_370_619, 8_130_976_523_064_980_189),
            (30, 3_934_252_323_964_914_812, 6_394_530_837_954_035_496),
            (49, 16_989_580_640_943_351_955, 13_943_750_249_984_043_856),
            (50, 14_528_352_846_818_251_004, 6_500_200_589_659_230_005),
            (77, 13_643_945_377_236_851_404, 6_260_237_109_757_571_849),
            (130, 2_852_013_811_929_036_914, 8_883_607_044_852_411_842),
            (700, 8_834_732_452_952_078_471, 9_257_879_244_696_709_957),
        ] {
            let mut items: Vec<(u64, u64)> = numbers(count, 5).into_iter().zip(0..).collect();
            let digest = |items: &[(u64, u64)]| {
                items.iter().zip(1..).fold(0_u64, |sum, ((_, place), at)| {
                    sum.wrapping_mul(31).wrapping_add(place.wrapping_mul(at))
                })
            };
            sort_like_go(&mut items, |a, b| a.0 < b.0);
            assert_eq!(digest(&items), by_number, "{count}");
            sort_like_go(&mut items, |(_, a), (_, b)| a != b && (a * 7 + b * 3) % 5 < 2);
            assert_eq!(digest(&items), by_nothing, "{count}");
        }
    }
}
