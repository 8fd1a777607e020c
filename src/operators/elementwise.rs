//! Arithmetic and comparison on columns of floats.

use crate::model::elementary;

/// Operators that take one value of each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElementOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Modulo,
    Atan2,
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    TrimUpper,
    TrimLower,
}

use ElementOperator as O;

/// What a comparison does with the pairs it does not hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Drops them; the value of the pair's vector side stays.
    Filter,
    /// Gives 0, and 1 where it holds (`bool`).
    Bool,
}

/// One side of a pair of columns.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side<'a> {
    /// One value at every step.
    Constant(f64),
    /// A value a step.
    Column(&'a [f64]),
}

impl Side<'_> {
    #[inline(always)]
    fn at(&self, k: usize) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Column(values) => values[k],
        }
    }
}

impl ElementOperator {
    /// Whether it compares.
    pub(crate) const fn is_comparison(self) -> bool {
        matches!(self, O::Equal | O::NotEqual | O::Greater | O::Less | O::GreaterOrEqual | O::LessOrEqual)
    }

    /// How queries write it.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            O::Add => "+",
            O::Subtract => "-",
            O::Multiply => "*",
            O::Divide => "/",
            O::Power => "^",
            O::Modulo => "%",
            O::Atan2 => "atan2",
            O::Equal => "==",
            O::NotEqual => "!=",
            O::Greater => ">",
            O::Less => "<",
            O::GreaterOrEqual => ">=",
            O::LessOrEqual => "<=",
            O::TrimUpper => "</",
            O::TrimLower => ">/",
        }
    }

    /// Whether it trims histograms.
    pub(crate) const fn is_trim(self) -> bool {
        matches!(self, O::TrimUpper | O::TrimLower)
    }

    /// Whether its result is another quantity than its operands, so that the metric's name goes.
    pub(crate) const fn changes_metric(self) -> bool {
        !self.is_comparison() && !matches!(self, O::TrimUpper | O::TrimLower)
    }

    /// Whether the comparison holds.
    #[inline(always)]
    fn holds(self, a: f64, b: f64) -> bool {
        match self {
            O::Equal => a == b,
            O::NotEqual => a != b,
            O::Greater => a > b,
            O::Less => a < b,
            O::GreaterOrEqual => a >= b,
            _ => a <= b,
        }
    }

    /// The value for two scalars; a comparison gives 0 or 1.
    pub(crate) fn of_scalars(self, a: f64, b: f64) -> f64 {
        match self {
            O::Add => a + b,
            O::Subtract => a - b,
            O::Multiply => a * b,
            O::Divide => a / b,
            O::Power => elementary::pow(a, b),
            O::Modulo => a % b,
            O::Atan2 => elementary::atan2(a, b),
            // Refused when the query is planned.
            O::TrimUpper | O::TrimLower => f64::NAN,
            comparison => f64::from(u8::from(comparison.holds(a, b))),
        }
    }
}

#[inline(always)]
fn zip_in_place(values: &mut [f64], other: Side<'_>, swapped: bool, f: impl Fn(f64, f64) -> f64) {
    match (other, swapped) {
        (Side::Constant(c), false) => values.iter_mut().for_each(|v| *v = f(*v, c)),
        (Side::Constant(c), true) => values.iter_mut().for_each(|v| *v = f(c, *v)),
        (Side::Column(o), false) => values.iter_mut().zip(o).for_each(|(v, o)| *v = f(*v, *o)),
        (Side::Column(o), true) => values.iter_mut().zip(o).for_each(|(v, o)| *v = f(*o, *v)),
    }
}

/// Computes `values operator other` in place (`other operator values` where `swapped`), at every step.
///
/// `present` tells where there is a pair; a filtering comparison clears the bits of pairs it does not hold for, and keeps
/// the left value of a pair, or with `keep_own` the one in `values`. Cost: one pass over the columns.
pub(crate) fn apply(
    operator: ElementOperator,
    comparison: Comparison,
    values: &mut [f64],
    other: Side<'_>,
    swapped: bool,
    keep_own: bool,
    present: &mut [u64],
) {
    match operator {
        O::Add => zip_in_place(values, other, swapped, |a, b| a + b),
        O::Subtract => zip_in_place(values, other, swapped, |a, b| a - b),
        O::Multiply => zip_in_place(values, other, swapped, |a, b| a * b),
        O::Divide => zip_in_place(values, other, swapped, |a, b| a / b),
        O::Power => zip_in_place(values, other, swapped, elementary::pow),
        O::Modulo => zip_in_place(values, other, swapped, |a, b| a % b),
        O::Atan2 => zip_in_place(values, other, swapped, elementary::atan2),
        // Two floats have no buckets to trim: no result.
        O::TrimUpper | O::TrimLower => present.fill(0),
        _ => compare(operator, comparison, values, other, swapped, keep_own, present),
    }
}

fn compare(
    operator: ElementOperator,
    comparison: Comparison,
    values: &mut [f64],
    other: Side<'_>,
    swapped: bool,
    keep_own: bool,
    present: &mut [u64],
) {
    for (word, bits) in present.iter_mut().enumerate() {
        let start = word * 64;
        let end = values.len().min(start + 64);
        let mut holds = 0u64;
        for (k, value) in values.iter_mut().enumerate().take(end).skip(start) {
            let theirs = other.at(k);
            let (a, b) = if swapped { (theirs, *value) } else { (*value, theirs) };
            let hold = operator.holds(a, b);
            holds |= u64::from(hold) << (k - start);
            match comparison {
                Comparison::Bool => *value = f64::from(u8::from(hold)),
                Comparison::Filter if swapped && !keep_own => *value = theirs,
                Comparison::Filter => {}
            }
        }
        if comparison == Comparison::Filter {
            *bits &= holds;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_keeps_the_left_value() {
        let (mut values, mut present) = ([1.0, 5.0, f64::NAN], [0b111]);
        let other = Side::Column(&[2.0, 4.0, 4.0]);
        apply(O::Greater, Comparison::Filter, &mut values, other, true, false, &mut present);
        assert_eq!((values[0], present), (2.0, [0b001]));
    }

    #[test]
    fn a_scalar_on_the_left_keeps_the_vector_value() {
        let (mut values, mut present) = ([1.0, 5.0], [0b11]);
        apply(O::Greater, Comparison::Filter, &mut values, Side::Constant(3.0), true, true, &mut present);
        assert_eq!((values[0], present), (1.0, [0b01]));
    }

    #[test]
    fn bool_gives_numbers_and_drops_nothing() {
        let (mut values, mut present) = ([1.0, 5.0], [0b11]);
        apply(
            O::GreaterOrEqual,
            Comparison::Bool,
            &mut values,
            Side::Constant(5.0),
            false,
            false,
            &mut present,
        );
        assert_eq!((values, present), ([0.0, 1.0], [0b11]));
    }
}
