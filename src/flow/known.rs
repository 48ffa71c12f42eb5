//! Which posts of a document are news: the same post is known again by several keys, an edited one by
//! its words, and one that a mended reader reads otherwise by both.
//!
//! Absent: what a post is worth; the scorer says that.

use std::collections::{HashMap, HashSet};

use super::Engine;
use super::poll::Job;
use crate::extract::{Extracted, READER};
use crate::model::{
    Post, PostId, PostKey, Timestamp, digest_hex, fingerprint, post_keys, same_author,
};
use crate::settings::SourceSettings;
use crate::store::{Store, StoreError, StoredPost};

/// Two texts under one guid or link are the same post, edited, from this share of common words on.
const SAME_POST_PERCENT: usize = 50;
/// Without any key of its own, a post must say nearly the same to be an edited one.
const SAME_WORDS_PERCENT: usize = 80;
/// Fewer words say nothing about identity.
const WORDS_MIN: usize = 6;
/// Stored posts of a source among which a text is looked for, and texts looked for in one reading.
const REMEMBERED_MAX: u32 = 1_000;
const RECALLED_MAX: usize = 300;
const DAY_MS: i64 = 24 * 3_600_000;

/// A post that is not known word for word.
pub(super) struct Found {
    pub(super) id: PostId,
    pub(super) post: Post,
    pub(super) keys: Vec<PostKey>,
    /// It is stored already, in other words.
    pub(super) update: bool,
    pub(super) age: Age,
}

/// What a post is to a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Published since we last looked: an alert.
    News,
    /// It was there before we looked for the first time: one mail for all of them.
    Backlog,
    /// It was there at the last good reading, which a lesser reader or selector did not see: no mail.
    Overlooked,
}

/// What a document holds.
pub(super) struct Sorted {
    pub(super) found: Vec<Found>,
    /// The stored posts that it shows, known or edited.
    pub(super) shown: HashSet<PostId>,
}

/// How this reading compares with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// The first of this source, or at this address.
    First {
        young_from: Timestamp,
    },
    /// Another version of the reader, or other selectors, on a page that was read well at `since`.
    Changed {
        since: Timestamp,
    },
    Usual {
        since: Timestamp,
    },
}

/// Names what reads this source: the program's reader, the kind, the selectors.
pub(super) fn reader(source: &SourceSettings) -> String {
    let select = source.select.as_ref().map(|select| format!("{select:?}"));
    digest_hex(&[READER, source.kind.code(), &select.unwrap_or_default()])
}

/// Sorts a document's posts into known, edited and new ones.
pub(super) async fn sort_out(
    store: &Store,
    engine: &Engine,
    job: &Job,
    extracted: &Extracted,
    now: Timestamp,
) -> Result<Sorted, StoreError> {
    let keyed = keyed(extracted, now);
    let all: Vec<PostKey> = keyed.iter().flat_map(|(_, keys)| keys.clone()).collect();
    let known = store.known_keys(&job.claim.id, &all).await?;
    let sight = sight(engine, job, now);
    let mut memory = Memory::default();
    if is_memory_wanted(sight, &keyed, &known) {
        let stored = store.posts_of_source(&job.claim.id, REMEMBERED_MAX).await?;
        memory = Memory::of(stored);
    }
    let history = History::of(&keyed, |keys| {
        keys.iter()
            .any(|key| known.contains_key(key) || memory.by_key.contains_key(key))
    });
    let mut sorted = Sorted {
        found: Vec::new(),
        shown: HashSet::new(),
    };
    let mut taken = HashSet::new();
    for (at, (post, keys)) in keyed.into_iter().enumerate() {
        let id = PostId::of_fingerprint(&fingerprint(&post));
        let text = keys.iter().find(|key| key.kind == "text");
        if let Some(earlier) = text.and_then(|key| known.get(key)) {
            sorted.shown.insert(earlier.clone());
            continue;
        }
        let age = age(sight, &post, at, &history, &engine.settings.zone);
        let mut earlier = edited(store, &post, &keys, &known).await?;
        if earlier.is_none() && age == Age::Overlooked {
            // To a reader that has changed a key is enough: it may read all the words otherwise.
            earlier = keys.iter().find_map(|key| known.get(key)).cloned();
        }
        let earlier = earlier.or_else(|| memory.recall(&post, &keys, age));
        let update = earlier.is_some();
        let id = earlier.unwrap_or(id);
        if !taken.insert(id.clone()) {
            continue;
        }
        if update {
            sorted.shown.insert(id.clone());
        }
        // What a person edited is news; what another reader reads otherwise is not.
        let age = match (update, sight) {
            (true, Sight::Changed { .. }) if age != Age::News => Age::Overlooked,
            (true, _) => Age::News,
            (false, _) => age,
        };
        sorted.found.push(Found {
            id,
            post,
            keys,
            update,
            age,
        });
    }
    Ok(sorted)
}

fn sight(engine: &Engine, job: &Job, now: Timestamp) -> Sight {
    let young_from = now.plus_ms(-engine.settings.fetch.alert_if_younger_than_ms);
    match job.claim.last_ok_at {
        Some(since) if job.claim.has_baseline => {
            if job.claim.reader.as_ref() == Some(&reader(&job.source)) {
                Sight::Usual { since }
            } else {
                Sight::Changed { since }
            }
        }
        // A source that moved: what was published since we last heard it is news, however old.
        last => Sight::First {
            young_from: last.map_or(young_from, |since| young_from.min(since)),
        },
    }
}

/// What an unknown post at place `at` of the document is.
fn age(sight: Sight, post: &Post, at: usize, history: &History, zone: &jiff::tz::TimeZone) -> Age {
    match (sight, post.published) {
        (Sight::First { young_from }, published) => match published {
            Some(published) if published >= young_from => Age::News,
            _ => Age::Backlog,
        },
        (Sight::Changed { since }, Some(published)) => {
            if latest(published, zone) >= since {
                Age::News
            } else {
                Age::Overlooked
            }
        }
        // Pages without dates begin with the newest: what stands above all known posts is new.
        (Sight::Changed { .. }, None) => match history.first_known {
            Some(first) if at < first => Age::News,
            Some(_) => Age::Overlooked,
            None => Age::Backlog,
        },
        // Beyond the oldest known post begins what was there before us: the page has grown longer.
        (Sight::Usual { since }, Some(published)) => match history.oldest_known {
            Some(oldest) if published < oldest && published < since.plus_ms(-2 * DAY_MS) => {
                Age::Backlog
            }
            _ => Age::News,
        },
        (Sight::Usual { .. }, None) => Age::News,
    }
}

/// The latest instant that a date can mean: a day without a time lasts until its midnight.
fn latest(published: Timestamp, zone: &jiff::tz::TimeZone) -> Timestamp {
    let is_midnight = published.0.rem_euclid(DAY_MS) == 0
        || published.in_zone(zone).time() == jiff::civil::Time::midnight();
    if is_midnight {
        published.plus_ms(DAY_MS)
    } else {
        published
    }
}

/// What the document shows of what is known.
#[derive(Default)]
struct History {
    oldest_known: Option<Timestamp>,
    first_known: Option<usize>,
}

impl History {
    fn of(keyed: &[(Post, Vec<PostKey>)], is_known: impl Fn(&[PostKey]) -> bool) -> Self {
        let mut history = Self::default();
        for (at, (post, keys)) in keyed.iter().enumerate() {
            if !is_known(keys) {
                continue;
            }
            history.first_known = history.first_known.or(Some(at));
            if let Some(published) = post.published {
                let oldest = history
                    .oldest_known
                    .map_or(published, |at| at.min(published));
                history.oldest_known = Some(oldest);
            }
        }
        history
    }
}

fn keyed(extracted: &Extracted, now: Timestamp) -> Vec<(Post, Vec<PostKey>)> {
    let mut keyed: Vec<(Post, Vec<PostKey>)> = Vec::new();
    for post in &extracted.posts {
        let mut post = post.clone();
        post.published = post.published.map(|at| at.clamp_published(now));
        let keys = post_keys(&post);
        keyed.push((post, keys));
    }
    drop_shared_keys(&mut keyed);
    keyed
}

/// A guid or link that several entries of one document share identifies none of them.
fn drop_shared_keys(keyed: &mut [(Post, Vec<PostKey>)]) {
    let mut uses: HashMap<PostKey, usize> = HashMap::new();
    for key in keyed.iter().flat_map(|(_, keys)| keys) {
        *uses.entry(key.clone()).or_default() += 1;
    }
    for (_, keys) in keyed {
        keys.retain(|key| key.kind == "text" || uses.get(key) == Some(&1));
    }
}

/// The stored post of which this one is an edited copy: same guid or link, same author, mostly the
/// same words.
async fn edited(
    store: &Store,
    post: &Post,
    keys: &[PostKey],
    known: &HashMap<PostKey, PostId>,
) -> Result<Option<PostId>, StoreError> {
    for earlier in keys.iter().filter_map(|key| known.get(key)) {
        let Some(stored) = store.post(earlier).await? else {
            continue;
        };
        let (old, new) = (words(&stored.post.text), words(&post.text));
        let common = old.intersection(&new).count();
        if same_author(&stored.post, post)
            && common * 100 >= SAME_POST_PERCENT * old.len().max(new.len()).max(1)
        {
            return Ok(Some(earlier.clone()));
        }
    }
    Ok(None)
}

fn is_memory_wanted(
    sight: Sight,
    keyed: &[(Post, Vec<PostKey>)],
    known: &HashMap<PostKey, PostId>,
) -> bool {
    let is_unknown = |keys: &[PostKey]| !keys.iter().any(|key| known.contains_key(key));
    match sight {
        Sight::First { .. } => false,
        Sight::Changed { .. } => keyed.iter().any(|(_, keys)| is_unknown(keys)),
        Sight::Usual { .. } => keyed
            .iter()
            .any(|(_, keys)| keys.len() == 1 && is_unknown(keys)),
    }
}

/// The newest stored posts of a source, by their words: keys alone do not know a post again when the
/// reader or the rules of the keys have changed, or when a post never had any.
#[derive(Default)]
struct Memory {
    stored: Vec<(StoredPost, usize)>,
    by_word: HashMap<String, Vec<usize>>,
    by_key: HashMap<PostKey, usize>,
    n_recalled: usize,
}

impl Memory {
    fn of(stored: Vec<StoredPost>) -> Self {
        let mut memory = Self::default();
        for (at, post) in stored.into_iter().enumerate() {
            let words = words(&post.post.text);
            let n_words = words.len();
            for word in words {
                memory.by_word.entry(word).or_default().push(at);
            }
            for key in post_keys(&post.post) {
                memory.by_key.insert(key, at);
            }
            memory.stored.push((post, n_words));
        }
        memory
    }

    /// The stored post that this one is, if any. What was published since the last good reading cannot
    /// have been read before, unless it has no key of its own and says nearly the same.
    fn recall(&mut self, post: &Post, keys: &[PostKey], age: Age) -> Option<PostId> {
        if self.stored.is_empty() || self.n_recalled >= RECALLED_MAX {
            return None;
        }
        let is_bare = keys.len() == 1;
        let percent = match age {
            Age::News if !is_bare => return None,
            Age::News => SAME_WORDS_PERCENT,
            Age::Backlog | Age::Overlooked => SAME_POST_PERCENT,
        };
        self.n_recalled += 1;
        if age != Age::News
            && let Some(at) = keys.iter().find_map(|key| self.by_key.get(key))
        {
            return Some(self.stored[*at].0.id.clone());
        }
        let words = words(&post.text);
        if words.len() < WORDS_MIN {
            return None;
        }
        let mut common: HashMap<usize, usize> = HashMap::new();
        for at in words
            .iter()
            .filter_map(|word| self.by_word.get(word))
            .flatten()
        {
            *common.entry(*at).or_default() += 1;
        }
        let (n, at) = common.into_iter().map(|(at, n)| (n, at)).max()?;
        let (stored, n_words) = &self.stored[at];
        let is_same = n * 100 >= percent * words.len().max(*n_words);
        // A reader that has changed may read the author otherwise, too.
        let is_his = age != Age::News || same_author(&stored.post, post);
        (is_same && is_his).then(|| stored.id.clone())
    }
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(crate::score::text::fold_str)
        .collect()
}
