//! Pictures in characters: lines of braille dots, bars of blocks, heat in four shades.
//!
//! All can be read without colours: each line carries a letter at its right end and in the legend, and shades grow denser.

mod bars;
mod canvas;
mod heat;
mod lines;

use unicode_width::UnicodeWidthStr;

use crate::terminal::{Paint, Style};

use super::{
    Frame, axis,
    picture::{Panel, Picture},
};

/// Dots that a character is wide.
pub(super) const DOTS_ACROSS: usize = canvas::DOTS.0;

/// Columns of a time axis that a mark takes.
const MARK_WIDTH: usize = 14;

/// The picture, as wide as the terminal.
pub(super) fn draw(picture: &Picture, style: &Style) -> String {
    if picture.panels.is_empty() {
        return "(nothing to draw: no series has a finite float)\n".to_owned();
    }
    let panel = |panel: &Panel| match panel {
        Panel::Lines(lines) => lines::draw(lines, style),
        Panel::Bars(bars) => bars::draw(bars, style),
        Panel::Heat(heat) => heat::draw(heat, style),
    };
    let panels: Vec<String> = picture.panels.iter().map(panel).collect();
    panels.join("\n") + &more(picture.left_out)
}

/// Says how many series are not shown.
fn more(series: usize) -> String {
    match series {
        0 => String::new(),
        1 => "and 1 more series\n".to_owned(),
        many => format!("and {many} more series\n"),
    }
}

/// Columns for a plot beside texts this wide: between them stand a space and the axis, and behind it a space and a letter.
fn columns(text: usize, style: &Style) -> usize {
    style.width.saturating_sub(text + 2 + 2).clamp(10, 400)
}

/// What stands left of a row: its text at the axis, and the axis.
fn margin(text: &str, width: usize, tick: char, style: &Style) -> String {
    let pad = " ".repeat(width.saturating_sub(text.width()));
    style.paint(Paint::Faint, &format!("{pad}{text} {tick}"))
}

/// The line below a plot and the times below that.
fn time_axis(frame: &Frame, text_width: usize, columns: usize, style: &Style) -> String {
    let mut line: Vec<char> = vec!['─'; columns];
    let mut labels = String::new();
    for (place, text) in axis::time_marks(frame, columns / MARK_WIDTH) {
        let column = ((place * (columns - 1) as f64).round() as usize).min(columns - 1);
        line[column] = '┬';
        // Around the mark, but neither over the label before nor over the edge.
        let at = (column + text_width + 2)
            .saturating_sub(text.width() / 2)
            .min(text_width + 2 + columns + 2 - text.width().min(columns));
        if labels.is_empty() || labels.width() + 1 < at {
            labels.push_str(&" ".repeat(at.saturating_sub(labels.width())));
            labels.push_str(&text);
        }
    }
    let line: String = line.into_iter().collect();
    style.paint(Paint::Faint, &format!("{} └{line}\n{labels}", " ".repeat(text_width))) + "\n"
}

/// Takes the spaces at the end of the last line away.
fn trim_end(out: &mut String) {
    let kept = out.trim_end_matches(' ').len();
    out.truncate(kept);
}

#[cfg(test)]
mod tests {
    use promql_engine::{
        exec::value::{MatrixSeries, Value},
        model::Labels,
    };

    use super::*;
    use crate::evaluate::When;

    #[test]
    fn shades_and_lines_have_colours() {
        let bucket = |le: &str, floats: &[(i64, f64)]| MatrixSeries {
            labels: Labels::from_pairs([("le", le)]),
            floats: floats.to_vec(),
            histograms: Vec::new(),
        };
        let style = Style { colour: true, width: 20, read: true };
        let when = When::Range { start_ms: 0, end_ms: 1000, step_ms: 1000 };
        let draw = |series| {
            let picture = Picture::of(&Value::Matrix(series), &Frame::of("x", when)).expect("a matrix");
            draw(&picture, &style)
        };
        let heat = draw(vec![bucket("1", &[(0, 1.0), (1000, 4.0)]), bucket("2", &[(0, 1.0), (1000, 6.0)])]);
        assert_eq!(heat.lines().next(), Some("\u{1b}[2m≤ 2 ┤\u{1b}[0m      \u{1b}[36m▒▒▒▒▒▒▒\u{1b}[0m"));
        assert!(heat.ends_with("█\u{1b}[0m ≤ 4\n"), "{heat}");
        let line = draw(vec![bucket("1", &[(0, 1.0), (1000, 4.0)])]);
        assert!(line.contains("\u{1b}[32ma\u{1b}[0m {le=\"1\"}"), "{line}");
    }
}
