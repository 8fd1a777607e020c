//! Where buckets end: powers of two split evenly for exponential schemas, or the custom bounds.
//!
//! Bucket `i` of an exponential schema `s` ends at 2^(i · 2^−s). The fractions come from a table
//! ([`super::bounds_table`]), so that bounds agree bit for bit with every other reader of native histograms.

use super::bounds_table::BOUNDS;

/// The schema that says: bounds are custom.
pub const CUSTOM_BUCKETS_SCHEMA: i32 = -53;
/// The coarsest exponential schema: bounds are powers of 2^16.
pub const MIN_SCHEMA: i32 = -4;
/// The finest exponential schema: 256 buckets from one power of two to the next.
pub const MAX_SCHEMA: i32 = 8;

/// Whether this is an exponential schema that has bounds.
pub(super) const fn is_exponential(schema: i32) -> bool {
    MIN_SCHEMA <= schema && schema <= MAX_SCHEMA
}

/// The upper bound (in size) of a bucket. Indexes that custom bounds do not have lie at the infinities.
pub(crate) fn bound(index: i64, schema: i32, custom_bounds: &[f64]) -> f64 {
    if schema != CUSTOM_BUCKETS_SCHEMA {
        return exponential_bound(index, schema);
    }
    match usize::try_from(index) {
        Ok(index) => custom_bounds.get(index).copied().unwrap_or(f64::INFINITY),
        Err(_) => f64::NEG_INFINITY,
    }
}

/// The upper bound of bucket `index` of an exponential schema.
///
/// The last bucket of finite numbers would end at 2^1024, which no float holds; it ends at the largest
/// float instead, and the one after it, for infinite observations, at +Inf.
pub(super) fn exponential_bound(index: i64, schema: i32) -> f64 {
    let (fraction, exponent) = if schema < 0 {
        // A fraction of 0.5 makes up for the exponent that is one higher.
        (0.5, index.saturating_mul(1 << schema.unsigned_abs().min(32)).saturating_add(1))
    } else {
        let schema = schema.min(MAX_SCHEMA);
        let within = index & ((1 << schema) - 1);
        let step = within << (MAX_SCHEMA - schema);
        // `step` is below 256 by its mask and shift.
        (BOUNDS.get(step as usize).copied().unwrap_or(0.5), (index >> schema) + 1)
    };
    if fraction == 0.5 && exponent == 1025 {
        return f64::MAX;
    }
    scale_by_power_of_two(fraction, exponent)
}

/// `fraction` · 2^`exponent`, rounded once where the result is subnormal; `fraction` is in [0.5, 1).
fn scale_by_power_of_two(fraction: f64, exponent: i64) -> f64 {
    const MANTISSA_BITS: u32 = 52;
    // In terms of a fraction in [1, 2).
    let exponent = exponent - 1;
    if exponent < -1075 {
        return 0.0;
    }
    if exponent > 1023 {
        return f64::INFINITY;
    }
    let mantissa = fraction.to_bits() & ((1 << MANTISSA_BITS) - 1);
    let with_exponent =
        |exponent: i64| f64::from_bits(mantissa | (((exponent + 1023) as u64) << MANTISSA_BITS));
    if exponent < -1022 {
        // Build it 2^53 times too large and let one multiplication round it.
        with_exponent(exponent + 53) * (1.0 / (1u64 << 53) as f64)
    } else {
        with_exponent(exponent)
    }
}

/// The bucket of a coarser schema that holds bucket `index` of a finer one.
pub(super) const fn target_index(index: i64, schema: i32, target_schema: i32) -> i64 {
    ((index - 1) >> (schema - target_schema)) + 1
}

#[cfg(test)]
mod tests {
    use super::{bound, exponential_bound, target_index};

    #[test]
    fn bounds_of_all_schemas() {
        // (index, schema, bound), as Prometheus computes them.
        let table = [
            (-1, 0, 0.5),
            (0, 0, 1.0),
            (1, 0, 2.0),
            (512, 0, 2f64.powi(512)),
            (1024, 0, f64::MAX),
            (1025, 0, f64::INFINITY),
            (-1074, 0, f64::from_bits(1)),
            (-1075, 0, 0.0),
            (-1076, 0, 0.0),
            (1, 1, 2.0 * 0.7071067811865475),
            (-1, 2, 0.8408964152537144),
            (262144, 8, f64::MAX),
            (262145, 8, f64::INFINITY),
            (-1, 8, 0.9972960560854698),
            (1, -1, 4.0),
            (-1, -4, 2f64.powi(-16)),
            (512, -1, f64::MAX),
            (64, -4, f64::MAX),
            (65, -4, f64::INFINITY),
        ];
        for (index, schema, expected) in table {
            let found = exponential_bound(index, schema);
            assert_eq!(found.to_bits(), expected.to_bits(), "bucket {index} of schema {schema}: {found}");
        }
    }

    #[test]
    fn indexes_no_bucket_has_do_not_panic() {
        for schema in [-53, -9, -4, 0, 8, 52, i32::MAX, i32::MIN + 1] {
            for index in [i64::from(i32::MIN), -2, 9, i64::from(i32::MAX)] {
                let _ = bound(index, schema, &[1.0]);
            }
        }
        assert_eq!(bound(-1, -53, &[1.0]), f64::NEG_INFINITY);
        assert_eq!(bound(7, -53, &[1.0]), f64::INFINITY);
    }

    #[test]
    fn coarser_buckets_hold_finer_ones() {
        assert_eq!([-2, -1, 0, 1, 2, 3, 4].map(|i| target_index(i, 1, 0)), [-1, 0, 0, 1, 1, 2, 2]);
    }
}
