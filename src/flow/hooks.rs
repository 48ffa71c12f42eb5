//! Webhooks: from an alert to the 2xx of every endpoint that wants to hear of it.
//!
//! An endpoint is called by one worker at a time, in the order of the events. One that fails is left
//! alone as a whole and tried with one event now and then; one event that it refuses is tried again by
//! itself, and the others go on.

use serde_json::Value;

use super::{Engine, letters, operator_alert, rows};
use crate::hook::{self, Event};
use crate::letter::{HookFate, Letter, Trouble};
use crate::model::{self, Case, GivenUp, Level, Timestamp, digest_hex};
use crate::reply;
use crate::settings::WebhookSettings;
use crate::store::{
    CallRow, CaseRow, EndpointRow, NewAlert, NewCall, Settling, Store, StoreError, UncalledAlert,
};

/// Longer than one call may take.
const LEASE_SECONDS: i64 = 60;
/// Calls held at a time: what waits stays in the database.
const BATCH: u32 = 16;
/// Alerts taken in one turn.
const ALERTS_A_TURN: u32 = 50;
/// Of an alert about many cases so many are told whole, their words up to this length.
const CASES_MAX: usize = 50;
const LISTED_CHARS_MAX: usize = 2_000;
/// Seconds between the attempts of one event: the schedule of Standard Webhooks.
const SCHEDULE_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// The schedule from its first attempt to its last: so long an event is tried.
const LIFE_SECONDS: i64 = 272_105;
/// Where every event fails there is no need to wait so long: one call an hour harms nobody.
const FAILED_SECONDS_MAX: i64 = 3_600;
/// How long an endpoint is left alone after 1, 2, 3 and more failures in a row.
const OPEN_SECONDS: [i64; 6] = [5, 60, 300, 900, 1_800, FAILED_SECONDS_MAX];
/// The longest that an endpoint can send us away for.
const WAIT_MS_MAX: i64 = 24 * 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// At this failure in a row the operator is told, and of an event at this refusal.
const TOLD_AFTER: u32 = 4;
/// An outage, and not one event that the endpoint stumbles over.
const OUTAGE_FAILURES: u32 = 2;

/// What became of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    /// The status, if there was one.
    pub code: Option<u16>,
    /// One sentence in the configured language; no path of the address, no key.
    pub sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx, and only that.
    Taken,
    /// The endpoint takes nothing now; it may have said how long to wait.
    Failed { wait_ms: Option<i64> },
    /// This event is not to its liking; others may be.
    Refused,
    /// 410: it wants no more calls.
    Gone,
}

/// What comes after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next one of the job.
    Call,
    /// A new job: the endpoint is well again, and more is due than was known.
    Begin,
    /// The endpoint is left alone, or is another worker's.
    Stop,
}

/// Calls that are due at an endpoint, and the right to make them.
#[derive(Debug)]
pub struct Job {
    pub endpoint: EndpointRow,
    pub calls: Vec<CallRow>,
}

impl Job {
    /// There may be more than these.
    pub fn is_full(&self) -> bool {
        self.calls.len() == BATCH as usize
    }
}

/// Makes the endpoints of the configuration known.
pub async fn sync(store: &Store, engine: &Engine) -> Result<(), StoreError> {
    let hooks = engine.settings.webhooks.iter();
    let endpoints: Vec<(&str, String)> = hooks
        .map(|hook| (hook.name.as_str(), hook.digest()))
        .collect();
    store.sync_endpoints(&endpoints).await
}

/// Makes the calls of alerts that are new, and gives up what waits for nobody; returns how many alerts
/// there were.
pub async fn spread(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let hooks = &engine.settings.webhooks;
    let alerts = store.uncalled_alerts(ALERTS_A_TURN).await?;
    if hooks.is_empty() && !alerts.is_empty() {
        store.forgo_calls().await?;
        return Ok(0);
    }
    let mut calls = Vec::new();
    for alert in &alerts {
        calls.push((alert.id.as_str(), calls_of(store, engine, alert).await?));
    }
    if !calls.is_empty() {
        store.add_calls(&calls, now).await?;
    }
    bury_orphans(store, engine, now).await?;
    Ok(alerts.len())
}

/// What waits for an endpoint that is configured no more, or is gone, waits no longer than others.
async fn bury_orphans(store: &Store, engine: &Engine, now: Timestamp) -> Result<(), StoreError> {
    let before = now.plus_seconds(-LIFE_SECONDS);
    let waiting = store.waiting_endpoints(before).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let states = store.endpoint_states().await?;
    let why = engine.settings.ui.pick(
        "ya no hay nadie a quien llamar: el webhook se quitó o respondió 410",
        "there is nobody left to call: the webhook was removed, or answered 410",
    );
    for recipient in waiting {
        let mut hooks = engine.settings.webhooks.iter();
        let hook = hooks.find(|hook| hook.recipient() == recipient);
        let is_gone = |hook: &WebhookSettings| {
            let mut states = states.iter();
            states.any(|it| it.endpoint.name == hook.name && it.endpoint.gone_at.is_some())
        };
        if hook.is_none_or(is_gone) {
            store.bury_calls(&recipient, before, why, now).await?;
        }
    }
    Ok(())
}

/// The calls that an alert makes: one an endpoint that wants to hear of it.
async fn calls_of(
    store: &Store,
    engine: &Engine,
    alert: &UncalledAlert,
) -> Result<Vec<NewCall>, StoreError> {
    let hooks = &engine.settings.webhooks;
    let may_want = |hook: &&WebhookSettings| hook.wanted.admits(&alert.kind, Some(Level::Urgent));
    if !hooks.iter().any(|hook| may_want(&hook)) {
        return Ok(Vec::new());
    }
    let (event, level) = event(store, engine, alert).await?;
    let usual = event.to_string();
    let wanting = hooks
        .iter()
        .filter(|hook| hook.wanted.admits(&alert.kind, level));
    let call = |hook: &WebhookSettings| {
        let recipient = hook.recipient();
        NewCall {
            id: format!("d-{}", &digest_hex(&[&alert.id, &recipient])[..24]),
            body: match &hook.body {
                Some(template) => template.render(&event),
                None => usual.clone(),
            },
            recipient,
        }
    };
    Ok(wanting.map(call).collect())
}

/// The event of an alert, and the level of the case that it is about.
async fn event(
    store: &Store,
    engine: &Engine,
    alert: &UncalledAlert,
) -> Result<(Value, Option<Level>), StoreError> {
    // Links belong to readers of mails; a receiver gets the letter without its places for them.
    let letter = Letter {
        subject: alert.subject.clone(),
        text: alert.text.clone(),
        html: String::new(),
    };
    let letter = letter.plain();
    let mut about = Event {
        subject: letter.subject,
        text: letter.text,
        ..Event::default()
    };
    let mut level = None;
    let all = store.cases_of_alert(&alert.id).await?;
    about.n_cases = all.len();
    for row in all.iter().take(CASES_MAX) {
        let Some(post) = store.post(&row.post_id).await? else {
            continue;
        };
        let incident = store.incident_of(&row.id).await?;
        let mut shown = rows::case_json(row, &post, incident.as_ref());
        if alert.case_id.as_ref() == Some(&row.id) {
            level = post.verdict.as_ref().map(|verdict| verdict.level);
            let brief = letters::recalled(engine, row, &post, alert.created_at);
            let drafts = brief.map_or_else(Vec::new, |(brief, _)| reply::drafts(&brief));
            about.drafts = drafts.into_iter().map(|draft| draft.text).collect();
            about.case = Some(shown);
        } else {
            let short: String = post.post.text.chars().take(LISTED_CHARS_MAX).collect();
            shown["text"] = Value::String(short);
            about.cases.push(shown);
        }
    }
    Ok((hook::event(&alert.kind, alert.created_at, &about), level))
}

/// Leases an endpoint with the calls that are due there; `None` when there is nothing to do.
pub async fn begin(
    store: &Store,
    hook: &WebhookSettings,
    worker: &str,
    now: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let recipient = hook.recipient();
    if store.due_calls(&recipient, now, 1).await?.is_empty() {
        return Ok(None);
    }
    let open_max = now.plus_ms(WAIT_MS_MAX).plus_minutes(1);
    let until = now.plus_seconds(LEASE_SECONDS);
    let claimed = store.claim_endpoint(&hook.name, worker, now, until, open_max);
    let Some(endpoint) = claimed.await? else {
        return Ok(None);
    };
    let calls = store.due_calls(&recipient, now, BATCH).await?;
    Ok(Some(Job { endpoint, calls }))
}

/// Asked before every call: false when the lease was lost, and then nothing may be sent.
pub async fn may_call(
    store: &Store,
    endpoint: &EndpointRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let until = now.plus_seconds(LEASE_SECONDS);
    store.renew_endpoint(endpoint, now, until).await
}

/// Settles one call.
pub async fn finish(
    store: &Store,
    engine: &Engine,
    job: &mut Job,
    call: &CallRow,
    answer: &Answer,
    now: Timestamp,
) -> Result<Next, StoreError> {
    let endpoint = &mut job.endpoint;
    let was_down = endpoint.n_failures >= OUTAGE_FAILURES;
    let settling = settling(call, answer, now);
    note(endpoint, answer, now);
    let alerts = trouble(engine, endpoint, &settling, answer, now);
    let cases = match answer.outcome {
        Outcome::Taken => store.cases_of_alert(&call.alert_id).await?,
        Outcome::Failed { .. } | Outcome::Refused | Outcome::Gone => Vec::new(),
    };
    let steps: Vec<(CaseRow, Case)> = cases
        .into_iter()
        .filter_map(|row| told(engine, row, now))
        .collect();
    let written = store.settle_call(endpoint, call, &settling, (&steps, &alerts), now);
    if !written.await? {
        return Ok(Next::Stop);
    }
    let recipient = format!("webhook:{}", endpoint.name);
    match answer.outcome {
        Outcome::Taken if was_down => {
            store.call_all(&recipient, now).await?;
            Ok(Next::Begin)
        }
        Outcome::Taken | Outcome::Refused => Ok(Next::Call),
        Outcome::Failed { .. } if settling.state == "dead" => {
            let all_before = now.plus_seconds(-LIFE_SECONDS);
            let buried = store.bury_calls(&recipient, all_before, &answer.sentence, now);
            buried.await.map(|_| Next::Stop)
        }
        Outcome::Failed { .. } | Outcome::Gone => Ok(Next::Stop),
    }
}

/// What becomes of the call.
fn settling<'a>(call: &CallRow, answer: &'a Answer, now: Timestamp) -> Settling<'a> {
    let mut settling = Settling {
        state: "ready",
        cause: None,
        event: "later",
        next_at: now,
        attempts: call.attempts + 1,
        doubts: call.refusals,
        code: answer.code,
        error: Some(&answer.sentence),
    };
    match answer.outcome {
        Outcome::Taken => {
            settling.state = "sent";
            settling.event = "sent";
            settling.error = None;
        }
        Outcome::Failed { wait_ms } => {
            let wait_ms = wait_ms.unwrap_or(0).clamp(0, WAIT_MS_MAX);
            let wait = spread_ms(call, call.attempts, FAILED_SECONDS_MAX).max(wait_ms);
            settling.next_at = now.plus_ms(wait);
            if now >= call.created_at.plus_seconds(LIFE_SECONDS) {
                settling.state = "dead";
            }
        }
        Outcome::Refused => {
            settling.event = "refused";
            settling.doubts += 1;
            let wait = spread_ms(call, call.refusals, i64::MAX);
            settling.next_at = now.plus_ms(wait);
            if settling.doubts as usize > SCHEDULE_SECONDS.len() {
                settling.state = "dead";
            }
        }
        Outcome::Gone => {}
    }
    if settling.state == "dead" {
        settling.cause = Some(GivenUp::Expired);
    }
    settling
}

/// The wait after the `n`-th attempt, from 0, give or take a fifth: events that failed together do not
/// come back together.
fn spread_ms(call: &CallRow, n: u32, seconds_max: i64) -> i64 {
    let step = (n as usize).min(SCHEDULE_SECONDS.len() - 1);
    let ms = SCHEDULE_SECONDS[step].min(seconds_max) * 1_000;
    let digest = digest_hex(&["call", &call.id, &n.to_string()]);
    let drawn = i64::from(u16::from_str_radix(&digest[..4], 16).unwrap_or(0));
    ms * 8 / 10 + ms * 4 / 10 * drawn / 65_535
}

/// How the endpoint is after the call.
fn note(endpoint: &mut EndpointRow, answer: &Answer, now: Timestamp) {
    match answer.outcome {
        Outcome::Taken => {
            endpoint.failing_at = None;
            endpoint.n_failures = 0;
            endpoint.open_until = Timestamp(0);
            endpoint.last_error = None;
            endpoint.last_ok_at = Some(now);
        }
        Outcome::Failed { wait_ms } => {
            let step = (endpoint.n_failures as usize).min(OPEN_SECONDS.len() - 1);
            let wait_ms = wait_ms.unwrap_or(0).clamp(0, WAIT_MS_MAX);
            endpoint.open_until = now.plus_ms(wait_ms.max(OPEN_SECONDS[step] * 1_000));
            endpoint.n_failures += 1;
            endpoint.failing_at = endpoint.failing_at.or(Some(now));
            endpoint.last_error = Some(answer.sentence.clone());
        }
        // It answers, so that it is there.
        Outcome::Refused => endpoint.last_error = Some(answer.sentence.clone()),
        Outcome::Gone => {
            endpoint.gone_at = Some(now);
            endpoint.last_error = Some(answer.sentence.clone());
        }
    }
}

/// What the operator is told: each outage once, and of refused events once a day.
fn trouble(
    engine: &Engine,
    endpoint: &EndpointRow,
    settling: &Settling<'_>,
    answer: &Answer,
    now: Timestamp,
) -> Vec<NewAlert> {
    let is_dead = settling.state == "dead";
    let since = endpoint.failing_at.unwrap_or(now).0;
    let today = now.0 / DAY_MS;
    let (fate, of) = match answer.outcome {
        Outcome::Gone => (HookFate::Gone, now.0),
        Outcome::Failed { .. } if is_dead => (HookFate::Lost, since),
        Outcome::Failed { .. } if endpoint.n_failures == TOLD_AFTER => (HookFate::Failing, today),
        Outcome::Refused if is_dead => (HookFate::Lost, today),
        Outcome::Refused if settling.doubts == TOLD_AFTER => (HookFate::Refused, today),
        Outcome::Taken | Outcome::Failed { .. } | Outcome::Refused => return Vec::new(),
    };
    let of = of.to_string();
    let identity = digest_hex(&["webhook", &format!("{fate:?}"), &endpoint.name, &of]);
    let trouble = Trouble::Webhook {
        name: endpoint.name.clone(),
        fate,
        detail: answer.sentence.clone(),
    };
    operator_alert(engine, &identity, trouble)
}

/// The case after somebody was told of it; `None` where that changes nothing.
fn told(engine: &Engine, row: CaseRow, now: Timestamp) -> Option<(CaseRow, Case)> {
    let pace = engine.pace_of(&row);
    let (next, _) = row.case.on(&model::Event::Told, now, &pace).ok()?;
    (next != row.case).then_some((row, next))
}
