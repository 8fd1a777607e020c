//! Sources: files, standard input and the built-in recording, opened, unpacked and read into one store.

use std::{
    fs::File,
    io::{self, Read},
};

use flate2::read::MultiGzDecoder;
use promql_engine::{
    formats::{self, ReadOptions},
    storage::MemoryStore,
};

use crate::{
    outcome::Failure,
    render::{self, Diagnostic, Severity},
    terminal::{self, Terminal},
    times,
};

/// What is read where no source is named: a recording of `examples/python_app`.
const RECORDING: &[u8] = include_bytes!("../../../examples/python_app/recording.om.gz");

/// The name of [`RECORDING`] in banners and errors.
const RECORDING_NAME: &str = "the built-in recording";

/// What a gzip file starts with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most that one source may unpack to; a small file must not fill the memory.
const MAX_BYTES: u64 = 4 << 30;

/// The samples of all sources.
pub(crate) struct Data {
    /// The samples.
    pub(crate) store: MemoryStore,
    /// What was read, as the user named it.
    pub(crate) names: Vec<String>,
    /// Malformed lines that were passed over, under `--keep-going`.
    pub(crate) skipped: u64,
}

/// Reads all sources into one store, or the recording where none is named. Where one cannot be read, there is no store at all.
pub(crate) fn load(names: &[String], keep_going: bool, terminal: &Terminal) -> Result<Data, Failure> {
    let mut data = Data { store: MemoryStore::new(), names: names.to_vec(), skipped: 0 };
    let options =
        ReadOptions { default_timestamp_ms: Some(times::now_ms()), keep_going, ..ReadOptions::default() };
    if names.is_empty() {
        data.names.push(RECORDING_NAME.to_owned());
        let bytes = unpacked(RECORDING_NAME, RECORDING)?;
        read(RECORDING_NAME, &bytes, &options, &mut data, terminal)?;
    }
    for name in names {
        let bytes = match name.as_str() {
            "-" => unpacked("standard input", io::stdin().lock())?,
            path => {
                let file = File::open(path);
                unpacked(
                    path,
                    file.map_err(|error| Failure::failed(format!("cannot read {path}: {error}")))?,
                )?
            }
        };
        read(name, &bytes, &options, &mut data, terminal)?;
    }
    Ok(data)
}

/// Reads one source into the store, and says which lines were passed over.
fn read(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    data: &mut Data,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let report = formats::load(name, bytes, options, &mut data.store)
        .map_err(|error| Failure::failed(error.to_string()))?;
    data.skipped += report.skipped_lines as u64;
    for error in &report.errors {
        let message = error.to_string();
        let diagnostic =
            Diagnostic { severity: Severity::Warning, message: &message, span: None, note: None };
        terminal::err(&render::render(&diagnostic, "", &terminal.err));
    }
    Ok(())
}

/// The bytes of a source, unpacked where they are packed.
fn unpacked(name: &str, mut reader: impl Read) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::failed(format!("cannot read {name}: {error}"));
    let mut head = Vec::new();
    reader.by_ref().take(GZIP.len() as u64).read_to_end(&mut head).map_err(failed)?;
    let packed = head == GZIP;
    let whole = io::Cursor::new(head).chain(reader);
    let mut out = Vec::new();
    let read = match packed {
        true => MultiGzDecoder::new(whole).take(MAX_BYTES + 1).read_to_end(&mut out),
        false => whole.take(MAX_BYTES + 1).read_to_end(&mut out),
    };
    read.map_err(failed)?;
    if out.len() as u64 > MAX_BYTES {
        return Err(Failure::failed(format!("{name} holds more than {} GiB", MAX_BYTES >> 30)));
    }
    Ok(out)
}
