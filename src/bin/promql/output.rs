//! Answers as text: pasteable lines for an instant, points in columns for a range, and tables for lists.

use unicode_width::UnicodeWidthStr;

use crate::terminal::{Paint, Style};

/// Rows as columns of equal width, the last one free; where a person reads, it is cut at the terminal's edge.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]], style: &Style) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        let mut used = 0;
        for (at, cell) in row.iter().enumerate() {
            let cell = if at + 1 == N && style.read {
                cut(cell, style.width.saturating_sub(used))
            } else {
                cell.clone()
            };
            let pad = if at + 1 == N { 0 } else { widths[at].saturating_sub(cell.width()) + 2 };
            used += cell.width() + pad;
            let shown = if at == 0 { style.paint(Paint::Name, &cell) } else { cell };
            line.push_str(&shown);
            line.push_str(&" ".repeat(pad));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The beginning of a text that fits, with an ellipsis where something is missing.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for character in text.chars() {
        out.push(character);
        if out.width() + 1 > width {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

/// A number with its thousands apart: `41,300`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with the word for what it counts: `1 sample`, `41,300 samples`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// A size to three figures at most: `640 B`, `12 KiB`, `1.5 GiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64, "B");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if size < 1024.0 {
            break;
        }
        (size, unit) = (size / 1024.0, larger);
    }
    if size < 10.0 && unit != "B" { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

/// A time that something took, to three figures at most: `45 µs`, `0.4 ms`, `12 ms`, `1.25 s`.
pub(crate) fn took(seconds: f64) -> String {
    match seconds {
        shortest if shortest < 1e-4 => format!("{:.0} µs", shortest * 1e6),
        short if short < 0.01 => format!("{:.1} ms", short * 1e3),
        middle if middle < 1.0 => format!("{:.0} ms", middle * 1e3),
        long => format!("{long:.2} s"),
    }
}

/// Points of a series in rows as wide as the terminal: `09:00:00Z 1.5   09:01:00Z 2`. On a pipe one a line.
pub(crate) fn points(points: &[(String, String)], width: Option<usize>) -> String {
    let cell = |(time, value): &(String, String)| format!("{time} {value}");
    let Some(width) = width else {
        return points.iter().map(|point| format!("  {}\n", cell(point))).collect();
    };
    let widest = points.iter().map(|point| cell(point).width()).max().unwrap_or(0);
    let in_a_row = (width.saturating_sub(2) / (widest + 2)).max(1);
    let mut out = String::new();
    for row in points.chunks(in_a_row) {
        let cells: Vec<String> = row
            .iter()
            .map(|point| {
                let text = cell(point);
                format!("{text}{}", " ".repeat(widest.saturating_sub(text.width())))
            })
            .collect();
        out.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_for_people() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(41_300), "41,300");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(count(1, "sample", "samples"), "1 sample");
        assert_eq!(
            (took(0.0004), took(0.25), took(1.25)),
            ("0.4 ms".into(), "250 ms".into(), "1.25 s".into())
        );
    }

    #[test]
    fn points_fill_the_width() {
        let three: Vec<_> = (0..3).map(|n| (format!("09:0{n}"), "1".repeat(n + 1))).collect();
        assert_eq!(points(&three, None), "  09:00 1\n  09:01 11\n  09:02 111\n");
        assert_eq!(points(&three, Some(26)), "  09:00 1    09:01 11\n  09:02 111\n");
        assert_eq!(points(&three, Some(1)), "  09:00 1\n  09:01 11\n  09:02 111\n");
    }

    #[test]
    fn columns_line_up_and_the_last_is_cut_for_a_person() {
        let rows = [
            ["up".to_owned(), "日本".to_owned(), "a long help".to_owned()],
            ["a".into(), "x".into(), "b".into()],
        ];
        let plain = columns(&rows, &Style { colour: false, width: 15, read: false });
        assert_eq!(plain, "up  日本  a long help\na   x     b\n");
        assert_eq!(cut("a long help", 6), "a lon…");
    }
}
