//! Hyperbolic functions and their inverses.

use std::f64::consts::LN_2;

use super::{exp, ln, logarithm::ln_1p, polynomial};

/// 2^-28: closer to zero, the inverses are the argument itself.
const NEAR_ZERO: f64 = 1.0 / LARGE;
/// 2^28: above it, the square's 1 is lost.
const LARGE: f64 = (1 << 28) as f64;

/// Half of the logarithm of 2^127, above which the hyperbolic tangent is 1.
const TANGENT_IS_ONE: f64 = 44.014_845_965_556_525;

/// `value` with the sign that `of` has; also of a zero, `of` being negative only where it is less than zero.
fn signed(value: f64, of: f64) -> f64 {
    if of < 0.0 { -value } else { value }
}

/// The hyperbolic sine. Near zero by the rational function 2029 of Hart and others, "Computer Approximations" (1968).
pub(crate) fn sinh(value: f64) -> f64 {
    let size = if value < 0.0 { -value } else { value };
    let sine = if size > 21.0 {
        exp(size) * 0.5
    } else if size > 0.5 {
        let power = exp(size);
        (power - 1.0 / power) * 0.5
    } else {
        let square = size * size;
        let above = polynomial(
            square,
            [-26.305_632_133_974_97, -2_894.211_355_989_564, -89_912.720_220_395_09, -630_767.364_049_771_7],
        );
        let below =
            polynomial(square, [1.0, -173.678_953_558_233_7, 15_215.173_787_900_19, -630_767.364_049_771_7]);
        above * size / below
    };
    signed(sine, value)
}

/// The hyperbolic cosine.
pub(crate) fn cosh(value: f64) -> f64 {
    let size = value.abs();
    let power = exp(size);
    if size > 21.0 { power * 0.5 } else { (power + 1.0 / power) * 0.5 }
}

/// The hyperbolic tangent. Near zero by a rational function of the Cephes library (S. L. Moshier, `tanh.c`).
pub(crate) fn tanh(value: f64) -> f64 {
    let size = value.abs();
    if size > TANGENT_IS_ONE {
        return signed(1.0, value);
    }
    if size >= 0.625 {
        return signed(1.0 - 2.0 / (exp(2.0 * size) + 1.0), value);
    }
    if value == 0.0 {
        return value;
    }
    let square = value * value;
    let above =
        polynomial(square, [-0.964_399_179_425_052_3, -99.287_723_100_191_85, -1_614.687_684_417_084_5]);
    let below =
        polynomial(square, [1.0, 112.811_678_491_632_93, 2_235.488_390_601_004_5, 4_844.063_053_251_255]);
    value + value * square * above / below
}

/// The inverse of the hyperbolic sine, by FreeBSD's `s_asinh.c`.
pub(crate) fn asinh(value: f64) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let size = if value < 0.0 { -value } else { value };
    let inverse = if size > LARGE {
        ln(size) + LN_2
    } else if size > 2.0 {
        ln(2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size))
    } else if size < NEAR_ZERO {
        size
    } else {
        ln_1p(size + size * size / (1.0 + (1.0 + size * size).sqrt()))
    };
    signed(inverse, value)
}

/// The inverse of the hyperbolic cosine, by FreeBSD's `e_acosh.c`; NaN below 1.
pub(crate) fn acosh(value: f64) -> f64 {
    if value >= LARGE {
        ln(value) + LN_2
    } else if value > 2.0 {
        ln(2.0 * value - 1.0 / (value + (value * value - 1.0).sqrt()))
    } else if value >= 1.0 {
        let above = value - 1.0;
        if above == 0.0 { 0.0 } else { ln_1p(above + (2.0 * above + above * above).sqrt()) }
    } else {
        f64::NAN
    }
}

/// The inverse of the hyperbolic tangent, by FreeBSD's `e_atanh.c`; infinite at ±1, NaN beyond.
pub(crate) fn atanh(value: f64) -> f64 {
    let size = if value < 0.0 { -value } else { value };
    let inverse = if size < NEAR_ZERO {
        size
    } else if size < 0.5 {
        let double = size + size;
        0.5 * ln_1p(double + double * size / (1.0 - size))
    } else if size < 1.0 {
        0.5 * ln_1p((size + size) / (1.0 - size))
    } else if size == 1.0 {
        f64::INFINITY
    } else {
        f64::NAN
    };
    signed(inverse, value)
}
