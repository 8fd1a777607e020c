//! Range kernels against recorded answers of Prometheus 3.16, in whole rows and cut anywhere.
//!
//! `functions/recorded.txt` holds the columns and the answers; its first lines explain it.

use promql_engine::{
    functions::{
        Extension, Kernel, Notes, Parameter, RangeInput, RowOut, Scratch, StepTimes, WindowSpecification,
        Windows, lookup,
    },
    model::{FloatColumn, HistogramColumn, Timestamps},
};

const LOOKBACK_MS: i64 = 300_000;

fn evaluate(
    name: &str,
    parameters: &[f64],
    column: &FloatColumn<'_>,
    windows: &Windows,
    steps: std::ops::Range<usize>,
) -> Vec<Option<f64>> {
    let Kernel::Range(function) = lookup(name).expect("a function").kernel else {
        panic!("{name} is no range function")
    };
    let count = steps.len();
    let (mut values, mut present) = (vec![0.0; count], vec![0; count.div_ceil(64)]);
    let input = RangeInput {
        floats: *column,
        windows,
        histograms: HistogramColumn::default(),
        histogram_windows: None,
        steps,
    };
    let parameters: Vec<_> = parameters.iter().map(|p| Parameter::Constant(*p)).collect();
    let mut notes = Notes::default();
    let mut out = RowOut { values: &mut values, present: &mut present, notes: &mut notes };
    function.evaluate(&input, &parameters, &mut Scratch::default(), &mut out).expect("valid arguments");
    assert!(notes.is_empty());
    (0..count).map(|k| (present[k / 64] >> (k % 64) & 1 == 1).then(|| values[k])).collect()
}

fn agree(ours: Option<f64>, theirs: Option<f64>) -> bool {
    match (ours, theirs) {
        (None, None) => true,
        (Some(a), Some(b)) if a.is_nan() || b.is_nan() => a.is_nan() && b.is_nan(),
        (Some(a), Some(b)) => a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => false,
    }
}

#[test]
fn kernels_give_the_recorded_answers() {
    let (mut times, mut values) = (Vec::new(), Vec::new());
    let (mut checked, mut column_name) = (0, "");
    let mut wrong = Vec::new();
    for line in include_str!("functions/recorded.txt").lines().filter(|line| !line.starts_with('#')) {
        let [head, middle, tail] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        if let Some(name) = head.strip_prefix("column ") {
            let interval: i64 = middle.parse().unwrap();
            column_name = name;
            let samples = tail.split(' ').enumerate().filter(|(_, value)| *value != "_");
            (times, values) = samples
                .map(|(index, value)| (index as i64 * interval, value.parse::<f64>().unwrap()))
                .unzip();
            continue;
        }
        let mut words = head.split(' ');
        let function = words.next().unwrap();
        let parameters: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
        let [range, extension, start, step] = middle.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let expected: Vec<Option<f64>> = tail.split(' ').map(|value| value.parse().ok()).collect();
        let steps = StepTimes {
            start_ms: start.parse().unwrap(),
            step_ms: step.parse().unwrap(),
            count: expected.len(),
        };
        let specification = WindowSpecification {
            extension: match extension {
                "anchored" => Extension::Anchored,
                "smoothed" => Extension::Smoothed,
                _ => Extension::None,
            },
            lookback_ms: LOOKBACK_MS,
            ..WindowSpecification::plain(steps, range.parse().unwrap())
        };
        let column = FloatColumn {
            timestamps: Timestamps::Explicit { times_ms: &times, shared: None },
            values: &values,
            start_timestamps: &[],
        };
        let windows = Windows::new(&column.timestamps, &specification);
        let whole = evaluate(function, &parameters, &column, &windows, 0..steps.count);
        for (k, (ours, theirs)) in whole.iter().zip(&expected).enumerate() {
            checked += 1;
            if !agree(*ours, *theirs) {
                wrong.push(format!(
                    "{column_name}: {head} | {middle} | step {k}: {ours:?}, expected {theirs:?}"
                ));
            }
        }
        // The same bits, whoever computes which part of the row, from whatever samples the store lends around it.
        for cut in 0..steps.count {
            let mut parts = evaluate(function, &parameters, &column, &windows, 0..cut);
            parts.extend(evaluate(function, &parameters, &column, &windows, cut..steps.count));
            let bits = |row: &[Option<f64>]| row.iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>();
            assert_eq!(bits(&whole), bits(&parts), "{column_name}: {head} | {middle} | cut at {cut}");
        }
    }
    assert!(checked > 5000, "only {checked} answers recorded");
    assert!(wrong.is_empty(), "{} of {checked} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
