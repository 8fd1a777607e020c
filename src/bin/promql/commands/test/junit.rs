//! The outcome in the XML that build servers read.

use std::fmt::Write as _;

use super::Outcome;
use crate::graph::svg::escaped;

pub(super) fn document(outcomes: &[Outcome]) -> String {
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"promql test\">\n".to_owned();
    for outcome in outcomes {
        let file = escaped(&outcome.file);
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
                let message = escaped(message);
                let _ = writeln!(
                    out,
                    "    <testcase classname=\"{file}\" name=\"script\"><failure message=\"{message}\"/></testcase>"
                );
            }
            Ok(cases) => {
                for case in cases {
                    let open = format!("    <testcase classname=\"{file}\" name=\"{}\"", escaped(&case.name));
                    let _ = match &case.failure {
                        None => writeln!(out, "{open}/>"),
                        Some((summary, detail)) if detail.is_empty() => {
                            writeln!(out, "{open}><failure message=\"{}\"/></testcase>", escaped(summary))
                        }
                        Some((summary, detail)) => writeln!(
                            out,
                            "{open}><failure message=\"{}\">{}</failure></testcase>",
                            escaped(summary),
                            escaped(detail)
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
