//! `integral`: the area under a gauge.

use super::{
    extrapolation::seconds,
    kernel::{KernelError, Notes, Parameter, RangeInput, RowOut, Scratch},
    sums::CompensatedSum,
};

/// Which value stands for the time between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    Left,
    Right,
    Mean,
}

impl Strategy {
    fn of(number: f64) -> Option<Self> {
        match number {
            0.0 => Some(Self::Left),
            1.0 => Some(Self::Right),
            2.0 => Some(Self::Mean),
            _ => None,
        }
    }
}

pub(super) fn integral(
    input: &RangeInput<'_>,
    parameters: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let mut invalid = false;
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        if first == end {
            return None;
        }
        let strategy =
            parameters.first().map_or(Some(Strategy::Mean), |number| Strategy::of(number.at(step)));
        invalid |= strategy.is_none();
        let strategy = strategy.unwrap_or(Strategy::Mean);
        let mut area = CompensatedSum::default();
        for index in first + 1..end {
            let (previous, current) =
                (number_or_zero(input.floats.values[index - 1]), number_or_zero(input.floats.values[index]));
            let height = match strategy {
                Strategy::Left => CompensatedSum { sum: previous, compensation: 0.0 },
                Strategy::Right => CompensatedSum { sum: current, compensation: 0.0 },
                Strategy::Mean => mean(previous, current),
            };
            if height.sum != 0.0 || height.compensation != 0.0 {
                let width =
                    seconds(input.floats.timestamps.at(index) - input.floats.timestamps.at(index - 1));
                area.compensation += height.compensation * width;
                area.add(height.sum * width);
            }
        }
        Some(area.total())
    });
    if invalid {
        out.notes.insert(Notes::INVALID_INTEGRAL_STRATEGY);
    }
    Ok(())
}

/// NaN counts as 0, so that its neighbours' halves remain.
fn number_or_zero(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}

fn mean(previous: f64, current: f64) -> CompensatedSum {
    if previous == 0.0 && current == 0.0 {
        return CompensatedSum::default();
    }
    let mut sum = CompensatedSum { sum: previous, compensation: 0.0 };
    sum.add(current);
    if sum.sum.is_infinite() && current.is_finite() && previous.is_finite() {
        // Their sum overflows; the sum of their halves does not.
        let mut halves = CompensatedSum { sum: previous / 2.0, compensation: 0.0 };
        halves.add(current / 2.0);
        return halves;
    }
    CompensatedSum { sum: sum.sum / 2.0, compensation: sum.compensation / 2.0 }
}
