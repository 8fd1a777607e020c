//! The runner on scripts that are wrong on purpose.

use super::{RunOptions, Script, Verdict, engine_options};
use crate::engine::Engine;

const DATA: &str = "load 1m
  a{x=\"1\"} 1+1x9
  a{x=\"2\"} 10+1x9
  h {{schema:0 count:2 sum:3 counter_reset_hint:gauge buckets:[1 1]}}x9
";

/// What is said of the one `eval` of a script; empty where it passes.
fn said(eval: &str) -> String {
    let script = Script::parse("file.test", &format!("{DATA}\n{eval}")).unwrap_or_else(|e| panic!("{e}"));
    let engine = Engine::new(engine_options());
    let report = script.run(&engine, RunOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(report.total(), 1, "{eval}");
    match &report.evals[0].verdict {
        Verdict::Passed => String::new(),
        Verdict::Failed(difference) => {
            format!("{}{}", difference.summary, difference.asked.as_deref().unwrap_or_default())
        }
        Verdict::Unsupported(what) => what.clone(),
    }
}

#[test]
fn right_expectations_pass() {
    for eval in [
        "eval instant at 2m a\n a{x=\"2\"} 12\n a{x=\"1\"} 3.000001",
        "eval instant at 2m sort_desc(a)\n expect ordered\n a{x=\"2\"} 12\n a{x=\"1\"} 3",
        "eval_ordered instant at 2m sort_desc(a)\n a{x=\"2\"} 12\n a{x=\"1\"} 3",
        "eval instant at 2m scalar(a{x=\"1\"})\n 3",
        "eval instant at 2m \"t\"\n expect string `t`",
        "eval instant at 2m a{x=\"1\"}[2m]\n expect range vector from 1m to 2m step 1m\n a{x=\"1\"} 2 3",
        "eval instant at 2m h\n h {{schema:0 count:2 sum:3 buckets:[1 1]}}",
        "eval instant at 2m h\n h {{schema:0 count:2 sum:3 counter_reset_hint:gauge buckets:[1 1 0]}}",
        "eval instant at 2m nonesuch",
        "eval instant at 2m quantile(2, a)\n expect warn\n {} Inf",
        "eval_warn instant at 2m quantile(2, a)\n {} Inf",
        "eval instant at 2m quantile(2, a)\n expect warn regex: between 0 and 1.*2\n expect no_info\n {} Inf",
        "eval instant at 2m -{__name__=~\"a|b\", x=\"1\"}\n {x=\"1\"} -3",
        "eval instant at 2m sum by (x) (a) + on() a\n expect fail",
        "eval_fail instant at 2m sum by (x) (a) + on() a\n expected_fail_regexp many",
        "eval range from 0 to 2m step 1m a{x=\"1\"} < 3\n a{x=\"1\"} 1 2 _",
    ] {
        assert_eq!(said(eval), "", "{eval}");
    }
}

#[test]
fn wrong_expectations_are_told() {
    let table = [
        ("eval instant at 2m a\n a{x=\"2\"} 12\n a{x=\"1\"} 3.00001", "expected 3.00001, got 3.0"),
        ("eval instant at 2m a\n a{x=\"2\"} 12", "is not expected"),
        ("eval instant at 2m a{x=\"1\"}\n a{x=\"1\"} 3\n a{x=\"9\"} 3", "is missing"),
        ("eval instant at 2m sort(a)\n expect ordered\n a{x=\"2\"} 12\n a{x=\"1\"} 3", "at place 1"),
        ("eval instant at 2m scalar(a{x=\"1\"})\n 4", "expected the scalar 4"),
        ("eval instant at 2m a{x=\"1\"}\n 3", "expected a scalar, got a vector"),
        ("eval instant at 2m \"t\"\n expect string \"u\"", "expected \"u\""),
        ("eval instant at 2m a{x=\"1\"}[2m]\n a{x=\"1\"} 3", "no `expect range vector`"),
        (
            "eval instant at 2m a{x=\"1\"}[2m]\n expect range vector from 1m to 2m step 1m\n a{x=\"1\"} 2 3 4",
            "3 values are expected",
        ),
        ("eval instant at 2m h\n h 1", "histograms at [120000]"),
        ("eval instant at 2m h\n h {{schema:0 count:2 sum:4 buckets:[1 1]}}", "sum:4"),
        (
            "eval instant at 2m h\n h {{schema:0 count:2 sum:3 counter_reset_hint:reset buckets:[1 1]}}",
            "counter_reset_hint:reset",
        ),
        (
            "eval instant at 2m a{x=\"1\"}\n expect warn\n a{x=\"1\"} 3",
            "expected the warning: any text; got: none",
        ),
        ("eval instant at 2m quantile(2, a)\n expect no_warn\n {} Inf", "expected no warning"),
        (
            "eval instant at 2m quantile(2, a)\n expect warn msg: other\n {} Inf",
            "expected the warning: other",
        ),
        ("eval_info instant at 2m a{x=\"1\"}\n a{x=\"1\"} 3", "expected the info"),
        ("eval instant at 2m a{x=\"1\"}\n expect fail\n a{x=\"1\"} 3", "expected a failure"),
        ("eval instant at 2m sum by (x) (a) + on() a", "failed: "),
        (
            "eval instant at 2m sum by (x) (a) + on() a\n expect fail msg: other",
            "expected the failure: other",
        ),
        ("eval instant at 2m sum(", "failed: "),
        ("eval range from 0 to 2m step 1m a{x=\"1\"}\n a{x=\"1\"} 1 2", "expected floats at"),
        ("eval range from 0 to 2m step 1m a{x=\"1\"}\n a{x=\"1\"} 1 2 3 4", "4 values are expected"),
        (
            "eval range from 0 to 2m step 1m a{x=\"1\"}\n expect ordered\n a{x=\"1\"} 1 2 3",
            "an ordered vector",
        ),
    ];
    for (eval, expected) in table {
        let said = said(eval);
        assert!(said.contains(expected), "{eval}\nsaid: {said}");
    }
}

#[test]
fn malformed_lines_are_told_with_their_place() {
    let table = [
        ("lod 1m", "f:1: expected load, clear or eval, found \"lod 1m\""),
        ("load x", "f:1:1: expected"),
        ("load 1m\n a 1 b", "f:2:6: "),
        ("clear\n\neval instant 5 x", "f:3: expected at TIME QUERY, found \"5 x\""),
        ("eval instant at x y", "f:1: expected a duration, such as 5m, found \"x\""),
        ("eval instant at 5m", "f:1: expected a query, found the end of the line"),
        ("eval sometimes at 5m x", "f:1: expected eval"),
        ("eval_ordered range from 0 to 1m step 1m x", "f:1: expected eval"),
        ("eval range from 2m to 1m step 1m x", "f:1: expected an end that is not before the start"),
        ("eval range from 0 to 1m x", "f:1: expected from TIME to TIME step STEP"),
        ("eval instant at 0 x\n x 1 2", "f:2: expected one value"),
        ("eval instant at 0 x\n x{", "f:2:"),
        ("eval instant at 0 x\n expect", "f:2: expected fail, ordered"),
        ("eval instant at 0 x\n expect fail text: x", "f:2: expected msg: or regex:"),
        ("eval instant at 0 x\n expect fail msg:", "f:2: expected msg: or regex:"),
        ("eval instant at 0 x\n expect fail regex: (", "f:2: "),
        ("eval instant at 0 x\n expect fail\n expect fail", "f:3: a query is expected to fail once"),
        ("eval instant at 0 x\n expect warn\n expect no_warn", "f:3: warn and no_warn"),
        ("eval instant at 0 x\n expect no_info\n expect info", "f:3: info and no_info"),
        ("eval instant at 0 x\n expect string t", "f:2: expected a string in quotes"),
        ("eval instant at 0 x\n expect range vector from 0 to 1m", "f:2: expected from TIME"),
        (
            "eval range from 0 to 0 step 1m x\n expect range vector from 0 to 0 step 1m",
            "f:2: only an instant",
        ),
        ("eval instant at 0 x\n x 1\n 5", "f:3: a number or a string and series"),
        ("eval instant at 0 x\n 5\n x 1", "f:3: expected load, clear or eval"),
    ];
    for (text, expected) in table {
        let error = Script::parse("f", text).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text}\nsaid: {error}");
    }
    let twice = Script::parse("f", "load 1m\n a 1 2\n\nload 1m\n a 1").expect("each block is right");
    let error = twice.run(&Engine::default(), RunOptions::default()).expect_err("the sample stands there");
    assert_eq!(error.line, 4);
}
