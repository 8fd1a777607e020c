//! What is known of a metric besides its samples.

/// The kind of a metric, as exposition formats declare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MetricType {
    /// Only grows, but for resets.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by bucket, only growing.
    Histogram,
    /// Counts by bucket, going up and down.
    GaugeHistogram,
    /// Quantiles, a sum and a count.
    Summary,
    /// Constant facts in labels.
    Info,
    /// One of several states.
    StateSet,
    /// Not said.
    #[default]
    Unknown,
}

impl MetricType {
    /// The name that exposition formats and the HTTP API use, such as `counter`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
            Self::Unknown => "unknown",
        }
    }

    /// The type of this name; `untyped` is the older word for `unknown`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "gaugehistogram" => Self::GaugeHistogram,
            "summary" => Self::Summary,
            "info" => Self::Info,
            "stateset" => Self::StateSet,
            "unknown" | "untyped" => Self::Unknown,
            _ => return None,
        })
    }
}

/// A metric's type, help and unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// What kind of metric it is.
    pub metric_type: MetricType,
    /// What it means, for people; may be empty.
    pub help: String,
    /// Its unit, such as `seconds`; may be empty.
    pub unit: String,
}
