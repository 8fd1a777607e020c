//! The body that reads files of samples.

use crate::formats::{self, Format, FormatError, ReadOptions, ReadReport, Sample, Sink};
use crate::model::Labels;
use crate::storage::{MemoryStore, Metadata, StorageError};

/// Checks what a reader hands out as it comes, and keeps it.
#[derive(Debug, Default, PartialEq)]
struct Checked {
    series: Vec<Labels>,
    samples: Vec<(usize, i64, i64, u64)>,
    families: usize,
}

impl Sink for Checked {
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError> {
        let Sample { series, labels, timestamp_ms, start_timestamp_ms, value } = sample;
        if let Some(known) = self.series.get(series) {
            // A series whose lines were skipped leaves a gap in the numbers.
            assert!(known == labels || *known == Labels::default(), "one number, two series");
        }
        if self.series.len() <= series {
            self.series.resize(series + 1, Labels::default());
        }
        self.series[series] = labels.clone();
        self.samples.push((series, timestamp_ms, start_timestamp_ms, value.to_bits()));
        Ok(())
    }

    fn metadata(&mut self, _: &str, _: &Metadata) {
        self.families += 1;
    }
}

/// The readers: strictly and leniently the same samples, errors in the file, and a store takes what comes.
pub fn formats(data: &[u8]) {
    formats::sniff(data);
    for format in [Format::Prometheus, Format::OpenMetrics] {
        let strict = ReadOptions {
            format: Some(format),
            default_timestamp_ms: Some(0),
            max_errors: usize::MAX,
            ..ReadOptions::default()
        };
        let lenient = ReadOptions { keep_going: true, ..strict.clone() };
        let (mut first, mut all) = (Checked::default(), Checked::default());
        let outcome = formats::read("fuzz", data, &strict, &mut first);
        let report =
            formats::read("fuzz", data, &lenient, &mut all).expect("nothing is fatal with keep_going");
        assert_report(data, &report, &all);
        match outcome {
            Ok(strict) => {
                assert!(report.errors.is_empty(), "only the lenient reader has {:?}", report.errors);
                assert_eq!((&strict, &first), (&report, &all));
            }
            Err(error) => {
                assert_place(data, &error);
                assert!(!report.errors.is_empty(), "only the strict reader has {error}");
            }
        }
        let mut store = MemoryStore::new();
        let loaded =
            formats::load("fuzz", data, &lenient, &mut store).expect("nothing is fatal with keep_going");
        assert!(loaded.samples <= report.samples);
        let undated = ReadOptions { default_timestamp_ms: None, ..lenient };
        let dated = formats::read("fuzz", data, &undated, &mut Checked::default());
        assert!(dated.expect("nothing is fatal with keep_going").samples <= report.samples);
    }
}

fn assert_report(data: &[u8], report: &ReadReport, found: &Checked) {
    assert_eq!(report.samples, found.samples.len() as u64);
    assert!(found.series.len() <= report.series, "{} of {} series", found.series.len(), report.series);
    assert!(report.skipped_lines <= report.lines, "{} of {} lines", report.skipped_lines, report.lines);
    report.errors.iter().for_each(|error| assert_place(data, error));
}

fn assert_place(data: &[u8], error: &FormatError) {
    let lines = data.split(|byte| *byte == b'\n').count();
    // A last line that is missing is reported behind the last one.
    assert!((1..=lines + 1).contains(&error.line), "{error}: {lines} lines");
    assert!(error.column >= 1 && !error.to_string().is_empty());
}
