//! A look at the own page of each open case's post, once a day: a post whose page is no longer there was
//! taken away, even where its source has scrolled on. The case is told, and nobody is mailed.
//!
//! Only a page that has answered before can be gone, and only when two looks in a row find nothing: a
//! complaint is not given up for a link that never worked. Absent: posts that a person brought, and what
//! a page says (an edit is seen at the source).

use super::poll::Rest;
use super::{Engine, settling};
use crate::model::{Event, How, Post, State, Timestamp, pace_key};
use crate::store::{Absence, CaseRow, ClaimedLook, Look, NewPage, Store, StoreError, Validators};

const LEASE_SECONDS: i64 = 120;
/// From the opening of a case to the first look, which sees the page as it was.
pub(super) const FIRST_HOURS: i64 = 1;
/// From one look to the next.
const LOOK_HOURS: i64 = 24;
/// So many looks in a row must find nothing.
const LOOKS_MIN: i64 = 2;
/// After so many the post will not come back, and nobody looks any more.
const LOOKS_MAX: i64 = 14;

/// One leased look.
#[derive(Clone, Debug)]
pub struct Job {
    pub claim: ClaimedLook,
    row: CaseRow,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    /// Every host that was asked.
    pub rests: Vec<Rest>,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    /// The page answers; to be sent back next time.
    There(Validators),
    /// 404 or 410.
    Gone,
    /// It could not be seen today.
    Unknown,
    /// It may not be looked at, or is no address.
    Forbidden,
    /// It could not be asked: a host has no time for us before `until`.
    PutOff { until: Timestamp },
}

/// Leases up to `limit` due looks; those of cases that are closed end here.
pub async fn begin(
    store: &Store,
    engine: &Engine,
    worker: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let until = now.plus_seconds(LEASE_SECONDS);
    let mut jobs = Vec::new();
    for claim in store.claim_looks(worker, now, until, limit).await? {
        let n_gone = claim.look.n_gone;
        let is_wanted = |state: State| match state {
            // It was gone for us: perhaps it comes back.
            State::Gone => (LOOKS_MIN..LOOKS_MAX).contains(&n_gone),
            state => state.is_live(),
        };
        match store.case(&claim.case_id).await? {
            Some(row) if is_wanted(row.case.state) => jobs.push(Job { claim, row }),
            _ => {
                let pace_ms = engine.settings.fetch.pace_ms;
                let free = settling::rests(&claim.host, &[], pace_ms, now);
                store.settle_look(&claim, None, &free, None, now).await?;
            }
        }
    }
    Ok(jobs)
}

/// Tells the case what the look found; false when the lease was lost.
pub async fn finish(
    store: &Store,
    engine: &Engine,
    job: &Job,
    answer: Answer,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let pace_ms = engine.settings.fetch.pace_ms;
    let hosts = settling::rests(&job.claim.host, &answer.rests, pace_ms, now);
    let before = &job.claim.look;
    let again = Look {
        next_at: now.plus_hours(LOOK_HOURS),
        ..before.clone()
    };
    let (next, event) = match answer.outcome {
        Outcome::There(validators) => {
            let is_back = before.n_gone >= LOOKS_MIN && job.row.case.state == State::Gone;
            let look = Look {
                validators,
                was_there: true,
                n_gone: 0,
                ..again
            };
            (Some(look), is_back.then_some((Event::Back, "back")))
        }
        // What never was there says nothing about the post.
        Outcome::Gone if !before.was_there => (None, None),
        Outcome::Gone => {
            let n_gone = before.n_gone + 1;
            let event = (n_gone == LOOKS_MIN).then_some((Event::Gone, "gone"));
            (Some(Look { n_gone, ..again }), event)
        }
        Outcome::Unknown => (Some(again), None),
        Outcome::Forbidden => (None, None),
        Outcome::PutOff { until } => (
            Some(Look {
                next_at: until,
                ..again
            }),
            None,
        ),
    };
    let step = event.and_then(|(event, word)| {
        let pace = engine.pace_of(&job.row);
        let (case, _) = job.row.case.on(&event, now, &pace).ok()?;
        Some(Absence {
            row: job.row.clone(),
            missing: None,
            step: Some((case, word)),
        })
    });
    let settled = store.settle_look(&job.claim, next.as_ref(), &hosts, step.as_ref(), now);
    settled.await
}

/// The page to look at for the case of this post.
pub(super) fn of(post: &Post) -> Option<NewPage> {
    if post.how == How::ByHand {
        return None;
    }
    let mut url = url::Url::parse(post.url.as_deref()?).ok()?;
    url.set_fragment(None);
    Some(NewPage {
        host: pace_key(url.host_str()?),
        url: url.to_string(),
    })
}
