//! Answers of the in-memory store: a list of series, their columns lent in place.

use super::MemoryStore;
use crate::model::{FloatColumn, HistogramColumn, Labels, SeriesColumns};
use crate::storage::{
    ColumnBuffer, Metadata, SelectEstimate, SelectRequest, SeriesSet, Storage, StorageError,
};

struct Selection<'a> {
    store: &'a MemoryStore,
    ids: Vec<u32>,
}

impl Storage for MemoryStore {
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        Ok(Box::new(Selection { store: self, ids: self.select_ids(request) }))
    }

    fn label_names(&self, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let mut names: Vec<&str> = if request.matchers.is_empty() {
            // Most labels are found on some early series; a search goes through all names, not all series.
            let ids = self.select_ids(request);
            if ids.len() == self.series.len() {
                self.index().names().collect()
            } else {
                ids.iter().flat_map(|id| self.labels_of(*id).iter().map(|(name, _)| name)).collect()
            }
        } else {
            let ids = self.select_ids(request);
            ids.iter().flat_map(|id| self.labels_of(*id).iter().map(|(name, _)| name)).collect()
        };
        names.sort_unstable();
        names.dedup();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    fn label_values(&self, name: &str, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let ids = self.select_ids(request);
        if ids.len() == self.series.len() {
            return Ok(self.index().values(name).map(str::to_owned).collect());
        }
        let mut values: Vec<&str> = ids.iter().filter_map(|id| self.labels_of(*id).get(name)).collect();
        values.sort_unstable();
        values.dedup();
        Ok(values.into_iter().map(str::to_owned).collect())
    }

    fn estimate(&self, request: &SelectRequest) -> Result<Option<SelectEstimate>, StorageError> {
        let selection = Selection { store: self, ids: self.select_ids(request) };
        SelectEstimate::of_set(&selection, request).map(Some)
    }

    fn metadata(&self, metric: &str) -> Result<Option<Metadata>, StorageError> {
        Ok(self.metadata.get(metric).cloned())
    }
}

impl MemoryStore {
    fn select_ids(&self, request: &SelectRequest) -> Vec<u32> {
        let mut ids = self.index().select(&self.labels, &request.matchers);
        let (start, end) = (request.start_ms, request.end_ms);
        // Neighbours were mostly scraped together: one answer a shared column.
        let mut last = None;
        ids.retain(|id| {
            let Some(series) = self.series.get(*id as usize) else {
                return false;
            };
            let times = (series.float_times, series.histogram_times());
            match last {
                Some((known, answer)) if known == times => answer,
                _ => {
                    let answer = self.times.meet(times.0, start, end) || self.times.meet(times.1, start, end);
                    last = Some((times, answer));
                    answer
                }
            }
        });
        ids
    }

    fn labels_of(&self, id: u32) -> &Labels {
        // An id comes from this store's own index; the empty set stands in for one that does not.
        static NONE: std::sync::LazyLock<Labels> = std::sync::LazyLock::new(Labels::default);
        self.labels.get(id).unwrap_or(&NONE)
    }
}

impl SeriesSet for Selection<'_> {
    fn len(&self) -> usize {
        self.ids.len()
    }

    fn labels(&self, index: usize) -> &Labels {
        self.store.labels_of(self.ids.get(index).copied().unwrap_or(u32::MAX))
    }

    fn columns<'s>(
        &'s self,
        index: usize,
        _buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        let Some(series) = self.ids.get(index).and_then(|id| self.store.series.get(*id as usize)) else {
            return Ok(SeriesColumns::default());
        };
        Ok(SeriesColumns {
            floats: FloatColumn {
                timestamps: self.store.times.timestamps(series.float_times),
                values: series.values(),
                start_timestamps: series.start_timestamps(),
            },
            histograms: HistogramColumn {
                timestamps: self.store.times.timestamps(series.histogram_times()),
                samples: series.histogram_samples(),
                start_timestamps: series.histogram_start_timestamps(),
            },
        })
    }
}
