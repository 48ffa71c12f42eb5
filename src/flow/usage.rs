//! How the entries of the keyword file fare on the stored posts: where they stand, and whether that
//! is right by what people judged.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Engine, replay};
use crate::model::{Because, PostId, Timestamp};
use crate::score::change::Change;
use crate::store::{Judgement, Store, StoreError, StoredPost};

/// One entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Posts in which it stands; of keywords and silences, posts about us only.
    pub n_hits: u64,
    /// Of those, complaints by a person's word; for a keyword that takes points, the others.
    pub right: u64,
    /// The contrary; for a watch only what was dismissed as not about us.
    pub wrong: u64,
    /// When the newest of them was seen.
    pub last: Option<Timestamp>,
}

/// All entries, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub n_posts: u64,
    /// Posts that a watch finds, on trial or not.
    pub n_about_us: u64,
    /// When the oldest of all posts was seen.
    pub oldest: Option<Timestamp>,
    pub watches: Vec<Use>,
    pub keywords: Vec<Use>,
    pub silences: Vec<Use>,
}

/// What to do with an entry, by its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// It is right: it may act.
    Promote,
    /// It is wrong more often than right.
    Retire,
    /// It stands in no post.
    Unused,
}

/// Judged posts before anything is proposed by them.
const JUDGED_MIN: u64 = 5;
/// Of ten judged hits of an entry on trial, so many must be right.
const RIGHT_OF_TEN: u64 = 8;
/// Posts about us, and days of them, in which an entry that stands nowhere is unused.
const UNUSED_AFTER_POSTS: u64 = 100;
const UNUSED_AFTER_DAYS: i64 = 30;

/// What a person's word on a post says of the entries that stand in it.
#[derive(Clone, Copy, Debug)]
struct Judged {
    is_complaint: bool,
    /// Whether a watch was right to find it; `None`: about us, perhaps, and no complaint.
    is_about_us: Option<bool>,
}

impl Judged {
    fn of(judgement: &Judgement) -> Self {
        let elsewhere = [Because::NotAboutUs, Because::OtherCompany];
        let is_elsewhere = elsewhere
            .iter()
            .any(|because| because.word() == judgement.because);
        Self {
            is_complaint: judgement.is_complaint,
            is_about_us: match (judgement.is_complaint, is_elsewhere) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            },
        }
    }
}

impl Use {
    fn add(&mut self, seen_at: Timestamp, is_right: Option<bool>) {
        self.n_hits += 1;
        self.right += u64::from(is_right == Some(true));
        self.wrong += u64::from(is_right == Some(false));
        self.last = self.last.max(Some(seen_at));
    }

    fn and(&mut self, other: Self) {
        self.n_hits += other.n_hits;
        self.right += other.right;
        self.wrong += other.wrong;
        self.last = self.last.max(other.last);
    }

    /// What its figures say should be done.
    pub fn proposal(&self, is_trial: bool, usage: &Usage, now: Timestamp) -> Option<Proposal> {
        let n_judged = self.right + self.wrong;
        let has_waited = usage
            .oldest
            .is_some_and(|oldest| oldest.plus_days(UNUSED_AFTER_DAYS) <= now);
        match n_judged {
            n if n >= JUDGED_MIN && self.right * 2 < n => Some(Proposal::Retire),
            n if is_trial && n >= JUDGED_MIN && self.right * 10 >= n * RIGHT_OF_TEN => {
                Some(Proposal::Promote)
            }
            _ if self.n_hits == 0 && has_waited && usage.n_about_us >= UNUSED_AFTER_POSTS => {
                Some(Proposal::Unused)
            }
            _ => None,
        }
    }
}

impl Usage {
    fn and(&mut self, other: &Self) {
        self.n_posts += other.n_posts;
        self.n_about_us += other.n_about_us;
        self.oldest = match (self.oldest, other.oldest) {
            (Some(own), Some(theirs)) => Some(own.min(theirs)),
            (own, theirs) => own.or(theirs),
        };
        for (own, theirs) in [
            (&mut self.watches, &other.watches),
            (&mut self.keywords, &other.keywords),
            (&mut self.silences, &other.silences),
        ] {
            own.resize(theirs.len().max(own.len()), Use::default());
            for (own, theirs) in own.iter_mut().zip(theirs) {
                own.and(*theirs);
            }
        }
    }
}

/// Reads all posts seen since then and counts where each entry of the file in force stands.
pub async fn usage(
    store: &Store,
    engine: &Arc<Engine>,
    since: Timestamp,
    mut progress: impl FnMut(u64),
) -> Result<Usage, StoreError> {
    let judgements = store.judgements().await?.into_iter();
    let judged: HashMap<PostId, Judged> = judgements
        .map(|judgement| {
            let judged = Judged::of(&judgement);
            (judgement.post_id, judged)
        })
        .collect();
    let rules = engine.scorer.rules();
    let sieve = Change::between(rules, rules);
    let shared = Arc::clone(engine);
    let mut all = Usage::default();
    let look = move |posts: &[StoredPost]| count(&shared, &sieve, &judged, posts);
    replay::chunks(store, since, look, |part: Usage| {
        all.and(&part);
        progress(all.n_posts);
    })
    .await?;
    Ok(all)
}

fn count(
    engine: &Engine,
    sieve: &Change,
    judged: &HashMap<PostId, Judged>,
    posts: &[StoredPost],
) -> Usage {
    let rules = engine.scorer.rules();
    let mut usage = Usage {
        n_posts: posts.len() as u64,
        oldest: posts.iter().map(|post| post.seen_at).min(),
        watches: vec![Use::default(); rules.watches.len()],
        keywords: vec![Use::default(); rules.keywords.len()],
        silences: vec![Use::default(); rules.silences.len()],
        ..Usage::default()
    };
    for post in posts {
        let sample = replay::sample(engine, post);
        if !sieve.may_be_about_us(sample.title, sample.text, sample.about) {
            continue;
        }
        // What makes the scorer stumble costs itself alone.
        let fired = catch_unwind(AssertUnwindSafe(|| engine.scorer.fired(&sample)));
        let fired = fired.unwrap_or_default();
        if fired.watches.is_empty() {
            continue;
        }
        usage.n_about_us += 1;
        let judged = judged.get(&post.id).copied();
        for at in fired.watches {
            let is_right = judged.and_then(|judged| judged.is_about_us);
            usage.watches[at].add(post.seen_at, is_right);
        }
        for at in fired.keywords {
            // Who takes points is right where it is no complaint.
            let gives = rules.keywords[at].points >= 0;
            let is_right = judged.map(|judged| judged.is_complaint == gives);
            usage.keywords[at].add(post.seen_at, is_right);
        }
        for at in fired.silences {
            usage.silences[at].add(post.seen_at, None);
        }
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hits: u64, right: u64, wrong: u64, is_trial: bool, expected: Option<Proposal>) {
        let entry = Use {
            n_hits: hits,
            right,
            wrong,
            last: None,
        };
        let usage = Usage {
            n_about_us: 100,
            oldest: Some(Timestamp(0)),
            ..Usage::default()
        };
        let now = Timestamp(0).plus_days(30);
        assert_eq!(entry.proposal(is_trial, &usage, now), expected);
    }

    #[test]
    fn proposals_need_judged_posts() {
        check(50, 4, 0, true, None);
        check(50, 4, 1, true, Some(Proposal::Promote));
        check(50, 4, 1, false, None);
        check(50, 3, 2, true, None);
        check(50, 2, 3, true, Some(Proposal::Retire));
        check(50, 2, 3, false, Some(Proposal::Retire));
        check(0, 0, 0, false, Some(Proposal::Unused));
        check(1, 0, 0, false, None);
    }
}
