//! The stale marker: the one NaN that says a series ended here.

/// The bit pattern Prometheus writes where a series stops; only the bits tell it from another NaN.
pub const STALE_NAN: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether `value` is the stale marker, by its bits.
pub const fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_NAN.to_bits()
}
