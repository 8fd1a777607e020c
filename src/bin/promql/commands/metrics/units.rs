//! Units in names: base units, those that are not, and short forms.

/// Base units: metrics are in these.
const BASES: [&str; 10] =
    ["amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "seconds", "volts"];

/// Other units, and the base unit each is counted in.
const OTHERS: [(&str, &str); 14] = [
    ("bits", "bytes"),
    ("calories", "joules"),
    ("days", "seconds"),
    ("fahrenheit", "celsius"),
    ("hours", "seconds"),
    ("inches", "meters"),
    ("kelvins", "kelvin"),
    ("miles", "meters"),
    ("minutes", "seconds"),
    ("ounces", "grams"),
    ("pounds", "grams"),
    ("rankine", "celsius"),
    ("weeks", "seconds"),
    ("yards", "meters"),
];

/// What may stand before a unit.
const PREFIXES: [&str; 18] = [
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mebi",
    "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

/// Short forms of units, as parts of a name.
const ABBREVIATIONS: [&str; 14] =
    ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];

/// The first part of a name that is a unit, and its base unit.
pub(super) fn unit(name: &str) -> Option<(&str, &'static str)> {
    name.split('_').find_map(|part| Some((part, base(part).or_else(|| prefixed(part))?)))
}

fn base(unit: &str) -> Option<&'static str> {
    let other = || OTHERS.iter().find(|(other, _)| *other == unit).map(|(_, base)| *base);
    BASES.iter().copied().find(|base| *base == unit).or_else(other)
}

fn prefixed(part: &str) -> Option<&'static str> {
    PREFIXES.iter().find_map(|prefix| part.strip_prefix(prefix).and_then(base))
}

/// A part of a name, not its first, that is the short form of a unit.
pub(super) fn abbreviation(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    name.split('_').skip(1).find_map(|part| ABBREVIATIONS.iter().copied().find(|short| *short == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_names() {
        assert_eq!(unit("request_seconds_count"), Some(("seconds", "seconds")));
        assert_eq!(unit("request_milliseconds"), Some(("milliseconds", "seconds")));
        assert_eq!(unit("free_mebibytes_total"), Some(("mebibytes", "bytes")));
        assert_eq!(unit("uptime_hours"), Some(("hours", "seconds")));
        assert_eq!(unit("secondshand_kilo"), None);
        assert_eq!(abbreviation("latency_MS_max"), Some("ms"));
        assert_eq!(abbreviation("s_latency"), None);
    }
}
