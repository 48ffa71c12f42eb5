//! Which sources are due, and what reading one of them can come to.

use std::collections::HashSet;

use url::Url;

use super::Engine;
use crate::extract::Extracted;
use crate::model::{Hints, SourceId, Timestamp, digest_hex, pace_key};
use crate::settings::SourceSettings;
use crate::store::{
    ClaimedSource, HostRobots, SourceRow, Store, StoreError, Validators, Whereabouts,
};

pub use super::settling::kept;

/// What one source may take; a visit that waits for others renews it.
pub const LEASE_SECONDS: i64 = 120;
/// More new sources than this are not all read at once.
const AT_ONCE_MAX: i64 = 60;
/// How long a cached robots.txt is trusted (RFC 9309, section 2.4).
const ROBOTS_HOURS: i64 = 24;

/// One leased source.
#[derive(Clone, Debug)]
pub struct Job {
    pub source: SourceSettings,
    pub claim: ClaimedSource,
}

/// What came of a job.
#[derive(Clone, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    /// Every host that was asked, beside or instead of the claimed one.
    pub rests: Vec<Rest>,
}

/// How long a host that was asked is to be left alone: its `Crawl-delay`, or what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// As `model::pace_key` names it.
    pub host: String,
    pub ms: i64,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing new: 304, or (`is_whole`) the same bytes once more.
    NotModified { told: Told, is_whole: bool },
    /// A document, read.
    Read {
        extracted: Extracted,
        body_hash: String,
        told: Told,
    },
    /// Nothing that could be read.
    Trouble(Trouble),
    /// It could not be asked: a host that a redirect leads to has no time for us before `until`.
    PutOff { until: Timestamp },
}

/// What the headers of a good answer say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// As they are to be kept.
    pub validators: Validators,
    pub hints: Hints,
    /// Where the permanent redirects at the head of the chain led.
    pub moved_to: Option<String>,
    /// `X-Robots-Tag`.
    pub robots_tag: Option<String>,
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
            Self::NothingFound => "nothing",
            Self::Passing => "passing",
        }
    }
}

/// Makes the configured sources those of the database. Many that are new at once are read one after
/// the other, over their interval: they would come back together for ever.
pub async fn sync(store: &Store, engine: &Engine, now: Timestamp) -> Result<(), StoreError> {
    let known = store.source_states().await?;
    let known: HashSet<SourceId> = known.into_iter().map(|state| state.id).collect();
    let is_new = |source: &&SourceSettings| !known.contains(&source.id);
    let sources = &engine.settings.sources;
    let n_new = sources.iter().filter(is_new).count() as i64;
    let mut nth_new = 0;
    let mut rows = Vec::new();
    for source in sources {
        let mut first_at = now;
        if n_new > AT_ONCE_MAX && is_new(&source) {
            first_at = now.plus_ms(source.cadence.every_ms / n_new * nth_new);
            nth_new += 1;
        }
        rows.push(source_row(source, first_at));
    }
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
        let source = engine.source(&claim.id)?.clone();
        Some(Job { source, claim })
    };
    Ok(claims.into_iter().filter_map(known).collect())
}

/// True when the robots.txt must be asked for again.
pub fn robots_are_stale(robots: &HostRobots, now: Timestamp) -> bool {
    let at = robots.fetched_at;
    now >= at.plus_hours(ROBOTS_HOURS) || at > now
}

impl Job {
    /// Where the source is read: as configured, or where it has moved to.
    pub fn url(&self) -> Url {
        self.url_at(&self.claim.whereabouts)
    }

    pub(super) fn url_at(&self, whereabouts: &Whereabouts) -> Url {
        let moved_to = whereabouts.moved_to.as_deref();
        moved_to
            .and_then(|url| Url::parse(url).ok())
            .unwrap_or_else(|| self.source.url.clone())
    }
}

fn source_row(source: &SourceSettings, first_at: Timestamp) -> SourceRow {
    // What is asked for: its fragment stays here.
    let mut asked = source.url.clone();
    asked.set_fragment(None);
    SourceRow {
        id: source.id.clone(),
        name: source.name.clone(),
        host: pace_key(source.url.host_str().unwrap_or_default()),
        mapping: mapping(source),
        address: digest_hex(&[asked.as_str()]),
        first_at,
    }
}

/// Digest of all that the configuration says about reading this source.
pub(super) fn mapping(source: &SourceSettings) -> String {
    let select = source
        .select
        .as_ref()
        .map(|select| format!("{select:?}"))
        .unwrap_or_default();
    let map = source.map.as_ref().map(|map| format!("{map:?}"));
    let mut parts = vec![source.url.as_str(), source.kind.code(), &select];
    parts.extend(map.as_deref());
    digest_hex(&parts)
}
