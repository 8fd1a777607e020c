//! A store that leaves out the labels of which a request says that no one will look at them.

use crate::model::{Labels, METRIC_NAME, SeriesColumns};
use crate::storage::{ColumnBuffer, SelectRequest, SeriesSet, Storage, StorageError};

/// A store that gives another one's series with no label more than [`SelectHints::labels`](crate::storage::SelectHints::labels) wants.
#[derive(Debug)]
pub struct ThriftyStore<S>(pub S);

struct Short<'a> {
    inner: Box<dyn SeriesSet + 'a>,
    labels: Vec<Labels>,
}

impl<S: Storage> Storage for ThriftyStore<S> {
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        let inner = self.0.select(request)?;
        let Some(wanted) = &request.hints.labels else { return Ok(inner) };
        let shortened = |labels: &Labels| {
            let has_metadata = ["__type__", "__unit__"].iter().any(|name| labels.get(name).is_some());
            let is_wanted = |name: &str| {
                has_metadata
                    || name == METRIC_NAME
                    || wanted.binary_search_by(|own| own.as_str().cmp(name)).is_ok()
            };
            Labels::from_pairs(labels.iter().filter(|(name, _)| is_wanted(name)))
        };
        let labels = (0..inner.len()).map(|index| shortened(inner.labels(index))).collect();
        Ok(Box::new(Short { inner, labels }))
    }
}

impl SeriesSet for Short<'_> {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn labels(&self, index: usize) -> &Labels {
        &self.labels[index]
    }

    fn columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        self.inner.columns(index, buffer)
    }
}
