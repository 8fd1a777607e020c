//! `sum` and `avg` of native histograms: the state beside [`super::fold::Fold`], where a group has histograms at all.

use crate::model::histogram::{
    FloatHistogram, HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramMean, HistogramRef,
    HistogramSum,
};

/// A sum or a mean, in the order of upstream's additions.
#[derive(Debug)]
// One a group and step that has histograms; a box would cost an allocation to save bytes that are soon used.
#[allow(clippy::large_enum_variant)]
enum Total {
    Sum(HistogramSum),
    Mean(HistogramMean),
}

/// The histograms of a group at one step.
#[derive(Debug)]
struct State {
    /// Totals of the group's chunks with their numbers of histograms; filled when states are merged.
    parts: Vec<(f64, FloatHistogram)>,
    total: Total,
    count: f64,
    /// A float stands among the histograms: no result.
    has_float: bool,
    /// Exponential and custom buckets met: no result, and what comes later is not looked at.
    failed: bool,
    reset_seen: bool,
    not_reset_seen: bool,
    /// What was said while adding.
    said: HistogramAnnotations,
}

impl State {
    fn new(average: bool, has_float: bool) -> Self {
        let total = if average { Total::Mean(HistogramMean::new()) } else { Total::Sum(HistogramSum::new()) };
        Self {
            parts: Vec::new(),
            total,
            count: 0.0,
            has_float,
            failed: false,
            reset_seen: false,
            not_reset_seen: false,
            said: HistogramAnnotations::NONE,
        }
    }

    fn add(&mut self, histogram: HistogramRef<'_>) -> Result<(), HistogramError> {
        use crate::model::histogram::CounterResetHint as Hint;
        self.reset_seen |= histogram.counter_reset_hint == Hint::Reset;
        self.not_reset_seen |= histogram.counter_reset_hint == Hint::NotReset;
        self.count += 1.0;
        match &mut self.total {
            Total::Sum(sum) => sum.add(histogram),
            Total::Mean(mean) => mean.add(histogram),
        }
    }

    /// Remarks of additions so far; contradicting hints are judged at the end.
    fn remarks(&self) -> HistogramAnnotations {
        let of_total = match &self.total {
            Total::Sum(sum) => sum.annotations(),
            Total::Mean(mean) => mean.annotations(),
        };
        let mut remarks = self.said;
        for remark in of_total.iter() {
            if matches!(remark, HistogramAnnotation::MismatchedCustomBuckets(_)) {
                remarks.insert(remark);
            }
        }
        remarks
    }

    /// Closes the total as a part.
    fn close(&mut self) {
        self.said = self.remarks();
        let total = match &mut self.total {
            Total::Sum(sum) => sum.finish(),
            Total::Mean(mean) => mean.finish(),
        };
        if let (Some(total), false) = (total, self.failed || self.count == 0.0) {
            self.parts.push((self.count, std::mem::take(total)));
        }
        match &mut self.total {
            Total::Sum(sum) => sum.clear(),
            Total::Mean(mean) => mean.clear(),
        }
        self.count = 0.0;
    }

    /// The result of all parts: the sum of sums, or the mean of means weighted by their counts.
    fn finish(&mut self) -> Result<Option<FloatHistogram>, HistogramError> {
        self.close();
        let weighted = matches!(self.total, Total::Mean(_));
        let parts = std::mem::take(&mut self.parts);
        let result = if parts.len() > 1 {
            let all: f64 = parts.iter().map(|(count, _)| count).sum();
            let mut sum = HistogramSum::new();
            for (count, mut part) in parts {
                if weighted {
                    part.multiply(count / all);
                }
                sum.add(part.as_ref())?;
            }
            for remark in sum.annotations().iter() {
                if matches!(remark, HistogramAnnotation::MismatchedCustomBuckets(_)) {
                    self.said.insert(remark);
                }
            }
            sum.finish().map(std::mem::take)
        } else {
            parts.into_iter().next().map(|(_, part)| part)
        };
        Ok(result.map(|mut histogram| {
            histogram.compact(0);
            histogram
        }))
    }
}

/// What a group has at a step where it has histograms.
pub(crate) struct Outcome {
    /// The result, if there is one.
    pub(crate) histogram: Option<FloatHistogram>,
    /// Floats stood among the histograms.
    pub(crate) mixed: bool,
    /// What else is to be said.
    pub(crate) remarks: HistogramAnnotations,
}

/// The histograms of one group over a run of steps.
#[derive(Debug)]
pub(crate) struct HistogramFold {
    average: bool,
    states: Vec<Option<Box<State>>>,
}

impl HistogramFold {
    /// An empty state.
    pub(crate) fn new(average: bool, steps: usize) -> Self {
        Self { average, states: (0..steps).map(|_| None).collect() }
    }

    /// Takes in a histogram at a step; `float_before` says whether the group had a float there before. `true` where
    /// exponential and custom buckets meet, the first time.
    pub(crate) fn add(
        &mut self,
        step: usize,
        histogram: HistogramRef<'_>,
        float_before: bool,
    ) -> Result<bool, HistogramError> {
        let average = self.average;
        let Some(state) = self.states.get_mut(step) else { return Ok(false) };
        let state = state.get_or_insert_with(|| Box::new(State::new(average, float_before)));
        // What follows a float is not added, because there will be no result.
        if state.failed || (state.has_float && state.count == 0.0) {
            return Ok(false);
        }
        match state.add(histogram) {
            Ok(()) => Ok(false),
            Err(HistogramError::IncompatibleSchemas) => {
                state.failed = true;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes a float at a step.
    pub(crate) fn add_float(&mut self, step: usize) {
        if let Some(Some(state)) = self.states.get_mut(step)
            && !state.failed
        {
            state.has_float = true;
        }
    }

    /// Takes in the state of the series that come after this state's own; `had_float` says at which steps these had
    /// a float. Gives the number of steps at which exponential and custom buckets meet.
    pub(crate) fn merge(&mut self, later: Self, had_float: impl Fn(usize) -> bool) -> usize {
        let mut met = 0;
        for (step, (own, later)) in self.states.iter_mut().zip(later.states).enumerate() {
            let Some(mut later) = later else { continue };
            let Some(own) = own else {
                later.has_float |= had_float(step);
                *own = Some(later);
                continue;
            };
            if own.failed {
                continue;
            }
            own.close();
            later.close();
            let custom = |state: &State| state.parts.first().map(|(_, part)| part.uses_custom_buckets());
            if let (Some(a), Some(b)) = (custom(own), custom(&later))
                && a != b
            {
                own.failed = true;
                met += 1;
            }
            own.parts.append(&mut later.parts);
            own.failed |= later.failed;
            own.has_float |= later.has_float;
            own.reset_seen |= later.reset_seen;
            own.not_reset_seen |= later.not_reset_seen;
            own.said.merge(later.said);
        }
        met
    }

    /// Gives what there is at each step with histograms.
    pub(crate) fn finish(
        self,
        mut visit: impl FnMut(usize, Outcome) -> Result<(), HistogramError>,
    ) -> Result<(), HistogramError> {
        use crate::model::histogram::HistogramOperation::Aggregation;
        for (step, state) in self.states.into_iter().enumerate() {
            let Some(mut state) = state else { continue };
            let none = state.has_float || state.failed;
            let histogram = if none { None } else { state.finish()? };
            let mut remarks = state.remarks();
            if !none && state.reset_seen && state.not_reset_seen {
                remarks.insert(HistogramAnnotation::CounterResetCollision(Aggregation));
            }
            visit(step, Outcome { histogram, mixed: state.has_float, remarks })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::HistogramParts;

    fn sample(value: f64) -> FloatHistogram {
        FloatHistogram::from_parts(HistogramParts {
            count: value,
            sum: value,
            buckets: vec![value],
            ..HistogramParts::default()
        })
    }

    fn result(fold: HistogramFold) -> Option<f64> {
        let mut found = None;
        let visited = fold.finish(|_, outcome| {
            found = outcome.histogram.map(|histogram| histogram.count);
            Ok(())
        });
        visited.map(|()| found).expect("sound histograms")
    }

    #[test]
    fn merged_chunks_are_weighted_by_their_counts() {
        for (average, expected) in [(false, 18.0), (true, 4.5)] {
            let (mut first, mut second) = (HistogramFold::new(average, 1), HistogramFold::new(average, 1));
            for (fold, values) in [(&mut first, [1.0, 2.0, 6.0].as_slice()), (&mut second, &[9.0])] {
                for value in values {
                    assert_eq!(fold.add(0, sample(*value).as_ref(), false), Ok(false));
                }
            }
            assert_eq!(first.merge(second, |_| false), 0);
            assert_eq!(result(first), Some(expected));
        }
    }

    #[test]
    fn floats_among_histograms_leave_no_result() {
        let mut fold = HistogramFold::new(false, 1);
        assert_eq!(fold.add(0, sample(1.0).as_ref(), false), Ok(false));
        fold.add_float(0);
        assert_eq!(result(fold), None);
        let mut fold = HistogramFold::new(false, 1);
        assert_eq!(fold.add(0, sample(1.0).as_ref(), true), Ok(false));
        assert_eq!(result(fold), None);
    }
}
