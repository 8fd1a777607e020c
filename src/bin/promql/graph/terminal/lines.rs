//! Lines of braille dots, with a legend.

use unicode_width::UnicodeWidthStr;

use crate::{
    output,
    terminal::{Paint, Style},
};

use super::{
    super::picture::{Line, Lines},
    canvas::{Canvas, DOTS},
    columns, margin, more, time_axis, trim_end,
};

/// Rows of the plot.
const ROWS: usize = 15;
/// Series that get a line of the legend.
const LEGEND: usize = 20;

pub(super) fn draw(lines: &Lines, style: &Style) -> String {
    let row = |place: f64| ((1.0 - place) * (ROWS - 1) as f64).round() as usize;
    let marks: Vec<(usize, &str)> =
        lines.marks.iter().map(|(place, text)| (row(*place), text.as_str())).collect();
    let axis = marks.iter().map(|(_, text)| text.width()).max().unwrap_or(0);
    let columns = columns(axis, style);
    let mut canvas = Canvas::new(columns, ROWS);
    // The line that ends in each row; the first where several do.
    let mut ends: Vec<Option<usize>> = vec![None; ROWS];
    for (number, line) in lines.lines.iter().enumerate() {
        if let Some(end) = plot(&mut canvas, line, number).and_then(|row| ends.get_mut(row)) {
            end.get_or_insert(number);
        }
    }

    let mut out = String::new();
    for (row, end) in ends.iter().enumerate() {
        let mark = marks.iter().find(|(at, _)| *at == row).map_or("", |(_, text)| text);
        out.push_str(&margin(mark, axis, if mark.is_empty() { '│' } else { '┤' }, style));
        for (line, text) in canvas.row(row) {
            out.push_str(&line.map_or_else(|| text.clone(), |line| style.paint(Paint::Line(line), &text)));
        }
        if let Some(line) = end.filter(|_| lines.lines.len() > 1) {
            out.push(' ');
            out.push_str(&style.paint(Paint::Line(line), &letter(line)));
        }
        trim_end(&mut out);
        out.push('\n');
    }
    out.push_str(&time_axis(&lines.frame, axis, columns, style));
    out.push_str(&legend(&lines.lines, style));
    out
}

/// Draws one line; gives the row of its last point.
fn plot(canvas: &mut Canvas, line: &Line, number: usize) -> Option<usize> {
    let (width, height) = ((canvas.width() - 1) as f64, (canvas.height() - 1) as f64);
    let dot = |(x, y): &(f64, f64)| ((x * width).round() as usize, ((1.0 - y) * height).round() as usize);
    for run in &line.runs {
        run.iter().take(1).for_each(|point| canvas.line(dot(point), dot(point), number));
        run.windows(2).for_each(|two| canvas.line(dot(&two[0]), dot(&two[1]), number));
    }
    line.runs.last()?.last().map(|point| dot(point).1 / DOTS.1)
}

/// A line a series: its letter, its labels, its figures.
fn legend(lines: &[Line], style: &Style) -> String {
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate().take(LEGEND) {
        let room = style.width.saturating_sub(line.figures.width() + 5).max(10);
        let labels = if style.read { output::cut(&line.labels, room) } else { line.labels.clone() };
        let letter = style.paint(Paint::Line(number), &letter(number));
        out.push_str(&format!("{letter} {labels}  {}\n", style.paint(Paint::Faint, &line.figures)));
    }
    out + &more(lines.len().saturating_sub(LEGEND))
}

/// What stands at a line's end and in the legend; behind the alphabet lines go unnamed.
fn letter(line: usize) -> String {
    let letter =
        u8::try_from(line).ok().filter(|line| *line < 26).map_or('·', |line| char::from(b'a' + line));
    letter.to_string()
}
