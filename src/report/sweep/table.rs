//! Rows of cells in columns that are as wide as their widest cell.

use unicode_width::UnicodeWidthStr as _;

/// Between two columns.
const GAP: &str = "  ";

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A table under construction.
#[derive(Debug)]
pub struct Table {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with this header.
    pub fn new(header: impl IntoIterator<Item = (String, Side)>) -> Self {
        let (header, sides) = header.into_iter().unzip();
        Self { sides, rows: vec![header] }
    }

    /// Adds a row; cells are harmless already.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Its lines, each after the indentation, with a line feed.
    pub fn lines(&self, indent: &str) -> String {
        let width =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.sides).map(|((cell, width), side)| {
                let blanks = " ".repeat(width.saturating_sub(cell.width()));
                if *side == Side::Left { format!("{cell}{blanks}") } else { format!("{blanks}{cell}") }
            });
            text.push_str(&format!("{indent}{}", cells.collect::<Vec<_>>().join(GAP)));
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new([("case".into(), Side::Left), ("fuel".into(), Side::Right), (String::new(), Side::Left)]);
        table.row(vec!["天气".into(), "1".into(), "x".into()]);
        table.row(vec!["a".into(), "1,000".into()]);
        assert_eq!(table.lines(" "), " case   fuel\n 天气      1  x\n a     1,000\n");
    }
}
