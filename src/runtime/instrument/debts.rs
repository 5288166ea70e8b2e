//! What is owed at the points of a function, as far as it must be the same, or so much more, at one as at another.
//!
//! A union-find forest in which each point knows by how much more is owed there than at its parent.

/// A point in a function's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point(u32);

/// Where nothing is owed.
pub(super) const PAID_UP: Point = Point(0);

/// The points of one function.
#[derive(Debug, Default)]
pub(super) struct Debts {
    /// Each point's parent, and how much more is owed at the point than there.
    links: Vec<(u32, i64)>,
}

impl Debts {
    /// Forgets all points but [`PAID_UP`].
    pub(super) fn clear(&mut self) {
        self.links.clear();
        self.links.push((0, 0));
    }

    /// A point of which nothing is known.
    pub(super) fn point(&mut self) -> Point {
        let point = u32::try_from(self.links.len()).unwrap_or(u32::MAX);
        self.links.push((point, 0));
        Point(point)
    }

    /// The same is owed at both points.
    pub(super) fn same(&mut self, one: Point, other: Point) {
        self.relate(one, other, 0);
    }

    /// Has it that at `to` so much more is owed than at `from`, where that is not decided yet.
    pub(super) fn relate(&mut self, from: Point, to: Point, more: i64) -> bool {
        let ((from_root, from_owes), (to_root, to_owes)) = (self.root(from), self.root(to));
        if from_root == to_root {
            return false;
        }
        // The root of the points that are paid up stays one.
        let more = from_owes.saturating_add(more).saturating_sub(to_owes);
        let (root, link) =
            if to_root == 0 { (from_root, (to_root, more.saturating_neg())) } else { (to_root, (from_root, more)) };
        self.set(root, link);
        true
    }

    /// How much is owed; for points that nothing ties to [`PAID_UP`], compared with one of them.
    pub(super) fn owed(&mut self, point: Point) -> i64 {
        self.root(point).1
    }

    fn root(&mut self, Point(mut point): Point) -> (u32, i64) {
        let mut owes = 0_i64;
        loop {
            let (parent, more) = self.link(point);
            let (grandparent, parent_more) = self.link(parent);
            if parent == grandparent {
                return (parent, owes.saturating_add(more));
            }
            self.set(point, (grandparent, more.saturating_add(parent_more)));
            owes = owes.saturating_add(more).saturating_add(parent_more);
            point = grandparent;
        }
    }

    fn link(&self, point: u32) -> (u32, i64) {
        self.links.get(super::instruction::index(point)).copied().unwrap_or_default()
    }

    fn set(&mut self, point: u32, link: (u32, i64)) {
        if let Some(slot) = self.links.get_mut(super::instruction::index(point)) {
            *slot = link;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_follows_from_what_is_known_and_is_not_decided_twice() {
        let mut debts = Debts::default();
        debts.clear();
        let [a, b, c, d] = std::array::from_fn(|_| debts.point());
        assert!(debts.relate(a, b, 5));
        assert!(debts.relate(c, d, 7));
        debts.same(b, c);
        assert!(debts.relate(PAID_UP, d, 2));
        assert!(!debts.relate(a, d, 100));
        assert_eq!([PAID_UP, d, c, b, a].map(|point| debts.owed(point)), [0, 2, -5, -5, -10]);
    }
}
