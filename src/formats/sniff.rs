//! Telling the formats apart by their bytes.

/// A text format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The Prometheus text exposition format, version 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Blocks of the `load` notation, as in test scripts; what else such a script says is passed over.
    Load,
}

impl Format {
    /// The name on the command line: `prometheus`, `openmetrics` or `load`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::OpenMetrics => "openmetrics",
            Self::Load => "load",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Prometheus, Self::OpenMetrics, Self::Load].into_iter().find(|format| format.name() == name)
    }
}

/// The format of these bytes, by what only one of them has.
///
/// OpenMetrics ends with `# EOF`. A file that was cut off is still recognised by its `UNIT` lines, its types, its exemplars or
/// the names of its counters, as reading its seconds as milliseconds would be a silent error.
pub fn sniff(bytes: &[u8]) -> Format {
    const LINES: usize = 1000;
    if super::load::script::is_script(bytes) {
        return Format::Load;
    }
    let trimmed = bytes.trim_ascii_end();
    if trimmed.ends_with(b"# EOF") {
        return Format::OpenMetrics;
    }
    let mut counter: &[u8] = b"";
    for line in bytes.split(|byte| *byte == b'\n').take(LINES) {
        if let Some(declared) = line.strip_prefix(b"# TYPE ") {
            let mut words = declared.split(|byte| *byte == b' ');
            let (name, metric_type) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if matches!(metric_type, b"unknown" | b"info" | b"stateset" | b"gaugehistogram") {
                return Format::OpenMetrics;
            }
            counter = if metric_type == b"counter" { name } else { b"" };
        } else if line.starts_with(b"# UNIT ") {
            return Format::OpenMetrics;
        } else if !line.starts_with(b"#") {
            let total = line.strip_prefix(counter).and_then(|rest| rest.strip_prefix(b"_total"));
            let is_total = total.is_some_and(|rest| matches!(rest.first(), Some(b'{' | b' ')));
            if (is_total && !counter.is_empty()) || line.windows(4).any(|window| window == b" # {") {
                return Format::OpenMetrics;
            }
        }
    }
    Format::Prometheus
}
