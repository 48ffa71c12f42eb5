//! Countdowns: what falls due becomes a reminder, a question, or the end of a case. Cases of one incident
//! that fall due together are told in one letter.

use std::collections::BTreeMap;

use super::{Engine, incidents, letters};
use crate::model::{Case, CaseId, Effect, Event, IncidentId, Timestamp};
use crate::store::{CaseRow, Member, Store, StoreError};

/// Cases looked at in one turn.
const CASES_A_TURN: u32 = 100;

/// A case with what becomes of it.
struct Step {
    row: CaseRow,
    next: Case,
    effect: Effect,
}

/// Takes every due case one step further, and names the cases of incidents that have waited long enough;
/// returns how many were due.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let n_named = incidents::turn(store, engine, now).await?;
    let due = store.due_cases(now, CASES_A_TURN).await?;
    let n_due = due.len();
    let mut together: BTreeMap<(IncidentId, bool), Vec<Step>> = BTreeMap::new();
    for row in due {
        let Ok((next, effect)) = row.case.on(&Event::Elapsed, now, &engine.pace(&row.watch)) else {
            continue;
        };
        let incident = match effect {
            Effect::Remind { .. } | Effect::AskWhetherSolved => store.incident_of(&row.id).await?,
            Effect::Nothing | Effect::Stuck => None,
        };
        let step = Step { row, next, effect };
        match incident {
            Some(id) => {
                let is_answered = effect == Effect::AskWhetherSolved;
                together.entry((id, is_answered)).or_default().push(step);
            }
            None => one(store, engine, step, now).await?,
        }
    }
    for ((id, is_answered), steps) in together {
        several(store, engine, (&id, is_answered), steps, now).await?;
    }
    Ok(n_due + n_named)
}

async fn one(store: &Store, engine: &Engine, step: Step, now: Timestamp) -> Result<(), StoreError> {
    let Step { row, next, effect } = &step;
    let Some(post) = store.post(&row.post_id).await? else {
        return Ok(());
    };
    let (event, mut alerts) = match *effect {
        Effect::Nothing => ("elapsed", Vec::new()),
        Effect::Stuck => ("stuck", letters::stuck(engine, &row.id, now)),
        Effect::Remind { n } => ("reminded", letters::reminder(engine, row, &post, n, now)),
        Effect::AskWhetherSolved => (
            "asked",
            letters::ask_whether_solved(engine, row, &post, now),
        ),
    };
    let notes = notes(store, &row.id).await?;
    letters::add_notes(engine, &mut alerts, &notes);
    store
        .step_case(row, next, event, None, &alerts, now)
        .await
        .map(drop)
}

/// Cases of one incident that fell due together: one letter for all of them.
async fn several(
    store: &Store,
    engine: &Engine,
    (id, is_answered): (&IncidentId, bool),
    mut steps: Vec<Step>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let incident = store.incident(id).await?;
    let Some(incident) = incident.filter(|_| steps.len() > 1) else {
        while let Some(step) = steps.pop() {
            one(store, engine, step, now).await?;
        }
        return Ok(());
    };
    let mut members = Vec::new();
    for step in &steps {
        if let Some(post) = store.post(&step.row.post_id).await? {
            members.push(Member {
                case: step.row.id.clone(),
                state: step.row.case.state,
                // The letter is about all of them.
                waits: true,
                post,
            });
        }
    }
    let mut alerts = letters::incident_reminder(engine, &incident, &members, is_answered, now);
    let mut noted = Vec::new();
    for member in &members {
        noted.extend(notes(store, &member.case).await?);
    }
    // An answer to a letter about several stands in the history of each.
    noted.dedup();
    letters::add_notes(engine, &mut alerts, &noted);
    let event = if is_answered { "asked" } else { "reminded" };
    let steps: Vec<(CaseRow, Case)> = steps
        .into_iter()
        .map(|step| (step.row, step.next))
        .collect();
    store
        .step_cases(&steps, event, &alerts, now)
        .await
        .map(drop)
}

/// What recipients answered to the letters about this case.
async fn notes(store: &Store, case: &CaseId) -> Result<Vec<String>, StoreError> {
    let events = store.case_events(case).await?;
    let notes = events.into_iter().filter(|event| event.event == "note");
    Ok(notes.filter_map(|event| event.words).collect())
}
