//! What people said of posts, and all posts in the order in which keywords are tried on them.

use escucha::store::Judgement;

use crate::support::databases;

use super::*;

fn said(id: &PostId, is_complaint: bool, because: &str, at: i64) -> Judgement {
    Judgement {
        post_id: id.clone(),
        is_complaint,
        because: because.to_owned(),
        at: later(at),
    }
}

#[tokio::test]
async fn the_last_word_counts_and_the_same_word_twice_is_one() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let new = complaint("Carmen", "nadie me atiende");
        let (id, case) = (new.id.clone(), new.case.as_ref().unwrap().id.clone());
        admit(store, &posts(vec![new])).await;
        assert!(
            store.judgements().await.unwrap().is_empty(),
            "{}",
            fresh.engine
        );
        let yes = said(&id, true, "judged", 10);
        assert!(store.judge(&yes, Some(&case)).await.unwrap());
        let again = said(&id, true, "captured", 20);
        assert!(!store.judge(&again, Some(&case)).await.unwrap());
        assert_eq!(store.judgements().await.unwrap(), [yes], "{}", fresh.engine);
        let no = said(&id, false, "not_a_complaint", 30);
        assert!(store.judge(&no, None).await.unwrap());
        assert_eq!(store.judgements().await.unwrap(), [no]);
        let events = store.case_events(&case).await.unwrap();
        let events: Vec<(&str, Option<&str>)> = events
            .iter()
            .map(|event| (event.event.as_str(), event.words.as_deref()))
            .collect();
        assert_eq!(events, [("opened", None), ("judged", Some("yes"))]);
    }
}

#[tokio::test]
async fn posts_are_named_by_as_much_of_their_id_as_suffices() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![post("Ana", "uno"), post("Ana", "dos")])).await;
        let id = post("Ana", "dos").id;
        let found = store.posts_by_prefix(&id.0[..12]).await.unwrap();
        assert_eq!(found.len(), 1, "{}", fresh.engine);
        assert_eq!(found[0].id, id);
        assert_eq!(store.posts_by_prefix("p-").await.unwrap().len(), 2);
        assert!(store.posts_by_prefix("p-%").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn every_post_is_read_once_source_by_source_and_none_from_before() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        for (source, first_at) in [("otra", 0), ("foro", 50)] {
            for n in 0..7 {
                let new = post("Ana", &format!("{source} {n}"));
                let id = SourceId::of_name(source);
                let at = later(first_at + n / 3);
                store
                    .capture(&id, source, &posts(vec![new]), at)
                    .await
                    .unwrap();
            }
        }
        let read = async |since: Timestamp| {
            let mut all: Vec<(SourceId, Timestamp, PostId)> = Vec::new();
            let mut last = None;
            loop {
                let chunk = store.posts_after(last.as_ref(), since, 4).await.unwrap();
                let Some(end) = chunk.last() else { return all };
                last = Some(end.clone());
                assert!(chunk.iter().all(|post| post.verdict.is_none()));
                let keys = chunk.iter();
                all.extend(keys.map(|p| (p.source_id.clone(), p.seen_at, p.id.clone())));
            }
        };
        let all = read(Timestamp(0)).await;
        assert_eq!(all.len(), 14, "{}", fresh.engine);
        assert!(all.is_sorted() && all.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(read(later(51)).await.len(), 4);
        assert_eq!(store.n_posts_since(later(51)).await.unwrap(), 4);
        assert_eq!(store.n_posts_since(Timestamp(0)).await.unwrap(), 14);
    }
}
