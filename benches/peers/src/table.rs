//! A table in Markdown.

/// Rows of cells under a header.
pub struct Table(Vec<Vec<String>>);

impl Table {
    pub fn new(header: &[&str]) -> Self {
        let mut table = Self(Vec::new());
        table.row(header);
        table.row(&vec!["---"; header.len()]);
        table
    }

    /// Rows that follow those of another table.
    pub fn headless() -> Self {
        Self(Vec::new())
    }

    pub fn row(&mut self, cells: &[&str]) {
        self.0.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}
