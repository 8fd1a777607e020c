//! Whether two answers are the same.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use promql_engine::exec::value::Value;
use promql_engine::model::Labels;

/// Series by their labels, with times in ms and values.
pub(crate) type Series = BTreeMap<String, Vec<(i64, f64)>>;

/// Ours.
pub(crate) fn of(value: &Value) -> Series {
    match value {
        Value::Matrix(series) => {
            series.iter().map(|series| (series.labels.to_string(), series.floats.clone())).collect()
        }
        _ => Series::new(),
    }
}

/// A peer's, from the file that it wrote; `driver/files.go` says its form.
pub(crate) fn read(path: &Path) -> io::Result<Series> {
    let bytes = std::fs::read(path)?;
    let mut rest = bytes.as_slice();
    let cut_off = || io::Error::other("an answer that is cut off");
    let mut series = Series::new();
    while !rest.is_empty() {
        let mut labels = Vec::new();
        for _ in 0..number(&mut rest).ok_or_else(cut_off)? {
            let name = text(&mut rest).ok_or_else(cut_off)?;
            labels.push((name, text(&mut rest).ok_or_else(cut_off)?));
        }
        let mut points = Vec::new();
        for _ in 0..number(&mut rest).ok_or_else(cut_off)? {
            let time = i64::from_le_bytes(take(&mut rest).ok_or_else(cut_off)?);
            points.push((time, f64::from_le_bytes(take(&mut rest).ok_or_else(cut_off)?)));
        }
        series.insert(Labels::from_pairs(labels).to_string(), points);
    }
    Ok(series)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(take(rest)?))
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = number(rest)? as usize;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(bytes.to_vec()).ok()
}

/// The first difference. Values may differ by 1e-9 of their size, as sums do that are folded in another order.
pub(crate) fn difference(ours: &Series, theirs: &Series) -> Option<String> {
    if let Some(name) = ours.keys().find(|name| !theirs.contains_key(*name)) {
        return Some(format!("only ours has {name}"));
    }
    if let Some(name) = theirs.keys().find(|name| !ours.contains_key(*name)) {
        return Some(format!("only theirs has {name}"));
    }
    ours.iter().zip(theirs.values()).find_map(|((name, ours), theirs)| {
        if ours.len() != theirs.len() {
            return Some(format!("{name}: {} points, theirs {}", ours.len(), theirs.len()));
        }
        let differ = |((time, ours), (their_time, theirs)): &(&(i64, f64), &(i64, f64))| {
            let near = (ours - theirs).abs() <= 1e-9 * ours.abs().max(theirs.abs());
            time != their_time || !(near || ours == theirs || ours.is_nan() && theirs.is_nan())
        };
        let ((time, ours), (_, theirs)) = ours.iter().zip(theirs).find(differ)?;
        Some(format!("{name} at {time}: {ours}, theirs {theirs}"))
    })
}
