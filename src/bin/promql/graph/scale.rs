//! Where the marks of an axis stand: round numbers, and round times.

/// From where to where an axis goes, and the distance of its marks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) step: f64,
}

impl Scale {
    /// An axis of round numbers around these values, with about this many marks; from zero where zero is near. `base` is
    /// 10, or 2 for sizes.
    pub(super) fn around(least: f64, greatest: f64, marks: usize, base: f64) -> Self {
        let (mut low, mut high) = (least, greatest);
        if low > 0.0 && low < 0.6 * high {
            low = 0.0;
        } else if high < 0.0 && high > 0.6 * low {
            high = 0.0;
        }
        if high - low <= high.abs().max(low.abs()) * 1e-9 {
            // One value everywhere: in the middle.
            let around = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            (low, high) = (low - around, high + around);
        }
        let step = round_step((high - low) / marks.max(1) as f64, base);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// The marks, lowest first.
    pub(super) fn marks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        let (low, step) = (self.low, self.step);
        // Multiples, not sums: sums would drift away from round numbers.
        (0..=count.min(1000)).map(move |mark| ((low / step).round() + mark as f64) * step)
    }

    /// How far up a value stands, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// The round step at or above this one.
fn round_step(step: f64, base: f64) -> f64 {
    let magnitude = base.powf(step.log(base).floor());
    let factors: &[f64] = if base == 10.0 { &[1.0, 2.0, 2.5, 5.0, 10.0] } else { &[1.0, 2.0] };
    let fits = factors.iter().map(|factor| factor * magnitude).find(|round| *round >= step * (1.0 - 1e-9));
    fits.filter(|round| round.is_finite() && *round > 0.0).unwrap_or(step.max(f64::MIN_POSITIVE))
}

/// The distance of time marks, in ms: a round one of which at most `most` fit.
pub(super) fn time_step(span_ms: i64, most: usize) -> i64 {
    const SECOND: i64 = 1000;
    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let round = [
        1,
        2,
        5,
        10,
        20,
        50,
        100,
        200,
        500,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        28 * DAY,
        91 * DAY,
        182 * DAY,
        365 * DAY,
    ];
    let most = most.max(1) as i64;
    round.into_iter().find(|step| span_ms / step <= most).unwrap_or(span_ms / most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(least: f64, greatest: f64, base: f64) -> Vec<f64> {
        Scale::around(least, greatest, 4, base).marks().collect()
    }

    #[test]
    fn marks_are_round() {
        assert_eq!(marks(0.09, 0.87, 10.0), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(marks(101.0, 108.0, 10.0), [100.0, 102.0, 104.0, 106.0, 108.0]);
        assert_eq!(marks(-3.0, 3.0, 10.0), [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(marks(5.0, 5.0, 10.0), [4.5, 4.75, 5.0, 5.25, 5.5]);
        assert_eq!(marks(0.0, 0.0, 10.0), [-1.0, -0.5, 0.0, 0.5, 1.0]);
        assert_eq!(marks(100.0, 3000.0, 2.0), [0.0, 1024.0, 2048.0, 3072.0]);
    }

    #[test]
    fn any_range_has_a_scale() {
        for (least, greatest) in [(-1e308, 1e308), (1e-320, 2e-320), (-5.0, -4.9), (0.0, f64::MAX)] {
            let scale = Scale::around(least, greatest, 4, 10.0);
            assert!(scale.step > 0.0 && scale.marks().count() <= 1001, "{scale:?}");
        }
    }

    #[test]
    fn time_marks_are_round() {
        assert_eq!(time_step(3_600_000, 6), 600_000);
        assert_eq!(time_step(42 * 60_000, 5), 600_000);
        assert_eq!(time_step(1, 5), 1);
        assert!(time_step(i64::MAX, 5) > 0);
    }
}
