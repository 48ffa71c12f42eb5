//! Statements that SQLite's one writer does in one visit. A visit is a message to its thread and one back,
//! and two threads that have to be woken: more than most statements take.
//!
//! sqlx prepares each statement of a text that has several, and keeps them; PostgreSQL cannot.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use super::db::{Arg, Statement};

/// Arguments of a visit, at most: larger texts are many, and none would stay prepared for its next use.
const ARGS_MAX: usize = 160;

/// The statements in their order, those of each visit together.
pub(super) fn visits<'a, 's>(
    statements: &'s [Statement<'a>],
) -> impl Iterator<Item = &'s [Statement<'a>]> {
    let mut rest = statements;
    std::iter::from_fn(move || {
        let mut n_args = 0;
        let fits = |statement: &&Statement<'_>| {
            n_args += statement.args.len();
            n_args <= ARGS_MAX
        };
        let n_fit = rest.iter().take_while(fits).count().max(1);
        let (now, later) = rest.split_at_checked(n_fit)?;
        rest = later;
        Some(now)
    })
}

/// The statements as one text, behind one without arguments, and the arguments of all. Their numbers go on from
/// statement to statement.
pub(super) fn text<'a>(
    first: Option<&str>,
    statements: &[Statement<'a>],
) -> (AssertSqlSafe<String>, Vec<Arg<'a>>) {
    let mut text = first.map_or_else(String::new, |first| format!("{first};"));
    let mut args = Vec::new();
    for statement in statements {
        let mut parts = statement.sql.split('$');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let n_digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = part.split_at(n_digits);
            let number: usize = number.parse().unwrap_or_default();
            let _ = write!(text, "${}{after}", number + args.len());
        }
        text.push(';');
        args.extend_from_slice(&statement.args);
    }
    // Made of texts of this program alone; whatever comes from outside is an argument.
    (AssertSqlSafe(text), args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::args;

    fn statement(sql: &'static str, n_args: i64) -> Statement<'static> {
        Statement::new(sql, (0..n_args).map(Arg::from).collect())
    }

    #[track_caller]
    fn check(n_args: &[i64], expected: &[usize]) {
        let statements: Vec<_> = n_args.iter().map(|n| statement("", *n)).collect();
        let sizes: Vec<usize> = visits(&statements).map(<[_]>::len).collect();
        assert_eq!(sizes, expected, "{n_args:?}");
    }

    #[test]
    fn a_visit_is_as_large_as_its_text_may_be() {
        check(&[], &[]);
        check(&[3, 100, 50], &[3]);
        check(&[100, 61, 3], &[1, 2]);
        check(&[400, 1, 400, 400], &[1, 1, 1, 1]);
    }

    #[test]
    fn the_numbers_of_arguments_go_on() {
        let one = Statement::new("UPDATE a SET b = $2 WHERE c = $1", args![1, 2].to_vec());
        let ten = statement("INSERT INTO d VALUES ($1, $10, $1)", 10);
        let (text, args) = text(Some("SAVEPOINT part"), &[one, ten]);
        let expected = "SAVEPOINT part;UPDATE a SET b = $2 WHERE c = $1;\
                        INSERT INTO d VALUES ($3, $12, $3);";
        assert_eq!(text.0, expected);
        assert_eq!(args.len(), 12);
    }
}
