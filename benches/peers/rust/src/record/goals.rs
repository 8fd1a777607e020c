//! The goals, each beside what was measured of it.

use std::collections::BTreeMap;

use super::tables::{Summary, code, mib, ratio, short, summary};
use super::{
    ALLOCATIONS, FIXED_COST, FURTHER_SERIES, Figure, HALF_MEGABYTE, MACHINE, MEGABYTE, MORE_ALLOCATIONS,
    ONE_THREAD, OTHER_BITS, PLAIN_PASS, PROGRAM, QUERY_BESIDE_PASS, Record, Row, TWO_THREADS,
};

/// Threads of the machine that the goals are for.
const CORES: f64 = 2.0;

/// A goal.
pub(super) struct Goal {
    what: String,
    goal: String,
    /// What was measured, and whether that reaches the goal; `None` where it was not measured.
    measured: Option<(String, bool)>,
}

/// All goals.
pub(super) fn all(record: &Record, growth: &[(String, f64)]) -> Vec<Goal> {
    let mut goals = beside_peers(record);
    goals.extend(large(record));
    goals.extend(alone(record, growth));
    goals.extend(parsers(record));
    goals.extend(program(record));
    goals
}

/// A row a goal. Where it is missed, the reason that somebody wrote into the last cell stays.
pub(super) fn table(goals: &[Goal], reasons: &BTreeMap<String, String>) -> String {
    let mut out =
        String::from("| what | goal | measured | reached | where it falls short |\n|---|---|---|---|---|\n");
    for Goal { what, goal, measured } in goals {
        let (measured, reached) = match measured {
            Some((measured, true)) => (measured.as_str(), "yes"),
            Some((measured, false)) => (measured.as_str(), "no"),
            None => ("not measured", "-"),
        };
        let reason = if reached == "yes" { None } else { reasons.get(what) };
        out += &format!(
            "| {what} | {goal} | {measured} | {reached} | {} |\n",
            reason.map_or("", String::as_str)
        );
    }
    out
}

fn goal(what: &str, goal: impl Into<String>, measured: Option<(String, bool)>) -> Goal {
    Goal { what: what.to_owned(), goal: goal.into(), measured }
}

/// Ratios: a mean that is to be reached, and the least of them to look at.
fn mean<'a>(what: &str, least: f64, rows: impl IntoIterator<Item = &'a Row>) -> Goal {
    let measured = summary(rows).map(|found| (many(&found), found.mean >= least));
    goal(what, format!("{} ×", ratio_of(least)), measured)
}

fn many(found: &Summary<'_>) -> String {
    if found.cases == 1 {
        return format!("{} ×", ratio(found.mean));
    }
    let least = format!("least {} × {}", ratio(found.least), code(found.slowest));
    format!("{} × in {} cases, {least}", ratio(found.mean), found.cases)
}

/// A goal's ratio: a whole number.
fn ratio_of(times: f64) -> String {
    if times >= 1000.0 {
        format!("{},{:03.0}", (times / 1000.0).floor(), times % 1000.0)
    } else {
        times.to_string()
    }
}

fn beside_peers(record: &Record) -> Vec<Goal> {
    let list = |peer: &'static str, names: &'static [&'static str]| {
        record.rows.iter().filter(move |row| row.peer == peer && names.contains(&row.list.as_str()))
    };
    let range = || list("prometheus", &["BenchmarkRangeQuery"]);
    let windows = || list("prometheus", &["Long windows"]);
    let is_smoothing = |row: &Row| row.name.starts_with("double_exponential_smoothing");
    let is_quantile = |row: &Row| row.name.starts_with("quantile_over_time");
    let all_cases = summary(range()).map(|all| {
        let short = summary(range().filter(|row| row.steps() <= 2)).map_or(0.0, |found| found.mean);
        let long = summary(range().filter(|row| row.steps() >= 1000)).map_or(0.0, |found| found.mean);
        let text = format!("{}; one step {} ×, 1,000 and more {} ×", many(&all), ratio(short), ratio(long));
        (text, all.mean >= 40.0 && all.least >= 4.0)
    });
    let quantiles = summary(windows().filter(|row| is_quantile(row)));
    let forgets = |row: &&Row| is_smoothing(row) && row.name.contains("0.3, 0.3");
    let always = summary(windows().filter(|row| is_smoothing(row) && !forgets(row)));
    let forgetting = summary(range().filter(|row| row.steps() >= 1000).chain(windows()).filter(forgets));
    vec![
        goal(
            "`BenchmarkRangeQuery`, all cases, geometric mean",
            "40 × Prometheus, none under 4 ×",
            all_cases,
        ),
        mean(
            "of those, 100 series and 1,000 steps or more",
            60.0,
            range().filter(|row| row.name.contains("hundred") && row.steps() >= 1000),
        ),
        mean(
            "windows of a day, 1,000 steps",
            1000.0,
            windows().filter(|row| !is_smoothing(row) && !is_quantile(row)),
        ),
        goal(
            "`quantile_over_time` over an hour and a day",
            "500 ×",
            quantiles.map(|found| (many(&found), found.least >= 500.0)),
        ),
        goal(
            "`double_exponential_smoothing` over a day, whatever the factors",
            "8 × a core",
            always.map(|found| {
                let a_core = found.least / CORES;
                (format!("{} ×, {} × a core", ratio(found.least), ratio(a_core)), a_core >= 8.0)
            }),
        ),
        goal(
            "the same where the factors forget the past",
            "500 ×",
            forgetting.map(|found| (many(&found), found.mean >= 500.0)),
        ),
        mean("joins (`BenchmarkJoinQuery`)", 50.0, list("prometheus", &["BenchmarkJoinQuery"])),
        mean(
            "native histograms (`BenchmarkNativeHistograms…`)",
            15.0,
            list("prometheus", &["BenchmarkNativeHistograms", "BenchmarkNativeHistogramsCustomBuckets"]),
        ),
        mean("Thanos' list, beside Thanos", 10.0, list("thanos", &["Thanos' list"])),
        mean("opendata's list, beside opendata", 10.0, list("opendata", &["opendata's list"])),
        mean(
            "Mimir's matrix (1, 100 and 2,000 series at 1, 100 and 1,000 steps), beside Prometheus",
            10.0,
            list("prometheus", &["1 series", "100 series", "2,000 series"]),
        ),
    ]
}

/// The large case: 100,000 series of 240 samples, 60 steps.
fn large(record: &Record) -> Vec<Goal> {
    let rate =
        |row: &&Row| row.peer == "prometheus" && row.list == "100,000 series" && row.name.contains("rate(");
    let beside_pass = |form: &str, most: f64| {
        let (query, pass) = (record.figure(QUERY_BESIDE_PASS, form)?, record.figure(PLAIN_PASS, form)?);
        let text = format!("{} × ({} beside {})", ratio(query / pass), short(query), short(pass));
        Some((text, query / pass <= most))
    };
    vec![
        mean(
            "`sum by (l) (rate(m[5m]))`, 100,000 series of 240 samples, 60 steps",
            50.0,
            record.rows.iter().filter(rate),
        ),
        goal(
            "the same beside one plain pass over the columns, regular timestamps",
            "2 × at most",
            beside_pass("regular", 2.0),
        ),
        goal("the same, timestamps that jitter", "5 × at most", beside_pass("jittered", 5.0)),
    ]
}

/// What needs no peer.
fn alone(record: &Record, growth: &[(String, f64)]) -> Vec<Goal> {
    let greatest = |part: &str, most: f64| {
        let least = least_of(record.part(part))?;
        let found = greatest_of(record.part(part))?;
        let text = format!(
            "{} {} to {} {}",
            short(least.value),
            code(&least.name),
            short(found.value),
            code(&found.name)
        );
        Some((text, found.value <= most))
    };
    let more = greatest_of(record.part(MORE_ALLOCATIONS)).map(|found| {
        let of = record.figure(ALLOCATIONS, &found.name).unwrap_or_default();
        (format!("{:.0} more of {of:.0} at most, {}", found.value, code(&found.name)), found.value == 0.0)
    });
    let case = "100,000 series: sum by (zone) (rate(large[5m])), 1000 steps";
    let memory = record.memory.iter().find(|row| row.engine == "ours" && row.case == case);
    let grows = ["series", "samples", "steps"]
        .iter()
        .map(|what| growth.iter().find(|(name, _)| name == what).map(|(_, times)| *times))
        .collect::<Option<Vec<f64>>>();
    vec![
        goal("fixed cost: parse to result, one series, one step", "2 µs at most", greatest(FIXED_COST, 2e3)),
        goal("the same, a further series", "80 ns at most", greatest(FURTHER_SERIES, 80.0)),
        second_core(record),
        goal(
            "peak memory above the store: 100,000 series, 1,000 steps, 10 groups",
            "64 MiB at most",
            memory.map(|row| (format!("{} MiB", mib(row.above)), row.above <= 64 << 20)),
        ),
        goal("allocations of a warm pipeline, at twice the steps or samples", "none more", more),
        goal(
            "cost as work grows: at a doubling of series, samples, steps",
            "2 × at most, give or take 10 %",
            grows.map(|grows| {
                let texts: Vec<String> = grows.iter().map(|times| format!("{times:.2} ×")).collect();
                (texts.join(", "), grows.iter().all(|times| *times <= 2.2))
            }),
        ),
    ]
}

fn second_core(record: &Record) -> Goal {
    let mut ratios: Vec<(f64, &str)> = record
        .part(TWO_THREADS)
        .filter_map(|two| Some((record.figure(ONE_THREAD, &two.name)? / two.value, two.name.as_str())))
        .collect();
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let measured = ratios.first().map(|(least, slowest)| {
        let enough = ratios.iter().filter(|(ratio, _)| *ratio >= 1.8).count();
        let bits: f64 = record.part(OTHER_BITS).map(|figure| figure.value).sum();
        let machine: Vec<String> =
            record.part(MACHINE).map(|figure| format!("{} {} ×", figure.name, ratio(figure.value))).collect();
        let text = format!(
            "median {} ×, least {} × {}; {enough} of {} queries at 1.8 × and more; other bits in {bits}; this machine: {}",
            ratio(ratios[ratios.len() / 2].0),
            ratio(*least),
            code(slowest),
            ratios.len(),
            machine.join(", "),
        );
        (text, *least >= 1.8 && bits == 0.0)
    });
    goal("the second core, queries of 1 ms and more on one", "1.8 × on every one, the same bits", measured)
}

fn parsers(record: &Record) -> Vec<Goal> {
    let list = |peer: &'static str, name: &'static str| {
        record.rows.iter().filter(move |row| row.peer == peer && row.list == name)
    };
    let query = r#"sum(rate(http_requests_total{job="api"}[5m])) by (instance)"#;
    let one = list("promql-parser", "Parsing").find(|row| row.name == query);
    let megabyte = greatest_of(record.part(MEGABYTE)).and_then(|found| {
        let half = record.figure(HALF_MEGABYTE, &found.name)?;
        let text = format!("{} {}, {:.2} × half of it", short(found.value), found.name, found.value / half);
        Some((text, found.value <= 100e6 && found.value / half <= 2.2))
    });
    vec![
        goal(
            &format!("parsing {}", code(query)),
            "1 µs at most",
            one.map(|row| (short(row.ours_ns), row.ours_ns <= 1e3)),
        ),
        goal("parsing 1 MB of valid query", "100 ms at most, linear", megabyte),
        mean("parsing, beside promql-parser", 5.0, list("promql-parser", "Parsing")),
        mean("parsing, beside Prometheus (`BenchmarkParser`)", 8.0, list("prometheus", "BenchmarkParser")),
    ]
}

fn program(record: &Record) -> Vec<Goal> {
    let within = |name: &str, most_ns: f64| record.figure(PROGRAM, name).map(|ns| (short(ns), ns <= most_ns));
    vec![
        goal(
            "start of `promql` to the first prompt, with the sample data",
            "50 ms at most",
            within("start", 50e6),
        ),
        goal(
            "clean release build of the library without default features",
            "60 s at most",
            within("build of the library", 60e9),
        ),
        goal("clean release build of the program", "180 s at most", within("build of the program", 180e9)),
    ]
}

fn greatest_of<'a>(figures: impl Iterator<Item = &'a Figure>) -> Option<&'a Figure> {
    figures.max_by(|a, b| a.value.total_cmp(&b.value))
}

fn least_of<'a>(figures: impl Iterator<Item = &'a Figure>) -> Option<&'a Figure> {
    figures.min_by(|a, b| a.value.total_cmp(&b.value))
}
