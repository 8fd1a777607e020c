//! Tokens to the parts of a template.

use std::collections::BTreeMap;

use super::TemplateError;
use super::ast::{Branch, BranchKind, Part};
use super::lexer::{Token, TokenKind, tokens};

/// How deep actions and parentheses may nest.
pub(super) const MAX_DEPTH: usize = 100;

/// A template's parts, and those it defines under names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) parts: Vec<Part>,
    pub(super) defined: BTreeMap<String, Vec<Part>>,
}

pub(super) fn parse(name: &str, text: &str) -> Result<Tree, TemplateError> {
    let tokens = tokens(name, text)?;
    let mut parser = Parser {
        name,
        text,
        tokens,
        at: 0,
        variables: vec!["$".to_owned()],
        defined: BTreeMap::new(),
        loops: 0,
    };
    let (parts, end) = parser.parts(0)?;
    match end {
        Stop::Text => Ok(Tree { parts, defined: parser.defined }),
        end => Err(parser.fault(&format!("unexpected {{{{{}}}}}", end.word()))),
    }
}

/// What ended a list of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Text,
    End,
    Else,
}

impl Stop {
    const fn word(self) -> &'static str {
        match self {
            Self::Text => "EOF",
            Self::End => "end",
            Self::Else => "else",
        }
    }
}

pub(super) struct Parser<'t> {
    name: &'t str,
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// The variables that may be used, innermost last.
    pub(super) variables: Vec<String>,
    defined: BTreeMap<String, Vec<Part>>,
    /// How many `range` are open.
    loops: usize,
}

impl Parser<'_> {
    pub(super) fn fault(&self, message: &str) -> TemplateError {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        TemplateError::parse(self.name, self.text, token.map_or(0, |token| token.start), message)
    }

    pub(super) fn kind(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    pub(super) fn start(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.start)
    }

    pub(super) fn skip_space(&mut self) {
        while self.kind() == Some(&TokenKind::Space) {
            self.at += 1;
        }
    }

    /// The word after spaces, without taking it.
    fn word(&mut self) -> Option<String> {
        self.skip_space();
        match self.kind() {
            Some(TokenKind::Word(word)) => Some(word.clone()),
            _ => None,
        }
    }

    fn close(&mut self, context: &str) -> Result<(), TemplateError> {
        self.skip_space();
        if self.kind() != Some(&TokenKind::Close) {
            return Err(self.unexpected(context));
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn unexpected(&self, context: &str) -> TemplateError {
        let Some(token) = self.tokens.get(self.at) else { return self.fault("unexpected EOF") };
        self.fault(&format!("unexpected <{}> in {context}", &self.text[token.start..token.end]))
    }

    /// Parts up to `else`, `end` or the end of the text; of the first two the word has been taken.
    fn parts(&mut self, depth: usize) -> Result<(Vec<Part>, Stop), TemplateError> {
        if depth > MAX_DEPTH {
            return Err(self.fault("actions nest too deep"));
        }
        let mut parts = Vec::new();
        loop {
            match self.kind().cloned() {
                None => return Ok((parts, Stop::Text)),
                Some(TokenKind::Text(text)) => {
                    self.at += 1;
                    parts.push(Part::Text(text));
                }
                Some(_) => {
                    self.at += 1;
                    let word = self.word().unwrap_or_default();
                    match word.as_str() {
                        "end" => {
                            self.at += 1;
                            self.close("end")?;
                            return Ok((parts, Stop::End));
                        }
                        "else" => {
                            self.at += 1;
                            return Ok((parts, Stop::Else));
                        }
                        _ => parts.extend(self.action(&word, depth)?),
                    }
                }
            }
        }
    }

    fn action(&mut self, word: &str, depth: usize) -> Result<Option<Part>, TemplateError> {
        let kind = match word {
            "if" => BranchKind::If,
            "with" => BranchKind::With,
            "range" => BranchKind::Range,
            "break" | "continue" => {
                if self.loops == 0 {
                    return Err(self.fault(&format!("{{{{{word}}}}} outside {{{{range}}}}")));
                }
                self.at += 1;
                self.close(word)?;
                return Ok(Some(if word == "break" { Part::Break } else { Part::Continue }));
            }
            "define" | "block" => return self.definition(word, depth),
            "template" => {
                self.at += 1;
                self.skip_space();
                let position = self.start();
                let name = self.quoted("template clause")?;
                self.skip_space();
                let argument = match self.kind() {
                    Some(TokenKind::Close) => None,
                    _ => Some(self.pipeline("template clause", depth)?),
                };
                self.close("template clause")?;
                return Ok(Some(Part::Call { name, argument, position }));
            }
            _ => {
                let pipeline = self.pipeline("command", depth)?;
                self.close("command")?;
                return Ok(Some(Part::Action(pipeline)));
            }
        };
        self.at += 1;
        self.branch(kind, word, depth).map(|branch| Some(Part::Branch(Box::new(branch))))
    }

    fn branch(&mut self, kind: BranchKind, word: &str, depth: usize) -> Result<Branch, TemplateError> {
        let known = self.variables.len();
        let pipeline = self.pipeline(word, depth)?;
        self.close(word)?;
        self.loops += usize::from(kind == BranchKind::Range);
        let (body, end) = self.parts(depth + 1)?;
        self.loops -= usize::from(kind == BranchKind::Range);
        let otherwise = match end {
            Stop::End => Vec::new(),
            Stop::Text => return Err(self.fault("unexpected EOF")),
            Stop::Else => {
                let next = self.word().unwrap_or_default();
                // `else if` and `else with` are a branch within `else` that ends where this one does.
                if next == word && kind != BranchKind::Range {
                    self.at += 1;
                    if depth > MAX_DEPTH {
                        return Err(self.fault("actions nest too deep"));
                    }
                    let inner = self.branch(kind, word, depth + 1)?;
                    vec![Part::Branch(Box::new(inner))]
                } else {
                    self.close("else")?;
                    let (otherwise, end) = self.parts(depth + 1)?;
                    if end != Stop::End {
                        return Err(self.fault(&format!("expected end; found {{{{{}}}}}", end.word())));
                    }
                    otherwise
                }
            }
        };
        self.variables.truncate(known);
        Ok(Branch { kind, pipeline, body, otherwise })
    }

    /// `define`, or `block`, which is also shown where it stands.
    fn definition(&mut self, word: &str, depth: usize) -> Result<Option<Part>, TemplateError> {
        let position = self.start();
        self.at += 1;
        let name = self.quoted(&format!("{word} clause"))?;
        let argument = match word {
            "block" => Some(self.pipeline("block clause", depth)?),
            _ => None,
        };
        self.close(&format!("{word} clause"))?;
        let outer = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let (parts, end) = self.parts(depth + 1)?;
        self.variables = outer;
        if end != Stop::End {
            return Err(self.fault(&format!("unexpected {{{{{}}}}} in {word} clause", end.word())));
        }
        self.defined.insert(name.clone(), parts);
        Ok((word == "block").then_some(Part::Call { name, argument, position }))
    }

    fn quoted(&mut self, context: &str) -> Result<String, TemplateError> {
        self.skip_space();
        match self.kind().cloned() {
            Some(TokenKind::Quoted(text)) => {
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.unexpected(context)),
        }
    }
}
