//! Everything from one database into another, empty one, of either kind, in one transaction, read back
//! and compared before it is committed.
//!
//! The tables, their columns, keys and order are asked of an empty database that the migrations have
//! made: a table that a later migration adds is copied without a word here.

use sha2::{Digest as _, Sha256};
use sqlx::{Postgres, QueryBuilder, Row as _, Sqlite};

use super::db::{Row, Tx, args};
use super::postgres::answered;
use super::{Store, StoreError};

/// Rows written by one statement: their values stay below the limits of both databases.
const ROWS_A_STATEMENT: usize = 300;
/// Rows of this table are made by the migrations themselves.
const OF_ITSELF: &str = "instance";

/// A table as it was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    pub name: String,
    pub n_rows: u64,
    /// The sum of the digests of all rows, equal on both sides whatever their order.
    pub checksum: String,
}

struct Table {
    name: String,
    columns: Vec<Column>,
    /// Its primary key, by which it is read in slices.
    key: Vec<usize>,
    /// Tables to which its rows refer.
    parents: Vec<String>,
}

struct Column {
    name: String,
    is_text: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(Option<String>),
    Int(Option<i64>),
}

/// Rows and the sum of their digests.
#[derive(Default, PartialEq, Eq)]
struct Sum {
    n: u64,
    digest: u128,
}

/// Copies all rows of `source` into `target`; `tell` hears of every table when it is done.
///
/// # Errors
/// `NotEmpty` when the target holds anything, `Differs` when it does not read as it was written; then
/// the target is as it was.
pub async fn copy(
    source: &Store,
    target: &Store,
    mut tell: impl FnMut(&CopiedTable),
) -> Result<Vec<CopiedTable>, StoreError> {
    let tables = tables().await?;
    let (mut from, mut into) = (source.db.begin().await?, target.db.begin().await?);
    if source.is_shared() {
        // All tables as they were at one instant. On SQLite nobody else can write meanwhile.
        from.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", args![])
            .await?;
    }
    for table in &tables {
        if table.name != OF_ITSELF && !into.slice(table, None, 1).await?.is_empty() {
            return Err(StoreError::NotEmpty {
                table: table.name.clone(),
            });
        }
    }
    into.execute("DELETE FROM instance", args![]).await?;
    let mut done = Vec::new();
    for table in &tables {
        let written = poured(table, &mut from, &mut into).await?;
        let read = summed(table, &mut into).await?;
        if read != written {
            return Err(StoreError::Differs {
                table: table.name.clone(),
            });
        }
        let copied = CopiedTable {
            name: table.name.clone(),
            n_rows: written.n,
            checksum: format!("{:032x}", written.digest),
        };
        tell(&copied);
        done.push(copied);
    }
    into.commit().await?;
    Ok(done)
}

async fn poured(table: &Table, from: &mut Tx, into: &mut Tx) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    let mut after = None;
    loop {
        let rows = from
            .slice(table, after.as_deref(), ROWS_A_STATEMENT)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(sum);
        };
        after = Some(table.key_of(last));
        for row in &rows {
            sum.add(row);
        }
        into.pour(table, &rows).await?;
    }
}

async fn summed(table: &Table, tx: &mut Tx) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    let mut after = None;
    loop {
        let rows = tx.slice(table, after.as_deref(), ROWS_A_STATEMENT).await?;
        let Some(last) = rows.last() else {
            return Ok(sum);
        };
        after = Some(table.key_of(last));
        for row in &rows {
            sum.add(row);
        }
    }
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut hasher = Sha256::new();
        for value in row {
            match value {
                Value::Text(None) | Value::Int(None) => hasher.update(b"n"),
                Value::Text(Some(text)) => {
                    hasher.update(b"t");
                    hasher.update((text.len() as u64).to_be_bytes());
                    hasher.update(text.as_bytes());
                }
                Value::Int(Some(int)) => {
                    hasher.update(b"i");
                    hasher.update(int.to_be_bytes());
                }
            }
        }
        let half = hasher
            .finalize()
            .iter()
            .take(16)
            .fold(0, |all, byte| all << 8 | u128::from(*byte));
        self.n += 1;
        self.digest = self.digest.wrapping_add(half);
    }
}

impl Table {
    fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key
            .iter()
            .filter_map(|at| row.get(*at).cloned())
            .collect()
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        names.join(", ")
    }

    fn key_names(&self) -> String {
        let names: Vec<&str> = self
            .key
            .iter()
            .map(|at| self.columns[*at].name.as_str())
            .collect();
        names.join(", ")
    }
}

/// `SELECT … WHERE (key) > (…) ORDER BY key LIMIT n`. The names are those of our own migrations.
macro_rules! select {
    ($engine:ty, $table:expr, $after:expr, $limit:expr) => {{
        let (table, limit): (&Table, usize) = ($table, $limit);
        let mut query = QueryBuilder::<$engine>::new("SELECT ");
        query.push(table.names()).push(" FROM ").push(&table.name);
        if let Some(after) = $after {
            query.push(" WHERE (").push(table.key_names()).push(") > (");
            let mut list = query.separated(", ");
            for value in after {
                match value {
                    Value::Text(text) => list.push_bind(text.clone()),
                    Value::Int(int) => list.push_bind(*int),
                };
            }
            query.push(")");
        }
        query.push(" ORDER BY ").push(table.key_names());
        query.push(" LIMIT ").push_bind(limit as i64);
        query
    }};
}

macro_rules! insert {
    ($engine:ty, $table:expr, $rows:expr) => {{
        let table: &Table = $table;
        let mut query = QueryBuilder::<$engine>::new("INSERT INTO ");
        query
            .push(&table.name)
            .push(" (")
            .push(table.names())
            .push(") ");
        query.push_values($rows, |mut list, row: &Vec<Value>| {
            for value in row {
                match value {
                    Value::Text(text) => list.push_bind(text.clone()),
                    Value::Int(int) => list.push_bind(*int),
                };
            }
        });
        query
    }};
}

macro_rules! values {
    ($table:expr, $row:expr) => {{
        let mut values = Vec::with_capacity($table.columns.len());
        for (at, column) in $table.columns.iter().enumerate() {
            values.push(if column.is_text {
                Value::Text($row.try_get(at)?)
            } else {
                Value::Int($row.try_get(at)?)
            });
        }
        values
    }};
}

impl Tx {
    /// The next rows of a table in the order of its key.
    async fn slice(
        &mut self,
        table: &Table,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut slice = Vec::new();
        match self {
            Self::Sqlite(part) => {
                let mut query = select!(Sqlite, table, after, limit);
                let open = &mut **part.transaction().await?;
                for row in query.build().fetch_all(open).await? {
                    slice.push(values!(table, row));
                }
            }
            Self::Postgres(held) => {
                let mut query = select!(Postgres, table, after, limit);
                for row in answered(query.build().fetch_all(held.connection()?)).await? {
                    slice.push(values!(table, row));
                }
            }
        }
        Ok(slice)
    }

    async fn pour(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(part) => {
                let mut query = insert!(Sqlite, table, rows);
                let open = &mut **part.transaction().await?;
                query.build().execute(open).await?;
            }
            Self::Postgres(held) => {
                let mut query = insert!(Postgres, table, rows);
                answered(query.build().execute(held.connection()?)).await?;
            }
        }
        Ok(())
    }
}

/// Our tables, each after those to which it refers.
async fn tables() -> Result<Vec<Table>, StoreError> {
    let empty = Store::open_memory().await?;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '_sqlx_migrations' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut left = Vec::new();
    for row in empty.db.rows(sql, args![]).await? {
        left.push(table(&empty, row.text("name")?).await?);
    }
    empty.close().await;
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let n_before = left.len();
        let (ready, later): (Vec<Table>, Vec<Table>) = left.into_iter().partition(|table| {
            let is_there = |parent: &String| ordered.iter().any(|known| known.name == *parent);
            table.parents.iter().all(is_there)
        });
        ordered.extend(ready);
        left = later;
        if left.len() == n_before {
            return Err(StoreError::unreadable("tables that refer to each other"));
        }
    }
    Ok(ordered)
}

async fn table(empty: &Store, name: String) -> Result<Table, StoreError> {
    let sql = "SELECT name, type, CAST(pk AS BIGINT) AS pk FROM pragma_table_info($1) ORDER BY cid";
    let rows = empty.db.rows(sql, args![&name]).await?;
    let column = |row: &Row| {
        Ok(Column {
            name: row.text("name")?,
            is_text: row.text("type")? == "TEXT",
        })
    };
    let columns = rows.iter().map(column).collect::<Result<_, StoreError>>()?;
    let mut key = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let place = row.int("pk")?;
        if place > 0 {
            key.push((place, at));
        }
    }
    key.sort_unstable();
    let sql = "SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list($1)";
    let parents = empty.db.rows(sql, args![&name]).await?;
    let parents = parents.iter().map(|row| row.text("parent"));
    let parents = parents.filter(|parent| parent.as_ref().ok() != Some(&name));
    Ok(Table {
        parents: parents.collect::<Result<_, _>>()?,
        key: key.into_iter().map(|(_, at)| at).collect(),
        columns,
        name,
    })
}
