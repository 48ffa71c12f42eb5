//! A complaint that a person brings: scored like any other, and a case whatever the score, since a
//! person has judged it.
//!
//! Absent: looking at the place where it was said.

use std::sync::Arc;

use url::Url;

use super::incidents::Gatherer;
use super::{Engine, intake, past};
use crate::model::{
    Cadence, CaseId, Circumstances, How, Level, Post, PostId, Reach, Reason, SourceId, Target,
    Timestamp, Ui, Verdict, fingerprint, post_keys,
};
use crate::settings::{SourceKind, SourceSettings};
use crate::store::{Admission, Judgement, NewPost, Store, StoreError};

/// What the person has of it.
#[derive(Clone, Debug)]
pub struct Captured {
    pub text: String,
    pub author: Option<String>,
    pub url: Option<Url>,
    pub published: Option<Timestamp>,
    /// Where it was said: a `[[source]]` by its name, or any words.
    pub source_name: Option<String>,
}

/// The source of what nobody names a source for: "published it at …".
pub(super) fn elsewhere(ui: Ui) -> &'static str {
    ui.pick("otro lugar", "another place")
}

/// The case of this complaint: a new one with its alert, or the one that it has already.
pub async fn capture(
    store: &Store,
    engine: &Arc<Engine>,
    captured: Captured,
    now: Timestamp,
) -> Result<Option<CaseId>, StoreError> {
    let source =
        source(engine, &captured).ok_or_else(|| StoreError::unreadable(captured.text.len()))?;
    let post = Post {
        text: captured.text,
        author: captured.author,
        url: captured.url.map(String::from),
        published: captured.published.map(|at| at.clamp_published(now)),
        how: How::ByHand,
        ..Post::default()
    };
    let id = PostId::of_fingerprint(&fingerprint(&post));
    let stored = store.post(&id).await?;
    if let Some(case) = stored.as_ref().and_then(|stored| stored.case_id.clone()) {
        return Ok(Some(case));
    }
    let known = past::as_read(&post, None);
    let known = past::recall(store, &source, &id, &post, known).await?;
    let verdict = verdict(engine, &source, &post, known, now);
    let mut new = NewPost {
        id: id.clone(),
        keys: post_keys(&post),
        post,
        // A source brought it before, and nobody was told of it.
        update: stored.is_some(),
        backlog: false,
        verdict: Some(verdict),
        circumstances: known,
        page: None,
        case: None,
        also: Vec::new(),
    };
    new.case = intake::open_case(store, engine, &source, &new, now).await?;
    let mut admission = Admission {
        posts: vec![new],
        ..Admission::default()
    };
    let mut gatherer = Gatherer::of(&admission.posts);
    let _turn = gatherer.turn(store).await;
    loop {
        let posts = &mut admission.posts;
        admission.gathering = gatherer.gather(store, engine, &source, posts, now).await?;
        let stored = store.capture(&source.id, &source.name, &admission, now);
        match stored.await {
            Err(StoreError::Raced) => {}
            done => break done?,
        }
    }
    // Who brings it says that it is one.
    let judgement = Judgement {
        post_id: id.clone(),
        is_complaint: true,
        because: "captured".to_owned(),
        at: now,
    };
    store.judge(&judgement, None).await?;
    Ok(store.post(&id).await?.and_then(|stored| stored.case_id))
}

/// The configured source of that name, else one that is never read.
fn source(engine: &Engine, captured: &Captured) -> Option<SourceSettings> {
    let name = captured.source_name.as_deref().map(str::trim);
    let name = name.filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| elsewhere(engine.settings.ui));
    let known = &engine.settings.sources;
    if let Some(known) = known.iter().find(|known| known.name == name) {
        return Some(known.clone());
    }
    // Without an address it was at no host at all.
    let place = captured
        .url
        .clone()
        .or_else(|| Url::parse("about:blank").ok());
    Some(SourceSettings {
        // No configured source can have this identity: their digests are of names alone.
        id: SourceId::of_name(&format!("\u{0}{name}")),
        name: name.to_owned(),
        section: name.to_owned(),
        kind: SourceKind::Reviews,
        url: place?,
        cadence: Cadence {
            every_ms: 0,
            floor_ms: 0,
            is_adaptive: false,
        },
        pace_ms: 0,
        local: Arc::default(),
        full_text: false,
        lang: None,
        select: None,
        map: None,
        watches: Vec::new(),
        reach: Reach::default(),
        ignore_robots: None,
        remark: None,
        mailbox: None,
    })
}

/// The verdict of the scorer, and the judgement of the person who brought it: a complaint about us.
fn verdict(
    engine: &Engine,
    source: &SourceSettings,
    post: &Post,
    known: Circumstances,
    now: Timestamp,
) -> Verdict {
    let mut verdict = intake::verdict(engine, source, post, known, now);
    if verdict.watches.is_empty() {
        // Where the words name none of our watches, it is for whoever has the first.
        let mut watches = engine.settings.rules.watches.iter();
        let first = watches.find(|watch| !watch.trial);
        let about = SourceSettings {
            watches: first.iter().map(|watch| watch.name.clone()).collect(),
            ..source.clone()
        };
        verdict = intake::verdict(engine, &about, post, known, now);
    }
    if verdict.level < Level::Complaint {
        verdict.level = Level::Complaint;
        verdict.target = Target::Us;
        let ui = engine.settings.ui;
        verdict.why.push(Reason {
            points: 0,
            because: ui
                .pick(
                    "una persona la trajo como queja",
                    "a person brought it as a complaint",
                )
                .to_owned(),
            span: None,
        });
    }
    verdict
}
