//! Attempts over hours and days, at whatever hour the test says: greylisting, a refused password, and a mail
//! that is given up. R9 and R18 of the reliability plan.

use escucha::flow::outbox::{self, Attempt, Outcome};
use escucha::model::{GivenUp, Timestamp};
use escucha::store::{DeliveryRow, NewAlert, Store};

use crate::support::lab::{Lab, START};

/// An alert for so many recipients, all of whom the configuration names.
fn alert(n: usize) -> NewAlert {
    let delivery = |n| {
        let id = format!("d-{n}");
        (id, format!("g{n}@ejemplo.test"), format!("<{n}@x.test>"))
    };
    NewAlert {
        id: "a-1".to_owned(),
        kind: "complaint",
        case_id: None,
        lists: Vec::new(),
        thread: None,
        subject: "Asunto".to_owned(),
        text: "texto".to_owned(),
        html: "<p>texto</p>".to_owned(),
        deliveries: (0..n).map(delivery).collect(),
    }
}

/// The outcome of one attempt.
async fn settle(
    store: &Store,
    lab: &Lab<'_>,
    mail: &DeliveryRow,
    outcome: Outcome,
    now: Timestamp,
) {
    let done = outbox::finish(store, &lab.engine, mail, &said(outcome), now).await;
    assert!(done.unwrap());
}

fn said(outcome: Outcome) -> Attempt {
    Attempt {
        outcome,
        code: Some(451),
        sentence: "así".to_owned(),
    }
}

/// The service from `from` to `until`, looking every 15 seconds as it does, with a server that answers so;
/// tells when it was asked.
async fn play(
    store: &Store,
    lab: &Lab<'_>,
    (from, until): (Timestamp, Timestamp),
    server: impl Fn(Timestamp) -> Outcome,
) -> Vec<Timestamp> {
    let mut asked = Vec::new();
    let mut now = from;
    while now <= until {
        let due = outbox::begin(store, &lab.engine, "w", now, 20).await;
        for (at, mail) in due.unwrap().iter().enumerate() {
            let outcome = server(now);
            if at > 0 && outcome == Outcome::Transport {
                // The courier speaks to the server for the first alone.
                let left = outbox::leave(store, &lab.engine, mail, &said(outcome), now).await;
                assert!(left.unwrap());
                continue;
            }
            asked.push(now);
            settle(store, lab, mail, outcome, now).await;
        }
        let next = outbox::next_at(store, &lab.engine, now).await.unwrap();
        assert!(next.is_none_or(|next| next >= now), "a turn left {next:?}");
        let waited = next.unwrap_or(now);
        let steps = (waited.ms_since(now) / 15_000).max(1);
        now = now.plus_seconds(15 * steps);
    }
    asked
}

#[tokio::test]
async fn r9_greylisting_costs_minutes_and_the_attempts_keep_their_schedule() {
    let store = Store::open_memory().await.unwrap();
    let lab = Lab::new(&store, "").await;
    store.add_alerts(&[alert(1)], START).await.unwrap();
    let let_in = START.plus_minutes(6);
    let asked = play(&store, &lab, (START, START.plus_hours(1)), |now| {
        if now < let_in {
            Outcome::Later
        } else {
            Outcome::Sent
        }
    })
    .await;
    let minutes: Vec<i64> = asked.iter().map(|at| at.ms_since(START) / 60_000).collect();
    // 0, then after 1, 3 and 5 minutes, each give or take a fifth.
    assert_eq!(minutes.len(), 4, "{minutes:?}");
    assert!((7..=11).contains(&minutes[3]), "{minutes:?}");
    assert_eq!(store.deliveries(true).await.unwrap()[0].state, "sent");
    let log = store.delivery_log("d-0").await.unwrap();
    let events: Vec<(&str, i64)> = log.iter().map(|l| (l.event.as_str(), l.n)).collect();
    assert_eq!(events, [("later", 3), ("sent", 1)]);
}

#[tokio::test]
async fn five_days_without_success_end_it_and_a_person_begins_them_anew() {
    let store = Store::open_memory().await.unwrap();
    let lab = Lab::new(&store, "").await;
    store.add_alerts(&[alert(1)], START).await.unwrap();
    let never = |_| Outcome::Later;
    let asked = play(&store, &lab, (START, START.plus_days(6)), never).await;
    let found = store.deliveries_by_prefix("d-0").await.unwrap();
    let end = (found[0].state.as_str(), found[0].cause);
    assert_eq!(end, ("dead", Some(GivenUp::Expired)));
    assert!(asked.len() < 120, "{} attempts", asked.len());
    let again = START.plus_days(6);
    let revived = store.revive_delivery(&found[0], "person", again);
    assert!(revived.await.unwrap());
    let claimed = store.claim_deliveries("w", again, again.plus_minutes(2), 9);
    let claimed = claimed.await.unwrap();
    let mail = claimed.iter().find(|mail| mail.id == "d-0").unwrap();
    settle(&store, &lab, mail, Outcome::Later, again).await;
    let found = store.deliveries_by_prefix("d-0").await.unwrap();
    assert_eq!(found[0].state, "ready", "it has five days again");
}

#[tokio::test]
async fn r12_what_is_new_while_a_server_is_left_alone_is_due_with_the_rest() {
    let store = Store::open_memory().await.unwrap();
    let lab = Lab::new(&store, "").await;
    store.add_alerts(&[alert(1)], START).await.unwrap();
    let one = (START, START);
    play(&store, &lab, one, |_| Outcome::Transport).await;
    let mut new = alert(1);
    new.id = "a-2".to_owned();
    new.deliveries = vec![(
        "d-9".to_owned(),
        "g0@ejemplo.test".to_owned(),
        "<9@x.test>".to_owned(),
    )];
    let now = START.plus_seconds(10);
    store.add_alerts(&[new], now).await.unwrap();
    let next = outbox::next_at(&store, &lab.engine, now).await.unwrap();
    assert_eq!(next, Some(START.plus_minutes(1)));
}

#[tokio::test]
async fn r18_a_refused_password_uses_up_no_attempts_and_is_tried_every_five_minutes() {
    let store = Store::open_memory().await.unwrap();
    let lab = Lab::new(&store, "").await;
    store.add_alerts(&[alert(3)], START).await.unwrap();
    let day = (START, START.plus_days(1));
    let times = play(&store, &lab, day, |_| Outcome::Transport).await;
    assert!(times.len() <= 24 * 12 + 3, "{} turns in a day", times.len());
    let apart = times.windows(2).map(|two| two[1].ms_since(two[0]));
    let minutes: Vec<i64> = apart.map(|ms| ms / 60_000).collect();
    assert_eq!(
        minutes[..3],
        [1, 2, 5],
        "one step a failure, however many wait"
    );
    assert_eq!(minutes.iter().skip(2).min(), Some(&5));
    for delivery in store.deliveries(false).await.unwrap() {
        let so_far = (delivery.state.as_str(), delivery.attempts);
        assert_eq!(so_far, ("ready", 0));
        let log = store.delivery_log(&delivery.id).await.unwrap();
        assert_eq!(log.len(), 1, "the same again is one line");
        assert!(log[0].n > 200);
    }
    let soon = (START.plus_days(1), START.plus_days(1).plus_minutes(10));
    let sent = play(&store, &lab, soon, |_| Outcome::Sent).await;
    assert_eq!(sent.len(), 3, "with the right password all leave");
}
