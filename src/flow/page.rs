//! The full text behind a summary: fetched after the feed, scored when it is there.
//!
//! A post whose page cannot be read, or says something else, is scored by its summary: later, but
//! never lost. Its verdict then says so, without points.

use std::sync::Arc;

use super::incidents::Gatherer;
use super::poll::Rest;
use super::{Engine, intake, known, long_work, past, settling};
use crate::extract::Article;
use crate::model::{How, Level, Post, Reason, Timestamp, Verdict};
use crate::settings::SourceSettings;
use crate::store::{Admission, ClaimedPage, HostRest, NewPost, Store, StoreError, StoredPost};

const LEASE_SECONDS: i64 = 120;
/// After so many failures the summary has to do.
const FAILURES_MAX: u32 = 3;
/// Between two tries of a page.
const RETRY_MINUTES: i64 = 5;
/// A page that holds this share of its summary's words is the page that the summary is of; what holds
/// less may be a wall of cookies, a login or somebody else's article.
const SAME_STORY_PERCENT: usize = 60;
/// Summaries with fewer different words say nothing about their page.
const TELLING_WORDS: usize = 8;

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
        because: String,
        retry_after_ms: Option<i64>,
    },
    /// It will not: robots.txt, not found, no text. Why, as a sentence in the configured language.
    Hopeless {
        because: String,
    },
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
        let Some(source) = engine.source(&claim.source_id) else {
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
        Outcome::Read(article) => Ok(article),
        Outcome::Hopeless { because } => Err(because),
        Outcome::PutOff { until } => {
            let put_off = store.postpone_page(&job.claim, false, until, &hosts, now);
            return put_off.await;
        }
        Outcome::Failed { because, .. } if job.claim.n_failures + 1 >= FAILURES_MAX => Err(because),
        // A summary that complains by itself does not wait for a page that may never come.
        Outcome::Failed { because, .. }
            if intake::is_complaint(stored.as_ref().and_then(|s| s.verdict.as_ref())) =>
        {
            Err(because)
        }
        Outcome::Failed { retry_after_ms, .. } => {
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
    let mut gatherer = Gatherer::of(&admission.posts);
    let _turn = gatherer.turn(store).await;
    loop {
        let (source, posts) = (&job.source, &mut admission.posts);
        admission.gathering = gatherer.gather(store, engine, source, posts, now).await?;
        match store.settle_page(&job.claim, &hosts, &admission, now).await {
            Err(StoreError::Raced) => {}
            done => return done,
        }
    }
}

/// The post with its full text and the verdict on that, and its case if it is a complaint.
async fn completed(
    store: &Store,
    engine: &Arc<Engine>,
    job: &Job,
    stored: StoredPost,
    article: Result<Article, String>,
    now: Timestamp,
) -> Result<NewPost, StoreError> {
    let is_hidden = article.as_ref().ok().map(|article| article.is_hidden);
    let author = article.as_ref().ok().and_then(|read| read.author.clone());
    let signed = Post {
        author: stored.post.author.clone().or(author),
        ..stored.post.clone()
    };
    let known = past::as_read(&signed, is_hidden);
    let known = past::recall(store, &job.source, &stored.id, &signed, known).await?;
    let (shared, source) = (Arc::clone(engine), job.source.clone());
    let summary = stored.post.clone();
    let scoring = long_work::spawn(move || {
        let verdict = |post: &Post| intake::verdict(&shared, &source, post, known, now);
        told_by(&shared, summary, article, &verdict)
    });
    let (post, verdict) = match scoring.await {
        Ok((post, verdict)) => (post, Some(verdict)),
        Err(_) => (stored.post, stored.verdict),
    };
    let mut new = NewPost {
        id: stored.id,
        post,
        keys: Vec::new(),
        update: true,
        backlog: false,
        verdict,
        circumstances: known,
        page: None,
        case: None,
        also: Vec::new(),
    };
    if intake::is_complaint(new.verdict.as_ref()) {
        new.case = intake::open_case(store, engine, &job.source, &new, now).await?;
    }
    Ok(new)
}

/// The post with the text that is to be believed, and the verdict on it.
fn told_by(
    engine: &Engine,
    summary: Post,
    article: Result<Article, String>,
    verdict: &impl Fn(&Post) -> Verdict,
) -> (Post, Verdict) {
    let ui = engine.settings.ui;
    let because = match article {
        Ok(article) if is_longer(&article, &summary) => {
            let is_same_story = holds(&article, &summary);
            let whole = completed_by(summary.clone(), article);
            let of_whole = verdict(&whole);
            if is_same_story || tells_more(&of_whole, &verdict(&summary)) {
                return (whole, of_whole);
            }
            ui.pick(
                "la página enlazada dice otra cosa",
                "the linked page says something else",
            )
            .to_owned()
        }
        // A page that yields less than its summary was read wrong.
        Ok(_) => ui
            .pick(
                "la página enlazada no tiene más texto",
                "the linked page has no more text",
            )
            .to_owned(),
        // What follows are hints for the operator.
        Err(because) => because.split(';').next().unwrap_or_default().to_owned(),
    };
    let mut of_summary = verdict(&summary);
    let read = ui.pick("solo se ha leído el resumen", "only the summary was read");
    of_summary.why.push(Reason {
        points: 0,
        because: format!("{read}: {because}"),
        span: None,
    });
    (summary, of_summary)
}

fn is_longer(article: &Article, summary: &Post) -> bool {
    article.text.chars().count() > summary.text.chars().count()
}

/// True when the page says most of what its summary says.
fn holds(article: &Article, summary: &Post) -> bool {
    let said = known::words(&summary.text);
    let found = known::words(&article.text);
    let n_common = said.intersection(&found).count();
    said.len() < TELLING_WORDS || n_common * 100 >= said.len() * SAME_STORY_PERCENT
}

/// Of two texts that may both be the post's, the one that complains more must not be lost.
fn tells_more(verdict: &Verdict, other: &Verdict) -> bool {
    let key = |verdict: &Verdict| (verdict.level, verdict.complaint_probability.0);
    verdict.level > Level::None && key(verdict) > key(other)
}

fn completed_by(summary: Post, article: Article) -> Post {
    Post {
        title: summary
            .title
            .or(Some(article.title).filter(|title| !title.is_empty())),
        text: article.text,
        author: summary.author.or(article.author),
        how: How::Article,
        ..summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(summary: &str, page: &str, expected: bool) {
        let article = Article {
            text: page.to_owned(),
            ..Article::default()
        };
        let summary = Post {
            text: summary.to_owned(),
            ..Post::default()
        };
        assert_eq!(holds(&article, &summary), expected, "{summary:?}");
    }

    #[test]
    fn a_page_that_says_something_else_is_known() {
        let summary = "Me han cobrado dos veces la factura de octubre y nadie contesta. Leer más";
        let page = "Hola. Me han cobrado dos veces la factura de octubre, y en la tienda nadie me \
                    contesta. Así llevo tres semanas.";
        let wall = "Este sitio usa cookies propias y de terceros para mejorar la experiencia. Puede \
                    aceptar todas o elegir cuáles. Lea la política de privacidad de la empresa.";
        check(summary, page, true);
        check(summary, wall, false);
        check("Dos cobros", wall, true);
    }
}
