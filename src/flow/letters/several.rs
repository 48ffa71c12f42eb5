//! Letters about several cases at once: those of an incident.

use super::{alert, people_of_step, source_name};
use crate::flow::{Engine, recipients};
use crate::letter::{self, Incident, Letter, Matter, Voice};
use crate::model::{CaseId, SourceId, State, Timestamp, digest_hex};
use crate::settings::Mailbox;
use crate::store::{IncidentRow, Join, Member, NewAlert, NewPost, StoredPost};

/// The mail about an incident that has grown: it names those who wait, lists the others, and counts
/// those who wait (`others`) for whom there is no room.
pub(in crate::flow) fn incident(
    engine: &Engine,
    row: &IncidentRow,
    n: usize,
    (members, others): (&[Member], &[CaseId]),
    now: Timestamp,
) -> Vec<NewAlert> {
    let (ui, zone) = (engine.settings.ui, &engine.settings.zone);
    let letter = letter::incident(
        &Incident {
            id: &row.id,
            topic: row.topic,
            n,
            n_before: row.n_told as usize,
            voices: &voices(engine, members),
            n_more: others.len(),
        },
        ui,
        now,
        zone,
    );
    let named = members.iter().filter(|member| member.waits);
    let named = named.map(|member| &member.case).chain(others);
    let named: Vec<CaseId> = named.cloned().collect();
    let to = of_incident_row(engine, row);
    of_incident(engine, row, "incident", letter, &named, &to)
}

fn of_incident_row(engine: &Engine, row: &IncidentRow) -> Vec<Mailbox> {
    recipients::of(engine, &row.watch, row.topic.as_slice())
}

/// One mail for several cases of an incident that fell due together. `step` is that of an escalation.
pub(in crate::flow) fn incident_reminder(
    engine: &Engine,
    row: &IncidentRow,
    members: &[Member],
    (matter, step): (Matter, usize),
    now: Timestamp,
) -> Vec<NewAlert> {
    let (ui, zone) = (engine.settings.ui, &engine.settings.zone);
    let it = Incident {
        id: &row.id,
        topic: row.topic,
        n: members.len(),
        n_before: 0,
        voices: &voices(engine, members),
        n_more: 0,
    };
    let letter = letter::incident_reminder(&it, matter, ui, now, zone);
    let all: Vec<CaseId> = members.iter().map(|member| member.case.clone()).collect();
    let to = of_incident_row(engine, row);
    let (kind, to) = match matter {
        Matter::Unanswered => ("reminder", to),
        Matter::Solved => ("asked", to),
        Matter::Escalated => ("escalation", people_of_step(engine, step)),
    };
    let mut alerts = of_incident(engine, row, kind, letter, &all, &to);
    for alert in &mut alerts {
        // They were told long ago.
        alert.lists.clear();
    }
    alerts
}

fn of_incident(
    engine: &Engine,
    row: &IncidentRow,
    kind: &'static str,
    letter: Letter,
    lists: &[CaseId],
    to: &[Mailbox],
) -> Vec<NewAlert> {
    let ids: Vec<&str> = lists.iter().map(|id| id.0.as_str()).collect();
    let identity = digest_hex(&[kind, &row.id.0, &letter.subject, &ids.join(" ")]);
    let mut alerts = alert(engine, kind, &identity, None, letter, to);
    for alert in &mut alerts {
        alert.lists = lists.to_vec();
        alert.thread = Some(format!("incident|{}", row.id.0));
    }
    alerts
}

fn voices(engine: &Engine, members: &[Member]) -> Vec<Voice> {
    let voice = |member: &Member| {
        let stored = &member.post;
        let post = &stored.post;
        let words = if post.text.trim().is_empty() {
            post.title.clone().unwrap_or_default()
        } else {
            post.text.clone()
        };
        Voice {
            case_id: member.case.clone(),
            author: post.author.clone(),
            words,
            url: post.url.clone(),
            source: source_name(engine, stored).to_owned(),
            published: post.published,
            risk: stored.verdict.as_ref().map_or(0, |verdict| verdict.risk),
            is_new: member.waits,
        }
    };
    members.iter().map(voice).collect()
}

/// A case that joins an incident while it is opened.
pub(in crate::flow) fn member(
    new: &NewPost,
    source: &SourceId,
    join: &Join,
    now: Timestamp,
) -> Member {
    Member {
        case: join.case.clone(),
        state: State::New,
        waits: join.waits,
        post: StoredPost {
            id: new.id.clone(),
            source_id: source.clone(),
            post: new.post.clone(),
            seen_at: now,
            verdict: new.verdict.clone(),
            circumstances: new.circumstances,
            case_id: Some(join.case.clone()),
        },
    }
}
