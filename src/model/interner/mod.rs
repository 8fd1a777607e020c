//! Label sets kept once each, under dense numbers.

use rustc_hash::FxHashMap;

use super::Labels;

/// Gives equal label sets one number and one memory. Numbers count up from 0, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct LabelInterner {
    numbers: FxHashMap<Labels, u32>,
    sets: Vec<Labels>,
}

impl LabelInterner {
    /// The number of a label set, new or known; `None` once there are 2³² of them.
    pub fn intern(&mut self, labels: &Labels) -> Option<u32> {
        if let Some(number) = self.numbers.get(labels) {
            return Some(*number);
        }
        let number = u32::try_from(self.sets.len()).ok()?;
        self.numbers.insert(labels.clone(), number);
        self.sets.push(labels.clone());
        Some(number)
    }

    /// The number of a known label set.
    pub fn number(&self, labels: &Labels) -> Option<u32> {
        self.numbers.get(labels).copied()
    }

    /// The label set of a number; cloning it shares.
    pub fn get(&self, number: u32) -> Option<&Labels> {
        self.sets.get(number as usize)
    }

    /// All label sets, by number.
    pub fn as_slice(&self) -> &[Labels] {
        &self.sets
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_get_one_number() {
        let mut interner = LabelInterner::default();
        let a = Labels::from_pairs([("a", "1")]);
        let b = Labels::from_pairs([("a", "2")]);
        assert_eq!(interner.intern(&a), Some(0));
        assert_eq!(interner.intern(&b), Some(1));
        assert_eq!(interner.intern(&Labels::from_pairs([("a", "1")])), Some(0));
        assert_eq!(interner.number(&b), Some(1));
        assert_eq!(interner.get(1), Some(&b));
        assert_eq!((interner.len(), interner.get(2)), (2, None));
    }
}
