//! Dependencies between the library's layers point one way; `docs/architecture.md` says which.

use std::{fs, path::Path};

/// Each layer, and the layers it may use. `model` and `error` may be used by all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("error", &["storage"]),
    ("syntax", &[]),
    ("functions", &[]),
    ("storage", &[]),
    ("aggregations", &[]),
    ("operators", &[]),
    ("plan", &["syntax", "functions", "operators", "aggregations", "storage"]),
    ("exec", &["plan", "functions", "operators", "aggregations", "storage", "syntax"]),
    ("engine", &["exec", "plan", "functions", "syntax", "storage"]),
    ("formats", &["exec", "storage", "syntax", "engine"]),
    ("rules", &["engine", "exec", "storage", "syntax", "formats", "functions"]),
];

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    if folder.is_file() {
        found.push(folder.to_owned());
        return;
    }
    for entry in fs::read_dir(folder).unwrap() {
        sources(&entry.unwrap().path(), found);
    }
}

/// The layers that a file names behind `crate::`, in paths and in grouped imports.
fn used_layers(text: &str) -> Vec<&'static str> {
    let names = ALLOWED.iter().map(|(layer, _)| *layer).chain(["testing"]);
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let grouped: Vec<&str> = code
        .match_indices("use crate::{")
        .map(|(at, _)| code[at..].split_once("};").map_or("", |(group, _)| group))
        .collect();
    names
        .filter(|name| {
            code.contains(&format!("crate::{name}::"))
                || grouped.iter().any(|group| {
                    group.contains(&format!("\n    {name}::")) || group.contains(&format!("{{{name}::"))
                })
        })
        .collect()
}

#[test]
fn arrows_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (layer, allowed) in ALLOWED {
        let mut files = Vec::new();
        let folder = root.join(layer);
        sources(&if folder.exists() { folder } else { root.join(format!("{layer}.rs")) }, &mut files);
        assert!(!files.is_empty(), "no source of {layer}");
        for file in files {
            // A test may use what it likes.
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for used in used_layers(code) {
                let common = used == *layer || used == "model" || used == "error";
                if !common && !allowed.contains(&used) {
                    wrong.push(format!("{} uses {used}", file.strip_prefix(&root).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_sees_both_forms_of_import() {
    assert_eq!(used_layers("use crate::{\n    exec::row::Row,\n};"), ["exec"]);
    assert_eq!(used_layers("let x = crate::plan::build();"), ["plan"]);
    assert!(used_layers("/// crate::plan::build").is_empty());
}
