//! The stale marker: the one NaN that says a series ended here.

/// The bit pattern Prometheus writes where a series stops; only the bits tell it from another NaN.
pub const STALE_NAN: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether `value` is the stale marker, by its bits.
pub const fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_NAN.to_bits()
}

/// Whether there is a stale marker among some values.
pub(crate) fn has_stale(values: &[f64]) -> bool {
    // Whether any is NaN is found for several values at once, and as a rule none is.
    values.chunks(256).any(|chunk| {
        let nans: usize = chunk.iter().map(|value| usize::from(value.is_nan())).sum();
        nans > 0 && chunk.iter().any(|value| is_stale(*value))
    })
}
