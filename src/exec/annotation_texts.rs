//! Annotations as Prometheus' HTTP API writes them: two lists of texts, cut where a query has earned too many.

use super::annotations::{Annotations, Severity};

/// How many annotations of each kind are written out; 0 means all.
///
/// The default is what Prometheus' HTTP API does: ten of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnotationLimits {
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
}

impl AnnotationLimits {
    /// All of them.
    pub const NONE: Self = Self { warnings: 0, infos: 0 };
}

impl Default for AnnotationLimits {
    fn default() -> Self {
        Self { warnings: 10, infos: 10 }
    }
}

/// Annotations as texts, with line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnnotationTexts {
    /// The warnings; where some were left out, how many stands last.
    pub warnings: Vec<String>,
    /// The infos, likewise.
    pub infos: Vec<String>,
}

impl Annotations {
    /// The annotations on `query` as texts, at most so many of each kind.
    pub fn texts(&self, query: &str, limits: AnnotationLimits) -> AnnotationTexts {
        let of = |severity: Severity, limit: usize, kind: &str| {
            let all = || self.iter().filter(|annotation| annotation.severity == severity);
            let shown = if limit == 0 { usize::MAX } else { limit };
            let mut texts: Vec<String> =
                all().take(shown).map(|annotation| annotation.render(query)).collect();
            let omitted = all().count() - texts.len();
            if omitted > 0 {
                texts.push(format!("{omitted} more {kind} annotations omitted"));
            }
            texts
        };
        AnnotationTexts {
            warnings: of(Severity::Warning, limits.warnings, "warning"),
            infos: of(Severity::Info, limits.infos, "info"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    #[test]
    fn what_is_left_out_is_counted() {
        let mut annotations = Annotations::default();
        for number in 10..22 {
            annotations.inform(format!("info {number}"), Span::new(2, 3));
        }
        annotations.warn("warning".to_owned(), Span::new(0, 1));
        let texts = |limits| annotations.texts("a\nb", limits);
        let ten = texts(AnnotationLimits::default());
        assert_eq!(ten.warnings, ["PromQL warning: warning (1:1)"]);
        assert_eq!((ten.infos.len(), &*ten.infos[0]), (11, "PromQL info: info 10 (2:1)"));
        assert_eq!(ten.infos[10], "2 more info annotations omitted");
        assert_eq!(texts(AnnotationLimits::NONE).infos.len(), 12);
        assert_eq!(texts(AnnotationLimits { warnings: 1, infos: 12 }).infos.len(), 12);
    }
}
