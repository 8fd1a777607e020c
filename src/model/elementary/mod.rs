//! Elementary functions whose bits do not depend on the machine: those of Go's package `math` on amd64.
//!
//! Platforms' own libraries differ in the last bit, and queries amplify it: `cos(exp(x))` of a large `x`, a difference of
//! nearly equal sums, or a label that `count_values` makes of a value. Prometheus' answers have Go's bits, so these functions
//! take Go's steps, rounding included. Each cites the method and where its coefficients come from. `tests/data/elementary.txt`
//! holds results that Go gave.
//!
//! Square roots, rounding and remainders are exact everywhere and are the standard library's.

mod circular;
mod exponential;
mod hyperbolic;
mod inverse;
mod logarithm;
mod power;
#[cfg(test)]
mod tests;

pub(crate) use circular::{cos, sin, tan};
pub(crate) use exponential::{exp, exp2};
pub(crate) use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub(crate) use inverse::{acos, asin, atan, atan2};
pub(crate) use logarithm::{ln, log2, log10};
pub(crate) use power::pow;

/// The high part of ln 2, whose low bits are 0, so that its products with small integers are exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// What [`LN_2_HIGH`] leaves.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// A polynomial by Horner's rule, coefficients from the highest power down.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().reduce(|sum, next| sum * x + next).unwrap_or_default()
}

/// A finite float as a fraction in ±[0.5, 1) and a power of two; zero, infinities and NaN as themselves and 0.
fn split(value: f64) -> (f64, i64) {
    if value == 0.0 || !value.is_finite() {
        return (value, 0);
    }
    let (normal, shift) = if value.is_subnormal() { (value * 2f64.powi(52), -52) } else { (value, 0) };
    let bits = normal.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent + shift)
}

/// `fraction · 2^exponent`, rounded once where the result is subnormal.
fn scaled(fraction: f64, exponent: i64) -> f64 {
    let (half, own) = split(fraction);
    if half == 0.0 || !half.is_finite() {
        return fraction;
    }
    // `half` is below 1, so its own exponent is one lower.
    let exponent = exponent.saturating_add(own) - 1;
    let bits = half.to_bits() & !(0x7ff << 52);
    let with_exponent = |exponent: i64| f64::from_bits(bits | ((exponent + 1023) as u64) << 52);
    match exponent {
        ..-1075 => 0f64.copysign(fraction),
        -1075..-1022 => with_exponent(exponent + 53) * 2f64.powi(-53),
        -1022..=1023 => with_exponent(exponent),
        1024.. => f64::INFINITY.copysign(fraction),
    }
}
