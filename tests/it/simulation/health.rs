//! What holds of the sources of a simulated world: none is blind in silence, and what they do to their
//! guids and links repeats no story.

use escucha::flow::{self, Engine};
use escucha::model::{Ailment, Post, Timestamp};
use escucha::store::Store;

use crate::support::dice::Dice;

/// A trouble is told within a day, and a relapse a day after the last alarm.
const SILENT_DAYS_MAX: i64 = 2;

/// Sometimes all guids move, or the links get sessions: the posts stay the same.
pub(super) fn spoiled(dice: &mut Dice, posts: &[Post]) -> Vec<Post> {
    let mut posts = posts.to_vec();
    let visit = dice.below(1_000_000);
    if dice.percent(20) {
        for (n, post) in posts.iter_mut().enumerate() {
            post.guid = Some(format!("moved {visit} {n}"));
        }
    }
    if dice.percent(20) {
        for url in posts.iter_mut().filter_map(|post| post.url.as_mut()) {
            *url = format!("{url}?visit={visit}");
        }
    }
    posts
}

/// The keeper's look at the sources, and what must hold after it.
pub(super) async fn turn(store: &Store, engine: &Engine, now: Timestamp, context: &str) {
    flow::health::turn(store, engine, now).await.unwrap();
    let is_budget_spent = store
        .count_operator_letters(now.plus_hours(-1))
        .await
        .unwrap()
        >= 4;
    for state in store.source_states().await.unwrap() {
        let condition = state.condition;
        let is_old = condition
            .trouble_at
            .is_some_and(|since| now > since.plus_days(SILENT_DAYS_MAX));
        assert!(
            !is_old || is_budget_spent || condition.told_of == Some(Ailment::Blind),
            "{context}: blind in silence: {state:?}"
        );
        assert_eq!(
            condition.told_of.is_some(),
            state.told_at.is_some(),
            "{context}: {state:?}"
        );
    }
}

/// The faults are over: nobody believes a source to be blind.
pub(super) async fn all_see(store: &Store, context: &str) {
    for state in store.source_states().await.unwrap() {
        assert_ne!(
            state.condition.told_of,
            Some(Ailment::Blind),
            "{context}: no all-clear: {state:?}"
        );
    }
}
