//! The body that reads `load` scripts.

use crate::formats::load::{LoadBlock, load_blocks, parse_blocks};
use crate::storage::MemoryStore;

/// The reader of `load` blocks: samples in order of time or an error in the file; a store takes what it reads, or says why not.
pub fn load(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().count();
    let blocks = match parse_blocks("fuzz", &text) {
        Ok(blocks) => blocks,
        Err(error) => {
            assert!((1..=lines.max(1)).contains(&error.line), "{error}: {lines} lines");
            assert!(error.column >= 1 && !error.to_string().is_empty());
            return;
        }
    };
    let mut samples = 0;
    for LoadBlock { step_ms, series, .. } in &blocks {
        for one in series {
            samples += one.samples.len() as u64;
            let in_order = one.samples.windows(2).all(|pair| pair[0].timestamp_ms < pair[1].timestamp_ms);
            assert!(
                in_order || *step_ms == 0 || one.samples.last().is_some_and(|s| s.timestamp_ms == i64::MAX)
            );
        }
    }
    let mut store = MemoryStore::new();
    if let Ok(loaded) = load_blocks("fuzz", &text, &mut store) {
        assert_eq!(loaded, samples);
    }
}
