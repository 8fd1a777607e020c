//! A native histogram between `{{` and `}}`.

use super::reader::{Read, Reader};
use crate::formats::error::FormatErrorKind;
use crate::model::histogram::{CounterResetHint, FloatHistogram, HistogramParts};
use crate::syntax::token::TokenKind;

impl Reader<'_> {
    /// The histogram, and whether it says what is known of a reset.
    pub(super) fn histogram(&mut self) -> Read<(FloatHistogram, bool)> {
        self.want(TokenKind::OpenHistogram, "`{{`")?;
        let mut parts = HistogramParts::default();
        let mut seen: Vec<String> = Vec::new();
        // A blank may stand before `}}`, but not before the first word.
        if self.peek() == TokenKind::Space {
            self.advance()?;
        } else if self.peek() != TokenKind::CloseHistogram {
            loop {
                let token = self.want(TokenKind::HistogramWord, "a word such as `count`")?;
                let word = self.text(token).to_ascii_lowercase();
                if seen.contains(&word) {
                    let kind = FormatErrorKind::expected("each word once", word.as_bytes());
                    return self.fault(token.span, kind);
                }
                self.want(TokenKind::Colon, "`:`")?;
                self.part(&word, &mut parts)?;
                seen.push(word);
                if !self.eat(TokenKind::Space)? || self.peek() == TokenKind::CloseHistogram {
                    break;
                }
            }
        }
        self.want(TokenKind::CloseHistogram, "`}}`")?;
        Ok((FloatHistogram::from_parts(parts), seen.iter().any(|word| word == "counter_reset_hint")))
    }

    fn part(&mut self, word: &str, parts: &mut HistogramParts) -> Read<()> {
        match word {
            "schema" => parts.schema = self.integer()? as i32,
            "offset" => parts.offset = self.integer()? as i32,
            "n_offset" => parts.n_offset = self.integer()? as i32,
            "sum" => parts.sum = self.signed_number()?,
            "count" => parts.count = self.signed_number()?,
            "z_bucket" => parts.z_bucket = self.signed_number()?,
            "z_bucket_w" => parts.z_bucket_w = self.number()?,
            "buckets" => parts.buckets = self.numbers()?,
            "n_buckets" => parts.n_buckets = self.numbers()?,
            "custom_values" => parts.custom_values = self.numbers()?,
            _ => {
                let hint =
                    self.want(TokenKind::CounterResetHint, "`unknown`, `reset`, `not_reset` or `gauge`")?;
                parts.counter_reset_hint = match self.text(hint).to_ascii_lowercase().as_str() {
                    "reset" => CounterResetHint::Reset,
                    "not_reset" => CounterResetHint::NotReset,
                    "gauge" => CounterResetHint::Gauge,
                    _ => CounterResetHint::Unknown,
                };
            }
        }
        Ok(())
    }

    /// `[1 2 3]`, with at least one number.
    fn numbers(&mut self) -> Read<Vec<f64>> {
        self.want(TokenKind::LeftBracket, "`[`")?;
        let mut numbers = vec![self.signed_number()?];
        while self.eat(TokenKind::Space)? && self.peek() != TokenKind::RightBracket {
            numbers.push(self.signed_number()?);
        }
        self.want(TokenKind::RightBracket, "`]`")?;
        Ok(numbers)
    }
}
