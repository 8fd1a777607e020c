//! Functions of one number, and of one calendar time.

use crate::model::elementary;

/// A function of one number, by name.
pub(super) fn number_function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "exp" => elementary::exp,
        "sqrt" => f64::sqrt,
        "ln" => elementary::ln,
        "log2" => elementary::log2,
        "log10" => elementary::log10,
        "sin" => elementary::sin,
        "cos" => elementary::cos,
        "tan" => elementary::tan,
        "asin" => elementary::asin,
        "acos" => elementary::acos,
        "atan" => elementary::atan,
        "sinh" => elementary::sinh,
        "cosh" => elementary::cosh,
        "tanh" => elementary::tanh,
        "asinh" => elementary::asinh,
        "acosh" => elementary::acosh,
        "atanh" => elementary::atanh,
        "rad" => |v| v * (std::f64::consts::PI / 180.0),
        "deg" => |v| v * (180.0 / std::f64::consts::PI),
        "sgn" => |v| {
            if v < 0.0 {
                -1.0
            } else if v > 0.0 {
                1.0
            } else {
                v
            }
        },
        _ => return None,
    })
}

/// Rounds to the nearest multiple, half of one upwards.
pub(super) fn round(value: f64, nearest: f64) -> f64 {
    let inverse = 1.0 / nearest;
    (value * inverse + 0.5).floor() / inverse
}

/// The larger number; NaN where one is, unless the other is infinity. Zero is larger than minus zero.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a == 0.0 && b == 0.0 {
        return if a.is_sign_negative() { b } else { a };
    }
    if a == f64::INFINITY || b == f64::INFINITY {
        return f64::INFINITY;
    }
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// The smaller number; NaN where one is, unless the other is minus infinity. Minus zero is smaller than zero.
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a == 0.0 && b == 0.0 {
        return if a.is_sign_negative() { a } else { b };
    }
    if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY {
        return f64::NEG_INFINITY;
    }
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// A float as a Go program on a usual machine makes an integer of it: what does not fit is the smallest.
pub(super) fn go_integer(value: f64) -> i64 {
    if value >= i64::MIN as f64 && value < i64::MAX as f64 { value as i64 } else { i64::MIN }
}

/// A part of the calendar time that lies `seconds` after the epoch, in UTC; `None` for other functions.
pub(super) fn calendar(name: &str, seconds: i64) -> Option<f64> {
    // Go counts from the year −292277022399 in unsigned numbers, which wrap.
    let era = 9_223_372_028_715_321_600_i64;
    let seconds = i128::from(seconds.wrapping_add(era) as u64) - i128::from(era);
    let days = seconds.div_euclid(86_400) as i64;
    let second = seconds.rem_euclid(86_400) as i64;
    let (year, month, day) = date(days);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = |month: i64| match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let part = match name {
        "minute" => second / 60 % 60,
        "hour" => second / 3600,
        // The epoch was a Thursday.
        "day_of_week" => (days + 4).rem_euclid(7),
        "day_of_month" => day,
        "day_of_year" => (1..month).map(length).sum::<i64>() + day,
        "days_in_month" => length(month),
        "month" => month,
        "year" => year,
        _ => return None,
    };
    Some(part as f64)
}

/// Year, month and day of the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        let leap_day = 951_782_400; // 2000-02-29T00:00:00Z
        for (part, value) in [
            ("year", 2000.0),
            ("month", 2.0),
            ("day_of_month", 29.0),
            ("days_in_month", 29.0),
            ("day_of_year", 60.0),
            ("day_of_week", 2.0),
        ] {
            assert_eq!(calendar(part, leap_day), Some(value), "{part}");
        }
        assert_eq!(calendar("year", -1), Some(1969.0));
        assert_eq!(calendar("hour", -1), Some(23.0));
    }
}
