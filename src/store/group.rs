//! Commits of SQLite that are made together (group commit: Gray and Reuter, *Transaction Processing*,
//! 1993, section 9.4.5). A commit waits for the disk, only one can be under way, and polls end side by
//! side: each with a commit of its own, a disk that needs a millisecond would bear a thousand a second.
//!
//! Whoever waits for the one writer joins the transaction that is open, each part in a savepoint of its
//! own, and one COMMIT makes all of them last. [`Part::commit`] returns when that is done, not before;
//! a part that is dropped takes back what it wrote and nothing of others.
//!
//! Absent: PostgreSQL, which does the same by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Sqlite, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::db::{Statement, bind_sqlite};
use super::{DiskTrouble, StoreError, visit};

/// The one writer of a SQLite file.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pool: SqlitePool,
    group: Arc<Mutex<Group>>,
    /// How often no transaction could be opened.
    n_refused: Arc<AtomicU64>,
}

/// A transaction that parts join while it is open. The lock is fair: who came first goes first.
#[derive(Debug, Default)]
struct Group {
    open: Option<Transaction<'static, Sqlite>>,
    /// The parts that are through and wait for the commit.
    members: Vec<oneshot::Sender<Result<(), StoreError>>>,
    /// Why none could be opened the last time.
    refusal: Option<(DiskTrouble, String)>,
    /// A commit has failed on its connection.
    is_suspect: bool,
}

/// What one caller writes; all of it lasts, or nothing.
#[derive(Debug)]
pub(super) struct Part {
    /// Taken by the end of the part.
    group: Option<OwnedMutexGuard<Group>>,
    begun: Begun,
}

/// What has to be taken back of a part that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    /// It opened the transaction and needs no savepoint: nobody's work lies before its own.
    Transaction,
    /// None of its statements was run yet.
    Nothing,
    Savepoint,
    /// Its first visit failed, and nobody knows whether its savepoint was made: what is named like it may be
    /// that of another part.
    Unknown,
}

const SAVEPOINT: &str = "SAVEPOINT part";

impl Writer {
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self {
            pool,
            group: Arc::default(),
            n_refused: Arc::default(),
        }
    }

    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub(super) async fn begin(&self) -> Result<Part, StoreError> {
        let n_refused = self.n_refused.load(Ordering::Acquire);
        let mut group = Arc::clone(&self.group).lock_owned().await;
        let is_first = group.open.is_none();
        if is_first {
            // Who stood behind one that was refused would wait as long for the same answer.
            let is_refused = self.n_refused.load(Ordering::Acquire) > n_refused;
            if let Some((trouble, text)) = group.refusal.clone().filter(|_| is_refused) {
                return Err(StoreError::Disk { trouble, text });
            }
            group.open = Some(self.open(&mut group).await?);
        }
        Ok(Part {
            group: Some(group),
            begun: if is_first {
                Begun::Transaction
            } else {
                Begun::Nothing
            },
        })
    }

    async fn open(&self, group: &mut Group) -> Result<Transaction<'static, Sqlite>, StoreError> {
        if group.is_suspect {
            // An error of fsync is told once: what this connection believes of the file, a new one reads
            // anew.
            if let Ok(suspect) = self.pool.acquire().await {
                let _ = suspect.close().await;
            }
            group.is_suspect = false;
        }
        let opened = self.pool.begin_with("BEGIN IMMEDIATE").await;
        let opened = opened.map_err(StoreError::from);
        group.refusal = None;
        if let Err(StoreError::Disk { trouble, text }) = &opened {
            group.refusal = Some((*trouble, text.clone()));
            self.n_refused.fetch_add(1, Ordering::Release);
        }
        opened
    }

    /// Waits for those who write, and lets nobody write any more.
    pub(super) async fn close(&self) {
        self.group.lock().await.end().await;
        self.pool.close().await;
    }
}

impl Part {
    /// The transaction, to run statements on. Only a part that has ended would have none.
    pub(super) async fn transaction(
        &mut self,
    ) -> Result<&mut Transaction<'static, Sqlite>, sqlx::Error> {
        if self.begun == Begun::Nothing {
            self.visit(&[]).await?;
        }
        self.open()
    }

    /// Runs statements in one visit, behind that of its savepoint if it has none yet, and tells the rows that
    /// they return.
    pub(super) async fn visit(
        &mut self,
        statements: &[Statement<'_>],
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let is_new = self.begun == Begun::Nothing;
        let (text, args) = visit::text(is_new.then_some(SAVEPOINT), statements);
        let query = bind_sqlite(text, &args);
        if is_new {
            // It is under way from its first poll, and done before what comes next, though nobody waits for it.
            self.begun = Begun::Savepoint;
        }
        let rows = query.fetch_all(&mut **self.open()?).await;
        if is_new && rows.as_ref().is_err_and(|error| !is_violation(error)) {
            self.begun = Begun::Unknown;
        }
        rows
    }

    fn open(&mut self) -> Result<&mut Transaction<'static, Sqlite>, sqlx::Error> {
        let group = self.group.as_mut();
        group
            .and_then(|group| group.open.as_mut())
            .ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Returns when the disk has it, or tells why nobody knows. Its savepoint stays until then: the next
    /// part begins one inside it, and may take back what came after its own and no more.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let Some(mut guard) = self.group.take() else {
            return Ok(());
        };
        let (done, outcome) = oneshot::channel();
        guard.members.push(done);
        if guard.members.len() == 1 {
            // Behind those who wait already, for all who come before them, and to its end even if nobody waits
            // for it any more.
            let group = Arc::clone(OwnedMutexGuard::mutex(&guard));
            tokio::spawn(async move { group.lock().await.end().await });
        }
        drop(guard);
        let lost = "the transaction was given up before its commit";
        outcome
            .await
            .unwrap_or_else(|_| Err(StoreError::Database(lost.to_owned())))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Some(mut group) = self.group.take() else {
            return;
        };
        let runtime = tokio::runtime::Handle::try_current();
        match runtime {
            _ if self.begun == Begun::Nothing => {}
            Ok(runtime) if self.begun == Begun::Savepoint => {
                runtime.spawn(async move { group.take_back().await });
            }
            // sqlx rolls back a transaction that is dropped, before its connection is used again.
            _ => group.give_up("rolled back"),
        }
    }
}

impl Group {
    /// Commits what is open and tells all who wait for it.
    async fn end(&mut self) {
        let Some(open) = self.open.take() else { return };
        let outcome = open.commit().await;
        self.is_suspect |= outcome.is_err();
        for member in self.members.drain(..) {
            // Who was cancelled does not listen.
            let _ = member.send(outcome.as_ref().copied().map_err(StoreError::of_sqlx));
        }
    }

    /// Takes the last part back and leaves those before it.
    async fn take_back(&mut self) {
        let Some(open) = &mut self.open else { return };
        for statement in ["ROLLBACK TO part", "RELEASE part"] {
            if let Err(error) = run(open, statement).await {
                return self.give_up(&error.to_string());
            }
        }
    }

    fn give_up(&mut self, why: &str) {
        self.open = None;
        for member in self.members.drain(..) {
            let _ = member.send(Err(StoreError::Database(why.to_owned())));
        }
    }
}

/// True of what no savepoint can fail with: a row that may not be as it is.
fn is_violation(error: &sqlx::Error) -> bool {
    let kind = error.as_database_error().map(DatabaseError::kind);
    kind.is_some_and(|kind| !matches!(kind, ErrorKind::Other))
}

async fn run(
    open: &mut Transaction<'static, Sqlite>,
    statement: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(&mut **open).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use sqlx::Row as _;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
    use tokio::task::JoinSet;

    use super::*;

    struct Lab {
        writer: Writer,
        reader: SqlitePool,
        _folder: tempfile::TempDir,
    }

    impl Lab {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let options = SqliteConnectOptions::new()
                .filename(folder.path().join("a.db"))
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal);
            let one = || SqlitePoolOptions::new().max_connections(1);
            let pool = one().connect_with(options.clone()).await.unwrap();
            let made = sqlx::query("CREATE TABLE t (n BIGINT PRIMARY KEY)").execute(&pool);
            made.await.unwrap();
            Self {
                writer: Writer::new(pool),
                reader: one().connect_with(options).await.unwrap(),
                _folder: folder,
            }
        }

        async fn part(&self, n: i64) -> Part {
            let mut part = self.writer.begin().await.unwrap();
            let insert = sqlx::query("INSERT INTO t (n) VALUES ($1)").bind(n);
            let open = &mut **part.transaction().await.unwrap();
            insert.execute(open).await.unwrap();
            part
        }

        /// The numbers that another connection sees.
        async fn committed(&self) -> Vec<i64> {
            let rows = sqlx::query("SELECT n FROM t ORDER BY n");
            let rows = rows.fetch_all(&self.reader).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    }

    #[tokio::test]
    async fn what_is_told_as_committed_is_there() {
        let lab = Arc::new(Lab::new().await);
        let mut parts = JoinSet::new();
        for n in 0..100 {
            let lab = Arc::clone(&lab);
            parts.spawn(async move {
                lab.part(n).await.commit().await.unwrap();
                assert!(lab.committed().await.contains(&n), "{n}");
            });
        }
        parts.join_all().await;
        assert_eq!(lab.committed().await.len(), 100);
    }

    #[tokio::test]
    async fn who_waits_joins_the_transaction_that_is_open() {
        let lab = Lab::new().await;
        let first = lab.part(1).await;
        // The second waits for the first, so that its commit comes before that of the group.
        let second = async {
            let second = lab.part(2).await;
            assert_eq!(second.begun, Begun::Savepoint);
            assert_eq!(lab.committed().await, [0_i64; 0]);
            second.commit().await.unwrap();
        };
        let commit = async {
            tokio::task::yield_now().await;
            first.commit().await.unwrap();
            assert_eq!(lab.committed().await, [1, 2]);
        };
        tokio::join!(second, commit);
        assert_eq!(lab.part(3).await.begun, Begun::Transaction);
    }

    #[tokio::test]
    async fn a_part_that_is_dropped_takes_back_its_own_alone() {
        let lab = Arc::new(Lab::new().await);
        let mut parts = JoinSet::new();
        for n in 0..30 {
            let lab = Arc::clone(&lab);
            parts.spawn(async move {
                let part = lab.part(n).await;
                if n % 3 == 1 {
                    drop(part);
                } else {
                    part.commit().await.unwrap();
                }
            });
        }
        parts.join_all().await;
        drop(lab.part(100).await);
        lab.part(101).await.commit().await.unwrap();
        let expected: Vec<i64> = (0..30).filter(|n| n % 3 != 1).chain([101]).collect();
        assert_eq!(lab.committed().await, expected);
    }

    /// What is there after a part has written 1 and `failing` has failed in the first visit of another.
    async fn left_beside(failing: &'static str) -> (Vec<i64>, bool) {
        let lab = Lab::new().await;
        let first = lab.part(1).await;
        let second = async {
            let mut second = lab.writer.begin().await.unwrap();
            let insert = Statement::new("INSERT INTO t (n) VALUES (2)", Vec::new());
            let visit = [insert, Statement::new(failing, Vec::new())];
            second.visit(&visit).await.unwrap_err();
        };
        let (first, ()) = tokio::join!(first.commit(), second);
        (lab.committed().await, first.is_ok())
    }

    #[tokio::test]
    async fn a_first_visit_that_fails_takes_back_its_own_alone() {
        let left = left_beside("INSERT INTO t (n) VALUES (1)").await;
        assert_eq!(left, (vec![1], true));
    }

    #[tokio::test]
    async fn where_nobody_knows_whether_a_savepoint_is_there_all_is_taken_back() {
        let left = left_beside("INSERT INTO nowhere VALUES (1)").await;
        assert_eq!(left, (vec![], false));
    }

    #[tokio::test]
    async fn nobody_waits_for_one_who_went_away() {
        let lab = Lab::new().await;
        // Its part is through and its future gone; the commit comes all the same.
        let mut commit = Box::pin(lab.part(1).await.commit());
        let once = poll_fn(|context| Poll::Ready(commit.as_mut().poll(context)));
        assert!(once.await.is_pending());
        drop(commit);
        lab.part(2).await.commit().await.unwrap();
        assert_eq!(lab.committed().await, [1, 2]);
        lab.writer.close().await;
        assert!(lab.writer.begin().await.is_err());
    }
}
