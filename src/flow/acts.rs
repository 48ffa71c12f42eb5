//! What a person says about a case.

use super::{Engine, letters};
use crate::model::{Because, CaseId, Closing, Event, Hand, Judged, PostId, Refusal, Timestamp};
use crate::store::{CaseRow, Deed, Judgement, NewAlert, Rejudged, Store, StoreError};

/// A person's word on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Answered,
    /// With the customer's own words.
    Solved {
        words: String,
    },
    Dismissed {
        because: Because,
    },
    /// This person answers him.
    Taken {
        by: String,
    },
    Snoozed {
        until: Timestamp,
    },
    /// What was done last is taken back.
    Undone,
}

#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("somebody else moved the case at the same moment; look at it again")]
    Raced,
}

/// Takes the case one step further. Saying the same twice is the same as saying it once.
pub async fn act(
    store: &Store,
    engine: &Engine,
    row: &CaseRow,
    act: Act,
    now: Timestamp,
) -> Result<CaseRow, ActError> {
    act_as(store, engine, row, act, None, now).await
}

/// The same as the word of `by`, whom the history then names.
pub async fn act_as(
    store: &Store,
    engine: &Engine,
    row: &CaseRow,
    act: Act,
    by: Option<&str>,
    now: Timestamp,
) -> Result<CaseRow, ActError> {
    let (event, name, words) = step_of(act);
    let (mut next, _) = row.case.on(&event, now, &engine.pace_of(row))?;
    if next == row.case {
        return Ok(row.clone());
    }
    let words = match &event {
        Event::Undone => row
            .case
            .undo
            .as_ref()
            .map(|undo| undo.hand.word().to_owned()),
        _ => words,
    };
    let judgement = match &event {
        Event::Closed(Closing::Dismissed { because }) => {
            let said = is_complaint(*because);
            let before = store.judgement_of(&row.post_id).await?;
            if let (Some(undo), Some(before)) = (&mut next.undo, before) {
                undo.judged = Some(Judged {
                    is_complaint: before.is_complaint,
                    because: before.because,
                    at: before.at,
                });
            }
            said.map(|is_complaint| judged(&row.post_id, is_complaint, because.word(), now))
        }
        Event::Undone => unjudged(store, row).await?,
        _ => None,
    };
    let deed = Deed {
        event: name,
        words: words.as_deref(),
        by,
        judgement,
        alerts: word_of_its_end(store, engine, row, &event, now).await?,
    };
    if !store.do_to_case(row, &next, &deed, now).await? {
        return Err(ActError::Raced);
    }
    Ok(CaseRow {
        case: next,
        n_acts: row.n_acts + 1,
        ..row.clone()
    })
}

/// The letter that says that the customer calls it solved. Who was never told of it needs no word of its
/// end.
async fn word_of_its_end(
    store: &Store,
    engine: &Engine,
    row: &CaseRow,
    event: &Event,
    now: Timestamp,
) -> Result<Vec<NewAlert>, StoreError> {
    let Event::Closed(Closing::Solved { words }) = event else {
        return Ok(Vec::new());
    };
    let post = match row.case.told_at {
        Some(_) => store.post(&row.post_id).await?,
        None => None,
    };
    Ok(post.map_or_else(Vec::new, |post| {
        letters::solved(engine, row, &post, words, now)
    }))
}

/// The step of the case, its name in the history, and the words to note there.
fn step_of(act: Act) -> (Event, &'static str, Option<String>) {
    match act {
        Act::Answered => (Event::Answered, "answered", None),
        Act::Solved { words } => {
            let closing = Closing::Solved {
                words: words.clone(),
            };
            (Event::Closed(closing), "solved", Some(words))
        }
        Act::Dismissed { because } => {
            let words = because.word().to_owned();
            let closing = Closing::Dismissed { because };
            (Event::Closed(closing), "dismissed", Some(words))
        }
        Act::Taken { by } => (Event::Taken { by: by.clone() }, "taken", Some(by)),
        Act::Snoozed { until } => (Event::Snoozed { until }, "snoozed", Some(until.to_string())),
        Act::Undone => (Event::Undone, "undone", None),
    }
}

fn judged(post: &PostId, is_complaint: bool, because: &str, at: Timestamp) -> Rejudged {
    Rejudged::To(Judgement {
        post_id: post.clone(),
        is_complaint,
        because: because.to_owned(),
        at,
    })
}

/// What had been said of the post before its case was dismissed, unless more was said since.
async fn unjudged(store: &Store, row: &CaseRow) -> Result<Option<Rejudged>, StoreError> {
    let Some(undo) = &row.case.undo else {
        return Ok(None);
    };
    let now_said = store.judgement_of(&row.post_id).await?;
    if undo.hand != Hand::Dismissed || now_said.is_none_or(|said| said.at != undo.at) {
        return Ok(None);
    }
    Ok(Some(match &undo.judged {
        Some(before) => judged(
            &row.post_id,
            before.is_complaint,
            &before.because,
            before.at,
        ),
        None => Rejudged::None(row.post_id.clone()),
    }))
}

/// A person says whether a post is a complaint about us. False when that was known already.
pub async fn judge(
    store: &Store,
    post: &PostId,
    case: Option<&CaseId>,
    is_complaint: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let judgement = Judgement {
        post_id: post.clone(),
        is_complaint,
        because: "judged".to_owned(),
        at: now,
    };
    store.judge(&judgement, case).await
}

/// Until when "tomorrow morning" or "in some days" puts a case off: when the office opens then, else at
/// nine.
pub fn morning_in(engine: &Engine, watch: &str, days: i64, now: Timestamp) -> Timestamp {
    let zone = &engine.settings.zone;
    let day = now
        .in_zone(zone)
        .date()
        .saturating_add(jiff::Span::new().days(days));
    let at = |hour| {
        let civil = day.at(hour, 0, 0, 0);
        let zoned = civil.to_zoned(zone.clone());
        zoned.map_or(now.plus_days(days), |zoned| {
            Timestamp::from_jiff(zoned.timestamp())
        })
    };
    let pace = engine.pace(watch, false);
    match &pace.office_hours {
        // The first minute of the office is over one minute after it opens.
        Some(hours) => hours
            .after(at(0), crate::model::Minutes(1), zone)
            .plus_minutes(-1),
        None => at(9),
    }
}

/// What a dismissal says of the post itself; `None` when it was a complaint all the same.
fn is_complaint(because: Because) -> Option<bool> {
    match because {
        Because::NotAboutUs
        | Because::OtherCompany
        | Because::SpamOrFalse
        | Because::NotAComplaint => Some(false),
        Because::Duplicate | Because::AlreadySolved => None,
    }
}
