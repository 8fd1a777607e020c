//! What was measured, as a table and as JSON.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use serde_json::{Value, json};

use crate::memory::{self, Memory};

/// One case beside one peer.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) list: String,
    pub(crate) name: String,
    pub(crate) peer: String,
    pub(crate) ours_ns: f64,
    /// `None` where the peer gave no answer.
    pub(crate) theirs_ns: Option<f64>,
    /// How the answers differ.
    pub(crate) difference: Option<String>,
}

impl Row {
    /// How many times faster ours is; `None` where answers differ, which cannot be compared.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let theirs = self.theirs_ns.filter(|_| self.difference.is_none())?;
        Some(theirs / self.ours_ns)
    }
}

/// The median; `None` of nothing.
pub(crate) fn median(times: &mut [f64]) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// Every case on a line.
pub(crate) fn print(rows: &[Row]) {
    for row in rows {
        let theirs = row.theirs_ns.map_or_else(|| "-".to_owned(), short);
        let ratio = row.ratio().map_or_else(|| "-".to_owned(), figure);
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

/// A line a list and peer: cases, ratios, and how many were not compared.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut groups: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((&row.peer, &row.list)).or_default().push(row);
    }
    let mut out = String::from(
        "| peer | list | cases | geometric mean | median | least | where | not compared |\n|---|---|---|---|---|---|---|---|\n",
    );
    for ((peer, list), rows) in groups {
        let mut ratios: Vec<(f64, &Row)> = rows.iter().filter_map(|row| Some((row.ratio()?, *row))).collect();
        ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some((least, slowest)) = ratios.first() else { continue };
        let mean = (ratios.iter().map(|(ratio, _)| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
        let middle = ratios[ratios.len() / 2].0;
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {peer} | {list} | {} | {} | {} | {} | `{}` | {} |",
            ratios.len(),
            figure(mean),
            figure(middle),
            figure(*least),
            slowest.name.replace('|', "\\|"),
            rows.len() - ratios.len()
        );
    }
    out
}

/// All figures as JSON.
fn json(rows: &[Row], memory: &[Memory]) -> Value {
    let row = |row: &Row| {
        json!({
            "peer": row.peer, "list": row.list, "case": row.name, "ours_ns": row.ours_ns.round(),
            "theirs_ns": row.theirs_ns.map(f64::round), "difference": row.difference,
        })
    };
    let peak = |row: &Memory| json!({ "engine": row.engine, "case": row.case, "store": row.store, "above": row.above });
    json!({
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "memory": memory.iter().map(peak).collect::<Vec<_>>(),
    })
}

/// The figures of a run before, from their JSON.
fn read(text: &str) -> (Vec<Row>, Vec<Memory>) {
    let all: Value = serde_json::from_str(text).unwrap_or_default();
    let text = |row: &Value, field: &str| row[field].as_str().map(str::to_owned);
    let row = |row: &Value| {
        Some(Row {
            list: text(row, "list")?,
            name: text(row, "case")?,
            peer: text(row, "peer")?,
            ours_ns: row["ours_ns"].as_f64()?,
            theirs_ns: row["theirs_ns"].as_f64(),
            difference: text(row, "difference"),
        })
    };
    let peak = |row: &Value| {
        let (engine, case) = (text(row, "engine")?, text(row, "case")?);
        Some(Memory { engine, case, store: row["store"].as_u64()?, above: row["above"].as_u64()? })
    };
    let list = |name: &str| all[name].as_array().cloned().unwrap_or_default();
    let rows = list("rows").iter().filter_map(row).collect();
    (rows, list("memory").iter().filter_map(peak).collect())
}

/// A ratio to three figures.
fn figure(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 10.0 => format!("{ratio:.2}"),
        ratio if ratio < 100.0 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.0}"),
    }
}

/// A time in the unit that suits it.
fn short(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

/// Puts the tables between the marks of `docs/performance.md`, and all figures into `docs/performance.json`. Cases that were not
/// measured this time keep what they had.
pub(crate) fn write(rows: &[Row], memory: &[Memory]) -> std::io::Result<()> {
    let docs = crate::go::folder().join("../../../docs");
    let (mut all, mut peaks) =
        read(&std::fs::read_to_string(docs.join("performance.json")).unwrap_or_default());
    let measured: HashSet<_> = rows.iter().map(|row| (&row.list, &row.name, &row.peer)).collect();
    all.retain(|old| !measured.contains(&(&old.list, &old.name, &old.peer)));
    all.extend(rows.iter().cloned());
    if !memory.is_empty() {
        peaks = memory.to_vec();
    }
    let mut page = std::fs::read_to_string(docs.join("performance.md"))?;
    for (name, table) in [("peers", table(&all)), ("memory", memory::table(&peaks))] {
        let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let missing = || std::io::Error::other(format!("the marks for {name} are missing"));
        let (before, rest) = page.split_once(&start).ok_or_else(missing)?;
        let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
        page = format!("{before}{start}{table}{end}{after}");
    }
    std::fs::write(docs.join("performance.md"), page)?;
    std::fs::write(docs.join("performance.json"), format!("{:#}\n", json(&all, &peaks)))
}
