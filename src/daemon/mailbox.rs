//! One reading of a mailbox: what is new in it, and what that says.
//!
//! How far the folder has been read is kept where web sources keep their validators, so that it moves
//! only in the transaction that stores the posts: what a worker read and did not store is read again.

use tracing::debug;

use super::Service;
use super::poller::{reading, stumbled};
use crate::clock;
use crate::extract::{self, Extracted, Problem, Reach};
use crate::flow::poll::{Answer, Cause, Job, Outcome, Told, Trouble};
use crate::imap::{self, Cursor, Errand, Haul};
use crate::model::Timestamp;
use crate::settings::{MailboxSettings, SourceSettings};
use crate::store::Validators;

/// Asks the mailbox of this source for what is new.
pub(super) async fn ask(service: &Service, job: &Job, mailbox: &MailboxSettings) -> Answer {
    let errand = Errand {
        cursor: job.claim.validators.etag.as_deref().and_then(Cursor::parse),
        last_ok_at: job.claim.last_ok_at,
        is_careful: job.claim.n_failures > 0,
        now: clock::now(),
    };
    let outcome = match imap::read(&service.client, mailbox, errand).await {
        Ok(haul) => read(service, &job.source, haul).await,
        Err(error) => {
            let hope = error.hope();
            Outcome::Trouble(Trouble {
                sentence: error.sentence(service.engine().settings.ui),
                retry_after_ms: hope.retry_after_ms,
                cause: if hope.is_lasting {
                    Cause::Lasting
                } else {
                    Cause::Passing
                },
            })
        }
    };
    Answer {
        outcome,
        rests: Vec::new(),
    }
}

/// The mails as posts, on a thread for long work and few at a time.
async fn read(service: &Service, source: &SourceSettings, haul: Haul) -> Outcome {
    let told = Told {
        validators: Validators {
            etag: Some(haul.cursor.to_string()),
            last_modified: None,
        },
        ..Told::default()
    };
    if haul.mails.is_empty() && haul.reach == Reach::Tail {
        let is_whole = false;
        return Outcome::NotModified { told, is_whole };
    }
    let ui = service.engine().settings.ui;
    let Ok(_permit) = service.readers.acquire().await else {
        return stumbled(ui.pick("el servicio se está parando", "the service is stopping"));
    };
    let (owned, now) = (source.clone(), clock::now());
    let extracting = tokio::task::spawn_blocking(move || extracted(&haul, &owned, now));
    let Ok(extracted) = extracting.await else {
        return stumbled(ui.pick(
            "el correo hace tropezar al lector; avise a los desarrolladores",
            "the mail makes the reader stumble; tell the developers",
        ));
    };
    for problem in &extracted.problems {
        debug!(source = %source.name, "source {}: {}", source.name, problem.detail);
    }
    Outcome::Read {
        extracted,
        body_hash: String::new(),
        told,
    }
}

fn extracted(haul: &Haul, source: &SourceSettings, now: Timestamp) -> Extracted {
    let mails = haul.mails.iter().map(Vec::as_slice);
    let mut extracted = extract::mails(mails, &reading(source, now));
    extracted.reach = haul.reach;
    let lost = [
        (
            haul.n_refused,
            "mails that the server does not give",
            "correos que el servidor no entrega",
        ),
        (
            haul.n_cut,
            "mails so large that only their beginning was read",
            "correos tan grandes que solo se ha leído el principio",
        ),
    ];
    for (n, en, es) in lost.into_iter().filter(|(n, ..)| *n > 0) {
        extracted.problems.push(Problem {
            fatal: false,
            detail: format!("{en}: {n}"),
            spanish: Some(format!("{es}: {n}")),
            is_shortfall: true,
        });
    }
    extracted
}
