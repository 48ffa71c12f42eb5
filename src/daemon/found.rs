//! The feed of a web page that was given as a source: found in the page, read in its place within the
//! same poll, and kept, so that the next poll asks for the feed at once.
//!
//! Absent: pages with selectors; who wrote selectors wants the page.

use std::time::Duration;

use tracing::{info, warn};
use url::Url;

use super::Service;
use super::poller;
use crate::clock;
use crate::fetch::{Accept, Request};
use crate::flow::poll::{Cause, Job, Outcome};
use crate::settings::{SourceKind, SourceSettings};
use crate::store::HostRobots;

/// So many of the feeds that a page offers are tried in one poll.
const TRIED_MAX: usize = 2;
/// A feed that failed so often in a row is looked for anew in its page.
const FAILURES_MAX: u32 = 3;

/// The feed that an earlier poll found.
pub(super) async fn known(service: &Service, source: &SourceSettings) -> Option<Url> {
    if !may_follow(source) {
        return None;
    }
    let url = service
        .store
        .found_feed(&source.id, source.url.as_str())
        .await;
    Url::parse(&url.ok().flatten()?).ok()
}

/// What the page's feed brings, where `robots` is the copy of the page's host; `None` when the page offers none that can be read.
pub(super) async fn instead(
    service: &Service,
    job: &Job,
    robots: &HostRobots,
    feed_urls: &[String],
) -> Option<Outcome> {
    let source = &job.source;
    if !may_follow(source) {
        return None;
    }
    let page_host = source.url.host_str();
    let rest = Duration::from_millis(service.engine().settings.fetch.pace_ms as u64);
    let urls = feed_urls.iter().filter_map(|url| Url::parse(url).ok());
    for url in urls.take(TRIED_MAX) {
        let is_same_host = url.host_str() == page_host;
        if source.ignore_robots.is_none() || !is_same_host {
            let (rules, _) = poller::robots_for(service, job, robots, &url).await;
            let ui = service.engine().settings.ui;
            if rules.is_some_and(|rules| rules.refusal(&url, ui).is_some()) {
                continue;
            }
        }
        tokio::time::sleep(rest).await;
        let request = Request {
            url: &url,
            etag: None,
            last_modified: None,
            accept: Accept::Feed,
            now: clock::now(),
        };
        let Ok(response) = service.client.get(&request).await else {
            continue;
        };
        let as_feed = SourceSettings {
            kind: SourceKind::Feed,
            ..source.clone()
        };
        let (read, _) = poller::read(service, &as_feed, response).await;
        if matches!(read, Outcome::Read { .. }) {
            keep(service, source, &url).await;
            return Some(read);
        }
    }
    None
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

/// Forgets a found feed that is gone, so that the next poll asks the page again.
pub(super) async fn reconsider(service: &Service, job: &Job, outcome: &Outcome) {
    let Outcome::Trouble(trouble) = outcome else {
        return;
    };
    let is_gone = trouble.cause == Cause::Lasting || job.claim.n_failures + 1 >= FAILURES_MAX;
    if is_gone && let Err(failure) = service.store.forget_found_feed(&job.source.id).await {
        let name = &job.source.name;
        warn!(source = %name, "source {name}: its feed could not be forgotten: {failure}");
    }
}

fn may_follow(source: &SourceSettings) -> bool {
    source.select.is_none() && matches!(source.kind, SourceKind::Feed | SourceKind::Blog)
}
