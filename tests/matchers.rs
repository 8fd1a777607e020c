//! Matchers and `label_replace` patterns: accepted, refused and matched as Prometheus does.

use promql_engine::model::{AnchoredRegex, MatchOperator, Matcher, MatcherErrorKind};
use serde_json::Value;

fn regex(pattern: &str) -> Matcher {
    Matcher::new("label", MatchOperator::Regex, pattern).unwrap()
}

fn texts<'v>(row: &'v Value, field: &str) -> Vec<&'v str> {
    row[field].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// Each row of the file is a pattern and what Prometheus 3.16, built with Go 1.26, says of it: as a matcher, `accepts` and `refuses`
/// (both missing where it is no pattern); in `label_replace`, what `template` gives for the inputs it matches
/// (missing where it is no pattern there).
#[test]
fn patterns_mean_what_they_mean_in_prometheus() {
    let rows = include_str!("data/patterns.jsonl");
    let mut differences = Vec::new();
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let pattern = row["pattern"].as_str().unwrap();
        let is_pattern = row.get("accepts").is_some();
        match Matcher::new("label", MatchOperator::Regex, pattern) {
            Ok(matcher) => {
                if !is_pattern {
                    differences.push(format!("{pattern:?} is taken as a matcher"));
                    continue;
                }
                let opposite = Matcher::new("label", MatchOperator::NotRegex, pattern).unwrap();
                for (field, expected) in [("accepts", true), ("refuses", false)] {
                    for input in texts(&row, field) {
                        if matcher.matches(input) != expected || opposite.matches(input) == expected {
                            differences.push(format!("{pattern:?} on {input:?}: not {expected}"));
                        }
                        let listed = |values: &[String]| values.iter().any(|value| value == input);
                        assert!(
                            matcher.set_values().is_none_or(|values| listed(values) == expected),
                            "{pattern:?}"
                        );
                        assert!(
                            !expected || input.starts_with(matcher.prefix().unwrap_or_default()),
                            "{pattern:?}"
                        );
                    }
                }
            }
            Err(error) if is_pattern => differences.push(format!("{error}")),
            Err(error) => {
                assert!(error.offset <= pattern.len() && pattern.is_char_boundary(error.offset), "{error}")
            }
        }
        let template = row["template"].as_str();
        match (AnchoredRegex::new(pattern), template) {
            (Ok(anchored), Some(template)) => {
                for input in texts(&row, "accepts").into_iter().chain(texts(&row, "refuses")) {
                    let expected = row["replaced"].get(input).and_then(Value::as_str);
                    let found = anchored.expand(input, template);
                    if found.as_deref() != expected || anchored.is_match(input) != expected.is_some() {
                        differences
                            .push(format!("{pattern:?} {input:?} {template:?}: {found:?}, not {expected:?}"));
                    }
                }
            }
            (Ok(_), None) => differences.push(format!("{pattern:?} is taken by label_replace")),
            (Err(error), Some(_)) => differences.push(format!("label_replace: {error}")),
            (Err(_), None) => {}
        }
    }
    assert!(rows.lines().count() > 500);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn faults_say_what_and_where() {
    use MatcherErrorKind::*;
    for (pattern, kind, offset) in [
        ("a(b", MissingParenthesis, 1),
        ("a)b", UnexpectedParenthesis, 1),
        ("ab[c", MissingBracket, 2),
        ("[x-zb-a]", InvalidClassRange, 4),
        ("a[[:foo:]]", InvalidClassRange, 2),
        (r"a\p{Foo}", UnknownClass, 1),
        (r"ab\Z", InvalidEscape, 2),
        ("a\\", TrailingBackslash, 1),
        ("a|*", MissingRepeatArgument, 2),
        ("ab**", NestedRepeat, 3),
        ("ab{2000}", InvalidRepeatCount, 2),
        ("(a{100}){100}", InvalidRepeatCount, 8),
        ("(?P<ä>a)", InvalidCaptureName, 4),
        ("a(?=b)", UnsupportedGroup, 1),
    ] {
        let error = Matcher::new("label", MatchOperator::NotRegex, pattern).unwrap_err();
        assert_eq!((error.kind, error.offset), (kind, offset), "{error}");
        // `label_replace` puts the pattern between `^(?s:` and `)$`, and then these three fail elsewhere or not at all.
        if !["a(b", "a)b", "a\\"].contains(&pattern) {
            let error = AnchoredRegex::new(pattern).unwrap_err();
            assert_eq!((error.kind, error.offset), (kind, offset), "{error}");
        }
    }
}

#[test]
fn plain_patterns_are_known_by_values_and_prefixes() {
    let values = |pattern: &str| regex(pattern).set_values().map(|values| values.join(","));
    assert_eq!(values("b|a|b").as_deref(), Some("a,b"));
    assert_eq!(values("a|").as_deref(), Some(",a"));
    assert_eq!(values("4(00|29)|5[01]").as_deref(), Some("400,429,50,51"));
    assert_eq!(values(r"a\.b").as_deref(), Some("a.b"));
    assert_eq!(values("(?i)ab").as_deref(), Some("AB,Ab,aB,ab"));
    assert_eq!(values("colou?r").as_deref(), Some("color,colour"));
    assert_eq!(values("[^a]"), None);
    assert_eq!(values("a.*"), None);
    assert_eq!(Matcher::new("l", MatchOperator::NotRegex, "a|b").unwrap().set_values(), None);
    assert_eq!(Matcher::equal("l", "x").set_values().unwrap(), ["x"]);
    let many: Vec<String> = (0..5_000).map(|i| format!("value-{i:04}")).collect();
    assert_eq!(regex(&many.join("|")).set_values().unwrap(), many);

    for (pattern, prefix) in [
        ("foo.*", Some("foo")),
        ("foo(a.*|b)", Some("foo")),
        ("foo[ab]+", Some("foo")),
        (".*foo", None),
        ("(?i)foo.*", None),
    ] {
        assert_eq!(regex(pattern).prefix(), prefix, "{pattern}");
    }
    assert!(regex(".*").matches_empty() && !regex(".+").matches_empty());
    assert!(Matcher::new("l", MatchOperator::NotRegex, ".+").unwrap().matches_empty());
    assert_eq!(regex("a.*|\"").to_string(), r#"label=~"a.*|\"""#);
    assert_eq!(Matcher::equal("my.label", "v").to_string(), r#""my.label"="v""#);
}

#[test]
fn hostile_patterns_end_in_an_answer_or_an_error() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(regex(&nested(900)).matches("a"));
    let refused = |pattern: &str| Matcher::new("l", MatchOperator::Regex, pattern).unwrap_err().kind;
    assert_eq!(refused(&nested(1_001)), MatcherErrorKind::TooDeep);
    assert_eq!(refused(&nested(200_000)), MatcherErrorKind::TooDeep);
    assert_eq!(refused(&"(".repeat(200_000)), MatcherErrorKind::MissingParenthesis);
    assert_eq!(refused(&format!("(?i){}", r"\pL{1000}".repeat(100))), MatcherErrorKind::TooLarge);
    assert!(regex(&format!("{}.", "(?i)a*".repeat(900))).matches("aaaab"));
    // Exponential for a matcher that goes back; linear here.
    assert!(!regex("(a*)*b|(a|aa)+c").matches(&"a".repeat(100_000)));
    assert!(regex(&format!("a{}", "|a".repeat(100_000))).matches("a"));
    assert!(regex(&".*a".repeat(2_000)).matches(&"a".repeat(2_000)));
}
