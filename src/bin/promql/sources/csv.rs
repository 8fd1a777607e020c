//! CSV: a row a time, its columns times, values, names and labels, as `--csv` says or as they look.

mod mapping;

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use promql_engine::{
    model::{Labels, LabelsBuilder, METRIC_NAME, number::parse_float},
    storage::MemoryStore,
};

use super::Reading;
use crate::{progress::Progress, times};
use mapping::Columns;
pub(crate) use mapping::Mapping;

/// What came of a reading.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) skipped_lines: usize,
    /// The first of the errors.
    pub(super) errors: Vec<String>,
}

/// How many errors a report holds.
const MAX_ERRORS: usize = 100;

/// Whether a source is CSV: by its name, or by a first line that names a column of times.
pub(super) fn is_csv(name: &str, bytes: &[u8], mapping: Option<&Mapping>) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    if name.ends_with(".csv") || name.ends_with(".tsv") {
        return true;
    }
    let first_line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(header) = reader(bytes, delimiter(first_line)).headers().cloned() else { return false };
    header.len() > 1 && mapping::time_column(&header, mapping).is_some()
}

/// What parts the columns: whichever of the usual signs the first line has most of.
fn delimiter(first_line: &[u8]) -> u8 {
    let count = |sign: u8| first_line.iter().filter(|byte| **byte == sign).count();
    [b',', b'\t', b';'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(bytes)
}

/// The samples of one series: time, value, line.
type Samples = Vec<(i64, f64, u64)>;

/// Reads a whole file into the store. Rows may come in any order of time.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    reading: &Reading,
    store: &mut MemoryStore,
    progress: &Progress,
) -> Result<Report, String> {
    let first_line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut reader = reader(bytes, delimiter(first_line));
    let mut report = Report::default();
    let mut fault = |message: String| -> Result<(), String> {
        if !reading.keep_going {
            return Err(message);
        }
        report.skipped_lines += 1;
        if report.errors.len() < MAX_ERRORS {
            report.errors.push(message);
        }
        Ok(())
    };
    let malformed = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        format!("{file}:{line}: {}", reason(&error))
    };
    let header = reader.headers().map_err(malformed)?.clone();
    let mut columns: Option<Columns> = None;
    let mut series: Vec<(Labels, Samples)> = Vec::new();
    let mut numbers: HashMap<Labels, usize> = HashMap::new();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                fault(malformed(error))?;
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        let columns = match &mut columns {
            Some(columns) => columns,
            // The first row tells numbers from labels.
            none => none.insert(
                Columns::find(&header, &record, reading.csv.as_ref(), file)
                    .map_err(|message| format!("{file}:1: {message}"))?,
            ),
        };
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let Some(time_ms) = time(cell(columns.time)) else {
            fault(format!("{file}:{line}: `{}` is no time", cell(columns.time)))?;
            continue;
        };
        for (column, metric) in &columns.values {
            let text = cell(*column);
            if text.is_empty() {
                continue;
            }
            let Ok(value) = parse_float(text) else {
                fault(format!("{file}:{line}: `{text}` is no number (column `{}`)", &header[*column]))?;
                continue;
            };
            let mut labels = LabelsBuilder::default();
            labels.set(METRIC_NAME, columns.name.map_or(metric, |name| cell(name)));
            for (column, label) in &columns.labels {
                labels.set(label, cell(*column));
            }
            let labels = labels.finish();
            let number = *numbers.entry(labels).or_insert_with_key(|labels| {
                series.push((labels.clone(), Vec::new()));
                series.len() - 1
            });
            series[number].1.push((time_ms, value, line));
            progress.sample();
        }
    }
    for (labels, mut samples) in series {
        samples.sort_by_key(|(time_ms, ..)| *time_ms);
        let id = store.series_id(&labels).map_err(|error| format!("{file}: {error}"))?;
        for (time_ms, value, line) in samples {
            if let Err(error) = store.append_to(id, time_ms, 0, value) {
                fault(format!("{file}:{line}: {error}"))?;
            }
        }
    }
    Ok(report)
}

/// What is wrong with a row; its place is said elsewhere.
fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("expected {expected_len} columns, as in the first line, found {len}")
        }
        csv::ErrorKind::Utf8 { .. } => "expected UTF-8".to_owned(),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "malformed".to_owned(),
    }
}

/// A time in ms: a date, or a number whose size tells seconds, ms, µs and ns apart.
fn time(text: &str) -> Option<i64> {
    let Ok(number) = text.parse::<f64>() else {
        return times::calendar(text);
    };
    let ms = match number.abs() {
        seconds if seconds < 1e11 => number * 1e3,
        milliseconds if milliseconds < 1e14 => number,
        microseconds if microseconds < 1e17 => number / 1e3,
        nanoseconds if nanoseconds < 1e20 => number / 1e6,
        _ => return None,
    };
    Some(ms.round() as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::terminal::Terminal;

    proptest! {
        #[test]
        fn no_file_is_too_odd(text in "(time|ts|a),(value|b\"?|name)[;,\t]?c?\n([0-9x\"\r\n,;.-]|é){0,80}", keep_going: bool) {
            let reading = Reading { keep_going, csv: None };
            let progress = Progress::start("reading", &Terminal::detect());
            let mut store = MemoryStore::new();
            is_csv("-", text.as_bytes(), None);
            let read = read("a.csv", text.as_bytes(), &reading, &mut store, &progress);
            // What is passed over has its line; only the header cannot be passed over.
            if let (true, Err(message)) = (keep_going, read) {
                prop_assert!(message.starts_with("a.csv:1: "), "{message}");
            }
        }
    }

    #[test]
    fn times_of_every_size() {
        const NOON: i64 = 1_764_072_000_000;
        for text in [
            "1764072000",
            "1764072000.000",
            "1764072000000",
            "1764072000000000",
            "1764072000000000000",
            "2025-11-25T12:00:00Z",
            "2025-11-25 12:00:00",
            "2025-11-25T13:00:00+01:00",
        ] {
            assert_eq!(time(text), Some(NOON), "{text}");
        }
        assert_eq!((time(""), time("noon"), time("NaN"), time("1e30")), (None, None, None, None));
        assert_eq!(time("-1.5"), Some(-1500));
    }

    #[test]
    fn what_parts_columns() {
        assert_eq!(delimiter(b"a,b;c,d"), b',');
        assert_eq!(delimiter(b"a\tb c\td,e"), b'\t');
        assert_eq!(delimiter(b"a;b"), b';');
        assert_eq!(delimiter(b"a"), b',');
    }
}
