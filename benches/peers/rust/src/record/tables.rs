//! Rows as lines of a terminal and as tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Memory, Row};

/// Every case on a line.
pub(crate) fn print(rows: &[Row]) {
    for row in rows {
        let theirs = row.theirs_ns.map_or_else(|| "-".to_owned(), short);
        let ratio = row.ratio().map_or_else(|| "-".to_owned(), ratio);
        println!(
            "{:>11} {theirs:>11} {ratio:>8}  {}: {}: {}",
            short(row.ours_ns),
            row.peer,
            row.list,
            row.name
        );
        if let Some(difference) = &row.difference {
            println!("{:32}  not compared: {difference}", "");
        }
    }
}

/// What ratios come to.
pub(super) struct Summary<'a> {
    /// How many there are.
    pub(super) cases: usize,
    pub(super) mean: f64,
    pub(super) middle: f64,
    pub(super) least: f64,
    /// The case that has the least.
    pub(super) slowest: &'a str,
}

/// `None` where no row can be compared.
pub(super) fn summary<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<Summary<'a>> {
    let mut ratios: Vec<(f64, &Row)> = rows.into_iter().filter_map(|row| Some((row.ratio()?, row))).collect();
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (least, slowest) = ratios.first()?;
    let mean = (ratios.iter().map(|(ratio, _)| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let middle = ratios[ratios.len() / 2].0;
    Some(Summary { cases: ratios.len(), mean, middle, least: *least, slowest: &slowest.name })
}

/// A line a list and peer: cases, ratios, and how many were not compared.
pub(crate) fn peers(rows: &[Row]) -> String {
    let mut groups: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((&row.peer, &row.list)).or_default().push(row);
    }
    let mut out = String::from(
        "| peer | list | cases | geometric mean | median | least | where | not compared |\n|---|---|---|---|---|---|---|---|\n",
    );
    for ((peer, list), rows) in groups {
        let Some(found) = summary(rows.iter().copied()) else { continue };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {peer} | {list} | {} | {} | {} | {} | {} | {} |",
            found.cases,
            ratio(found.mean),
            ratio(found.middle),
            ratio(found.least),
            code(found.slowest),
            rows.len() - found.cases
        );
    }
    out
}

/// A line a case and engine.
pub(crate) fn memory(rows: &[Memory]) -> String {
    let head = "| case | engine | samples loaded, MiB | above that, MiB |\n|---|---|---|---|\n";
    let row = |row: &Memory| {
        format!("| {} | {} | {} | {} |\n", code(&row.case), row.engine, mib(row.store), mib(row.above))
    };
    head.to_owned() + &rows.iter().map(row).collect::<String>()
}

/// Bytes in MiB.
pub(super) fn mib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

/// Code in a cell.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// A ratio to three figures.
pub(super) fn ratio(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 10.0 => format!("{ratio:.2}"),
        ratio if ratio < 100.0 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.0}"),
    }
}

/// A time in the unit that suits it.
pub(super) fn short(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}
