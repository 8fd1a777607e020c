//! The growth as a picture: doublings across, how many times as much up, both as powers of two.

use crate::Point;
use crate::axes::Axis;
use crate::document::{Anchor, Document, FAINT, GRID, LINE, LINES, TEXT};

/// Plots in a row, and the size of one in pixels.
const ACROSS: usize = 4;
const PLOT: (f64, f64) = (200.0, 200.0);
/// From plot to plot.
const DISTANCE: (f64, f64) = (240.0, 270.0);

/// A plot an axis: the line of time, that of memory, and a grey one where twice the work costs twice as much.
pub(crate) fn draw(all: &[(&Axis, Vec<Point>)]) -> String {
    let mut document = Document::default();
    document.text(
        (16.0, 24.0),
        Anchor::Start,
        TEXT,
        "Times as much as at the smallest size, at each doubling",
    );
    let key = [(LINES[0], "time"), (LINES[1], "memory above the samples"), (FAINT, "in proportion")];
    let mut x = 480.0;
    for (colour, text) in key {
        document.rectangle((x, 18.0), (12.0, 3.0), colour, 1.0);
        document.text((x + 18.0, 24.0), Anchor::Start, FAINT, text);
        x += 40.0 + 7.3 * text.len() as f64;
    }
    for (number, (axis, points)) in all.iter().enumerate() {
        let left = 36.0 + (number % ACROSS) as f64 * DISTANCE.0;
        let top = 60.0 + (number / ACROSS) as f64 * DISTANCE.1;
        panel(&mut document, (left, top), axis, points);
    }
    let rows = all.len().div_ceil(ACROSS) as f64;
    document.finish("How time and memory grow", ACROSS as f64 * DISTANCE.0 + 20.0, 50.0 + rows * DISTANCE.1)
}

fn panel(document: &mut Document, (left, top): (f64, f64), axis: &Axis, points: &[Point]) {
    let doublings = points.len().saturating_sub(1).max(1) as f64;
    let (right, bottom) = (left + PLOT.0, top + PLOT.1);
    let across = |doubling: f64| left + doubling / doublings * PLOT.0;
    // What falls below the smallest size stands on the ground.
    let up = |times: f64| bottom - (times.log2().max(0.0) / doublings).min(1.1) * PLOT.1;
    for doubling in 0..=doublings as usize {
        let times = f64::powi(2.0, doubling as i32);
        document.line((left, up(times)), (right, up(times)), GRID);
        if doubling % 2 == 0 {
            document.text((left - 4.0, up(times) + 4.0), Anchor::End, FAINT, &format!("{times:.0}"));
        }
    }
    document.line((left, bottom), (right, top), FAINT);
    let mut line = |colour: &str, figure: &dyn Fn(&Point) -> f64| {
        let Some(first) = points.first().map(figure).filter(|first| *first > 0.0) else { return };
        let place = |(at, point): (usize, &Point)| (across(at as f64), up(figure(point) / first));
        document.path(&points.iter().enumerate().map(place).collect::<Vec<_>>(), colour);
    };
    line(LINES[1], &|point| point.bytes);
    line(LINES[0], &|point| point.ns);
    document.text((left, top - 8.0), Anchor::Start, TEXT, axis.name);
    let ends = points.first().zip(points.last());
    if let Some((first, last)) = ends {
        document.text((left, bottom + LINE), Anchor::Start, FAINT, &first.size.to_string());
        document.text((right, bottom + LINE), Anchor::End, FAINT, &last.size.to_string());
    }
}
