//! A data set as plain values: what the generator makes, the notation writes, a store is filled with and a shrinker cuts.

use super::Choices;
use crate::formats::FormatError;
use crate::formats::load::load_blocks;
use crate::model::histogram::FloatHistogram;
use crate::model::{Labels, is_stale};
use crate::storage::MemoryStore;

/// Series in blocks of one interval each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataSet {
    /// The blocks; no label set stands in two.
    pub blocks: Vec<Block>,
}

/// Series whose samples lie at multiples of one interval, as a `load` command has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The interval in ms.
    pub interval_ms: i64,
    /// The series, each label set once.
    pub series: Vec<SeriesData>,
}

/// One series: an item for each multiple of the block's interval, from 0 on.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesData {
    /// Its labels.
    pub labels: Labels,
    /// Its samples.
    pub items: Vec<Item>,
    /// For each item, where known, its start time relative to its own time, in ms; empty where none is known.
    pub starts: Vec<Option<i64>>,
}

/// What stands at one place of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// No sample.
    Omitted,
    /// A float, which may be the stale marker.
    Float(f64),
    /// A native histogram; its hint is what a writer says, not what a store makes of it.
    Histogram(Box<FloatHistogram>),
}

impl DataSet {
    /// All series.
    pub fn series(&self) -> impl Iterator<Item = &SeriesData> {
        self.blocks.iter().flat_map(|block| &block.series)
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        let present =
            |series: &SeriesData| series.items.iter().filter(|item| **item != Item::Omitted).count();
        self.series().map(present).sum()
    }

    /// The data set with the last digits of its floats changed, each sample's in its own way: answers that are other ones then hang
    /// on those digits.
    #[must_use]
    pub fn nearly(&self) -> Self {
        let mut data = self.clone();
        let mut noise = Choices::from_seed(1);
        let series = data.blocks.iter_mut().flat_map(|block| &mut block.series);
        for item in series.flat_map(|series| &mut series.items) {
            if let Item::Float(value) = item
                && !is_stale(*value)
            {
                *value *= 1.0 + (noise.below(2001) as f64 - 1000.0) * 1e-14;
            }
        }
        data
    }

    /// A store with these samples, by way of the notation: hints of histograms are those that Prometheus' database gives.
    ///
    /// # Errors
    ///
    /// The first fault of the data set, such as a series in two blocks with samples that overlap.
    pub fn to_store(&self) -> Result<MemoryStore, FormatError> {
        let mut store = MemoryStore::new();
        load_blocks("data set", &self.to_load(), &mut store)?;
        Ok(store)
    }
}
