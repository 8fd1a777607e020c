//! Text of a query's string literals: UTF-8 as a rule, bytes where `\xff` escapes make it so.

use std::borrow::Cow;
use std::fmt;

/// The unescaped text of a string literal. Escapes such as `\xff` can make it invalid UTF-8, as in Go.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Utf8(Box<str>),
    Bytes(Box<[u8]>),
}

impl Text {
    /// The text where it is valid UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Utf8(text) => Some(text),
            Repr::Bytes(_) => None,
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Utf8(text) => text.as_bytes(),
            Repr::Bytes(bytes) => bytes,
        }
    }

    /// The text in double quotes, with Go's escapes.
    pub fn quoted(&self) -> String {
        let mut out = String::new();
        super::go_text::write_quoted(&mut out, self.as_bytes());
        out
    }

    /// The text, with the replacement character where it is no UTF-8.
    pub fn to_lossy(&self) -> Cow<'_, str> {
        match &self.0 {
            Repr::Utf8(text) => Cow::Borrowed(text),
            Repr::Bytes(bytes) => String::from_utf8_lossy(bytes),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Utf8(text.into()))
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self(Repr::Utf8(text.into_boxed_str())),
            Err(error) => Self(Repr::Bytes(error.into_bytes().into_boxed_slice())),
        }
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Utf8(text) => fmt::Debug::fmt(text, f),
            Repr::Bytes(bytes) => fmt::Debug::fmt(bytes, f),
        }
    }
}
