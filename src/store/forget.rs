//! A person who asks to be forgotten: his posts, his cases and all letters that quote him.

use std::collections::HashSet;

use super::db::{Tx, args};
use super::{Store, StoreError, retention};
use crate::model::{CaseId, Post, PostId, PostKey, SourceId, Timestamp};

/// Posts looked at by one statement.
const LOOKED_AT: i64 = 1_000;

/// What a stored post tells of who wrote it.
#[derive(Clone, Debug)]
pub struct Trace {
    pub id: PostId,
    pub source_id: SourceId,
    /// Title, text, author and address; the rest is empty.
    pub post: Post,
    pub case_id: Option<CaseId>,
}

/// What was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub n_posts: u64,
    pub n_cases: u64,
    /// Letters about him alone, taken out.
    pub n_letters: u64,
    /// Letters about several customers whose words were taken out.
    pub n_emptied: u64,
    /// Mails that a server had taken before: they lie in mailboxes.
    pub n_sent: u64,
}

/// The words that a letter of several customers has from then on, when it has not left yet.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    pub subject: &'a str,
    pub text: &'a str,
    pub html: &'a str,
}

impl Store {
    /// The next posts after `after`, in the order of their ids; all posts are read so.
    pub async fn traces(&self, after: &str) -> Result<Vec<Trace>, StoreError> {
        let sql = "SELECT id, source_id, title, text, author, url, case_id FROM posts \
                   WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = self.db.rows(sql, args![after, LOOKED_AT]).await?;
        let trace = |row: &super::db::Row| {
            Ok(Trace {
                id: PostId(row.text("id")?),
                source_id: SourceId(row.text("source_id")?),
                post: Post {
                    title: row.opt_text("title")?,
                    text: row.text("text")?,
                    author: row.opt_text("author")?,
                    url: row.opt_text("url")?,
                    ..Post::default()
                },
                case_id: row.opt_text("case_id")?.map(CaseId),
            })
        };
        rows.iter().map(trace).collect()
    }

    /// Whom no reading may bring back.
    pub async fn suppressed(&self) -> Result<HashSet<String>, StoreError> {
        let rows = self.db.rows("SELECT hash FROM suppressed", args![]).await?;
        rows.iter().map(|row| row.text("hash")).collect()
    }

    /// Takes these posts out, with what belongs to them, and keeps these keys. One transaction.
    pub async fn forget(
        &self,
        traces: &[Trace],
        keys: &[PostKey],
        notice: Notice<'_>,
        now: Timestamp,
    ) -> Result<Forgotten, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut done = Forgotten::default();
        for key in keys {
            tx.execute(
                "INSERT INTO suppressed (kind, hash, at) VALUES ($1, $2, $3) \
                 ON CONFLICT (kind, hash) DO NOTHING",
                args![key.kind, &key.hash, now],
            )
            .await?;
        }
        for trace in traces {
            forget_post(&mut tx, trace, notice, &mut done).await?;
        }
        tx.commit().await?;
        Ok(done)
    }
}

async fn forget_post(
    tx: &mut Tx,
    trace: &Trace,
    notice: Notice<'_>,
    done: &mut Forgotten,
) -> Result<(), StoreError> {
    let id = &trace.id.0;
    let sql = "SELECT id FROM cases WHERE post_id = $1";
    for row in tx.rows(sql, args![id]).await? {
        let case = row.text("id")?;
        quotes(tx, &case, &case, notice, done).await?;
        let sent = "SELECT o.id FROM outbox o JOIN alerts a ON a.id = o.alert_id \
                    WHERE a.case_id = $1 AND o.state = 'sent'";
        done.n_sent += tx.rows(sent, args![&case]).await?.len() as u64;
        let letters = tx
            .rows("SELECT id FROM alerts WHERE case_id = $1", args![&case])
            .await?;
        done.n_letters += letters.len() as u64;
        // What others said in his case is theirs.
        tx.execute(
            "UPDATE posts SET case_id = NULL WHERE case_id = $1 AND id <> $2",
            args![&case, id],
        )
        .await?;
        retention::drop_case(tx, &case).await?;
        done.n_cases += 1;
    }
    if let Some(url) = &trace.post.url {
        let own = trace.case_id.as_ref().map_or("", |case| case.0.as_str());
        quotes(tx, url, own, notice, done).await?;
    }
    for sql in [
        "DELETE FROM judgements WHERE post_id = $1",
        "DELETE FROM sightings WHERE post_id = $1",
        "DELETE FROM pages WHERE post_id = $1",
        "DELETE FROM seen_keys WHERE post_id = $1",
    ] {
        tx.execute(sql, args![id]).await?;
    }
    // Gone with its case already, if it had one of its own.
    tx.execute("DELETE FROM posts WHERE id = $1", args![id])
        .await?;
    done.n_posts += 1;
    Ok(())
}

/// Takes the words out of the letters in which `needle` stands, but for those of his own case. What a
/// server has seen keeps its row, as sent or given up; what has not left says in the notice's words that
/// there is something to look at.
async fn quotes(
    tx: &mut Tx,
    needle: &str,
    own_case: &str,
    notice: Notice<'_>,
    done: &mut Forgotten,
) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "SELECT id FROM alerts WHERE text <> '' AND COALESCE(case_id, '') <> $2 \
             AND (REPLACE(text, $1, '') <> text OR REPLACE(html, $1, '') <> html)",
            args![needle, own_case],
        )
        .await?;
    for row in &rows {
        let alert = row.text("id")?;
        let sent = "SELECT id FROM outbox WHERE alert_id = $1 AND state = 'sent'";
        done.n_sent += tx.rows(sent, args![&alert]).await?.len() as u64;
        tx.execute(
            "UPDATE outbox SET state = 'dead', cause = 'cancelled', last_error = 'forgotten' \
             WHERE alert_id = $1 AND doubts > 0 AND state <> 'sent'",
            args![&alert],
        )
        .await?;
        tx.execute(
            "UPDATE outbox SET mime = NULL WHERE alert_id = $1",
            args![&alert],
        )
        .await?;
        tx.execute(
            "UPDATE alerts SET subject = $2, text = $3, html = $4 WHERE id = $1",
            args![&alert, notice.subject, notice.text, notice.html],
        )
        .await?;
        done.n_emptied += 1;
    }
    Ok(())
}
