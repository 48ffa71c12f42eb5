//! Looks at the pages of open cases' posts, one conditional GET each.
//!
//! Absent: what a look means for the case (`flow::look`), and the words of the page.

use std::sync::Arc;

use tracing::warn;
use url::Url;

use super::Service;
use super::visit::{Stop, Visit};
use crate::clock;
use crate::fetch::{Accept, Body, Request};
use crate::flow::look::{self, Answer, Outcome};
use crate::flow::poll::{self, Cause};
use crate::store::Validators;

/// One look from its lease to its settling.
pub(super) async fn look_task(service: Arc<Service>, job: look::Job) {
    let answer = ask(&service, &job).await;
    let settled = async {
        let now = clock::shared_now(&service.store).await?;
        look::finish(&service.store, &service.engine(), &job, answer, now).await
    };
    if let Err(failure) = settled.await {
        let id = &job.claim.case_id;
        warn!(case.id = %id, "the look at the page of {id} could not be stored: {failure}");
    }
    service.poll_due.notify_one();
}

async fn ask(service: &Service, job: &look::Job) -> Answer {
    let Ok(url) = Url::parse(&job.claim.url) else {
        return Answer {
            outcome: Outcome::Forbidden,
            rests: Vec::new(),
        };
    };
    let known = &job.claim.look.validators;
    let request = Request {
        url: &url,
        etag: known.etag.as_deref(),
        last_modified: known.last_modified.as_deref(),
        accept: Accept::Page,
        now: clock::now(),
    };
    let mut visit = Visit::to_look(service, job);
    let outcome = match visit.get(&request).await {
        Ok(response) => {
            let told = Validators {
                etag: response.etag,
                last_modified: response.last_modified,
            };
            Outcome::There(match response.body {
                Body::NotModified => poll::kept(known, told),
                Body::Bytes(_) => told,
            })
        }
        Err(Stop::PutOff(until)) => Outcome::PutOff { until },
        Err(Stop::Trouble(_)) if visit.found_nothing() => Outcome::Gone,
        Err(Stop::Trouble(trouble)) => match trouble.cause {
            Cause::Robots | Cause::Lasting => Outcome::Forbidden,
            Cause::NothingFound | Cause::Passing => Outcome::Unknown,
        },
    };
    Answer {
        outcome,
        rests: visit.rests(),
    }
}
