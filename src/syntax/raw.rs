//! The token rules, compiled by logos: what a token looks like, without regard to where it stands.
//!
//! The same characters mean different things in braces, in brackets and elsewhere; [`Lexer`](super::Lexer) knows where
//! it is and decides. Numbers and strings with escapes are only recognised here by their first characters: Go's rules
//! for them look ahead and back in ways that a regular expression says badly.

use logos::Logos;

#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
    #[regex(r"[ \t\r\n]+")]
    Space,
    #[regex(r"#[^\r\n]*", allow_greedy = true)]
    Comment,
    #[regex(r"[a-zA-Z_:][a-zA-Z0-9_:]*")]
    Word,
    #[regex(r"[0-9]")]
    #[regex(r"\.[0-9]")]
    NumberStart,
    #[regex("\"[^\"\\\\\n\u{FFFD}]*\"")]
    #[regex("'[^'\\\\\n\u{FFFD}]*'")]
    PlainString,
    #[token("\"")]
    #[token("'")]
    QuoteStart,
    #[regex("`[^`\u{FFFD}]*`")]
    BacktickString,
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token(",")]
    Comma,
    #[token("@")]
    At,
    #[token("=")]
    Assign,
    #[token("=~")]
    RegexMatch,
    #[token("!~")]
    RegexNotMatch,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token(">")]
    Greater,
    #[token("<")]
    Less,
    #[token(">=")]
    GreaterOrEqual,
    #[token("<=")]
    LessOrEqual,
    #[token("</")]
    TrimUpper,
    #[token(">/")]
    TrimLower,
    #[token("+")]
    Add,
    #[token("-")]
    Sub,
    #[token("*")]
    Mul,
    #[token("/")]
    Div,
    #[token("%")]
    Mod,
    #[token("^")]
    Pow,
}
