//! Bars of blocks, to an eighth of a character.

use unicode_width::UnicodeWidthStr;

use crate::{
    output,
    terminal::{Paint, Style},
};

use super::super::picture::Bars;

/// A block's eighths, from its left edge.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

pub(super) fn draw(bars: &Bars, style: &Style) -> String {
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let values = widest(&mut bars.bars.iter().map(|bar| bar.text.width()));
    // Half of the width for the labels at most, where a person reads.
    let room = if style.read { style.width / 2 } else { usize::MAX };
    let labels = widest(&mut bars.bars.iter().map(|bar| bar.label.width())).min(room);
    let columns = style.width.saturating_sub(labels + values + 3).clamp(10, 400);
    let mut out = String::new();
    if let Some(heading) = &bars.heading {
        let heading = if style.read { output::cut(heading, style.width) } else { heading.clone() };
        out.push_str(&format!("{heading}\n"));
    }
    for bar in &bars.bars {
        let label = output::cut(&bar.label, labels);
        let pad = " ".repeat(labels.saturating_sub(label.width()));
        let label = if bars.buckets { format!("{pad}{label}") } else { format!("{label}{pad}") };
        let (before, block) = block(bars.zero, bar.place, columns);
        let block = format!("{before}{}", style.paint(Paint::Line(0), &block));
        let gap = if block.is_empty() { "" } else { " " };
        out.push_str(&format!("{} {block}{gap}{}\n", style.paint(Paint::Faint, &label), bar.text));
    }
    out
}

/// The spaces before a bar, and the bar.
fn block(zero: f64, place: f64, columns: usize) -> (String, String) {
    let eighths = |place: f64| (place * (columns * 8) as f64).round() as usize;
    let (start, end) = (eighths(zero.min(place)), eighths(zero.max(place)));
    if start == end {
        return (" ".repeat(start / 8), String::new());
    }
    // There are no blocks that begin at an eighth, but one that begins in the middle.
    let (first, half) = match start % 8 {
        0..2 => (start / 8, false),
        2..6 => (start / 8, true),
        _ => (start / 8 + 1, false),
    };
    let full = (end / 8).saturating_sub(first + usize::from(half));
    let bar = format!("{}{}{}", if half { "▐" } else { "" }, "█".repeat(full), EIGHTHS[end % 8]);
    (" ".repeat(first), bar)
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn bars_end_at_an_eighth() {
        let block = |zero, place| {
            let (before, bar) = block(zero, place, 4);
            before + &bar
        };
        assert_eq!(block(0.0, 1.0), "████");
        assert_eq!(block(0.0, 0.6), "██▍");
        assert_eq!(block(0.0, 0.0), "");
        assert_eq!(block(0.5, 0.75), "  █");
        assert_eq!(block(0.5, 0.1), "▐█");
    }
}
