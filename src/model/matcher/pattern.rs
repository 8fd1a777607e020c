//! Go's pattern syntax, rewritten as the `regex` crate's.
//!
//! Both descend from RE2 and mean the same by most of what they write, but not by all of it: Go's `\d`, `\w`, `\s` and `\b` are
//! ASCII; `\Q…\E`, octal escapes and `{` without a count are its own; `&&`, `--` and `[` inside a class are plain
//! characters there; and it refuses `a**`, `\Z` and repetitions of more than a thousand. So the pattern is walked as Go's
//! parser walks it, refused where that refuses, and what is written out is the narrow part on which both agree:
//! explicit anchors, explicit flags around single characters, and escapes by code point.

use super::error::MatcherErrorKind;
use super::unicode::{self, Names};

/// The deepest nesting of groups, repetitions, sequences and alternatives that Go takes.
const MAX_HEIGHT: u32 = 1000;
/// The most copies that nested repetitions may make of anything.
const MAX_COPIES: u64 = 1000;

/// A pattern in the `regex` crate's syntax, meant for its byte-oriented matcher.
#[derive(Debug)]
pub(super) struct Translated {
    /// The pattern.
    pub(super) source: String,
    /// The name of each capture group, in order of their parentheses, from group 1.
    pub(super) capture_names: Vec<Option<String>>,
}

/// The kind of a fault and its offset in the pattern.
pub(super) type Fault = (MatcherErrorKind, usize);

/// The flags that Go's patterns can set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    /// `i`
    fold_case: bool,
    /// `m`
    multi_line: bool,
    /// `s`
    dot_matches_newline: bool,
    /// `U`
    swap_greed: bool,
}

impl Flags {
    /// Those that hold at the beginning: none but, where wanted, `s`.
    pub(super) const fn new(dot_matches_newline: bool) -> Self {
        Self { fold_case: false, multi_line: false, dot_matches_newline, swap_greed: false }
    }
}

/// What a repetition would repeat: where it was written, and what of it counts against the bounds.
#[derive(Debug, Clone, Copy)]
struct Atom {
    start: usize,
    is_repetition: bool,
    is_literal: bool,
    copies: u64,
    height: u32,
}

/// An open group, or the whole pattern.
#[derive(Debug)]
struct Frame {
    /// The flags to return to.
    flags: Flags,
    captures: bool,
    /// The parenthesis in the pattern and in what is written.
    opened_at: usize,
    start: usize,
    /// What the next repetition repeats; nothing right after `(` and `|`.
    atom: Option<Atom>,
    /// Members of the current alternative, the runs of literals counted once.
    members: u32,
    alternatives: u32,
    copies: u64,
    height: u32,
    highest_alternative: u32,
}

impl Frame {
    fn new(flags: Flags, captures: bool, opened_at: usize, start: usize) -> Self {
        Self {
            flags,
            captures,
            opened_at,
            start,
            atom: None,
            members: 0,
            alternatives: 1,
            copies: 1,
            height: 1,
            highest_alternative: 1,
        }
    }

    /// Counts the atom that no repetition can reach any more.
    fn settle(&mut self) {
        if let Some(atom) = self.atom.take() {
            self.copies = self.copies.max(atom.copies);
            self.height = self.height.max(atom.height);
        }
    }

    fn end_alternative(&mut self) {
        self.settle();
        let height = self.height + u32::from(self.members > 1);
        self.highest_alternative = self.highest_alternative.max(height);
        self.height = 1;
        self.members = 0;
    }
}

/// Walks one pattern.
pub(super) struct Translator<'p> {
    pattern: &'p str,
    pub(super) at: usize,
    flags: Flags,
    names: Names,
    out: String,
    frames: Vec<Frame>,
    capture_names: Vec<Option<String>>,
}

/// Rewrites a pattern, or says why Go refuses it.
pub(super) fn translate(pattern: &str, flags: Flags, names: Names) -> Result<Translated, Fault> {
    let mut translator = Translator {
        pattern,
        at: 0,
        flags,
        names,
        out: String::with_capacity(pattern.len() * 2),
        frames: vec![Frame::new(flags, false, 0, 0)],
        capture_names: Vec::new(),
    };
    translator.run()?;
    Ok(Translated { source: translator.out, capture_names: translator.capture_names })
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut after_repetition = false;
        while let Some(first) = self.peek() {
            let start = self.at;
            let mut repetition = false;
            match first {
                '(' if self.rest().starts_with("(?") => self.special_group()?,
                '(' => {
                    self.at += 1;
                    self.open_group(start, Some(None));
                }
                '|' => {
                    self.at += 1;
                    self.out.push('|');
                    let frame = self.frame()?;
                    frame.end_alternative();
                    frame.alternatives += 1;
                }
                ')' => self.close_group()?,
                '^' => self.assertion(1, if self.flags.multi_line { "(?m:^)" } else { r"\A" })?,
                '$' => self.assertion(1, if self.flags.multi_line { "(?m:$)" } else { r"\z" })?,
                '.' => self.assertion(1, if self.flags.dot_matches_newline { "(?s:.)" } else { r"[^\n]" })?,
                '[' => {
                    let written = self.bracket_class()?;
                    self.atom(&written, false)?;
                }
                '*' | '+' | '?' => {
                    self.at += 1;
                    self.repeat(start, &first.to_string(), 1, after_repetition)?;
                    repetition = true;
                }
                '{' => match self.counts() {
                    None => {
                        self.at += 1;
                        self.literal('{')?;
                    }
                    Some(counts) => {
                        self.repeat_counted(start, counts, after_repetition)?;
                        repetition = true;
                    }
                },
                '\\' => self.escape()?,
                other => {
                    self.at += other.len_utf8();
                    self.literal(other)?;
                }
            }
            after_repetition = repetition;
        }
        if self.frames.len() > 1 {
            let opened_at = self.frames.last().map_or(0, |frame| frame.opened_at);
            return Err((MatcherErrorKind::MissingParenthesis, opened_at));
        }
        let whole = self.frame()?;
        whole.end_alternative();
        let height = whole.highest_alternative + u32::from(whole.alternatives > 1);
        if height > MAX_HEIGHT { Err((MatcherErrorKind::TooDeep, 0)) } else { Ok(()) }
    }

    pub(super) fn rest(&self) -> &str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn frame(&mut self) -> Result<&mut Frame, Fault> {
        // The frame of the whole pattern is never closed.
        self.frames.last_mut().ok_or((MatcherErrorKind::UnexpectedParenthesis, self.at))
    }

    fn push_atom(&mut self, atom: Atom) -> Result<(), Fault> {
        if atom.height > MAX_HEIGHT {
            return Err((MatcherErrorKind::TooDeep, self.at));
        }
        let frame = self.frame()?;
        // A run of literals is one member of a sequence.
        let joins = atom.is_literal && frame.atom.is_some_and(|before| before.is_literal);
        frame.members += u32::from(!joins);
        frame.settle();
        frame.atom = Some(atom);
        Ok(())
    }

    /// Writes something that matches one character or a place.
    fn atom(&mut self, written: &str, is_literal: bool) -> Result<(), Fault> {
        let start = self.out.len();
        self.out.push_str(written);
        self.push_atom(Atom { start, is_repetition: false, is_literal, copies: 1, height: 1 })
    }

    fn assertion(&mut self, consumed: usize, written: &str) -> Result<(), Fault> {
        self.at += consumed;
        self.atom(written, false)
    }

    /// Writes a character that stands for itself.
    fn literal(&mut self, character: char) -> Result<(), Fault> {
        let cased = self.flags.fold_case && (!character.is_ascii() || character.is_ascii_alphabetic());
        let plain = if character.is_ascii_alphanumeric() || !character.is_ascii() {
            character.to_string()
        } else {
            format!(r"\x{{{:X}}}", character as u32)
        };
        self.atom(&if cased { format!("(?i:{plain})") } else { plain }, true)
    }

    /// Writes a code point of an escape. A surrogate is no character of any text and so matches nothing.
    fn literal_code(&mut self, code: u32) -> Result<(), Fault> {
        match char::from_u32(code) {
            Some(character) => self.literal(character),
            None => self.atom("[a&&b]", true),
        }
    }

    /// What stands behind a backslash outside a class.
    fn escape(&mut self) -> Result<(), Fault> {
        match self.rest().as_bytes().get(1) {
            Some(b'A') => self.assertion(2, r"\A"),
            Some(b'z') => self.assertion(2, r"\z"),
            Some(b'b') => self.assertion(2, r"(?-u:\b)"),
            Some(b'B') => self.assertion(2, r"(?-u:\B)"),
            Some(b'Q') => {
                self.at += 2;
                let rest = self.rest();
                let quoted = rest.find(r"\E").map_or(rest, |end| &rest[..end]).to_owned();
                for character in quoted.chars() {
                    self.literal(character)?;
                }
                self.at += quoted.len();
                if self.rest().starts_with(r"\E") {
                    self.at += 2;
                }
                Ok(())
            }
            _ => {
                if let Some(items) = self.class_escape()? {
                    let written = self.class_of(&items, false);
                    return self.atom(&written, false);
                }
                let code = self.escaped_code()?;
                self.literal_code(code)
            }
        }
    }

    /// `(`, capturing with or without a name, or not at all.
    fn open_group(&mut self, opened_at: usize, capture: Option<Option<String>>) {
        self.frames.push(Frame::new(self.flags, capture.is_some(), opened_at, self.out.len()));
        self.out.push_str(if capture.is_some() { "(" } else { "(?:" });
        self.capture_names.extend(capture);
    }

    fn close_group(&mut self) -> Result<(), Fault> {
        let at = self.at;
        if self.frames.len() < 2 {
            return Err((MatcherErrorKind::UnexpectedParenthesis, at));
        }
        let Some(mut group) = self.frames.pop() else {
            return Err((MatcherErrorKind::UnexpectedParenthesis, at));
        };
        self.at += 1;
        self.out.push(')');
        self.flags = group.flags;
        group.end_alternative();
        let height =
            group.highest_alternative + u32::from(group.alternatives > 1) + u32::from(group.captures);
        self.push_atom(Atom {
            start: group.start,
            is_repetition: false,
            is_literal: false,
            copies: group.copies,
            height,
        })
    }

    /// `(?…`: a named group, a group with flags, or flags alone.
    fn special_group(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let rest = self.rest();
        let name_from = if rest.starts_with("(?P<") && rest.len() > 4 {
            Some(4)
        } else if rest.starts_with("(?<") && rest.len() > 3 {
            Some(3)
        } else {
            None
        };
        if let Some(from) = name_from {
            let invalid = (MatcherErrorKind::InvalidCaptureName, start + from);
            let end = rest.find('>').ok_or(invalid)?;
            let name = rest.get(from..end).ok_or(invalid)?.to_owned();
            if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(invalid);
            }
            self.at += end + 1;
            self.open_group(start, Some(Some(name)));
            return Ok(());
        }
        self.at += 2;
        let mut flags = self.flags;
        let mut set = true;
        let mut named_any = false;
        while let Some(letter) = self.next() {
            match letter {
                'i' => flags.fold_case = set,
                'm' => flags.multi_line = set,
                's' => flags.dot_matches_newline = set,
                'U' => flags.swap_greed = set,
                '-' if set => {
                    set = false;
                    named_any = false;
                    continue;
                }
                ':' | ')' if set || named_any => {
                    if letter == ':' {
                        self.open_group(start, None);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => return Err((MatcherErrorKind::UnsupportedGroup, start)),
            }
            named_any = true;
        }
        Err((MatcherErrorKind::MissingParenthesis, start))
    }

    /// The counts of `{n}`, `{n,}` or `{n,m}`, and the length of the whole; `None` where the brace stands for itself.
    fn counts(&self) -> Option<(Option<u64>, Option<Option<u64>>, usize)> {
        let rest = self.rest().strip_prefix('{')?;
        let (min, after) = integer(rest)?;
        let (max, after) = match after.strip_prefix(',') {
            None => (Some(min), after),
            Some(open) if open.starts_with('}') => (None, open),
            Some(bounded) => {
                let (max, after) = integer(bounded)?;
                (Some(max), after)
            }
        };
        let after = after.strip_prefix('}')?;
        Some((min, max, self.rest().len() - after.len()))
    }

    fn repeat_counted(
        &mut self,
        start: usize,
        (min, max, length): (Option<u64>, Option<Option<u64>>, usize),
        after_repetition: bool,
    ) -> Result<(), Fault> {
        let invalid = (MatcherErrorKind::InvalidRepeatCount, start);
        let min = min.filter(|min| *min <= MAX_COPIES).ok_or(invalid)?;
        let max =
            max.map(|max| max.filter(|max| (min..=MAX_COPIES).contains(max)).ok_or(invalid)).transpose()?;
        self.at += length;
        let (written, copies) = match max {
            None => (format!("{{{min},}}"), min.max(1)),
            Some(max) => (format!("{{{min},{max}}}"), max),
        };
        self.repeat(start, &written, copies, after_repetition)?;
        let copies = self.frame()?.atom.map_or(1, |atom| atom.copies);
        // Go looks at the product only where this repetition itself makes copies.
        if copies > MAX_COPIES && (min >= 2 || max >= Some(2)) { Err(invalid) } else { Ok(()) }
    }

    /// Repeats the last atom.
    fn repeat(
        &mut self,
        start: usize,
        written: &str,
        copies: u64,
        after_repetition: bool,
    ) -> Result<(), Fault> {
        let lazy = self.rest().starts_with('?');
        self.at += usize::from(lazy);
        if after_repetition {
            return Err((MatcherErrorKind::NestedRepeat, start));
        }
        let lazy = lazy != self.flags.swap_greed;
        let Some(atom) = self.frame()?.atom else {
            return Err((MatcherErrorKind::MissingRepeatArgument, start));
        };
        if atom.is_repetition {
            self.out.insert_str(atom.start, "(?:");
            self.out.push(')');
        }
        self.out.push_str(written);
        if lazy {
            self.out.push('?');
        }
        let height = atom.height + 1;
        if height > MAX_HEIGHT {
            return Err((MatcherErrorKind::TooDeep, start));
        }
        // Nothing repeated no times counts as one copy, whatever stands inside.
        let copies = if copies == 0 { 1 } else { atom.copies.saturating_mul(copies) };
        self.frame()?.atom = Some(Atom { is_repetition: true, is_literal: false, copies, height, ..atom });
        Ok(())
    }

    /// The class of a Unicode name, for [`Translator::class_escape`].
    pub(super) fn unicode_class(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let unknown = (MatcherErrorKind::UnknownClass, start);
        let mut negated = self.rest().starts_with(r"\P");
        self.at += 2;
        let name = match self.next().ok_or(unknown)? {
            '{' => {
                let rest = self.rest();
                let end = rest.find('}').ok_or(unknown)?;
                let name = rest.get(..end).ok_or(unknown)?.to_owned();
                self.at += end + 1;
                name
            }
            letter => letter.to_string(),
        };
        let name = match name.strip_prefix('^') {
            None => name.as_str(),
            Some(rest) => {
                negated = !negated;
                rest
            }
        };
        unicode::class(name, negated, self.names).ok_or(unknown)
    }

    pub(super) fn folds_case(&self) -> bool {
        self.flags.fold_case
    }
}

/// A number without leading zeros, `None` inside where it has more digits than Go reads; and what follows it.
fn integer(text: &str) -> Option<(Option<u64>, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    if digits == 0 || (digits > 1 && number.starts_with('0')) {
        return None;
    }
    Some((number.parse().ok().filter(|number| *number < 1_000_000_000), rest))
}
