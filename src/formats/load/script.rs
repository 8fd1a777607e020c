//! Scripts as sources of samples: what their `load` blocks have loaded at the end, the questions between them left out.

use rustc_hash::FxHashSet;

use super::{LoadBlock, block_length, is_load_command};
use crate::formats::error::{FormatError, FormatErrorKind};
use crate::formats::{Format, ReadOptions, ReadReport};
use crate::model::Labels;
use crate::storage::MemoryStore;

/// Whether these bytes begin as a script does: with `load` and a step, or with another command and a block later on.
pub(in crate::formats) fn is_script(bytes: &[u8]) -> bool {
    const LINES: usize = 1000;
    let lines = bytes.split(|byte| *byte == b'\n').take(LINES).map(|line| line.trim_ascii());
    let mut commands = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let words = |line: &[u8]| {
        let line = String::from_utf8_lossy(line).into_owned();
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap_or_default(), words.next())
    };
    // `load 5` is a sample of a metric named so; a step has a unit.
    let is_step = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(['s', 'm', 'h', 'd', 'w', 'y'])
    };
    let is_load = |line: &[u8]| {
        let (command, step) = words(line);
        is_load_command(&command) && step.is_some_and(|step| is_step(&step))
    };
    commands.next().is_some_and(|first| {
        let (command, second) = words(first);
        let other =
            command == "clear" && second.is_none() || command == "eval" || command.starts_with("eval_");
        is_load(first) || other && commands.any(is_load)
    })
}

/// Reads a script into a store: its `load` blocks, those before a `clear` forgotten.
pub(in crate::formats) fn read(
    file: &str,
    bytes: &[u8],
    options: &ReadOptions,
    store: &mut MemoryStore,
) -> Result<ReadReport, FormatError> {
    let mut report = ReadReport::new(Format::Load);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count();
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let rest = bytes.get(start..).unwrap_or_default();
            let kind = FormatErrorKind::expected("UTF-8", bytes.get(before.len()..).unwrap_or_default());
            return Err(FormatError::at(file, line + 1, rest, before.len() - start, kind));
        }
    };
    let lines: Vec<&str> = text.lines().collect();
    report.lines = lines.len();
    let mut blocks: Vec<(usize, LoadBlock)> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let first = line.trim();
        if first.is_empty() || first.starts_with('#') {
            at += 1;
            continue;
        }
        let block = lines.get(at..).unwrap_or_default();
        let length = block_length(block);
        let block = block.get(..length).unwrap_or_default();
        if first == "clear" {
            blocks.clear();
            at += 1;
        } else if first.starts_with("eval") {
            at += length;
        } else {
            if let Some(parsed) = parse(file, at + 1, block, options, &mut report)? {
                blocks.push((at + 1, parsed));
            }
            at += length;
        }
    }
    let before = store.summary().samples;
    let mut series: FxHashSet<&Labels> = FxHashSet::default();
    for (line, block) in &blocks {
        series.extend(block.series.iter().map(|series| &series.labels));
        if let Err(kind) = block.fill(store) {
            report.fault(options, FormatError { file: file.to_owned(), line: *line, column: 1, kind })?;
        }
    }
    report.samples = store.summary().samples - before;
    report.series = series.len();
    Ok(report)
}

/// Reads one block; where faults are to be passed over, without the lines that have one.
fn parse(
    file: &str,
    first_line: usize,
    lines: &[&str],
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<Option<LoadBlock>, FormatError> {
    let mut lines = lines.to_vec();
    let most = report.skipped_lines + options.max_errors;
    loop {
        let error = match LoadBlock::parse(file, first_line, &lines) {
            Ok(block) => return Ok(Some(block)),
            Err(error) => error,
        };
        // Each fault reads the block anew: more than a few are refused.
        if report.skipped_lines >= most {
            return Err(error);
        }
        let index = error.line - first_line;
        report.fault(options, error)?;
        match lines.get_mut(index) {
            Some(line) if index > 0 => *line = "#",
            _ => return Ok(None),
        }
    }
}
