//! Which posts of a document are news: the same post is known again by several keys, an edited one by
//! its words, and one that a mended reader reads otherwise by both.
//!
//! Absent: what a post is worth; the scorer says that.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::poll::{Job, mapping};
use super::{Engine, long_work};
use crate::extract::{Extracted, READER, Reach};
use crate::model::{
    Post, PostId, PostKey, Timestamp, digest_hex, fingerprint, post_keys, same_author,
};
use crate::settings::SourceSettings;
use crate::store::{Store, StoreError, StoredPost};

/// Two texts under one guid or link are the same post, edited, from this share of common words on.
const SAME_POST_PERCENT: usize = 50;
/// Without any key of its own, a post must say nearly the same to be an edited one.
const SAME_WORDS_PERCENT: usize = 90;
/// Another reader may read more or less: the shorter text must be found in the longer one.
const READ_OTHERWISE_PERCENT: usize = 85;
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
    /// Of what came after the last one, and of nothing else.
    Tail,
}

/// Names what reads this source: the program's reader, and all that the configuration says to it.
pub(super) fn reader(source: &SourceSettings) -> String {
    digest_hex(&[READER, &mapping(source)])
}

/// Sorts a document's posts into known, edited and new ones.
pub(super) async fn sort_out(
    store: &Store,
    engine: &Engine,
    job: &Job,
    extracted: &Arc<Extracted>,
    now: Timestamp,
) -> Result<Sorted, StoreError> {
    let read = Arc::clone(extracted);
    // Texts of many posts: on the threads of short tasks, every statement would wait for them.
    let keyed = long_work::spawn(move || keyed(&read, now)).await;
    let keyed = keyed.map_err(StoreError::unreadable)?;
    let all: Vec<PostKey> = keyed.iter().flat_map(|(_, keys)| keys.clone()).collect();
    let known = store.known_keys(&job.claim.id, &all).await?;
    let sight = sight(engine, job, extracted.reach, now);
    let mut memory = Memory::default();
    if is_memory_wanted(sight, &keyed, &known) {
        let stored = store.posts_of_source(&job.claim.id, REMEMBERED_MAX).await?;
        memory = Memory::of(stored, matches!(sight, Sight::Changed { .. }));
    }
    let history = History::of(keyed.iter().enumerate().filter_map(|(at, (post, keys))| {
        let is_known = |key| known.contains_key(key) || memory.by_key.contains_key(key);
        keys.iter().any(is_known).then_some((at, post))
    }));
    // What is shown word for word is there; another post of this document cannot be its edited copy.
    let mut shown: HashSet<PostId> = HashSet::new();
    let mut candidates = Vec::new();
    for (at, (post, keys)) in keyed.into_iter().enumerate() {
        let text = keys.iter().find(|key| key.kind == "text");
        if let Some(earlier) = text.and_then(|key| known.get(key)) {
            shown.insert(earlier.clone());
        } else {
            let age = age(sight, &post, at, &history, &engine.settings.zone);
            candidates.push(Candidate {
                at,
                post,
                keys,
                age,
                earlier: None,
                has_outlived: false,
            });
        }
    }
    for candidate in &mut candidates {
        if memory.is_changed {
            memory.remember_date(candidate);
        }
        candidate.earlier = by_key(store, candidate, &known, &memory, &shown).await?;
        candidate.has_outlived = candidate.earlier.is_none()
            && has_outlived(store, engine, candidate, &known, now).await?;
        shown.extend(candidate.earlier.clone());
    }
    memory.recall(&mut candidates, &mut shown);
    let found = aged(candidates, sight, &history, &engine.settings.zone);
    Ok(Sorted { found, shown })
}

/// A post that is not known word for word, while it is compared.
struct Candidate {
    at: usize,
    post: Post,
    keys: Vec<PostKey>,
    age: Age,
    /// The stored post that it is, in other words.
    earlier: Option<PostId>,
    /// It is known, in words that were taken out when their time had come.
    has_outlived: bool,
}

/// The final word on each: after all are compared, it is known where the known posts stand.
fn aged(
    candidates: Vec<Candidate>,
    sight: Sight,
    history: &History,
    zone: &jiff::tz::TimeZone,
) -> Vec<Found> {
    let compared = candidates.iter().filter(|one| one.earlier.is_some());
    let history = history.and(History::of(compared.map(|one| (one.at, &one.post))));
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for candidate in candidates {
        let age = age(sight, &candidate.post, candidate.at, &history, zone);
        let update = candidate.earlier.is_some();
        let age = match (update, sight) {
            // What a person edited is news; what another reader reads otherwise is not.
            (true, Sight::Changed { .. }) if candidate.age != Age::News => Age::Overlooked,
            (true, _) => Age::News,
            (false, _) if candidate.has_outlived => Age::Overlooked,
            (false, _) => age,
        };
        let said = candidate.keys.iter().find(|key| key.kind == "text");
        let own = || match said {
            Some(said) => PostId::of_fingerprint(&said.hash),
            None => PostId::of_fingerprint(&fingerprint(&candidate.post)),
        };
        let id = candidate.earlier.clone().unwrap_or_else(own);
        if taken.insert(id.clone()) {
            found.push(Found {
                id,
                post: candidate.post,
                keys: candidate.keys,
                update,
                age,
            });
        }
    }
    found
}

fn sight(engine: &Engine, job: &Job, reach: Reach, now: Timestamp) -> Sight {
    let young_from = now.plus_ms(-engine.settings.fetch.alert_if_younger_than_ms);
    match job.claim.last_ok_at {
        _ if reach == Reach::Tail => Sight::Tail,
        _ if reach == Reach::Before => Sight::First { young_from },
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
            _ => Age::Overlooked,
        },
        // Beyond the oldest known post begins what was there before us: the page has grown longer.
        (Sight::Usual { since }, Some(published)) => match history.oldest_known {
            Some(oldest) if published < oldest && published < since => Age::Backlog,
            _ => Age::News,
        },
        (Sight::Usual { .. }, None) | (Sight::Tail, _) => Age::News,
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
#[derive(Clone, Copy, Default)]
struct History {
    oldest_known: Option<Timestamp>,
    first_known: Option<usize>,
}

impl History {
    /// Of the known posts and their places in the document.
    fn of<'a>(known: impl Iterator<Item = (usize, &'a Post)>) -> Self {
        known.fold(Self::default(), |history, (at, post)| {
            history.and(Self {
                oldest_known: post.published,
                first_known: Some(at),
            })
        })
    }

    fn and(&self, other: Self) -> Self {
        Self {
            oldest_known: earlier(self.oldest_known, other.oldest_known),
            first_known: earlier(self.first_known, other.first_known),
        }
    }
}

fn earlier<T: Ord + Copy>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
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

/// The stored post that this one is by its keys: same guid or link, same author, mostly the same
/// words. To a reader that has changed a key is enough: it may read all the words otherwise.
async fn by_key(
    store: &Store,
    candidate: &Candidate,
    known: &HashMap<PostKey, PostId>,
    memory: &Memory,
    shown: &HashSet<PostId>,
) -> Result<Option<PostId>, StoreError> {
    let Candidate { post, keys, .. } = candidate;
    let mut earlier = keys.iter().filter_map(|key| known.get(key));
    if candidate.age == Age::Overlooked {
        let mut remembered = keys.iter().filter_map(|key| memory.by_key.get(key));
        let again = remembered.find_map(|at| memory.stored.get(*at));
        let again = again.map(|(stored, _)| &stored.id);
        return Ok(earlier.next().or(again).cloned());
    }
    for earlier in earlier.filter(|earlier| !shown.contains(earlier)) {
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

/// An old post that is known by a key and is no longer stored: what its author changes in it now is no
/// news. A young one may be another post under a key that is used again.
async fn has_outlived(
    store: &Store,
    engine: &Engine,
    candidate: &Candidate,
    known: &HashMap<PostKey, PostId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let kept_from = now.plus_ms(-engine.settings.retention.posts_ms);
    if candidate
        .post
        .published
        .is_none_or(|published| published >= kept_from)
    {
        return Ok(false);
    }
    for earlier in candidate.keys.iter().filter_map(|key| known.get(key)) {
        if store.post(earlier).await?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
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
        Sight::Usual { .. } | Sight::Tail => keyed
            .iter()
            .any(|(_, keys)| keys.len() == 1 && is_unknown(keys)),
    }
}

/// The newest stored posts of a source, by their words: keys alone do not know a post again when the
/// reader or the rules of the keys have changed, or when a post never had any.
#[derive(Default)]
struct Memory {
    /// Each with the number of its different words.
    stored: Vec<(StoredPost, usize)>,
    by_word: HashMap<String, Vec<usize>>,
    by_key: HashMap<PostKey, usize>,
    /// It serves a reader that has changed, and that may read authors otherwise too.
    is_changed: bool,
}

impl Memory {
    fn of(stored: Vec<StoredPost>, is_changed: bool) -> Self {
        let mut memory = Self {
            is_changed,
            ..Self::default()
        };
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

    /// A post that was read before with this very key and date is none of today's, however vague the
    /// date is.
    fn remember_date(&self, candidate: &mut Candidate) {
        let mut again = candidate.keys.iter().filter_map(|key| self.by_key.get(key));
        if again.any(|at| is_same_date(&self.stored[*at].0.post, &candidate.post)) {
            candidate.age = Age::Overlooked;
        }
    }

    /// Finds the stored posts that the candidates without a key are: the likest pairs first, each
    /// stored post once, and none that the document shows already.
    fn recall(&self, candidates: &mut [Candidate], shown: &mut HashSet<PostId>) {
        let open = candidates.iter().enumerate();
        let open = open.filter(|(_, one)| one.earlier.is_none());
        let mut pairs: Vec<(usize, usize, usize)> = open
            .take(RECALLED_MAX)
            .flat_map(|(n, candidate)| {
                let alike = self.alike(candidate);
                alike
                    .into_iter()
                    .map(move |(likeness, at)| (likeness, n, at))
            })
            .collect();
        pairs.sort_unstable_by_key(|(likeness, n, at)| (std::cmp::Reverse(*likeness), *n, *at));
        for (_, n, at) in pairs {
            let id = &self.stored[at].0.id;
            if candidates[n].earlier.is_none() && shown.insert(id.clone()) {
                candidates[n].earlier = Some(id.clone());
                if is_same_date(&self.stored[at].0.post, &candidates[n].post) {
                    candidates[n].age = Age::Overlooked;
                }
            }
        }
    }

    /// Stored posts that say the same as this one, with their likeness. What was published since the
    /// last good reading can have been read before only if it has no key of its own: then it must say
    /// nearly the same. Another reader may have read more of a post, or less, and its author otherwise.
    fn alike(&self, candidate: &Candidate) -> Vec<(usize, usize)> {
        let Candidate {
            post, keys, age, ..
        } = candidate;
        if self.stored.is_empty() || (*age == Age::News && keys.len() > 1) {
            return Vec::new();
        }
        let words = words(&post.text);
        let mut common: HashMap<usize, usize> = HashMap::new();
        for at in words
            .iter()
            .filter_map(|word| self.by_word.get(word))
            .flatten()
        {
            *common.entry(*at).or_default() += 1;
        }
        let is_same = |n: usize, at: usize| {
            let (stored, n_words) = &self.stored[at];
            let (more, less) = (words.len().max(*n_words), words.len().min(*n_words));
            let is_vague = *age != Age::News || is_same_date(&stored.post, post);
            let is_alike = if is_vague && self.is_changed {
                n * 100 >= READ_OTHERWISE_PERCENT * less
            } else {
                n * 100 >= SAME_WORDS_PERCENT * more && same_author(&stored.post, post)
            };
            less >= WORDS_MIN && is_alike
        };
        common
            .into_iter()
            .filter(|(at, n)| is_same(*n, *at))
            .map(|(at, n)| (n * 1_000 / words.len().max(self.stored[at].1), at))
            .collect()
    }
}

fn is_same_date(one: &Post, other: &Post) -> bool {
    one.published.is_some() && one.published == other.published
}

pub(super) fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(crate::score::text::fold_str)
        .collect()
}
