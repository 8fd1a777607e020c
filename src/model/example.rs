//! What documentation says of a word of the language beside its summary: an example that runs, and the unit of its answer.

use std::fmt;

/// A query on a small data set, and its answer, in the language of Prometheus' test scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The `load` command with its series.
    pub load: &'static str,
    /// The instant query.
    pub query: &'static str,
    /// When it is asked, such as `5m`.
    pub at: &'static str,
    /// The answer: a line a sample, or a number.
    pub answer: &'static str,
}

impl Example {
    /// The example as a script.
    pub fn script(&self) -> String {
        let mut script = format!("{}\n\neval instant at {} {}\n", self.load, self.at, self.query);
        for line in self.answer.lines() {
            script.push_str("  ");
            script.push_str(line);
            script.push('\n');
        }
        script
    }
}

/// What the values of an answer are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// That of the argument's values.
    Argument,
    /// That of the argument's values, squared.
    ArgumentSquared,
    /// That of the argument's values, per second.
    PerSecond,
    /// That of the argument's values, times seconds.
    TimesSeconds,
    /// That of what a histogram observes.
    Observations,
    /// That of what a histogram observes, squared.
    ObservationsSquared,
    /// Seconds since the epoch.
    Timestamp,
    /// Seconds.
    Seconds,
    /// Angles in radians.
    Radians,
    /// Angles in degrees.
    Degrees,
    /// None: counts, ratios, numbers of a calendar.
    Number,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argument => "that of the argument",
            Self::ArgumentSquared => "that of the argument, squared",
            Self::PerSecond => "that of the argument, per second",
            Self::TimesSeconds => "that of the argument, times seconds",
            Self::Observations => "that of the observations",
            Self::ObservationsSquared => "that of the observations, squared",
            Self::Timestamp => "seconds since the epoch",
            Self::Seconds => "seconds",
            Self::Radians => "radians",
            Self::Degrees => "degrees",
            Self::Number => "none",
        })
    }
}
