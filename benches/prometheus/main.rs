//! The engine on the cases of Prometheus' own benchmarks, beside what Prometheus needs for them.
//!
//! `cargo bench --bench prometheus` times ours. `-- --peer FILE` sets them beside the output of
//! `go test -run '^$' -bench 'RangeQuery|JoinQuery|NativeHistograms' github.com/prometheus/prometheus/promql`;
//! `-- --filter TEXT` keeps the cases whose name holds the text (with `$` at its end, ends in it), `-- --threads N` says how many threads work, `-- --budget MS`
//! how long each case is timed.
//!
//! Ours reads plain columns in memory, Prometheus reads its compressed chunks: the data is the same, its form is not.

mod cases;
mod data;
mod measure;
mod peer;

use std::collections::BTreeMap;

use cases::Case;
use measure::Timing;
use promql_engine::{Engine, EngineOptions};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    let filter = value("--filter").unwrap_or_default();
    let is_wanted = |name: &str| match filter.strip_suffix('$') {
        Some(end) => name.ends_with(end),
        None => name.contains(&filter),
    };
    let peer: BTreeMap<String, f64> = match value("--peer") {
        None => BTreeMap::new(),
        Some(file) => match std::fs::read_to_string(&file) {
            Ok(text) => peer::read(&text),
            Err(error) => {
                eprintln!("{file}: {error}");
                std::process::exit(2);
            }
        },
    };
    let mut options = EngineOptions::default();
    options.parser.experimental_functions = true;
    options.max_samples = 50_000_000;
    options.threads = value("--threads").and_then(|threads| threads.parse().ok()).unwrap_or(options.threads);
    let engine = Engine::new(options);
    let budget = value("--budget").and_then(|budget| budget.parse().ok()).unwrap_or(200);
    let budget = std::time::Duration::from_millis(budget);

    println!(
        "{:>12} {:>7} {:>12} {:>12} {:>12} {:>9}  case",
        "median", "spread", "least", "processor", "Prometheus", "ratio"
    );
    let mut ratios = Vec::new();
    for (suite, store, cases) in cases::suites() {
        let cases: Vec<Case> =
            cases.into_iter().map(|case| case.named(suite)).filter(|case| is_wanted(&case.name)).collect();
        if cases.is_empty() {
            continue;
        }
        let store = store();
        for case in cases {
            let timing = measure::time(budget, || {
                let answer =
                    engine.range_query(&store, &case.query, case.start_ms, case.end_ms, case.step_ms);
                match answer {
                    Ok(answer) => answer,
                    Err(error) => panic!("{}: {error}", case.name),
                }
            });
            let theirs = peer.get(&peer::key(&case.name)).copied();
            print(&case, &timing, theirs);
            ratios.extend(theirs.map(|theirs| (case.steps(), theirs / timing.median_ns)));
        }
    }
    if !ratios.is_empty() {
        summary(&ratios);
    }
}

fn print(case: &Case, timing: &Timing, theirs: Option<f64>) {
    let (theirs, ratio) = match theirs {
        Some(theirs) => (measure::short(theirs), format!("{:.1}", theirs / timing.median_ns)),
        None => (String::from("-"), String::from("-")),
    };
    let spread = format!("{:.0} %", timing.spread * 100.0);
    let (median, least) = (measure::short(timing.median_ns), measure::short(timing.least_ns));
    let processor = timing.processor_ns.map_or(String::from("-"), measure::short);
    println!("{median:>12} {spread:>7} {least:>12} {processor:>12} {theirs:>12} {ratio:>9}  {}", case.name);
}

fn summary(ratios: &[(i64, f64)]) {
    let mean = |keep: &dyn Fn(i64) -> bool| {
        let logs: Vec<f64> = ratios.iter().filter(|(steps, _)| keep(*steps)).map(|(_, r)| r.ln()).collect();
        (logs.iter().sum::<f64>() / logs.len() as f64).exp()
    };
    let least = ratios.iter().map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min);
    println!("\n{} cases: geometric mean {:.1}, least {least:.1}", ratios.len(), mean(&|_| true));
    println!("one step: {:.1}; 1,000 steps and more: {:.1}", mean(&|s| s <= 2), mean(&|s| s >= 1000));
}
