//! An SVG document, element by element: lines, rectangles and texts, in pixels from the top left.

use std::fmt::Write;

/// Colours of lines, in turn; they can be told apart by the colour-blind, too.
pub(crate) const LINES: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
/// Of texts.
pub(crate) const TEXT: &str = "#333333";
/// Of axes, and of what may be overlooked.
pub(crate) const FAINT: &str = "#767676";
/// Of the lines behind a plot.
pub(crate) const GRID: &str = "#e4e4e4";

/// Pixels that a character takes, at most.
pub(crate) const CHARACTER: f64 = 7.3;
/// Pixels from line to line of text.
pub(crate) const LINE: f64 = 18.0;

/// Where a text stands at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    /// It begins there.
    Start,
    /// It has its middle there.
    Middle,
    /// It ends there.
    End,
}

/// A document that grows.
#[derive(Debug, Default)]
pub(crate) struct Document {
    body: String,
}

impl Document {
    /// Adds a text; `y` is its base line.
    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, colour: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        self.element(format_args!(
            r#"<text x="{}" y="{}"{anchor} fill="{colour}">{}</text>"#,
            pixel(x),
            pixel(y),
            escaped(text)
        ));
    }

    /// Adds a straight line, a pixel wide.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        self.element(format_args!(
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{colour}"/>"#,
            pixel(from.0),
            pixel(from.1),
            pixel(to.0),
            pixel(to.1)
        ));
    }

    /// Adds a line through points, or a dot where it is but one.
    pub(crate) fn path(&mut self, points: &[(f64, f64)], colour: &str) {
        if let [(x, y)] = points {
            let (x, y) = (pixel(*x), pixel(*y));
            self.element(format_args!(r#"<circle cx="{x}" cy="{y}" r="1.5" fill="{colour}"/>"#));
            return;
        }
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", pixel(*x), pixel(*y))).collect();
        self.element(format_args!(
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"/>"#,
            points.join(" ")
        ));
    }

    /// Adds a filled rectangle; `opacity` from 0 to 1.
    pub(crate) fn rectangle(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        colour: &str,
        opacity: f64,
    ) {
        let opacity = if opacity < 1.0 { format!(r#" fill-opacity="{opacity:.2}""#) } else { String::new() };
        self.element(format_args!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{colour}"{opacity}/>"#,
            pixel(x),
            pixel(y),
            pixel(width),
            pixel(height)
        ));
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }

    /// The document, on white; `title` is for those who do not see it.
    pub(crate) fn finish(self, title: &str, width: f64, height: f64) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"12\">\n\
             <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escaped(title),
            self.body
        )
    }
}

/// A length to a tenth of a pixel.
fn pixel(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// Text as XML can hold it, in quotes, too; of control characters it can hold hardly any.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            plain => out.push(plain),
        }
    }
    out
}
