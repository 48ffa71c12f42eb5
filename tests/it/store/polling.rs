//! Sources, posts and pages.

use escucha::model::{Level, Post, PostKey, Rhythm, SourceId};
use escucha::store::{
    Admission, HostRobots, NewPage, Parsed, Settled, SourceRow, Validators, Whereabouts,
};

use crate::support::databases;

use super::*;

#[tokio::test]
async fn a_source_is_claimed_once_and_its_host_with_it() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let rows = [
            source("a", "foro.test"),
            source("b", "foro.test"),
            source("c", "otro.test"),
        ];
        store.sync_sources(&rows, NOW).await.unwrap();
        let claimed = store
            .claim_sources("w1", NOW, later(120), 10)
            .await
            .unwrap();
        assert_eq!(claimed.len(), 2, "{}: one source a host", fresh.engine);
        assert!(
            store
                .claim_sources("w2", later(1), later(121), 10)
                .await
                .unwrap()
                .is_empty()
        );
        // The lease ends: another worker takes over, and the late one writes nothing.
        let again = store
            .claim_sources("w2", later(200), later(320), 10)
            .await
            .unwrap();
        assert_eq!(again.len(), 2);
        let stale = claimed
            .iter()
            .find(|claim| claim.id == again[0].id)
            .unwrap_or(&claimed[0]);
        let admission = posts(vec![post("Ana", "tarde")]);
        assert!(
            !store
                .settle_source(stale, &success(), &admission, later(201))
                .await
                .unwrap()
        );
        assert_eq!(
            store.counts().await.unwrap().posts,
            0,
            "a stale worker writes nothing"
        );
        assert!(
            store
                .settle_source(&again[0], &success(), &admission, later(202))
                .await
                .unwrap()
        );
        assert_eq!(store.counts().await.unwrap().posts, 1);
    }
}

/// What could not be read of a document stays known until the document is read whole.
#[tokio::test]
async fn a_document_read_in_part_is_no_failure_and_is_told_until_it_is_read_whole() {
    let read = |note: Option<&str>| Settled {
        parsed: Some(Parsed {
            reader: "r1".into(),
            n_shown: 41,
            note: note.map(str::to_owned),
            hours: Vec::new(),
            oldest_hour: None,
            quiet_at: None,
        }),
        ..success()
    };
    let (short, whole) = (read(Some("41 de 42")), read(None));
    let unchanged = Settled {
        body_hash: None,
        ..success()
    };
    for fresh in databases::both().await {
        let store = &fresh.store;
        store
            .sync_sources(&[source("foro", "foro.test")], NOW)
            .await
            .unwrap();
        for (n, settled, note, trouble) in [
            (1, &short, Some("41 de 42"), None),
            (2, &unchanged, Some("41 de 42"), None),
            (3, &failure(), Some("41 de 42"), Some("cerrado")),
            (4, &failure(), Some("41 de 42"), Some("cerrado")),
            (5, &short, Some("41 de 42"), None),
            (6, &whole, None, None),
            (7, &failure(), None, Some("cerrado")),
            (8, &unchanged, None, None),
        ] {
            let now = later(n * 1_000);
            let claimed = store
                .claim_sources("w", now, later(n * 1_000 + 120), 5)
                .await
                .unwrap();
            store
                .settle_source(&claimed[0], settled, &Admission::default(), now)
                .await
                .unwrap();
            let state = &store.source_states().await.unwrap()[0];
            assert_eq!(state.note.as_deref(), note, "{n}");
            assert_eq!(state.trouble.as_deref(), trouble, "{n}");
            let n_blind = store.counts().await.unwrap().sources_in_trouble;
            assert_eq!(n_blind, i64::from(settled.trouble.is_some()), "{n}");
        }
    }
}

#[tokio::test]
async fn what_a_source_is_told_and_how_it_is_comes_back() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![post("Ana", "uno")])).await;
        let claimed = store
            .claim_sources("w", later(1_000), later(1_120), 5)
            .await
            .unwrap();
        let claim = &claimed[0];
        assert_eq!(claim.validators.etag.as_deref(), Some("\"1\""));
        assert_eq!(claim.validators.last_modified.as_deref(), Some("Mon"));
        assert_eq!(claim.body_hash.as_deref(), Some("hash"));
        assert!(claim.has_baseline && claim.trouble_at.is_none());
        assert_eq!((claim.rhythm, claim.n_whole), (RHYTHM, 3));
        let nothing = Admission::default();
        store
            .settle_source(claim, &failure(), &nothing, later(1_001))
            .await
            .unwrap();
        let state = &store.source_states().await.unwrap()[0];
        assert_eq!(
            (state.n_failures, state.trouble.as_deref()),
            (1, Some("cerrado"))
        );
        assert_eq!(state.condition.tell_at, Some(later(1_001)));
        assert_eq!((state.n_posts, state.last_ok_at), (1, Some(later(1))));
        // A failed fetch changes nothing but the next check: the validators are still there.
        let claimed = store
            .claim_sources("w", later(2_000), later(2_120), 5)
            .await
            .unwrap();
        assert_eq!(claimed[0].validators.etag.as_deref(), Some("\"1\""));
        assert_eq!(claimed[0].n_failures, 1);
        // Changed selectors are read at once, on a page that is known; another address is new.
        let changed = SourceRow {
            mapping: "m2".into(),
            ..source("foro", "foro.test")
        };
        store.sync_sources(&[changed], later(2_500)).await.unwrap();
        let state = &store.source_states().await.unwrap()[0];
        assert_eq!(state.next_at, later(2_500));
        let claimed = store
            .claim_sources("w", later(2_600), later(2_700), 5)
            .await
            .unwrap();
        assert!(claimed[0].has_baseline && claimed[0].validators == Validators::default());
        let changed = SourceRow {
            mapping: "m3".into(),
            address: "a2".into(),
            ..source("foro", "foro.test")
        };
        store.sync_sources(&[changed], later(2_500)).await.unwrap();
        let claimed = store
            .claim_sources("w", later(3_000), later(3_120), 5)
            .await
            .unwrap();
        assert_eq!(
            (claimed[0].validators.clone(), claimed[0].has_baseline),
            (Validators::default(), false)
        );
        assert_eq!(store.next_claim_at().await.unwrap(), Some(later(3_120)));
        // A source that is no longer configured is not polled.
        store.sync_sources(&[], later(3_200)).await.unwrap();
        assert!(
            store
                .claim_sources("w", later(9_000), later(9_120), 5)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(store.source_states().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_story_is_stored_and_told_once_whatever_is_repeated() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let told = complaint("Javier", "me cobraron dos veces");
        admit(store, &posts(vec![told.clone(), post("Ana", "otra cosa")])).await;
        // The same told from a second source, and a repeat after an unknown COMMIT (M20).
        store
            .sync_sources(
                &[source("foro", "foro.test"), source("eco", "eco.test")],
                later(2),
            )
            .await
            .unwrap();
        let claimed = store
            .claim_sources("w", later(3), later(123), 5)
            .await
            .unwrap();
        let eco = claimed
            .iter()
            .find(|claim| claim.host == "eco.test")
            .unwrap();
        let again = posts(vec![told.clone()]);
        assert!(
            store
                .settle_source(eco, &success(), &again, later(4))
                .await
                .unwrap()
        );
        assert!(
            !store
                .settle_source(eco, &success(), &again, later(4))
                .await
                .unwrap()
        );
        let counts = store.counts().await.unwrap();
        assert_eq!(
            (counts.posts, counts.live_cases, counts.waiting),
            (2, 1, 1),
            "{}",
            fresh.engine
        );
        let known = store
            .known_keys(&SourceId::of_name("foro"), &told.keys)
            .await
            .unwrap();
        assert_eq!(known.len(), told.keys.len());
        let strange = PostKey {
            kind: "guid",
            hash: "nobody".into(),
        };
        assert!(
            store
                .known_keys(&SourceId::of_name("foro"), &[strange])
                .await
                .unwrap()
                .is_empty()
        );
        let stored = store.post(&told.id).await.unwrap().unwrap();
        let expected = Post {
            guid: None,
            ..told.post.clone()
        };
        assert_eq!(stored.post, expected);
        assert_eq!(stored.verdict, told.verdict);
        assert_eq!(stored.case_id, told.case.map(|case| case.id));
    }
}

#[tokio::test]
async fn m10_nul_in_a_post_poisons_nothing() {
    for fresh in databases::both().await {
        let poison = post("A\0na", "con un cero\0 dentro");
        admit(
            &fresh.store,
            &posts(vec![poison.clone(), post("Eva", "sana")]),
        )
        .await;
        let stored = fresh.store.post(&poison.id).await.unwrap().unwrap();
        assert_eq!(stored.post.text, "con un cero dentro");
        assert_eq!(fresh.store.counts().await.unwrap().posts, 2);
    }
}

#[tokio::test]
async fn an_edited_post_is_updated_in_place() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let first = post("Ana", "me gusta");
        admit(store, &posts(vec![first.clone()])).await;
        let claimed = store
            .claim_sources("w", later(1_000), later(1_120), 5)
            .await
            .unwrap();
        let mut edited = complaint("Ana", "me gustaba");
        edited.id = first.id.clone();
        edited.update = true;
        let admission = posts(vec![edited]);
        store
            .settle_source(&claimed[0], &success(), &admission, later(1_001))
            .await
            .unwrap();
        let stored = store.post(&first.id).await.unwrap().unwrap();
        assert_eq!(stored.post.text, "me gustaba");
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.posts, counts.live_cases), (1, 1));
        let doubts = store.posts_of_level(Level::Complaint, 10).await.unwrap();
        assert_eq!(doubts.len(), 1);
    }
}

#[tokio::test]
async fn a_page_is_claimed_postponed_and_settled_under_its_lease() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let mut summary = post("Carmen", "resumen…");
        summary.verdict = None;
        summary.page = Some(NewPage {
            url: "https://blog.test/1".into(),
            host: "blog.test".into(),
        });
        admit(store, &posts(vec![summary.clone()])).await;
        let claimed = store
            .claim_pages("w1", later(5), later(125), 5)
            .await
            .unwrap();
        assert_eq!(
            (claimed.len(), claimed[0].url.as_str()),
            (1, "https://blog.test/1")
        );
        assert!(
            store
                .claim_pages("w2", later(6), later(126), 5)
                .await
                .unwrap()
                .is_empty()
        );
        let hosts = rests(&["blog.test"], later(7));
        let put_off = store.postpone_page(&claimed[0], true, later(300), &hosts, later(6));
        assert!(put_off.await.unwrap());
        let claimed = store
            .claim_pages("w1", later(301), later(420), 5)
            .await
            .unwrap();
        assert_eq!(claimed[0].n_failures, 1);
        let mut full = complaint("Carmen", "el texto entero");
        full.id = summary.id.clone();
        full.update = true;
        let admission = posts(vec![full]);
        let hosts = rests(&["blog.test"], later(303));
        let stale = store.settle_page(&claimed[0], &hosts, &admission, later(500));
        assert!(!stale.await.unwrap(), "the lease had ended");
        assert!(
            store
                .renew_page(&claimed[0], later(600), later(301))
                .await
                .unwrap()
        );
        let settled = store.settle_page(&claimed[0], &hosts, &admission, later(302));
        assert!(settled.await.unwrap());
        assert!(
            store
                .claim_pages("w1", later(900), later(999), 5)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(store.counts().await.unwrap().live_cases, 1);
    }
}

#[tokio::test]
async fn a_visit_takes_hosts_keeps_them_and_puts_its_source_off() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let rows = [source("foro", "foro.test")];
        store.sync_sources(&rows, NOW).await.unwrap();
        let claims = store.claim_sources("w1", NOW, later(120), 5).await.unwrap();
        let claim = &claims[0];
        let taken = store.take_host("cdn.test", NOW, later(120)).await.unwrap();
        assert_eq!(taken, None, "nobody had asked it");
        let taken = store.take_host("cdn.test", later(1), later(121)).await;
        assert_eq!(taken.unwrap(), Some(later(120)), "one request a host");
        let hosts = ["foro.test".to_owned(), "cdn.test".to_owned()];
        let renewed = store.renew_source(claim, later(300), later(100)).await;
        assert!(renewed.unwrap());
        store.hold_hosts(&hosts, later(300)).await.unwrap();
        let taken = store.take_host("cdn.test", later(200), later(320)).await;
        assert_eq!(taken.unwrap(), Some(later(300)));
        let late = store.claim_sources("w2", later(200), later(320), 5).await;
        assert!(late.unwrap().is_empty(), "the lease was renewed");
        let free = rests(&["foro.test", "cdn.test"], later(250));
        let put_off = store.put_off_source(claim, later(600), &free, None, later(200));
        assert!(put_off.await.unwrap());
        assert!(
            !store
                .renew_source(claim, later(900), later(200))
                .await
                .unwrap()
        );
        let again = store.put_off_source(claim, later(900), &free, None, later(200));
        assert!(!again.await.unwrap(), "the claim was given back");
        let state = &store.source_states().await.unwrap()[0];
        assert_eq!((state.next_at, state.n_failures), (later(600), 0));
        assert_eq!(store.next_turn_at(later(599)).await.unwrap(), None);
        let turn = store.next_turn_at(later(600)).await.unwrap();
        assert_eq!(turn, Some(later(250)));
        let taken = store.take_host("cdn.test", later(250), later(370)).await;
        assert_eq!(taken.unwrap(), None);
    }
}

#[tokio::test]
async fn a_robots_txt_is_kept_for_its_scheme_host_and_port() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let robots = |text: &str, at| HostRobots {
            text: text.to_owned(),
            fetched_at: at,
        };
        let (plain, safe) = ("http://foro.test", "https://foro.test:8443");
        assert_eq!(store.robots(plain).await.unwrap(), None);
        store.keep_robots(plain, &robots("a", NOW)).await.unwrap();
        store
            .keep_robots(plain, &robots("b", later(1)))
            .await
            .unwrap();
        let kept = store.robots(plain).await.unwrap();
        assert_eq!(kept, Some(robots("b", later(1))));
        assert_eq!(store.robots(safe).await.unwrap(), None);
    }
}

#[tokio::test]
async fn where_a_source_is_read_survives_until_its_configuration_changes() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(Vec::new())).await;
        let claims = store
            .claim_sources("w", later(1_000), later(1_120), 5)
            .await;
        let moved = Settled {
            whereabouts: Whereabouts {
                moving_to: Some("https://b.test/".into()),
                n_moving: 2,
                moved_to: Some("https://a.test/".into()),
            },
            host: "a.test".into(),
            ..success()
        };
        let nothing = Admission::default();
        store
            .settle_source(&claims.unwrap()[0], &moved, &nothing, later(1_001))
            .await
            .unwrap();
        // A restart with the same configuration changes nothing.
        let same = [source("foro", "foro.test")];
        store.sync_sources(&same, later(1_500)).await.unwrap();
        let state = &store.source_states().await.unwrap()[0];
        assert_eq!(state.moved_to.as_deref(), Some("https://a.test/"));
        assert_eq!(state.robots_tag.as_deref(), Some("noai"));
        let claims = store
            .claim_sources("w", later(2_000), later(2_120), 5)
            .await;
        let claim = &claims.unwrap()[0];
        assert_eq!(
            (claim.host.as_str(), &claim.whereabouts),
            ("a.test", &moved.whereabouts)
        );
        let changed = SourceRow {
            mapping: "m2".into(),
            ..source("foro", "foro.test")
        };
        store.sync_sources(&[changed], later(2_500)).await.unwrap();
        let claims = store
            .claim_sources("w", later(3_000), later(3_120), 5)
            .await;
        let claim = &claims.unwrap()[0];
        assert_eq!(claim.whereabouts, Whereabouts::default());
        assert_eq!(
            (claim.host.as_str(), claim.rhythm, claim.n_whole),
            ("foro.test", Rhythm::default(), 0)
        );
    }
}
