//! `len`, `index` and `slice`.

use std::rc::Rc;

use super::value::Value;

pub(super) fn length(value: &Value) -> Result<usize, String> {
    match value {
        Value::Text(text) => Ok(text.len()),
        Value::Labels(labels) => Ok(labels.len()),
        Value::Map(map) => Ok(map.len()),
        Value::Samples(samples) => Ok(samples.len()),
        Value::Nil => Err("len of nil pointer".to_owned()),
        other => Err(format!("len of type {}", other.type_name())),
    }
}

pub(super) fn index(values: &[Value]) -> Result<Value, String> {
    let mut value = values.first().cloned().unwrap_or(Value::Nil);
    for key in values.iter().skip(1) {
        value = match (&value, key) {
            (Value::Labels(labels), Value::Text(name)) => {
                Value::Text(labels.get(name).unwrap_or_default().to_owned())
            }
            (Value::Map(map), Value::Text(name)) => map.get(name).cloned().unwrap_or(Value::Nil),
            (Value::Samples(samples), Value::Integer(at)) => {
                let sample = usize::try_from(*at).ok().and_then(|at| samples.get(at));
                let Some(sample) = sample else { return Err(format!("index out of range: {at}")) };
                Value::Sample(Rc::new(sample.clone()))
            }
            (Value::Nil, _) => return Err("index of untyped nil".to_owned()),
            (value, key) => {
                let (value, key) = (value.type_name(), key.type_name());
                return Err(format!("cannot index {value} with {key}"));
            }
        };
    }
    Ok(value)
}

pub(super) fn slice(values: &[Value]) -> Result<Value, String> {
    let place = |at: usize, default: usize| match values.get(at) {
        None => Ok(default),
        Some(Value::Integer(number)) => {
            usize::try_from(*number).map_err(|_| format!("index out of range: {number}"))
        }
        Some(other) => Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    match values.first() {
        Some(Value::Text(text)) if values.len() <= 3 => {
            let (start, end) = (place(1, 0)?, place(2, text.len())?);
            match text.get(start..end) {
                Some(part) => Ok(Value::Text(part.to_owned())),
                None => Err(format!("index out of range: {end}")),
            }
        }
        Some(Value::Samples(samples)) if values.len() <= 3 => {
            let (start, end) = (place(1, 0)?, place(2, samples.len())?);
            match samples.get(start..end) {
                Some(part) => Ok(Value::Samples(Rc::new(part.to_vec()))),
                None => Err(format!("index out of range: {end}")),
            }
        }
        other => Err(format!("can't slice item of type {}", other.map_or("<nil>", Value::type_name))),
    }
}
