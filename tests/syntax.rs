//! What Prometheus makes of queries that once were read or printed otherwise here: `tests/data/syntax.tsv`; and queries with
//! comments laid out anew.

use promql_engine::functions::signatures;
use promql_engine::syntax::{FunctionSet, Lexer, Parsed, ParserOptions, format, parse};
use promql_engine::testing::generator::{Choices, QueryOptions, query};
use promql_engine::testing::script::Script;

#[test]
fn queries_are_read_and_printed_as_by_prometheus() {
    let functions: FunctionSet = signatures().iter().copied().collect();
    let options = ParserOptions::all();
    for line in include_str!("data/syntax.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (query, expected) = line.split_once('\t').expect("a query and an answer");
        let query = query.replace("\\n", "\n");
        let found = match parse(&query, &options, &functions) {
            Ok(parsed) => parsed.expr.to_canonical(&options),
            Err(errors) => {
                let (line, column) = errors.line_column(errors.first().span.start);
                format!("error at {line}:{column}")
            }
        };
        assert_eq!(found, expected, "{query}");
    }
}

fn comments<'t>(parsed: &Parsed, text: &'t str) -> Vec<&'t str> {
    let text = |span: &promql_engine::model::Span| text[span.start as usize..span.end as usize].trim_end();
    parsed.comments.iter().map(text).collect()
}

/// The query with comments between some of its tokens, where it is still one; on a line of their own or behind what stands there.
fn with_comments(query: &str, choices: &mut Choices, reads: impl Fn(&str) -> bool) -> String {
    let starts = Lexer::new(query, true).filter_map(Result::ok).map(|token| token.span.start as usize);
    let mut borders: Vec<usize> = starts.collect();
    borders.reverse();
    let mut text = query.to_owned();
    for border in borders {
        if choices.rarely(3) {
            let comment = format!("{}# {}\n", choices.pick(&[" ", "\n", "\n\n", ""]), choices.below(1000));
            let mut changed = text.clone();
            changed.insert_str(border, &comment);
            if reads(&changed) {
                text = changed;
            }
        }
    }
    text
}

/// Queries of the generator, and those of our scripts, which use the whole language.
fn queries() -> Vec<String> {
    let mut queries: Vec<String> =
        (0..600).map(|seed| query(&mut Choices::from_seed(seed), QueryOptions::default())).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts");
    for entry in std::fs::read_dir(folder).expect("tests/scripts is there") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a script is UTF-8 text");
        let script = Script::parse("script", &text).expect("a script");
        queries.extend(script.evals().map(|eval| eval.query.clone()));
    }
    queries
}

#[test]
fn a_query_laid_out_keeps_its_tree_and_its_comments_in_order() {
    let functions: FunctionSet = signatures().iter().copied().collect();
    let options = ParserOptions::all();
    let reads = |text: &str| parse(text, &options, &functions);
    let mut commented = 0;
    for (seed, query) in queries().into_iter().enumerate() {
        let mut choices = Choices::from_seed(seed as u64);
        // Of some queries the text that Prometheus prints, which is ours, does not say all: `Inf` gets a sign.
        let says_itself = |text: &String| format(text, &options, &functions).as_ref() == Ok(text);
        if !format(&query, &options, &functions).is_ok_and(|text| says_itself(&text)) {
            continue;
        }
        let text = with_comments(&query, &mut choices, |text| reads(text).is_ok());
        let parsed = reads(&text).expect("a query");
        let laid_out = format(&text, &options, &functions).expect("a query");
        let again =
            reads(&laid_out).unwrap_or_else(|error| panic!("{text}\nis laid out as\n{laid_out}\n{error}"));
        let (before, after) = (parsed.expr.to_canonical(&options), again.expr.to_canonical(&options));
        assert_eq!(before, after, "{text}\nis laid out as\n{laid_out}");
        assert_eq!(
            comments(&parsed, &text),
            comments(&again, &laid_out),
            "{text}\nis laid out as\n{laid_out}"
        );
        let twice = format(&laid_out, &options, &functions).expect("a query");
        assert!(twice == laid_out, "{text}\nis laid out as\n{laid_out}\nand then as\n{twice}");
        commented += parsed.comments.len();
    }
    println!("{commented} comments");
    assert!(commented > 1000);
}
