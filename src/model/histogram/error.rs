//! Why two histograms do not go together, or why one is none.

use std::fmt;

/// A histogram operation that has no result.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum HistogramError {
    /// One has exponential buckets and the other custom bounds.
    IncompatibleSchemas,
    /// The spans name more or fewer buckets than there are.
    SpansBucketsMismatch {
        /// Buckets the spans name.
        spans: u64,
        /// Buckets there are.
        buckets: u64,
    },
    /// A span lies before the end of the one before it.
    NegativeSpanOffset,
    /// A span reaches a bucket whose index leaves the range of 32 bits.
    BucketIndexOutOfRange,
    /// A schema that is neither −4…8 nor −53.
    InvalidSchema(i32),
    /// The target of a resolution reduction is not a coarser exponential schema.
    InvalidTargetSchema(i32),
    /// The count of observations is negative.
    NegativeCount(f64),
    /// A bucket's count is negative.
    NegativeBucketCount(f64),
    /// Custom bounds are not ascending.
    CustomBoundsNotAscending,
    /// A custom bound is NaN, or +Inf, which is implied.
    InvalidCustomBound,
    /// There are more buckets than custom bounds, +Inf included.
    TooFewCustomBounds,
    /// A histogram with custom bounds has a zero bucket or negative buckets.
    CustomBucketsMisused,
    /// A histogram with exponential buckets has custom bounds.
    UnexpectedCustomBounds,
    /// The buckets lie too far apart to be written as one list.
    TooSparse,
}

impl fmt::Display for HistogramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IncompatibleSchemas => f.write_str(
                "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas",
            ),
            Self::SpansBucketsMismatch { spans, buckets } => {
                write!(f, "the histogram's spans name {spans} buckets, but there are {buckets}")
            }
            Self::NegativeSpanOffset => f.write_str("a span of the histogram has a negative offset"),
            Self::BucketIndexOutOfRange => f.write_str("a bucket index of the histogram is out of range"),
            Self::InvalidSchema(schema) => {
                write!(f, "the histogram's schema is {schema}, not one of -4 to 8 or -53")
            }
            Self::InvalidTargetSchema(schema) => {
                write!(f, "the histogram cannot be reduced to schema {schema}")
            }
            Self::NegativeCount(count) => write!(f, "the histogram's count is negative: {count}"),
            Self::NegativeBucketCount(count) => write!(f, "a bucket of the histogram is negative: {count}"),
            Self::CustomBoundsNotAscending => f.write_str("the histogram's custom bounds are not ascending"),
            Self::InvalidCustomBound => f.write_str("a custom bound of the histogram is NaN or +Inf"),
            Self::TooFewCustomBounds => f.write_str("the histogram has more buckets than custom bounds"),
            Self::CustomBucketsMisused => {
                f.write_str("a histogram with custom bounds has no zero bucket and no negative buckets")
            }
            Self::UnexpectedCustomBounds => {
                f.write_str("a histogram with an exponential schema has custom bounds")
            }
            Self::TooSparse => f.write_str("the histogram's buckets lie too far apart to be listed"),
        }
    }
}

impl std::error::Error for HistogramError {}
