//! Which words tell judged complaints from judged others, with what else is stored as the background.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Engine, replay};
use crate::model::{PostId, Timestamp};
use crate::score::contrast::{self, Tally, Term};
use crate::score::query::Subject;
use crate::score::text::Text;
use crate::store::{Store, StoreError, StoredPost};

/// What was learned.
#[derive(Clone, Debug)]
pub struct Lesson {
    pub n_complaints: u64,
    pub n_others: u64,
    /// The surest first; those that an entry of the file finds already are left out.
    pub terms: Vec<Term>,
}

/// Judged posts that must have a word.
const LEAST: u64 = 3;
/// Standard deviations: one word of ten would get so far by chance. Five complaints and no other post
/// reach it.
const Z_MIN: f64 = 1.28;
/// Posts of the background: more change no prior, and their words must fit into memory.
const BACKGROUND_MAX: u64 = 20_000;

pub async fn lesson(store: &Store, engine: &Arc<Engine>) -> Result<Lesson, StoreError> {
    let mut complaints = Tally::default();
    let mut others = Tally::default();
    let mut judged = HashSet::new();
    for judgement in store.judgements().await? {
        if let Some(post) = store.post(&judgement.post_id).await? {
            let side = if judgement.is_complaint {
                &mut complaints
            } else {
                &mut others
            };
            side.add(post.post.title.as_deref(), &post.post.text);
            judged.insert(judgement.post_id);
        }
    }
    let background = background(store, judged).await?;
    let terms = contrast::telling(&complaints, &others, &background, LEAST, Z_MIN);
    let terms = terms.into_iter().filter(|term| !is_known(engine, term));
    Ok(Lesson {
        n_complaints: complaints.n_posts(),
        n_others: others.n_posts(),
        terms: terms.collect(),
    })
}

/// What people write anyway, in the first of the stored posts.
async fn background(store: &Store, judged: HashSet<PostId>) -> Result<Tally, StoreError> {
    let mut all = Tally::default();
    let mut last: Option<StoredPost> = None;
    while all.n_posts() < BACKGROUND_MAX {
        let posts = store
            .posts_after(last.as_ref(), Timestamp(0), replay::CHUNK)
            .await?;
        let Some(end) = posts.last() else { break };
        last = Some(end.clone());
        for post in posts.iter().filter(|post| !judged.contains(&post.id)) {
            all.add(post.post.title.as_deref(), &post.post.text);
        }
    }
    Ok(all)
}

/// True when a keyword finds these words already, or they are our name.
fn is_known(engine: &Engine, term: &Term) -> bool {
    let rules = engine.scorer.rules();
    let text = Text::new(None, &term.words);
    let subject = Subject::new(&text);
    let keywords = rules.keywords.iter().map(|keyword| &keyword.query);
    let watches = rules.watches.iter().map(|watch| &watch.query);
    let mut queries = keywords.chain(watches);
    queries.any(|query| !query.hits(&subject).is_empty())
}
