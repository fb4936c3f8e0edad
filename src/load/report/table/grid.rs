//! Rows in columns.

use super::cut;

/// Cells in rows. The first column is flush left, the others are flush right.
#[derive(Default)]
pub(super) struct Grid {
    rows: Vec<Vec<String>>,
}

/// Between columns.
const GAP: usize = 3;
/// A first column that is wider is cut.
const FIRST_MOST: usize = 26;

impl Grid {
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The rows, at most `width` wide.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths();
        self.rows.iter().map(|row| cut(line(row, &widths).trim_end(), width)).collect()
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |row: &Vec<String>, column: usize| row.get(column).map_or(0, |c| c.chars().count());
        let widest = |column| self.rows.iter().map(|row| width(row, column)).max().unwrap_or(0);
        let most = |column| if column == 0 { FIRST_MOST } else { usize::MAX };
        (0..columns).map(|column| widest(column).min(most(column))).collect()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let cell = cut(cell, (*width).max(1));
        match column {
            0 => line.push_str(&format!("{cell:<width$}")),
            _ => line.push_str(&format!("{:GAP$}{cell:>width$}", "")),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut grid = Grid::default();
        grid.row(["match", "1,234", "µs"].map(String::from));
        grid.row(["a", "5"].map(String::from));
        assert_eq!(grid.lines(80), ["match   1,234   µs", "a           5"]);
        assert_eq!(grid.lines(10), ["match   1…", "a        …"]);
    }
}
