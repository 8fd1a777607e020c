//! Diagnostics in the manner of rustc: the line of the query, a run of carets under the span, a note behind it.
//!
//! What the terminal shows and what the parser counts differ: spans are bytes, a tab moves to a stop, a
//! character may take two columns or none. All of that is settled here, and only here. A long line is
//! cut to the part around the span, so the cost is bounded by the width, not by the query.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{
    query_text::QueryText,
    terminal::{self, Paint, Style},
};

/// How bad it is; also the word in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// There is no answer.
    Error,
    /// There is an answer, and reason to doubt it.
    Warning,
    /// There is an answer, and something to know about it.
    Info,
    /// There is an answer, and nothing in it.
    Empty,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Empty => "(empty)",
        }
    }

    fn paint(self) -> Paint {
        match self {
            Self::Error => Paint::Error,
            Self::Warning => Paint::Warning,
            Self::Info => Paint::Info,
            Self::Empty => Paint::Faint,
        }
    }
}

/// One thing to say about a text.
#[derive(Debug, Clone)]
pub(crate) struct Diagnostic<'a> {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is the matter.
    pub(crate) message: &'a str,
    /// The bytes it concerns, of the text that is evaluated.
    pub(crate) span: Option<(usize, usize)>,
    /// A note to stand behind the carets, such as what to write instead.
    pub(crate) note: Option<&'a str>,
}

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// A line as the terminal shows it: characters with their byte offsets in the source and their widths.
struct Shown {
    cells: Vec<(usize, String, usize)>,
}

impl Shown {
    fn new(line: &str, line_start: usize) -> Self {
        let mut column = 0;
        let mut cells = Vec::with_capacity(line.len());
        for (at, character) in line.char_indices() {
            let (text, width) = match character {
                '\t' => {
                    let width = TAB - column % TAB;
                    (" ".repeat(width), width)
                }
                // A control character would act on the terminal instead of being seen.
                control if control.is_control() => ("\u{fffd}".to_owned(), 1),
                other => (other.to_string(), other.width().unwrap_or(0)),
            };
            column += width;
            cells.push((line_start + at, text, width));
        }
        Self { cells }
    }

    fn width(&self, cells: std::ops::Range<usize>) -> usize {
        self.cells[cells].iter().map(|(_, _, width)| width).sum()
    }

    fn text(&self, cells: std::ops::Range<usize>) -> String {
        self.cells[cells].iter().map(|(_, text, _)| text.as_str()).collect()
    }

    /// The index of the first cell at or behind this byte.
    fn index(&self, byte: usize) -> usize {
        self.cells.partition_point(|(at, _, _)| *at < byte)
    }
}

/// The diagnostic as text, a line break at its end.
pub(crate) fn render<'a>(
    diagnostic: &Diagnostic<'_>,
    query: impl Into<QueryText<'a>>,
    style: &Style,
) -> String {
    let query = query.into();
    let source = query.typed;
    let severity = diagnostic.severity;
    let between = if severity == Severity::Empty { "" } else { ":" };
    let head = format!("{}{between} {}", severity.word(), diagnostic.message);
    let message = if style.read { terminal::wrap(&head, style.width) } else { head };
    let message = message.strip_prefix(severity.word()).unwrap_or(&message);
    let mut out = format!("{}{message}\n", style.paint(severity.paint(), severity.word()));
    let Some(span) = diagnostic.span else {
        return out;
    };
    let (start, end) = query.place(span);
    let start = floor_boundary(source, start);
    let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
    let line = source[line_start..line_end].trim_end_matches('\r');
    if line.trim().is_empty() && source.trim().is_empty() {
        return out;
    }
    let number = source[..line_start].matches('\n').count() + 1;
    let gutter = number.to_string();
    let pad = " ".repeat(gutter.len());

    let (kept, kept_start) = around(line, start - line_start, end.saturating_sub(line_start));
    let shown = Shown::new(kept, line_start + kept_start);
    let first = shown.index(start);
    let last = shown.index(end.clamp(start, line_start + line.len())).max(first);
    let room = style.width.saturating_sub(gutter.len() + 3 + 2).max(20);
    let window = window(&shown, first, last, room);
    let (cut_left, cut_right) = (
        window.start > 0 || kept_start > 0,
        window.end < shown.cells.len() || kept_start + kept.len() < line.len(),
    );
    let last = last.min(window.end);

    let mark = |cut: bool| if cut { "…" } else { "" };
    let text = format!("{}{}{}", mark(cut_left), shown.text(window.clone()), mark(cut_right));
    let indent = shown.width(window.start..first) + usize::from(cut_left);
    let carets = "^".repeat(shown.width(first..last).max(1));
    let bar = |gutter: &str| style.paint(Paint::Gutter, &format!("{gutter} |"));
    out.push_str(&format!("{}\n", bar(&pad)));
    out.push_str(&format!("{} {}\n", bar(&gutter), text.trim_end()));
    out.push_str(&format!("{} {}{}", bar(&pad), " ".repeat(indent), style.paint(severity.paint(), &carets)));
    if let Some(note) = diagnostic.note {
        // Behind the carets where there is room, else on a line of its own.
        let used = gutter.len() + 3 + indent + carets.width() + 1;
        let fits = !style.read || used + note.width() <= style.width;
        let lead = if fits { " ".to_owned() } else { format!("\n{pad} = ") };
        out.push_str(&format!("{lead}{}", style.paint(severity.paint(), note)));
    }
    out.push('\n');
    out
}

/// The nearest character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The part of a very long line that can matter, and where it starts.
fn around(line: &str, start: usize, end: usize) -> (&str, usize) {
    const KEEP: usize = 2000;
    let from = floor_boundary(line, start.saturating_sub(KEEP));
    let to = floor_boundary(line, end.min(start.saturating_add(KEEP)).saturating_add(KEEP));
    (&line[from..to.max(from)], from)
}

/// The cells to show where the line is wider than `room`: the span's first part, with some of what stands before it.
fn window(shown: &Shown, first: usize, last: usize, room: usize) -> std::ops::Range<usize> {
    let all = 0..shown.cells.len();
    if shown.width(all.clone()) <= room {
        return all;
    }
    let span = shown.width(first..last).min(room);
    let before = (room - span) / 2;
    let mut from = first;
    while from > 0 && shown.width(from - 1..first) <= before {
        from -= 1;
    }
    let mut to = from;
    while to < shown.cells.len() && shown.width(from..to + 1) <= room {
        to += 1;
    }
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(source: &str, start: usize, end: usize, note: Option<&str>) -> String {
        let diagnostic =
            Diagnostic { severity: Severity::Error, message: "no", span: Some((start, end)), note };
        render(&diagnostic, source, &Style { colour: false, width: 60, read: true })
    }

    #[test]
    fn carets_stand_under_the_span() {
        assert_eq!(
            plain("sum(rate(up))", 9, 11, Some("add a range: up[5m]")),
            "error: no\n  |\n1 | sum(rate(up))\n  |          ^^ add a range: up[5m]\n"
        );
    }

    #[test]
    fn a_note_without_room_stands_below() {
        let note = "a long piece of advice that does not fit";
        assert_eq!(
            plain("sum(rate(up)) + sum(rate(up))", 24, 26, Some(note)),
            format!(
                "error: no\n  |\n1 | sum(rate(up)) + sum(rate(up))\n  |                         ^^\n  = {note}\n"
            )
        );
    }

    #[test]
    fn the_end_of_the_query_gets_one_caret() {
        assert_eq!(plain("1 +", 3, 3, None), "error: no\n  |\n1 | 1 +\n  |    ^\n");
        assert_eq!(plain("1 +", 90, 99, None), "error: no\n  |\n1 | 1 +\n  |    ^\n");
    }

    #[test]
    fn tabs_and_wide_characters_count_as_shown() {
        assert_eq!(
            plain("\t\"日本\" + x", 12, 13, None),
            "error: no\n  |\n1 |     \"日本\" + x\n  |              ^\n"
        );
        assert_eq!(plain("\t\"日本\"", 2, 8, None), "error: no\n  |\n1 |     \"日本\"\n  |      ^^^^\n");
    }

    #[test]
    fn a_span_inside_a_character_moves_to_its_start() {
        assert_eq!(plain("日", 1, 2, None), "error: no\n  |\n1 | 日\n  | ^^\n");
    }

    #[test]
    fn the_line_of_the_span_is_shown_with_its_number() {
        let source = "sum(\n  rate(up)\n)";
        assert_eq!(plain(source, 12, 14, None), "error: no\n  |\n2 |   rate(up)\n  |        ^^\n");
    }

    #[test]
    fn a_span_over_lines_ends_with_its_first_line() {
        assert_eq!(plain("sum(\n up)", 0, 8, None), "error: no\n  |\n1 | sum(\n  | ^^^^\n");
    }

    #[test]
    fn a_long_line_is_cut_around_the_span() {
        let source = format!("{}@{}", "a".repeat(5000), "b".repeat(5000));
        let shown = plain(&source, 5000, 5001, None);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{shown}");
        let at = lines[2].chars().position(|c| c == '@');
        assert_eq!(at, lines[3].chars().position(|c| c == '^'), "{shown}");
        assert!(lines[2].contains("…a") && lines[2].ends_with("b…"), "{shown}");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert!(!plain("\u{1b}[31m", 0, 1, None).contains('\u{1b}'));
    }
}
