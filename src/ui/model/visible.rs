//! Which entries of a trace are shown, and which of them is selected.

use std::collections::VecDeque;

/// The numbers of the shown entries in order, with a cursor that may follow the newest.
#[derive(Clone, Debug)]
pub struct Visible {
    numbers: VecDeque<u64>,
    selected: Option<u64>,
    /// Whether the cursor stays on the newest entry.
    pub follow: bool,
}

impl Default for Visible {
    fn default() -> Self {
        Self { numbers: VecDeque::new(), selected: None, follow: true }
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
            (Ok(_), true) | (Err(_), false) => {}
        }
    }

    /// Forgets the entries before this one: they were folded away.
    pub fn forget_before(&mut self, first: u64) {
        while self.numbers.front().is_some_and(|number| *number < first) {
            self.numbers.pop_front();
        }
    }

    /// Shows these and no others; the cursor stays as near as it can.
    pub fn replace(&mut self, numbers: impl Iterator<Item = u64>) {
        self.numbers = numbers.collect();
    }

    /// How many are shown.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The number at a position.
    pub fn at(&self, position: usize) -> Option<u64> {
        self.numbers.get(position).copied()
    }

    /// The shown numbers from a position on.
    pub fn from(&self, position: usize) -> impl Iterator<Item = u64> {
        self.numbers.iter().skip(position).copied()
    }

    /// The position of the selected entry: the newest one where the cursor follows; else itself, or what now stands in its place.
    pub fn position(&self) -> Option<usize> {
        let last = self.numbers.len().checked_sub(1)?;
        if self.follow {
            return Some(last);
        }
        let selected = self.selected.unwrap_or_default();
        Some(self.numbers.binary_search(&selected).unwrap_or_else(|at| at.min(last)))
    }

    /// The number of the selected entry.
    pub fn selected(&self) -> Option<u64> {
        self.at(self.position()?)
    }

    /// Selects the entry at a position, or the last one; the cursor follows only when it is put there again.
    pub fn select(&mut self, position: usize) {
        let last = self.numbers.len().saturating_sub(1);
        self.selected = self.at(position.min(last));
        self.follow = false;
    }

    /// Moves the cursor by so many entries; at the end it stays, and follows no sooner than it is told to.
    pub fn move_by(&mut self, by: isize) {
        if let Some(position) = self.position() {
            self.select(position.saturating_add_signed(by));
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
        assert_eq!(visible.from(0).collect::<Vec<_>>(), [1, 3, 5]);
    }
}
