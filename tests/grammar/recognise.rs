//! Whether a text is a sentence of a grammar: Earley's algorithm over the library's tokens.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use promql_engine::model::{MatchOperator, Matcher};

use super::ebnf::{Grammar, Node, is_token};
use super::generate::words;

/// One symbol of a plain production.
#[derive(Debug, Clone)]
enum Symbol {
    /// Another production's name, as its number.
    Name(usize),
    /// A token that matches this.
    Token(Node),
    /// None of these tokens comes next.
    NotNext(Vec<String>),
}

/// A grammar without repetitions and groups: for each name its alternatives.
pub(crate) struct Recogniser<'g> {
    grammar: &'g Grammar,
    productions: Vec<Vec<Vec<Symbol>>>,
    by_name: BTreeMap<&'g str, usize>,
    /// Which texts matched which tokens: most texts come again.
    matched: RefCell<HashMap<(String, String), bool>>,
}

/// Where in an alternative of a production one is, and at which token that production began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    name: usize,
    alternative: usize,
    dot: usize,
    origin: usize,
}

impl<'g> Recogniser<'g> {
    pub(crate) fn new(grammar: &'g Grammar) -> Self {
        let mut recogniser =
            Self { grammar, productions: Vec::new(), by_name: BTreeMap::new(), matched: RefCell::default() };
        for (name, _) in grammar.rules().filter(|(name, _)| !is_token(name)) {
            recogniser.by_name.insert(name, recogniser.productions.len());
            recogniser.productions.push(Vec::new());
        }
        for (name, node) in grammar.rules().filter(|(name, _)| !is_token(name)) {
            let alternatives = recogniser.alternatives(node);
            let number = recogniser.by_name[name];
            recogniser.productions[number] = alternatives;
        }
        recogniser
    }

    fn alternatives(&mut self, node: &Node) -> Vec<Vec<Symbol>> {
        match node {
            Node::Choice(list) => list.iter().map(|node| self.symbols(node)).collect(),
            _ => vec![self.symbols(node)],
        }
    }

    fn symbols(&mut self, node: &Node) -> Vec<Symbol> {
        match node {
            Node::Sequence(list) => list.iter().flat_map(|node| self.symbols(node)).collect(),
            Node::Rule(name) if !is_token(name) => vec![Symbol::Name(self.by_name[name.as_str()])],
            Node::Rule(_) | Node::Literal { .. } => vec![Symbol::Token(node.clone())],
            Node::Not(inner) => vec![Symbol::NotNext(words(self.grammar, inner))],
            Node::Choice(_) => {
                let alternatives = self.alternatives(node);
                self.fresh(alternatives)
            }
            Node::Optional(inner) => {
                let mut alternatives = self.alternatives(inner);
                alternatives.push(Vec::new());
                self.fresh(alternatives)
            }
            Node::Repeat { inner, some } => {
                let one = self.symbols(inner);
                let number = self.productions.len();
                let more = [one.clone(), vec![Symbol::Name(number)]].concat();
                self.productions.push(vec![more, Vec::new()]);
                let repeat = vec![Symbol::Name(number)];
                if *some { [one, repeat].concat() } else { repeat }
            }
            Node::Class { .. } | Node::Except(..) => panic!("{node:?} belongs in tokens"),
        }
    }

    fn fresh(&mut self, alternatives: Vec<Vec<Symbol>>) -> Vec<Symbol> {
        self.productions.push(alternatives);
        vec![Symbol::Name(self.productions.len() - 1)]
    }

    fn token(&self, node: &Node, text: &str) -> bool {
        match node {
            Node::Rule(name) => *self
                .matched
                .borrow_mut()
                .entry((name.clone(), text.to_owned()))
                .or_insert_with(|| matches(self.grammar, node, text)),
            _ => matches(self.grammar, node, text),
        }
    }

    /// Whether these tokens are a sentence.
    pub(crate) fn accepts(&self, start: &str, tokens: &[&str]) -> bool {
        let start = self.by_name[start];
        let mut sets: Vec<Vec<Item>> = vec![Vec::new(); tokens.len() + 1];
        let mut seen: Vec<BTreeSet<Item>> = vec![BTreeSet::new(); tokens.len() + 1];
        let mut add = |sets: &mut Vec<Vec<Item>>, at: usize, item: Item| {
            if seen[at].insert(item) {
                sets[at].push(item);
            }
        };
        for alternative in 0..self.productions[start].len() {
            add(&mut sets, 0, Item { name: start, alternative, dot: 0, origin: 0 });
        }
        for at in 0..=tokens.len() {
            // Productions that matched nothing here: whoever asks for them later goes on at once.
            let mut empty = BTreeSet::new();
            let mut next = 0;
            while let Some(item) = sets[at].get(next).copied() {
                next += 1;
                let moved = Item { dot: item.dot + 1, ..item };
                match self.productions[item.name][item.alternative].get(item.dot) {
                    Some(Symbol::Token(node)) => {
                        if tokens.get(at).is_some_and(|text| self.token(node, text)) {
                            add(&mut sets, at + 1, moved);
                        }
                    }
                    Some(Symbol::NotNext(words)) => {
                        if tokens.get(at).is_none_or(|text| !words.iter().any(|word| word == text)) {
                            add(&mut sets, at, moved);
                        }
                    }
                    Some(Symbol::Name(name)) => {
                        for alternative in 0..self.productions[*name].len() {
                            add(&mut sets, at, Item { name: *name, alternative, dot: 0, origin: at });
                        }
                        if empty.contains(name) {
                            add(&mut sets, at, moved);
                        }
                    }
                    None => {
                        if item.origin == at {
                            empty.insert(item.name);
                        }
                        for waiting in sets[item.origin].clone() {
                            let symbols = &self.productions[waiting.name][waiting.alternative];
                            if matches!(symbols.get(waiting.dot), Some(Symbol::Name(n)) if *n == item.name) {
                                add(&mut sets, at, Item { dot: waiting.dot + 1, ..waiting });
                            }
                        }
                    }
                }
            }
        }
        sets[tokens.len()].iter().any(|item| {
            item.name == start
                && item.origin == 0
                && item.dot == self.productions[start][item.alternative].len()
        })
    }
}

/// Whether a token's rule matches the whole of a text.
pub(crate) fn matches(grammar: &Grammar, node: &Node, text: &str) -> bool {
    ends(grammar, node, text, 0).contains(&text.len())
}

/// Where a match that starts at `at` may end.
fn ends(grammar: &Grammar, node: &Node, text: &str, at: usize) -> BTreeSet<usize> {
    let rest = &text[at..];
    let one =
        |found: bool, length: usize| if found { BTreeSet::from([at + length]) } else { BTreeSet::new() };
    match node {
        Node::Rule(name) => ends(grammar, grammar.rule(name), text, at),
        Node::Literal { text: word, exact } => {
            let found = rest.get(..word.len());
            one(found.is_some_and(|f| f == word || !exact && f.eq_ignore_ascii_case(word)), word.len())
        }
        Node::Class { ranges, letters, negated } => {
            let Some(c) = rest.chars().next() else { return BTreeSet::new() };
            let inside =
                ranges.iter().any(|(first, last)| (first..=last).contains(&&c)) || *letters && is_letter(c);
            one(inside != *negated, c.len_utf8())
        }
        Node::Sequence(list) => list.iter().fold(BTreeSet::from([at]), |starts, node| {
            starts.into_iter().flat_map(|start| ends(grammar, node, text, start)).collect()
        }),
        Node::Choice(list) => list.iter().flat_map(|node| ends(grammar, node, text, at)).collect(),
        Node::Optional(inner) => {
            let mut found = ends(grammar, inner, text, at);
            found.insert(at);
            found
        }
        Node::Repeat { inner, some } => {
            let mut found = if *some { ends(grammar, inner, text, at) } else { BTreeSet::from([at]) };
            let mut open: Vec<usize> = found.iter().copied().collect();
            while let Some(start) = open.pop() {
                open.extend(ends(grammar, inner, text, start).into_iter().filter(|end| found.insert(*end)));
            }
            found
        }
        Node::Except(left, right) => {
            let excluded = ends(grammar, right, text, at);
            // What is excluded is a whole token, not the beginning of one.
            let whole = |end: &usize| *end == text.len() && excluded.contains(end);
            ends(grammar, left, text, at).into_iter().filter(|end| !whole(end)).collect()
        }
        Node::Not(_) => panic!("{node:?} belongs between tokens"),
    }
}

/// Whether a character is a letter to Go: the general category L.
fn is_letter(c: char) -> bool {
    static LETTER: LazyLock<Matcher> =
        LazyLock::new(|| Matcher::new("c", MatchOperator::Regex, r"\p{L}").expect("a pattern"));
    LETTER.matches(c.encode_utf8(&mut [0; 4]))
}
