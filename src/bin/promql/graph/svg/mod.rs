//! Pictures as SVG documents, which any browser shows.

mod document;

use unicode_width::UnicodeWidthStr;

use crate::output;

use super::{
    Frame, axis,
    picture::{Bars, Heat, Lines, Panel, Picture},
};
pub(crate) use document::escaped;
use document::{Anchor, CHARACTER, Document, FAINT, GRID, LINE, LINES, TEXT};

/// Width of a picture, in pixels.
const WIDTH: f64 = 960.0;
/// Around it.
const MARGIN: f64 = 16.0;
/// Height of a plot of lines.
const PLOT: f64 = 320.0;
/// Columns of a heat map at most.
const CELLS: usize = 300;
/// Series that get a line of the legend.
const LEGEND: usize = 40;

/// The picture, with the query above it.
pub(super) fn draw(picture: &Picture, query: &str) -> String {
    let mut document = Document::default();
    let mut y = MARGIN + 12.0;
    note(&mut document, &mut y, TEXT, query);
    for panel in &picture.panels {
        match panel {
            Panel::Lines(panel) => lines(&mut document, &mut y, panel),
            Panel::Bars(panel) => bars(&mut document, &mut y, panel),
            Panel::Heat(panel) => heat(&mut document, &mut y, panel),
        }
        y += LINE;
    }
    if picture.panels.is_empty() {
        note(&mut document, &mut y, FAINT, "nothing to draw: no series has a finite float");
    }
    if picture.left_out > 0 {
        note(&mut document, &mut y, FAINT, &format!("and {} more series", picture.left_out));
    }
    document.finish(query, WIDTH, (y - 12.0 + MARGIN).ceil())
}

/// A line of text across the picture.
fn note(document: &mut Document, y: &mut f64, colour: &str, text: &str) {
    document.text((MARGIN, *y), Anchor::Start, colour, &fitting(text, WIDTH - 2.0 * MARGIN));
    *y += LINE;
}

/// The beginning of a text that fits so many pixels.
fn fitting(text: &str, pixels: f64) -> String {
    output::cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), (pixels / CHARACTER) as usize)
}

/// Pixels that the widest of these texts takes.
fn width<'a>(texts: impl Iterator<Item = &'a str>) -> f64 {
    texts.map(|text| text.width() as f64 * CHARACTER).fold(0.0, f64::max)
}

fn lines(document: &mut Document, y: &mut f64, lines: &Lines) {
    let left = MARGIN + width(lines.marks.iter().map(|(_, text)| text.as_str())) + 8.0;
    let (right, top, bottom) = (WIDTH - MARGIN - 8.0, *y, *y + PLOT);
    let across = |place: f64| left + place * (right - left);
    let up = |place: f64| bottom - place * (bottom - top);
    for (place, text) in &lines.marks {
        document.line((left, up(*place)), (right, up(*place)), GRID);
        document.text((left - 8.0, up(*place) + 4.0), Anchor::End, FAINT, text);
    }
    for (number, line) in lines.lines.iter().enumerate() {
        for run in &line.runs {
            let points: Vec<_> = run.iter().map(|(x, y)| (across(*x), up(*y))).collect();
            document.path(&points, LINES[number % LINES.len()]);
        }
    }
    *y = bottom;
    time_axis(document, y, &lines.frame, (left, right));
    for (number, line) in lines.lines.iter().enumerate().take(LEGEND) {
        let colour = LINES[number % LINES.len()];
        document.rectangle((MARGIN, *y - 5.0), (12.0, 3.0), colour, 1.0);
        let figures = line.figures.width() as f64 * CHARACTER;
        let labels = fitting(&line.labels, WIDTH - 2.0 * MARGIN - figures - 40.0);
        document.text((MARGIN + 20.0, *y), Anchor::Start, TEXT, &labels);
        document.text((WIDTH - MARGIN, *y), Anchor::End, FAINT, &line.figures);
        *y += LINE;
    }
    if lines.lines.len() > LEGEND {
        note(document, y, FAINT, &format!("and {} more series", lines.lines.len() - LEGEND));
    }
}

/// The line below a plot and its times.
fn time_axis(document: &mut Document, y: &mut f64, frame: &Frame, (left, right): (f64, f64)) {
    document.line((left, *y), (right, *y), FAINT);
    for (place, text) in axis::time_marks(frame, ((right - left) / 110.0) as usize) {
        let x = left + place * (right - left);
        document.line((x, *y), (x, *y + 4.0), FAINT);
        // Not over the edge.
        let half = text.width() as f64 * CHARACTER / 2.0;
        let x = x.min(WIDTH - half - 2.0);
        document.text((x, *y + LINE), Anchor::Middle, FAINT, &text);
    }
    *y += 2.5 * LINE;
}

fn heat(document: &mut Document, y: &mut f64, heat: &Heat) {
    note(document, y, TEXT, &heat.labels);
    let left = MARGIN + width(heat.rows.iter().map(|(text, _)| text.as_str())) + 8.0;
    let right = WIDTH - MARGIN - 8.0;
    let top = *y - 8.0;
    for (row, (text, _)) in heat.rows.iter().enumerate() {
        let top = top + row as f64 * LINE;
        document.text((left - 8.0, top + 13.0), Anchor::End, FAINT, text);
        let cells = heat.columns(row, CELLS);
        let x = |cell: usize| left + cell as f64 / CELLS as f64 * (right - left);
        let mut at = 0;
        for run in cells.chunk_by(|a, b| a == b) {
            let (from, to) = (x(at), x(at + run.len()));
            if let Some(share) = run[0].filter(|share| *share > 0.0) {
                document.rectangle((from, top), (to - from, LINE), LINES[0], opacity(share));
            }
            at += run.len();
        }
    }
    *y = top + heat.rows.len() as f64 * LINE;
    time_axis(document, y, &heat.frame, (left, right));
    // What the shades stand for.
    let mut x = left;
    for share in [0.25, 0.5, 0.75, 1.0] {
        let text = heat.count(share);
        document.rectangle((x, *y - 10.0), (12.0, 12.0), LINES[0], opacity(share));
        document.text((x + 18.0, *y), Anchor::Start, FAINT, &text);
        x += 18.0 + text.width() as f64 * CHARACTER + 16.0;
    }
    *y += LINE;
}

/// How dark a share is; the least one can be seen.
fn opacity(share: f64) -> f64 {
    0.08 + 0.92 * share
}

fn bars(document: &mut Document, y: &mut f64, bars: &Bars) {
    if let Some(heading) = &bars.heading {
        note(document, y, TEXT, heading);
    }
    let half = WIDTH / 2.0;
    let left = MARGIN + width(bars.bars.iter().map(|bar| bar.label.as_str())).min(half) + 8.0;
    let right = WIDTH - MARGIN - width(bars.bars.iter().map(|bar| bar.text.as_str())) - 8.0;
    let across = |place: f64| left + place * (right - left);
    for bar in &bars.bars {
        let (x, anchor) = if bars.buckets { (left - 8.0, Anchor::End) } else { (MARGIN, Anchor::Start) };
        document.text((x, *y), anchor, FAINT, &fitting(&bar.label, half));
        let (from, to) = (across(bars.zero.min(bar.place)), across(bars.zero.max(bar.place)));
        if to > from {
            document.rectangle((from, *y - 11.0), (to - from, 14.0), LINES[0], 1.0);
        }
        document.text((to + 6.0, *y), Anchor::Start, TEXT, &bar.text);
        *y += LINE;
    }
}
