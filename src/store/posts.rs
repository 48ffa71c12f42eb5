//! Posts and the keys by which they are known again.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::batch::Batch;
use super::db::{Arg, Row, Statement, Tx};
use super::hosts::know_host;
use super::{
    Admission, NewCase, NewPage, NewPost, Store, StoreError, StoredPost, alerts, args, incidents,
    looks, restore, sightings,
};
use crate::model::{
    CaseId, Circumstances, How, Lang, Level, Millionths, Post, PostId, PostKey, SourceId,
    Timestamp, Verdict,
};

/// Keys looked up by one statement; the SQL below has as many places. Most documents need no second one.
const KEYS_A_STATEMENT: usize = 40;
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
                    "SELECT kind, hash, post_id FROM seen_keys WHERE source_id = $1 \
                     AND kind IN ('guid', 'link', 'text') AND hash IN (\
                     $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                     $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, \
                     $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)",
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

    /// What was said in a case, the oldest first.
    pub async fn posts_of_case(
        &self,
        case: &CaseId,
        limit: u32,
    ) -> Result<Vec<StoredPost>, StoreError> {
        let sql = "SELECT * FROM posts WHERE case_id = $1 ORDER BY seen_at, id LIMIT $2";
        let rows = self.db.rows(sql, args![&case.0, i64::from(limit)]).await?;
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

/// What became of posts that were to be stored.
#[derive(Default)]
pub(super) struct Stored {
    /// The lease was still ours, where a statement has ended one.
    pub(super) has_ended: bool,
    /// Those that were not there before.
    pub(super) ids: HashSet<String>,
}

/// Runs `first`, stores posts that are no updates, and remembers the keys of all, in one visit. `tx` is begun when all
/// of it is ready to be said: others wait for the writer.
pub(super) async fn store(
    tx: impl Future<Output = Result<Tx, StoreError>>,
    first: Vec<Statement<'_>>,
    (source, posts): (&SourceId, &[NewPost]),
    now: Timestamp,
) -> Result<(Tx, Stored), StoreError> {
    let fresh = posts.iter().filter(|new| !new.update).map(Columns::of);
    let fresh: Vec<Columns<'_>> = fresh.collect::<Result<_, _>>()?;
    let mut statements = first;
    statements.extend(storing(source, &fresh, now));
    statements.extend(remembering(source, posts, now));
    let mut tx = tx.await?;
    let mut stored = Stored::default();
    for row in tx.all(&statements).await? {
        match row.text("what")?.as_str() {
            "ended" => stored.has_ended = true,
            _ => drop(stored.ids.insert(row.text("id")?)),
        }
    }
    Ok((tx, stored))
}

/// Follows up what a job brought, `stored` of which was not there before. A story that another source (or
/// an earlier try of the same job) brought already is not told again.
pub(super) async fn admit(
    tx: &mut Tx,
    source: &SourceId,
    (admission, stored): (&Admission, &HashSet<String>),
    now: Timestamp,
) -> Result<(), StoreError> {
    for new in &admission.posts {
        let is_told = if new.update {
            update_post(tx, new).await?
        } else {
            stored.contains(&new.id.0)
        };
        if let Some(page) = new.page.as_ref().filter(|_| is_told && !new.update) {
            await_page(tx, source, (&new.id, page), now).await?;
        }
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
    restore::hold_known(tx, admission, now).await
}

static KEYS: LazyLock<Batch> = LazyLock::new(|| {
    let head = "INSERT INTO seen_keys (source_id, seen_at, post_id, kind, hash) VALUES ";
    let tail = " ON CONFLICT (source_id, kind, hash) DO NOTHING";
    Batch::new(head, "($1, $2, ?, ?, ?)", tail, 2)
});

fn remembering<'a>(
    source: &'a SourceId,
    news: &'a [NewPost],
    now: Timestamp,
) -> Vec<Statement<'a>> {
    let mut rows = Vec::new();
    for new in news {
        let keys = new.keys.iter();
        rows.extend(keys.map(|key| args![&new.id.0, key.kind, &key.hash].to_vec()));
    }
    KEYS.statements(args![&source.0, now], &rows)
}

static POSTS: LazyLock<Batch> = LazyLock::new(|| {
    let head = "INSERT INTO posts (source_id, seen_at, id, title, text, author, url, lang, rating, \
                published_at, reply_to, how, backlog, level, risk, verdict, circumstances) VALUES ";
    let row = "($1, $2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let tail = " ON CONFLICT (id) DO NOTHING RETURNING 'stored' AS what, id";
    Batch::new(head, row, tail, 2)
});

/// A post, with what of it has no form in which it could be bound as it is.
struct Columns<'a> {
    new: &'a NewPost,
    title: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
    author: Option<Cow<'a, str>>,
    url: Option<Cow<'a, str>>,
    reply_to: Option<Cow<'a, str>>,
    verdict: VerdictColumns,
    known: Option<String>,
}

fn storing<'a>(
    source: &'a SourceId,
    posts: &'a [Columns<'a>],
    now: Timestamp,
) -> Vec<Statement<'a>> {
    let rows: Vec<_> = posts.iter().map(Columns::args).collect();
    POSTS.statements(args![&source.0, now], &rows)
}

impl<'a> Columns<'a> {
    fn of(new: &'a NewPost) -> Result<Self, StoreError> {
        let post = &new.post;
        Ok(Self {
            new,
            title: post.title.as_deref().map(storable),
            text: storable(&post.text),
            author: post.author.as_deref().map(storable),
            url: post.url.as_deref().map(storable),
            reply_to: post.reply_to.as_deref().map(storable),
            verdict: verdict_columns(new.verdict.as_ref())?,
            known: circumstances_column(new)?,
        })
    }

    fn args(&'a self) -> Vec<Arg<'a>> {
        let (level, risk, verdict) = &self.verdict;
        let (new, post) = (self.new, &self.new.post);
        args![
            &new.id.0,
            self.title.as_deref(),
            &*self.text,
            self.author.as_deref(),
            self.url.as_deref(),
            post.lang.map(Lang::code),
            post.rating.map(|rating| Millionths::from_f64(rating).0),
            post.published,
            self.reply_to.as_deref(),
            post.how.code(),
            i64::from(new.backlog),
            *level,
            *risk,
            verdict,
            &self.known,
        ]
        .to_vec()
    }
}

/// The linked page of a new post is read in its turn.
async fn await_page(
    tx: &mut Tx,
    source: &SourceId,
    (post, page): (&PostId, &NewPage),
    now: Timestamp,
) -> Result<(), StoreError> {
    know_host(tx, &page.host).await?;
    let sql = "INSERT INTO pages (post_id, source_id, url, host, next_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (post_id) DO NOTHING";
    let args = args![&post.0, &source.0, &page.url, &page.host, now];
    tx.execute(sql, args).await.map(drop)
}

async fn update_post(tx: &mut Tx, new: &NewPost) -> Result<bool, StoreError> {
    let columns = Columns::of(new)?;
    let (level, risk, verdict) = &columns.verdict;
    let updated = tx
        .execute(
            "UPDATE posts SET title = $2, text = $3, how = $4, level = $5, risk = $6, \
             verdict = $7, author = COALESCE(author, $8), \
             circumstances = COALESCE($9, circumstances) WHERE id = $1",
            args![
                &new.id.0,
                columns.title.as_deref(),
                &*columns.text,
                new.post.how.code(),
                *level,
                *risk,
                verdict,
                columns.author.as_deref(),
                &columns.known,
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
         snoozed_until = NULL, undo = NULL, \
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
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', ""))
    } else {
        Cow::Borrowed(text)
    }
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
