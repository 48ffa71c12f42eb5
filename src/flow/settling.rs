//! What an answer means for its source and the hosts that were asked: when next, where, how often.
//!
//! Absent: what the document says (`intake`).

use super::poll::{Cause, Job, Rest, Told, Trouble};
use super::{Engine, health};
use crate::model::{Asked, Hints, Rhythm, Timestamp, digest_hex, next_check, pace_key};
use crate::store::{HostRest, Settled, Validators, Whereabouts};

/// So many readings in a row must be sent to the same place before the source moves there (R41).
const MOVES_AFTER: u32 = 3;
/// After so many failures in a row at its new place, a source is looked for at its configured one.
const BACK_AFTER_FAILURES: u32 = 3;

/// A good answer: `body_hash` when a document was read, `None` when nothing had changed.
pub(super) fn success(
    engine: &Engine,
    job: &Job,
    told: &Told,
    body_hash: Option<String>,
    change: Change,
    now: Timestamp,
) -> Settled {
    let claim = &job.claim;
    let (rhythm, n_whole) = match change {
        Change::News(rhythm) => (rhythm, 0),
        Change::NotModified => (claim.rhythm, 0),
        Change::SameBytes => (claim.rhythm, claim.n_whole.saturating_add(1)),
    };
    let slow_after = engine.settings.fetch.slow_after;
    let asked = Asked {
        hints: told.hints,
        rhythm,
        n_failures: 0,
        is_idle: slow_after > 0 && n_whole >= slow_after,
        roll: roll(job, now),
    };
    let whereabouts = moved(job, told);
    Settled {
        next_at: next_check(job.source.cadence, &asked, now),
        hosts: Vec::new(),
        validators: Some(told.validators.clone()),
        body_hash,
        rhythm,
        n_whole,
        host: job.host_at(&whereabouts),
        whereabouts,
        robots_tag: told.robots_tag.clone(),
        trouble: None,
        parsed: None,
    }
}

/// What a good answer says about its document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// Another document, whose rhythm this is.
    News(Rhythm),
    /// 304.
    NotModified,
    /// The whole document once more.
    SameBytes,
}

/// No document: nothing changes but the next check, and the operator may have to know (`health`).
pub(super) fn failure(job: &Job, trouble: &Trouble, now: Timestamp) -> Settled {
    let claim = &job.claim;
    let n_failures = claim.n_failures + 1;
    let mut whereabouts = claim.whereabouts.clone();
    if n_failures >= BACK_AFTER_FAILURES && whereabouts.moved_to.is_some() {
        whereabouts = Whereabouts::default();
    }
    let asked = Asked {
        hints: Hints {
            retry_after_ms: trouble.retry_after_ms,
            fresh_for_ms: None,
        },
        rhythm: claim.rhythm,
        n_failures: match trouble.cause {
            // The server is well: who asked less often would hear of the repair too late.
            Cause::NothingFound => 0,
            Cause::Robots | Cause::Lasting | Cause::Passing => n_failures,
        },
        is_idle: false,
        roll: roll(job, now),
    };
    let next_at = next_check(job.source.cadence, &asked, now);
    Settled {
        next_at,
        hosts: Vec::new(),
        validators: None,
        body_hash: None,
        rhythm: claim.rhythm,
        n_whole: claim.n_whole,
        host: job.host_at(&whereabouts),
        whereabouts,
        robots_tag: None,
        trouble: Some(health::new_trouble(job, trouble, next_at, now)),
        parsed: None,
    }
}

/// When each host may be asked again: after its pace, or after what it asked for. The host that was
/// claimed is always among them.
pub(super) fn rests(claimed: &str, rests: &[Rest], pace_ms: i64, now: Timestamp) -> Vec<HostRest> {
    let rest = |host: &str, ms: i64| HostRest {
        host: host.to_owned(),
        next_at: now.plus_ms(ms.clamp(pace_ms, pace_ms.max(REST_MS_MAX))),
    };
    let mut all: Vec<HostRest> = rests.iter().map(|one| rest(&one.host, one.ms)).collect();
    if all.iter().all(|rest| rest.host != claimed) {
        all.push(rest(claimed, 0));
    }
    all
}

/// No host is left alone for longer than a day, whatever it asks for.
const REST_MS_MAX: i64 = 24 * 3_600_000;

/// A permanent redirect is followed at each reading; only when it has led to the same place often
/// enough is the source read there from now on (`health` tells the operator).
fn moved(job: &Job, told: &Told) -> Whereabouts {
    let before = &job.claim.whereabouts;
    let stays = Whereabouts {
        moved_to: before.moved_to.clone(),
        ..Whereabouts::default()
    };
    let Some(to) = told.moved_to.clone().filter(|to| *to != job.url().as_str()) else {
        return stays;
    };
    let is_same = before.moving_to.as_ref() == Some(&to);
    let n_moving = if is_same { before.n_moving + 1 } else { 1 };
    if n_moving < MOVES_AFTER {
        return Whereabouts {
            moving_to: Some(to),
            n_moving,
            ..stays
        };
    }
    // Back to where it was configured: there is nothing to remember.
    let moved_to = Some(to).filter(|to| *to != job.source.url.as_str());
    Whereabouts {
        moved_to,
        ..Whereabouts::default()
    }
}

impl Job {
    /// Whose patience a source at these whereabouts uses.
    fn host_at(&self, whereabouts: &Whereabouts) -> String {
        let url = self.url_at(whereabouts);
        pace_key(url.host_str().unwrap_or_default())
    }
}

/// 0 to 999: as good as drawn by lot, and still the same when a step is repeated.
fn roll(job: &Job, now: Timestamp) -> u16 {
    let digest = digest_hex(&["jitter", &job.source.id.0, &now.0.to_string()]);
    u16::from_str_radix(&digest[..4], 16).unwrap_or(0) % 1_000
}

/// The validators of an answer to a conditional request: what a 304 does not repeat stays as it was.
pub fn kept(old: &Validators, new: Validators) -> Validators {
    Validators {
        etag: new.etag.or_else(|| old.etag.clone()),
        last_modified: new.last_modified.or_else(|| old.last_modified.clone()),
    }
}
