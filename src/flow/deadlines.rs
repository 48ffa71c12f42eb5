//! Countdowns: what falls due becomes a reminder, a question, or the end of a case.

use super::{Engine, letters};
use crate::model::{Effect, Event, Timestamp};
use crate::store::{Store, StoreError};

/// Cases looked at in one turn.
const CASES_A_TURN: u32 = 100;

/// Takes every due case one step further; returns how many were due.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let due = store.due_cases(now, CASES_A_TURN).await?;
    for row in &due {
        let Ok((next, effect)) = row.case.on(&Event::Elapsed, now, &engine.pace(&row.watch)) else {
            continue;
        };
        let Some(post) = store.post(&row.post_id).await? else {
            continue;
        };
        let (event, alerts) = match effect {
            Effect::Nothing => ("elapsed", Vec::new()),
            Effect::Stuck => ("stuck", letters::stuck(engine, &row.id, now)),
            Effect::Remind { n } => ("reminded", letters::reminder(engine, row, &post, n, now)),
            Effect::AskWhetherSolved => (
                "asked",
                letters::ask_whether_solved(engine, row, &post, now),
            ),
        };
        store
            .step_case(row, &next, event, None, &alerts, now)
            .await?;
    }
    Ok(due.len())
}
