//! Counter resets that start timestamps tell of, though the value may have grown.

/// The start timestamp of sample `index`, 0 where unknown.
#[inline]
pub(crate) fn of(start_timestamps: &[i64], index: usize) -> i64 {
    start_timestamps.get(index).copied().unwrap_or(0)
}

/// Whether the counter began anew between two samples, by their start timestamps.
///
/// A start equal to the sample's own time means "unknown" (OpenTelemetry's convention), as does one after it. A start at the
/// sample before marks a delta series, and so a reset, if that sample's own start is known.
pub(crate) fn is_reset(previous_start: i64, previous_time: i64, start: i64, time: i64) -> bool {
    if previous_start == start || start == 0 || start >= time || start < previous_time {
        return false;
    }
    start > previous_time || (previous_start < previous_time && previous_start != 0)
}

/// Whether the counter began anew after `moment` and before the sample at `time`.
pub(crate) fn is_reset_after(moment: i64, start: i64, time: i64) -> bool {
    start > moment && time > moment && is_reset(moment, moment, start, time)
}

/// Whether a sample claims to have begun before the sample ahead of it, which began elsewhere.
pub(crate) fn overlaps(previous_start: i64, previous_time: i64, start: i64) -> bool {
    start != 0 && start < previous_time && start != previous_start
}
