//! When a query is asked, and under which settings.

use super::Choices;
use crate::testing::case::{Settings, Times};

/// A time, or a range of at most `steps` steps, in or near the first hour, where the generator's data lies.
pub fn case_times(choices: &mut Choices, steps: usize) -> Times {
    let start_ms = *choices.pick(&[600_000, 1_200_000, 0, 300_000, 937_000, 1_800_001, 2_400_000, 3_600_000]);
    if choices.rarely(2) {
        return Times::Instant(start_ms);
    }
    let steps_ms = [60_000, 30_000, 15_000, 17_000, 300_000, 7001, 120_000, 600_000];
    let step_ms = *choices.pick(&steps_ms);
    let most = if choices.rarely(3) { steps } else { steps.min(20) };
    let last = choices.below(most) as i64;
    let rest_ms = if choices.rarely(8) { choices.below(step_ms as usize) as i64 } else { 0 };
    Times::Range { start_ms, end_ms: start_ms + last * step_ms + rest_ms, step_ms }
}

/// Mostly those of Prometheus' test scripts.
pub fn case_settings(choices: &mut Choices) -> Settings {
    let mut settings = Settings::default();
    if choices.rarely(3) {
        settings.delayed_name_removal = false;
    }
    if choices.rarely(4) {
        settings.start_timestamps = false;
    }
    if choices.rarely(6) {
        settings.type_and_unit_labels = true;
    }
    if choices.rarely(6) {
        settings.lookback_ms = *choices.pick(&[60_000, 30_000, 15_000, 900_000]);
    }
    if choices.rarely(6) {
        settings.default_subquery_step_ms = *choices.pick(&[15_000, 120_000, 7000]);
    }
    settings
}
