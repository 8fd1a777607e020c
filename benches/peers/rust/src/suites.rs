//! Prometheus' own benchmarks, as they are, between two passes of ours over the same cases.
//!
//! They make their samples themselves, once a program; so the turns are suites here, not cases.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use crate::Settings;
use crate::engines::engine;
use crate::record::{self, Row};

#[allow(dead_code)]
#[path = "../../../prometheus/cases.rs"]
pub(crate) mod cases;
#[allow(dead_code)]
#[path = "../../../prometheus/data.rs"]
pub(crate) mod data;
#[allow(dead_code)]
#[path = "../../../prometheus/measure.rs"]
pub(crate) mod measure;
#[path = "../../../prometheus/peer.rs"]
mod peer;

/// How long ours runs a case in a pass.
const BUDGET: Duration = Duration::from_millis(100);

/// How long Go runs a case of a suite; those with long cases run each once.
const LENGTHS: &[(&str, &str)] = &[
    ("RangeQuery", "50ms"),
    ("JoinQuery", "1x"),
    ("NativeHistograms", "1x"),
    ("NativeHistogramsCustomBuckets", "1x"),
];

/// Runs benchmarks of a package of Prometheus; gives ns a case.
pub(crate) fn go_benchmark(package: &str, pattern: &str, length: &str) -> Option<BTreeMap<String, f64>> {
    let module = crate::programs::folder().join("../../../tests/oracle/program");
    let output = Command::new("go")
        .args(["test", "-run", "^$", "-timeout", "60m", "-bench", pattern, "-benchtime", length])
        .arg(format!("github.com/prometheus/prometheus/{package}"))
        .current_dir(module)
        .output();
    match output {
        Ok(output) if output.status.success() => Some(peer::read(&String::from_utf8_lossy(&output.stdout))),
        Ok(output) => {
            println!("skipped: {pattern}: {}", String::from_utf8_lossy(&output.stderr).trim());
            None
        }
        Err(error) => {
            println!("skipped: {pattern}: {error}");
            None
        }
    }
}

/// The suites whose names hold the filter, or that have such cases.
pub(crate) fn compare(settings: &Settings) -> Vec<Row> {
    let mut rows = Vec::new();
    if !crate::programs::is_there() {
        println!("skipped: the suites need Go");
        return rows;
    }
    let engine = engine();
    for (suite, store, cases) in cases::suites() {
        let cases: Vec<cases::Case> = cases
            .into_iter()
            .map(|case| case.named(suite))
            .filter(|case| case.name.contains(&settings.filter))
            .collect();
        if cases.is_empty() {
            continue;
        }
        let store = store();
        let pass = || -> Vec<f64> {
            let time = |case: &cases::Case| {
                let ask =
                    || engine.range_query(&store, &case.query, case.start_ms, case.end_ms, case.step_ms);
                measure::time(BUDGET, || ask().is_ok()).median_ns
            };
            cases.iter().map(time).collect()
        };
        let first = pass();
        let length = LENGTHS.iter().find(|(name, _)| *name == suite).map_or("1x", |(_, length)| length);
        let Some(theirs) = go_benchmark("promql", &format!("^Benchmark{suite}$"), length) else { continue };
        let second = pass();
        let before = rows.len();
        for ((case, first), second) in cases.iter().zip(first).zip(second) {
            rows.push(Row {
                list: format!("Benchmark{suite}"),
                name: format!("{}, {} steps", case.query, case.steps()),
                peer: "prometheus".to_owned(),
                ours_ns: f64::midpoint(first, second),
                theirs_ns: theirs.get(&peer::key(&case.name)).copied(),
                difference: None,
            });
        }
        record::print(&rows[before..]);
    }
    rows
}
