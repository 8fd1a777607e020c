//! What is known of a counter reset, and what is left of that knowledge after adding or subtracting.

/// What is known of a reset between a histogram and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CounterResetHint {
    /// Nothing: compare the buckets.
    #[default]
    Unknown,
    /// This one starts anew.
    Reset,
    /// This one continues.
    NotReset,
    /// A gauge, which cannot reset.
    Gauge,
}

impl CounterResetHint {
    /// The hint of a sum or difference, and whether the two contradict each other (a reset and no reset).
    ///
    /// A gauge makes a gauge of everything; otherwise what only one of the two knows is not known of the result.
    pub fn combine(self, other: Self) -> (Self, bool) {
        match (self, other) {
            (a, b) if a == b => (a, false),
            (Self::Gauge, _) | (_, Self::Gauge) => (Self::Gauge, false),
            (Self::Unknown, _) | (_, Self::Unknown) => (Self::Unknown, false),
            _ => (Self::Unknown, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CounterResetHint::{Gauge, NotReset, Reset, Unknown};

    #[test]
    fn a_gauge_wins_and_only_reset_against_no_reset_collides() {
        let table = [
            (Reset, Reset, Reset, false),
            (Unknown, Gauge, Gauge, false),
            (Gauge, NotReset, Gauge, false),
            (Unknown, Reset, Unknown, false),
            (NotReset, Unknown, Unknown, false),
            (NotReset, Reset, Unknown, true),
            (Reset, NotReset, Unknown, true),
        ];
        for (a, b, hint, collision) in table {
            assert_eq!(a.combine(b), (hint, collision), "{a:?} with {b:?}");
        }
    }
}
