//! Exposition text as families of series, each with the lines it stands in.

use std::collections::HashMap;

use promql_engine::{
    formats::{self, Format, ReadOptions, Sample, Sink},
    model::Labels,
    storage::{Metadata, MetricType, StorageError},
};

/// What stands under one name.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) metric_type: MetricType,
    pub(super) has_help: bool,
    /// Where it begins: its `TYPE` line, or else the first that names it.
    pub(super) line: usize,
    /// Its samples: line, labels, time.
    pub(super) samples: Vec<(usize, Labels, i64)>,
}

/// The families of a text that is well-formed, in its order.
pub(super) fn families(bytes: &[u8], format: Format) -> Vec<Family> {
    let mut families = Families::default();
    let text = String::from_utf8_lossy(bytes);
    let options = ReadOptions {
        format: Some(format),
        default_timestamp_ms: Some(0),
        // A line alone lacks the end that OpenMetrics wants.
        keep_going: true,
        ..ReadOptions::default()
    };
    for (at, text) in text.lines().enumerate() {
        let (line, text) = (at + 1, text.trim());
        if let Some(comment) = text.strip_prefix('#') {
            families.comment(comment.trim_start(), line);
        } else if !text.is_empty() {
            let mut one = One(None);
            // The whole text has been read without a fault.
            formats::read("", format!("{text}\n").as_bytes(), &options, &mut one).ok();
            if let Some((labels, time_ms)) = one.0 {
                families.sample(labels, time_ms, line, format);
            }
        }
    }
    families.list
}

#[derive(Default)]
struct Families {
    list: Vec<Family>,
    by_name: HashMap<String, usize>,
}

impl Families {
    fn get(&mut self, name: &str, line: usize) -> &mut Family {
        let at = *self.by_name.entry(name.to_owned()).or_insert(self.list.len());
        if at == self.list.len() {
            self.list.push(Family {
                name: name.to_owned(),
                metric_type: MetricType::Unknown,
                has_help: false,
                line,
                samples: Vec::new(),
            });
        }
        &mut self.list[at]
    }

    fn comment(&mut self, comment: &str, line: usize) {
        let mut words = comment.split_whitespace();
        let (Some(word), Some(name)) = (words.next(), words.next()) else { return };
        let name = name.trim_matches('"');
        match word {
            "HELP" => self.get(name, line).has_help = true,
            "TYPE" => {
                let family = self.get(name, line);
                family.line = line;
                family.metric_type = words.next().and_then(MetricType::from_name).unwrap_or_default();
            }
            _ => {}
        }
    }

    fn sample(&mut self, labels: Labels, time_ms: i64, line: usize, format: Format) {
        let name = labels.metric_name().unwrap_or_default();
        let family = self.family_of(name, format).unwrap_or(name).to_owned();
        self.get(&family, line).samples.push((line, labels, time_ms));
    }

    /// The declared family whose part a series of this name is.
    fn family_of<'n>(&self, name: &'n str, format: Format) -> Option<&'n str> {
        let is_open = format == Format::OpenMetrics;
        ["_bucket", "_sum", "_count", "_total", "_created", "_info", "_gsum", "_gcount"].into_iter().find_map(
            |suffix| {
                let family = name.strip_suffix(suffix)?;
                let declared = self.list.get(*self.by_name.get(family)?)?.metric_type;
                let is_part = match declared {
                    MetricType::Histogram => matches!(suffix, "_bucket" | "_sum" | "_count" | "_created"),
                    MetricType::Summary => matches!(suffix, "_sum" | "_count" | "_created"),
                    MetricType::GaugeHistogram => matches!(suffix, "_bucket" | "_gsum" | "_gcount"),
                    MetricType::Counter => is_open && matches!(suffix, "_total" | "_created"),
                    MetricType::Info => is_open && suffix == "_info",
                    _ => false,
                };
                is_part.then_some(family)
            },
        )
    }
}

/// Keeps the one sample of a line.
struct One(Option<(Labels, i64)>);

impl Sink for One {
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError> {
        self.0 = Some((sample.labels.clone(), sample.timestamp_ms));
        Ok(())
    }

    fn metadata(&mut self, _: &str, _: &Metadata) {}
}
