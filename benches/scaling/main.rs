//! How time and memory grow with the work: series, samples, steps, the length of windows and of queries, each doubled.
//!
//! `cargo bench --bench scaling` prints a table; `-- --write` puts it into `docs/performance.md` and
//! draws it into `docs/scaling.svg`. Each point is a process of its own, whose memory Linux counts from when its samples are
//! there.

mod axes;
mod plot;

#[allow(dead_code)]
#[path = "../../src/bin/promql/graph/svg/document.rs"]
mod document;

use std::process::Command;

use axes::Axis;

/// What one size took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) size: u64,
    pub(crate) ns: f64,
    /// Above the samples; 0 where nobody counts.
    pub(crate) bytes: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, axis, size, ..] = arguments.as_slice()
        && flag == "--one"
    {
        let axis = axes::AXES.iter().find(|known| known.name == axis).expect("a known axis");
        let (ns, bytes) = axes::measure(axis, size.parse().expect("a size"));
        println!("{ns} {bytes}");
        return;
    }
    let mut all = Vec::new();
    let mut table = String::from(
        "| what doubles | query | from – to | time | grows by | memory | grows by |\n|---|---|---|---|---|---|---|\n",
    );
    for axis in axes::AXES {
        let points: Vec<Point> = axis.sizes().filter_map(|size| point(axis, size)).collect();
        for point in &points {
            println!(
                "{:>14} {:>8} {:>10.3} ms {:>9.1} KiB",
                axis.name,
                point.size,
                point.ns / 1e6,
                point.bytes / 1024.0
            );
        }
        table.push_str(&line(axis, &points));
        all.push((axis, points));
    }
    println!("\n{table}");
    if arguments.iter().any(|argument| argument == "--write") {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        std::fs::write(docs.join("scaling.svg"), plot::draw(&all)).expect("docs can be written");
        let page = std::fs::read_to_string(docs.join("performance.md")).expect("docs/performance.md");
        let (before, rest) = page.split_once("<!-- scaling -->\n").expect("marks for the table");
        let (_, after) = rest.split_once("<!-- /scaling -->").expect("marks for the table");
        let page = format!("{before}<!-- scaling -->\n{table}<!-- /scaling -->{after}");
        std::fs::write(docs.join("performance.md"), page).expect("docs can be written");
    }
}

/// One size in a process of its own.
fn point(axis: &Axis, size: u64) -> Option<Point> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program).args(["--one", axis.name, &size.to_string()]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (ns, bytes) = text.trim().split_once(' ')?;
    Some(Point { size, ns: ns.parse().ok()?, bytes: bytes.parse().ok()? })
}

/// The line of the table: both ends, and the growth at each doubling on the geometric mean.
fn line(axis: &Axis, points: &[Point]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let doublings = (points.len() - 1).max(1) as f64;
    let growth = |first: f64, last: f64| match first > 0.0 && last > 0.0 {
        true => format!("{:.2} ×", (last / first).powf(1.0 / doublings)),
        false => "-".to_owned(),
    };
    format!(
        "| {} | `{}` | {} – {} | {:.2} – {:.2} ms | {} | {:.0} – {:.0} KiB | {} |\n",
        axis.name,
        axis.query,
        first.size,
        last.size,
        first.ns / 1e6,
        last.ns / 1e6,
        growth(first.ns, last.ns),
        first.bytes / 1024.0,
        last.bytes / 1024.0,
        growth(first.bytes, last.bytes),
    )
}
