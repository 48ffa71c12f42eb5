//! Posts and the keys by which they are known again.

use std::collections::HashMap;

use super::db::{Row, Tx};
use super::hosts::know_host;
use super::{
    Admission, NewCase, NewPost, Store, StoreError, StoredPost, alerts, args, incidents, looks,
    sightings,
};
use crate::model::{
    CaseId, Circumstances, How, Lang, Level, Millionths, Post, PostId, PostKey, SourceId,
    Timestamp, Verdict,
};

/// Keys looked up by one statement; the SQL below has as many places.
const KEYS_A_STATEMENT: usize = 20;
/// Posts of one author that are looked at: whether he was ever content needs no more.
const POSTS_OF_AUTHOR: i64 = 20;

impl Store {
    /// Which of these keys the source has shown before, and for which post.
    pub async fn known_keys(
        &self,
        source: &SourceId,
        keys: &[PostKey],
    ) -> Result<HashMap<PostKey, PostId>, StoreError> {
        let mut known = HashMap::new();
        let by_hash: HashMap<&str, &PostKey> =
            keys.iter().map(|key| (key.hash.as_str(), key)).collect();
        for chunk in keys.chunks(KEYS_A_STATEMENT) {
            let mut args = vec![super::db::Arg::from(&source.0)];
            args.extend(
                (0..KEYS_A_STATEMENT).map(|at| {
                    super::db::Arg::from(chunk.get(at).map_or("", |key| key.hash.as_str()))
                }),
            );
            let rows = self
                .db
                .rows(
                    "SELECT kind, hash, post_id FROM seen_keys WHERE source_id = $1 AND hash IN \
                     ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                     $18, $19, $20, $21)",
                    &args,
                )
                .await?;
            for row in rows {
                let (kind, hash) = (row.text("kind")?, row.text("hash")?);
                if let Some(key) = by_hash.get(hash.as_str()).filter(|key| key.kind == kind) {
                    known.insert((*key).clone(), PostId(row.text("post_id")?));
                }
            }
        }
        Ok(known)
    }

    pub async fn post(&self, id: &PostId) -> Result<Option<StoredPost>, StoreError> {
        let rows = self
            .db
            .rows("SELECT * FROM posts WHERE id = $1", args![&id.0])
            .await?;
        rows.first().map(stored_post).transpose()
    }

    /// The newest posts that this source brought.
    pub async fn posts_of_source(
        &self,
        source: &SourceId,
        limit: u32,
    ) -> Result<Vec<StoredPost>, StoreError> {
        let sql = "SELECT * FROM posts WHERE source_id = $1 ORDER BY seen_at DESC, id LIMIT $2";
        let rows = self
            .db
            .rows(sql, args![&source.0, i64::from(limit)])
            .await?;
        rows.iter().map(stored_post).collect()
    }

    /// The newest posts that this author brought to this source, but for one, and none of a case.
    pub async fn posts_of_author(
        &self,
        source: &SourceId,
        author: &str,
        but: &PostId,
    ) -> Result<Vec<StoredPost>, StoreError> {
        let sql = "SELECT * FROM posts WHERE source_id = $1 AND author = $2 AND id <> $3 \
                   AND level = 'none' ORDER BY seen_at DESC, id LIMIT $4";
        let rows = self
            .db
            .rows(sql, args![&source.0, author, &but.0, POSTS_OF_AUTHOR])
            .await?;
        rows.iter().map(stored_post).collect()
    }

    /// Posts of one level, newest first.
    pub async fn posts_of_level(
        &self,
        level: Level,
        limit: u32,
    ) -> Result<Vec<StoredPost>, StoreError> {
        let sql = "SELECT * FROM posts WHERE level = $1 ORDER BY seen_at DESC, id LIMIT $2";
        let rows = self
            .db
            .rows(sql, args![level.word(), i64::from(limit)])
            .await?;
        rows.iter().map(stored_post).collect()
    }
}

/// Stores what a job brought and tells how many posts were new. A story that another source (or an
/// earlier try of the same job) brought already is not told again.
pub(super) async fn admit(
    tx: &mut Tx,
    source: &SourceId,
    admission: &Admission,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let mut n_new = 0;
    for new in &admission.posts {
        let is_told = if new.update {
            update_post(tx, new).await?
        } else {
            let inserted = insert_post(tx, source, new, now).await?;
            n_new += i64::from(inserted);
            inserted
        };
        remember_keys(tx, source, new, now).await?;
        match new.case.as_ref().filter(|_| is_told) {
            Some(case) => open_case(tx, new, case, now).await?,
            None if new.update => sightings::note_edit(tx, &new.id, now).await?,
            None if !is_told => sightings::note_elsewhere(tx, source, new, now).await?,
            None => {}
        }
    }
    for absence in &admission.absences {
        sightings::note_absence(tx, absence, now).await?;
    }
    for alert in &admission.alerts {
        alerts::insert(tx, alert, now).await?;
    }
    if let Some(gathering) = &admission.gathering {
        incidents::gather(tx, gathering, now).await?;
    }
    Ok(n_new)
}

/// Most posts have three keys: they are kept by one statement.
async fn remember_keys(
    tx: &mut Tx,
    source: &SourceId,
    new: &NewPost,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (sets, rest) = new.keys.as_chunks::<3>();
    for [one, two, three] in sets {
        tx.execute(
            "INSERT INTO seen_keys (source_id, post_id, seen_at, kind, hash) \
             VALUES ($1, $2, $3, $4, $5), ($1, $2, $3, $6, $7), ($1, $2, $3, $8, $9) \
             ON CONFLICT (source_id, kind, hash) DO NOTHING",
            args![
                &source.0,
                &new.id.0,
                now,
                one.kind,
                &one.hash,
                two.kind,
                &two.hash,
                three.kind,
                &three.hash
            ],
        )
        .await?;
    }
    for key in rest {
        tx.execute(
            "INSERT INTO seen_keys (source_id, post_id, seen_at, kind, hash) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source_id, kind, hash) DO NOTHING",
            args![&source.0, &new.id.0, now, key.kind, &key.hash],
        )
        .await?;
    }
    Ok(())
}

async fn insert_post(
    tx: &mut Tx,
    source: &SourceId,
    new: &NewPost,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let post = &new.post;
    let (level, risk, verdict) = verdict_columns(new.verdict.as_ref())?;
    let known = circumstances_column(new)?;
    let inserted = tx
        .execute(
            "INSERT INTO posts (id, source_id, title, text, author, url, lang, rating, \
             published_at, reply_to, how, seen_at, backlog, level, risk, verdict, circumstances) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (id) DO NOTHING",
            args![
                &new.id.0,
                &source.0,
                &storable(post.title.as_deref()),
                &storable(Some(&post.text)),
                &storable(post.author.as_deref()),
                &storable(post.url.as_deref()),
                post.lang.map(Lang::code),
                post.rating.map(|rating| Millionths::from_f64(rating).0),
                post.published,
                &storable(post.reply_to.as_deref()),
                post.how.code(),
                now,
                i64::from(new.backlog),
                level,
                risk,
                &verdict,
                &known,
            ],
        )
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    if let Some(page) = &new.page {
        know_host(tx, &page.host).await?;
        tx.execute(
            "INSERT INTO pages (post_id, source_id, url, host, next_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (post_id) DO NOTHING",
            args![&new.id.0, &source.0, &page.url, &page.host, now],
        )
        .await?;
    }
    Ok(true)
}

async fn update_post(tx: &mut Tx, new: &NewPost) -> Result<bool, StoreError> {
    let (level, risk, verdict) = verdict_columns(new.verdict.as_ref())?;
    let updated = tx
        .execute(
            "UPDATE posts SET title = $2, text = $3, how = $4, level = $5, risk = $6, \
             verdict = $7, author = COALESCE(author, $8), \
             circumstances = COALESCE($9, circumstances) WHERE id = $1",
            args![
                &new.id.0,
                &storable(new.post.title.as_deref()),
                &storable(Some(&new.post.text)),
                new.post.how.code(),
                level,
                risk,
                &verdict,
                &storable(new.post.author.as_deref()),
                &circumstances_column(new)?,
            ],
        )
        .await?;
    Ok(updated == 1)
}

async fn open_case(
    tx: &mut Tx,
    opened_by: &NewPost,
    new: &NewCase,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (case, post) = (&new.case, &opened_by.id);
    let verdict = opened_by.verdict.as_ref();
    let is_urgent = verdict.is_some_and(|verdict| verdict.level == Level::Urgent);
    tx.execute(
        "INSERT INTO cases (id, post_id, watch, author_key, state, opened_at, told_at, answer_by, \
         due, due_at, n_reminders, urgent, escalate_step, escalate_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, answer_by = excluded.answer_by, \
         due = excluded.due, due_at = excluded.due_at, n_reminders = excluded.n_reminders, \
         urgent = CASE WHEN cases.urgent = 1 THEN 1 ELSE excluded.urgent END, \
         escalate_step = excluded.escalate_step, escalate_at = excluded.escalate_at",
        args![
            &new.id.0,
            &post.0,
            &new.watch,
            &new.author_key,
            case.state.word(),
            case.opened_at,
            case.told_at,
            case.answer_by,
            case.due.map(|(due, _)| due.word()),
            case.due.map(|(_, at)| at),
            i64::from(case.n_reminders),
            i64::from(is_urgent),
            case.escalate.map(|next| next.step as i64),
            case.escalate.map(|next| next.at),
        ],
    )
    .await?;
    tx.execute(
        "UPDATE posts SET case_id = $2 WHERE id = $1",
        args![&post.0, &new.id.0],
    )
    .await?;
    if let Some((page, first_at)) = &new.look {
        looks::begin(tx, &new.id, page, *first_at).await?;
    }
    alerts::note_event(tx, &new.id, now, new.event, None).await?;
    for alert in &new.alerts {
        alerts::insert(tx, alert, now).await?;
    }
    Ok(())
}

/// Nothing for nothing known: most posts.
fn circumstances_column(new: &NewPost) -> Result<Option<String>, StoreError> {
    let known = &new.circumstances;
    let is_any = *known != Circumstances::default();
    let json = is_any.then(|| serde_json::to_string(known)).transpose();
    json.map_err(StoreError::unreadable)
}

type VerdictColumns = (Option<&'static str>, Option<i64>, Option<String>);

fn verdict_columns(verdict: Option<&Verdict>) -> Result<VerdictColumns, StoreError> {
    let Some(verdict) = verdict else {
        return Ok((None, None, None));
    };
    let json = serde_json::to_string(verdict).map_err(StoreError::unreadable)?;
    Ok((
        Some(verdict.level.word()),
        Some(i64::from(verdict.risk)),
        Some(json),
    ))
}

/// PostgreSQL refuses NUL in text: one such post would poison its whole batch (reliability M10).
fn storable(text: Option<&str>) -> Option<String> {
    text.map(|text| text.replace('\0', ""))
}

pub(super) fn stored_post(row: &Row) -> Result<StoredPost, StoreError> {
    let verdict = row.opt_text("verdict")?;
    let how = row.text("how")?;
    Ok(StoredPost {
        id: PostId(row.text("id")?),
        source_id: SourceId(row.text("source_id")?),
        post: Post {
            guid: None,
            title: row.opt_text("title")?,
            text: row.text("text")?,
            author: row.opt_text("author")?,
            url: row.opt_text("url")?,
            published: row.opt_at("published_at")?,
            rating: row
                .opt_int("rating")?
                .map(|rating| Millionths(rating).to_f64()),
            lang: row.opt_text("lang")?.as_deref().and_then(Lang::parse),
            reply_to: row.opt_text("reply_to")?,
            how: How::parse(&how).ok_or_else(|| StoreError::unreadable(how))?,
            excerpt: false,
        },
        seen_at: row.at("seen_at")?,
        verdict: verdict
            .map(|json| serde_json::from_str(&json).map_err(StoreError::unreadable))
            .transpose()?,
        circumstances: row
            .opt_text("circumstances")?
            .map(|json| serde_json::from_str(&json).map_err(StoreError::unreadable))
            .transpose()?
            .unwrap_or_default(),
        case_id: row.opt_text("case_id")?.map(CaseId),
    })
}
