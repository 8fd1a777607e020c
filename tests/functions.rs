//! The function registry as its readers see it: a golden list of the vocabulary, and entries that are complete.

use std::fmt::Write as _;

use promql_engine::functions::{lookup, signatures};

#[test]
fn vocabulary_is_the_golden_list() {
    let mut listed = String::new();
    for signature in signatures() {
        let arguments: Vec<&str> = signature.argument_types.iter().map(|t| t.name()).collect();
        let experimental = if signature.experimental { " experimental" } else { "" };
        writeln!(
            listed,
            "{}({}) {} -> {}{experimental}",
            signature.name,
            arguments.join(", "),
            signature.variadic,
            signature.return_type
        )
        .unwrap();
    }
    let golden = include_str!("functions/signatures.txt");
    for (ours, wanted) in listed.lines().zip(golden.lines()) {
        assert_eq!(ours, wanted);
    }
    assert_eq!(listed.lines().count(), golden.lines().count());
}

#[test]
fn every_entry_is_found_and_explained() {
    for signature in signatures() {
        let function = lookup(signature.name).expect("a signature comes from an entry");
        assert_eq!(function.signature, *signature);
        assert!(function.summary.ends_with('.'), "{}: {}", signature.name, function.summary);
        assert!(function.example.query.contains(signature.name), "{}", signature.name);
        assert!(!function.example.answer.is_empty(), "{}", signature.name);
    }
    assert!(lookup("holt_winters").is_none());
}
