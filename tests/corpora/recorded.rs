//! The recorded answers that the project carries: questions of its own generator, answered by Prometheus.
//!
//! `tests/oracle/record.rs` says how they were chosen, and records them again.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

/// Where they are.
pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/questions.jsonl.gz")
}

/// Their rows, as those of the corpora.
pub(crate) fn read() -> String {
    let compressed = std::fs::read(path()).expect("the recorded answers are there");
    let mut text = String::new();
    GzDecoder::new(compressed.as_slice()).read_to_string(&mut text).expect("they are compressed UTF-8 text");
    text
}
