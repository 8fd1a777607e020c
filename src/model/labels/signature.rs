//! Projections of label sets: the part by which series are grouped or matched.
//!
//! Grouping a hundred thousand series must not make a hundred thousand label sets. A signature is the encoded bytes
//! of the projected labels, appended to a buffer that the caller keeps; a map from signatures to groups
//! finds the group of a known signature without an allocation, and [`Labels::from_signature`] makes the labels of a new one.

use std::cmp::Ordering;
use std::ops::Range;

use super::encoding::{compare_names, is_valid, text_bounds};
use super::{Kept, Labels, METRIC_NAME};

impl Labels {
    /// Appends the encoded labels that a projection keeps, to be compared and hashed as bytes.
    ///
    /// With `keep_named`, as in `by (…)` and `on (…)`, these are the labels named in `names`; otherwise, as in `without (…)` and
    /// `ignoring (…)`, all but those and the metric's name. `names` must be sorted; a name given twice is harmless.
    ///
    /// ```
    /// use promql_engine::model::Labels;
    ///
    /// let labels = Labels::from_pairs([("__name__", "up"), ("job", "api"), ("instance", "a:80")]);
    /// let mut by_job = Vec::new();
    /// labels.signature_into(&mut by_job, &["job"], true);
    /// let mut without_instance = Vec::new();
    /// labels.signature_into(&mut without_instance, &["instance"], false);
    /// assert_eq!(by_job, without_instance);
    /// assert_eq!(Labels::from_signature(&by_job), Some(Labels::from_pairs([("job", "api")])));
    /// ```
    pub fn signature_into<N: AsRef<str>>(&self, out: &mut Vec<u8>, names: &[N], keep_named: bool) {
        let bytes = self.bytes();
        self.project_runs(names, keep_named, |run| out.extend_from_slice(&bytes[run]));
    }

    /// The labels that a projection keeps: those named (`by`, `on`), or all but those and the metric's name (`without`,
    /// `ignoring`). `names` must be sorted. Shares its memory with `self` where what is kept stands together.
    pub fn project<N: AsRef<str>>(&self, names: &[N], keep_named: bool) -> Self {
        let mut kept = Kept::of(self);
        self.project_runs(names, keep_named, |run| kept.push(run));
        kept.finish()
    }

    /// Where the encoded labels that a projection keeps stand in this set's, where they stand together; else `None`, and they are
    /// written to `memory`.
    pub(crate) fn projected_run<N: AsRef<str>>(
        &self,
        memory: &mut Vec<u8>,
        names: &[N],
        keep_named: bool,
    ) -> Option<Range<usize>> {
        let bytes = self.bytes();
        let mut first = 0..0;
        memory.clear();
        self.project_runs(names, keep_named, |run| {
            if first.is_empty() {
                first = run;
            } else if !run.is_empty() {
                if memory.is_empty() {
                    memory.extend_from_slice(&bytes[first.clone()]);
                }
                memory.extend_from_slice(&bytes[run]);
            }
        });
        memory.is_empty().then_some(first)
    }

    /// The labels of a signature; `None` for bytes that are none.
    pub fn from_signature(signature: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(signature).ok()?;
        is_valid(text).then(|| Self::of_text(text))
    }

    /// All labels' bytes: the signature of the whole set.
    pub fn as_signature(&self) -> &[u8] {
        self.bytes()
    }

    /// Walks names and labels side by side and hands over the kept pairs, neighbours in one piece.
    fn project_runs<N: AsRef<str>>(&self, names: &[N], keep_named: bool, mut push: impl FnMut(Range<usize>)) {
        debug_assert!(
            names.is_sorted_by(|a, b| a.as_ref() <= b.as_ref()),
            "names of a projection are sorted"
        );
        // Bytes order as the texts do.
        let bytes = self.bytes();
        let mut names = names.iter().map(|name| name.as_ref().as_bytes());
        let mut wanted = names.next();
        let (mut kept_from, mut at) = (0, 0);
        while at < bytes.len() {
            let (name_start, name_end) = text_bounds(&bytes[at..]);
            let name = &bytes[at + name_start..at + name_end];
            let order = loop {
                match wanted.map(|wanted| compare_names(wanted, name)) {
                    Some(Ordering::Less) => wanted = names.next(),
                    order => break order,
                }
            };
            if keep_named && order.is_none() {
                break;
            }
            let named = order == Some(Ordering::Equal);
            let next = at + name_end + text_bounds(&bytes[at + name_end..]).1;
            let keep = if keep_named {
                named
            } else {
                if order.is_none() && name.first() > METRIC_NAME.as_bytes().first() {
                    // Nothing that could go is left.
                    at = bytes.len();
                    break;
                }
                !named && name != METRIC_NAME.as_bytes()
            };
            if !keep {
                push(kept_from..at);
                kept_from = next;
            }
            at = next;
        }
        push(kept_from..at);
    }
}
