//! What a person says about a case.

use super::Engine;
use crate::model::{Because, Closing, Event, Refusal, Timestamp};
use crate::store::{CaseRow, Store, StoreError};

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
    let (next, _) = row.case.on(&event, now, &engine.pace(&row.watch))?;
    if next != row.case
        && !store
            .step_case(row, &next, name, words.as_deref(), &[], now)
            .await?
    {
        return Err(ActError::Raced);
    }
    Ok(CaseRow {
        case: next,
        ..row.clone()
    })
}
