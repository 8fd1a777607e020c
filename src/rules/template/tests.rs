//! Templates that are wrong, or want too much. What right ones give is in `tests/rules`.

use super::{AlertContext, TemplateSample, check, expand};
use crate::exec::value::SampleValue;
use crate::model::Labels;

fn expanded(text: &str) -> String {
    let labels = Labels::from_pairs([("job", "api")]);
    let query = |_: &str| {
        let sample = TemplateSample { labels: labels.clone(), value: SampleValue::Float(1.0) };
        Ok(vec![sample; 3])
    };
    let context = AlertContext {
        alert: "A",
        labels: &labels,
        value: &SampleValue::Float(1.5),
        external_labels: &Labels::default(),
        external_url: "",
        time_ms: 1500,
        query: &query,
    };
    expand(text, &context)
}

#[test]
fn what_does_not_parse_is_said_in_its_place() {
    for (text, message) in [
        ("{{", "1: unclosed action"),
        ("\n{{ nonesuch }}", "2: function \"nonesuch\" not defined"),
        ("{{ $x }}", "1: undefined variable \"$x\""),
        ("{{ if true }}", "1: unexpected EOF"),
        ("{{ end }}", "1: unexpected {{end}}"),
        ("{{ break }}", "1: {{break}} outside {{range}}"),
        ("{{ \"a }}", "1: unterminated quoted string"),
        ("{{ 1 | 2 }}", "1: non executable command in pipeline stage 2"),
        ("{{/* a", "1: unclosed comment"),
    ] {
        let error = check("A", text).expect_err(text);
        assert_eq!(error.to_string(), format!("template: __alert_A:{message}"), "{text}");
        assert!(expanded(text).starts_with("<error expanding template: error parsing template __alert_A: "));
    }
}

#[test]
fn work_output_and_depth_are_bounded() {
    for text in [
        "{{ range 1000 }}{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}{{ end }}",
        "{{ range 1000000000000 }}{{ end }}",
        "{{ range 100000 }}{{ range 2 }}0123456789abcdef{{ end }}{{ end }}",
        "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
        "{{ define \"t\" }}{{ if true }}{{ with 1 }}{{ template \"t\" }}{{ end }}{{ end }}{{ end }}{{ template \"t\" }}",
    ] {
        let out = expanded(text);
        assert!(out.starts_with("<error expanding template"), "{text}: {} bytes", out.len());
    }
    let deep = |open: &str, inner: &str, close: &str| {
        let text = format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000));
        assert!(check("A", &text).is_err());
        assert!(expanded(&text).starts_with("<error expanding template"));
    };
    deep("{{ if true }}", "", "{{ end }}");
    let text = format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(check("A", &text).is_err());
    let text = format!("{{{{ if 0 }}}}{}{{{{ end }}}}", "{{ else if 0 }}".repeat(10_000));
    assert!(check("A", &text).is_err());
}

#[test]
fn no_text_makes_a_template_panic() {
    let pieces = [
        "{{",
        "}}",
        "{{-",
        "-}}",
        " ",
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "\"",
        "`",
        "'",
        "$",
        "$x",
        ":=",
        "=",
        "|",
        "(",
        ")",
        ".",
        ".a",
        ",",
        "é",
        "1",
        "0x",
        "-",
        "1e9",
        "printf",
        "\"%",
        "*d\"",
        "query \"up\"",
        "first",
        "value",
        "index",
        "slice",
        "/*",
        "*/",
        "\n",
        "nil",
        "true",
        "break",
        "block",
        "template \"t\"",
        "\\",
        "humanize",
    ];
    let mut state = 42u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            if state >> 62 == 0 {
                text.push(' ');
            }
        }
        expanded(&text);
        expanded(&format!("{{{{ {text} }}}}"));
    }
}
