//! Lines of the notation: what they mean, what is refused and where.

use super::{Budget, SequenceValue, parse_series, parse_values, parse_within};
use crate::model::STALE_NAN;

fn floats(values: &[f64]) -> Vec<SequenceValue> {
    values.iter().copied().map(SequenceValue::Float).collect()
}

#[test]
fn sequences_of_floats() {
    let table: [(&str, &[f64]); 9] = [
        ("", &[]),
        ("1", &[1.0]),
        ("+1 -2", &[1.0, -2.0]),
        ("1x0", &[1.0]),
        ("3x2", &[3.0, 3.0, 3.0]),
        ("0+5x3", &[0.0, 5.0, 10.0, 15.0]),
        ("-1-.5x2", &[-1.0, -1.5, -2.0]),
        ("Inf -Inf 1e3", &[f64::INFINITY, f64::NEG_INFINITY, 1000.0]),
        ("010 0_7", &[8.0, 7.0]),
    ];
    for (text, values) in table {
        assert_eq!(parse_values(text), Ok(floats(values)), "{text}");
        let line = parse_series(&format!("m {text} ")).unwrap();
        assert_eq!(line.values, floats(values), "{text}");
    }
    assert_eq!(parse_values("_ _x2"), Ok(vec![SequenceValue::Omitted; 3]));
    let stale = parse_values("stale").unwrap();
    assert!(matches!(stale[..], [SequenceValue::Float(value)] if value.to_bits() == STALE_NAN.to_bits()));
}

#[test]
fn what_is_wrong_and_where() {
    let table = [
        ("m abc", 2, r#"expected a number, `stale` or `_`, found "abc""#),
        ("m 1+1", 5, "expected `x` and how many times, found the end of the line"),
        ("m 1x1.5", 4, r#"expected a whole number of times, found "1.5""#),
        ("m 1 2,", 5, r#"expected an item of the series notation, found ",""#),
        ("m{a=\"b\"}1", 8, r#"expected a blank, found "1""#),
        ("m{a=~\"b\"} 1", 3, r#"expected `=`, found "=~\"b\"} 1""#),
        (r#"m{a="\xff"} 1"#, 4, r#"expected a text in UTF-8, found "\"\\xff\"""#),
        ("m {{sum:1 sum:2}}", 10, r#"expected each word once, found "sum""#),
        ("m {{ sum:1}}", 5, r#"expected `}}`, found "sum:1}}""#),
        ("m {{buckets:[1-2]}}", 14, r#"expected `]`, found "-2]}}""#),
        ("m {{z_bucket_w:-1}}", 15, r#"expected a number, found "-1}}""#),
        ("m {{schema:1}}+{{schema:0}}x1", 2, "a histogram of schema 0 cannot be added to one of schema 1"),
    ];
    for (text, start, message) in table {
        let error = parse_series(text).unwrap_err();
        assert_eq!((error.span.start, error.to_string().as_str()), (start, message), "{text}");
    }
}

#[test]
fn a_line_cannot_grow_without_bound() {
    for text in
        ["m 1x99999999999", "m _x18446744073709551615", "m 1x18446744073709551615", "m {{}}+{{}}x99999999"]
    {
        assert!(parse_series(text).unwrap_err().to_string().contains("max_values"), "{text}");
    }
    let mut budget = Budget::new(10);
    for (text, fits) in [("m 1x4", true), ("m _x4 1", true), ("m 1", false)] {
        assert_eq!(parse_within(text, &mut budget).is_ok(), fits, "{text}");
    }
}

#[test]
fn histograms_are_read_as_they_are_written() {
    for text in [
        "{{}}",
        "{{schema:1 count:3.5 sum:-4 z_bucket:1 z_bucket_w:0.5 offset:-3 buckets:[1 0 2] n_offset:2 n_buckets:[1]}}",
        "{{schema:-53 count:3 sum:4 custom_values:[1 2.5] counter_reset_hint:gauge buckets:[1 1 1]}}",
    ] {
        let values = parse_values(text).unwrap();
        let [SequenceValue::Histogram { histogram, hint_set }] = values.as_slice() else {
            panic!("{values:?}")
        };
        assert_eq!((**histogram).as_ref().to_load_expression().unwrap(), text);
        assert_eq!(*hint_set, text.contains("hint"));
    }
}

#[test]
fn odd_histograms_are_added_or_refused_without_harm() {
    let parts = [
        "schema:100 buckets:[1]",
        "schema:-100 buckets:[1 2]",
        "schema:2147483647",
        "schema:-2147483648 buckets:[1]",
        "schema:-53 custom_values:[3 2 1] buckets:[1 2 3 4 5 6]",
        "schema:-53 custom_values:[NaN] buckets:[1 2] offset:-7",
        "offset:2147483647 buckets:[1 2 3]",
        "n_offset:-2147483648 n_buckets:[1 2] z_bucket_w:1e300",
        "z_bucket_w:NaN z_bucket:Inf buckets:[NaN]",
        "schema:8 offset:-2147483648 buckets:[1 2 3 4] z_bucket_w:5",
    ];
    for a in parts {
        for b in parts {
            for sign in ['+', '-'] {
                let text = format!("m {{{{{a}}}}}{sign}{{{{{b}}}}}x3");
                if let Ok(line) = parse_series(&text) {
                    assert_eq!(line.values.len(), 4, "{text}");
                }
            }
        }
    }
}
