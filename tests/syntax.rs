//! What Prometheus makes of queries that once were read or printed otherwise here: `tests/data/syntax.tsv`.

use promql_engine::functions::signatures;
use promql_engine::syntax::{FunctionSet, ParserOptions, parse};

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
