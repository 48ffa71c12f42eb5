//! What a person brings is stored beside what is read.

use super::{NOW, complaint, later, posts, source};
use crate::support::databases;

use escucha::model::SourceId;

#[tokio::test]
async fn what_a_person_brings_is_a_case_once_under_a_source_that_is_never_read() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let by_hand = SourceId::of_name("otro lugar");
        let brought = posts(vec![complaint("Javier", "Me cobran dos veces")]);
        for _ in 0..2 {
            store
                .capture(&by_hand, "otro lugar", &brought, NOW)
                .await
                .unwrap();
        }
        assert_eq!(store.cases(10).await.unwrap().len(), 1);
        let id = &brought.posts[0].id;
        let stored = store.post(id).await.unwrap().unwrap();
        assert_eq!(stored.source_id, by_hand);
        assert!(stored.case_id.is_some());
        assert!(store.source_states().await.unwrap().is_empty());
        let read = [source("foro", "foro.test")];
        store.sync_sources(&read, NOW).await.unwrap();
        let claims = store.claim_sources("w", NOW, later(120), 5).await.unwrap();
        assert_eq!(claims.len(), 1, "only what is configured is read");
    }
}
