//! Sine, cosine and tangent of angles in radians.
//!
//! The method and the coefficients are those of the Cephes library (S. L. Moshier, `sin.c` and `tan.c`): the angle is
//! reduced to an octant, in which polynomials approximate the functions. Large angles are reduced by
//! M. H. Payne and R. N. Hanek, "Radian reduction for trigonometric functions" (1983).

use std::f64::consts::FRAC_PI_4;

use super::polynomial;

/// π/4 in three parts, the first two short enough for exact products with octants.
const FRAC_PI_4_PARTS: [f64; 3] =
    [0.785_398_125_648_498_5, 3.774_894_707_930_798e-8, 2.695_151_429_079_059_5e-15];

/// From here on angles are reduced by the bits of 4/π.
const LARGE: f64 = (1 << 29) as f64;

const SINE: [f64; 6] = [
    1.589_623_015_765_465_6e-10,
    -2.505_074_776_285_780_7e-8,
    2.755_731_362_138_572_2e-6,
    -0.000_198_412_698_295_895_4,
    0.008_333_333_333_322_118,
    -0.166_666_666_666_666_3,
];

const COSINE: [f64; 6] = [
    -1.135_853_652_138_768_2e-11,
    2.087_570_084_197_473e-9,
    -2.755_731_417_929_674e-7,
    2.480_158_728_885_170_4e-5,
    -0.001_388_888_888_887_305_6,
    0.041_666_666_666_666_595,
];

const TANGENT_ABOVE: [f64; 3] = [-13_093.693_918_138_379, 1_153_516.648_385_874_2, -17_956_525.197_648_488];

const TANGENT_BELOW: [f64; 5] =
    [1.0, 13_681.296_347_069_296, -1_320_892.344_402_109_7, 25_008_380.182_335_79, -53_869_575.592_945_464];

/// An angle that is not negative: the even octant nearest to it, and what is left of the angle.
fn reduce(angle: f64) -> (u64, f64) {
    if angle >= LARGE {
        return reduce_large(angle);
    }
    let mut octant = (angle * (4.0 / std::f64::consts::PI)) as u64;
    octant += octant & 1;
    let octants = octant as f64;
    let [first, second, third] = FRAC_PI_4_PARTS;
    (octant & 7, ((angle - octants * first) - octants * second) - octants * third)
}

fn sine_of_rest(rest: f64) -> f64 {
    let square = rest * rest;
    rest + rest * square * polynomial(square, SINE)
}

fn cosine_of_rest(rest: f64) -> f64 {
    let square = rest * rest;
    1.0 - 0.5 * square + square * square * polynomial(square, COSINE)
}

/// The sine.
pub(crate) fn sin(angle: f64) -> f64 {
    if angle == 0.0 || angle.is_nan() {
        return angle;
    }
    if angle.is_infinite() {
        return f64::NAN;
    }
    let (octant, rest) = reduce(angle.abs());
    let sine = if octant & 3 == 2 { cosine_of_rest(rest) } else { sine_of_rest(rest) };
    if (angle < 0.0) != (octant > 3) { -sine } else { sine }
}

/// The cosine.
pub(crate) fn cos(angle: f64) -> f64 {
    if !angle.is_finite() {
        return f64::NAN;
    }
    let (octant, rest) = reduce(angle.abs());
    let cosine = if octant & 3 == 2 { sine_of_rest(rest) } else { cosine_of_rest(rest) };
    if matches!(octant, 2 | 4) { -cosine } else { cosine }
}

/// The tangent.
pub(crate) fn tan(angle: f64) -> f64 {
    if angle == 0.0 || angle.is_nan() {
        return angle;
    }
    if angle.is_infinite() {
        return f64::NAN;
    }
    let (octant, rest) = reduce(angle.abs());
    let square = rest * rest;
    let mut tangent = rest;
    if square > 1e-14 {
        tangent += rest * (square * polynomial(square, TANGENT_ABOVE) / polynomial(square, TANGENT_BELOW));
    }
    if octant & 2 == 2 {
        tangent = -1.0 / tangent;
    }
    if angle < 0.0 { -tangent } else { tangent }
}

/// The bits of 4/π, from 2^0 downward.
const FOUR_OVER_PI: [u64; 20] = [
    0x0000_0000_0000_0001,
    0x45f3_06dc_9c88_2a53,
    0xf84e_afa3_ea69_bb81,
    0xb6c5_2b32_7887_2083,
    0xfca2_c757_bd77_8ac3,
    0x6e48_dc74_849b_a5c0,
    0x0c92_5dd4_13a3_2439,
    0xfc3b_d639_6253_4e7d,
    0xd104_6bea_5d76_8909,
    0xd338_e04d_68be_fc82,
    0x7323_ac73_06a6_73e9,
    0x3908_bf17_7bf2_5076,
    0x3ff1_2fff_bc0b_301f,
    0xde5e_2316_b414_da3e,
    0xda6c_fd9e_4f96_136e,
    0x9e8c_7ecd_3cbf_d45a,
    0xea4f_758f_d7cb_e2f6,
    0x7a0e_73ef_14a5_25d4,
    0xd7f6_bf62_3f1a_ba10,
    0xac06_608d_f8f6_d757,
];

/// Multiplies the angle's mantissa with those bits of 4/π that matter for the octant and the rest.
fn reduce_large(angle: f64) -> (u64, f64) {
    let bits = angle.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1075;
    let mantissa = bits & 0x000f_ffff_ffff_ffff | 1 << 52;
    // The product's leading digit gets the exponent -61. A large angle's exponent is from -23 to 971.
    let from = (exponent + 61).clamp(0, 1032) as usize;
    let (word, shift) = (from / 64, from % 64);
    let digits = |at: usize| {
        let both = u128::from(FOUR_OVER_PI[at]) << 64 | u128::from(FOUR_OVER_PI[at + 1]);
        (both >> (64 - shift)) as u64
    };
    let product = |digits: u64| u128::from(digits) * u128::from(mantissa);
    let middle = product(digits(word + 1)) + (product(digits(word + 2)) >> 64);
    let low = middle as u64;
    let high = digits(word).wrapping_mul(mantissa).wrapping_add((middle >> 64) as u64);
    let octant = high >> 61;
    // The fraction, normalised: its leading bit is implicit.
    let fraction = high << 3 | low >> 61;
    let zeros = u64::from(fraction.leading_zeros());
    let both = u128::from(fraction) << 64 | u128::from(low);
    let shifted = both << (zeros + 1);
    let rest = f64::from_bits((shifted >> 76) as u64 | (1022 - zeros) << 52);
    if octant & 1 == 1 { ((octant + 1) & 7, (rest - 1.0) * FRAC_PI_4) } else { (octant, rest * FRAC_PI_4) }
}
