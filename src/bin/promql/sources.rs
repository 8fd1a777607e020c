//! Sources: files, standard input, addresses and the built-in recording, opened, unpacked and read into one store.

pub(crate) mod csv;
mod http;
pub(crate) mod scraping;
pub(crate) mod target;

use std::{
    fs::File,
    io::{self, Read},
};

use flate2::read::MultiGzDecoder;
use promql_engine::{
    formats::{self, Format, ReadOptions, Sample, Sink, StoreSink},
    storage::{MemoryStore, Metadata, StorageError},
};

use crate::{
    outcome::Failure,
    progress::Progress,
    render::{self, Diagnostic, Severity},
    terminal::{self, Terminal},
    times,
};
use target::Target;

/// What is read where no source is named: a recording of `examples/python_app`.
const RECORDING: &[u8] = include_bytes!("../../../examples/python_app/recording.om.gz");

/// The name of [`RECORDING`] in banners and errors.
const RECORDING_NAME: &str = "the built-in recording";

/// What a gzip file starts with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most that one source may unpack to; a small file must not fill the memory.
pub(crate) const MAX_BYTES: u64 = 4 << 30;

/// The samples of all sources.
pub(crate) struct Data {
    /// The samples.
    pub(crate) store: MemoryStore,
    /// What was read, as the user named it.
    pub(crate) names: Vec<String>,
    /// Malformed lines that were passed over, under `--keep-going`.
    pub(crate) skipped: u64,
}

/// How sources are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// Skips and counts malformed lines.
    pub(crate) keep_going: bool,
    /// What the columns of CSV files are, as far as it is said.
    pub(crate) csv: Option<csv::Mapping>,
}

/// Reads all sources into one store, or the recording where none is named. Where one cannot be read, there is no store at all.
pub(crate) fn load(names: &[String], reading: &Reading, terminal: &Terminal) -> Result<Data, Failure> {
    let mut data = Data { store: MemoryStore::new(), names: names.to_vec(), skipped: 0 };
    if names.is_empty() {
        data.names.push(RECORDING_NAME.to_owned());
        let bytes = unpacked(RECORDING_NAME, RECORDING, MAX_BYTES).map_err(Failure::Failed)?;
        read(RECORDING_NAME, &bytes, reading, &mut data, terminal)?;
    }
    for name in names {
        if http::is_url(name) {
            let (batch, result) =
                Target::new(name, target::DEFAULT_JOB, target::TIMEOUT).scrape(times::now_ms());
            result.map_err(|error| Failure::failed(format!("cannot read {error}")))?;
            batch.store(&mut data.store).map_err(|error| Failure::failed(format!("{name}: {error}")))?;
            continue;
        }
        let bytes = open(name)?;
        read(name, &bytes, reading, &mut data, terminal)?;
    }
    Ok(data)
}

/// The bytes of a file, or of standard input, unpacked.
fn open(name: &str) -> Result<Vec<u8>, Failure> {
    let bytes = match name {
        "-" => unpacked("standard input", io::stdin().lock(), MAX_BYTES),
        path => File::open(path)
            .map_err(|error| format!("cannot read {path}: {error}"))
            .and_then(|file| unpacked(path, file, MAX_BYTES)),
    };
    bytes.map_err(Failure::Failed)
}

/// The bytes of a file or of what an address gives, and their format where that says so.
pub(crate) fn fetch(name: &str) -> Result<(Vec<u8>, Option<Format>), Failure> {
    if !http::is_url(name) {
        return Ok((open(name)?, None));
    }
    let fetched =
        http::get(name, target::TIMEOUT).map_err(|error| Failure::failed(format!("cannot read {error}")))?;
    Ok((fetched.bytes, fetched.format))
}

/// Fills a store and counts what it takes.
struct Counting<'a> {
    store: StoreSink<'a>,
    progress: &'a Progress,
}

impl Sink for Counting<'_> {
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError> {
        self.progress.sample();
        self.store.sample(sample)
    }

    fn metadata(&mut self, family: &str, metadata: &Metadata) {
        self.store.metadata(family, metadata);
    }
}

/// Reads one source into the store, and says which lines were passed over.
fn read(
    name: &str,
    bytes: &[u8],
    reading: &Reading,
    data: &mut Data,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let progress = Progress::start(&format!("reading {name}"), terminal);
    let (skipped, errors) = if csv::is_csv(name, bytes, reading.csv.as_ref()) {
        let report = csv::read(name, bytes, reading, &mut data.store, &progress).map_err(Failure::Failed)?;
        (report.skipped_lines, report.errors)
    } else {
        let format = formats::sniff(bytes);
        let options = ReadOptions {
            format: Some(format),
            default_timestamp_ms: Some(times::now_ms()),
            keep_going: reading.keep_going,
            ..ReadOptions::default()
        };
        let report = match format {
            // Its samples may be histograms, which no sink takes.
            Format::Load => formats::load(name, bytes, &options, &mut data.store),
            _ => {
                let mut sink = Counting { store: StoreSink::new(&mut data.store), progress: &progress };
                formats::read(name, bytes, &options, &mut sink)
            }
        };
        let report = report.map_err(|error| Failure::failed(error.to_string()))?;
        (report.skipped_lines, report.errors.iter().map(ToString::to_string).collect())
    };
    drop(progress);
    data.skipped += skipped as u64;
    for message in &errors {
        let diagnostic = Diagnostic { severity: Severity::Warning, message, span: None, note: None };
        terminal::err(&render::render(&diagnostic, "", &terminal.err));
    }
    Ok(())
}

/// The bytes of a source, unpacked where they are packed; no more than these.
fn unpacked(name: &str, mut reader: impl Read, max_bytes: u64) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| format!("cannot read {name}: {error}");
    let mut head = Vec::new();
    reader.by_ref().take(GZIP.len() as u64).read_to_end(&mut head).map_err(failed)?;
    let packed = head == GZIP;
    let whole = io::Cursor::new(head).chain(reader);
    let mut out = Vec::new();
    let read = match packed {
        true => MultiGzDecoder::new(whole).take(max_bytes + 1).read_to_end(&mut out),
        false => whole.take(max_bytes + 1).read_to_end(&mut out),
    };
    read.map_err(failed)?;
    if out.len() as u64 > max_bytes {
        return Err(format!("{name} holds more than {} MiB", max_bytes >> 20));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_source_holds_more_than_it_may() {
        let gzip = |bytes: &[u8]| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            io::Write::write_all(&mut packed, bytes).expect("memory");
            packed.finish().expect("memory")
        };
        let limit = 1 << 20;
        let (fits, too_much) = (vec![b'1'; limit as usize], vec![b'1'; limit as usize + 1]);
        assert!(unpacked("a", fits.as_slice(), limit).is_ok_and(|bytes| bytes == fits));
        assert!(unpacked("a", gzip(&fits).as_slice(), limit).is_ok_and(|bytes| bytes == fits));
        let refused = Err("a holds more than 1 MiB".to_owned());
        assert_eq!(unpacked("a", too_much.as_slice(), limit), refused);
        assert_eq!(unpacked("a", gzip(&too_much).as_slice(), limit), refused);
    }
}
