//! Random data sets and queries, of one list of choices: shorter lists and smaller choices make simpler cases.
//!
//! A generator asks [`Choices`] for each decision. Choices come from a seed, or are given as numbers, which is how a
//! property test shrinks: an exhausted list answers 0 to everything, and 0 is always the simplest way on.
//!
//! `data` and `histograms` make a [`DataSet`]; `notation` writes it as `load` commands; `query` makes queries,
//! `times` the times and settings they are asked with; `crossing` makes new queries of given ones.

mod crossing;
mod data;
mod data_set;
mod histograms;
mod notation;
mod query;
mod times;

pub use crossing::Parts;
pub use data::{DataOptions, data_set};
pub use data_set::{Block, DataSet, Item, SeriesData};
pub use notation::histogram_text;
pub use query::{QueryOptions, query, repeating_query};
pub use times::{case_settings, case_times};

/// A source of decisions.
#[derive(Debug, Clone)]
pub struct Choices {
    given: Vec<u32>,
    at: usize,
    /// The state of the pseudo-random sequence that follows the given choices, if one does.
    seed: Option<u64>,
}

impl Choices {
    /// Endless choices of a seed.
    pub fn from_seed(seed: u64) -> Self {
        Self { given: Vec::new(), at: 0, seed: Some(seed) }
    }

    /// These choices, then zeros.
    pub fn from_numbers(given: Vec<u32>) -> Self {
        Self { given, at: 0, seed: None }
    }

    fn next(&mut self) -> u32 {
        if let Some(choice) = self.given.get(self.at) {
            self.at += 1;
            return *choice;
        }
        let Some(seed) = &mut self.seed else { return 0 };
        // SplitMix64.
        *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 32) as u32
    }

    /// A number below `bound`, which is at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() as usize) % bound.max(1)
    }

    /// One of these; the first is the simplest.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.below(items.len());
        &items[index]
    }

    /// True once in `n` times, false for the simplest choice.
    pub fn rarely(&mut self, n: usize) -> bool {
        let n = n.max(1);
        self.below(n) == n - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_case_and_no_choices_the_simplest() {
        let case = |mut choices: Choices| {
            // As text, in which NaN is equal to NaN.
            let data = format!("{:?}", data_set(&mut choices, DataOptions::default()));
            (data, query(&mut choices, QueryOptions::default()))
        };
        assert!(case(Choices::from_seed(7)) == case(Choices::from_seed(7)));
        assert!(case(Choices::from_seed(7)) != case(Choices::from_seed(8)));
        let (_, simplest) = case(Choices::from_numbers(Vec::new()));
        assert_eq!(simplest, "events_total");
    }
}
