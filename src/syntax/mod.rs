//! Text to a syntax tree and back: lexer, parser, printer.
