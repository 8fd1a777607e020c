//! The bytes that tables hold: taken before a table is made, given back when it goes, whichever way a query ends.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::error::{Error, ErrorKind};

/// Bytes held by all running queries of an engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct EngineMemory(Arc<AtomicU64>);

impl EngineMemory {
    /// How many.
    pub(crate) fn held(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Bytes held by one query.
#[derive(Debug)]
pub(crate) struct Memory(Arc<QueryMemory>);

#[derive(Debug)]
struct QueryMemory {
    limit: u64,
    held: AtomicU64,
    peak: AtomicU64,
    engine: EngineMemory,
}

/// Bytes of one table; they are given back when this is dropped. A copy of a table starts without.
#[derive(Debug, Default)]
pub(crate) struct Charge {
    bytes: u64,
    memory: Option<Arc<QueryMemory>>,
}

impl Memory {
    /// A query of an engine that may hold so many bytes at one time.
    pub(crate) fn new(engine: EngineMemory, limit: u64) -> Self {
        Self(Arc::new(QueryMemory { limit, held: AtomicU64::new(0), peak: AtomicU64::new(0), engine }))
    }

    /// The most bytes held at one time.
    pub(crate) fn peak(&self) -> u64 {
        self.0.peak.load(Ordering::Relaxed)
    }

    /// Fails where so many bytes more would be too many.
    pub(crate) fn check(&self, bytes: u64) -> Result<(), Error> {
        let memory = &self.0;
        if memory.held.load(Ordering::Relaxed).saturating_add(bytes) > memory.limit {
            let limit = ErrorKind::LimitExceeded { limit: "max_bytes", value: memory.limit };
            return Err(Error::new(limit, None));
        }
        Ok(())
    }

    /// Takes so many bytes; fails where that is too many.
    pub(crate) fn take(&self, bytes: u64) -> Result<Charge, Error> {
        self.check(bytes)?;
        let memory = &self.0;
        let held = memory.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        memory.peak.fetch_max(held, Ordering::Relaxed);
        memory.engine.0.fetch_add(bytes, Ordering::Relaxed);
        Ok(Charge { bytes, memory: Some(Arc::clone(memory)) })
    }
}

impl Clone for Charge {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if let Some(memory) = &self.memory {
            memory.held.fetch_sub(self.bytes, Ordering::Relaxed);
            memory.engine.0.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        let engine = EngineMemory::default();
        let memory = Memory::new(engine.clone(), 100);
        let first = memory.take(60).unwrap();
        let copy = first.clone();
        assert_eq!(memory.check(40), Ok(()));
        let limit = ErrorKind::LimitExceeded { limit: "max_bytes", value: 100 };
        assert_eq!(memory.take(41).unwrap_err().kind, limit);
        assert_eq!((engine.held(), memory.peak()), (60, 60));
        drop((first, copy));
        let second = memory.take(30).unwrap();
        assert_eq!((engine.held(), memory.peak()), (30, 60));
        drop((second, memory));
        assert_eq!(engine.held(), 0);
    }
}
