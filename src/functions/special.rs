//! The functions that no kernel can express: the evaluator knows each by its variant.

/// A function the evaluator carries out itself, with the pure parts that this module's siblings offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Special {
    /// `absent(v)`: 1 where `v` has no sample; labels by [`super::absent_labels`].
    Absent,
    /// `absent_over_time(r)`: 1 where no series has a sample in its window.
    AbsentOverTime,
    /// `scalar(v)`: the value of the only float sample, else NaN.
    Scalar,
    /// `vector(s)`: one series without labels.
    Vector,
    /// `max_of(s, s)`, by [`super::greater_of`].
    MaxOf,
    /// `min_of(s, s)`, by [`super::lesser_of`].
    MinOf,
    /// `pi()`.
    Pi,
    /// `time()`: the step's time in seconds.
    Time,
    /// `start()`: the first step's time in seconds.
    QueryStart,
    /// `end()`: the last step's time in seconds.
    QueryEnd,
    /// `step()`: seconds between steps, 0 in an instant query.
    QueryStep,
    /// `range()`: seconds from the first to the last step.
    QueryRange,
    /// `timestamp(v)`: each sample's own time, where `v` is a plain selector; the step's time otherwise.
    Timestamp,
    /// `start_timestamp(v)`: each sample's start timestamp, where `v` is a plain selector and the engine uses them; nothing otherwise.
    StartTimestamp,
    /// `label_replace(v, dst, replacement, src, regex)`, by [`super::LabelReplace`].
    LabelReplace,
    /// `label_join(v, dst, separator, src…)`, by [`super::LabelJoin`].
    LabelJoin,
    /// `info(v, selector?)`.
    Info,
    /// `sort(v)`, by [`super::sort_by_value`].
    Sort,
    /// `sort_desc(v)`, by [`super::sort_by_value`].
    SortDescending,
    /// `sort_by_label(v, label…)`, by [`super::sort_by_labels`].
    SortByLabel,
    /// `sort_by_label_desc(v, label…)`, by [`super::sort_by_labels`].
    SortByLabelDescending,
    /// `histogram_quantile(s, v)`; on classic buckets by [`super::bucket_quantile`].
    HistogramQuantile,
    /// `histogram_quantiles(v, label, s…)`; on classic buckets by [`super::bucket_quantile`].
    HistogramQuantiles,
    /// `histogram_fraction(s, s, v)`; on classic buckets by [`super::bucket_fraction`].
    HistogramFraction,
    /// `histogram_count(v)`: the number of observations of each native histogram.
    HistogramCount,
    /// `histogram_sum(v)`: the sum of observations of each native histogram.
    HistogramSum,
    /// `histogram_avg(v)`: the mean observation of each native histogram.
    HistogramAverage,
    /// `histogram_stddev(v)`: the estimated standard deviation of observations.
    HistogramStandardDeviation,
    /// `histogram_stdvar(v)`: the estimated variance of observations.
    HistogramVariance,
}
