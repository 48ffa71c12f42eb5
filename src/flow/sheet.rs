//! The sheet of a case or a doubt: all that a person needs who acts on it from a mail.

use super::{Engine, letters};
use crate::letter::{self, Face, SaidWords};
use crate::model::{CaseId, Level, PostId, Timestamp, digest_hex};
use crate::reply::{self, Brief, Draft};
use crate::store::{CaseRow, EventRow, Judgement, Store, StoreError, StoredPost};

/// Posts of one case that are shown.
const POSTS_MAX: u32 = 20;

/// A case as it is now.
#[derive(Debug)]
pub(crate) struct CaseSheet {
    pub(crate) row: CaseRow,
    /// `None` for a case whose post was never scored.
    pub(crate) face: Option<Face>,
    /// Everything that was said in it, the oldest first.
    pub(crate) said: Vec<(Timestamp, SaidWords)>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) events: Vec<EventRow>,
}

/// A post that may be a complaint.
#[derive(Debug)]
pub(crate) struct PostSheet {
    pub(crate) post: StoredPost,
    pub(crate) face: Option<Face>,
    pub(crate) said: SaidWords,
    pub(crate) judgement: Option<Judgement>,
}

/// `None` when there is no such case any more.
pub(crate) async fn of_case(
    store: &Store,
    engine: &Engine,
    id: &CaseId,
    now: Timestamp,
) -> Result<Option<CaseSheet>, StoreError> {
    let Some(row) = store.case(id).await? else {
        return Ok(None);
    };
    let posts = store.posts_of_case(id, POSTS_MAX).await?;
    let first = posts.iter().find(|post| post.id == row.post_id);
    let answer_by = row.case.answer_by.unwrap_or(now);
    let brief = |stored| brief(engine, stored, id, answer_by, now);
    let ui = engine.settings.ui;
    // What he said last is what is answered.
    let unhappy = |stored: &&StoredPost| {
        let level = stored.verdict.as_ref().map(|verdict| verdict.level);
        level.is_some_and(|level| level >= Level::Complaint)
    };
    let last = posts.iter().rev().find(unhappy).or(first);
    Ok(Some(CaseSheet {
        face: first.and_then(|stored| {
            let source = letters::source_name(engine, stored);
            Some(letter::face(&brief(stored)?, ui, source))
        }),
        said: posts
            .iter()
            .map(|stored| (said_at(stored), letter::said_words(&stored.post, ui)))
            .collect(),
        drafts: last
            .and_then(brief)
            .map_or_else(Vec::new, |brief| reply::drafts(&brief)),
        events: store.case_events(id).await?,
        row,
    }))
}

/// `None` when there is no such post any more.
pub(crate) async fn of_post(
    store: &Store,
    engine: &Engine,
    id: &PostId,
    now: Timestamp,
) -> Result<Option<PostSheet>, StoreError> {
    let Some(post) = store.post(id).await? else {
        return Ok(None);
    };
    let ui = engine.settings.ui;
    let nobody = CaseId(String::new());
    let face = brief(engine, &post, &nobody, now, now)
        .map(|brief| letter::face(&brief, ui, letters::source_name(engine, &post)));
    Ok(Some(PostSheet {
        face,
        said: letter::said_words(&post.post, ui),
        judgement: store.judgement_of(id).await?,
        post,
    }))
}

/// How a case stands, for the buttons of a page: whoever presses one sees the same case as when the page
/// was made, or presses in vain.
pub(crate) fn stamp_of_case(row: &CaseRow) -> u32 {
    let answer_by = row.case.answer_by.map_or(0, |at| at.0);
    let acts = row.n_acts.to_string();
    stamp(&["case", row.case.state.word(), &acts, &answer_by.to_string()])
}

pub(crate) fn stamp_of_post(judgement: Option<&Judgement>) -> u32 {
    let said = judgement.map_or(
        "nothing",
        |said| {
            if said.is_complaint { "yes" } else { "no" }
        },
    );
    stamp(&["post", said])
}

fn stamp(parts: &[&str]) -> u32 {
    u32::from_str_radix(&digest_hex(parts)[..8], 16).unwrap_or(0)
}

fn said_at(stored: &StoredPost) -> Timestamp {
    stored.post.published.unwrap_or(stored.seen_at)
}

fn brief<'a>(
    engine: &'a Engine,
    stored: &'a StoredPost,
    case_id: &'a CaseId,
    answer_by: Timestamp,
    now: Timestamp,
) -> Option<Brief<'a>> {
    Some(Brief {
        post: &stored.post,
        verdict: stored.verdict.as_ref()?,
        company: &engine.settings.company,
        remedies: &engine.settings.remedies,
        case_id,
        now,
        zone: &engine.settings.zone,
        answer_by,
    })
}
