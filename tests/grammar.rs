//! The grammar in `grammar/` against the parser and the registries, both ways.
//!
//! The grammar says what reads well; what Prometheus refuses afterwards, types above all, is not in it. So the parser
//! *reads* a sentence where none of its errors is one of [`is_syntax`]'s; of those that it reads some are also well typed.
//!
//! `UPDATE_GRAMMAR=1 cargo test --test grammar` writes the fuzz dictionary and the table of operators anew.

mod skipped;

#[path = "grammar/ebnf.rs"]
mod ebnf;
#[path = "grammar/generate.rs"]
mod generate;
#[path = "grammar/recognise.rs"]
mod recognise;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ebnf::{Grammar, Node};
use generate::Generator;
use promql_engine::functions::signatures;
use promql_engine::syntax::ops::{Associativity, BINARY_OPERATORS, UNARY_BINDING_POWER};
use promql_engine::syntax::token::{KEYWORDS, TokenKind};
use promql_engine::syntax::{AggregateOp, FunctionSet, Lexer, ParserOptions, SyntaxErrorKind, parse_partial};
use promql_engine::testing::generator::Choices;
use recognise::Recogniser;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar")
}

fn grammar() -> Grammar {
    Grammar::read(include_str!("../grammar/promql.ebnf"))
}

/// Whether an error says that a query does not read well; other errors are those the grammar's header lists.
fn is_syntax(kind: &SyntaxErrorKind) -> bool {
    use SyntaxErrorKind as Kind;
    matches!(
        kind,
        Kind::TooLong
            | Kind::Empty
            | Kind::UnexpectedCharacter { .. }
            | Kind::Unclosed { .. }
            | Kind::NothingToClose { .. }
            | Kind::UnexpectedColon
            | Kind::MatcherOutsideBraces
            | Kind::BadNumber
            | Kind::UnterminatedString
            | Kind::BadEscape
            | Kind::InvalidUtf8
            | Kind::Unexpected { .. }
            | Kind::InvalidNumber
            | Kind::InvalidDuration
            | Kind::UnknownFunction { .. }
            | Kind::TrailingComma
    )
}

/// The errors of a text, or `None` where it nests too deep to be read to its end.
fn errors(text: &str, options: &ParserOptions) -> Option<Vec<SyntaxErrorKind>> {
    let functions: FunctionSet = signatures().iter().copied().collect();
    let partial = parse_partial(text, options, &functions);
    let kinds: Vec<_> = partial.errors.into_iter().map(|error| error.kind).collect();
    let deep = kinds.iter().any(|kind| matches!(kind, SyntaxErrorKind::NestingTooDeep { .. }));
    (!deep).then_some(kinds)
}

/// The tokens of a text without comments; `None` where the lexer refuses it.
fn lex<'t>(text: &'t str, options: &ParserOptions) -> Option<Vec<&'t str>> {
    let tokens: Result<Vec<_>, _> = Lexer::new(text, options.unquoted_utf8_names).collect();
    let kept = tokens.ok()?.into_iter();
    let kept = kept.filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Eof));
    Some(kept.map(|token| &text[token.span.start as usize..token.span.end as usize]).collect())
}

#[test]
fn the_parser_reads_what_the_grammar_says() {
    let grammar = grammar();
    let ascii = ParserOptions { unquoted_utf8_names: false, ..ParserOptions::all() };
    let mut seeds = Vec::new();
    for (name, options, excluded) in
        [("all options", ParserOptions::all(), None), ("ASCII names", ascii, Some("UTF8"))]
    {
        let mut generator = Generator::new(&grammar, 0x5eed, excluded);
        let (mut total, mut typed, mut bytes) = (0, 0, 0);
        while total < 6000 {
            let tokens = generator.sentence("query");
            let text = generator.spell(&tokens);
            let Some(errors) = errors(&text, &options) else { continue };
            let wrong: Vec<_> = errors.iter().filter(|kind| is_syntax(kind)).collect();
            assert!(wrong.is_empty(), "{text:?}\n{wrong:?}");
            if excluded.is_none() {
                seeds.push(text.clone());
            }
            (total, typed, bytes) = (total + 1, typed + usize::from(errors.is_empty()), bytes + text.len());
        }
        println!("{name}: {total} sentences read, {typed} of them well typed; {} bytes each", bytes / total);
    }
    write_seeds(seeds);
}

/// Some of the shorter sentences go to the fuzzers, where that is asked for.
fn write_seeds(mut sentences: Vec<String>) {
    if std::env::var_os("UPDATE_GRAMMAR").is_none() {
        return;
    }
    sentences.retain(|text| (30..200).contains(&text.len()));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/query");
    for (number, text) in sentences.iter().take(48).enumerate() {
        let path = folder.join(format!("grammar_{number:02}.promql"));
        std::fs::write(path, text).expect("the file can be written");
    }
}

/// Whether the grammar and the parser agree on a text; `None` where neither has a word.
fn agree(recogniser: &Recogniser<'_>, text: &str, options: &ParserOptions) -> Option<bool> {
    let errors: Vec<_> = errors(text, options)?.into_iter().filter(is_syntax).collect();
    let reads = errors.is_empty();
    let derived = lex(text, options).is_some_and(|tokens| recogniser.accepts("query", &tokens));
    assert_eq!(reads, derived, "the parser reads, the grammar derives: {text:?} {errors:?}");
    Some(reads)
}

#[test]
fn the_parser_refuses_what_the_grammar_does_not_say() {
    let grammar = grammar();
    let recogniser = Recogniser::new(&grammar);
    let mut generator = Generator::new(&grammar, 0xbad, None);
    let mut choices = Choices::from_seed(0xbad);
    let options = ParserOptions::all();
    let (mut read, mut refused) = (0, 0);
    let mut other = generator.sentence("query");
    while read + refused < 4000 {
        let mut tokens = generator.sentence("query");
        let foreign = other[choices.below(other.len())].clone();
        other.clone_from(&tokens);
        let at = choices.below(tokens.len());
        match choices.below(5) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            2 => tokens.swap(at, (at + 1) % other.len()),
            3 => tokens[at] = foreign,
            _ => tokens.insert(at, foreign),
        }
        match agree(&recogniser, &tokens.join(" "), &options) {
            Some(true) => read += 1,
            Some(false) => refused += 1,
            None => {}
        }
    }
    println!("broken sentences: {read} still read, {refused} refused, by both");
    assert!(read > 400 && refused > 400);
}

#[test]
fn queries_of_the_corpora_are_judged_alike() {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("PROMQL_CORPORA").map_or(default, PathBuf::from);
    let grammar = grammar();
    let recogniser = Recogniser::new(&grammar);
    let options = ParserOptions::all();
    for file in ["parse.jsonl", "parse_mutants.jsonl"] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            skipped::skipped(format_args!("no {file}; set PROMQL_CORPORA to the folder of the corpora"));
            continue;
        };
        let (mut read, mut refused) = (0, 0);
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
            let input = row["input"].as_str().expect("a row has an input");
            match agree(&recogniser, input, &options) {
                Some(true) => read += 1,
                Some(false) => refused += 1,
                None => {}
            }
        }
        println!("{file}: {read} read, {refused} refused, by both");
    }
}

#[test]
fn every_rule_exists_and_is_used() {
    let grammar = grammar();
    let mut used = BTreeSet::from(["query", "SPACE", "COMMENT"]);
    for (name, node) in grammar.rules() {
        for inner in node.all() {
            if let Node::Rule(other) = inner {
                grammar.rule(other);
                used.insert(other);
            }
        }
        assert!(name == name.to_lowercase() || name == name.to_uppercase(), "{name} is in two cases");
    }
    let unused: Vec<_> = grammar.rules().filter(|(name, _)| !used.contains(name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn the_words_are_those_of_the_registries() {
    let grammar = grammar();
    let sorted = |words: Vec<String>| words.into_iter().collect::<BTreeSet<_>>();
    let own = |words: &mut dyn Iterator<Item = &str>| words.map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(sorted(grammar.words("KEYWORD")), own(&mut KEYWORDS.iter().map(|(word, _)| *word)));
    assert_eq!(sorted(grammar.words("AGGREGATION")), own(&mut AggregateOp::ALL.iter().map(|op| op.symbol())));
    assert_eq!(sorted(grammar.words("FUNCTION")), own(&mut signatures().iter().map(|s| s.name)));
}

/// The rules of binary operators, loosest first, each with its operators.
fn layers(grammar: &Grammar) -> Vec<BTreeSet<String>> {
    let rules = ["expression", "conjunction", "comparison", "sum", "product", "power"];
    rules.iter().map(|name| grammar.words(name).into_iter().collect()).collect()
}

#[test]
fn operators_stand_in_the_rule_of_their_binding_power() {
    let grammar = grammar();
    let layers = layers(&grammar);
    for (power, words) in (1u8..).zip(&layers) {
        let entries = BINARY_OPERATORS.iter().filter(|entry| entry.binding_power == power);
        let expected: BTreeSet<String> = entries.clone().map(|entry| entry.symbol.to_owned()).collect();
        assert_eq!(*words, expected, "binding power {power}");
        // Only the last rule calls itself on the right.
        let right = power as usize == layers.len();
        assert!(entries.into_iter().all(|entry| (entry.associativity == Associativity::Right) == right));
    }
    assert!(BINARY_OPERATORS.iter().all(|entry| entry.binding_power as usize <= layers.len()));
    // `power ::= sign power`: what a sign takes is what binds tighter than the operators of its own power.
    assert_eq!(UNARY_BINDING_POWER as usize, layers.len() - 1);
}

/// Compares a file of `grammar/` with what it should be, or writes it where that is asked for.
fn golden(name: &str, expected: &str) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GRAMMAR").is_some() {
        std::fs::write(&path, expected).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "grammar/{name} is stale: run UPDATE_GRAMMAR=1 cargo test --test grammar");
}

#[test]
fn the_table_of_operators_is_current() {
    let mut text = String::from(
        "# Operators\n\nWritten by `UPDATE_GRAMMAR=1 cargo test --test grammar` from the table in `src/syntax/ops.rs`, \
         which the parser climbs.\nA higher binding power binds tighter.\n\n\
         | binding power | groups to the | operator | what it does |\n|---|---|---|---|\n",
    );
    let mut entries: Vec<_> = BINARY_OPERATORS.iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.binding_power));
    for entry in entries {
        let side = if entry.associativity == Associativity::Left { "left" } else { "right" };
        writeln!(text, "| {} | {side} | `{}` | {} |", entry.binding_power, entry.symbol, entry.summary)
            .expect("a string takes all");
    }
    write!(
        text,
        "\nA sign, `+` or `-`, has binding power {UNARY_BINDING_POWER}: `-2 ^ 2` is `-(2 ^ 2)`, and `-2 * 3` is `(-2) * 3`.\n\n\
         ## Aggregations\n\n| aggregation | parameter | experimental | what it gives |\n|---|---|---|---|\n"
    )
    .expect("a string takes all");
    for op in AggregateOp::ALL {
        let yes = |is: bool| if is { "yes" } else { "" };
        let (parameter, experimental) = (yes(op.has_param()), yes(op.is_experimental()));
        writeln!(text, "| `{op}` | {parameter} | {experimental} | {} |", op.summary())
            .expect("a string takes all");
    }
    golden("operators.md", &text);
}

#[test]
fn the_fuzz_dictionary_is_current() {
    let mut text = String::from(
        "# Words for fuzzers, in the notation of libFuzzer and AFL.\n\
         # Written by `UPDATE_GRAMMAR=1 cargo test --test grammar` from the registries; do not edit.\n",
    );
    let mut section = |title: &str, words: &mut dyn Iterator<Item = String>| {
        write!(text, "\n# {title}\n").expect("a string takes all");
        for word in words {
            let escaped = word.replace('\\', "\\\\").replace('"', "\\\"");
            writeln!(text, "\"{escaped}\"").expect("a string takes all");
        }
    };
    let words = KEYWORDS.iter().filter(|(word, _)| !is_operator(word));
    section("Keywords and aggregations", &mut words.map(|(word, _)| (*word).to_owned()));
    section("Operators", &mut BINARY_OPERATORS.iter().map(|entry| entry.symbol.to_owned()));
    section("Functions", &mut signatures().iter().map(|signature| signature.name.to_owned()));
    let grammar = grammar();
    let symbols: BTreeSet<String> = grammar
        .rules()
        .filter(|(name, _)| !ebnf::is_token(name))
        .flat_map(|(name, _)| grammar.words(name))
        .filter(|word| !word.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_operator(word))
        .collect();
    section("Punctuation", &mut symbols.into_iter());
    let pieces = [
        "[5m]",
        "[1h:1m]",
        "[5m:]",
        "()",
        "offset -1m",
        "@ start()",
        "@ end()",
        "{a=\"b\"}",
        "=~\".*\"",
        "!~\"a|b\"",
        "{__name__=~\"a.+\"}",
        "by (a)",
        "on (a)",
        "0x1f",
        "1e3",
        "1_000",
        "1h30m15s",
        "1y2w3d4h5m6s7ms",
        "fill(0)",
        "\\xff",
        "\\u00e9",
        "`",
        "# \n",
    ];
    section("Pieces", &mut pieces.iter().map(|piece| piece.replace('\n', "")));
    golden("promql.dict", &text);
}

fn is_operator(word: &str) -> bool {
    BINARY_OPERATORS.iter().any(|entry| entry.symbol == word)
}
