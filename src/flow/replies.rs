//! What comes back to our letters: a report that one could not be delivered ends it, and what a recipient
//! answers becomes a note on its case.
//!
//! `begin` leases the mailbox, the outer ring reads it, `finish` does what its mails say, each once, and
//! notes how far it was read. **Invariant:** nothing here answers a mail, and a report about a notice to the
//! operator makes no further notice.

use super::{Engine, letters, undelivered};
use crate::extract::{Answer, Fate, Incoming, Report};
use crate::letter::Trouble;
use crate::model::{Case, CaseId, GivenUp, Timestamp, Ui, digest_hex};
use crate::settings::MailboxSettings;
use crate::store::{
    CaseRow, ClaimedInbox, DeliveryState, Ending, Hearing, InboxSettled, Store, StoreError,
};

/// A reading may take so long.
const LEASE_SECONDS: i64 = 300;
/// How often the mailbox is looked at.
const EVERY_MINUTES: i64 = 5;
/// After failures in a row; a password that was refused waits longer.
const BACKOFF_MINUTES: [i64; 4] = [5, 10, 30, 60];
/// What may mend by itself is told after this long.
const TELL_MINUTES: i64 = 60;
/// What a mail speaks of is being sent at this moment: it is looked at again so soon.
const AGAIN_MINUTES: i64 = 3;
/// Cases of one letter that get what was answered to it.
const NOTED_MAX: usize = 50;

/// The leased mailbox.
#[derive(Clone, Debug)]
pub struct Job {
    pub mailbox: MailboxSettings,
    pub claim: ClaimedInbox,
}

/// What a reading came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    Read {
        /// How far the mailbox was read.
        cursor: String,
        /// Of each mail a name derived from its bytes, and what it is.
        mails: Vec<(String, Incoming)>,
    },
    Trouble {
        /// For the operator.
        sentence: String,
        /// It will not mend by itself.
        is_lasting: bool,
        retry_after_ms: Option<i64>,
    },
}

/// What the mails did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub n_returned: usize,
    pub n_delayed: usize,
    pub n_notes: usize,
    /// Reports and answers that speak of no letter of ours, or come from nobody who was sent it.
    pub n_aside: usize,
    /// False when the lease was lost.
    pub is_settled: bool,
}

/// By what the store knows this mailbox.
pub fn inbox_id(mailbox: &MailboxSettings) -> String {
    let place = [
        "inbox",
        &mailbox.host,
        &mailbox.user,
        &mailbox.folder,
        &mailbox.port.to_string(),
    ];
    digest_hex(&place)[..24].to_owned()
}

/// Leases the mailbox, if there is one and it is due.
pub async fn begin(
    store: &Store,
    engine: &Engine,
    worker: &str,
    now: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let Some(mailbox) = &engine.settings.replies else {
        return Ok(None);
    };
    let until = now.plus_seconds(LEASE_SECONDS);
    let id = inbox_id(mailbox);
    let claim = store.claim_inbox(&id, worker, now, until).await?;
    Ok(claim.map(|claim| Job {
        mailbox: mailbox.clone(),
        claim,
    }))
}

/// When the mailbox is to be read next.
pub async fn next_at(store: &Store, engine: &Engine) -> Result<Option<Timestamp>, StoreError> {
    let Some(mailbox) = &engine.settings.replies else {
        return Ok(None);
    };
    let state = store.inbox(&inbox_id(mailbox)).await?;
    Ok(state.map(|state| state.next_at))
}

/// Does what the mails say, and ends the reading.
pub async fn finish(
    store: &Store,
    engine: &Engine,
    job: &Job,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Done, StoreError> {
    let mut done = Done::default();
    let (settled, alerts) = match outcome {
        Outcome::Read { cursor, mails } => {
            let mut is_all = true;
            for (id, mail) in mails {
                is_all &= hear(store, engine, id, mail, now, &mut done).await?;
            }
            let minutes = if is_all { EVERY_MINUTES } else { AGAIN_MINUTES };
            let settled = InboxSettled {
                next_at: now.plus_minutes(minutes),
                // What could not be done yet is read again.
                cursor: is_all.then_some(cursor.as_str()),
                trouble: None,
                is_told: false,
            };
            (settled, Vec::new())
        }
        Outcome::Trouble {
            sentence,
            is_lasting,
            retry_after_ms,
        } => {
            let claim = &job.claim;
            let step = (claim.n_failures as usize).min(BACKOFF_MINUTES.len() - 1);
            let soonest = now.plus_ms(retry_after_ms.unwrap_or(0));
            let since = claim.trouble_at.unwrap_or(now);
            let is_due = *is_lasting || now >= since.plus_minutes(TELL_MINUTES);
            let is_told = is_due && claim.told_at.is_none();
            let settled = InboxSettled {
                next_at: now.plus_minutes(BACKOFF_MINUTES[step]).max(soonest),
                cursor: None,
                trouble: Some(sentence),
                is_told,
            };
            let alerts = if is_told {
                let identity = digest_hex(&["replies", &claim.id, &since.0.to_string()]);
                let detail = sentence.clone();
                letters::operator_alert(engine, &identity, Trouble::RepliesUnread { detail })
            } else {
                Vec::new()
            };
            (settled, alerts)
        }
    };
    done.is_settled = store
        .settle_inbox(&job.claim, &settled, &alerts, now)
        .await?;
    Ok(done)
}

/// Does what one mail says. False when it has to be looked at again.
async fn hear(
    store: &Store,
    engine: &Engine,
    id: &str,
    mail: &Incoming,
    now: Timestamp,
    done: &mut Done,
) -> Result<bool, StoreError> {
    if store.is_heard(id).await? {
        return Ok(true);
    }
    match mail {
        Incoming::Aside => Ok(true),
        Incoming::Report(report) => reported(store, engine, id, report, now, done).await,
        Incoming::Answer(answer) => answered(store, id, answer, now, done).await,
    }
}

async fn reported(
    store: &Store,
    engine: &Engine,
    id: &str,
    report: &Report,
    now: Timestamp,
    done: &mut Done,
) -> Result<bool, StoreError> {
    let Some(delivery) = first_known(store, &report.about).await? else {
        done.n_aside += 1;
        return Ok(true);
    };
    if report.fate == Fate::Other {
        done.n_aside += 1;
        return Ok(true);
    }
    if delivery.state == "sending" {
        return Ok(false);
    }
    let sentence = sentence(report, engine.settings.ui);
    let is_over = report.fate == Fate::Failed && delivery.state != "dead";
    if !is_over {
        let hearing = Hearing {
            remark: Some((&delivery.id, &sentence)),
            became: match report.fate {
                Fate::Failed => "bounced",
                Fate::Delayed | Fate::Other => "delayed",
            },
            ..empty(id)
        };
        done.n_delayed += usize::from(store.hear(&hearing, now).await?);
        return Ok(true);
    }
    let hearing = Hearing {
        became: "bounced",
        ending: Some(Ending {
            id: &delivery.id,
            alert_id: &delivery.alert_id,
            token: delivery.token,
            state: &delivery.state,
            cause: GivenUp::Bounced,
            who: "report",
            event: "bounced",
            code: None,
            text: &sentence,
        }),
        steps: untold(store, &delivery, now).await?,
        alerts: undelivered::told(engine, &(&delivery).into(), false, &sentence),
        ..empty(id)
    };
    let is_done = store.hear(&hearing, now).await?;
    done.n_returned += usize::from(is_done);
    Ok(is_done)
}

/// The cases of which nobody knows any more, now that this letter came back.
async fn untold(
    store: &Store,
    delivery: &DeliveryState,
    now: Timestamp,
) -> Result<Vec<(CaseRow, Case)>, StoreError> {
    let mut steps = Vec::new();
    for row in store.cases_of_alert(&delivery.alert_id).await? {
        if store.n_mails_of_case(&row.id, &delivery.id).await? == 0
            && let Some(next) = row.case.untold(now)
        {
            steps.push((row, next));
        }
    }
    Ok(steps)
}

async fn answered(
    store: &Store,
    id: &str,
    answer: &Answer,
    now: Timestamp,
    done: &mut Done,
) -> Result<bool, StoreError> {
    let Some(delivery) = first_known(store, &answer.about).await? else {
        done.n_aside += 1;
        return Ok(true);
    };
    let recipients = store.recipients_of_alert(&delivery.alert_id).await?;
    let is_recipient = recipients
        .iter()
        .any(|known| known.eq_ignore_ascii_case(&answer.from));
    let cases = store.cases_of_alert(&delivery.alert_id).await?;
    if !is_recipient || cases.is_empty() {
        done.n_aside += 1;
        return Ok(true);
    }
    let words = format!("{}: {}", answer.from.to_lowercase(), answer.words);
    let notes: Vec<(CaseId, String)> = cases
        .into_iter()
        .take(NOTED_MAX)
        .map(|row| (row.id, words.clone()))
        .collect();
    let hearing = Hearing { notes, ..empty(id) };
    done.n_notes += usize::from(store.hear(&hearing, now).await?);
    Ok(true)
}

async fn first_known(store: &Store, ids: &[String]) -> Result<Option<DeliveryState>, StoreError> {
    for id in ids {
        if let Some(delivery) = store.delivery_of_message(id).await? {
            return Ok(Some(delivery));
        }
    }
    Ok(None)
}

fn empty(id: &str) -> Hearing<'_> {
    Hearing {
        id,
        became: "note",
        ending: None,
        remark: None,
        steps: Vec::new(),
        alerts: Vec::new(),
        notes: Vec::new(),
    }
}

/// What the report says, for the operator.
fn sentence(report: &Report, ui: Ui) -> String {
    let code = report.status.as_deref().unwrap_or_default();
    let said = format!("{code} {}", report.said);
    let said = said.trim();
    let said = if said.is_empty() {
        String::new()
    } else {
        format!(" ({said})")
    };
    match (report.fate, ui) {
        (Fate::Failed, Ui::Es) => format!(
            "El servidor aceptó el correo y después lo devolvió{said}: compruebe que la dirección \
             existe y que su buzón admite correo."
        ),
        (Fate::Failed, Ui::En) => format!(
            "The server took the mail and returned it later{said}: check that the address exists \
             and that its mailbox takes mail."
        ),
        (_, Ui::Es) => format!(
            "Un servidor avisa de que el correo se retrasa{said}: lo sigue intentando; no tiene \
             que hacer nada."
        ),
        (_, Ui::En) => format!(
            "A server reports that the mail is late{said}: it goes on trying; nothing needs to be \
             done."
        ),
    }
}
