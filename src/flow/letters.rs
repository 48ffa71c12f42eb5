//! Letters with their recipients: what a step of a job tells people.

mod several;

use super::poll::Cause;
use super::{Engine, recipients};
use crate::letter::{self, BacklogItem, Elsewhere, Letter, SourceHealth, Trouble};
use crate::model::{
    Ailment, CaseId, How, Level, Post, SourceId, Timestamp, Verdict, digest_hex, message_id,
};
use crate::reply::{self, Brief};
use crate::settings::{Mailbox, SourceSettings};
use crate::store::{CaseRow, NewAlert, NewPost, SourceState, StoredPost};

pub(super) use several::{incident, incident_reminder, member};

/// The mail about a complaint that was just heard.
pub(super) fn complaint(
    engine: &Engine,
    source_name: &str,
    new: &NewPost,
    case_id: &CaseId,
    watch: &str,
    elsewhere: &[Elsewhere],
    now: Timestamp,
) -> Vec<NewAlert> {
    let Some(verdict) = &new.verdict else {
        return Vec::new();
    };
    let pace = engine.pace(watch, verdict.level == Level::Urgent);
    let answer_by = pace.after(now, pace.answer_within);
    let brief = brief(engine, &new.post, verdict, case_id, answer_by, now);
    let drafts = reply::drafts(&brief);
    let ui = engine.settings.ui;
    let letter = letter::complaint_in(&brief, ui, source_name, elsewhere, &drafts);
    let identity = digest_hex(&["complaint", &case_id.0, &new.id.0]);
    let to = recipients::of(engine, watch, &verdict.topics);
    about_case(engine, "complaint", &identity, case_id, &to, letter)
}

/// The mail about a customer who complains again in an open case; `first` opened it.
pub(super) fn spoke_again(
    engine: &Engine,
    source: &SourceSettings,
    new: &NewPost,
    row: &CaseRow,
    first: Option<&StoredPost>,
    now: Timestamp,
) -> Vec<NewAlert> {
    let Some(verdict) = &new.verdict else {
        return Vec::new();
    };
    let is_urgent = row.is_urgent || verdict.level == Level::Urgent;
    let pace = engine.pace(&row.watch, is_urgent);
    let answer_by = pace.after(now, pace.answer_within);
    let again = brief(engine, &new.post, verdict, &row.id, answer_by, now);
    let opened = first.and_then(|stored| {
        let verdict = stored.verdict.as_ref()?;
        let opened = brief(engine, &stored.post, verdict, &row.id, answer_by, now);
        Some((opened, source_name(engine, stored)))
    });
    let opened = opened.as_ref().map(|(brief, name)| (brief, *name));
    let drafts = reply::drafts(&again);
    let letter = letter::spoke_again(&again, opened, engine.settings.ui, &source.name, &drafts);
    let identity = digest_hex(&["complaint", &row.id.0, &new.id.0]);
    let to = recipients::of(engine, &row.watch, &verdict.topics);
    about_case(engine, "complaint", &identity, &row.id, &to, letter)
}

/// One mail for all older complaints that a source's first read brought, to each who answers for some.
pub(super) fn backlog(
    engine: &Engine,
    source: &SourceSettings,
    found: &[&NewPost],
    now: Timestamp,
) -> Vec<NewAlert> {
    let mut of_people: Vec<(Vec<Mailbox>, Vec<BacklogItem>)> = Vec::new();
    for new in found {
        let (Some(case), Some(verdict)) = (&new.case, &new.verdict) else {
            continue;
        };
        let item = BacklogItem {
            case_id: case.id.clone(),
            published: new.post.published,
            author: new.post.author.clone(),
            words: new.post.text.clone(),
            url: new.post.url.clone(),
            risk: verdict.risk,
        };
        let to = recipients::of(engine, &case.watch, &verdict.topics);
        match of_people.iter_mut().find(|(known, _)| *known == to) {
            Some((_, items)) => items.push(item),
            None => of_people.push((to, vec![item])),
        }
    }
    let settings = &engine.settings;
    let mut alerts = Vec::new();
    for (to, mut items) in of_people {
        items.sort_by_key(|item| std::cmp::Reverse(item.risk));
        let letter = letter::backlog(&source.name, &items, settings.ui, now, &settings.zone);
        let ids: Vec<&str> = items.iter().map(|item| item.case_id.0.as_str()).collect();
        let identity = digest_hex(&["backlog", &source.id.0, &ids.join(" ")]);
        for alert in alert(engine, "backlog", &identity, None, letter, &to) {
            let lists = items.iter().map(|item| item.case_id.clone()).collect();
            alerts.push(NewAlert { lists, ..alert });
        }
    }
    alerts
}

/// Nobody has answered him yet.
pub(super) fn reminder(
    engine: &Engine,
    row: &CaseRow,
    stored: &StoredPost,
    n: u32,
    now: Timestamp,
) -> Vec<NewAlert> {
    let Some((brief, source)) = recalled(engine, row, stored, now) else {
        return Vec::new();
    };
    let drafts = reply::drafts(&brief);
    let told_at = row.case.told_at.unwrap_or(row.case.opened_at);
    let taken_by = row.case.taken_by.as_deref();
    let ui = engine.settings.ui;
    let letter = letter::reminder_to(&brief, n, told_at, ui, source, &drafts, taken_by);
    let round = told_at.0.to_string();
    let identity = digest_hex(&[
        "reminder",
        &row.id.0,
        &round,
        &brief.answer_by.0.to_string(),
        &n.to_string(),
    ]);
    let to = recipients::of(engine, &row.watch, &brief.verdict.topics);
    about_case(engine, "reminder", &identity, &row.id, &to, letter)
}

/// Nobody answers: one letter a step, to the people of that step.
pub(super) fn escalation(
    engine: &Engine,
    row: &CaseRow,
    stored: &StoredPost,
    step: usize,
    now: Timestamp,
) -> Vec<NewAlert> {
    let Some((brief, source)) = recalled(engine, row, stored, now) else {
        return Vec::new();
    };
    let to = people_of_step(engine, step);
    let told = recipients::of(engine, &row.watch, &brief.verdict.topics);
    let told: Vec<String> = told.into_iter().map(|mailbox| mailbox.address).collect();
    let told_at = row.case.told_at.unwrap_or(row.case.opened_at);
    let drafts = reply::drafts(&brief);
    let ui = engine.settings.ui;
    let taken_by = row.case.taken_by.as_deref();
    let letter = letter::escalation(&brief, told_at, &told, ui, source, &drafts, taken_by);
    let round = brief.answer_by.0.to_string();
    let identity = digest_hex(&["escalation", &row.id.0, &round, &step.to_string()]);
    about_case(engine, "escalation", &identity, &row.id, &to, letter)
}

fn people_of_step(engine: &Engine, step: usize) -> Vec<Mailbox> {
    let alerts = engine.settings.alerts.as_ref();
    let step = alerts.and_then(|alerts| alerts.escalate.get(step));
    step.map_or(Vec::new(), |step| recipients::once(&step.to))
}

/// We answered some days ago: has he said that it is solved?
pub(super) fn ask_whether_solved(
    engine: &Engine,
    row: &CaseRow,
    stored: &StoredPost,
    now: Timestamp,
) -> Vec<NewAlert> {
    let Some((brief, source)) = recalled(engine, row, stored, now) else {
        return Vec::new();
    };
    let answered_at = row.case.answered_at().unwrap_or(now);
    let letter = letter::ask_whether_solved(&brief, answered_at, engine.settings.ui, source);
    let identity = digest_hex(&["asked", &row.id.0, &brief.answer_by.0.to_string()]);
    let to = recipients::of(engine, &row.watch, &brief.verdict.topics);
    about_case(engine, "asked", &identity, &row.id, &to, letter)
}

/// The customer says that it is solved: one letter a case, however often it is said.
pub(super) fn solved(
    engine: &Engine,
    row: &CaseRow,
    stored: &StoredPost,
    customers_words: &str,
    now: Timestamp,
) -> Vec<NewAlert> {
    let Some((brief, source)) = recalled(engine, row, stored, now) else {
        return Vec::new();
    };
    let letter = letter::solved(&brief, customers_words, engine.settings.ui, source);
    let identity = digest_hex(&["solved", &row.id.0]);
    let to = recipients::of(engine, &row.watch, &brief.verdict.topics);
    about_case(engine, "solved", &identity, &row.id, &to, letter)
}

/// The first mail about a case has not been accepted for a day.
pub(super) fn stuck(engine: &Engine, case_id: &CaseId, now: Timestamp) -> Vec<NewAlert> {
    let identity = digest_hex(&["stuck", &case_id.0, &now.0.to_string()]);
    let detail = engine.settings.ui.pick(
        "el servidor de correo no lo ha aceptado todavía",
        "the mail server has not taken it yet",
    );
    let trouble = Trouble::MailStuck {
        case_id: case_id.clone(),
        detail: detail.to_owned(),
    };
    operator_alert(engine, &identity, trouble)
}

/// What the operator reads about a source: its ailment, or that it is over.
pub(super) fn source_trouble(
    engine: &Engine,
    source: &SourceSettings,
    state: &SourceState,
    health: &SourceHealth,
    of: Option<Ailment>,
) -> Trouble {
    let (name, url) = (source.name.clone(), source.url.to_string());
    let detail = health.why(engine.settings.ui);
    match of {
        None => Trouble::SourceWell { source: name },
        Some(Ailment::Quiet) => Trouble::SourceQuiet {
            source: name,
            url,
            detail,
        },
        Some(Ailment::Blind) if state.cause.as_deref() == Some(Cause::Robots.code()) => {
            Trouble::RobotsForbid { source: name, url }
        }
        Some(Ailment::Blind) => Trouble::SourceBlind {
            source: name,
            url,
            detail,
        },
    }
}

/// One letter about these sources, to the operator.
pub(super) fn sources(engine: &Engine, troubles: &[Trouble], now: Timestamp) -> Vec<NewAlert> {
    let all = format!("{troubles:?}");
    let identity = digest_hex(&["sources", &all, &now.0.to_string()]);
    operator_letter(engine, &identity, troubles)
}

/// Adds what recipients answered to earlier letters; of an alert to the operator nothing is changed.
pub(super) fn add_notes(engine: &Engine, alerts: &mut [NewAlert], notes: &[String]) {
    for alert in alerts.iter_mut().filter(|alert| alert.kind != "operator") {
        let letter = Letter {
            subject: std::mem::take(&mut alert.subject),
            text: std::mem::take(&mut alert.text),
            html: std::mem::take(&mut alert.html),
        };
        let letter = letter::noted(letter, notes, engine.settings.ui);
        alert.subject = letter.subject;
        alert.text = letter.text;
        alert.html = letter.html;
    }
}

/// A technical notice, to the operator only.
pub fn operator_alert(engine: &Engine, identity: &str, trouble: Trouble) -> Vec<NewAlert> {
    operator_letter(engine, identity, &[trouble])
}

fn operator_letter(engine: &Engine, identity: &str, troubles: &[Trouble]) -> Vec<NewAlert> {
    let letter = letter::operator(troubles, engine.settings.ui);
    alert(
        engine,
        "operator",
        identity,
        None,
        letter,
        operators(engine),
    )
}

/// Who is told of technical matters.
pub(super) fn operators(engine: &Engine) -> &[Mailbox] {
    let alerts = engine.settings.alerts.as_ref();
    alerts.map_or(&[], |alerts| &alerts.operator)
}

fn brief<'a>(
    engine: &'a Engine,
    post: &'a Post,
    verdict: &'a Verdict,
    case_id: &'a CaseId,
    answer_by: Timestamp,
    now: Timestamp,
) -> Brief<'a> {
    Brief {
        post,
        verdict,
        company: &engine.settings.company,
        remedies: &engine.settings.remedies,
        case_id,
        now,
        zone: &engine.settings.zone,
        answer_by,
    }
}

/// What is known of an open case, and where it began.
pub(super) fn recalled<'a>(
    engine: &'a Engine,
    row: &'a CaseRow,
    stored: &'a StoredPost,
    now: Timestamp,
) -> Option<(Brief<'a>, &'a str)> {
    let verdict = stored.verdict.as_ref()?;
    let answer_by = row.case.answer_by.unwrap_or(now);
    let brief = brief(engine, &stored.post, verdict, &row.id, answer_by, now);
    Some((brief, source_name(engine, stored)))
}

/// Where this was said first.
pub(super) fn source_name<'a>(engine: &'a Engine, stored: &StoredPost) -> &'a str {
    let name = name_of(engine, &stored.source_id);
    match stored.post.how {
        How::ByHand if name.is_empty() => super::capture::elsewhere(engine.settings.ui),
        _ => name,
    }
}

/// The name of a configured source; nothing for one that is no longer there.
pub(super) fn name_of<'a>(engine: &'a Engine, id: &SourceId) -> &'a str {
    engine.source(id).map_or("", |source| &source.name)
}

/// The alert about one case, in its thread.
fn about_case(
    engine: &Engine,
    kind: &'static str,
    identity: &str,
    case_id: &CaseId,
    to: &[Mailbox],
    letter: Letter,
) -> Vec<NewAlert> {
    alert(engine, kind, identity, Some(case_id), letter, to)
}

/// The alert with one delivery a recipient; none where nobody is to be told.
pub(super) fn alert(
    engine: &Engine,
    kind: &'static str,
    identity: &str,
    case_id: Option<&CaseId>,
    letter: Letter,
    to: &[Mailbox],
) -> Vec<NewAlert> {
    if to.is_empty() {
        return Vec::new();
    }
    let id = format!("a-{}", &identity[..24]);
    let deliveries = addressed(engine, &id, to);
    vec![NewAlert {
        id,
        kind,
        case_id: case_id.cloned(),
        lists: Vec::new(),
        thread: case_id.map(|id| format!("case|{id}")),
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
        deliveries,
    }]
}

/// The deliveries of an alert: id, recipient, Message-ID.
pub(super) fn addressed(
    engine: &Engine,
    alert_id: &str,
    to: &[Mailbox],
) -> Vec<(String, String, String)> {
    let from = engine
        .settings
        .smtp
        .as_ref()
        .map_or("", |smtp| &smtp.from.address);
    let domain = from.rsplit('@').next().unwrap_or("localhost");
    to.iter()
        .map(|mailbox| {
            let delivery = format!("d-{}", &digest_hex(&[alert_id, &mailbox.address])[..24]);
            let message_id = message_id(&engine.instance_key, &delivery, domain);
            (delivery, mailbox.address.clone(), message_id)
        })
        .collect()
}
