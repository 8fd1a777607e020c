//! The bodies of the fuzz targets on their seeds, and on the inputs that once broke a rule.
//!
//! `fuzz/seeds/` holds the seeds: `query` for all targets that read queries as text, else a folder a target. What a fuzzer
//! finds goes to `tests/regressions/`, under the same names.

use std::path::Path;

use promql_engine::testing::fuzz::TARGETS;

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn every_seed_keeps_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in TARGETS {
        let folders = [root.join("fuzz/seeds"), root.join("tests/regressions")];
        let files: Vec<_> = folders.iter().flat_map(|folder| files(&folder.join(target.seeds))).collect();
        assert!(files.len() > 5, "{}: {} seeds", target.name, files.len());
        for file in files {
            // The name of what fails is the last one printed.
            println!("{}: {}", target.name, file.display());
            (target.run)(&std::fs::read(&file).expect("a seed"));
        }
    }
}
