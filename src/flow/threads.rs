//! Whom a reply joins: the open case above it in its thread, or that of a neighbour who answers the same.
//!
//! Absent: whether it joins at all; `score::crowd` reads the words.

use std::collections::HashMap;

use super::{Engine, intake};
use crate::model::{
    CaseId, Level, Post, Reason, SignalKind, SourceId, Target, Timestamp, Ui, Verdict, reply_keys,
};
use crate::score::crowd;
use crate::settings::SourceSettings;
use crate::store::{NewPost, Store, StoreError};

/// Replies to replies that are followed upwards.
const HOPS_MAX: usize = 8;

/// The threads of one document, and those that are stored.
pub(super) struct Threads<'a> {
    store: &'a Store,
    engine: &'a Engine,
    source: &'a SourceId,
    /// Which post of the document has this key.
    by_key: HashMap<String, usize>,
    /// Cases of the document by what they answer, in the order in which they were published.
    neighbours: HashMap<String, Vec<(Option<Timestamp>, CaseId)>>,
    /// What was found before, by what was answered.
    known: HashMap<String, Above>,
}

/// What stands above a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Above {
    Case(CaseId),
    /// We have spoken there: what follows answers us.
    Ours,
    Nothing,
}

impl<'a> Threads<'a> {
    /// Of these posts, whose own cases are known by now.
    pub(super) fn of(
        store: &'a Store,
        engine: &'a Engine,
        source: &'a SourceId,
        posts: &[NewPost],
    ) -> Self {
        let mut threads = Self {
            store,
            engine,
            source,
            by_key: HashMap::new(),
            neighbours: HashMap::new(),
            known: HashMap::new(),
        };
        for (at, new) in posts.iter().enumerate() {
            for key in new.keys.iter().filter(|key| key.kind != "text") {
                threads.by_key.insert(key.hash.clone(), at);
            }
            if let (Some(case), Some(to)) = (&new.case, &new.post.reply_to) {
                let neighbours = threads.neighbours.entry(to.clone()).or_default();
                neighbours.push((new.post.published, case.id.clone()));
            }
        }
        for neighbours in threads.neighbours.values_mut() {
            neighbours.sort();
        }
        threads
    }

    /// The open case that this reply stands under.
    pub(super) async fn case_of(
        &mut self,
        posts: &[NewPost],
        post: &Post,
    ) -> Result<Option<CaseId>, StoreError> {
        let Some(to) = post.reply_to.as_deref().filter(|to| !to.trim().is_empty()) else {
            return Ok(None);
        };
        let above = match self.known.get(to) {
            Some(above) => above.clone(),
            None => self.look_up(posts, to).await?,
        };
        self.known.insert(to.to_owned(), above.clone());
        match above {
            Above::Case(case) => Ok(Some(case)),
            Above::Ours => Ok(None),
            Above::Nothing => self.neighbour(post, to).await,
        }
    }

    async fn look_up(&self, posts: &[NewPost], to: &str) -> Result<Above, StoreError> {
        let mut to = to.to_owned();
        for _ in 0..HOPS_MAX {
            let keys = reply_keys(&to);
            let here = keys.iter().find_map(|key| self.by_key.get(&key.hash));
            let next = if let Some(new) = here.and_then(|at| posts.get(*at)) {
                if let Some(case) = &new.case {
                    return Ok(Above::Case(case.id.clone()));
                }
                if self.is_ours(&new.post) {
                    return Ok(Above::Ours);
                }
                new.post.reply_to.clone()
            } else {
                let known = self.store.known_keys(self.source, &keys).await?;
                let mut stored = None;
                if let Some(id) = known.values().next() {
                    stored = self.store.post(id).await?;
                }
                let Some(stored) = stored else { break };
                if let Some(case) = self.live(stored.case_id.as_ref()).await? {
                    return Ok(Above::Case(case));
                }
                if self.is_ours(&stored.post) {
                    return Ok(Above::Ours);
                }
                stored.post.reply_to
            };
            match next.filter(|next| !next.trim().is_empty() && *next != to) {
                Some(next) => to = next,
                None => break,
            }
        }
        Ok(Above::Nothing)
    }

    /// Nobody above complains; somebody beside him may, who spoke before.
    async fn neighbour(&self, post: &Post, to: &str) -> Result<Option<CaseId>, StoreError> {
        if let Some(neighbours) = self.neighbours.get(to) {
            let before = match post.published {
                Some(at) => neighbours.partition_point(|(published, _)| *published <= Some(at)),
                None => neighbours.len(),
            };
            if let Some((_, case)) = before.checked_sub(1).and_then(|at| neighbours.get(at)) {
                return Ok(Some(case.clone()));
            }
        }
        self.store.case_in_thread(self.source, to).await
    }

    async fn live(&self, case: Option<&CaseId>) -> Result<Option<CaseId>, StoreError> {
        let Some(case) = case else { return Ok(None) };
        let row = self.store.case(case).await?;
        Ok(row.filter(|row| row.case.state.is_live()).map(|row| row.id))
    }

    fn is_ours(&self, post: &Post) -> bool {
        let scorer = &self.engine.scorer;
        scorer.is_own(post.author.as_deref(), post.url.as_deref())
    }
}

/// The verdict on a reply that says little by itself and joins a complaint: a complaint of its own.
fn joining(verdict: &Verdict, watch: &str, points: i64, ui: Ui) -> Verdict {
    let because = ui.pick(
        "se suma a la queja que contesta",
        "joins the complaint that it answers",
    );
    Verdict {
        target: Target::Us,
        level: Level::Complaint,
        risk: points.clamp(0, 100) as u8,
        watches: vec![watch.to_owned()],
        why: vec![Reason {
            points,
            because: because.to_owned(),
            span: None,
        }],
        ..verdict.clone()
    }
}

/// Short replies that say "a mí también" to an open case are complaints too, though they name nobody.
pub(super) async fn join_in(
    store: &Store,
    engine: &Engine,
    source: &SourceSettings,
    posts: &mut [NewPost],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut replies: Vec<usize> = (0..posts.len())
        .filter(|at| is_joining(engine, &posts[*at]))
        .collect();
    if replies.is_empty() {
        return Ok(());
    }
    replies.sort_by_key(|at| (posts[*at].post.published, *at));
    let mut threads = Threads::of(store, engine, &source.id, posts);
    for at in replies {
        let Some(above) = threads.case_of(posts, &posts[at].post).await? else {
            continue;
        };
        let mut here = posts.iter().filter_map(|new| new.case.as_ref());
        let watch = match here.find(|case| case.id == above) {
            Some(case) => Some(case.watch.clone()),
            None => store.case(&above).await?.map(|row| row.watch),
        };
        let Some((watch, verdict)) = watch.zip(posts[at].verdict.as_ref()) else {
            continue;
        };
        let points = engine.scorer.rules().points.complaint;
        posts[at].verdict = Some(joining(verdict, &watch, points, engine.settings.ui));
        let case = intake::open_case(store, engine, source, &posts[at], now).await?;
        posts[at].case = case;
    }
    Ok(())
}

fn is_joining(engine: &Engine, new: &NewPost) -> bool {
    let Some(verdict) = &new.verdict else {
        return false;
    };
    let post = &new.post;
    post.reply_to.is_some()
        && !new.backlog
        && new.page.is_none()
        && verdict.level < Level::Complaint
        && verdict.target != Target::Other
        && !engine
            .scorer
            .is_own(post.author.as_deref(), post.url.as_deref())
        && crowd::is_me_too(
            &post.text,
            verdict.has(SignalKind::Crowd),
            verdict.sentiment.to_f64(),
        )
}
