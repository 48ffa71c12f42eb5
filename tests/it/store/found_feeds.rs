//! The feeds found on web pages.

use escucha::model::SourceId;
use escucha::store::Admission;

use crate::support::databases;

use super::*;

#[tokio::test]
async fn a_found_feed_is_kept_for_its_page_and_forgotten_with_its_validators() {
    let (page, moved) = ("https://blog.test/", "https://blog.test/nuevo/");
    for fresh in databases::both().await {
        let store = &fresh.store;
        let (id, other) = (SourceId::of_name("blog"), SourceId::of_name("otro"));
        let rows = [source("blog", "foro.test"), source("otro", "otro.test")];
        store.sync_sources(&rows, NOW).await.unwrap();
        let claimed = store.claim_sources("w", NOW, later(120), 5).await.unwrap();
        let nothing = Admission::default();
        let read = |host: &str| Settled {
            host: host.to_owned(),
            ..success()
        };
        for claim in &claimed {
            let settled = store
                .settle_source(claim, &read(&claim.host), &nothing, NOW)
                .await;
            assert!(settled.unwrap());
        }
        let found = async |id: &SourceId, page: &str| store.found_feed(id, page).await.unwrap();
        assert_eq!(found(&id, page).await, None, "{}", fresh.engine);
        for url in ["https://blog.test/rss", "https://blog.test/ñ?a=1&b='2'"] {
            // Kept twice: what a killed worker has done is done again by the next.
            for _ in 0..2 {
                store.keep_found_feed(&id, page, url, NOW).await.unwrap();
            }
            assert_eq!(found(&id, page).await.as_deref(), Some(url));
        }
        assert_eq!(
            found(&id, moved).await,
            None,
            "another address makes it void"
        );
        assert_eq!(found(&other, page).await, None);

        // What the page said of its own changes says nothing of its feed's, and the other way round.
        for round in 1..=2 {
            let (now, until) = (later(round * 2_000), later(round * 2_000 + 120));
            let claims = store.claim_sources("w", now, until, 5).await.unwrap();
            assert_eq!(claims.len(), 2);
            for claim in claims {
                let is_kept = claim.validators.etag.is_some() && claim.body_hash.is_some();
                let is_dropped =
                    claim.validators == Validators::default() && claim.body_hash.is_none();
                assert!(
                    if claim.id == id { is_dropped } else { is_kept },
                    "{round}: {claim:?}"
                );
                assert!(claim.has_baseline, "what was read stays read");
                let its = claim.found_feed.as_ref().map(|found| found.page.as_str());
                // After the first round it was forgotten.
                let is_found = claim.id == id && round == 1;
                assert_eq!(its, is_found.then_some(page));
                let settled = store
                    .settle_source(&claim, &read(&claim.host), &nothing, now)
                    .await;
                assert!(settled.unwrap());
            }
            for _ in 0..2 {
                store.forget_found_feed(&id).await.unwrap();
            }
            assert_eq!(found(&id, page).await, None);
        }
    }
}
