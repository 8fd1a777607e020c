//! Where in the grammar the cursor stands: what the lexer makes of the text before it, and which brackets are open.

use promql_engine::syntax::{
    BinaryOp, Lexer, SyntaxErrorKind,
    token::{Token, TokenKind},
};

/// What may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    /// A metric, a function, an aggregation.
    Expression,
    /// Behind an operator: an expression, or how it matches.
    Operand,
    /// Behind an expression: an operator or a modifier.
    Operator,
    /// Behind the name of an aggregation.
    Grouping,
    /// A label's name in the braces of this metric; those of the braces that have one already.
    LabelName { metric: String, used: Vec<String> },
    /// A value of this label of this metric; where its quotes open, if they do.
    LabelValue { metric: String, label: String, quote: Option<usize> },
    /// A label's name in `by (…)` and its like.
    LabelList,
    /// A duration.
    Duration,
    /// `start()` or `end()`.
    At,
    /// Nothing that could be known.
    Other,
}

/// An open bracket.
struct Open<'a> {
    bracket: TokenKind,
    /// What stands before it: a keyword or a name.
    head: Option<(TokenKind, &'a str)>,
    /// Labels named in it.
    labels: Vec<&'a str>,
}

/// Whether a list of labels follows a keyword.
fn takes_labels(keyword: TokenKind) -> bool {
    use TokenKind::{By, GroupLeft, GroupRight, Ignoring, On, Without};
    matches!(keyword, By | Without | On | Ignoring | GroupLeft | GroupRight)
}

/// The brackets that are open at the end of a text, and its last token.
struct Read<'a> {
    open: Vec<Open<'a>>,
    last: Option<(TokenKind, &'a str)>,
    /// Where a string begins that does not end.
    string: Option<usize>,
}

fn read(text: &str) -> Read<'_> {
    let mut read = Read { open: Vec::new(), last: None, string: None };
    for token in Lexer::new(text, true) {
        match token {
            Ok(Token { kind: TokenKind::Eof | TokenKind::Comment, .. }) => {}
            Ok(token) => {
                let word = text.get(token.span.start as usize..token.span.end as usize).unwrap_or_default();
                match token.kind {
                    TokenKind::LeftParen | TokenKind::LeftBrace | TokenKind::LeftBracket => {
                        let head = read.last;
                        read.open.push(Open { bracket: token.kind, head, labels: Vec::new() });
                    }
                    TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket => {
                        read.open.pop();
                    }
                    TokenKind::Assign
                    | TokenKind::RegexMatch
                    | TokenKind::RegexNotMatch
                    | TokenKind::Operator(BinaryOp::NotEqual) => {
                        if let (Some(open), Some((_, label))) = (read.open.last_mut(), read.last) {
                            open.labels.push(label);
                        }
                    }
                    _ => {}
                }
                read.last = Some((token.kind, word));
            }
            Err(error) => {
                if error.kind == SyntaxErrorKind::UnterminatedString {
                    read.string = Some(error.span.start as usize);
                }
                break;
            }
        }
    }
    read
}

/// The position behind a text, the word that is being typed taken away.
pub(super) fn position(text: &str) -> Position {
    let read = read(text);
    let last = read.last.map(|(kind, _)| kind);
    let innermost = read.open.last();
    if let Some(open) = innermost.filter(|open| open.bracket == TokenKind::LeftBrace) {
        let metric = match open.head {
            Some((TokenKind::Identifier | TokenKind::MetricIdentifier, name)) => name.to_owned(),
            _ => String::new(),
        };
        return match last {
            Some(TokenKind::LeftBrace | TokenKind::Comma) if read.string.is_none() => Position::LabelName {
                metric,
                used: open.labels.iter().map(|label| (*label).to_owned()).collect(),
            },
            Some(
                TokenKind::Assign
                | TokenKind::RegexMatch
                | TokenKind::RegexNotMatch
                | TokenKind::Operator(BinaryOp::NotEqual),
            ) => {
                let label = open.labels.last().copied().unwrap_or_default().to_owned();
                Position::LabelValue { metric, label, quote: read.string }
            }
            _ => Position::Other,
        };
    }
    if read.string.is_some() {
        return Position::Other;
    }
    if innermost.is_some_and(|open| open.bracket == TokenKind::LeftBracket) {
        return match last {
            Some(TokenKind::LeftBracket | TokenKind::Colon) => Position::Duration,
            _ => Position::Other,
        };
    }
    let is_list = |open: &Open<'_>| open.head.is_some_and(|(kind, _)| takes_labels(kind));
    if innermost.is_some_and(is_list) {
        return match last {
            Some(TokenKind::LeftParen | TokenKind::Comma) => Position::LabelList,
            _ => Position::Other,
        };
    }
    match last {
        None | Some(TokenKind::LeftParen | TokenKind::Comma) => Position::Expression,
        Some(TokenKind::Operator(_) | TokenKind::Bool) => Position::Operand,
        Some(TokenKind::Offset) => Position::Duration,
        Some(TokenKind::At) => Position::At,
        Some(TokenKind::Aggregate(_)) => Position::Grouping,
        Some(kind) if takes_labels(kind) => Position::Other,
        // A closing bracket ends an operand, or a list of labels with an expression behind it.
        Some(TokenKind::RightParen) => Position::Operator,
        Some(_) => Position::Operator,
    }
}

/// The function whose arguments the end of a text stands among.
pub(super) fn call(text: &str) -> Option<String> {
    let read = read(text);
    let open = read.open.iter().rev().find(|open| open.bracket == TokenKind::LeftParen)?;
    let (kind, name) = open.head?;
    matches!(kind, TokenKind::Identifier | TokenKind::MinOf | TokenKind::MaxOf).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_the_grammar() {
        for (text, wanted) in [
            ("", Position::Expression),
            ("sum(", Position::Expression),
            ("clamp(up, ", Position::Expression),
            ("up + ", Position::Operand),
            ("up == bool ", Position::Operand),
            ("up ", Position::Operator),
            ("sum(up) ", Position::Operator),
            ("up[5m] ", Position::Operator),
            ("sum ", Position::Grouping),
            ("sum by (", Position::LabelList),
            ("a * on (job, ", Position::LabelList),
            ("up[", Position::Duration),
            ("up[1h:", Position::Duration),
            ("up offset ", Position::Duration),
            ("up @ ", Position::At),
            ("\"up", Position::Other),
        ] {
            assert_eq!(position(text), wanted, "{text}");
        }
    }

    #[test]
    fn positions_in_braces() {
        let name = |metric: &str, used: &[&str]| Position::LabelName {
            metric: metric.to_owned(),
            used: used.iter().map(|label| (*label).to_owned()).collect(),
        };
        let value = |quote| Position::LabelValue { metric: "up".to_owned(), label: "job".to_owned(), quote };
        assert_eq!(position("rate(up{"), name("up", &[]));
        assert_eq!(position("up{job=\"a\", "), name("up", &["job"]));
        assert_eq!(position("{"), name("", &[]));
        assert_eq!(position("up{job="), value(None));
        assert_eq!(position("up{instance=\"x\",job!="), value(None));
        assert_eq!(position("up{job=~\"ap"), value(Some(8)));
        assert_eq!(position("up{job=\"a\""), Position::Other);
    }

    #[test]
    fn the_call_around() {
        assert_eq!(call("sum(rate(up[5m], "), Some("rate".to_owned()));
        assert_eq!(call("rate(up[5m])"), None);
        assert_eq!(call("sum(up"), None);
    }
}
