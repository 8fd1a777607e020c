//! Parsing queries of half a megabyte and of a whole one.

use std::hint::black_box;

use promql_engine::functions;
use promql_engine::syntax::{self, FunctionSet, ParserOptions};

use super::figure;
use crate::Settings;
use crate::parsing::per_pass;
use crate::record::{Figure, HALF_MEGABYTE, MEGABYTE};

/// A shape: what stands first, what is repeated, what stands between, and what stands last.
const SHAPES: &[(&str, [&str; 4])] = &[
    (
        "of rates and sums",
        ["", r#"sum by (job) (rate(http_requests_total{job="api", code=~"5.."}[5m]))"#, " + ", ""],
    ),
    ("of short terms", ["", "a", "+", ""]),
    ("of matchers", ["up{", r#"instance!="host-1:9090""#, ",", "}"]),
    ("of nested brackets", ["sum(", "(((((a)))))", " * ", ")"]),
];

pub(crate) fn measure(settings: &Settings) -> Vec<Figure> {
    let options = ParserOptions::all();
    let known = FunctionSet::new(functions::signatures().iter().copied());
    let parse = |query: &str| syntax::parse(black_box(query), &options, &known);
    let mut figures = Vec::new();
    for (name, shape) in SHAPES.iter().filter(|(name, _)| name.contains(&settings.filter)) {
        for (part, bytes) in [(HALF_MEGABYTE, 500_000), (MEGABYTE, 1_000_000)] {
            let query = query(shape, bytes);
            match parse(&query) {
                Ok(_) => figures.push(figure(part, name, "ns", per_pass(|| _ = black_box(parse(&query))))),
                Err(errors) => println!("{part}, {name}: not valid: {errors:?}"),
            }
        }
    }
    figures
}

fn query([first, repeated, between, last]: &[&str; 4], bytes: usize) -> String {
    let times = (bytes - first.len() - last.len() + between.len()) / (repeated.len() + between.len());
    format!("{first}{}{last}", vec![*repeated; times].join(between))
}
