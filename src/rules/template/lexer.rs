//! Templates to tokens: text, and the words between `{{` and `}}`.

use super::TemplateError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// Text outside of actions, trimmed where markers ask for it.
    Text(String),
    Open,
    Close,
    Word(String),
    /// `.name`, without the point.
    Field(String),
    Dot,
    /// `$name`, with the sign.
    Variable(String),
    Quoted(String),
    Number(String),
    Declare,
    Assign,
    Comma,
    Pipe,
    LeftParen,
    RightParen,
    Space,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All tokens of a template; spaces within actions are tokens, too, because `a .b` is not `a.b`.
pub(super) fn tokens(name: &str, text: &str) -> Result<Vec<Token>, TemplateError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut trim_start = false;
    while at < text.len() {
        let rest = &text[at..];
        let Some(open) = rest.find("{{") else {
            push_text(&mut tokens, at, rest, trim_start, false);
            break;
        };
        let inside = at + open + 2;
        let trims = is_trim_start(&text[inside..]);
        push_text(&mut tokens, at, &rest[..open], trim_start, trims);
        let body = if trims { inside + 2 } else { inside };
        if let Some(comment) = text[body..].trim_start().strip_prefix("/*") {
            let begin = text.len() - comment.len();
            let Some(length) = comment.find("*/") else {
                return Err(TemplateError::parse(name, text, at + open, "unclosed comment"));
            };
            let after = &text[begin + length + 2..];
            let (skipped, trims) = match after.strip_prefix("}}") {
                Some(_) => (2, false),
                None => match after.trim_start().strip_prefix("-}}") {
                    Some(rest) => (after.len() - rest.len(), true),
                    None => {
                        return Err(TemplateError::parse(
                            name,
                            text,
                            at + open,
                            "comment ends before closing delimiter",
                        ));
                    }
                },
            };
            (at, trim_start) = (begin + length + 2 + skipped, trims);
            continue;
        }
        tokens.push(Token { kind: TokenKind::Open, start: at + open, end: body });
        (at, trim_start) = action(name, text, body, &mut tokens)?;
    }
    Ok(tokens)
}

fn is_trim_start(inside: &str) -> bool {
    let mut characters = inside.chars();
    characters.next() == Some('-') && characters.next().is_some_and(is_space)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn push_text(tokens: &mut Vec<Token>, start: usize, text: &str, trim_start: bool, trim_end: bool) {
    let mut shown = text;
    if trim_start {
        shown = shown.trim_start_matches(is_space);
    }
    if trim_end {
        shown = shown.trim_end_matches(is_space);
    }
    if !shown.is_empty() {
        tokens.push(Token { kind: TokenKind::Text(shown.to_owned()), start, end: start + text.len() });
    }
}

/// The tokens of one action; gives where the text goes on, and whether space is dropped there.
fn action(
    name: &str,
    text: &str,
    mut at: usize,
    tokens: &mut Vec<Token>,
) -> Result<(usize, bool), TemplateError> {
    let fault = |at: usize, message: String| Err(TemplateError::parse(name, text, at, &message));
    loop {
        let rest = &text[at..];
        if rest.starts_with("}}") {
            tokens.push(Token { kind: TokenKind::Close, start: at, end: at + 2 });
            return Ok((at + 2, false));
        }
        let Some(first) = rest.chars().next() else { return fault(at, "unclosed action".to_owned()) };
        let start = at;
        let length_while = |from: usize, fits: fn(char) -> bool| {
            rest[from..].find(|c| !fits(c)).map_or(rest.len(), |length| from + length)
        };
        let name_length = |from: usize| length_while(from, |c| c.is_alphanumeric() || c == '_');
        let (kind, length) = match first {
            c if is_space(c) => {
                let length = length_while(0, is_space);
                if rest[length..].starts_with("-}}") {
                    tokens.push(Token { kind: TokenKind::Close, start: at, end: at + length + 3 });
                    return Ok((at + length + 3, true));
                }
                (TokenKind::Space, length)
            }
            ':' if rest.starts_with(":=") => (TokenKind::Declare, 2),
            '=' => (TokenKind::Assign, 1),
            '|' => (TokenKind::Pipe, 1),
            ',' => (TokenKind::Comma, 1),
            '(' => (TokenKind::LeftParen, 1),
            ')' => (TokenKind::RightParen, 1),
            '"' => match string_length(rest) {
                Some(length) => match unquote(&rest[1..length - 1]) {
                    Some(text) => (TokenKind::Quoted(text), length),
                    None => return fault(at, "invalid syntax".to_owned()),
                },
                None => return fault(at, "unterminated quoted string".to_owned()),
            },
            '`' => match rest[1..].find('`') {
                Some(length) => (TokenKind::Quoted(rest[1..=length].to_owned()), length + 2),
                None => return fault(at, "unterminated raw quoted string".to_owned()),
            },
            '\'' => {
                let mut quoted = rest[1..].char_indices();
                let character = quoted.next().filter(|(_, c)| *c != '\\' && *c != '\'');
                match (character, quoted.next()) {
                    (Some((_, character)), Some((length, '\''))) => {
                        (TokenKind::Number(u32::from(character).to_string()), length + 2)
                    }
                    _ => return fault(at, "malformed character constant".to_owned()),
                }
            }
            '$' => {
                let length = name_length(1);
                (TokenKind::Variable(rest[..length].to_owned()), length)
            }
            '.' => match name_length(1) {
                _ if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest),
                1 => (TokenKind::Dot, 1),
                length => (TokenKind::Field(rest[1..length].to_owned()), length),
            },
            '+' | '-' | '0'..='9' => number(rest),
            c if c.is_alphabetic() || c == '_' => {
                let length = name_length(0);
                (TokenKind::Word(rest[..length].to_owned()), length)
            }
            other => {
                return fault(at, format!("unexpected {other:?} in command"));
            }
        };
        at += length;
        tokens.push(Token { kind, start, end: at });
    }
}

fn number(rest: &str) -> (TokenKind, usize) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let mut length = usize::from(rest.starts_with(['+', '-']));
    let mut last = ' ';
    for c in rest[length..].chars() {
        let is_exponent_sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E' | 'p' | 'P');
        if !(is_part(c) || is_exponent_sign) {
            break;
        }
        last = c;
        length += c.len_utf8();
    }
    (TokenKind::Number(rest[..length].to_owned()), length)
}

/// The bytes of a string in double quotes, which ends on its line.
fn string_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// What stands for the escapes of Go in a string.
fn unquote(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escaped = characters.next()?;
        let mut code = |radix: u32, digits: usize, first: Option<char>| {
            let taken: String = first.into_iter().chain(characters.by_ref().take(digits)).collect();
            char::from_u32(u32::from_str_radix(&taken, radix).ok()?)
        };
        out.push(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'v' => '\x0b',
            same @ ('\\' | '"') => same,
            'x' => code(16, 2, None)?,
            'u' => code(16, 4, None)?,
            'U' => code(16, 8, None)?,
            digit @ '0'..='7' => code(8, 2, Some(digit))?,
            _ => return None,
        });
    }
    Some(out)
}
