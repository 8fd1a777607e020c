//! The page: tables between marks, and the reasons that people wrote into one of them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::{Record, goals, tables};

/// Puts the tables into `performance.md` of this folder, and all figures into `performance.json`.
pub(crate) fn write(docs: &Path, record: &Record) -> io::Result<()> {
    let page = std::fs::read_to_string(docs.join("performance.md"))?;
    std::fs::write(docs.join("performance.md"), with_tables(&page, record)?)?;
    std::fs::write(docs.join("performance.json"), format!("{:#}\n", record.json()))
}

/// The page with the tables of this record; the rest of it, and the reasons for goals that are missed, stay.
pub(crate) fn with_tables(page: &str, record: &Record) -> io::Result<String> {
    let goals = goals::table(&goals::all(record, &growth(page)?), &reasons(page)?);
    let mut page = page.to_owned();
    for (name, table) in
        [("goals", goals), ("peers", tables::peers(&record.rows)), ("memory", tables::memory(&record.memory))]
    {
        let (before, _, after) = parts(&page, name)?;
        page = format!("{before}{table}{after}");
    }
    Ok(page)
}

/// What stands before a table, the table, and what stands behind it; the marks belong to their sides.
fn parts<'a>(page: &'a str, name: &str) -> io::Result<(&'a str, &'a str, &'a str)> {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let missing = || io::Error::other(format!("the marks for {name} are missing"));
    let from = page.find(&start).ok_or_else(missing)? + start.len();
    let to = from + page[from..].find(&end).ok_or_else(missing)?;
    Ok((&page[..from], &page[from..to], &page[to..]))
}

/// The last cell of each row of the goals, by the first.
fn reasons(page: &str) -> io::Result<BTreeMap<String, String>> {
    let (_, table, _) = parts(page, "goals")?;
    let row = |line: &str| {
        let cells = cells(line);
        Some((cells.first()?.clone(), cells.last()?.clone()))
    };
    Ok(table.lines().filter_map(row).collect())
}

/// What doubles, and by how much time grows: two columns of the table that `benches/scaling` writes.
fn growth(page: &str) -> io::Result<Vec<(String, f64)>> {
    let (_, table, _) = parts(page, "scaling")?;
    let row = |line: &str| {
        let cells = cells(line);
        let times = cells.get(4)?.strip_suffix(" ×")?.parse().ok()?;
        Some((cells.first()?.clone(), times))
    };
    Ok(table.lines().filter_map(row).collect())
}

/// The cells of a row; `\|` is no border.
fn cells(line: &str) -> Vec<String> {
    let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')).unwrap_or_default();
    inner.replace("\\|", "\u{0}").split('|').map(|cell| cell.trim().replace('\u{0}', "\\|")).collect()
}
