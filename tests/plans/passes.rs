//! What each pass of the optimiser does to plans, and what it leaves alone: `tests/plans/PASS.md`, a page a pass.
//!
//! A page is written by hand but for the plans: behind each query stands its plan as it is written, and what the pass alone makes of
//! it. A new case is a query in a block of its own, under one of the two headings; `PROMQL_PLANS=write` writes the plans.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use promql_engine::engine::{Optimisations, Pass, PreparedQuery};
use promql_engine::storage::SelectRequest;
use promql_engine::syntax::ParserOptions;
use promql_engine::{Engine, EngineOptions};

const CHANGED: &str = "## Changed";
const LEFT: &str = "## Left as it is";

fn path(pass: Pass) -> PathBuf {
    let name = pass.name().replace(' ', "_");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/plans/{name}.md"))
}

/// From 0 to 10 minutes, a minute apart.
fn prepare(query: &str, optimisations: Optimisations) -> PreparedQuery {
    let mut options = EngineOptions::default();
    (options.parser, options.optimisations) = (ParserOptions::all(), optimisations);
    Engine::new(options).prepare_range(query, 0, 600_000, 60_000).expect(query)
}

fn window(request: &SelectRequest) -> String {
    format!("from {} to {} s", request.start_ms as f64 / 1000.0, request.end_ms as f64 / 1000.0)
}

fn plan(prepared: &PreparedQuery) -> String {
    let mut out = String::new();
    let requests = prepared.requests();
    for node in prepared.explain() {
        let fetched = node.request.and_then(|at| requests.get(at));
        let reads = node.request.map_or_else(String::new, |request| format!(" reads #{request}"));
        let part = match (&node.asks, fetched) {
            (Some(asks), Some(fetched)) if window(asks) != window(fetched) => format!(" {}", window(asks)),
            _ => String::new(),
        };
        let (indent, operator, steps) = ("  ".repeat(node.depth + 1), &node.operator, node.steps);
        writeln!(out, "{indent}{operator} at {steps} steps{reads}{part}").expect("a string takes all");
    }
    for (number, request) in requests.iter().enumerate() {
        let matchers: Vec<String> = request.matchers.iter().map(ToString::to_string).collect();
        let counts = if request.hints.statistics_only { ", counts and sums only" } else { "" };
        let labels = request.hints.labels.as_ref();
        let labels =
            labels.map_or_else(String::new, |labels| format!(", labels [{}] only", labels.join(", ")));
        let (matchers, window) = (matchers.join(", "), window(request));
        writeln!(out, "  #{number}: {{{matchers}}} {window}{labels}{counts}").expect("a string takes all");
    }
    out
}

/// The plan without passes and with this one, and how many places that has changed.
fn plans(pass: Pass, query: &str) -> (String, u32) {
    let (plain, other) =
        (prepare(query, Optimisations::none()), prepare(query, Optimisations::none().with(pass)));
    let figures = other.passes().iter().find(|figures| figures.pass == pass).expect("each pass has figures");
    let mut out = format!("as written:\n{}", plan(&plain));
    let (attempted, changed) = (figures.attempted, figures.changed);
    writeln!(out, "{}, attempted {attempted}, changed {changed}:", pass.name()).expect("a string takes all");
    if changed > 0 {
        out.push_str(&plan(&other));
    } else {
        out.push_str("  the same\n");
        assert_eq!(plan(&plain), plan(&other), "{query}: changed, and not counted");
    }
    (out, changed)
}

/// The page with its plans written anew, and how many queries stand under each heading.
fn written(pass: Pass, page: &str) -> (String, [u32; 2]) {
    let (mut out, mut counts, mut expects_change) = (String::new(), [0; 2], None);
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        match line {
            CHANGED => expects_change = Some(true),
            LEFT => expects_change = Some(false),
            _ => {}
        }
        writeln!(out, "{line}").expect("a string takes all");
        if line != "```promql" {
            continue;
        }
        let query: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let (query, expects) = (query.join("\n"), expects_change.expect("a query stands under a heading"));
        let (plans, changed) = plans(pass, &query);
        assert_eq!(changed > 0, expects, "{query} stands in the wrong place of {}", path(pass).display());
        counts[usize::from(expects)] += 1;
        write!(out, "{query}\n```\n\n```text\n{plans}```\n").expect("a string takes all");
        // What stood there before goes.
        while lines.next_if(|line| line.is_empty()).is_some() {}
        if lines.next_if_eq(&"```text").is_some() {
            lines.by_ref().find(|line| *line == "```");
            while lines.next_if(|line| line.is_empty()).is_some() {}
        }
        if lines.peek().is_some() {
            out.push('\n');
        }
    }
    (out, counts)
}

#[test]
fn each_pass_has_a_page_of_plans_that_it_changes_and_leaves_as_they_are() {
    for pass in Pass::ALL {
        let path = path(pass);
        let page = std::fs::read_to_string(&path).unwrap_or_else(|_| {
            panic!("no {}: queries under {CHANGED:?} and {LEFT:?} make a page", path.display())
        });
        let (written, counts) = written(pass, &page);
        assert!(counts.iter().all(|count| *count > 0), "{} lacks queries: {counts:?}", path.display());
        if std::env::var("PROMQL_PLANS").is_ok_and(|wish| wish == "write") {
            std::fs::write(&path, written).expect("tests can be written");
        } else {
            assert!(
                page == written,
                "{}: other plans; PROMQL_PLANS=write writes them\n{written}",
                path.display()
            );
        }
    }
}
