//! Which entries of a trace are shown, in which order, and which of them is selected.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How often a list that grows is sorted anew.
const SORT_EVERY: Duration = Duration::from_millis(250);

/// The numbers of the shown entries, with a cursor that may follow the newest. Positions are those of the order in force.
#[derive(Clone, Debug)]
pub struct Visible {
    numbers: VecDeque<u64>,
    sorted: Option<Sorted>,
    selected: Option<u64>,
    /// Whether the cursor stays on the newest entry.
    pub follow: bool,
}

/// Another order than that in which the entries came.
#[derive(Clone, Debug, Default)]
struct Sorted {
    numbers: Vec<u64>,
    /// Where the selected entry and the newest one stand.
    cursor: usize,
    newest: usize,
    is_stale: bool,
    at: Option<Instant>,
}

impl Default for Visible {
    fn default() -> Self {
        Self { numbers: VecDeque::new(), sorted: None, selected: None, follow: true }
    }
}

impl Visible {
    /// Shows an entry, or hides it.
    pub fn set(&mut self, number: u64, shown: bool) {
        // New entries come at the end, and changed ones are near to it.
        let found = match self.numbers.back() {
            Some(last) if *last < number => Err(self.numbers.len()),
            _ => self.numbers.binary_search(&number),
        };
        match (found, shown) {
            (Err(at), true) => self.numbers.insert(at, number),
            (Ok(at), false) => drop(self.numbers.remove(at)),
            // One that changed may belong elsewhere now.
            (Ok(_), true) => {}
            (Err(_), false) => return,
        }
        self.make_stale();
    }

    /// Forgets the entries before this one: they were folded away.
    pub fn forget_before(&mut self, first: u64) {
        while self.numbers.front().is_some_and(|number| *number < first) {
            self.numbers.pop_front();
            self.make_stale();
        }
    }

    /// Shows these and no others; the cursor stays as near as it can.
    pub fn replace(&mut self, numbers: impl Iterator<Item = u64>) {
        self.numbers = numbers.collect();
        if let Some(sorted) = &mut self.sorted {
            (sorted.is_stale, sorted.at) = (true, None);
        }
    }

    /// Whether the order is to be made anew: something changed, and it was not made just now. A list that grows no more need not wait.
    pub fn is_to_be_sorted(&self, grows: bool) -> bool {
        self.sorted
            .as_ref()
            .is_none_or(|sorted| sorted.is_stale && (!grows || sorted.at.is_none_or(|at| at.elapsed() >= SORT_EVERY)))
    }

    /// Puts the entries into another order; the cursor stays on its entry.
    pub fn sort_by(&mut self, compare: impl Fn(u64, u64) -> std::cmp::Ordering) {
        let before = self.sorted.take();
        let mut numbers: Vec<u64> = self.numbers.iter().copied().collect();
        numbers.sort_by(|a, b| compare(*a, *b));
        let place_of = |number: Option<u64>| number.and_then(|number| numbers.iter().position(|other| *other == number));
        let cursor = place_of(self.selected).unwrap_or_else(|| before.map(|sorted| sorted.cursor).unwrap_or_default());
        let newest = place_of(self.numbers.back().copied()).unwrap_or_default();
        self.sorted = Some(Sorted { numbers, cursor, newest, is_stale: false, at: Some(Instant::now()) });
    }

    /// Back to the order in which they came.
    pub fn unsort(&mut self) {
        self.sorted = None;
    }

    /// Whether they stand in another order.
    pub const fn is_sorted(&self) -> bool {
        self.sorted.is_some()
    }

    /// How many are shown.
    pub fn len(&self) -> usize {
        self.sorted.as_ref().map_or(self.numbers.len(), |sorted| sorted.numbers.len())
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a position.
    pub fn at(&self, position: usize) -> Option<u64> {
        match &self.sorted {
            Some(sorted) => sorted.numbers.get(position).copied(),
            None => self.numbers.get(position).copied(),
        }
    }

    /// The position of the selected entry: the newest one where the cursor follows; else itself, or what now stands in its place.
    pub fn position(&self) -> Option<usize> {
        let last = self.len().checked_sub(1)?;
        let position = match &self.sorted {
            Some(sorted) if self.follow => sorted.newest,
            Some(sorted) => sorted.cursor,
            None if self.follow => last,
            None => self.numbers.binary_search(&self.selected.unwrap_or_default()).unwrap_or_else(|at| at),
        };
        Some(position.min(last))
    }

    /// The number of the selected entry.
    pub fn selected(&self) -> Option<u64> {
        self.at(self.position()?)
    }

    /// Selects the entry at a position, or the last one; the cursor follows only when it is put there again.
    pub fn select(&mut self, position: usize) {
        let position = position.min(self.len().saturating_sub(1));
        self.selected = self.at(position);
        if let Some(sorted) = &mut self.sorted {
            sorted.cursor = position;
        }
        self.follow = false;
    }

    /// Selects an entry by its number, where it is shown.
    pub fn select_number(&mut self, number: u64) {
        let position = match &self.sorted {
            Some(sorted) => sorted.numbers.iter().position(|other| *other == number),
            None => self.numbers.binary_search(&number).ok(),
        };
        if let Some(position) = position {
            self.select(position);
        }
    }

    /// Moves the cursor by so many entries; at the end it stays, and follows no sooner than it is told to.
    pub fn move_by(&mut self, by: isize) {
        if let Some(position) = self.position() {
            self.select(position.saturating_add_signed(by));
        }
    }

    fn make_stale(&mut self) {
        if let Some(sorted) = &mut self.sorted {
            sorted.is_stale = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(numbers: &[u64]) -> Visible {
        let mut visible = Visible::default();
        numbers.iter().for_each(|number| visible.set(*number, true));
        visible
    }

    fn all(visible: &Visible) -> Vec<u64> {
        (0..visible.len()).filter_map(|position| visible.at(position)).collect()
    }

    #[test]
    fn the_cursor_follows_the_newest_until_it_is_moved() {
        let mut visible = shown(&[1, 2, 5]);
        assert_eq!(visible.selected(), Some(5));
        visible.set(9, true);
        assert_eq!(visible.selected(), Some(9));
        visible.move_by(-1);
        visible.set(12, true);
        assert_eq!(visible.selected(), Some(5));
        visible.follow = true;
        assert_eq!(visible.selected(), Some(12));
    }

    #[test]
    fn the_cursor_stays_near_where_entries_vanish() {
        let mut visible = shown(&[1, 2, 5, 9]);
        visible.select(1);
        visible.set(2, false);
        assert_eq!(visible.selected(), Some(5));
        visible.forget_before(9);
        assert_eq!(visible.selected(), Some(9));
        visible.set(9, false);
        assert_eq!(visible.selected(), None);
    }

    #[test]
    fn an_entry_that_changes_may_come_into_sight_between_others() {
        let mut visible = shown(&[1, 5]);
        visible.set(3, true);
        visible.set(3, true);
        assert_eq!(all(&visible), [1, 3, 5]);
    }

    #[test]
    fn another_order_keeps_the_cursor_on_its_entry_and_is_made_anew_when_something_came() {
        let mut visible = shown(&[1, 2, 5]);
        visible.select(0);
        visible.sort_by(|a, b| b.cmp(&a));
        assert_eq!((all(&visible), visible.selected(), visible.position()), (vec![5, 2, 1], Some(1), Some(2)));
        assert!(!visible.is_to_be_sorted(false));
        visible.set(9, true);
        assert!(visible.is_to_be_sorted(false) && !visible.is_to_be_sorted(true), "a list that grows is not sorted all the time");
        visible.sort_by(|a, b| b.cmp(&a));
        assert_eq!((all(&visible), visible.selected()), (vec![9, 5, 2, 1], Some(1)));
        visible.follow = true;
        assert_eq!(visible.selected(), Some(9), "the newest is followed wherever it stands");
        visible.select(1);
        visible.unsort();
        assert_eq!((all(&visible), visible.selected()), (vec![1, 2, 5, 9], Some(5)));
    }
}
