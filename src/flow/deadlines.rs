//! Countdowns: what falls due becomes a reminder, a question, or the end of a case. Cases of one incident
//! that fall due together are told in one letter.

use std::collections::BTreeMap;

use super::{Engine, incidents, letters};
use crate::letter::Matter;
use crate::model::{Case, CaseId, Effect, Event, IncidentId, Timestamp};
use crate::store::{CaseRow, Member, Store, StoreError};

/// Cases looked at in one turn.
const CASES_A_TURN: u32 = 100;

/// A case with what becomes of it.
struct Step {
    row: CaseRow,
    next: Case,
    what: What,
}

/// What people are told of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Of(Effect),
    /// This step of the escalation.
    Escalation(usize),
}

/// Cases of one incident that are told in one letter: with the step, where it is an escalation.
type Together = BTreeMap<(IncidentId, Matter, usize), Vec<Step>>;

/// Takes every due case one step further, tells others of those that nobody answers, and names the cases
/// of incidents that have waited long enough; returns how many were due.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let n_named = incidents::turn(store, engine, now).await?;
    let mut steps = Vec::new();
    for row in store.due_cases(now, CASES_A_TURN).await? {
        if let Ok((next, effect)) = row.case.on(&Event::Elapsed, now, &engine.pace_of(&row)) {
            let what = What::Of(effect);
            steps.push(Step { row, next, what });
        }
    }
    let n_due = steps.len();
    tell(store, engine, steps, now).await?;
    // As they are after those steps.
    let mut steps = Vec::new();
    for row in store.due_escalations(now, CASES_A_TURN).await? {
        let (next, step) = row.case.escalated(now, &engine.pace_of(&row));
        let what = step.map_or(What::Of(Effect::Nothing), What::Escalation);
        steps.push(Step { row, next, what });
    }
    let n_escalated = steps.len();
    tell(store, engine, steps, now).await?;
    Ok(n_due + n_escalated + n_named)
}

async fn tell(
    store: &Store,
    engine: &Engine,
    steps: Vec<Step>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut together = Together::new();
    for step in steps {
        let group = match step.what {
            What::Of(Effect::Remind { .. }) => Some((Matter::Unanswered, 0)),
            What::Of(Effect::AskWhetherSolved) => Some((Matter::Solved, 0)),
            What::Of(Effect::Nothing | Effect::Stuck) => None,
            What::Escalation(n) => Some((Matter::Escalated, n)),
        };
        let incident = match group {
            Some(_) => store.incident_of(&step.row.id).await?,
            None => None,
        };
        match incident.zip(group) {
            Some((id, (matter, n))) => together.entry((id, matter, n)).or_default().push(step),
            None => one(store, engine, step, now).await?,
        }
    }
    for ((id, matter, n), steps) in together {
        several(store, engine, (&id, matter, n), steps, now).await?;
    }
    Ok(())
}

async fn one(store: &Store, engine: &Engine, step: Step, now: Timestamp) -> Result<(), StoreError> {
    let Step { row, next, what } = &step;
    let Some(post) = store.post(&row.post_id).await? else {
        return Ok(());
    };
    let mut alerts = match *what {
        What::Of(Effect::Nothing) => Vec::new(),
        // What waits for the digest is not stuck.
        What::Of(Effect::Stuck) if store.is_held(&row.id).await? => Vec::new(),
        What::Of(Effect::Stuck) => letters::stuck(engine, &row.id, now),
        What::Of(Effect::Remind { n }) => letters::reminder(engine, row, &post, n, now),
        What::Of(Effect::AskWhetherSolved) => letters::ask_whether_solved(engine, row, &post, now),
        What::Escalation(n) => letters::escalation(engine, row, &post, n, now),
    };
    let notes = notes(store, &row.id).await?;
    letters::add_notes(engine, &mut alerts, &notes);
    store
        .step_case(row, next, event(*what), None, &alerts, now)
        .await
        .map(drop)
}

/// What is noted in the history of the case.
fn event(what: What) -> &'static str {
    match what {
        What::Of(Effect::Nothing) => "elapsed",
        What::Of(Effect::Stuck) => "stuck",
        What::Of(Effect::Remind { .. }) => "reminded",
        What::Of(Effect::AskWhetherSolved) => "asked",
        What::Escalation(_) => "escalated",
    }
}

/// Cases of one incident that fell due together: one letter for all of them.
async fn several(
    store: &Store,
    engine: &Engine,
    (id, matter, n): (&IncidentId, Matter, usize),
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
    let mut alerts = letters::incident_reminder(engine, &incident, &members, (matter, n), now);
    let mut noted = Vec::new();
    for member in &members {
        noted.extend(notes(store, &member.case).await?);
    }
    // An answer to a letter about several stands in the history of each.
    noted.dedup();
    letters::add_notes(engine, &mut alerts, &noted);
    let event = steps.first().map_or("elapsed", |step| event(step.what));
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
