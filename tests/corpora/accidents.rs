//! Rows whose recorded answer is an accident of Prometheus' mathematics library.

/// `file line: the proof`.
const LIST: &str = include_str!("../data/accidents.txt");

/// Whether a row, counted from 1, is listed.
pub(crate) fn is_listed(file: &str, line: usize) -> bool {
    let key = format!("{file} {line}:");
    LIST.lines().any(|entry| entry.starts_with(&key))
}

/// Each proof rests on a function's result here: the float nearest to the true value, where Go gives its neighbour. Other
/// platforms' libraries round as they like.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn the_results_behind_the_list_are_the_nearest_floats() {
    for (found, nearest) in [
        (87.599_999_999_999_98_f64.sinh(), 5.535_624_452_408_441e37),
        (60_f64.cosh(), 5.710_036_949_078_421e25),
        (450_f64.atan(), 1.568_574_108_230_642_6),
    ] {
        assert_eq!(found.to_bits(), f64::to_bits(nearest));
    }
}
