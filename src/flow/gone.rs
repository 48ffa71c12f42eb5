//! Posts that their authors or sites took away: the case is told, and nobody is mailed.
//!
//! A post counts as gone when the source still shows older posts and not this one, in several readings
//! over a day. Only documents in the order of time say that: where the order is another, a post may
//! just have slid off the end.
//!
//! Absent: a look at the post's own page ([`super::look`]).

use super::Engine;
use super::known::Sorted;
use super::poll::Job;
use crate::extract::Extracted;
use crate::model::{Event, Timestamp};
use crate::store::{Absence, Store, StoreError, WatchedCase};

/// Missing in so many readings, over so long a time: one server of several may be behind.
const READINGS_MIN: i64 = 3;
const MISSING_HOURS: i64 = 24;

/// Which posts of cases this document misses, and which it shows again.
pub(super) async fn absences(
    store: &Store,
    engine: &Engine,
    job: &Job,
    extracted: &Extracted,
    sorted: &Sorted,
    now: Timestamp,
) -> Result<Vec<Absence>, StoreError> {
    if !job.claim.has_cases {
        return Ok(Vec::new());
    }
    let oldest = oldest_in_order(extracted);
    let mut absences = Vec::new();
    for watched in store.watched_cases(&job.claim.id).await? {
        let is_shown = sorted.shown.contains(&watched.row.post_id);
        let is_skipped = match (watched.published, oldest) {
            (Some(published), Some(oldest)) => oldest < published,
            _ => false,
        };
        if is_shown && watched.missing.is_some() {
            absences.push(back(engine, watched, now));
        } else if !is_shown && is_skipped && watched.row.case.state.is_live() {
            absences.push(missing(engine, watched, now));
        }
    }
    Ok(absences)
}

/// The document is the same as before: what it missed it still misses.
pub(super) async fn still_missing(
    store: &Store,
    engine: &Engine,
    job: &Job,
    now: Timestamp,
) -> Result<Vec<Absence>, StoreError> {
    if !job.claim.has_cases {
        return Ok(Vec::new());
    }
    let watched = store.missing_cases(&job.claim.id).await?;
    Ok(watched
        .into_iter()
        .filter(|watched| watched.row.case.state.is_live())
        .map(|watched| missing(engine, watched, now))
        .collect())
}

fn missing(engine: &Engine, watched: WatchedCase, now: Timestamp) -> Absence {
    let (since, n) = watched.missing.unwrap_or((now, 0));
    let is_gone = n + 1 >= READINGS_MIN && now >= since.plus_hours(MISSING_HOURS);
    let row = watched.row;
    let step = is_gone
        .then(|| row.case.on(&Event::Gone, now, &engine.pace_of(&row)).ok())
        .flatten()
        .map(|(case, _)| (case, "gone"));
    Absence {
        row,
        missing: Some((since, n + 1)),
        step,
    }
}

fn back(engine: &Engine, watched: WatchedCase, now: Timestamp) -> Absence {
    let row = watched.row;
    let stepped = row.case.on(&Event::Back, now, &engine.pace_of(&row)).ok();
    let step = stepped
        .filter(|(case, _)| *case != row.case)
        .map(|(case, _)| (case, "back"));
    Absence {
        row,
        missing: None,
        step,
    }
}

/// The date of the oldest post, if the document goes from the newest to the oldest.
fn oldest_in_order(extracted: &Extracted) -> Option<Timestamp> {
    let dates: Option<Vec<Timestamp>> = extracted.posts.iter().map(|post| post.published).collect();
    let dates = dates?;
    dates
        .windows(2)
        .all(|pair| pair[0] >= pair[1])
        .then(|| dates.last().copied())
        .flatten()
}
