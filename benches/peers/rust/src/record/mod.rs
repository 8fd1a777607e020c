//! What was measured: as JSON, and as the tables of `docs/performance.md`.
//!
//! Nothing here knows how it is measured, so that a test of the engine's own package can make the tables from the JSON, too.

mod goals;
pub(crate) mod page;
mod tables;

use std::collections::HashSet;

use serde_json::{Value, json};

pub(crate) use page::write;
pub(crate) use tables::{memory, peers, print};

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

    /// How many steps the case has: its name ends in them. 0 where it has none.
    fn steps(&self) -> u64 {
        let end = self.name.rsplit_once(", ").map_or("", |(_, end)| end);
        end.split(' ').next().and_then(|steps| steps.parse().ok()).unwrap_or(0)
    }
}

/// What one engine took for one case, in bytes.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) engine: String,
    pub(crate) case: String,
    /// With the samples loaded.
    pub(crate) store: u64,
    /// Above that at most, while it evaluated.
    pub(crate) above: u64,
}

/// A figure of ours alone.
#[derive(Clone)]
pub(crate) struct Figure {
    /// What it belongs to: one of the constants below.
    pub(crate) part: String,
    /// The query or thing that was measured.
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) value: f64,
}

/// Parse to result at one step, in ns; names are queries.
pub(crate) const FIXED_COST: &str = "fixed cost";
/// What one more series adds to that, in ns; names are queries.
pub(crate) const FURTHER_SERIES: &str = "a further series";
/// On one thread, and on two in the same turns, in ns; names are queries.
pub(crate) const ONE_THREAD: &str = "one thread";
pub(crate) const TWO_THREADS: &str = "two threads";
/// Queries whose bits differ from one thread to two.
pub(crate) const OTHER_BITS: &str = "other bits at two threads";
/// How much faster two threads of the machine are at loops of our own; names are loops.
pub(crate) const MACHINE: &str = "two threads of this machine";
/// A pass over the large data's columns, and the query over the same in the same turns, in ns; names are forms of timestamps.
pub(crate) const PLAIN_PASS: &str = "plain pass";
pub(crate) const QUERY_BESIDE_PASS: &str = "query beside the plain pass";
/// Allocations of a warm query, and how many more there are at twice the steps or samples; names are queries.
pub(crate) const ALLOCATIONS: &str = "allocations";
pub(crate) const MORE_ALLOCATIONS: &str = "allocations added";
/// Parsing a query of half a megabyte and of a whole one, in ns; names are shapes.
pub(crate) const HALF_MEGABYTE: &str = "parsing 0.5 MB";
pub(crate) const MEGABYTE: &str = "parsing 1 MB";
/// Clean builds and the start of the program, in ns.
pub(crate) const PROGRAM: &str = "program";

/// All that was measured.
#[derive(Clone, Default)]
pub(crate) struct Record {
    pub(crate) rows: Vec<Row>,
    pub(crate) memory: Vec<Memory>,
    pub(crate) figures: Vec<Figure>,
}

impl Record {
    /// The record of a run before, from its JSON.
    pub(crate) fn read(text: &str) -> Self {
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
        let memory = |row: &Value| {
            let (engine, case) = (text(row, "engine")?, text(row, "case")?);
            Some(Memory { engine, case, store: row["store"].as_u64()?, above: row["above"].as_u64()? })
        };
        let figure = |row: &Value| {
            let (part, name, unit) = (text(row, "part")?, text(row, "name")?, text(row, "unit")?);
            Some(Figure { part, name, unit, value: row["value"].as_f64()? })
        };
        let list = |name: &str| all[name].as_array().cloned().unwrap_or_default();
        Self {
            rows: list("rows").iter().filter_map(row).collect(),
            memory: list("memory").iter().filter_map(memory).collect(),
            figures: list("figures").iter().filter_map(figure).collect(),
        }
    }

    fn json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "peer": row.peer, "list": row.list, "case": row.name, "ours_ns": row.ours_ns.round(),
                "theirs_ns": row.theirs_ns.map(f64::round), "difference": row.difference,
            })
        };
        let memory = |row: &Memory| json!({ "engine": row.engine, "case": row.case, "store": row.store, "above": row.above });
        let figure = |row: &Figure| {
            let value = (row.value * 1000.0).round() / 1000.0;
            json!({ "part": row.part, "name": row.name, "unit": row.unit, "value": value })
        };
        json!({
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "memory": self.memory.iter().map(memory).collect::<Vec<_>>(),
            "figures": self.figures.iter().map(figure).collect::<Vec<_>>(),
        })
    }

    /// Takes what a later run measured. What that did not measure stays; where `all` cases of its lists were asked, cases that
    /// the lists no longer have go.
    pub(crate) fn take(&mut self, newer: &Self, all: bool) {
        let rows: HashSet<_> =
            newer.rows.iter().map(|row| (&row.list, &row.peer, (!all).then_some(&row.name))).collect();
        self.rows.retain(|row| !rows.contains(&(&row.list, &row.peer, (!all).then_some(&row.name))));
        self.rows.extend(newer.rows.iter().cloned());
        let cases: HashSet<_> =
            newer.memory.iter().map(|row| (&row.engine, (!all).then_some(&row.case))).collect();
        self.memory.retain(|row| !cases.contains(&(&row.engine, (!all).then_some(&row.case))));
        self.memory.extend(newer.memory.iter().cloned());
        let names: HashSet<_> =
            newer.figures.iter().map(|row| (&row.part, (!all).then_some(&row.name))).collect();
        self.figures.retain(|row| !names.contains(&(&row.part, (!all).then_some(&row.name))));
        self.figures.extend(newer.figures.iter().cloned());
    }

    /// The figures of a part.
    fn part<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Figure> {
        self.figures.iter().filter(move |figure| figure.part == part)
    }

    /// One figure.
    fn figure(&self, part: &str, name: &str) -> Option<f64> {
        self.part(part).find(|figure| figure.name == name).map(|figure| figure.value)
    }
}

/// The median; `None` of nothing.
pub(crate) fn median(times: &mut [f64]) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}
