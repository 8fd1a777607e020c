//! The outcome in the XML that build servers read.

use std::fmt::Write as _;

use super::Outcome;

pub(super) fn document(outcomes: &[Outcome]) -> String {
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"promql test\">\n".to_owned();
    for outcome in outcomes {
        let file = xml(&outcome.file);
        let (total, failed) = match outcome.cases {
            Ok(_) => (outcome.total(), outcome.total() - outcome.passed()),
            Err(_) => (1, 1),
        };
        let seconds = outcome.seconds;
        let _ = writeln!(
            out,
            "  <testsuite name=\"{file}\" tests=\"{total}\" failures=\"{failed}\" time=\"{seconds:.3}\">"
        );
        match &outcome.cases {
            Err(message) => {
                let message = xml(message);
                let _ = writeln!(
                    out,
                    "    <testcase classname=\"{file}\" name=\"script\"><failure message=\"{message}\"/></testcase>"
                );
            }
            Ok(cases) => {
                for case in cases {
                    let open = format!("    <testcase classname=\"{file}\" name=\"{}\"", xml(&case.name));
                    let _ = match &case.failure {
                        None => writeln!(out, "{open}/>"),
                        Some((summary, detail)) if detail.is_empty() => {
                            writeln!(out, "{open}><failure message=\"{}\"/></testcase>", xml(summary))
                        }
                        Some((summary, detail)) => writeln!(
                            out,
                            "{open}><failure message=\"{}\">{}</failure></testcase>",
                            xml(summary),
                            xml(detail)
                        ),
                    };
                }
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// A text as XML has it; characters that XML knows no way to write become the replacement character.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
