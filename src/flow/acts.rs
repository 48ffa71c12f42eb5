//! What a person says about a case.

use super::{Engine, letters};
use crate::model::{Because, CaseId, Closing, Event, PostId, Refusal, Timestamp};
use crate::store::{CaseRow, Judgement, Store, StoreError};

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
    let (event, name, words) = match act {
        Act::Answered => (Event::Answered, "answered", None),
        Act::Solved { words } => (
            Event::Closed(Closing::Solved {
                words: words.clone(),
            }),
            "solved",
            Some(words),
        ),
        Act::Dismissed { because } => (
            Event::Closed(Closing::Dismissed { because }),
            "dismissed",
            Some(because.word().to_owned()),
        ),
    };
    let judged = match &event {
        Event::Closed(Closing::Dismissed { because }) => is_complaint(*because),
        _ => None,
    };
    let (next, _) = row.case.on(&event, now, &engine.pace_of(row))?;
    if next != row.case {
        let alerts = match &event {
            // Who was never told of it needs no word of its end.
            Event::Closed(Closing::Solved { words }) if row.case.told_at.is_some() => {
                let post = store.post(&row.post_id).await?;
                post.map_or_else(Vec::new, |post| {
                    letters::solved(engine, row, &post, words, now)
                })
            }
            _ => Vec::new(),
        };
        let step = store.step_case(row, &next, name, words.as_deref(), &alerts, now);
        if !step.await? {
            return Err(ActError::Raced);
        }
    }
    if let Some(is_complaint) = judged {
        let because = words.unwrap_or_default();
        let judgement = Judgement {
            post_id: row.post_id.clone(),
            is_complaint,
            because,
            at: now,
        };
        // The dismissal stands in the history already.
        store.judge(&judgement, None).await?;
    }
    Ok(CaseRow {
        case: next,
        ..row.clone()
    })
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
