//! The full text behind a summary: fetched after the feed, scored when it is there.
//!
//! A post whose page cannot be read is scored by its summary: later, but never lost.

use std::sync::Arc;

use super::{Engine, intake};
use crate::extract::Article;
use crate::model::{How, Level, Post, Timestamp};
use crate::settings::SourceSettings;
use crate::store::{Admission, ClaimedPage, HostRobots, NewPost, Store, StoreError};

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
    pub robots: Option<HostRobots>,
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
        match engine
            .settings
            .sources
            .iter()
            .find(|source| source.id == claim.source_id)
        {
            Some(source) => jobs.push(Job {
                source: source.clone(),
                claim,
            }),
            // Its source was taken out of the configuration: the post stays as it is.
            None => {
                let nothing = Admission::default();
                store.settle_page(&claim, now, None, &nothing, now).await?;
            }
        }
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
    let robots = answer.robots.as_ref();
    let article = match answer.outcome {
        Outcome::Read(article) => Some(article),
        Outcome::Hopeless => None,
        Outcome::Failed { .. } if job.claim.n_failures + 1 >= FAILURES_MAX => None,
        Outcome::Failed { retry_after_ms } => {
            let rest_ms = retry_after_ms.unwrap_or(0).clamp(0, 24 * 3_600_000);
            let next_at = now.plus_minutes(RETRY_MINUTES).max(now.plus_ms(rest_ms));
            let host_next_at = now.plus_ms(pace_ms.max(rest_ms));
            return store
                .postpone_page(&job.claim, next_at, host_next_at, robots, now)
                .await;
        }
    };
    let mut admission = Admission::default();
    if let Some(stored) = store.post(&job.claim.post_id).await?
        && stored.verdict.is_none()
    {
        let post = merged(stored.post, article);
        let verdict = intake::verdict(engine, &job.source, &post, now);
        let is_complaint = verdict
            .as_ref()
            .is_some_and(|verdict| verdict.level >= Level::Complaint);
        let mut new = NewPost {
            id: stored.id,
            post,
            keys: Vec::new(),
            update: true,
            backlog: false,
            verdict,
            page: None,
            case: None,
        };
        if is_complaint {
            new.case = intake::open_case(store, engine, &job.source, &new, now).await?;
        }
        admission.posts.push(new);
    }
    store
        .settle_page(&job.claim, now.plus_ms(pace_ms), robots, &admission, now)
        .await
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
