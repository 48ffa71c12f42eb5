//! What is known of a post beside its words when it is scored.
//!
//! The author's earlier cases and praise are asked for when he complains, in the stored posts of the same
//! place, and forgotten with them. **Absent:** anything that follows a person from one source to another.

use super::Engine;
use super::intake::{author_key, is_complaint, verdict};
use crate::model::{Circumstances, How, Post, PostId, Timestamp};
use crate::settings::SourceSettings;
use crate::store::{NewPost, Store, StoreError, StoredPost};

/// Praise: so good a rating, or so good a mood (millionths) and hardly a complaint.
const PRAISE_RATING: f64 = 0.8;
const PRAISE_SENTIMENT: i64 = 400_000;
const PRAISE_PROBABILITY_MAX: i64 = 200_000;

/// What is known of a post as it is read. `is_hidden` is what its page says to search engines, where a
/// page was read.
pub(super) fn as_read(post: &Post, is_hidden: Option<bool>) -> Circumstances {
    // Nobody finds a letter by searching.
    let is_letter = matches!(post.how, How::Mail | How::MailForwarded);
    Circumstances {
        indexable: if is_letter {
            Some(false)
        } else {
            is_hidden.map(|is_hidden| !is_hidden)
        },
        ..Circumstances::default()
    }
}

/// Adds what the author said before, in the same place.
pub(super) async fn recall(
    store: &Store,
    source: &SourceSettings,
    id: &PostId,
    post: &Post,
    known: Circumstances,
) -> Result<Circumstances, StoreError> {
    let (Some(key), Some(author)) = (author_key(post, source), &post.author) else {
        return Ok(known);
    };
    let posts = store.posts_of_author(&source.id, author, id).await?;
    let praise = posts.iter().filter(|stored| is_praise(stored)).count();
    Ok(Circumstances {
        earlier_cases: store.n_cases_of_author(&key, id).await?,
        earlier_praise: u32::try_from(praise).unwrap_or(u32::MAX),
        ..known
    })
}

/// Scores a complaint again when its author is known here.
pub(super) async fn weigh(
    store: &Store,
    engine: &Engine,
    source: &SourceSettings,
    new: &mut NewPost,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !is_complaint(new.verdict.as_ref()) {
        return Ok(());
    }
    let known = recall(store, source, &new.id, &new.post, new.circumstances).await?;
    if known != new.circumstances {
        new.circumstances = known;
        new.verdict = Some(verdict(engine, source, &new.post, known, now));
    }
    Ok(())
}

/// A post about us that praises.
fn is_praise(stored: &StoredPost) -> bool {
    let Some(verdict) = &stored.verdict else {
        return false;
    };
    let is_rated = stored
        .post
        .rating
        .is_some_and(|rating| rating >= PRAISE_RATING);
    let is_glad = verdict.sentiment.0 >= PRAISE_SENTIMENT;
    let is_calm = verdict.complaint_probability.0 <= PRAISE_PROBABILITY_MAX;
    !verdict.watches.is_empty() && is_calm && (is_rated || is_glad)
}
