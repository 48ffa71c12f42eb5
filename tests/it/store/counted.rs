//! However many posts come at once, each is stored and known, and counts for who brought it first.

use std::ops::Range;

use escucha::model::PostKey;
use escucha::store::Parsed;

use crate::support::databases;

use super::*;

fn brought(texts: Range<i32>) -> Vec<NewPost> {
    texts.map(|n| post("Ana", &format!("texto {n}"))).collect()
}

#[tokio::test]
async fn a_source_counts_what_it_brought_first() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let rows = [source("foro", "foro.test"), source("otro", "otro.test")];
        store.sync_sources(&rows, NOW).await.unwrap();
        // Who brings which texts, whether its document is read, how many it has brought then and in
        // which round the last.
        for (round, name, texts, is_read, n_posts, last_new) in [
            (1, "foro", 0..40, true, 40, 1),
            (2, "otro", 30..45, true, 5, 2),
            (3, "otro", 10..20, true, 5, 2),
            (4, "foro", 44..45, false, 40, 1),
            (5, "foro", 44..47, false, 42, 5),
            (6, "otro", 0..0, true, 5, 2),
        ] {
            let now = later(round * 1_000);
            let until = now.plus_seconds(120);
            let claimed = store.claim_sources("w", now, until, 5).await.unwrap();
            let id = SourceId::of_name(name);
            let claim = claimed.iter().find(|claim| claim.id == id).unwrap();
            let settled = Settled {
                host: format!("{name}.test"),
                parsed: is_read.then(|| Parsed {
                    reader: "r".into(),
                    n_shown: 1,
                    note: None,
                    hours: Vec::new(),
                    oldest_hour: None,
                    quiet_at: None,
                }),
                ..success()
            };
            let admission = posts(brought(texts));
            let done = store.settle_source(claim, &settled, &admission, now).await;
            assert!(done.unwrap());
            let states = store.source_states().await.unwrap();
            let state = states.iter().find(|state| state.id == id).unwrap();
            let expected = (n_posts, Some(later(last_new * 1_000)));
            let told = (state.n_posts, state.last_new_at);
            assert_eq!(told, expected, "{} {round}", fresh.engine);
        }
        assert_eq!(store.counts().await.unwrap().posts, 47);
        let keys = brought(0..40).into_iter().flat_map(|new| new.keys);
        let keys: Vec<PostKey> = keys.filter(|key| key.kind == "text").collect();
        let known = store.known_keys(&SourceId::of_name("foro"), &keys).await;
        assert_eq!(known.unwrap().len(), 40);
    }
}
