//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`: only values of one kind compare.

use std::cmp::Ordering;

use super::value::Value;

const BAD_TYPE: &str = "invalid type for comparison";

fn incompatible(a: &Value, b: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

pub(super) fn compare(name: &str, values: &[Value]) -> Result<bool, String> {
    match (name, values) {
        ("eq", [first, others @ ..]) if !others.is_empty() => {
            for other in others {
                if equal(first, other)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        ("eq", _) => Err("missing argument for comparison".to_owned()),
        ("ne", [a, b]) => equal(a, b).map(|equal| !equal),
        ("lt", [a, b]) => less(a, b),
        ("le", [a, b]) => Ok(less(a, b)? || equal(a, b)?),
        ("gt", [a, b]) => Ok(!(less(a, b)? || equal(a, b)?)),
        ("ge", [a, b]) => less(a, b).map(|less| !less),
        (_, values) => Err(format!("wrong number of args for {name}: want 2 got {}", values.len())),
    }
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_))
        | (Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_), Value::Nil) => {
            Err(incompatible(a, b))
        }
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Integer(a), Value::Integer(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Text(a), Value::Text(b)) => Ok(a == b),
        (Value::Labels(_) | Value::Map(_) | Value::Samples(_), _) => {
            Err(format!("non-comparable type {}: {}", a.verb_v(), a.type_name()))
        }
        _ => Err(incompatible(a, b)),
    }
}

fn less(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Bool(_), Value::Bool(_)) => Err(BAD_TYPE.to_owned()),
        (Value::Integer(a), Value::Integer(b)) => Ok(a < b),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b) == Some(Ordering::Less)),
        (Value::Text(a), Value::Text(b)) => Ok(a < b),
        (Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_), _) => Err(incompatible(a, b)),
        _ => Err(BAD_TYPE.to_owned()),
    }
}
