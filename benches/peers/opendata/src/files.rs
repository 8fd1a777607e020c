//! Files of samples and of answers; `../driver/files.go` says their form.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use timeseries::{Label, RangeSample, Sample, Series};

/// All series of a file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Series>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut all = Vec::new();
    while let Some(count) = number_or_end(&mut file)? {
        let mut name = String::new();
        let mut labels = Vec::new();
        for _ in 0..count {
            match (text(&mut file)?, text(&mut file)?) {
                (label, value) if label == "__name__" => name = value,
                (label, value) => labels.push(Label::new(label, value)),
            }
        }
        let mut samples = Vec::new();
        for _ in 0..number(&mut file)? {
            let time_ms = i64::from_le_bytes(bytes(&mut file)?);
            samples.push(Sample::new(time_ms, f64::from_le_bytes(bytes(&mut file)?)));
        }
        all.push(Series::new(name, labels, samples));
    }
    Ok(all)
}

/// Writes an answer.
pub(crate) fn write(path: &Path, answer: &[RangeSample]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for series in answer {
        file.write_all(&(series.labels.len() as u32).to_le_bytes())?;
        for label in series.labels.iter() {
            for text in [&label.name, &label.value] {
                file.write_all(&(text.len() as u32).to_le_bytes())?;
                file.write_all(text.as_bytes())?;
            }
        }
        file.write_all(&(series.samples.len() as u32).to_le_bytes())?;
        for (time_ms, value) in &series.samples {
            file.write_all(&time_ms.to_le_bytes())?;
            file.write_all(&value.to_le_bytes())?;
        }
    }
    file.flush()
}

fn bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn number(file: &mut impl Read) -> io::Result<u32> {
    Ok(u32::from_le_bytes(bytes(file)?))
}

/// `None` at the end of the file.
fn number_or_end(file: &mut impl Read) -> io::Result<Option<u32>> {
    match number(file) {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn text(file: &mut impl Read) -> io::Result<String> {
    let mut bytes = vec![0; number(file)? as usize];
    file.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
