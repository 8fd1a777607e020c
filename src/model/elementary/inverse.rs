//! Angles, in radians, of sines, cosines and tangents.
//!
//! The method and the coefficients are those of the Cephes library (S. L. Moshier, `atan.c`).

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::polynomial;

/// tan(3π/8).
const TANGENT_OF_3_PI_8: f64 = 2.414_213_562_373_095;
/// What the float π/2 leaves of π/2.
const FRAC_PI_2_LOW: f64 = 6.123_233_995_736_766e-17;
/// 3π/4.
const FRAC_3_PI_4: f64 = 2.356_194_490_192_345;

const ABOVE: [f64; 5] = [
    -0.875_060_860_003_190_4,
    -16.157_537_187_333_652,
    -75.008_557_923_147_05,
    -122.886_668_449_013_61,
    -64.850_219_049_420_25,
];
const BELOW: [f64; 6] = [
    1.0,
    24.858_464_901_423_062,
    165.027_009_831_698_85,
    432.881_060_491_290_27,
    485.390_399_635_913_7,
    194.550_657_148_261_4,
];

/// The arc tangent of a number from 0 to 0.66, or a little around.
fn near_zero(value: f64) -> f64 {
    let square = value * value;
    value * (square * polynomial(square, ABOVE) / polynomial(square, BELOW)) + value
}

/// The arc tangent of a number that is not negative.
fn of_positive(value: f64) -> f64 {
    if value <= 0.66 {
        near_zero(value)
    } else if value > TANGENT_OF_3_PI_8 {
        FRAC_PI_2 - near_zero(1.0 / value) + FRAC_PI_2_LOW
    } else {
        FRAC_PI_4 + near_zero((value - 1.0) / (value + 1.0)) + 0.5 * FRAC_PI_2_LOW
    }
}

/// The arc tangent.
pub(crate) fn atan(value: f64) -> f64 {
    if value == 0.0 {
        value
    } else if value > 0.0 {
        of_positive(value)
    } else {
        -of_positive(-value)
    }
}

/// The arc sine; NaN beyond ±1.
pub(crate) fn asin(value: f64) -> f64 {
    if value == 0.0 {
        return value;
    }
    let size = value.abs();
    if size > 1.0 {
        return f64::NAN;
    }
    let other = (1.0 - size * size).sqrt();
    let angle = if size > 0.7 { FRAC_PI_2 - of_positive(other / size) } else { of_positive(size / other) };
    if value < 0.0 { -angle } else { angle }
}

/// The arc cosine; NaN beyond ±1.
pub(crate) fn acos(value: f64) -> f64 {
    FRAC_PI_2 - asin(value)
}

/// The angle of the point (`x`, `y`), from -π to π; special values as C and IEEE 754 have them.
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    if y.is_nan() || x.is_nan() {
        return f64::NAN;
    }
    if y == 0.0 {
        return if x.is_sign_negative() { PI } else { 0.0 }.copysign(y);
    }
    if x == 0.0 {
        return FRAC_PI_2.copysign(y);
    }
    match (x.is_infinite(), y.is_infinite()) {
        (true, true) => if x > 0.0 { FRAC_PI_4 } else { FRAC_3_PI_4 }.copysign(y),
        (true, false) => if x > 0.0 { 0.0 } else { PI }.copysign(y),
        (false, true) => FRAC_PI_2.copysign(y),
        (false, false) => match atan(y / x) {
            angle if x > 0.0 => angle,
            angle if angle <= 0.0 => angle + PI,
            angle => angle - PI,
        },
    }
}
