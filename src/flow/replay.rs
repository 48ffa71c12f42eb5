//! Stored posts scored again, with the keyword file that is in force and with another: what a change
//! would have made of them.
//!
//! What is scored is what the store keeps of a post: its text as it was scored (a page's, where that
//! was read), its rating to six digits, what was known of its page and its author when it was scored, and
//! the language, the `watches` and the `reach` that its source has in the configuration *today*; "now" is the moment at which it was first seen. **Absent:** posts that are
//! stored no more, and cases: the second complaint of one author counts like the first.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};

use super::Engine;
use crate::model::{CaseId, Level, PostId, Reach, Span, Timestamp, Verdict};
use crate::score::change::Change;
use crate::score::rules::Rules;
use crate::score::{Context, Sample, Scorer};
use crate::settings::SourceSettings;
use crate::store::{Store, StoreError, StoredPost};

/// Posts read at once: enough for a thread to be busy, few enough to be held.
pub(super) const CHUNK: u32 = 2_000;

/// Which posts are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Those that the change may touch: the others cannot differ.
    Touched,
    /// Every post: the slow way, which proves the other.
    All,
}

/// What is told of a post: whether, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub level: Level,
    pub risk: u8,
}

impl Place {
    fn of(verdict: &Verdict) -> Self {
        Self {
            level: verdict.level,
            risk: verdict.risk,
        }
    }

    /// A person is told at once.
    pub fn is_told(self) -> bool {
        self.level >= Level::Complaint
    }
}

/// What becomes of a post by the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// Told after, and not before.
    Gained,
    /// Told before, and not after.
    Lost,
    /// Another risk, or another level on the same side.
    Changed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub what: Move,
    pub id: PostId,
    pub case_id: Option<CaseId>,
    pub before: Place,
    pub after: Place,
    /// What a person said of it.
    pub judged: Option<bool>,
}

/// How often a file is right on the posts that people judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Complaints told, and what is none not told.
    pub right: u64,
    /// Complaints that are not told.
    pub missed: u64,
    /// What is no complaint and is told.
    pub false_alarms: u64,
}

impl Score {
    fn add(&mut self, is_told: bool, is_complaint: bool) {
        match (is_told, is_complaint) {
            (true, true) | (false, false) => self.right += 1,
            (false, true) => self.missed += 1,
            (true, false) => self.false_alarms += 1,
        }
    }

    fn and(&mut self, other: Self) {
        self.right += other.right;
        self.missed += other.missed;
        self.false_alarms += other.false_alarms;
    }
}

/// What the change would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Posts that were read, and those of them that had to be scored.
    pub n_posts: u64,
    pub n_scored: u64,
    /// The gained first, then the lost; within each the riskiest first.
    pub moved: Vec<Moved>,
    pub before: Score,
    pub after: Score,
}

impl Outcome {
    pub fn count(&self, what: Move) -> usize {
        self.moved.iter().filter(|moved| moved.what == what).count()
    }

    /// Judged complaints that would no longer be told.
    pub fn lost_complaints(&self) -> impl Iterator<Item = &Moved> {
        let lost = self.moved.iter().filter(|moved| moved.what == Move::Lost);
        lost.filter(|moved| moved.judged == Some(true))
    }
}

/// Two files and what is known beside them, shared by all threads.
#[derive(Debug)]
pub struct Trial {
    engine: Arc<Engine>,
    new: Scorer,
    change: Change,
    extent: Extent,
    judged: HashMap<PostId, bool>,
}

impl Trial {
    /// `new` in the place of the rules that are in force.
    pub async fn of(
        store: &Store,
        engine: &Arc<Engine>,
        new: Rules,
        extent: Extent,
    ) -> Result<Arc<Self>, StoreError> {
        let judgements = store.judgements().await?.into_iter();
        let judged = judgements.map(|judged| (judged.post_id, judged.is_complaint));
        let context = Context {
            company: engine.settings.company.clone(),
            ui: engine.settings.ui,
            trained: engine.settings.trained.clone(),
        };
        Ok(Arc::new(Self {
            change: Change::between(engine.scorer.rules(), &new),
            new: Scorer::new(new, context),
            engine: Arc::clone(engine),
            extent,
            judged: judged.collect(),
        }))
    }

    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The verdicts on a post before and after; one that makes the scorer stumble costs itself alone.
    pub fn verdicts(&self, post: &StoredPost) -> Option<(Verdict, Verdict)> {
        let sample = sample(&self.engine, post);
        let score = |scorer: &Scorer| {
            catch_unwind(AssertUnwindSafe(|| scorer.verdict(&sample, post.seen_at))).ok()
        };
        score(&self.engine.scorer).zip(score(&self.new))
    }

    /// What becomes of these posts.
    fn look_at(&self, posts: &[StoredPost]) -> Outcome {
        let mut outcome = Outcome {
            n_posts: posts.len() as u64,
            ..Outcome::default()
        };
        for post in posts {
            let judged = self.judged.get(&post.id).copied();
            if self.extent == Extent::Touched && judged.is_none() && !self.may_touch(post) {
                continue;
            }
            outcome.n_scored += 1;
            let Some((before, after)) = self.verdicts(post) else {
                continue;
            };
            let (before, after) = (Place::of(&before), Place::of(&after));
            if let Some(is_complaint) = judged {
                outcome.before.add(before.is_told(), is_complaint);
                outcome.after.add(after.is_told(), is_complaint);
            }
            let what = match (before.is_told(), after.is_told()) {
                (false, true) => Move::Gained,
                (true, false) => Move::Lost,
                _ if before != after => Move::Changed,
                _ => continue,
            };
            outcome.moved.push(Moved {
                what,
                id: post.id.clone(),
                case_id: post.case_id.clone(),
                before,
                after,
                judged,
            });
        }
        outcome
    }

    /// The words that make the difference, else those that name us.
    pub fn evidence(&self, post: &StoredPost) -> Option<Span> {
        let (before, after) = self.verdicts(post)?;
        let only = |own: &Verdict, other: &Verdict| {
            let reasons = own.why.iter().filter(|reason| !other.why.contains(reason));
            reasons.filter_map(|reason| reason.span).min()
        };
        // Keywords before anything that follows from another reading of the whole.
        only(&after, &before)
            .filter(|_| before.watches == after.watches)
            .or_else(|| only(&before, &after).filter(|_| before.watches == after.watches))
            .or_else(|| self.new.names_us(&sample(&self.engine, post)))
            .or_else(|| self.engine.scorer.names_us(&sample(&self.engine, post)))
    }

    fn may_touch(&self, post: &StoredPost) -> bool {
        let source = self.engine.source(&post.source_id);
        let about = source.map_or(&[][..], |source| source.watches.as_slice());
        let title = post.post.title.as_deref();
        // First the cheap look, then the queries of the watches: many texts say "por ejemplo".
        self.change.may_touch(title, &post.post.text, about)
            && catch_unwind(AssertUnwindSafe(|| {
                let sample = sample(&self.engine, post);
                self.engine.scorer.either_finds(&self.new, &sample)
            }))
            .unwrap_or(true)
    }
}

/// Reads all posts seen since then and tells what the change would have done. `progress` hears how
/// many posts were looked at.
pub async fn replay(
    store: &Store,
    trial: &Arc<Trial>,
    since: Timestamp,
    mut progress: impl FnMut(u64),
) -> Result<Outcome, StoreError> {
    let mut all = Outcome::default();
    let shared = Arc::clone(trial);
    chunks(
        store,
        since,
        move |posts| shared.look_at(posts),
        |part: Outcome| {
            all.n_posts += part.n_posts;
            all.n_scored += part.n_scored;
            all.moved.extend(part.moved);
            all.before.and(part.before);
            all.after.and(part.after);
            progress(all.n_posts);
        },
    )
    .await?;
    all.moved.sort_by(|a, b| {
        let risk = |moved: &Moved| moved.before.risk.max(moved.after.risk);
        (a.what, risk(b), &a.id).cmp(&(b.what, risk(a), &b.id))
    });
    Ok(all)
}

/// Hands all posts seen since then to `look` on as many threads as there are cores, some thousand at
/// a time, and its answers to `take`, in no order.
pub(super) async fn chunks<T: Send + 'static>(
    store: &Store,
    since: Timestamp,
    look: impl Fn(&[StoredPost]) -> T + Send + Sync + 'static,
    mut take: impl FnMut(T),
) -> Result<(), StoreError> {
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    let look = Arc::new(look);
    let mut under_way = JoinSet::new();
    let mut last: Option<StoredPost> = None;
    loop {
        let posts = store.posts_after(last.as_ref(), since, CHUNK).await?;
        let Some(end) = posts.last() else { break };
        last = Some(end.clone());
        // A chunk waits its turn here, so that few are held.
        while under_way.len() >= n_threads {
            finished(under_way.join_next().await, &mut take)?;
        }
        let look = Arc::clone(&look);
        under_way.spawn_blocking(move || look(&posts));
    }
    while !under_way.is_empty() {
        finished(under_way.join_next().await, &mut take)?;
    }
    Ok(())
}

/// A chunk that was lost would make the whole answer wrong, so it is an error.
fn finished<T>(
    done: Option<Result<T, JoinError>>,
    take: &mut impl FnMut(T),
) -> Result<(), StoreError> {
    match done {
        Some(Ok(part)) => take(part),
        Some(Err(error)) => return Err(StoreError::unreadable(error)),
        None => {}
    }
    Ok(())
}

/// A stored post as the scorer reads it.
pub(super) fn sample<'a>(engine: &'a Engine, post: &'a StoredPost) -> Sample<'a> {
    let source = engine.source(&post.source_id);
    sample_of(source, post)
}

fn sample_of<'a>(source: Option<&'a SourceSettings>, post: &'a StoredPost) -> Sample<'a> {
    Sample {
        title: post.post.title.as_deref(),
        text: &post.post.text,
        author: post.post.author.as_deref(),
        url: post.post.url.as_deref(),
        lang: post.post.lang.or(source.and_then(|source| source.lang)),
        rating: post.post.rating,
        published: post.post.published,
        source: source.map(|source| source.section.as_str()),
        about: source.map_or(&[], |source| source.watches.as_slice()),
        reach: source.map_or(Reach::default(), |source| source.reach),
        circumstances: post.circumstances,
    }
}
