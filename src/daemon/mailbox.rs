//! One reading of a mailbox: what is new in it, and what that says.
//!
//! How far the folder has been read is kept where web sources keep their validators, so that it moves
//! only in the transaction that stores the posts: what a worker read and did not store is read again.

use std::sync::Arc;

use tracing::debug;

use super::Service;
use super::poller::{Desk, reading};
use crate::clock;
use crate::extract::{self, Extracted, Problem, Reach};
use crate::flow::poll::{Answer, Cause, Job, Outcome, Told, Trouble};
use crate::imap::{self, Cursor, Errand, Haul};
use crate::settings::{MailboxSettings, SourceSettings};
use crate::store::Validators;

/// Asks the mailbox of this source for what is new.
pub(super) async fn ask<'a>(
    service: &'a Service,
    job: &Job,
    mailbox: &MailboxSettings,
    desk: &mut Desk<'a>,
) -> Answer {
    let errand = Errand {
        cursor: job.claim.validators.etag.as_deref().and_then(Cursor::parse),
        last_ok_at: job.claim.last_ok_at,
        is_careful: job.claim.n_failures > 0,
        now: clock::now(),
    };
    let outcome = match imap::read(&service.client, mailbox, errand).await {
        Ok(haul) => read(service, &job.source, haul, desk).await,
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

/// The mails as posts.
async fn read<'a>(
    service: &'a Service,
    source: &SourceSettings,
    haul: Haul,
    desk: &mut Desk<'a>,
) -> Outcome {
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
    desk.take(service).await;
    let extracted = extracted(service, source, haul).await;
    for problem in &extracted.problems {
        debug!(source = %source.name, "source {}: {}", source.name, problem.detail);
    }
    Outcome::Read {
        extracted,
        body_hash: String::new(),
        told,
    }
}

/// Each mail for itself and within its limits.
async fn extracted(service: &Service, source: &SourceSettings, haul: Haul) -> Extracted {
    let mut reads = Vec::with_capacity(haul.mails.len());
    for mail in haul.mails {
        let job = Arc::new(reading(source, mail, None, None));
        reads.push(service.reader.posts(&job).await);
    }
    let mut extracted = extract::mails(reads);
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
        extracted
            .problems
            .push(Problem::lost(format!("{es}: {n}"), format!("{en}: {n}")));
    }
    extracted
}
