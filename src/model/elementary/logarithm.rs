//! Logarithms.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E, LOG10_E, SQRT_2};

use super::{LN_2_HIGH, LN_2_LOW, polynomial, split};

/// Remez' polynomial for (ln(1 + f) - 2s) / s in powers of s², s = f / (2 + f): FreeBSD's `e_log.c`, from the highest power.
const REMEZ: [f64; 7] = [
    0.147_981_986_051_165_86,
    0.153_138_376_992_093_73,
    0.181_835_721_616_180_5,
    0.222_221_984_321_497_84,
    0.285_714_287_436_623_9,
    0.399_999_999_994_094_2,
    0.666_666_666_666_673_5,
];

/// √2 - 1.
const SQRT_2_LESS_1: f64 = 0.414_213_562_373_095_03;

/// The natural logarithm; NaN below zero.
///
/// The method of FreeBSD's `e_log.c`. Go's assembly takes the exponent's bits as they are, so that the logarithm of a
/// subnormal number is that of a number about as large as the smallest normal one.
pub(crate) fn ln(value: f64) -> f64 {
    if value == 0.0 {
        return f64::NEG_INFINITY;
    }
    if value < 0.0 {
        return f64::NAN;
    }
    if !value.is_finite() {
        return value;
    }
    let bits = value.to_bits();
    let mut fraction = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 1022 << 52);
    let mut exponent = (bits >> 52) as f64 - 1022.0;
    if fraction <= FRAC_1_SQRT_2 {
        exponent -= 1.0;
        fraction *= 2.0;
    }
    let over_one = fraction - 1.0;
    let ratio = over_one / (2.0 + over_one);
    let square = ratio * ratio;
    let fourth = square * square;
    let odd = square * polynomial(fourth, [REMEZ[0], REMEZ[2], REMEZ[4], REMEZ[6]]);
    let even = fourth * polynomial(fourth, [REMEZ[1], REMEZ[3], REMEZ[5]]);
    let half_square = 0.5 * over_one * over_one;
    exponent * LN_2_HIGH
        - ((half_square - (ratio * (half_square + (odd + even)) + exponent * LN_2_LOW)) - over_one)
}

/// The binary logarithm, exact for powers of two; NaN below zero.
pub(crate) fn log2(value: f64) -> f64 {
    let (fraction, exponent) = split(value);
    if fraction == 0.5 {
        return (exponent - 1) as f64;
    }
    ln(fraction) * LOG2_E + exponent as f64
}

/// The decimal logarithm; NaN below zero.
pub(crate) fn log10(value: f64) -> f64 {
    ln(value) * LOG10_E
}

/// The natural logarithm of 1 more than a number, for numbers from 0 up, by FreeBSD's `s_log1p.c`.
pub(super) fn ln_1p(value: f64) -> f64 {
    if value < 2f64.powi(-29) {
        return if value < 2f64.powi(-54) { value } else { value - value * value * 0.5 };
    }
    if value == f64::INFINITY {
        return value;
    }
    let (mut exponent, mut over_one, mut correction, mut mantissa) = (0.0, value, 0.0, 1);
    if value >= SQRT_2_LESS_1 {
        // 1 + value = 2^exponent (1 + over_one), with √½ < 1 + over_one < √2; `correction` is what the sum lost.
        let mut sum = value;
        if value < 2f64.powi(53) {
            sum = 1.0 + value;
            let lost = if sum >= 2.0 { 1.0 - (sum - value) } else { value - (sum - 1.0) };
            correction = lost / sum;
        }
        let bits = sum.to_bits();
        exponent = (bits >> 52) as f64 - 1023.0;
        mantissa = bits & 0x000f_ffff_ffff_ffff;
        if mantissa < SQRT_2.to_bits() & 0x000f_ffff_ffff_ffff {
            over_one = f64::from_bits(mantissa | 1023 << 52) - 1.0;
        } else {
            exponent += 1.0;
            over_one = f64::from_bits(mantissa | 1022 << 52) - 1.0;
            mantissa = ((1 << 52) - mantissa) >> 2;
        }
    }
    let half_square = 0.5 * over_one * over_one;
    if mantissa == 0 {
        if over_one == 0.0 {
            return if exponent == 0.0 {
                0.0
            } else {
                exponent * LN_2_HIGH + (correction + exponent * LN_2_LOW)
            };
        }
        let rest = half_square * (1.0 - 0.666_666_666_666_666_6 * over_one);
        return if exponent == 0.0 {
            over_one - rest
        } else {
            exponent * LN_2_HIGH - ((rest - (exponent * LN_2_LOW + correction)) - over_one)
        };
    }
    let ratio = over_one / (2.0 + over_one);
    let square = ratio * ratio;
    let series = ratio * (half_square + square * polynomial(square, REMEZ));
    if exponent == 0.0 {
        over_one - (half_square - series)
    } else {
        exponent * LN_2_HIGH - ((half_square - (series + (exponent * LN_2_LOW + correction))) - over_one)
    }
}
