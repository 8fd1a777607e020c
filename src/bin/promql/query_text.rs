//! A query as it was typed and as it is evaluated: they differ where variables stand in it.

/// The text of a query with its variables put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expansion {
    /// As it was typed.
    pub(crate) typed: String,
    /// As it is evaluated.
    pub(crate) evaluated: String,
    /// Where it has text in the place of a variable, in order.
    pub(crate) pieces: Vec<Piece>,
}

/// The text of one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The bytes of the evaluated text.
    pub(crate) evaluated: std::ops::Range<usize>,
    /// The bytes of the typed text: `$` and the name.
    pub(crate) typed: std::ops::Range<usize>,
}

/// A query for those who speak of it: they find its parts in what is evaluated and show them in what was typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryText<'a> {
    /// As it is evaluated; spans count in this text.
    pub(crate) evaluated: &'a str,
    /// As it was typed.
    pub(crate) typed: &'a str,
    pieces: &'a [Piece],
}

impl Expansion {
    /// For those who speak of it.
    pub(crate) fn text(&self) -> QueryText<'_> {
        QueryText { evaluated: &self.evaluated, typed: &self.typed, pieces: &self.pieces }
    }
}

impl<'a> From<&'a str> for QueryText<'a> {
    /// A query without variables.
    fn from(text: &'a str) -> Self {
        Self { evaluated: text, typed: text, pieces: &[] }
    }
}

impl<'a> From<&'a String> for QueryText<'a> {
    fn from(text: &'a String) -> Self {
        text.as_str().into()
    }
}

impl QueryText<'_> {
    /// The bytes of the typed text for those of the evaluated one: what lies in a variable's text is the variable.
    pub(crate) fn place(&self, (start, end): (usize, usize)) -> (usize, usize) {
        let start = self.offset(start, |piece, at| piece.evaluated.contains(&at), |piece| piece.typed.start);
        // An end lies behind what it ends.
        let inside = |piece: &Piece, at: usize| piece.evaluated.start < at && at <= piece.evaluated.end;
        (start, self.offset(end, inside, |piece| piece.typed.end).max(start))
    }

    fn offset(
        &self,
        at: usize,
        inside: impl Fn(&Piece, usize) -> bool,
        place: impl Fn(&Piece) -> usize,
    ) -> usize {
        if let Some(piece) = self.pieces.iter().find(|piece| inside(piece, at)) {
            return place(piece);
        }
        let before = self.pieces.iter().rev().find(|piece| piece.evaluated.end <= at);
        before.map_or(at, |piece| piece.typed.end + (at - piece.evaluated.end))
    }
}
