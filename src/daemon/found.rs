//! The feed of a web page that was given as a source: found in the page, read in its place within the
//! same poll, and kept, so that the next poll asks for the feed at once.
//!
//! Absent: pages with selectors; who wrote selectors wants the page.

use tracing::{info, warn};
use url::Url;

use super::Service;
use super::poller::{self, Desk};
use super::visit::{Stop, Visit};
use crate::clock;
use crate::fetch::{Accept, Request};
use crate::flow::poll::{Cause, Job, Outcome};
use crate::settings::{SourceKind, SourceSettings};
use crate::store::Validators;

/// So many of the feeds that a page offers are tried in one poll.
const TRIED_MAX: usize = 2;
/// A feed that failed so often in a row is looked for anew in its page.
const FAILURES_MAX: u32 = 3;

/// The feed that an earlier poll found on the page that is configured now.
pub(super) fn known(job: &Job) -> Option<Url> {
    let found = job.claim.found_feed.as_ref()?;
    let is_of_page = job.source.follows_feeds() && found.page == job.source.url.as_str();
    is_of_page.then(|| Url::parse(&found.url).ok())?
}

/// What the feed of a page brings, else what the page brought.
///
/// A page whose feeds cannot be read now is read whole at the next poll: an answer that it has not
/// changed would say nothing of the feeds.
pub(super) async fn instead<'a>(
    service: &'a Service,
    job: &Job,
    visit: &mut Visit<'_>,
    (page, feed_urls): (Outcome, &[String]),
    desk: &mut Desk<'a>,
) -> Outcome {
    if feed_urls.is_empty() || !job.source.follows_feeds() {
        return page;
    }
    let source = as_feed(&job.source);
    let urls = feed_urls.iter().filter_map(|url| Url::parse(url).ok());
    for url in urls.take(TRIED_MAX) {
        let request = Request {
            url: &url,
            etag: None,
            last_modified: None,
            accept: Accept::Feed,
            now: clock::now(),
        };
        let response = match visit.get(&request).await {
            Ok(response) => response,
            Err(Stop::PutOff(until)) => return Outcome::PutOff { until },
            Err(Stop::Trouble(trouble)) => {
                info!(source = %source.name, feed = %url, "source {}: {}", source.name, trouble.sentence);
                continue;
            }
        };
        let (read, _) = poller::read(service, job, &source, response, desk).await;
        if matches!(read, Outcome::Read { .. } | Outcome::NotModified { .. }) {
            keep(service, &source, &url).await;
            return settled(read);
        }
    }
    forgetful(page)
}

/// How the feed of a page is read: as the feed that it is.
pub(super) fn as_feed(source: &SourceSettings) -> SourceSettings {
    SourceSettings {
        kind: SourceKind::Feed,
        ..source.clone()
    }
}

/// The answer without its permanent redirect: it is the feed that has moved, not the source.
fn settled(mut outcome: Outcome) -> Outcome {
    if let Outcome::Read { told, .. } | Outcome::NotModified { told, .. } = &mut outcome {
        told.moved_to = None;
    }
    outcome
}

/// The answer without what would let the next one say "not modified".
fn forgetful(mut outcome: Outcome) -> Outcome {
    if let Outcome::Read {
        told, body_hash, ..
    } = &mut outcome
    {
        told.validators = Validators::default();
        body_hash.clear();
    }
    outcome
}

async fn keep(service: &Service, source: &SourceSettings, url: &Url) {
    let page = source.url.as_str();
    info!(
        source = %source.name, feed = %url,
        "source {}: {page} is a web page; its feed {url} is read in its place", source.name
    );
    let kept = service
        .store
        .keep_found_feed(&source.id, page, url.as_str(), clock::now())
        .await;
    if let Err(failure) = kept {
        // The next poll finds it again.
        warn!(source = %source.name, "source {}: its feed could not be kept: {failure}", source.name);
    }
}

/// What a found feed brought. One that is gone is forgotten, so that the next poll asks the page again.
pub(super) async fn reconsider(service: &Service, job: &Job, outcome: Outcome) -> Outcome {
    if let Outcome::Trouble(trouble) = &outcome {
        let is_gone = trouble.cause != Cause::Passing || job.claim.n_failures + 1 >= FAILURES_MAX;
        if is_gone && let Err(failure) = service.store.forget_found_feed(&job.source.id).await {
            let name = &job.source.name;
            warn!(source = %name, "source {name}: its feed could not be forgotten: {failure}");
        }
    }
    settled(outcome)
}
