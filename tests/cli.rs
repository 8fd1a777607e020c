//! The command line and the session, case by case: every file of `tests/cli/` is a page of commands and what they print.
//!
//! A new case is a new ```console block; see `tests/console/mod.rs` for the rules.

#![cfg(all(unix, feature = "cli"))]

mod console;

use std::path::Path;

#[test]
fn every_page_of_commands_prints_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut pages: Vec<_> = std::fs::read_dir(&folder)
        .expect("tests/cli is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 5, "pages went missing: {pages:?}");
    let mut failed = Vec::new();
    for page in &pages {
        let run = std::panic::catch_unwind(|| console::check(page, &folder.join("data")));
        match run {
            Ok(commands) => println!("{}: {commands} commands", page.display()),
            Err(_) => failed.push(page.display().to_string()),
        }
    }
    assert!(failed.is_empty(), "pages that print something else: {failed:?}");
}
