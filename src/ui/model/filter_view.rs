//! An entry of a trace as the filter language looks at it.

use super::trace::{Entry, What};
use crate::event::filter::{EntryView, Filter};

/// Whether a filter admits an entry.
pub fn matches(filter: &Filter, entry: &Entry, marked: bool) -> bool {
    let view = match &entry.what {
        What::Call(call) => EntryView::of_call(&call.record),
        What::Wasi(call) => EntryView::of_wasi_call(call),
        What::Log(level, text) => EntryView::of_log_line(*level, text),
        What::Warning(text) => EntryView::of_warning(text),
    };
    filter.matches(&view.marked(marked))
}
