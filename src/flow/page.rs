//! The full text behind a summary: fetched after the feed, scored when it is there.
//!
//! A post whose page cannot be read is scored by its summary: later, but never lost.

use std::sync::Arc;

use super::poll::Rest;
use super::{Engine, intake, settling};
use crate::extract::Article;
use crate::model::{How, Post, Timestamp};
use crate::settings::SourceSettings;
use crate::store::{Admission, ClaimedPage, HostRest, NewPost, Store, StoreError, StoredPost};

const LEASE_SECONDS: i64 = 120;
/// After so many failures the summary has to do.
const FAILURES_MAX: u32 = 3;
/// Between two tries of a page.
const RETRY_MINUTES: i64 = 5;

/// One leased page.
#[derive(Clone, Debug)]
pub struct Job {
    pub source: SourceSettings,
    pub claim: ClaimedPage,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    /// Every host that was asked.
    pub rests: Vec<Rest>,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    Read(Article),
    /// It may work later; `retry_after_ms` as the host asked.
    Failed {
        retry_after_ms: Option<i64>,
    },
    /// It will not: robots.txt, not found, no text.
    Hopeless,
    /// It could not be asked: a host has no time for us before `until`.
    PutOff {
        until: Timestamp,
    },
}

pub async fn begin(
    store: &Store,
    engine: &Engine,
    worker: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let until = now.plus_seconds(LEASE_SECONDS);
    let claims = store.claim_pages(worker, now, until, limit).await?;
    let mut jobs = Vec::new();
    for claim in claims {
        let sources = &engine.settings.sources;
        let Some(source) = sources.iter().find(|source| source.id == claim.source_id) else {
            // Its source was taken out of the configuration: the post stays as it is.
            let nothing = Admission::default();
            let free = [HostRest {
                host: claim.host.clone(),
                next_at: now,
            }];
            store.settle_page(&claim, &free, &nothing, now).await?;
            continue;
        };
        jobs.push(Job {
            source: source.clone(),
            claim,
        });
    }
    Ok(jobs)
}

/// Scores the post with its full text, or with its summary when the page is hopeless.
pub async fn finish(
    store: &Store,
    engine: &Arc<Engine>,
    job: &Job,
    answer: Answer,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let pace_ms = engine.settings.fetch.pace_ms;
    let hosts = settling::rests(&job.claim.host, &answer.rests, pace_ms, now);
    let stored = store.post(&job.claim.post_id).await?;
    let article = match answer.outcome {
        Outcome::Read(article) => Some(article),
        Outcome::Hopeless => None,
        Outcome::PutOff { until } => {
            let put_off = store.postpone_page(&job.claim, false, until, &hosts, now);
            return put_off.await;
        }
        Outcome::Failed { .. } if job.claim.n_failures + 1 >= FAILURES_MAX => None,
        // A summary that complains by itself does not wait for a page that may never come.
        Outcome::Failed { .. }
            if intake::is_complaint(stored.as_ref().and_then(|s| s.verdict.as_ref())) =>
        {
            None
        }
        Outcome::Failed { retry_after_ms } => {
            let rest_ms = retry_after_ms.unwrap_or(0).clamp(0, 24 * 3_600_000);
            let next_at = now.plus_minutes(RETRY_MINUTES).max(now.plus_ms(rest_ms));
            let postponed = store.postpone_page(&job.claim, true, next_at, &hosts, now);
            return postponed.await;
        }
    };
    let mut admission = Admission::default();
    if let Some(stored) = stored.filter(|stored| stored.case_id.is_none()) {
        admission
            .posts
            .push(completed(store, engine, job, stored, article, now).await?);
    }
    store.settle_page(&job.claim, &hosts, &admission, now).await
}

/// The post with its full text and the verdict on that, and its case if it is a complaint.
async fn completed(
    store: &Store,
    engine: &Arc<Engine>,
    job: &Job,
    stored: StoredPost,
    article: Option<Article>,
    now: Timestamp,
) -> Result<NewPost, StoreError> {
    let post = merged(stored.post, article);
    let (shared, source, owned) = (Arc::clone(engine), job.source.clone(), post.clone());
    let scoring =
        tokio::task::spawn_blocking(move || intake::verdict(&shared, &source, &owned, now));
    let verdict = scoring.await.ok().or(stored.verdict);
    let mut new = NewPost {
        id: stored.id,
        post,
        keys: Vec::new(),
        update: true,
        backlog: false,
        verdict,
        page: None,
        case: None,
        also: Vec::new(),
    };
    if intake::is_complaint(new.verdict.as_ref()) {
        new.case = intake::open_case(store, engine, &job.source, &new, now).await?;
    }
    Ok(new)
}

/// The longer text wins: a page that yields less than its summary was read wrong.
fn merged(mut post: Post, article: Option<Article>) -> Post {
    if let Some(article) = article
        && article.text.chars().count() > post.text.chars().count()
    {
        post.text = article.text;
        post.how = How::Article;
        post.title = post
            .title
            .or(Some(article.title).filter(|title| !title.is_empty()));
    }
    post
}
