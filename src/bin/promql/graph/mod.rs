//! `.graph` and `-o graph`: all series of a range query as lines of braille dots, with axes, units and a legend.
//!
//! Each line carries a letter at its right end and in the legend, so that they are told apart without colours, too.

mod canvas;
mod scale;
mod unit;

use promql_engine::exec::value::MatrixSeries;
use unicode_width::UnicodeWidthStr;

use crate::{
    output,
    terminal::{Paint, Style},
    times,
};
use canvas::{Canvas, DOTS};
use scale::Scale;
pub(crate) use unit::Unit;

/// Rows of the plot.
const ROWS: usize = 15;
/// Marks of the value axis, about.
const MARKS: usize = 5;
/// Series that get a line of the legend.
const LEGEND: usize = 20;

/// What is drawn: the steps of the range query and the unit of its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) step_ms: i64,
    pub(crate) unit: Unit,
}

/// Steps of a range for which each column of dots of a terminal this wide has one.
pub(crate) fn fitting_step(span_ms: i64, style: &Style) -> i64 {
    let columns = style.width.saturating_sub(10).max(10) * DOTS.0;
    let step = span_ms / columns as i64;
    // Whole seconds, where there is more than one.
    if step > 1000 { (step + 999) / 1000 * 1000 } else { step.max(1) }
}

/// The picture. Series without a float are left out and named.
pub(crate) fn draw(series: &[MatrixSeries], frame: &Frame, style: &Style) -> String {
    let finite =
        || series.iter().flat_map(|series| &series.floats).map(|(_, value)| *value).filter(|v| v.is_finite());
    let (Some(least), Some(greatest)) = (finite().reduce(f64::min), finite().reduce(f64::max)) else {
        return "(nothing to draw: no series has a finite float)\n".to_owned();
    };
    let scale = Scale::around(least, greatest, MARKS, frame.unit.number_base());
    let marks: Vec<(usize, String)> = scale
        .marks()
        .map(|mark| {
            (
                ((1.0 - scale.place(mark)) * (ROWS - 1) as f64).round() as usize,
                frame.unit.text(mark, scale.step),
            )
        })
        .collect();
    let axis = marks.iter().map(|(_, text)| text.width()).max().unwrap_or(0);
    // The axis, its line, and at the right a space and the letter.
    let columns = style.width.saturating_sub(axis + 2 + 2).clamp(10, 400);
    let mut canvas = Canvas::new(columns, ROWS);
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); ROWS];
    for (line, series) in series.iter().enumerate() {
        if let Some(row) = plot(&mut canvas, series, frame, &scale, line) {
            ends[row].push(line);
        }
    }

    let mut out = String::new();
    for row in 0..ROWS {
        let mark = marks.iter().find(|(at, _)| *at == row).map_or("", |(_, text)| text.as_str());
        let tick = if mark.is_empty() { '│' } else { '┤' };
        let label = format!("{}{mark} {tick}", " ".repeat(axis - mark.width()));
        out.push_str(&style.paint(Paint::Faint, &label));
        for (line, text) in canvas.row(row) {
            out.push_str(&line.map_or_else(|| text.clone(), |line| style.paint(Paint::Line(line), &text)));
        }
        if let Some(letters) = ends.get(row).filter(|_| series.len() > 1)
            && let Some(line) = letters.first()
        {
            out.push(' ');
            out.push_str(&style.paint(Paint::Line(*line), &letter(*line)));
        }
        trim_end(&mut out);
        out.push('\n');
    }
    out.push_str(&style.paint(Paint::Faint, &time_axis(frame, axis, columns)));
    out.push('\n');
    out.push_str(&legend(series, frame, &scale, style));
    out
}

/// Draws one series; gives the row of its last point.
fn plot(
    canvas: &mut Canvas,
    series: &MatrixSeries,
    frame: &Frame,
    scale: &Scale,
    line: usize,
) -> Option<usize> {
    let span = frame.end_ms.saturating_sub(frame.start_ms).max(1) as f64;
    let (width, height) = ((canvas.width() - 1) as f64, (canvas.height() - 1) as f64);
    let mut last: Option<(i64, (usize, usize))> = None;
    for (time, value) in series.floats.iter().filter(|(_, value)| value.is_finite()) {
        let x = (time.saturating_sub(frame.start_ms) as f64 / span * width).round() as usize;
        let y = ((1.0 - scale.place(*value)) * height).round() as usize;
        match last {
            // A step without a value is a gap in the line.
            Some((before, from)) if time - before <= frame.step_ms => canvas.line(from, (x, y), line),
            _ => canvas.dot(x, y, line),
        }
        last = Some((*time, (x, y)));
    }
    last.map(|(_, (_, y))| y / DOTS.1)
}

/// The line below the plot and the times below that.
fn time_axis(frame: &Frame, axis: usize, columns: usize) -> String {
    let span = frame.end_ms.saturating_sub(frame.start_ms).max(1);
    let text = |time: i64, step: i64| match step {
        step if step % 86_400_000 == 0 => times::day(time),
        step if step % 60_000 == 0 => times::time_of_day(time).chars().take(5).collect(),
        step if step % 1000 == 0 => times::time_of_day(time).trim_end_matches('Z').to_owned(),
        _ => times::time_of_day(time).trim_end_matches('Z').to_owned(),
    };
    let step = scale::time_step(span, columns / 14);
    let mut line: Vec<char> = vec!['─'; columns];
    let mut labels = String::new();
    let mut mark = frame.start_ms.div_euclid(step).saturating_mul(step);
    if mark < frame.start_ms {
        mark = mark.saturating_add(step);
    }
    // The bound is for times at the end of what can be counted, where adding a step stands still.
    for _ in 0..columns {
        if mark > frame.end_ms {
            break;
        }
        let place = (mark - frame.start_ms) as f64 / span as f64;
        let column = ((place * (columns - 1) as f64).round() as usize).min(columns - 1);
        line[column] = '┬';
        let text = text(mark, step);
        // Around the mark, but neither over the label before nor over the edge.
        let at = (column + axis + 2)
            .saturating_sub(text.width() / 2)
            .min(axis + 2 + columns + 2 - text.width().min(columns));
        if labels.is_empty() || labels.width() + 1 < at {
            labels.push_str(&" ".repeat(at.saturating_sub(labels.width())));
            labels.push_str(&text);
        }
        mark = mark.saturating_add(step);
    }
    let line: String = line.into_iter().collect();
    format!("{} └{line}\n{labels}", " ".repeat(axis))
}

/// A line a series: its letter, its labels, its least, greatest and last value.
fn legend(series: &[MatrixSeries], frame: &Frame, scale: &Scale, style: &Style) -> String {
    let mut out = String::new();
    for (line, series) in series.iter().enumerate().take(LEGEND) {
        let values = || series.floats.iter().map(|(_, value)| *value).filter(|value| value.is_finite());
        let text = |value: Option<f64>| {
            value.map_or("-".to_owned(), |value| frame.unit.text(value, scale.step / 20.0))
        };
        let figures = format!(
            "min {}  max {}  last {}",
            text(values().reduce(f64::min)),
            text(values().reduce(f64::max)),
            text(values().next_back()),
        );
        let room = style.width.saturating_sub(figures.width() + 5).max(10);
        let labels = series.labels.to_string();
        let labels = if style.read { output::cut(&labels, room) } else { labels };
        let letter = style.paint(Paint::Line(line), &letter(line));
        out.push_str(&format!("{letter} {labels}  {}\n", style.paint(Paint::Faint, &figures)));
    }
    if series.len() > LEGEND {
        out.push_str(&format!("and {} more series\n", series.len() - LEGEND));
    }
    out
}

/// What stands at a line's end and in the legend; behind the alphabet lines go unnamed.
fn letter(line: usize) -> String {
    let letter =
        u8::try_from(line).ok().filter(|line| *line < 26).map_or('·', |line| char::from(b'a' + line));
    letter.to_string()
}

/// Takes the spaces at the end of the last line away.
fn trim_end(out: &mut String) {
    let kept = out.trim_end_matches(' ').len();
    out.truncate(kept);
}
