//! The readers of text formats on the files in `tests/data/formats`: what each file gives is a snapshot.
//!
//! A file is read twice: as it is, where the first fault ends the reading; and with `keep_going`. A new case is a new file.

use std::fmt::Write;
use std::path::Path;

use promql_engine::formats::{self, Format, ReadOptions, Sample, Sink};
use promql_engine::model::number::format_float;
use promql_engine::storage::{Metadata, StorageError};

/// Writes down what a reader hands out.
#[derive(Default)]
struct Record(String);

impl Sink for Record {
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError> {
        let Sample { series, labels, timestamp_ms, start_timestamp_ms, value } = sample;
        write!(self.0, "#{series} {labels} {} @{timestamp_ms}", format_float(value))
            .expect("a string takes all");
        if start_timestamp_ms != 0 {
            write!(self.0, " since {start_timestamp_ms}").expect("a string takes all");
        }
        self.0.push('\n');
        Ok(())
    }

    fn metadata(&mut self, family: &str, metadata: &Metadata) {
        let Metadata { metric_type, help, unit } = metadata;
        writeln!(self.0, "{family}: {} {help:?} {unit:?}", metric_type.name()).expect("a string takes all");
    }
}

fn outcome(file: &str, bytes: &[u8]) -> String {
    let mut options = ReadOptions { default_timestamp_ms: Some(0), ..ReadOptions::default() };
    let format = if file.ends_with(".om") { Format::OpenMetrics } else { Format::Prometheus };
    options.format = Some(format);
    let strict = match formats::read(file, bytes, &options, &mut Record::default()) {
        Ok(report) => format!("{} samples of {} series\n", report.samples, report.series),
        Err(error) => format!("{error}\n"),
    };
    options.keep_going = true;
    let mut record = Record::default();
    let report = formats::read(file, bytes, &options, &mut record).expect("with keep_going nothing is fatal");
    let mut out = format!("{strict}\n{}\n", record.0);
    writeln!(out, "skipped {} of {} lines", report.skipped_lines, report.lines).expect("a string takes all");
    for error in &report.errors {
        writeln!(out, "{error}").expect("a string takes all");
    }
    out
}

#[test]
fn files_give_what_their_snapshots_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a UTF-8 name"))
        .filter(|name| name.ends_with(".prom") || name.ends_with(".om"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let bytes = std::fs::read(folder.join(&name)).expect("a case");
        insta::assert_snapshot!(name.as_str(), outcome(&name, &bytes));
    }
}
