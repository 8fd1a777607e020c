//! What depends on the times of a column alone, computed once for each distinct column of a series set.
//!
//! Series that were scraped together share their times: a store says so, or that times are regular. As a rule all series of a
//! set have one column, which is found without a lock.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rustc_hash::FxHashMap;

use crate::model::Timestamps;

/// Distinct columns for which something is kept at most.
const KEPT_COLUMNS: usize = 256;

/// Identifies a column for which something is worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ColumnKey {
    Regular { start_ms: i64, interval_ms: i64, count: usize },
    Shared(u64, usize),
}

/// What was computed for some columns.
#[derive(Debug)]
pub(crate) struct ByColumn<T> {
    first: OnceLock<(ColumnKey, T)>,
    others: Mutex<FxHashMap<ColumnKey, Arc<T>>>,
}

/// What was computed for one column.
pub(crate) enum OfColumn<'a, T> {
    /// For the first column.
    First(&'a T),
    /// For another one.
    Other(Arc<T>),
    /// For one that does not say what it is.
    Own(T),
}

impl<T> Default for ByColumn<T> {
    fn default() -> Self {
        Self { first: OnceLock::new(), others: Mutex::default() }
    }
}

impl<T> ByColumn<T> {
    /// What `compute` gives for a column, which says the same each time.
    #[inline]
    pub(crate) fn get(&self, timestamps: &Timestamps<'_>, compute: impl Fn() -> T) -> OfColumn<'_, T> {
        let key = match *timestamps {
            Timestamps::Regular { start_ms, interval_ms, count } => {
                ColumnKey::Regular { start_ms, interval_ms, count }
            }
            Timestamps::Explicit { times_ms, shared: Some(identity) } => {
                ColumnKey::Shared(identity, times_ms.len())
            }
            Timestamps::Explicit { .. } => return OfColumn::Own(compute()),
        };
        let (first, kept) = self.first.get_or_init(|| (key, compute()));
        if *first == key { OfColumn::First(kept) } else { self.other(key, compute) }
    }

    fn other(&self, key: ColumnKey, compute: impl Fn() -> T) -> OfColumn<'_, T> {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = others.get(&key) {
            return OfColumn::Other(Arc::clone(kept));
        }
        let computed = Arc::new(compute());
        if others.len() < KEPT_COLUMNS {
            others.insert(key, Arc::clone(&computed));
        }
        OfColumn::Other(computed)
    }
}

impl<T> Deref for OfColumn<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match self {
            Self::First(kept) => kept,
            Self::Other(kept) => kept,
            Self::Own(own) => own,
        }
    }
}
