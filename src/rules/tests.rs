//! Rule files that are wrong.

use super::RuleFile;
use crate::Engine;

fn faults(text: &str) -> Vec<String> {
    let engine = Engine::default();
    match RuleFile::parse(text, &engine.options().parser, engine.functions()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn faults_are_told_with_their_places() {
    let text = "\
groups:
- name: a
  rules:
  - record: x{y}
    expr: sum(
    for: 1m
  - alert: A
    record: b
    expr: up
  - expr: up
  - alert: B
    labels: {__name__: c, d: '{{ nonesuch }}'}
    expr: up
- name: a
";
    assert_eq!(
        faults(text),
        [
            "5:11: group `a`, rule 1, `x{y}`: the query does not parse: 1:5: '(' is never closed",
            "4:5: group `a`, rule 1, `x{y}`: a recording rule has no `for`",
            "4:5: group `a`, rule 1, `x{y}`: braces in the name `x{y}`; do they belong into `expr`?",
            "7:5: group `a`, rule 2, `A`: a rule is either `record` or `alert`, not both",
            "10:5: group `a`, rule 3, ``: a rule needs `record` or `alert`",
            "12:14: group `a`, rule 4, `B`: `__name__` is no valid name",
            "12:27: group `a`, rule 4, `B`: the template of `d` does not parse: template: __alert_B:1: function \
             \"nonesuch\" not defined",
            "14:3: the name `a` comes again",
        ]
    );
    assert_eq!(faults("groups: []\nextra: 1"), ["2:1: unknown field `extra`"]);
    assert_eq!(faults("groups: 5"), ["1:9: expected a list"]);
    assert_eq!(faults("groups:\n- name: a\n  interval: soon"), ["3:13: expected a duration such as 5m"]);
    assert_eq!(faults("groups:\n- name: a\n  name: b"), ["3:3: `name` stands twice"]);
    assert!(faults("groups: [")[0].contains("not YAML"));
    assert_eq!(faults(""), [""; 0]);
}

#[test]
fn depth_and_aliases_are_bounded() {
    let deep = format!("groups: {}", "- ".repeat(5000));
    assert!(!faults(&deep).is_empty());
    assert!(!faults(&"[".repeat(100_000)).is_empty());
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let before = level - 1;
        laughs.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", ")));
    }
    assert!(faults(&laughs)[0].contains("aliases make the text too large"));
}
