//! Calendar functions (UTC, proleptic Gregorian calendar), and the times a query knows of.

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::ValueType::{Scalar, Vector};

/// 2024-02-29 13:45:10 UTC, a Thursday.
const LEAP_DAY: &str = "load 1m\n  build_time_seconds 1709214310";
const NOTHING: &str = "load 1m\n  up 1";

const fn of_time(
    name: &'static str,
    summary: &'static str,
    query: &'static str,
    answer: &'static str,
    kernel: fn(f64) -> f64,
) -> Function {
    Function {
        signature: signature(name, &[Vector], 1, Vector),
        summary,
        example: Example { load: LEAP_DAY, query, at: "0s", answer },
        unit: Unit::Number,
        kernel: Kernel::Time(kernel),
    }
}

const fn of_query(
    name: &'static str,
    summary: &'static str,
    query: &'static str,
    answer: &'static str,
    special: Special,
) -> Function {
    Function {
        signature: signature(name, &[], 0, Scalar),
        summary,
        example: Example { load: NOTHING, query, at: "2m", answer },
        unit: Unit::Number,
        kernel: Kernel::Special(special),
    }
}

pub(super) static FUNCTIONS: &[Function] = &[
    of_time("minute", "The minute of the hour, 0 to 59, of each sample, a time in seconds since the epoch.", "minute(build_time_seconds)", "{} 45", minute),
    of_time("hour", "The hour of the day, 0 to 23, of each sample, a time in seconds since the epoch.", "hour(build_time_seconds)", "{} 13", hour),
    of_time("day_of_week", "The day of the week, 0 (Sunday) to 6, of each sample, a time in seconds since the epoch.", "day_of_week(build_time_seconds)", "{} 4", day_of_week),
    of_time("day_of_month", "The day of the month, 1 to 31, of each sample, a time in seconds since the epoch.", "day_of_month(build_time_seconds)", "{} 29", day_of_month),
    of_time("day_of_year", "The day of the year, 1 to 366, of each sample, a time in seconds since the epoch.", "day_of_year(build_time_seconds)", "{} 60", day_of_year),
    of_time("days_in_month", "How many days, 28 to 31, the month has of each sample, a time in seconds since the epoch.", "days_in_month(build_time_seconds)", "{} 29", days_in_month),
    of_time("month", "The month, 1 to 12, of each sample, a time in seconds since the epoch.", "month(build_time_seconds)", "{} 2", month),
    of_time("year", "The year of each sample, a time in seconds since the epoch.", "year(build_time_seconds)", "{} 2024", year),
    of_query("time", "The time of evaluation, in seconds since the epoch.", "time()", "120", Special::Time).in_unit(Unit::Timestamp),
    of_query("start", "The time of the query's first step, in seconds since the epoch.", "start()", "120", Special::QueryStart).in_unit(Unit::Timestamp).experimental(),
    of_query("end", "The time of the query's last step, in seconds since the epoch.", "end()", "120", Special::QueryEnd).in_unit(Unit::Timestamp).experimental(),
    of_query("step", "The distance of the query's steps, in seconds; 0 in an instant query.", "step()", "0", Special::QueryStep).in_unit(Unit::Seconds).experimental(),
    of_query("range", "The time from the query's first to its last step, in seconds.", "range()", "0", Special::QueryRange).in_unit(Unit::Seconds).experimental(),
    Function {
        signature: signature("timestamp", &[Vector], 0, Vector),
        summary: "The time of each sample, in seconds since the epoch.",
        example: Example { load: NOTHING, query: "timestamp(up)", at: "30s", answer: "{} 0" },
        unit: Unit::Timestamp,
        kernel: Kernel::Special(Special::Timestamp),
    },
    Function {
        signature: signature("start_timestamp", &[Vector], 0, Vector),
        summary: "Since when each sample counts, in seconds since the epoch, 0 where unknown; nothing unless start timestamps are on.",
        example: Example { load: "load 1m\n  requests_total@st 0x3\n  requests_total 1+1x3", query: "start_timestamp(requests_total)", at: "1m", answer: "{} 60" },
        unit: Unit::Timestamp,
        kernel: Kernel::Special(Special::StartTimestamp),
    }
    .experimental(),
];

const SECONDS_A_DAY: u64 = 86_400;
/// Days of a whole cycle of leap years, 400 years.
const DAYS_A_CYCLE: u64 = 146_097;
/// The year in which days are counted from, on its first of March: a whole number of cycles before year 0, and before anything
/// that 64 bits of seconds can say.
const FIRST_YEAR: i64 = -292_277_022_400;
/// 1970-01-01 in days since then.
const EPOCH_DAYS: u64 = FIRST_YEAR.unsigned_abs() / 400 * DAYS_A_CYCLE + 719_468;

/// Seconds since the first of March of [`FIRST_YEAR`]. Fractions are cut off; what no 64 bits hold becomes their least value, as the conversion does in Go on x86.
fn absolute_seconds(seconds: f64) -> u64 {
    let limit = -(i64::MIN as f64);
    let whole = if (-limit..limit).contains(&seconds) { seconds as i64 } else { i64::MIN };
    (whole as u64).wrapping_add(EPOCH_DAYS * SECONDS_A_DAY)
}

struct Date {
    year: i64,
    /// 1 to 12.
    month: u64,
    /// 1 to 31.
    day: u64,
}

impl Date {
    /// Counts from March, so that the leap day is a year's last.
    fn of(seconds: f64) -> Self {
        let days = absolute_seconds(seconds) / SECONDS_A_DAY;
        let (cycle, day_of_cycle) = (days / DAYS_A_CYCLE, days % DAYS_A_CYCLE);
        let year_of_cycle =
            (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
        let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let (month, next_year) =
            if month_from_march < 10 { (month_from_march + 3, 0) } else { (month_from_march - 9, 1) };
        let year = FIRST_YEAR + (cycle * 400 + year_of_cycle) as i64 + next_year;
        Self { year, month, day }
    }

    const fn is_leap_year(&self) -> bool {
        self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0)
    }

    const fn days_in_month(&self, month: u64) -> u64 {
        match month {
            2 if self.is_leap_year() => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

fn minute(seconds: f64) -> f64 {
    (absolute_seconds(seconds) / 60 % 60) as f64
}

fn hour(seconds: f64) -> f64 {
    (absolute_seconds(seconds) / 3600 % 24) as f64
}

/// Day 0 of a cycle, a first of March like that of the year 2000, is a Wednesday, and a cycle is whole weeks.
fn day_of_week(seconds: f64) -> f64 {
    ((absolute_seconds(seconds) / SECONDS_A_DAY + 3) % 7) as f64
}

fn day_of_month(seconds: f64) -> f64 {
    Date::of(seconds).day as f64
}

fn day_of_year(seconds: f64) -> f64 {
    let date = Date::of(seconds);
    let before: u64 = (1..date.month).map(|month| date.days_in_month(month)).sum();
    (before + date.day) as f64
}

fn days_in_month(seconds: f64) -> f64 {
    let date = Date::of(seconds);
    date.days_in_month(date.month) as f64
}

fn month(seconds: f64) -> f64 {
    Date::of(seconds).month as f64
}

fn year(seconds: f64) -> f64 {
    Date::of(seconds).year as f64
}

/// A time as RFC 3339 writes it, in UTC and whole seconds (cut toward zero).
pub(crate) fn rfc3339(time_ms: i64) -> String {
    let seconds = (time_ms / 1000) as f64;
    let Date { year, month, day } = Date::of(seconds);
    let (hour, minute) = (hour(seconds), minute(seconds));
    let second = absolute_seconds(seconds) % 60;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds; then minute, hour, day of week, of month, of year, days in month, month, year as Prometheus gave them.
    const RECORDED: &[(f64, [f64; 8])] = &[
        (0.0, [0.0, 0.0, 4.0, 1.0, 1.0, 31.0, 1.0, 1970.0]),
        (1_709_214_310.0, [45.0, 13.0, 4.0, 29.0, 60.0, 29.0, 2.0, 2024.0]),
        (-1.0, [59.0, 23.0, 3.0, 31.0, 365.0, 31.0, 12.0, 1969.0]),
        (951_782_400.0, [0.0, 0.0, 2.0, 29.0, 60.0, 29.0, 2.0, 2000.0]),
        (951_868_799.0, [59.0, 23.0, 2.0, 29.0, 60.0, 29.0, 2.0, 2000.0]),
        (-62_135_596_800.0, [0.0, 0.0, 1.0, 1.0, 1.0, 31.0, 1.0, 1.0]),
        (4_102_444_800.0, [0.0, 0.0, 5.0, 1.0, 1.0, 31.0, 1.0, 2100.0]),
        (1e18, [46.0, 1.0, 5.0, 23.0, 297.0, 31.0, 10.0, 31_688_740_476.0]),
        (-1e18, [13.0, 22.0, 2.0, 10.0, 69.0, 31.0, 3.0, -31_688_736_537.0]),
        (f64::NAN, [30.0, 15.0, 0.0, 4.0, 339.0, 31.0, 12.0, 292_277_026_596.0]),
        (f64::INFINITY, [30.0, 15.0, 0.0, 4.0, 339.0, 31.0, 12.0, 292_277_026_596.0]),
        (1.9, [0.0, 0.0, 4.0, 1.0, 1.0, 31.0, 1.0, 1970.0]),
        (-1.9, [59.0, 23.0, 3.0, 31.0, 365.0, 31.0, 12.0, 1969.0]),
        (1e20, [30.0, 15.0, 0.0, 4.0, 339.0, 31.0, 12.0, 292_277_026_596.0]),
        (13_569_465_600.0, [0.0, 0.0, 6.0, 1.0, 1.0, 31.0, 1.0, 2400.0]),
    ];

    #[test]
    fn dates_are_those_recorded() {
        let functions = [minute, hour, day_of_week, day_of_month, day_of_year, days_in_month, month, year];
        for (seconds, expected) in RECORDED {
            assert_eq!(functions.map(|f| f(*seconds)), *expected, "{seconds}");
        }
    }
}
