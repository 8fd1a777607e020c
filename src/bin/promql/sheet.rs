//! Answers as rows and columns: a column a label, then time and value; written as a table, as CSV or as Markdown.

use std::collections::BTreeMap;

use promql_engine::{
    exec::value::{SampleValue, Value},
    model::{Labels, METRIC_NAME, number::format_api_value},
};
use unicode_width::UnicodeWidthStr;

use crate::terminal::{Paint, Style};

/// Rows under a header, each as long as it.
pub(crate) struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A row a sample. `time` writes times; without it there is no such column.
    pub(crate) fn of(value: &Value, time: Option<&dyn Fn(i64) -> String>) -> Self {
        let mut samples: Vec<(&Labels, i64, String)> = Vec::new();
        let none = Labels::default();
        match value {
            Value::Scalar { time_ms, value } => samples.push((&none, *time_ms, format_api_value(*value))),
            Value::String { time_ms, value } => samples.push((&none, *time_ms, value.clone())),
            Value::Vector(vector) => samples.extend(vector.iter().map(|sample| {
                let text = match &sample.value {
                    SampleValue::Float(value) => format_api_value(*value),
                    SampleValue::Histogram(histogram) => histogram.to_string(),
                };
                (&sample.labels, sample.time_ms, text)
            })),
            Value::Matrix(matrix) => {
                for series in matrix {
                    let first = samples.len();
                    let floats = series.floats.iter().map(|(at, value)| (*at, format_api_value(*value)));
                    let histograms = series.histograms.iter().map(|(at, value)| (*at, value.to_string()));
                    samples.extend(floats.chain(histograms).map(|(at, text)| (&series.labels, at, text)));
                    samples[first..].sort_by_key(|(_, at, _)| *at);
                }
            }
        }
        let (names, columns) = columns(samples.iter().map(|(labels, ..)| *labels));
        let mut header = names;
        // A label may be called so, too.
        for name in ["time", "value"].iter().skip(usize::from(time.is_none())) {
            let taken = header.iter().any(|label| label == name);
            header.push(if taken { format!("sample_{name}") } else { (*name).to_owned() });
        }
        let rows = samples
            .into_iter()
            .map(|(labels, at, value)| {
                let mut row = vec![String::new(); columns.len()];
                for (name, value) in labels.iter() {
                    if let Some(cell) = columns.get(name).and_then(|column| row.get_mut(*column)) {
                        value.clone_into(cell);
                    }
                }
                row.extend(time.map(|time| time(at)));
                row.push(value);
                row
            })
            .collect();
        Self { header, rows }
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As CSV (RFC 4180), the header first.
    pub(crate) fn csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        // Writing to memory fails only where rows differ in length, which they do not.
        let written =
            std::iter::once(&self.header).chain(&self.rows).try_for_each(|row| writer.write_record(row));
        let bytes = writer.into_inner().unwrap_or_default();
        debug_assert!(written.is_ok());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// As a table of Markdown.
    pub(crate) fn markdown(&self) -> String {
        let escaped = |cell: &String| one_line(cell).replace('\\', "\\\\").replace('|', "\\|");
        let line =
            |row: &Vec<String>| format!("| {} |\n", row.iter().map(escaped).collect::<Vec<_>>().join(" | "));
        let mut rule = vec!["---"; self.header.len()];
        if let (true, Some(last)) = (self.numbers_last(), rule.last_mut()) {
            *last = "---:";
        }
        let mut out = line(&self.header);
        out.push_str(&format!("| {} |\n", rule.join(" | ")));
        out.extend(self.rows.iter().map(line));
        out
    }

    /// As columns under a rule, figures to the right.
    pub(crate) fn table(&self, style: &Style) -> String {
        let numbers_last = self.numbers_last();
        let cells: Vec<Vec<String>> = std::iter::once(&self.header)
            .chain(&self.rows)
            .map(|row| row.iter().map(|c| one_line(c)).collect())
            .collect();
        let widths: Vec<usize> = (0..self.header.len())
            .map(|column| cells.iter().map(|row| row[column].width()).max().unwrap_or(0))
            .collect();
        let mut out = String::new();
        for (at, row) in cells.iter().enumerate() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column].saturating_sub(cell.width()));
                let cell = if at == 0 { style.paint(Paint::Name, cell) } else { cell.clone() };
                let gap = if column > 0 { "  " } else { "" };
                line.push_str(gap);
                line.push_str(&if numbers_last && column + 1 == row.len() {
                    pad + &cell
                } else {
                    cell + &pad
                });
            }
            out.push_str(line.trim_end());
            out.push('\n');
            if at == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                out.push_str(&style.paint(Paint::Faint, &rule.join("  ")));
                out.push('\n');
            }
        }
        out
    }

    /// Whether the last column holds nothing but numbers. Labels are names, whatever they look like.
    fn numbers_last(&self) -> bool {
        let is_number = |row: &Vec<String>| row.last().is_some_and(|cell| cell.parse::<f64>().is_ok());
        !self.rows.is_empty() && self.rows.iter().all(is_number)
    }
}

/// The names of all labels, the metric's first, and the column of each.
fn columns<'a>(series: impl Iterator<Item = &'a Labels>) -> (Vec<String>, BTreeMap<&'a str, usize>) {
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut before: Option<&Labels> = None;
    for labels in series {
        // The samples of a series share its labels: they are looked at once.
        if !before.is_some_and(|before| std::ptr::eq(before, labels)) {
            columns.extend(labels.iter().map(|(name, _)| (name, 0)));
            before = Some(labels);
        }
    }
    let mut names: Vec<&str> = columns.keys().copied().collect();
    names.sort_by_key(|name| *name != METRIC_NAME);
    for (at, name) in names.iter().enumerate() {
        columns.insert(name, at);
    }
    (names.into_iter().map(str::to_owned).collect(), columns)
}

/// A cell's text on one line, and without what would act on the terminal.
fn one_line(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    text.chars()
        .flat_map(|character| match character {
            control if control.is_control() => control.escape_default().collect::<Vec<_>>(),
            other => vec![other],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql_engine::exec::value::VectorSample;

    fn sheet() -> Sheet {
        let sample = |labels: &[(&str, &str)], value| VectorSample {
            labels: Labels::from_pairs(labels.iter().copied()),
            time_ms: 1000,
            value: SampleValue::Float(value),
        };
        let value = Value::Vector(vec![
            sample(&[("__name__", "up"), ("job", "a|b, \"c\"\n"), ("value", "日本")], 1.5),
            sample(&[("__name__", "up"), ("zone", "x")], f64::INFINITY),
        ]);
        Sheet::of(&value, Some(&|ms| ms.to_string()))
    }

    #[test]
    fn cells_are_quoted_as_the_format_wants() {
        assert_eq!(
            sheet().csv(),
            "__name__,job,value,zone,time,sample_value\nup,\"a|b, \"\"c\"\"\n\",日本,,1000,1.5\nup,,,x,1000,+Inf\n"
        );
        assert_eq!(
            sheet().markdown(),
            "| __name__ | job | value | zone | time | sample_value |\n| --- | --- | --- | --- | --- | ---: |\n\
             | up | a\\|b, \"c\"\\\\n | 日本 |  | 1000 | 1.5 |\n| up |  |  | x | 1000 | +Inf |\n"
        );
    }

    #[test]
    fn columns_of_a_table_line_up() {
        let style = Style { colour: false, width: 80, read: false };
        assert_eq!(
            sheet().table(&style),
            "__name__  job         value  zone  time  sample_value\n\
             ────────  ──────────  ─────  ────  ────  ────────────\n\
             up        a|b, \"c\"\\n  日本         1000           1.5\n\
             up                           x     1000          +Inf\n"
        );
    }
}
