//! Sentences of a grammar, at random but reproducibly.

use std::collections::BTreeMap;

use promql_engine::testing::generator::Choices;

use super::ebnf::{Grammar, Node, is_token};

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Token(String),
    /// None of these tokens may follow.
    NotNext(Vec<String>),
}

/// How many tokens a sentence gets before all that is optional is left out.
const LONG: usize = 60;

/// How deep rules call each other before every choice is the shortest one.
const DEEP: usize = 45;

/// Makes sentences of a grammar.
pub(crate) struct Generator<'g> {
    grammar: &'g Grammar,
    /// The fewest rules a rule needs below it.
    heights: BTreeMap<&'g str, usize>,
    /// Rules with this prefix are left out.
    excluded: Option<&'static str>,
    choices: Choices,
    pieces: Vec<Piece>,
}

impl<'g> Generator<'g> {
    /// A generator whose sentences follow from the seed; it leaves out what needs a rule whose name starts with `excluded`.
    pub(crate) fn new(grammar: &'g Grammar, seed: u64, excluded: Option<&'static str>) -> Self {
        let mut generator = Self {
            grammar,
            heights: BTreeMap::new(),
            excluded,
            choices: Choices::from_seed(seed),
            pieces: Vec::new(),
        };
        // A rule whose height is not known yet has none; every round finds those one level higher.
        loop {
            let mut changed = false;
            for (name, node) in grammar.rules() {
                if !generator.heights.contains_key(name)
                    && let Some(height) = generator.height(node)
                {
                    changed = true;
                    generator.heights.insert(name, height + 1);
                }
            }
            if !changed {
                return generator;
            }
        }
    }

    /// The tokens of a sentence.
    pub(crate) fn sentence(&mut self, start: &str) -> Vec<String> {
        loop {
            self.pieces.clear();
            self.syntax(&Node::Rule(start.to_owned()), DEEP);
            if let Some(tokens) = tokens(&self.pieces) {
                return tokens;
            }
        }
    }

    /// The tokens as one text. Space and comments come between them at random, and always where they are needed.
    pub(crate) fn spell(&mut self, tokens: &[String]) -> String {
        let mut text = String::new();
        let mut may_comment = true;
        for (i, token) in tokens.iter().enumerate() {
            let before = i.checked_sub(1).map_or("", |i| &tokens[i]);
            if needs_space(before, token) || self.choices.rarely(3) {
                let space: &&str = self.choices.pick(&[" ", " ", "\n", "\t ", "  \r\n"]);
                text.push_str(space);
            }
            if may_comment && !before.to_lowercase().starts_with("fill") && self.choices.rarely(25) {
                let comment: &&str =
                    self.choices.pick(&["# why\n", "#\"'{[(\n", "#\n", "# sum(\u{e9}) #\r\n"]);
                text.push_str(comment);
            }
            text.push_str(token);
            match token.as_str() {
                "[" => may_comment = false,
                "]" => may_comment = true,
                number if number.starts_with(|c: char| c.is_ascii_digit() || c == '.') => may_comment = true,
                _ => {}
            }
        }
        text
    }

    fn height(&self, node: &Node) -> Option<usize> {
        match node {
            Node::Rule(name) if self.excluded.is_some_and(|prefix| name.starts_with(prefix)) => None,
            Node::Rule(name) => self.heights.get(name.as_str()).copied(),
            Node::Choice(list) => list.iter().filter_map(|node| self.height(node)).min(),
            Node::Sequence(list) => {
                list.iter().map(|node| self.height(node)).try_fold(0, |max, height| Some(max.max(height?)))
            }
            Node::Repeat { inner, some: true } => self.height(inner),
            Node::Except(left, _) => self.height(left),
            _ => Some(0),
        }
    }

    /// The alternatives that can be finished in this depth; the shortest where none can.
    fn choose<'n>(&mut self, list: &'n [Node], depth: usize) -> &'n Node {
        let heights: Vec<_> = list.iter().map(|node| self.height(node)).collect();
        let shortest = heights.iter().flatten().min().copied().expect("an alternative that is allowed");
        let bound = shortest.max(depth);
        let fitting: Vec<_> =
            list.iter().zip(heights).filter(|(_, height)| height.is_some_and(|h| h <= bound)).collect();
        fitting[self.choices.below(fitting.len())].0
    }

    /// How often something optional stands here.
    fn times(&mut self, node: &Node, some: bool, most: usize, depth: usize) -> usize {
        let least = usize::from(some);
        if depth == 0 || self.height(node).is_none_or(|height| height > depth) {
            return least;
        }
        let mut times = least;
        while times < most + least && self.choices.rarely(3) {
            times += 1;
        }
        times
    }

    fn syntax(&mut self, node: &Node, depth: usize) {
        let depth = if self.pieces.len() > LONG { 0 } else { depth };
        match node {
            Node::Rule(name) if is_token(name) => {
                let text = loop {
                    let text = self.token(node);
                    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic());
                    // In brackets the lexer knows no `inf` and no `nan`.
                    if !(name == "NUMBER" && is_word && self.in_brackets()) {
                        break text;
                    }
                };
                self.pieces.push(Piece::Token(text));
            }
            Node::Rule(name) => self.syntax(self.grammar.rule(name), depth.saturating_sub(1)),
            Node::Literal { .. } => {
                let text = self.token(node);
                self.pieces.push(Piece::Token(text));
            }
            Node::Sequence(list) => list.iter().for_each(|node| self.syntax(node, depth)),
            Node::Choice(list) => {
                let chosen = self.choose(list, depth);
                self.syntax(chosen, depth);
            }
            Node::Optional(inner) => {
                for _ in 0..self.times(inner, false, 1, depth) {
                    self.syntax(inner, depth);
                }
            }
            Node::Repeat { inner, some } => {
                for _ in 0..self.times(inner, *some, 3, depth) {
                    self.syntax(inner, depth);
                }
            }
            Node::Not(inner) => {
                let words = words(self.grammar, inner);
                self.pieces.push(Piece::NotNext(words));
            }
            Node::Class { .. } | Node::Except(..) => panic!("{node:?} belongs in tokens"),
        }
    }

    fn in_brackets(&self) -> bool {
        let is = |piece: &Piece, text: &str| matches!(piece, Piece::Token(token) if token == text);
        self.pieces.iter().rev().find(|p| is(p, "[") || is(p, "]")).is_some_and(|p| is(p, "["))
    }

    /// One spelling of a token.
    fn token(&mut self, node: &Node) -> String {
        let mut text = String::new();
        self.characters(node, &mut text);
        text
    }

    fn characters(&mut self, node: &Node, out: &mut String) {
        match node {
            Node::Rule(name) => self.characters(self.grammar.rule(name), out),
            Node::Literal { text, exact } => {
                let style = if *exact { 0 } else { self.choices.below(8) };
                out.extend(text.chars().map(|c| match style {
                    7 => c.to_ascii_uppercase(),
                    6 if self.choices.rarely(2) => c.to_ascii_uppercase(),
                    _ => c,
                }));
            }
            Node::Class { ranges, letters, negated } => out.push(self.character(ranges, *letters, *negated)),
            Node::Sequence(list) => list.iter().for_each(|node| self.characters(node, out)),
            Node::Choice(list) => {
                let chosen = self.choose(list, DEEP);
                self.characters(chosen, out);
            }
            Node::Optional(inner) => {
                if self.choices.rarely(2) {
                    self.characters(inner, out);
                }
            }
            Node::Repeat { inner, some } => {
                for _ in 0..usize::from(*some) + self.choices.below(4) {
                    self.characters(inner, out);
                }
            }
            Node::Except(left, right) => loop {
                let text = self.token(left);
                if !super::recognise::matches(self.grammar, right, &text) {
                    return out.push_str(&text);
                }
            },
            Node::Not(_) => panic!("{node:?} belongs between tokens"),
        }
    }

    fn character(&mut self, ranges: &[(char, char)], letters: bool, negated: bool) -> char {
        if letters {
            return *self.choices.pick(&['é', 'ß', 'Ж', 'ا', '温', 'ﬃ', '𝒳', 'ª']);
        }
        if negated {
            let odd =
                ['a', 'Z', '0', ' ', '$', '\\', '{', '"', '\'', '#', '\0', '\t', 'é', '→', '😀', '\u{7f}'];
            let inside = |c: &char| ranges.iter().any(|(first, last)| (first..=last).contains(&c));
            let allowed: Vec<char> = odd.into_iter().filter(|c| !inside(c)).collect();
            return *self.choices.pick(&allowed);
        }
        let (first, last) = *self.choices.pick(ranges);
        let offset = self.choices.below(last as usize - first as usize + 1);
        char::from_u32(first as u32 + offset as u32).unwrap_or(first)
    }
}

/// The tokens of a sentence, unless one stands where another piece forbids it.
fn tokens(pieces: &[Piece]) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Token(token) => tokens.push(token.clone()),
            Piece::NotNext(words) => {
                let next = pieces[i..].iter().find_map(|piece| match piece {
                    Piece::Token(token) => Some(token),
                    Piece::NotNext(_) => None,
                });
                if next.is_some_and(|next| words.contains(next)) {
                    return None;
                }
            }
        }
    }
    Some(tokens)
}

/// The literals a lookahead names.
pub(crate) fn words(grammar: &Grammar, node: &Node) -> Vec<String> {
    node.all()
        .into_iter()
        .flat_map(|node| match node {
            Node::Literal { text, .. } => vec![text.clone()],
            Node::Rule(name) => grammar.words(name),
            _ => Vec::new(),
        })
        .collect()
}

/// Whether two tokens would run together without space between them.
fn needs_space(before: &str, after: &str) -> bool {
    let alone = |token: &str| token.is_empty() || "()[]{},@".contains(token);
    !alone(before) && !alone(after)
}
