//! A read document becomes posts, cases and letters, in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tracing::{Instrument as _, trace_span};

use super::incidents::Gatherer;
use super::known::{self, Age, Sorted};
use super::poll::{Answer, Job, Outcome};
use super::settling::{self, Change};
use super::{Engine, STAGE, forget, gone, health, letters, long_work, look, past, threads};
use crate::extract::{Extracted, hides};
use crate::letter::Elsewhere;
use crate::model::{
    Case, CaseId, Circumstances, Event, Level, Millionths, Post, PostKey, Reason, Rhythm, State,
    Target, Timestamp, Verdict, digest_hex, entry_gap_ms, fingerprint, pace_key, post_keys,
};
use crate::score::Sample;
use crate::settings::{SourceKind, SourceSettings};
use crate::store::{Admission, NewAlert, NewCase, NewPage, NewPost, Settled, Store, StoreError};

/// An author who complains again within this time goes on with his case.
const SAME_CASE_DAYS: i64 = 90;
/// Eight hex digits collide rarely; this many tries do not.
const CASE_ID_TRIES: u32 = 16;

/// What a finished job came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// False when the lease was lost meanwhile: nothing was written.
    pub is_settled: bool,
    pub n_posts: usize,
    pub n_cases: usize,
    /// There is something to send.
    pub has_letters: bool,
    pub is_trouble: bool,
}

/// Absorbs the answer of one source. A failed fetch changes nothing but the next check.
pub async fn finish(
    store: &Store,
    engine: &Arc<Engine>,
    job: &Job,
    answer: Answer,
    now: Timestamp,
) -> Result<Report, StoreError> {
    let pace_ms = engine.settings.fetch.pace_ms.max(job.source.pace_ms);
    let hosts = settling::rests(&job.claim.host, &answer.rests, pace_ms, now);
    let ui = engine.settings.ui;
    // A mailbox is no place where things stay: each mail is seen once.
    let is_a_place = job.source.kind != SourceKind::Mailbox;
    let mut admission = Admission::default();
    let mut settled = match answer.outcome {
        Outcome::PutOff { until } => {
            let next_at = until.max(now.plus_ms(job.source.cadence.floor_ms));
            let trouble = health::put_off(ui, job, until, now);
            let put_off = store.put_off_source(&job.claim, next_at, &hosts, trouble.as_ref(), now);
            return Ok(Report {
                is_settled: put_off.await?,
                ..Report::default()
            });
        }
        Outcome::NotModified { told, is_whole } => {
            admission.absences = gone::still_missing(store, engine, job, now).await?;
            let change = if is_whole {
                Change::SameBytes
            } else {
                Change::NotModified
            };
            settling::success(engine, job, &told, None, change, now)
        }
        Outcome::Read { extracted, .. }
            if extracted.posts.is_empty() && job.claim.has_shown && is_a_place =>
        {
            let trouble = health::nothing_left(ui, job.source.kind);
            settling::failure(job, &trouble, now)
        }
        Outcome::Read {
            extracted,
            body_hash,
            told,
        } => {
            let extracted = forget::without(store, engine, job, extracted).await?;
            let extracted = Arc::new(extracted);
            let sorted = known::sort_out(store, engine, job, &extracted, now)
                .instrument(trace_span!(target: STAGE, "compare"))
                .await?;
            let parsed = health::parsed(store, job, &extracted, &sorted, ui, now).await?;
            if is_a_place {
                admission.absences =
                    gone::absences(store, engine, job, &extracted, &sorted, now).await?;
            }
            let says_no = told.robots_tag.as_deref().is_some_and(hides);
            let is_hidden = extracted.is_hidden.map(|is_hidden| is_hidden || says_no);
            admit(store, engine, job, (sorted, is_hidden), &mut admission, now).await?;
            let change = Change::News(rhythm(&extracted));
            let settled = settling::success(engine, job, &told, Some(body_hash), change, now);
            Settled {
                parsed: Some(parsed),
                ..settled
            }
        }
        Outcome::Trouble(trouble) => settling::failure(job, &trouble, now),
    };
    settled.hosts = hosts;
    let is_settled = settle(store, engine, job, &settled, &mut admission, now).await?;
    Ok(Report {
        is_settled,
        n_posts: admission.posts.len(),
        n_cases: n_cases(&admission),
        has_letters: has_letters(&admission),
        is_trouble: settled.trouble.is_some(),
    })
}

/// Writes all of it, with how its cases stand to those that are stored by then.
async fn settle(
    store: &Store,
    engine: &Arc<Engine>,
    job: &Job,
    settled: &Settled,
    admission: &mut Admission,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut gatherer = Gatherer::of(&admission.posts);
    let _turn = gatherer.turn(store).await;
    loop {
        let (source, posts) = (&job.source, &mut admission.posts);
        admission.gathering = gatherer.gather(store, engine, source, posts, now).await?;
        let stored = store
            .settle_source(&job.claim, settled, admission, now)
            .instrument(trace_span!(target: STAGE, "store"));
        match stored.await {
            Err(StoreError::Raced) => {}
            done => return done,
        }
    }
}

fn n_cases(admission: &Admission) -> usize {
    let posts = admission.posts.iter();
    posts.filter(|post| post.case.is_some()).count()
}

fn has_letters(admission: &Admission) -> bool {
    let has_letter = |post: &NewPost| {
        let of_case = post.case.as_ref().map_or(0, |case| case.alerts.len());
        of_case + post.also.len() > 0
    };
    let of_incidents = admission.gathering.iter().map(|all| all.letters.len());
    !admission.alerts.is_empty()
        || of_incidents.sum::<usize>() > 0
        || admission.posts.iter().any(has_letter)
}

/// What the document says about its own reading, and how often its source has something new.
fn rhythm(extracted: &Extracted) -> Rhythm {
    let published: Vec<Timestamp> = extracted
        .posts
        .iter()
        .filter_map(|post| post.published)
        .collect();
    Rhythm {
        ttl_ms: extracted.ttl_ms,
        skip_hours: extracted.skip_hours,
        skip_days: extracted.skip_days,
        gap_ms: entry_gap_ms(&published),
        newest_at: published.iter().max().copied(),
    }
}

/// What the sorted posts mean for the database. `is_hidden` is what the page that they stand on says to
/// search engines, where it is one.
async fn admit(
    store: &Store,
    engine: &Arc<Engine>,
    job: &Job,
    (sorted, is_hidden): (Sorted, Option<bool>),
    admission: &mut Admission,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut ages = Vec::new();
    let mut news = Vec::new();
    for found in sorted.found {
        let backlog = found.age != Age::News;
        let page = (!found.update && !backlog)
            .then(|| page_of(&job.source, &found.post))
            .flatten();
        ages.push(found.age);
        news.push(NewPost {
            circumstances: past::as_read(&found.post, is_hidden),
            id: found.id,
            post: found.post,
            keys: found.keys,
            update: found.update,
            backlog,
            verdict: None,
            page,
            case: None,
            also: Vec::new(),
        });
    }
    score_all(engine, &job.source, &mut news, now).await;
    let mut backlog = Vec::new();
    for (new, age) in news.iter_mut().zip(ages) {
        if new.page.is_some() || !is_complaint(new.verdict.as_ref()) {
            continue;
        }
        past::weigh(store, engine, &job.source, new, now).await?;
        new.case = open_case(store, engine, &job.source, new, now).await?;
        if new.case.is_none() && !new.update {
            new.also = also_here(store, engine, &job.source, new, now).await?;
        }
        if age == Age::Backlog && new.case.is_some() {
            backlog.push(&*new);
        }
    }
    admission
        .alerts
        .extend(letters::backlog(engine, &job.source, &backlog, now));
    threads::join_in(store, engine, &job.source, &mut news, now).await?;
    admission.posts = news;
    Ok(())
}

pub(super) fn is_complaint(verdict: Option<&Verdict>) -> bool {
    verdict.is_some_and(|verdict| verdict.level >= Level::Complaint)
}

/// True when the source has shown none of these posts before: the next page may hold news too.
pub async fn is_all_new(
    store: &Store,
    job: &Job,
    extracted: &Extracted,
) -> Result<bool, StoreError> {
    let keys: Vec<PostKey> = extracted
        .posts
        .iter()
        .flat_map(post_keys)
        .filter(|key| key.kind == "text")
        .collect();
    Ok(!keys.is_empty() && store.known_keys(&job.claim.id, &keys).await?.is_empty())
}

fn page_of(source: &SourceSettings, post: &Post) -> Option<NewPage> {
    if !source.full_text || !post.excerpt {
        return None;
    }
    let url = url::Url::parse(post.url.as_deref()?).ok()?;
    Some(NewPage {
        host: pace_key(url.host_str()?),
        url: url.to_string(),
    })
}

/// Scores every post, on a thread for long work. What waits for its page gets a verdict on its
/// summary meanwhile, so that no post is ever without one.
async fn score_all(
    engine: &Arc<Engine>,
    source: &SourceSettings,
    news: &mut [NewPost],
    now: Timestamp,
) {
    let posts = news.iter().map(|new| (new.post.clone(), new.circumstances));
    let posts: Vec<(Post, Circumstances)> = posts.collect();
    let (engine, source) = (Arc::clone(engine), source.clone());
    let scoring = long_work::spawn(move || {
        let _stage = trace_span!(target: STAGE, "score").entered();
        posts
            .iter()
            .map(|(post, known)| verdict(&engine, &source, post, *known, now))
            .collect::<Vec<_>>()
    });
    for (new, verdict) in news.iter_mut().zip(scoring.await.unwrap_or_default()) {
        new.verdict = Some(verdict);
    }
}

/// The verdict on a post. One that makes the scorer stumble costs itself alone, and becomes a doubt:
/// a person must look at it.
pub(super) fn verdict(
    engine: &Engine,
    source: &SourceSettings,
    post: &Post,
    known: Circumstances,
    now: Timestamp,
) -> Verdict {
    let sample = Sample {
        title: post.title.as_deref(),
        text: &post.text,
        author: post.author.as_deref(),
        url: post.url.as_deref(),
        lang: post.lang.or(source.lang),
        rating: post.rating,
        published: post.published,
        source: Some(&source.section),
        about: &source.watches,
        reach: source.reach,
        circumstances: known,
    };
    catch_unwind(AssertUnwindSafe(|| engine.scorer.verdict(&sample, now)))
        .unwrap_or_else(|_| unscored(engine))
}

fn unscored(engine: &Engine) -> Verdict {
    let ui = engine.settings.ui;
    let because = ui.pick(
        "no se ha podido puntuar este texto: mírelo usted",
        "this text could not be scored: look at it yourself",
    );
    Verdict {
        lang: None,
        complaint_probability: Millionths(500_000),
        sentiment: Millionths(0),
        target: Target::Unclear,
        level: Level::Doubt,
        risk: 0,
        signals: Vec::new(),
        topics: Vec::new(),
        watches: Vec::new(),
        why: vec![Reason {
            points: 0,
            because: because.to_owned(),
            span: None,
        }],
    }
}

/// The case for a complaint: a new one, or the one that its author has already.
/// `None` when the story is known from elsewhere or was told before.
pub(super) async fn open_case(
    store: &Store,
    engine: &Engine,
    source: &SourceSettings,
    new: &NewPost,
    now: Timestamp,
) -> Result<Option<NewCase>, StoreError> {
    let Some(verdict) = &new.verdict else {
        return Ok(None);
    };
    if let Some(stored) = store.post(&new.id).await?
        && (!new.update || stored.case_id.is_some())
    {
        return Ok(None);
    }
    let watch = verdict.watches.first().cloned().unwrap_or_default();
    let author_key = author_key(&new.post, source);
    if let Some(key) = &author_key
        && !new.backlog
        && let Some(row) = store
            .case_of_author(key, &watch, now.plus_days(-SAME_CASE_DAYS))
            .await?
        && let Ok((case, _)) = row.case.on(
            &Event::CustomerSpoke { unhappy: true },
            now,
            &engine.pace(&watch, row.is_urgent || verdict.level == Level::Urgent),
        )
    {
        let first = store.post(&row.post_id).await?;
        let alerts = letters::spoke_again(engine, source, new, &row, first.as_ref(), now);
        let event = "customer_spoke";
        return Ok(Some(NewCase {
            id: row.id,
            watch,
            author_key,
            case,
            event,
            alerts,
            look: None,
        }));
    }
    let id = free_case_id(store, new).await?;
    let (case, alerts) = if new.backlog {
        (Case::backlog(now), Vec::new())
    } else {
        (
            Case::open(now),
            letters::complaint(engine, &source.name, new, &id, &watch, &[], now),
        )
    };
    Ok(Some(NewCase {
        id,
        watch,
        author_key,
        case,
        event: "opened",
        alerts,
        look: look::of(&new.post).map(|page| (page, now.plus_hours(look::FIRST_HOURS))),
    }))
}

/// The letter about a story that another source brought first, naming this source too. It replaces
/// the first letter if no server has seen that yet: one alert, both places.
async fn also_here(
    store: &Store,
    engine: &Engine,
    source: &SourceSettings,
    new: &NewPost,
    now: Timestamp,
) -> Result<Vec<NewAlert>, StoreError> {
    let Some(stored) = store.post(&new.id).await? else {
        return Ok(Vec::new());
    };
    let Some(case_id) = stored
        .case_id
        .clone()
        .filter(|_| stored.source_id != source.id)
    else {
        return Ok(Vec::new());
    };
    let row = store.case(&case_id).await?;
    let Some(row) = row.filter(|row| row.case.state == State::New && row.post_id == new.id) else {
        return Ok(Vec::new());
    };
    let mut elsewhere: Vec<Elsewhere> = Vec::new();
    for (id, url) in store.seen_elsewhere(&new.id).await? {
        if id != source.id {
            elsewhere.push(Elsewhere {
                source: letters::name_of(engine, &id).to_owned(),
                url,
            });
        }
    }
    elsewhere.push(Elsewhere {
        source: source.name.clone(),
        url: new.post.url.clone(),
    });
    let name = letters::source_name(engine, &stored);
    let first = NewPost {
        post: stored.post,
        verdict: stored.verdict,
        ..new.clone()
    };
    Ok(letters::complaint(
        engine, name, &first, &case_id, &row.watch, &elsewhere, now,
    ))
}

async fn free_case_id(store: &Store, new: &NewPost) -> Result<CaseId, StoreError> {
    let print = fingerprint(&new.post);
    for attempt in 0..CASE_ID_TRIES {
        let id = CaseId::candidate(&print, attempt);
        if store
            .case(&id)
            .await?
            .is_none_or(|row| row.post_id == new.id)
        {
            return Ok(id);
        }
    }
    Err(StoreError::unreadable("no free case id"))
}

/// Who spoke, folded; `None` for names that many people share.
pub(super) fn name_of(post: &Post) -> Option<String> {
    let author = crate::score::text::fold_str(post.author.as_deref()?.trim());
    let is_shared = [
        "anon", "usuari", "user", "guest", "invitad", "client", "utente", "nutzer",
    ]
    .iter()
    .any(|shared| author.starts_with(shared));
    (!author.is_empty() && !is_shared).then_some(author)
}

/// Who spoke where.
pub(super) fn author_key(post: &Post, source: &SourceSettings) -> Option<String> {
    let author = name_of(post)?;
    let host = post
        .url
        .as_deref()
        .and_then(|url| url::Url::parse(url).ok())
        .and_then(|url| url.host_str().map(str::to_owned))
        .or_else(|| source.url.host_str().map(str::to_owned))?;
    Some(digest_hex(&["author", &author, &host]))
}
