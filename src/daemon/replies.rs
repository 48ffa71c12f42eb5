//! Reads the mailbox to which reports and answers come.
//!
//! Its mails are read here, each within its size and with the gates of the reader, on a thread for long
//! work: what a large one says behind its first part is of no use.

use std::sync::Arc;

use tracing::{info, warn};

use super::Service;
use crate::clock;
use crate::extract::{self, Incoming};
use crate::flow::long_work;
use crate::flow::replies::{self, Done, Job, Outcome};
use crate::imap::{self, Cursor, Errand, Limits};
use crate::model::{Timestamp, digest_hex};
use crate::store::StoreError;

/// Of a larger mail only the beginning is read: reports give back what they could not deliver.
const MAIL_BYTES: usize = 256 << 10;

/// Reads the mailbox if it is due; tells when it is next.
pub(super) async fn turn(service: Arc<Service>) -> Result<Option<Timestamp>, StoreError> {
    once(&service).await?;
    replies::next_at(&service.store, &service.engine()).await
}

/// Reads the mailbox if it is due.
pub(super) async fn once(service: &Service) -> Result<(), StoreError> {
    let engine = service.engine();
    let now = clock::shared_now(&service.store).await?;
    let Some(job) = replies::begin(&service.store, &engine, &service.worker, now).await? else {
        return Ok(());
    };
    let outcome = read(service, &job).await;
    let now = clock::shared_now(&service.store).await?;
    let done = replies::finish(&service.store, &engine, &job, &outcome, now).await?;
    note(&outcome, done);
    if done.n_returned > 0 || matches!(outcome, Outcome::Trouble { .. }) {
        service.mail_due.notify_one();
    }
    Ok(())
}

fn note(outcome: &Outcome, done: Done) {
    if let Outcome::Trouble { sentence, .. } = outcome {
        warn!("the mailbox for replies: {sentence}");
    }
    let Done {
        n_returned,
        n_delayed,
        n_notes,
        n_aside,
        ..
    } = done;
    if n_returned + n_delayed + n_notes + n_aside > 0 {
        info!(
            mails.returned = n_returned,
            mails.delayed = n_delayed,
            notes = n_notes,
            mails.aside = n_aside,
            "the mailbox for replies was read"
        );
    }
}

async fn read(service: &Service, job: &Job) -> Outcome {
    let errand = Errand {
        cursor: job.claim.cursor.as_deref().and_then(Cursor::parse),
        last_ok_at: job.claim.last_ok_at,
        is_careful: job.claim.n_failures > 0,
        now: clock::now(),
    };
    let limits = Limits {
        mail_bytes: MAIL_BYTES,
        head_bytes: MAIL_BYTES,
        ..Limits::default()
    };
    match imap::read_within(&service.client, &job.mailbox, errand, limits).await {
        Ok(haul) => {
            let cursor = haul.cursor.to_string();
            let read =
                long_work::spawn(move || haul.mails.iter().map(|mail| heard(mail)).collect());
            match read.await {
                Ok(mails) => Outcome::Read { cursor, mails },
                Err(stumble) => Outcome::Trouble {
                    sentence: stumble.to_string(),
                    is_lasting: true,
                    retry_after_ms: None,
                },
            }
        }
        Err(error) => {
            let hope = error.hope();
            Outcome::Trouble {
                sentence: error.sentence(service.engine().settings.ui),
                is_lasting: hope.is_lasting,
                retry_after_ms: hope.retry_after_ms,
            }
        }
    }
}

/// A name for the mail, and what it is.
fn heard(mail: &[u8]) -> (String, Incoming) {
    let text = String::from_utf8_lossy(mail);
    let id = digest_hex(&["heard", &text]);
    (id, extract::incoming(mail))
}
