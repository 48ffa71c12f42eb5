//! Cases and deliveries.

use escucha::model::{Case, CaseId, Due, Event, GivenUp, Minutes, Pace, State, Timestamp};
use escucha::store::{Ending, Settling};

use crate::support::databases;

use super::*;

#[tokio::test]
async fn a_case_steps_once_and_is_found_by_its_beginnings() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![complaint("Javier", "nadie contesta")])).await;
        let id = CaseId::candidate("nadie contesta", 0);
        let row = store.case(&id).await.unwrap().unwrap();
        assert_eq!(
            (row.case.state, row.case.due.map(|due| due.0)),
            (State::New, Some(Due::Tell))
        );
        assert_eq!(store.cases_by_prefix(&id.0[..5]).await.unwrap().len(), 1);
        assert!(store.cases_by_prefix("c-zz").await.unwrap().is_empty());
        assert_eq!(store.cases(10).await.unwrap().len(), 1);
        let known = store
            .case_of_author("key of Javier", "ejemplo", later(-9))
            .await
            .unwrap();
        assert_eq!(known.map(|row| row.id), Some(id.clone()));
        assert!(
            store
                .case_of_author("key of Javier", "otra", later(-9))
                .await
                .unwrap()
                .is_none()
        );
        let pace = Pace {
            answer_within: Minutes(240),
            office_hours: None,
            zone: jiff::tz::TimeZone::UTC,
            escalate_after: Vec::new(),
        };
        let (told, _) = row.case.on(&Event::Told, later(10), &pace).unwrap();
        let new_alert = [alert("a-step", Some(&id))];
        let step = store.step_case(&row, &told, "told", Some("palabras"), &new_alert, later(10));
        assert!(step.await.unwrap());
        let repeated = store.step_case(&row, &told, "told", None, &[], later(11));
        assert!(
            !repeated.await.unwrap(),
            "{}: the old state is gone",
            fresh.engine
        );
        let events = store.case_events(&id).await.unwrap();
        let names: Vec<&str> = events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(names, ["opened", "told"]);
        assert_eq!(events[1].words.as_deref(), Some("palabras"));
        assert_eq!(
            store.next_case_due_at().await.unwrap(),
            told.due.map(|due| due.1)
        );
        assert!(store.due_cases(later(60), 9).await.unwrap().is_empty());
        assert_eq!(store.due_cases(later(99_999), 9).await.unwrap().len(), 1);
    }
}

fn settling(state: &'static str, doubts: u32) -> Settling<'static> {
    Settling {
        state,
        cause: (state == "dead").then_some(GivenUp::Refused),
        event: state,
        next_at: later(60),
        attempts: 1,
        doubts,
        code: Some(250),
        error: None,
    }
}

#[tokio::test]
async fn a_delivery_is_fenced_from_its_claim_to_its_settling() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![complaint("Javier", "sin línea")])).await;
        store
            .add_alerts(&[alert("a-op", None), alert("a-op", None)], later(2))
            .await
            .unwrap();
        assert_eq!(store.next_delivery_at().await.unwrap(), Some(later(1)));
        assert_eq!(store.oldest_waiting_at().await.unwrap(), Some(later(1)));
        let claimed = store
            .claim_deliveries("w1", later(5), later(125), 10)
            .await
            .unwrap();
        assert_eq!(claimed.len(), 2);
        assert!(
            store
                .claim_deliveries("w2", later(6), later(126), 10)
                .await
                .unwrap()
                .is_empty()
        );
        let (mail, other) = (&claimed[0], &claimed[1]);
        assert!(store.seal_delivery(mail, "bytes", later(7)).await.unwrap());
        assert!(
            store
                .renew_delivery(mail, later(200), later(100))
                .await
                .unwrap()
        );
        assert!(store.pass_dot_barrier(mail, later(130)).await.unwrap());
        assert!(
            !store.pass_dot_barrier(other, later(130)).await.unwrap(),
            "its lease has ended"
        );
        assert!(
            !store
                .seal_delivery(other, "late", later(130))
                .await
                .unwrap()
        );
        let row = store
            .case(&CaseId::candidate("sin línea", 0))
            .await
            .unwrap()
            .unwrap();
        let told = Case {
            state: State::Told,
            told_at: Some(later(131)),
            ..row.case.clone()
        };
        let steps = [(row.clone(), told)];
        let done = settling("sent", 0);
        let sent = store.settle_delivery(mail, &done, &steps, &[], later(131));
        assert!(sent.await.unwrap());
        let again = settling("ready", 0);
        let twice = store.settle_delivery(mail, &again, &[], &[], later(132));
        assert!(!twice.await.unwrap(), "{}: it is settled", fresh.engine);
        let case = store.case(&row.id).await.unwrap().unwrap();
        assert_eq!(case.case.told_at, Some(later(131)));
        let of_alert = store.cases_of_alert("a-sin línea").await.unwrap();
        assert_eq!((of_alert.len(), &of_alert[0].id), (1, &row.id));
        assert!(store.cases_of_alert("a-op").await.unwrap().is_empty());
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
        store
            .sync_sources(&[source("foro", "foro.test")], NOW)
            .await
            .unwrap();
        let alerts = [alert("a-1", None), alert("a-2", None), alert("a-3", None)];
        store.add_alerts(&alerts, NOW).await.unwrap();
        let claimed = store
            .claim_deliveries("dead", later(1), later(121), 10)
            .await
            .unwrap();
        assert!(store.pass_dot_barrier(&claimed[0], later(2)).await.unwrap());
        let early = store
            .recover_deliveries(None, 3, later(300), later(50))
            .await
            .unwrap();
        assert_eq!(early, 0, "its leases still run");
        let n = store
            .recover_deliveries(Some("me"), 3, later(300), later(60))
            .await
            .unwrap();
        assert_eq!(n, 3, "{}: this service is the only one", fresh.engine);
        let again = store
            .claim_deliveries("me", later(61), later(181), 10)
            .await
            .unwrap();
        assert_eq!(again.len(), 2, "the doubtful one waits");
        let doubtful = store
            .claim_deliveries("me", later(301), later(421), 10)
            .await
            .unwrap();
        assert_eq!((doubtful.len(), doubtful[0].doubts), (1, 1));
        // The dead worker wakes up: the rows are another's now, whose leases run, and it may not pass.
        for stale in &claimed {
            let early = later(62);
            assert!(!store.pass_dot_barrier(stale, early).await.unwrap());
            assert!(!store.seal_delivery(stale, "x", early).await.unwrap());
            assert!(
                !store
                    .renew_delivery(stale, later(999), early)
                    .await
                    .unwrap()
            );
        }
        let n = store
            .recover_deliveries(None, 3, later(900), later(422))
            .await
            .unwrap();
        assert_eq!(n, 3, "their leases ended");
    }
}

#[tokio::test]
async fn breakers_instance_values_and_clocks_come_back() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        assert_eq!(store.breaker("smtp").await.unwrap(), (Timestamp(0), 0));
        store
            .set_breaker("smtp", later(60), 2, Some("no deja entrar"))
            .await
            .unwrap();
        store
            .set_breaker("smtp", later(60), 3, Some("no deja entrar"))
            .await
            .unwrap();
        assert_eq!(store.breaker("smtp").await.unwrap(), (later(60), 3));
        assert_eq!(
            store.breaker_error(NOW).await.unwrap().as_deref(),
            Some("no deja entrar")
        );
        assert_eq!(store.breaker_error(later(61)).await.unwrap(), None);
        assert_eq!(store.instance_value("key", "first").await.unwrap(), "first");
        assert_eq!(
            store.instance_value("key", "second").await.unwrap(),
            "first"
        );
        let server_now = store.server_now().await.unwrap();
        assert_eq!(server_now.is_some(), store.is_shared());
        if let Some(now) = server_now {
            assert!(now > Timestamp(1_700_000_000_000));
        }
        store.close().await;
        assert!(store.counts().await.is_err());
    }
}

/// Three copies beside the first are the most, also where it is the worker that dies each time.
#[tokio::test]
async fn g2_a_mail_that_may_have_arrived_four_times_is_given_up() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        store.add_alerts(&[alert("a-1", None)], NOW).await.unwrap();
        let mut n_copies = 0;
        for day in 0..9 {
            let now = later(day * 86_400);
            let exhausted = store.exhausted_deliveries(None, 3, now).await.unwrap();
            for lost in &exhausted {
                let ending = Ending {
                    id: &lost.id,
                    alert_id: &lost.alert_id,
                    token: lost.lease.token,
                    state: "sending",
                    cause: GivenUp::MaybeDelivered,
                    who: "recovery",
                    event: "abandoned",
                    code: None,
                    text: "quizá",
                };
                let notice = [alert("a-notice", None)];
                assert!(
                    store
                        .end_delivery(&ending, &notice, &[], now)
                        .await
                        .unwrap()
                );
                let twice = store.end_delivery(&ending, &[], &[], now).await.unwrap();
                assert!(!twice, "{}: it is dead", fresh.engine);
            }
            store.recover_deliveries(None, 3, now, now).await.unwrap();
            let due = store.claim_deliveries("w", now, now.plus_minutes(2), 9);
            for mail in due.await.unwrap() {
                if mail.alert_id == "a-1" {
                    assert!(store.pass_dot_barrier(&mail, now).await.unwrap());
                    n_copies += 1;
                }
            }
        }
        assert_eq!(n_copies, 4, "{}", fresh.engine);
        let found = store.deliveries_by_prefix("d-a-1").await.unwrap();
        assert_eq!(
            (found[0].state.as_str(), found[0].cause),
            ("dead", Some(GivenUp::MaybeDelivered))
        );
        let log = store.delivery_log("d-a-1").await.unwrap();
        let told: Vec<(&str, i64)> = log.iter().map(|l| (l.event.as_str(), l.n)).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            store
                .revive_delivery(&found[0], "person", NOW)
                .await
                .unwrap()
        );
        assert!(
            !store
                .revive_delivery(&found[0], "person", NOW)
                .await
                .unwrap()
        );
        let again = store.deliveries_by_prefix("d-a-1").await.unwrap();
        assert_eq!((again[0].doubts, again[0].since), (0, NOW));
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.dead, counts.waiting), (0, 2));
    }
}
