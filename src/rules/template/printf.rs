//! Go's `printf`, `print` and `println`.

use std::iter::Peekable;
use std::str::Chars;

use super::humanize::general;
use super::value::Value;
use crate::model::quote::Quoted;

/// The widest field, and the most digits.
const MAX_WIDTH: usize = 1000;

#[derive(Default)]
struct Format {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

pub(super) fn sprintf(format: &str, arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut characters = format.chars().peekable();
    let mut next = 0;
    while let Some(c) = characters.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Format::default();
        while let Some(flag) = characters.next_if(|c| "-+# 0".contains(*c)) {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                _ => spec.zero = true,
            }
        }
        if characters.next_if_eq(&'*').is_some() {
            if let Some(Value::Integer(width)) = arguments.get(next) {
                spec.width = usize::try_from(*width).unwrap_or(0).min(MAX_WIDTH);
            }
            next += 1;
        } else {
            spec.width = digits(&mut characters);
        }
        if characters.next_if_eq(&'.').is_some() {
            spec.precision = Some(digits(&mut characters));
        }
        match characters.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) => match arguments.get(next) {
                None => out.push_str(&format!("%!{verb}(MISSING)")),
                Some(value) => {
                    next += 1;
                    out.push_str(&verbed(value, verb, &spec));
                }
            },
        }
    }
    if let Some(extra) = arguments.get(next..).filter(|extra| !extra.is_empty()) {
        let list: Vec<String> =
            extra.iter().map(|value| format!("{}={}", value.type_name(), value.verb_v())).collect();
        out.push_str(&format!("%!(EXTRA {})", list.join(", ")));
    }
    out
}

fn digits(characters: &mut Peekable<Chars<'_>>) -> usize {
    let mut number = 0;
    while let Some(digit) = characters.next_if(char::is_ascii_digit) {
        number = (number * 10 + digit.to_digit(10).unwrap_or(0) as usize).min(MAX_WIDTH);
    }
    number
}

fn verbed(value: &Value, verb: char, spec: &Format) -> String {
    let bad = || match value {
        Value::Nil => format!("%!{verb}(<nil>)"),
        other => format!("%!{verb}({}={})", other.type_name(), other.verb_v()),
    };
    let text = |text: &str| pad(&cut(text, spec.precision), spec, false);
    match (verb, value) {
        ('T', other) => text(other.type_name()),
        ('v', Value::Text(plain)) if spec.sharp => pad(&Quoted(plain).to_string(), spec, false),
        ('v', Value::Float(number)) if spec.precision.is_some() => float(*number, 'g', spec),
        ('v', Value::Integer(number)) => integer(*number, 10, false, spec),
        ('v', Value::Float(number)) => numeric(super::value::float(*number), spec),
        ('v', other) => pad(&other.verb_v(), spec, false),
        ('s', Value::Text(plain)) => text(plain),
        ('q', Value::Text(plain)) => pad(&Quoted(&cut(plain, spec.precision)).to_string(), spec, false),
        ('x' | 'X', Value::Text(plain)) => {
            let hex: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
            text(&if verb == 'X' { hex.to_uppercase() } else { hex })
        }
        ('t', Value::Bool(value)) => text(&value.to_string()),
        ('d', Value::Integer(number)) => integer(*number, 10, false, spec),
        ('b', Value::Integer(number)) => integer(*number, 2, false, spec),
        ('o', Value::Integer(number)) => integer(*number, 8, false, spec),
        ('x', Value::Integer(number)) => integer(*number, 16, false, spec),
        ('X', Value::Integer(number)) => integer(*number, 16, true, spec),
        ('c', Value::Integer(number)) => {
            let character = u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            text(&character.to_string())
        }
        ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Value::Float(number)) => float(*number, verb, spec),
        (
            's',
            Value::Labels(_)
            | Value::Map(_)
            | Value::Samples(_)
            | Value::Sample(_)
            | Value::Histogram(_)
            | Value::Time(_)
            | Value::Duration(_),
        ) => text(&value.verb_v()),
        _ => bad(),
    }
}

fn cut(text: &str, precision: Option<usize>) -> String {
    precision.map_or_else(|| text.to_owned(), |most| text.chars().take(most).collect())
}

fn integer(number: i64, radix: u32, upper: bool, spec: &Format) -> String {
    let magnitude = number.unsigned_abs();
    let mut digits = match radix {
        2 => format!("{magnitude:b}"),
        8 => format!("{magnitude:o}"),
        16 if upper => format!("{magnitude:X}"),
        16 => format!("{magnitude:x}"),
        _ => magnitude.to_string(),
    };
    if let Some(least) = spec.precision {
        digits = format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
    }
    if spec.sharp && radix == 16 {
        digits.insert_str(0, if upper { "0X" } else { "0x" });
    }
    numeric(if number < 0 { format!("-{digits}") } else { digits }, spec)
}

fn float(number: f64, verb: char, spec: &Format) -> String {
    if !number.is_finite() {
        return pad(&general(number, 1), spec, false);
    }
    let text = match verb.to_ascii_lowercase() {
        'f' => format!("{number:.*}", spec.precision.unwrap_or(6)),
        'e' => {
            let text = format!("{number:.*e}", spec.precision.unwrap_or(6));
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
        }
        _ => match spec.precision {
            Some(precision) => general(number, precision),
            // The shortest text; its exponent from 21 digits on.
            None => super::value::float(number),
        },
    };
    numeric(if verb.is_ascii_uppercase() { text.to_uppercase() } else { text }, spec)
}

/// A number with its sign, padded.
fn numeric(text: String, spec: &Format) -> String {
    let text = match (text.starts_with(['-', '+']), spec.plus, spec.space) {
        (false, true, _) => format!("+{text}"),
        (false, false, true) => format!(" {text}"),
        _ => text,
    };
    pad(&text, spec, true)
}

fn pad(text: &str, spec: &Format, is_number: bool) -> String {
    let missing = spec.width.saturating_sub(text.chars().count());
    if spec.minus {
        return format!("{text}{}", " ".repeat(missing));
    }
    if spec.zero {
        let signed = is_number && text.starts_with(['-', '+', ' ']);
        let (sign, digits) = text.split_at(usize::from(signed));
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    format!("{}{text}", " ".repeat(missing))
}

/// All values one after the other, a space between two that are no texts.
pub(super) fn sprint(arguments: &[Value]) -> String {
    let mut out = String::new();
    for (at, value) in arguments.iter().enumerate() {
        let is_text = |value: &Value| matches!(value, Value::Text(_));
        if at > 0 && !is_text(value) && !is_text(&arguments[at - 1]) {
            out.push(' ');
        }
        out.push_str(&value.verb_v());
    }
    out
}

pub(super) fn sprintln(arguments: &[Value]) -> String {
    let list: Vec<String> = arguments.iter().map(Value::verb_v).collect();
    format!("{}\n", list.join(" "))
}
