//! What README and the documentation show is what the program prints: every ```console block of them runs.

#![cfg(all(unix, feature = "cli"))]

mod console;

// What the benchmarks measured, as their program reads and shows it.
#[allow(dead_code, unused_imports)]
#[path = "../benches/peers/rust/src/record/mod.rs"]
mod record;

use std::path::Path;

#[test]
fn the_readme_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(console::check(&root.join("README.md"), root) > 0);
}

#[test]
fn the_tour_of_the_shell_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(console::check(&root.join("docs/shell.md"), root) > 0);
}

#[test]
fn the_page_of_the_lints_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(console::check(&root.join("docs/lint.md"), root) > 0);
}

#[test]
fn the_page_of_the_rules_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(console::check(&root.join("docs/rules.md"), &root.join("tests/cli/data")) > 0);
}

#[test]
fn the_page_of_the_optimiser_has_every_pass_and_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/optimiser.md")).expect("docs/optimiser.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let passes: Vec<&str> = rows.filter(|name| *name != "pass").collect();
    let names: Vec<&str> = promql_engine::engine::Pass::ALL.iter().map(|pass| pass.name()).collect();
    assert_eq!(passes, names, "in the order in which they run");
    assert!(console::check(&root.join("docs/optimiser.md"), root) > 0);
}

#[test]
fn the_page_of_the_lints_has_a_section_for_each() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/lint.md")).expect("docs/lint.md");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_promql")).args(["lint", "--rules"]).output();
    let rules = String::from_utf8(run.expect("the program runs").stdout).expect("text");
    let codes: Vec<&str> = rules.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(sections, codes);
    for code in codes {
        assert!(page.contains(&format!("[{code}]")), "{code} is not shown");
    }
}

#[test]
fn the_page_of_the_functions_is_what_the_registries_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/functions.md")).expect("docs/functions.md");
    let command = "promql functions --markdown";
    assert!(page.contains("`cargo run -- functions --markdown > docs/functions.md`"));
    let run =
        std::process::Command::new(env!("CARGO_BIN_EXE_promql")).args(["functions", "--markdown"]).output();
    let written = String::from_utf8(run.expect("the program runs").stdout).expect("text");
    let differ = page.lines().zip(written.lines()).find(|(page, written)| page != written);
    assert!(page == written, "docs/functions.md is stale, write it anew by `{command}`; first: {differ:?}");
}

#[test]
fn the_page_of_the_recording_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(console::check(&root.join("examples/python_app/README.md"), root) > 0);
}

#[test]
fn the_commands_that_check_are_those_that_ci_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(root.join(".ci/run")).expect(".ci/run");
    for (page, command) in [
        ("README.md", "cargo test"),
        (
            "docs/conformance.md",
            "PROMQL_SCRIPTS=fetch cargo test --test corpora --test scripts -- --nocapture",
        ),
    ] {
        let text = std::fs::read_to_string(root.join(page)).expect("the page is there");
        let own_line = |text: &str| text.lines().any(|line| line.trim() == command);
        assert!(own_line(&text), "{page} names `{command}`");
        assert!(own_line(&script), ".ci/run runs `{command}`");
    }
}

#[test]
fn the_tables_of_the_benchmarks_are_what_their_figures_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/performance.md")).expect("docs/performance.md");
    let figures = std::fs::read_to_string(root.join("docs/performance.json")).expect("docs/performance.json");
    let made =
        record::page::with_tables(&page, &record::Record::read(&figures)).expect("all tables have marks");
    let differ = page.lines().zip(made.lines()).find(|(page, made)| page != made);
    assert!(page == made, "docs/performance.md is stale, write it anew by `--tables`; first: {differ:?}");

    // What people wrote of a goal that is missed stays.
    let explained = page.replacen("| no |  |", "| no | a reason \\| two |", 1);
    let made = record::page::with_tables(&explained, &record::Record::read(&figures));
    assert_eq!(made.expect("all tables have marks"), explained);
}

#[test]
fn the_commands_of_the_benchmarks_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect(path);
    let page = read("docs/performance.md");
    let manifest = read("Cargo.toml");
    let mut commands = 0;
    for line in page.lines().filter(|line| line.starts_with("cargo ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let behind = |flag: &str| words.iter().position(|word| *word == flag).map(|place| words[place + 1]);
        if let Some(path) = behind("--manifest-path") {
            assert!(root.join(path).exists(), "{line}");
        } else {
            let bench = behind("--bench").expect("a bench or a manifest");
            assert!(manifest.contains(&format!("[[bench]]\nname = \"{bench}\"")), "{line}");
        }
        commands += 1;
    }
    assert!(commands >= 3);
    let part = |line: &str| {
        let (name, rest) = line.trim().strip_prefix("(\"")?.split_once('"')?;
        rest.starts_with(", |settings|").then(|| name.to_owned())
    };
    let known: Vec<String> = read("benches/peers/rust/src/main.rs").lines().filter_map(part).collect();
    let (_, table) = page.split_once("| part | what |\n|---|---|\n").expect("a table of parts");
    let row = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    let told: Vec<String> = table.lines().map_while(row).collect();
    assert_eq!(told, known);
}
