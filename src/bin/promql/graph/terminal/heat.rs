//! Heat in four shades, a row a bucket.

use unicode_width::UnicodeWidthStr;

use crate::{
    output,
    terminal::{Paint, Style, wrap},
};

use super::{super::picture::Heat, columns, margin, time_axis, trim_end};

/// From nearly nothing to the fullest.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];

pub(super) fn draw(heat: &Heat, style: &Style) -> String {
    let axis = heat.rows.iter().map(|(text, _)| text.width()).max().unwrap_or(0);
    let columns = columns(axis, style);
    let mut out = String::new();
    for (row, (text, _)) in heat.rows.iter().enumerate() {
        out.push_str(&margin(text, axis, '┤', style));
        let shades: Vec<Option<usize>> =
            heat.columns(row, columns).into_iter().map(|share| shade(share?)).collect();
        for run in shades.chunk_by(|a, b| a == b) {
            let text =
                |shade: usize| style.paint(Paint::Heat(shade), &SHADES[shade].to_string().repeat(run.len()));
            out.push_str(&run[0].map_or_else(|| " ".repeat(run.len()), text));
        }
        trim_end(&mut out);
        out.push('\n');
    }
    out.push_str(&time_axis(&heat.frame, axis, columns, style));
    let labels = if style.read { output::cut(&heat.labels, style.width) } else { heat.labels.clone() };
    out.push_str(&format!("{labels}\n{}\n", key(heat, style)));
    out
}

/// The shade of a share; an empty bucket has none.
fn shade(share: f64) -> Option<usize> {
    let level = (share * SHADES.len() as f64).ceil() as usize;
    level.min(SHADES.len()).checked_sub(1)
}

/// What each shade stands for at most.
fn key(heat: &Heat, style: &Style) -> String {
    let entry = |shade: usize| {
        let most = (shade + 1) as f64 / SHADES.len() as f64;
        // A wide space keeps shade and figure together where the line breaks.
        format!("{}\u{a0}≤\u{a0}{}", SHADES[shade], heat.count(most))
    };
    let entries: Vec<String> = (0..SHADES.len()).map(entry).collect();
    let text = wrap(&entries.join("  "), style.width).replace('\u{a0}', " ");
    SHADES.iter().enumerate().fold(text, |text, (at, shade)| {
        let shade = shade.to_string();
        text.replacen(&shade, &style.paint(Paint::Heat(at), &shade), 1)
    })
}
