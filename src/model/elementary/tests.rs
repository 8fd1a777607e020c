//! The bits that Go gave.

use super::*;

/// A function by the name it has in the recorded file.
fn compute(name: &str, arguments: &[f64]) -> Option<f64> {
    let function: fn(f64) -> f64 = match (name, arguments) {
        ("pow", [base, exponent]) => return Some(pow(*base, *exponent)),
        ("atan2", [y, x]) => return Some(atan2(*y, *x)),
        ("exp", _) => exp,
        ("exp2", _) => exp2,
        ("ln", _) => ln,
        ("log2", _) => log2,
        ("log10", _) => log10,
        ("sin", _) => sin,
        ("cos", _) => cos,
        ("tan", _) => tan,
        ("asin", _) => asin,
        ("acos", _) => acos,
        ("atan", _) => atan,
        ("sinh", _) => sinh,
        ("cosh", _) => cosh,
        ("tanh", _) => tanh,
        ("asinh", _) => asinh,
        ("acosh", _) => acosh,
        ("atanh", _) => atanh,
        _ => return None,
    };
    arguments.first().copied().map(function)
}

#[test]
fn functions_give_the_bits_that_go_gives() {
    let mut wrong = Vec::new();
    let recorded = include_str!("../../../tests/data/elementary.txt");
    for line in recorded.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        let mut numbers: Vec<f64> = words
            .map(|word| f64::from_bits(u64::from_str_radix(word, 16).expect("a float's bits")))
            .collect();
        let expected = numbers.pop().expect("a result");
        let got = compute(name, &numbers).expect("a known function");
        if got.to_bits() != expected.to_bits() && !(got.is_nan() && expected.is_nan()) {
            wrong.push(format!("{name} {numbers:?}: expected {expected:e}, got {got:e}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
}

#[test]
fn a_float_is_split_and_put_together_again() {
    for value in [1.0, -0.75, 5e-324, -2.5e-310, f64::MIN_POSITIVE, f64::MAX, 0.0, f64::INFINITY] {
        let (fraction, exponent) = split(value);
        assert_eq!(scaled(fraction, exponent), value);
    }
    assert_eq!(scaled(0.5, 2000), f64::INFINITY);
    assert_eq!(scaled(-0.5, -2000).to_bits(), (-0.0f64).to_bits());
}
