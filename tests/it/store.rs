//! The contract of the store: the same stories on SQLite and PostgreSQL, every method called.

use escucha::model::{
    Case, CaseId, Due, Event, How, Level, Millionths, Minutes, Pace, Post, PostId, PostKey,
    SourceId, State, Target, Timestamp, Verdict, fingerprint, post_keys,
};
use escucha::store::{
    Admission, HostRobots, NewAlert, NewCase, NewPage, NewPost, Role, Settled, Settling, SourceRow,
    Store, StoreError, Validators,
};

use crate::support::databases;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn later(seconds: i64) -> Timestamp {
    NOW.plus_seconds(seconds)
}

fn source(name: &str, host: &str) -> SourceRow {
    SourceRow {
        id: SourceId::of_name(name),
        name: name.into(),
        host: host.into(),
        mapping: "m1".into(),
    }
}

fn verdict(level: Level) -> Verdict {
    Verdict {
        lang: None,
        complaint_probability: Millionths(900_000),
        sentiment: Millionths(-500_000),
        target: Target::Us,
        level,
        risk: 40,
        signals: Vec::new(),
        topics: Vec::new(),
        watches: vec!["ejemplo".into()],
        why: Vec::new(),
    }
}

fn post(author: &str, text: &str) -> NewPost {
    let post = Post {
        guid: Some(format!("guid of {text}")),
        title: Some("Título con ñ y 😡".into()),
        text: text.into(),
        author: Some(author.into()),
        url: Some(format!("https://foro.test/{}", text.len())),
        published: Some(later(-3_600)),
        rating: Some(0.25),
        how: How::FeedRepaired,
        ..Post::default()
    };
    NewPost {
        id: PostId::of_fingerprint(&fingerprint(&post)),
        keys: post_keys(&post),
        post,
        update: false,
        backlog: false,
        verdict: Some(verdict(Level::None)),
        page: None,
        case: None,
    }
}

fn alert(id: &str, case: Option<&CaseId>) -> NewAlert {
    NewAlert {
        id: id.into(),
        kind: "complaint",
        case_id: case.cloned(),
        subject: "Asunto".into(),
        text: "cuerpo".into(),
        html: "<p>cuerpo</p>".into(),
        deliveries: vec![(format!("d-{id}"), "gerente@ejemplo.test".into(), format!("<{id}@x>"))],
    }
}

fn complaint(author: &str, text: &str) -> NewPost {
    let mut new = post(author, text);
    let id = CaseId::candidate(text, 0);
    new.verdict = Some(verdict(Level::Complaint));
    new.case = Some(NewCase {
        alerts: vec![alert(&format!("a-{text}"), Some(&id))],
        id,
        watch: "ejemplo".into(),
        author_key: Some(format!("key of {author}")),
        case: Case::open(NOW),
        event: "opened",
    });
    new
}

fn success() -> Settled {
    Settled {
        next_at: later(900),
        host_next_at: later(1),
        read: Some((
            Validators { etag: Some("\"1\"".into()), last_modified: Some("Mon".into()) },
            "hash".into(),
        )),
        succeeded: true,
        trouble: None,
        robots: Some(HostRobots { text: Some("User-agent: *".into()), fetched_at: Some(NOW) }),
        told: false,
    }
}

fn failure() -> Settled {
    Settled { read: None, succeeded: false, trouble: Some("cerrado".into()), told: true, ..success() }
}

fn posts(posts: Vec<NewPost>) -> Admission {
    Admission { posts, alerts: Vec::new() }
}

/// Claims the only due source and settles it with these posts.
async fn admit(store: &Store, admission: &Admission) {
    store.sync_sources(&[source("foro", "foro.test")], NOW).await.unwrap();
    let claimed = store.claim_sources("w", NOW, later(120), 5).await.unwrap();
    assert!(store.settle_source(&claimed[0], &success(), admission, later(1)).await.unwrap());
}

#[tokio::test]
async fn a_source_is_claimed_once_and_its_host_with_it() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let rows =
            [source("a", "foro.test"), source("b", "foro.test"), source("c", "otro.test")];
        store.sync_sources(&rows, NOW).await.unwrap();
        let claimed = store.claim_sources("w1", NOW, later(120), 10).await.unwrap();
        assert_eq!(claimed.len(), 2, "{}: one source a host", fresh.engine);
        assert!(store.claim_sources("w2", later(1), later(121), 10).await.unwrap().is_empty());
        // The lease ends: another worker takes over, and the late one writes nothing.
        let again = store.claim_sources("w2", later(200), later(320), 10).await.unwrap();
        assert_eq!(again.len(), 2);
        let stale = claimed.iter().find(|claim| claim.id == again[0].id).unwrap_or(&claimed[0]);
        let admission = posts(vec![post("Ana", "tarde")]);
        assert!(!store.settle_source(stale, &success(), &admission, later(201)).await.unwrap());
        assert_eq!(store.counts().await.unwrap().posts, 0, "a stale worker writes nothing");
        assert!(store.settle_source(&again[0], &success(), &admission, later(202)).await.unwrap());
        assert_eq!(store.counts().await.unwrap().posts, 1);
    }
}

#[tokio::test]
async fn what_a_source_is_told_and_how_it_is_comes_back() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![post("Ana", "uno")])).await;
        let claimed = store.claim_sources("w", later(1_000), later(1_120), 5).await.unwrap();
        let claim = &claimed[0];
        assert_eq!(claim.validators.etag.as_deref(), Some("\"1\""));
        assert_eq!(claim.validators.last_modified.as_deref(), Some("Mon"));
        assert_eq!(claim.body_hash.as_deref(), Some("hash"));
        assert!(claim.has_baseline && !claim.was_told);
        assert_eq!(claim.robots.text.as_deref(), Some("User-agent: *"));
        let nothing = Admission::default();
        store.settle_source(claim, &failure(), &nothing, later(1_001)).await.unwrap();
        let state = &store.source_states().await.unwrap()[0];
        assert_eq!((state.n_failures, state.trouble.as_deref()), (1, Some("cerrado")));
        assert_eq!(state.told_at, Some(later(1_001)));
        assert_eq!((state.n_posts, state.last_ok_at), (1, Some(later(1))));
        // A failed fetch changes nothing but the next check: the validators are still there.
        let claimed = store.claim_sources("w", later(2_000), later(2_120), 5).await.unwrap();
        assert_eq!(claimed[0].validators.etag.as_deref(), Some("\"1\""));
        assert_eq!(claimed[0].n_failures, 1);
        // A changed mapping is read as if new.
        let changed = SourceRow { mapping: "m2".into(), ..source("foro", "foro.test") };
        store.sync_sources(&[changed], later(2_500)).await.unwrap();
        let claimed = store.claim_sources("w", later(3_000), later(3_120), 5).await.unwrap();
        assert_eq!((claimed[0].validators.clone(), claimed[0].has_baseline), (Validators::default(), false));
        assert_eq!(store.next_claim_at().await.unwrap(), Some(later(3_120)));
        // A source that is no longer configured is not polled.
        store.sync_sources(&[], later(3_200)).await.unwrap();
        assert!(store.claim_sources("w", later(9_000), later(9_120), 5).await.unwrap().is_empty());
        assert!(store.source_states().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_story_is_stored_and_told_once_whatever_is_repeated() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let story = complaint("Javier", "me cobraron dos veces");
        admit(store, &posts(vec![story.clone(), post("Ana", "otra cosa")])).await;
        // The same story from a second source, and a repeat after an unknown COMMIT (M20).
        store
            .sync_sources(&[source("foro", "foro.test"), source("eco", "eco.test")], later(2))
            .await
            .unwrap();
        let claimed = store.claim_sources("w", later(3), later(123), 5).await.unwrap();
        let eco = claimed.iter().find(|claim| claim.host == "eco.test").unwrap();
        let again = posts(vec![story.clone()]);
        assert!(store.settle_source(eco, &success(), &again, later(4)).await.unwrap());
        assert!(!store.settle_source(eco, &success(), &again, later(4)).await.unwrap());
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.posts, counts.live_cases, counts.waiting), (2, 1, 1), "{}", fresh.engine);
        let known = store.known_keys(&SourceId::of_name("foro"), &story.keys).await.unwrap();
        assert_eq!(known.len(), story.keys.len());
        let strange = PostKey { kind: "guid", hash: "nobody".into() };
        assert!(store.known_keys(&SourceId::of_name("foro"), &[strange]).await.unwrap().is_empty());
        let stored = store.post(&story.id).await.unwrap().unwrap();
        let expected = Post { guid: None, ..story.post.clone() };
        assert_eq!(stored.post, expected);
        assert_eq!(stored.verdict, story.verdict);
        assert_eq!(stored.case_id, story.case.map(|case| case.id));
    }
}

#[tokio::test]
async fn m10_nul_in_a_post_poisons_nothing() {
    for fresh in databases::both().await {
        let poison = post("A\0na", "con un cero\0 dentro");
        admit(&fresh.store, &posts(vec![poison.clone(), post("Eva", "sana")])).await;
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
        let claimed = store.claim_sources("w", later(1_000), later(1_120), 5).await.unwrap();
        let mut edited = complaint("Ana", "me gustaba");
        edited.id = first.id.clone();
        edited.update = true;
        let admission = posts(vec![edited]);
        store.settle_source(&claimed[0], &success(), &admission, later(1_001)).await.unwrap();
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
        summary.page =
            Some(NewPage { url: "https://blog.test/1".into(), host: "blog.test".into() });
        admit(store, &posts(vec![summary.clone()])).await;
        let claimed = store.claim_pages("w1", later(5), later(125), 5).await.unwrap();
        assert_eq!((claimed.len(), claimed[0].url.as_str()), (1, "https://blog.test/1"));
        assert!(store.claim_pages("w2", later(6), later(126), 5).await.unwrap().is_empty());
        let put_off = store.postpone_page(&claimed[0], later(300), later(7), None, later(6));
        assert!(put_off.await.unwrap());
        let claimed = store.claim_pages("w1", later(301), later(420), 5).await.unwrap();
        assert_eq!(claimed[0].n_failures, 1);
        let mut full = complaint("Carmen", "el texto entero");
        full.id = summary.id.clone();
        full.update = true;
        let admission = posts(vec![full]);
        let stale = store.settle_page(&claimed[0], later(500), None, &admission, later(500));
        assert!(!stale.await.unwrap(), "the lease had ended");
        let robots = HostRobots { text: Some(String::new()), fetched_at: Some(NOW) };
        let settled =
            store.settle_page(&claimed[0], later(303), Some(&robots), &admission, later(302));
        assert!(settled.await.unwrap());
        assert!(store.claim_pages("w1", later(900), later(999), 5).await.unwrap().is_empty());
        assert_eq!(store.counts().await.unwrap().live_cases, 1);
    }
}

#[tokio::test]
async fn a_case_steps_once_and_is_found_by_its_beginnings() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![complaint("Javier", "nadie contesta")])).await;
        let id = CaseId::candidate("nadie contesta", 0);
        let row = store.case(&id).await.unwrap().unwrap();
        assert_eq!((row.case.state, row.case.due.map(|due| due.0)), (State::New, Some(Due::Tell)));
        assert_eq!(store.cases_by_prefix(&id.0[..5]).await.unwrap().len(), 1);
        assert!(store.cases_by_prefix("c-zz").await.unwrap().is_empty());
        assert_eq!(store.cases(10).await.unwrap().len(), 1);
        let known = store.case_of_author("key of Javier", "ejemplo", later(-9)).await.unwrap();
        assert_eq!(known.map(|row| row.id), Some(id.clone()));
        assert!(store.case_of_author("key of Javier", "otra", later(-9)).await.unwrap().is_none());
        let pace = Pace {
            answer_within: Minutes(240),
            office_hours: None,
            zone: jiff::tz::TimeZone::UTC,
        };
        let (told, _) = row.case.on(&Event::Told, later(10), &pace).unwrap();
        let new_alert = [alert("a-step", Some(&id))];
        let step = store.step_case(&row, &told, "told", Some("palabras"), &new_alert, later(10));
        assert!(step.await.unwrap());
        let repeated = store.step_case(&row, &told, "told", None, &[], later(11));
        assert!(!repeated.await.unwrap(), "{}: the old state is gone", fresh.engine);
        let events = store.case_events(&id).await.unwrap();
        let names: Vec<&str> = events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(names, ["opened", "told"]);
        assert_eq!(events[1].words.as_deref(), Some("palabras"));
        assert_eq!(store.next_case_due_at().await.unwrap(), told.due.map(|due| due.1));
        assert!(store.due_cases(later(60), 9).await.unwrap().is_empty());
        assert_eq!(store.due_cases(later(99_999), 9).await.unwrap().len(), 1);
    }
}

fn settling(state: &'static str, doubts: u32) -> Settling<'static> {
    Settling { state, next_at: later(60), attempts: 1, doubts, code: Some(250), error: None }
}

#[tokio::test]
async fn a_delivery_is_fenced_from_its_claim_to_its_settling() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![complaint("Javier", "sin línea")])).await;
        store.add_alerts(&[alert("a-op", None), alert("a-op", None)], later(2)).await.unwrap();
        assert_eq!(store.next_delivery_at().await.unwrap(), Some(later(1)));
        assert_eq!(store.oldest_waiting_at().await.unwrap(), Some(later(1)));
        let claimed = store.claim_deliveries("w1", later(5), later(125), 10).await.unwrap();
        assert_eq!(claimed.len(), 2);
        assert!(store.claim_deliveries("w2", later(6), later(126), 10).await.unwrap().is_empty());
        let (mail, other) = (&claimed[0], &claimed[1]);
        assert!(store.seal_delivery(mail, "bytes", later(7)).await.unwrap());
        assert!(store.renew_delivery(mail, later(200), later(100)).await.unwrap());
        assert!(store.pass_dot_barrier(mail, later(130)).await.unwrap());
        assert!(!store.pass_dot_barrier(other, later(130)).await.unwrap(), "its lease has ended");
        assert!(!store.seal_delivery(other, "late", later(130)).await.unwrap());
        let row = store.case(&CaseId::candidate("sin línea", 0)).await.unwrap().unwrap();
        let told = Case { state: State::Told, told_at: Some(later(131)), ..row.case.clone() };
        let step = Some((&row, &told));
        let sent = store.settle_delivery(mail, &settling("sent", 0), step, &[], later(131));
        assert!(sent.await.unwrap());
        let twice = store.settle_delivery(mail, &settling("ready", 0), None, &[], later(132));
        assert!(!twice.await.unwrap(), "{}: it is settled", fresh.engine);
        let case = store.case(&row.id).await.unwrap().unwrap();
        assert_eq!(case.case.told_at, Some(later(131)));
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.sent, counts.waiting, counts.dead), (1, 1, 0));
        assert_eq!(store.deliveries(false).await.unwrap().len(), 1);
        assert_eq!(store.deliveries(true).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_a_dead_worker_held_is_safe_before_the_dot_and_doubtful_after() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        store.sync_sources(&[source("foro", "foro.test")], NOW).await.unwrap();
        let alerts = [alert("a-1", None), alert("a-2", None), alert("a-3", None)];
        store.add_alerts(&alerts, NOW).await.unwrap();
        let claimed = store.claim_deliveries("dead", later(1), later(121), 10).await.unwrap();
        assert!(store.pass_dot_barrier(&claimed[0], later(2)).await.unwrap());
        let early = store.recover_deliveries(None, later(300), later(50)).await.unwrap();
        assert_eq!(early, 0, "its leases still run");
        let n = store.recover_deliveries(Some("me"), later(300), later(60)).await.unwrap();
        assert_eq!(n, 3, "{}: this service is the only one", fresh.engine);
        let again = store.claim_deliveries("me", later(61), later(181), 10).await.unwrap();
        assert_eq!(again.len(), 2, "the doubtful one waits");
        let doubtful = store.claim_deliveries("me", later(301), later(421), 10).await.unwrap();
        assert_eq!((doubtful.len(), doubtful[0].doubts), (1, 1));
        let n = store.recover_deliveries(None, later(900), later(422)).await.unwrap();
        assert_eq!(n, 3, "their leases ended");
    }
}

#[tokio::test]
async fn breakers_instance_values_and_clocks_come_back() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        assert_eq!(store.breaker("smtp").await.unwrap(), (Timestamp(0), 0));
        store.set_breaker("smtp", later(60), 2, Some("no deja entrar")).await.unwrap();
        store.set_breaker("smtp", later(60), 3, Some("no deja entrar")).await.unwrap();
        assert_eq!(store.breaker("smtp").await.unwrap(), (later(60), 3));
        assert_eq!(store.breaker_error(NOW).await.unwrap().as_deref(), Some("no deja entrar"));
        assert_eq!(store.breaker_error(later(61)).await.unwrap(), None);
        assert_eq!(store.instance_value("key", "first").await.unwrap(), "first");
        assert_eq!(store.instance_value("key", "second").await.unwrap(), "first");
        let server_now = store.server_now().await.unwrap();
        assert_eq!(server_now.is_some(), store.is_shared());
        if let Some(now) = server_now {
            assert!(now > Timestamp(1_700_000_000_000));
        }
        store.close().await;
        assert!(store.counts().await.is_err());
    }
}

/// A DEFERRED transaction that reads and then writes fails here with "database is locked".
#[tokio::test(flavor = "multi_thread")]
async fn m18_writers_of_one_file_wait_for_each_other() {
    let fresh = databases::sqlite().await;
    let path = fresh.url.trim_start_matches("sqlite://").to_owned();
    let rows: Vec<SourceRow> =
        (0..4).map(|n| source(&format!("s{n}"), &format!("h{n}.test"))).collect();
    fresh.store.sync_sources(&rows, NOW).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4_i64 {
        let path = path.clone();
        writers.spawn(async move {
            let store = Store::open_sqlite(path.as_ref(), Role::Visitor).await.unwrap();
            for turn in 0..40_i64 {
                let now = later(turn * 1_000 + writer);
                let claimed = store.claim_sources("w", now, now.plus_seconds(1), 1).await.unwrap();
                for claim in &claimed {
                    let new = posts(vec![post("Ana", &format!("{writer} dijo {turn}"))]);
                    store.settle_source(claim, &success(), &new, now).await.unwrap();
                }
                store.instance_value(&format!("{writer} {turn}"), "x").await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_second_service_on_one_file_is_refused() {
    let fresh = databases::sqlite().await;
    let path = fresh.url.trim_start_matches("sqlite://");
    let second = Store::open_sqlite(path.as_ref(), Role::Service).await;
    assert!(matches!(second, Err(StoreError::Locked { .. })));
    // A command may look all the same.
    Store::open_sqlite(path.as_ref(), Role::Visitor).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_sound_and_replaces_only_when_whole() {
    let fresh = databases::sqlite().await;
    admit(&fresh.store, &posts(vec![complaint("Javier", "copia")])).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copia.db");
    fresh.store.backup(&target).await.unwrap();
    let copy = Store::open_sqlite(&target, Role::Visitor).await.unwrap();
    assert_eq!(copy.counts().await.unwrap(), fresh.store.counts().await.unwrap());
    let nowhere = folder.path().join("no/hay/copia.db");
    assert!(fresh.store.backup(&nowhere).await.is_err());
}
