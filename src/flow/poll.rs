//! Which sources are due, and what reading one of them can come to.

use super::Engine;
use crate::extract::Extracted;
use crate::model::{Hints, Timestamp, digest_hex};
use crate::settings::SourceSettings;
use crate::store::{ClaimedSource, HostRobots, SourceRow, Store, StoreError, Validators};

/// The longest that one source may take: robots.txt and the document, each with its redirects.
const LEASE_SECONDS: i64 = 120;
/// How long a cached robots.txt is trusted (RFC 9309, section 2.4).
const ROBOTS_HOURS: i64 = 24;

/// One leased source.
#[derive(Clone, Debug)]
pub struct Job {
    pub source: SourceSettings,
    pub claim: ClaimedSource,
}

/// What came of a job, and what robots.txt said if it was asked anew.
#[derive(Clone, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    pub robots: Option<HostRobots>,
    /// The `Crawl-delay` of the site's robots.txt, where it asks for one.
    pub crawl_delay_ms: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    /// 304: nothing new.
    NotModified { hints: Hints },
    /// A document, read.
    Read {
        extracted: Extracted,
        validators: Validators,
        body_hash: String,
        hints: Hints,
    },
    /// Nothing that could be read.
    Trouble(Trouble),
}

/// Why a source yields nothing, for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One sentence in the configured language: what happened and what to do.
    pub sentence: String,
    pub retry_after_ms: Option<i64>,
    pub cause: Cause,
}

/// What a trouble means for what we do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The site's robots.txt does not want us here: told at once.
    Robots,
    /// It will not mend by itself (gone, wrong address): told at once.
    Lasting,
    /// The server is tired of us, not of this address: the whole host is left in peace.
    HostTired,
    /// A document came, and there is nothing in it to read: asked again as often as ever.
    NothingFound,
    /// It may mend by itself: told when it does not.
    Passing,
}

impl Cause {
    pub fn code(self) -> &'static str {
        match self {
            Self::Robots => "robots",
            Self::Lasting => "lasting",
            Self::HostTired => "host",
            Self::NothingFound => "nothing",
            Self::Passing => "passing",
        }
    }
}

/// Makes the configured sources those of the database.
pub async fn sync(store: &Store, engine: &Engine, now: Timestamp) -> Result<(), StoreError> {
    let rows: Vec<SourceRow> = engine.settings.sources.iter().map(source_row).collect();
    store.sync_sources(&rows, now).await
}

/// Leases up to `limit` due sources, one a host.
pub async fn begin(
    store: &Store,
    engine: &Engine,
    worker: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let until = now.plus_seconds(LEASE_SECONDS);
    let claims = store.claim_sources(worker, now, until, limit).await?;
    let known = |claim: ClaimedSource| {
        let source = engine
            .settings
            .sources
            .iter()
            .find(|source| source.id == claim.id)?
            .clone();
        Some(Job { source, claim })
    };
    Ok(claims.into_iter().filter_map(known).collect())
}

/// True when the host's robots.txt must be asked for again.
pub fn robots_are_stale(robots: &HostRobots, now: Timestamp) -> bool {
    robots
        .fetched_at
        .is_none_or(|at| now >= at.plus_hours(ROBOTS_HOURS) || at > now)
}

pub(super) fn source_row(source: &SourceSettings) -> SourceRow {
    let select = source
        .select
        .as_ref()
        .map(|select| format!("{select:?}"))
        .unwrap_or_default();
    let map = source.map.as_ref().map(|map| format!("{map:?}"));
    let mut parts = vec![source.url.as_str(), source.kind.code(), &select];
    parts.extend(map.as_deref());
    SourceRow {
        id: source.id.clone(),
        name: source.name.clone(),
        host: source.url.host_str().unwrap_or_default().to_owned(),
        mapping: digest_hex(&parts),
        address: digest_hex(&[source.url.as_str()]),
    }
}
