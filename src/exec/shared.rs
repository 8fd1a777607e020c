//! What the optimiser has found to be the same at several places of a query: evaluated at the first of them that is reached, told at each.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::{
    aggregate::{self, Folded},
    annotations::Annotations,
    evaluate::Evaluator,
    table::Table,
};
use crate::{
    error::Error,
    model::Span,
    plan::{Folds, Node},
};

/// The tables kept, by the address of the part of the plan: that does not change while the plan is executed.
#[derive(Debug, Default)]
pub(super) struct KeptTables(Mutex<FxHashMap<usize, Arc<Kept>>>);

/// What came of a part of the plan: a table, or one an aggregation.
#[derive(Debug)]
struct Kept {
    tables: Vec<Result<Arc<Table>, Error>>,
    /// What its input said of the samples, and each table's own remarks.
    common: Annotations,
    own: Vec<Annotations>,
}

impl KeptTables {
    fn get(&self, key: usize) -> Option<Arc<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    fn keep(&self, key: usize, kept: Kept) -> Arc<Kept> {
        let kept = Arc::new(kept);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&kept));
        kept
    }
}

/// Where a part of `first` stands in an equal text that begins elsewhere. Empty spans stand for no place.
fn moved(span: Span, first: Span, to: Span) -> Span {
    let is_inside = first.start <= span.start && span.end <= first.end && span.start < span.end;
    let place = |at: u32| (at - first.start).saturating_add(to.start);
    if is_inside { Span::new(place(span.start), place(span.end)) } else { span }
}

/// The error of a part of `first`, as of an equal text that begins elsewhere.
fn moved_error(error: Error, first: Span, to: Span) -> Error {
    Error { span: error.span.map(|span| moved(span, first, to)), ..error }
}

impl Evaluator<'_> {
    /// The table of a part that stands at `place`, too.
    pub(super) fn shared(&self, shared: &Arc<Node>, place: Span) -> Result<Arc<Table>, Error> {
        let key = Arc::as_ptr(shared) as usize;
        let kept = match self.context.kept.get(key) {
            Some(kept) => kept,
            None => {
                let (table, common) = self.context.remarks_of(|| self.table(shared));
                self.context.kept.keep(key, Kept { tables: vec![table], common, own: Vec::new() })
            }
        };
        self.tell(&kept, 0, shared.span, place)
    }

    /// The table of one of several aggregations over one input, which at this place stands at `input`.
    pub(super) fn one_of(&self, folds: &Arc<Folds>, which: usize, input: Span) -> Result<Arc<Table>, Error> {
        let key = Arc::as_ptr(folds) as usize;
        let kept = match self.context.kept.get(key) {
            Some(kept) => kept,
            None => {
                let Folds { operators, child, without, grouping, streams } = &**folds;
                let grouping = aggregate::Grouping { without: *without, names: grouping };
                let (folded, common) = self.context.remarks_of(|| {
                    let rows = self.input(child, *streams)?;
                    aggregate::fold_all(self.context, operators, &*rows, &grouping, child)
                });
                let (tables, own) = folded
                    .map_err(|error| moved_error(error, folds.child.span, input))?
                    .into_iter()
                    .map(|Folded { table, remarks }| {
                        (table.and_then(|table| self.context.hold(table)), remarks)
                    })
                    .unzip();
                self.context.kept.keep(key, Kept { tables, common, own })
            }
        };
        self.tell(&kept, which, folds.child.span, input)
    }

    /// Gives a table that was kept, with all there is to say about it, as of the place that asks.
    fn tell(&self, kept: &Kept, which: usize, first: Span, place: Span) -> Result<Arc<Table>, Error> {
        let to_place = |span: Span| moved(span, first, place);
        for remarks in [Some(&kept.common), kept.own.get(which)].into_iter().flatten() {
            if !remarks.is_empty() {
                self.context.annotate(|annotations| annotations.absorb(remarks, to_place));
            }
        }
        match kept.tables.get(which) {
            Some(Ok(table)) => Ok(Arc::clone(table)),
            Some(Err(error)) => Err(moved_error(error.clone(), first, place)),
            None => Ok(Arc::new(Table::new(Vec::new(), 0))),
        }
    }
}
