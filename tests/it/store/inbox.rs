//! The mailbox for replies: read under a lease, and each of its mails heard once.

use escucha::model::{CaseId, GivenUp, State};
use escucha::store::{Ending, Hearing, InboxSettled};

use crate::support::databases;

use super::*;

fn hearing(id: &str) -> Hearing<'_> {
    Hearing {
        id,
        became: "note",
        ending: None,
        remark: None,
        steps: Vec::new(),
        alerts: Vec::new(),
        notes: Vec::new(),
    }
}

#[tokio::test]
async fn a_mailbox_is_read_by_one_and_how_far_is_kept() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let claim = store.claim_inbox("box", "w1", NOW, later(300)).await;
        let claim = claim.unwrap().expect("it is due");
        assert_eq!((claim.cursor.as_deref(), claim.n_failures), (None, 0));
        let second = store.claim_inbox("box", "w2", later(1), later(301)).await;
        assert!(second.unwrap().is_none(), "{}", fresh.engine);
        let read = InboxSettled {
            next_at: later(60),
            cursor: Some("7:41"),
            trouble: None,
            is_told: false,
        };
        assert!(
            store
                .settle_inbox(&claim, &read, &[], later(2))
                .await
                .unwrap()
        );
        let state = store.inbox("box").await.unwrap().unwrap();
        assert_eq!(
            (state.next_at, state.last_ok_at),
            (later(60), Some(later(2)))
        );
        let early = store.claim_inbox("box", "w2", later(59), later(359)).await;
        assert!(early.unwrap().is_none());
        let failed = InboxSettled {
            next_at: later(120),
            cursor: None,
            trouble: Some("no deja entrar"),
            is_told: true,
        };
        for n in 0..2 {
            let now = later(120 * (n + 1));
            let claim = store
                .claim_inbox("box", "w2", now, now.plus_minutes(5))
                .await;
            let claim = claim.unwrap().expect("it is due");
            assert_eq!(claim.cursor.as_deref(), Some("7:41"));
            assert_eq!(
                (i64::from(claim.n_failures), claim.told_at.is_some()),
                (n, n > 0)
            );
            let notice = [alert("a-replies", None)];
            let settled = store.settle_inbox(&claim, &failed, &notice, now);
            assert!(settled.await.unwrap());
            // A lease that was given back is no lease.
            assert!(!store.settle_inbox(&claim, &read, &[], now).await.unwrap());
        }
        let state = store.inbox("box").await.unwrap().unwrap();
        assert_eq!(state.trouble.as_deref(), Some("no deja entrar"));
        assert!(store.inbox("other").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_a_mail_says_is_done_once_and_together() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![complaint("Javier", "sin línea")])).await;
        let case = CaseId::candidate("sin línea", 0);
        let note = Hearing {
            notes: vec![(case.clone(), "g@x.test: hecho".into())],
            ..hearing("m-1")
        };
        assert!(!store.is_heard("m-1").await.unwrap());
        assert!(store.hear(&note, later(5)).await.unwrap());
        assert!(
            !store.hear(&note, later(6)).await.unwrap(),
            "{}",
            fresh.engine
        );
        assert!(store.is_heard("m-1").await.unwrap());
        let events = store.case_events(&case).await.unwrap();
        let notes: Vec<_> = events.iter().filter(|e| e.event == "note").collect();
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].words.as_deref(), Some("g@x.test: hecho"));
    }
}

#[tokio::test]
async fn a_report_ends_its_delivery_together_with_all_that_follows() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        admit(store, &posts(vec![complaint("Javier", "sin línea")])).await;
        let case = CaseId::candidate("sin línea", 0);
        let found = store.delivery_of_message("<a-sin línea@x>").await.unwrap();
        let mail = found.expect("a delivery");
        assert!(
            store
                .delivery_of_message("<otro@x>")
                .await
                .unwrap()
                .is_none()
        );
        let recipients = store.recipients_of_alert(&mail.alert_id).await.unwrap();
        assert_eq!(recipients, ["gerente@ejemplo.test"]);
        assert_eq!(
            store.n_mails_of_case(&case, "").await.unwrap(),
            0,
            "none is sent"
        );
        let row = store.case(&case).await.unwrap().unwrap();
        let told = Case {
            state: State::Told,
            ..row.case.clone()
        };
        let ending = Ending {
            id: &mail.id,
            alert_id: &mail.alert_id,
            token: mail.token,
            state: "sent",
            cause: GivenUp::Bounced,
            who: "report",
            event: "bounced",
            code: None,
            text: "devuelto",
        };
        let wrong = Hearing {
            ending: Some(ending.clone()),
            ..hearing("m-2")
        };
        assert!(
            !store.hear(&wrong, later(7)).await.unwrap(),
            "it is not sent"
        );
        assert!(!store.is_heard("m-2").await.unwrap(), "nothing was written");
        let right = Hearing {
            became: "bounced",
            ending: Some(Ending {
                state: "ready",
                ..ending
            }),
            remark: Some((&mail.id, "y algo más")),
            steps: vec![(row, told)],
            alerts: vec![alert("a-bounce", None)],
            ..hearing("m-2")
        };
        assert!(store.hear(&right, later(8)).await.unwrap());
        let after = store.deliveries_by_prefix(&mail.id).await.unwrap();
        assert_eq!(
            (after[0].state.as_str(), after[0].cause, after[0].dead_at),
            ("dead", Some(GivenUp::Bounced), Some(later(8)))
        );
        let log = store.delivery_log(&mail.id).await.unwrap();
        assert_eq!(log.len(), 2, "{log:?}");
        let events = store.case_events(&case).await.unwrap();
        assert_eq!(events.last().unwrap().event, "returned");
        assert_eq!(store.deliveries(false).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_mail_knows_the_one_before_it_to_the_same_person() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let case = CaseId("c-1".into());
        let alerts = [alert("a-1", Some(&case)), alert("a-2", Some(&case))];
        store.add_alerts(&alerts, NOW).await.unwrap();
        let claimed = store
            .claim_deliveries("w", NOW, later(120), 9)
            .await
            .unwrap();
        let thread = |mail| store.thread_of(mail);
        let first = thread(&claimed[0]).await.unwrap();
        assert_eq!(first, (Some("case|c-1".into()), None), "{}", fresh.engine);
        let sent = escucha::store::Settling {
            state: "sent",
            cause: None,
            event: "sent",
            next_at: NOW,
            attempts: 1,
            doubts: 0,
            code: Some(250),
            error: None,
        };
        let settled = store.settle_delivery(&claimed[0], &sent, &[], &[], later(1));
        assert!(settled.await.unwrap());
        let second = thread(&claimed[1]).await.unwrap();
        let previous = Some(claimed[0].message_id.clone());
        assert_eq!(second, (Some("case|c-1".into()), previous));
    }
}
