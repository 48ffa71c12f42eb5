//! One statement over several rows: to the thread of SQLite's one writer, and to a server, the way costs
//! more than what is done there.
//!
//! Absent: what is written; the module of each table says it.

use std::fmt::Write as _;

use super::StoreError;
use super::db::{Arg, Row, Statement, Tx};

/// How many rows one statement holds, most first. Few texts, so that each stays prepared.
const SIZES: [usize; 6] = [24, 12, 6, 3, 2, 1];

/// The texts of a statement for each number of rows.
pub(super) struct Batch {
    texts: [(usize, String); SIZES.len()],
}

impl Batch {
    /// `row` is written as often as there are rows, between `head` and `tail`, with commas; each `?` in
    /// it is an argument of the row, and `$1` to `$n_fixed` are the same for all.
    pub(super) fn new(head: &str, row: &str, tail: &str, n_fixed: usize) -> Self {
        let text = |n_rows: usize| {
            let mut text = head.to_owned();
            let mut n_args = n_fixed;
            for nth in 0..n_rows {
                text.push_str(if nth == 0 { "" } else { ", " });
                for (at, part) in row.split('?').enumerate() {
                    if at > 0 {
                        n_args += 1;
                        let _ = write!(text, "${n_args}");
                    }
                    text.push_str(part);
                }
            }
            text + tail
        };
        Self {
            texts: SIZES.map(|n_rows| (n_rows, text(n_rows))),
        }
    }

    /// Writes all rows and tells what the statements return.
    pub(super) async fn rows(
        &'static self,
        tx: &mut Tx,
        fixed: &[Arg<'_>],
        rows: &[Vec<Arg<'_>>],
    ) -> Result<Vec<Row>, StoreError> {
        tx.all(&self.statements(fixed, rows)).await
    }

    /// What writes all rows.
    pub(super) fn statements<'a>(
        &'static self,
        fixed: &[Arg<'a>],
        rows: &[Vec<Arg<'a>>],
    ) -> Vec<Statement<'a>> {
        let mut rest = rows;
        let mut statements = Vec::new();
        for (size, text) in &self.texts {
            while let Some((now, later)) = rest.split_at_checked(*size) {
                let args = fixed.iter().chain(now.iter().flatten());
                statements.push(Statement::new(text, args.copied().collect()));
                rest = later;
            }
        }
        statements
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::store::db::args;

    static PAIRS: LazyLock<Batch> = LazyLock::new(|| Batch::new("A ", "($1, ?, ?)", " Z", 1));

    #[track_caller]
    fn check(n_rows: i64, expected: &[(&str, usize)]) {
        let rows: Vec<_> = (0..n_rows).map(|n| args![n, -n].to_vec()).collect();
        let statements = PAIRS.statements(args![7], &rows);
        let told: Vec<_> = statements
            .iter()
            .map(|statement| (statement.sql, statement.args.len()))
            .collect();
        assert_eq!(told, expected, "{n_rows}");
    }

    #[test]
    fn any_number_of_rows_is_written_by_few_statements() {
        check(0, &[]);
        check(1, &[("A ($1, $2, $3) Z", 3)]);
        check(2, &[("A ($1, $2, $3), ($1, $4, $5) Z", 5)]);
        let three = "A ($1, $2, $3), ($1, $4, $5), ($1, $6, $7) Z";
        check(4, &[(three, 7), ("A ($1, $2, $3) Z", 3)]);
        for n_rows in [36, 59, 100] {
            let rows: Vec<_> = (0..n_rows).map(|n| args![n, -n].to_vec()).collect();
            let statements = PAIRS.statements(args![7], &rows);
            let written = statements.iter().flat_map(|statement| &statement.args[1..]);
            let written: Vec<String> = written.map(|arg| format!("{arg:?}")).collect();
            let expected: Vec<String> = rows
                .iter()
                .flatten()
                .map(|arg| format!("{arg:?}"))
                .collect();
            assert_eq!(written, expected);
            assert!(statements.len() <= 8, "{n_rows}");
        }
    }
}
