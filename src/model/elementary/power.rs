//! `pow`.

use super::{exp, ln, scaled, split};

/// Whether a float is an odd integer.
fn is_odd(value: f64) -> bool {
    value.abs() < 2f64.powi(53) && value % 2.0 != 0.0 && value.trunc() == value
}

/// `base` to the power of `exponent`; special values as C and IEEE 754 have them.
///
/// The integer part of the exponent by squaring, powers of two apart; its fraction by [`exp`] and [`ln`].
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 || base == 1.0 {
        return 1.0;
    }
    if exponent == 1.0 {
        return base;
    }
    if base.is_nan() || exponent.is_nan() {
        return f64::NAN;
    }
    if base == 0.0 {
        let sign = if is_odd(exponent) { base } else { 1.0 };
        return if exponent < 0.0 { f64::INFINITY } else { 0.0 }.copysign(sign);
    }
    if exponent.is_infinite() {
        return if base == -1.0 { 1.0 } else { limit(base, exponent) };
    }
    if base == f64::NEG_INFINITY {
        return pow(-0.0, -exponent);
    }
    if base == f64::INFINITY {
        return if exponent < 0.0 { 0.0 } else { f64::INFINITY };
    }
    if exponent == 0.5 {
        return base.sqrt();
    }
    if exponent == -0.5 {
        return 1.0 / base.sqrt();
    }
    let mut whole = exponent.abs().trunc();
    let mut fraction = exponent.abs() - whole;
    if fraction != 0.0 && base < 0.0 {
        return f64::NAN;
    }
    if whole >= 2f64.powi(63) {
        // An even number that leads to 0 or infinity for all bases but -1.
        return if base == -1.0 { 1.0 } else { limit(base, exponent) };
    }
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exp(fraction * ln(base));
    }
    let (mut square, mut square_exponent) = split(base);
    let mut result_exponent = 0;
    let mut bits = whole as u64;
    while bits != 0 {
        if square_exponent.abs() > 1 << 12 {
            // Its highest bit is still to come, and is enough for 0 or infinity.
            result_exponent += square_exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    if exponent < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    scaled(result, result_exponent)
}

/// What an ever larger even exponent leads to.
fn limit(base: f64, exponent: f64) -> f64 {
    if (base.abs() < 1.0) == (exponent > 0.0) { 0.0 } else { f64::INFINITY }
}
