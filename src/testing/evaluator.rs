//! Whatever answers queries: the engine in some configuration, or the reference.

use crate::storage::Storage;

use super::answer::Outcome;

/// Something that answers queries from a store.
pub trait Evaluator: Sync {
    /// The answer at one time, in ms.
    ///
    /// # Errors
    ///
    /// The query's failure.
    fn instant(&self, store: &dyn Storage, query: &str, time_ms: i64) -> Outcome;

    /// The answer at every step of a range, both ends included, in ms.
    ///
    /// # Errors
    ///
    /// The query's failure.
    fn range(&self, store: &dyn Storage, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Outcome;
}
