//! Reading what `go test -bench` prints.

use std::collections::BTreeMap;

/// Nanoseconds a case, by [`key`].
pub(crate) fn read(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("Benchmark")) {
        let Some((before, _)) = line.split_once(" ns/op") else { continue };
        let mut words = before.split_whitespace();
        let (Some(name), Some(ns)) = (words.next(), words.next_back()) else { continue };
        // The name ends in the number of threads: `…steps=1000-2`.
        let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
        if let Ok(ns) = ns.parse() {
            found.insert(key(name), ns);
        }
    }
    found
}

/// A case's name as both sides can write it: Go puts `_` for a space.
pub(crate) fn key(name: &str) -> String {
    name.replace(' ', "_")
}
