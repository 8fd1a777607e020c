//! A reader of the notation in which `grammar/promql.ebnf` is written; that file's header explains it.

use std::collections::BTreeMap;

/// What stands on the right side of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// The name of another rule.
    Rule(String),
    /// Characters; letters in either case unless `exact`.
    Literal {
        text: String,
        exact: bool,
    },
    /// One character of (or, negated, outside) these ranges; `letters` adds those of all scripts.
    Class {
        ranges: Vec<(char, char)>,
        letters: bool,
        negated: bool,
    },
    Sequence(Vec<Self>),
    Choice(Vec<Self>),
    Optional(Box<Self>),
    /// Any number; at least one where `some`.
    Repeat {
        inner: Box<Self>,
        some: bool,
    },
    /// The first and not the second.
    Except(Box<Self>, Box<Self>),
    /// Nothing, where this does not follow.
    Not(Box<Self>),
}

impl Node {
    /// The nodes directly inside.
    pub(crate) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Rule(_) | Self::Literal { .. } | Self::Class { .. } => Vec::new(),
            Self::Sequence(list) | Self::Choice(list) => list.iter().collect(),
            Self::Optional(inner) | Self::Not(inner) | Self::Repeat { inner, .. } => vec![inner],
            Self::Except(left, right) => vec![left, right],
        }
    }

    /// Every node inside and this one, outermost first.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut at = 0;
        while let Some(node) = all.get(at) {
            all.extend(node.children());
            at += 1;
        }
        all
    }
}

/// The rules by name.
#[derive(Debug)]
pub(crate) struct Grammar(BTreeMap<String, Node>);

impl Grammar {
    /// The rules of a text; a panic says what cannot be read.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = Reader { text, at: 0 };
        let mut rules = BTreeMap::new();
        reader.skip();
        while !reader.rest().is_empty() {
            let name = reader.name().unwrap_or_else(|| reader.fail("the name of a rule"));
            assert!(reader.eat("::="), "{}", reader.fail::<String>("::="));
            let node = reader.choice();
            assert!(rules.insert(name.clone(), node).is_none(), "two rules {name}");
        }
        Self(rules)
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(name, node)| (name.as_str(), node))
    }

    pub(crate) fn rule(&self, name: &str) -> &Node {
        self.0.get(name).unwrap_or_else(|| panic!("no rule {name}"))
    }

    /// All literals that a rule can lead to, through other rules where they are tokens.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        let mut words = Vec::new();
        for node in self.rule(name).all() {
            match node {
                Node::Literal { text, .. } => words.push(text.clone()),
                Node::Rule(inner) if is_token(inner) => words.extend(self.words(inner)),
                _ => {}
            }
        }
        words
    }
}

/// Whether a rule is a token, by its name.
pub(crate) fn is_token(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, expected: &str) -> T {
        let line = self.text[..self.at].lines().count();
        let found: String = self.rest().chars().take(30).collect();
        panic!("line {line}: expected {expected}, found {found:?}")
    }

    fn skip(&mut self) {
        loop {
            self.at += self.rest().len() - self.rest().trim_start().len();
            if !self.rest().starts_with("/*") {
                return;
            }
            let end = self.rest().find("*/").unwrap_or_else(|| self.fail("the end of the comment"));
            self.at += end + 2;
        }
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len();
            self.skip();
        }
        found
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        self.at += length;
        self.skip();
        (!name.is_empty()).then_some(name)
    }

    fn at_rule(&self) -> bool {
        let mut ahead = Reader { text: self.text, at: self.at };
        ahead.name().is_some() && ahead.rest().starts_with("::=")
    }

    fn choice(&mut self) -> Node {
        let mut list = vec![self.exception()];
        while self.eat("|") {
            list.push(self.exception());
        }
        if list.len() == 1 { list.remove(0) } else { Node::Choice(list) }
    }

    fn exception(&mut self) -> Node {
        let left = self.sequence();
        if self.eat("-") { Node::Except(Box::new(left), Box::new(self.sequence())) } else { left }
    }

    fn sequence(&mut self) -> Node {
        let mut list = Vec::new();
        while !self.rest().is_empty() && !self.rest().starts_with(['|', ')', '-']) && !self.at_rule() {
            list.push(self.item());
        }
        if list.len() == 1 { list.remove(0) } else { Node::Sequence(list) }
    }

    fn item(&mut self) -> Node {
        if self.eat("!") {
            return Node::Not(Box::new(self.item()));
        }
        let mut node = self.atom();
        loop {
            node = if self.eat("?") {
                Node::Optional(Box::new(node))
            } else if self.eat("*") {
                Node::Repeat { inner: Box::new(node), some: false }
            } else if self.eat("+") {
                Node::Repeat { inner: Box::new(node), some: true }
            } else {
                return node;
            };
        }
    }

    fn atom(&mut self) -> Node {
        if self.eat("(") {
            let node = self.choice();
            assert!(self.eat(")"), "{}", self.fail::<String>("\")\""));
            return node;
        }
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                let mut text = String::new();
                while !self.rest().starts_with(quote) {
                    text.push(self.character());
                }
                self.at += 1;
                self.skip();
                Node::Literal { text, exact: quote == '\'' }
            }
            Some('[') => self.class(),
            _ => Node::Rule(self.name().unwrap_or_else(|| self.fail("a rule, a literal, a class or \"(\""))),
        }
    }

    fn class(&mut self) -> Node {
        self.at += 1;
        let negated = self.rest().starts_with('^');
        self.at += usize::from(negated);
        let (mut ranges, mut letters) = (Vec::new(), false);
        while !self.rest().starts_with(']') {
            if self.rest().starts_with(r"\p{L}") {
                letters = true;
                self.at += r"\p{L}".len();
                continue;
            }
            let first = self.character();
            let mut last = first;
            if self.rest().starts_with('-') {
                self.at += 1;
                last = self.character();
            }
            ranges.push((first, last));
        }
        self.at += 1;
        self.skip();
        Node::Class { ranges, letters, negated }
    }

    /// One character of a literal or class, its escape resolved.
    fn character(&mut self) -> char {
        let mut chars = self.rest().chars();
        let first = chars.next().unwrap_or_else(|| self.fail("a closing quote or bracket"));
        if first != '\\' {
            self.at += first.len_utf8();
            return first;
        }
        let (found, length) = match chars.next() {
            Some('n') => ('\n', 2),
            Some('r') => ('\r', 2),
            Some('t') => ('\t', 2),
            Some('u') => {
                let digits = self.rest().split(['{', '}']).nth(1).unwrap_or_default();
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                (code.unwrap_or_else(|| self.fail("a code point")), digits.len() + 4)
            }
            Some(other) => (other, 1 + other.len_utf8()),
            None => self.fail("an escaped character"),
        };
        self.at += length;
        found
    }
}
