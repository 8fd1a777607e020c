//! `exp` and `exp2`.

use std::f64::consts::LOG2_E;

use super::{LN_2_HIGH, LN_2_LOW, polynomial, scaled};

/// Above this, e to the power of a number is infinite.
const LARGEST: f64 = 709.782_712_893_384;

/// The high half of ln 2 here, where multiplication and addition are fused.
const LN_2_UPPER: f64 = 0.693_147_180_559_663;
/// The low half.
const LN_2_LOWER: f64 = 2.823_529_056_303_157_7e-13;

/// 1/8!, 1/7!, … 1/2!, 1.
const TAYLOR: [f64; 8] = [
    2.480_158_730_158_73e-5,
    0.000_198_412_698_412_698_4,
    0.001_388_888_888_888_889,
    0.008_333_333_333_333_333,
    0.041_666_666_666_666_664,
    0.166_666_666_666_666_66,
    0.5,
    1.0,
];

/// e to the power of a number.
///
/// The method is that of N. Shibata, "Efficient evaluation methods of elementary functions suitable for SIMD computation"
/// (2010), as Go has it in assembly: with r = (x - k ln 2) / 16, a Taylor series gives e^r - 1, which four steps of
/// (1 + t)² - 1 = t (t + 2) raise to the 16th power. Multiplications and additions are fused, as on any processor
/// of the last ten years.
pub(crate) fn exp(value: f64) -> f64 {
    if !value.is_finite() {
        return if value == f64::NEG_INFINITY { 0.0 } else { value };
    }
    if value > LARGEST {
        return f64::INFINITY;
    }
    let exponent = (value * LOG2_E).round_ties_even();
    if exponent < -1075.0 {
        return 0.0;
    }
    let reduced = exponent.mul_add(-LN_2_LOWER, exponent.mul_add(-LN_2_UPPER, value)) * 0.0625;
    let series = TAYLOR.into_iter().reduce(|sum, next| sum.mul_add(reduced, next)).unwrap_or_default();
    let mut grown = reduced * series;
    for _ in 0..3 {
        grown *= grown + 2.0;
    }
    let power = grown.mul_add(grown + 2.0, 1.0);
    match exponent as i64 + 1023 {
        biased @ ..=0 => power * with_biased_exponent(biased + 1022) * f64::MIN_POSITIVE,
        2047.. => f64::INFINITY,
        biased => power * with_biased_exponent(biased),
    }
}

fn with_biased_exponent(biased: i64) -> f64 {
    f64::from_bits((biased as u64) << 52)
}

/// 2 to the power of a number.
///
/// With x = k + t, a rational function of t ln 2 (from FreeBSD's `e_exp.c`) gives e to its power, which 2^k scales.
pub(crate) fn exp2(value: f64) -> f64 {
    if value.is_nan() {
        return value;
    }
    if value > 1_023.999_999_999_999_9 {
        return f64::INFINITY;
    }
    if value < -1074.0 {
        return 0.0;
    }
    let whole = (value + 0.5f64.copysign(value)).trunc();
    let rest = value - whole;
    let (high, low) = (rest * LN_2_HIGH, -rest * LN_2_LOW);
    let reduced = high - low;
    let square = reduced * reduced;
    let correction = reduced
        - square
            * polynomial(
                square,
                [
                    4.138_136_797_057_238_5e-8,
                    -1.653_390_220_546_525_2e-6,
                    6.613_756_321_437_934e-5,
                    -0.002_777_777_777_701_559_3,
                    0.166_666_666_666_666_66,
                ],
            );
    scaled(1.0 - ((low - (reduced * correction) / (2.0 - correction)) - high), whole as i64)
}
