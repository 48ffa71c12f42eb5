//! Incidents as the store keeps them: reckoned from one state, written once, named and counted.

use escucha::model::{Because, Bond, Closing, Event, IncidentId, Topic};
use escucha::store::{Gathering, IncidentRow, Join, Print, StoreError};

use crate::support::databases;

use super::*;

const DAY: i64 = 24 * 3_600;

fn print(new: &NewPost, mouth: Option<&str>, said_at: Timestamp) -> Print {
    Print {
        case: new.case.as_ref().unwrap().id.clone(),
        watch: "ejemplo".into(),
        topic: Some(Topic::Outage),
        mouth: mouth.map(str::to_owned),
        sketch: Some("0000000100000002".into()),
        said_at,
    }
}

fn row(id: &IncidentId) -> IncidentRow {
    IncidentRow {
        id: id.clone(),
        watch: "ejemplo".into(),
        topic: Some(Topic::Outage),
        opened_at: later(1),
        n_told: 0,
        told_at: None,
        tell_at: Some(later(100)),
    }
}

fn join(new: &NewPost, id: &IncidentId, waits: bool) -> Join {
    Join {
        case: new.case.as_ref().unwrap().id.clone(),
        incident: id.clone(),
        bond: Bond::Words,
        waits,
    }
}

#[tokio::test]
async fn cases_are_gathered_once_from_the_state_they_were_reckoned_from() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let [ana, luis, eva] =
            ["Ana", "Luis", "Eva"].map(|who| complaint(who, &format!("uno {who}")));
        let id = IncidentId::of_first(&ana.case.as_ref().unwrap().id);
        let version = store.crowd_version().await.unwrap();
        let letter = NewAlert {
            kind: "incident",
            lists: vec![luis.case.as_ref().unwrap().id.clone()],
            ..alert("a-incident", None)
        };
        let gathering = Gathering {
            version,
            prints: vec![
                print(&ana, Some("m1"), NOW),
                print(&luis, Some("m1"), later(1)),
                print(&eva, None, later(2)),
            ],
            incidents: vec![row(&id)],
            joins: vec![
                join(&ana, &id, false),
                join(&luis, &id, true),
                join(&eva, &id, true),
            ],
            letters: vec![(id.clone(), letter)],
        };
        let mut admission = posts(vec![ana.clone(), luis.clone(), eva.clone()]);
        admission.gathering = Some(gathering.clone());
        admit(store, &admission).await;
        assert_eq!(
            store.crowd_version().await.unwrap(),
            version + 1,
            "{}",
            fresh.engine
        );
        // The same reckoning again comes too late.
        let raced = store.gather(&gathering, later(3)).await;
        assert!(matches!(raced, Err(StoreError::Raced)), "{raced:?}");

        assert_eq!(store.incident(&id).await.unwrap(), Some(row(&id)));
        assert_eq!(store.incidents(9).await.unwrap(), [row(&id)]);
        let case = luis.case.as_ref().unwrap().id.clone();
        assert_eq!(store.incident_of(&case).await.unwrap(), Some(id.clone()));
        // Ana and Luis are one name; Eva has none and counts by her case.
        assert_eq!(store.incident_mouths(&id).await.unwrap().len(), 2);
        let waits = store.incident_waiting(&id).await.unwrap();
        assert_eq!(waits, [eva.case.as_ref().unwrap().id.clone()]);
        let members = store.incident_members(&id, 9).await.unwrap();
        let waiting: Vec<(&str, bool)> = members
            .iter()
            .map(|member| (member.post.post.author.as_deref().unwrap(), member.waits))
            .collect();
        assert_eq!(waiting.len(), 3);
        assert_eq!(
            waiting[0],
            ("Eva", true),
            "the letter named Luis: {waiting:?}"
        );
        let known = store.prints("ejemplo", NOW.plus_days(-1), 9).await.unwrap();
        assert_eq!(known.len(), 3);
        assert_eq!(known[0].print, print(&eva, None, later(2)));
        assert_eq!(known[0].incident, Some((id.clone(), Bond::Words)));
        assert_eq!(store.prints("ejemplo", NOW, 1).await.unwrap().len(), 1);
        assert!(
            store
                .prints("otra", Timestamp(0), 9)
                .await
                .unwrap()
                .is_empty()
        );
        named_in_time(store, &id, version + 1).await;
    }
}

/// Who waits is due once, and no more after the letter.
async fn named_in_time(store: &Store, id: &IncidentId, version: i64) {
    assert!(store.due_incidents(later(99), 9).await.unwrap().is_empty());
    assert_eq!(store.due_incidents(later(100), 9).await.unwrap().len(), 1);
    let told = IncidentRow {
        n_told: 2,
        told_at: Some(later(100)),
        tell_at: None,
        ..row(id)
    };
    let named = Gathering {
        version,
        incidents: vec![told.clone()],
        ..Gathering::default()
    };
    store.gather(&named, later(100)).await.unwrap();
    assert_eq!(store.incidents(9).await.unwrap(), [told]);
    assert!(
        store
            .due_incidents(later(1_000), 9)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_was_dismissed_is_no_voice() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let ana = complaint("Ana", "uno");
        let id = IncidentId::of_first(&ana.case.as_ref().unwrap().id);
        let mut admission = posts(vec![ana.clone()]);
        admission.gathering = Some(Gathering {
            version: store.crowd_version().await.unwrap(),
            prints: vec![print(&ana, Some("m1"), NOW)],
            incidents: vec![row(&id)],
            joins: vec![join(&ana, &id, true)],
            ..Gathering::default()
        });
        admit(store, &admission).await;
        let rows = store.cases(9).await.unwrap();
        let closing = Closing::Dismissed {
            because: Because::SpamOrFalse,
        };
        let pace = escucha::model::Pace {
            answer_within: escucha::model::Minutes::from_hours(4),
            office_hours: None,
            zone: jiff::tz::TimeZone::UTC,
            escalate_after: Vec::new(),
        };
        let (next, _) = rows[0]
            .case
            .on(&Event::Closed(closing), later(2), &pace)
            .unwrap();
        let steps = [(rows[0].clone(), next)];
        let told = [alert("a-all", None)];
        let n = store
            .step_cases(&steps, "dismissed", &told, later(2))
            .await
            .unwrap();
        assert_eq!(n, 1, "{}", fresh.engine);
        let n_letters = store.deliveries(true).await.unwrap().len();
        // Somebody else moved it: neither a step nor a letter.
        let again = [alert("a-again", None)];
        assert_eq!(
            store
                .step_cases(&steps, "dismissed", &again, later(3))
                .await
                .unwrap(),
            0
        );
        assert_eq!(store.deliveries(true).await.unwrap().len(), n_letters);
        assert!(store.incident_mouths(&id).await.unwrap().is_empty());
        assert!(store.incident_members(&id, 9).await.unwrap().is_empty());
        assert!(
            store
                .prints("ejemplo", Timestamp(0), 9)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_topic_is_counted_by_days_since_we_listen() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let days = store
            .topic_days("ejemplo", Topic::Outage, NOW, 28)
            .await
            .unwrap();
        assert!(days.is_empty(), "{}", fresh.engine);
        let mut prints = Vec::new();
        for (n, days_ago) in [0, 0, 2, 2, 2, 5].into_iter().enumerate() {
            let new = complaint("Ana", &format!("caso {n}"));
            prints.push(print(&new, None, later(-days_ago * DAY - 60)));
        }
        prints[5].topic = Some(Topic::Billing);
        let gathering = Gathering {
            version: store.crowd_version().await.unwrap(),
            prints,
            ..Gathering::default()
        };
        store.gather(&gathering, NOW).await.unwrap();
        let days = store
            .topic_days("ejemplo", Topic::Outage, NOW, 28)
            .await
            .unwrap();
        assert_eq!(days, [2, 0, 3, 0, 0], "{}", fresh.engine);
        let days = store
            .topic_days("ejemplo", Topic::Outage, NOW, 1)
            .await
            .unwrap();
        assert_eq!(days, [2]);
    }
}

#[tokio::test]
async fn the_live_case_of_a_thread_is_found() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let mut ana = complaint("Ana", "uno");
        ana.post.reply_to = Some("https://foro.test/hilo/1".into());
        let case = ana.case.as_ref().unwrap().id.clone();
        admit(store, &posts(vec![ana, post("Luis", "dos")])).await;
        let foro = SourceId::of_name("foro");
        let found = store
            .case_in_thread(&foro, "https://foro.test/hilo/1")
            .await
            .unwrap();
        assert_eq!(found, Some(case), "{}", fresh.engine);
        assert_eq!(store.case_in_thread(&foro, "otro").await.unwrap(), None);
        let other = SourceId::of_name("otro");
        let found = store
            .case_in_thread(&other, "https://foro.test/hilo/1")
            .await
            .unwrap();
        assert_eq!(found, None);
    }
}
