//! When calls are made: the real store and the real jobs, at whatever hour the test says, with scripted
//! answers in place of a receiver.

use escucha::flow::hooks::{self, Answer, Job, Next, Outcome};
use escucha::model::Timestamp;
use escucha::store::{CallRow, NewAlert, Store};

use crate::support::databases;
use crate::support::lab::{Lab, START};

const HOUR: i64 = 3_600;

const WEBHOOKS: &str = concat!(
    "[[webhook]]\nname = \"crm\"\nurl = \"https://crm.test/\"\nsecret = { file = \"",
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/webhook.key\" }\n",
);

fn complaint(n: usize) -> NewAlert {
    NewAlert {
        id: format!("a-{n:05}"),
        kind: "complaint",
        case_id: None,
        thread: None,
        lists: Vec::new(),
        subject: format!("Aviso {n}"),
        text: format!("cuerpo {n}"),
        html: String::new(),
        deliveries: Vec::new(),
    }
}

/// Complaints told at these moments, and their calls made.
async fn told(lab: &Lab<'_>, range: std::ops::Range<usize>, at: Timestamp) {
    let alerts: Vec<NewAlert> = range.map(complaint).collect();
    lab.store.add_alerts(&alerts, at).await.unwrap();
    while hooks::spread(lab.store, &lab.engine, at).await.unwrap() > 0 {}
}

async fn begin(lab: &Lab<'_>, now: Timestamp) -> Option<Job> {
    let hook = &lab.engine.settings.webhooks[0];
    hooks::begin(lab.store, hook, "w", now).await.unwrap()
}

fn answer(outcome: Outcome) -> Answer {
    Answer {
        outcome,
        code: None,
        sentence: "no responde".to_owned(),
    }
}

const FAILED: Outcome = Outcome::Failed { wait_ms: None };

/// Makes every call that is due at `now`, until one says to stop; returns them.
async fn calls(
    lab: &Lab<'_>,
    now: Timestamp,
    outcome: &dyn Fn(&CallRow) -> Outcome,
) -> Vec<CallRow> {
    let mut made = Vec::new();
    while let Some(mut job) = begin(lab, now).await {
        assert!(job.calls.len() <= 16, "what waits stays in the database");
        let due = job.calls.clone();
        let mut next = Next::Call;
        for call in due {
            assert!(
                hooks::may_call(lab.store, &job.endpoint, now)
                    .await
                    .unwrap()
            );
            let said = answer(outcome(&call));
            let finished = hooks::finish(lab.store, &lab.engine, &mut job, &call, &said, now);
            next = finished.await.unwrap();
            made.push(call);
            if next != Next::Call {
                break;
            }
        }
        lab.store.release_endpoint(&job.endpoint).await.unwrap();
        if next == Next::Stop {
            break;
        }
    }
    made
}

async fn next_at(lab: &Lab<'_>) -> Option<Timestamp> {
    lab.store.next_call_at("crm", "webhook:crm").await.unwrap()
}

/// The notices to the operator, by subject.
async fn notices(lab: &mut Lab<'_>, now: Timestamp) -> Vec<String> {
    lab.now = now;
    lab.look_around().await;
    lab.take("operator")
}

async fn states(store: &Store) -> (i64, i64, i64) {
    let state = store.endpoint_states().await.unwrap().remove(0);
    (state.sent, state.waiting, state.dead)
}

async fn lab(store: &Store) -> Lab<'_> {
    let lab = Lab::new(store, WEBHOOKS).await;
    hooks::sync(store, &lab.engine).await.unwrap();
    lab
}

/// R46: an endpoint that is down for three days while 10,000 events come.
#[tokio::test]
async fn r46_ten_thousand_events_outlast_three_days_without_their_endpoint() {
    let store = Store::open_memory().await.unwrap();
    let mut lab = lab(&store).await;
    let (mut now, mut n_told, mut n_probes) = (START, 0, 0);
    let end = START.plus_hours(72);
    while now < end {
        let due_by_now = (now.ms_since(START) * 10_000 / (72 * HOUR * 1_000)) as usize + 1;
        if due_by_now > n_told {
            told(&lab, n_told..due_by_now, now).await;
            n_told = due_by_now;
        }
        n_probes += calls(&lab, now, &|_| FAILED).await.len();
        let next = next_at(&lab).await.unwrap();
        assert!(
            next > now && next <= now.plus_hours(1),
            "it is asked every hour"
        );
        now = next;
    }
    told(&lab, n_told..10_000, end).await;
    assert!(
        (72..=90).contains(&n_probes),
        "{n_probes} calls of one that does not answer"
    );
    assert_eq!(states(&store).await, (0, 10_000, 0));
    let told_of = notices(&mut lab, now).await;
    assert_eq!(told_of, ["Escucha: el webhook crm no responde bien"]);
    let mut drained = calls(&lab, now, &|_| Outcome::Taken).await;
    assert_eq!(states(&store).await, (10_000, 0, 0));
    // The first call finds out that it is well again; from then on all are due, in their order.
    let first = drained.remove(0);
    assert!(
        drained
            .windows(2)
            .all(|two| two[0].created_at <= two[1].created_at)
    );
    assert_eq!(drained.iter().filter(|call| call.id == first.id).count(), 0);
    assert!(notices(&mut lab, now.plus_hours(1)).await.is_empty());
    crate::support::say(&format!(
        "10,000 events, three days down: {n_probes} calls in vain, 10000 taken, 0 lost, at most 16 held"
    ));
}

/// The schedule of an event for which nobody is there, and its end.
#[tokio::test]
async fn an_event_is_given_up_after_more_than_three_days_with_one_notice() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh.store).await;
        told(&lab, 0..3, START).await;
        let (mut now, mut n_calls) = (START, 0);
        while let Some(next) = next_at(&lab).await {
            now = next.max(now);
            n_calls += calls(&lab, now, &|_| FAILED).await.len();
        }
        let hours = now.ms_since(START) / (HOUR * 1_000);
        assert!((75..=77).contains(&hours), "{hours} hours");
        assert!((70..=95).contains(&n_calls), "{n_calls} calls");
        assert_eq!(
            states(lab.store).await,
            (0, 0, 3),
            "all end with the outage"
        );
        let subjects = notices(&mut lab, now).await;
        assert_eq!(
            subjects,
            [
                "Escucha: el webhook crm no responde bien",
                "Escucha: el webhook crm ha perdido avisos"
            ],
            "{}",
            fresh.engine
        );
        let shown = lab.store.deliveries(false).await.unwrap();
        assert!(
            shown
                .iter()
                .all(|call| call.recipient == "webhook:crm" && call.state == "dead")
        );
    }
}

#[tokio::test]
async fn one_event_that_is_refused_holds_up_no_other() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh.store).await;
        told(&lab, 0..40, START).await;
        let is_strange = |call: &CallRow| call.body.contains("\"Aviso 7\"");
        let judge = |call: &CallRow| {
            if is_strange(call) {
                Outcome::Refused
            } else {
                Outcome::Taken
            }
        };
        let made = calls(&lab, START, &judge).await;
        assert_eq!(made.len(), 40);
        assert_eq!(states(lab.store).await, (39, 1, 0));
        // The schedule of Standard Webhooks, give or take a fifth: nine waits, ten attempts.
        let mut waits = Vec::new();
        let mut now = START;
        while let Some(next) = next_at(&lab).await {
            waits.push(next.ms_since(now) / 1_000);
            now = next;
            assert_eq!(calls(&lab, now, &judge).await.len(), 1);
        }
        let expected = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
        assert_eq!(waits.len(), expected.len());
        for (wait, expected) in waits.iter().zip(expected) {
            assert!(
                (expected * 8 / 10..=expected * 12 / 10).contains(wait),
                "{waits:?}"
            );
        }
        assert_eq!(states(lab.store).await, (39, 0, 1));
        let subjects = notices(&mut lab, now).await;
        assert_eq!(
            subjects,
            [
                "Escucha: el webhook crm rechaza un aviso",
                "Escucha: el webhook crm ha perdido avisos"
            ]
        );
    }
}

/// An event over which the receiver stumbles (500) does not hold up those behind it for hours.
#[tokio::test]
async fn one_event_that_breaks_its_receiver_holds_up_no_other() {
    let fresh = databases::sqlite().await;
    let lab = lab(&fresh.store).await;
    told(&lab, 0..40, START).await;
    let judge = |call: &CallRow| {
        if call.body.contains("\"Aviso 7\"") {
            FAILED
        } else {
            Outcome::Taken
        }
    };
    let mut now = START;
    while now <= START.plus_minutes(2) {
        calls(&lab, now, &judge).await;
        now = next_at(&lab).await.unwrap().max(now.plus_seconds(1));
    }
    assert_eq!(states(lab.store).await, (39, 1, 0));
}

#[tokio::test]
async fn retry_after_is_kept_up_to_a_day_and_a_clock_put_back_does_not_silence() {
    let fresh = databases::sqlite().await;
    let lab = lab(&fresh.store).await;
    told(&lab, 0..2, START).await;
    let wait = |hours: i64| Outcome::Failed {
        wait_ms: Some(hours * HOUR * 1_000),
    };
    assert_eq!(calls(&lab, START, &|_| wait(5)).await.len(), 1);
    assert_eq!(next_at(&lab).await, Some(START.plus_hours(5)));
    assert!(begin(&lab, START.plus_hours(4)).await.is_none());
    let later = START.plus_hours(5);
    assert_eq!(calls(&lab, later, &|_| wait(999)).await.len(), 1);
    assert_eq!(next_at(&lab).await, Some(later.plus_hours(24)));
    // The clock had been wrong by a year: what it noted holds for nobody.
    let year = START.plus_days(365);
    let state = lab.store.endpoint_states().await.unwrap().remove(0);
    assert_eq!(state.endpoint.open_until, later.plus_hours(24));
    assert!(begin(&lab, year).await.is_some());
}

#[tokio::test]
async fn an_endpoint_is_called_by_one_worker_at_a_time_and_a_late_one_writes_nothing() {
    for fresh in databases::both().await {
        let lab = lab(&fresh.store).await;
        told(&lab, 0..3, START).await;
        let hook = &lab.engine.settings.webhooks[0];
        let mut held = hooks::begin(lab.store, hook, "w1", START)
            .await
            .unwrap()
            .unwrap();
        let call = held.calls[0].clone();
        let other = hooks::begin(lab.store, hook, "w2", START.plus_seconds(30))
            .await
            .unwrap();
        assert_eq!(
            other.is_some(),
            fresh.engine == "sqlite",
            "on SQLite there is but one"
        );
        let late = START.plus_seconds(61);
        let mut taken = hooks::begin(lab.store, hook, "w2", late)
            .await
            .unwrap()
            .unwrap();
        assert!(
            !hooks::may_call(lab.store, &held.endpoint, late)
                .await
                .unwrap()
        );
        let taken_answer = answer(Outcome::Taken);
        let wrote = hooks::finish(
            lab.store,
            &lab.engine,
            &mut held,
            &call,
            &taken_answer,
            late,
        );
        assert_eq!(wrote.await.unwrap(), Next::Stop);
        assert_eq!(states(lab.store).await, (0, 3, 0), "{}", fresh.engine);
        let wrote = hooks::finish(
            lab.store,
            &lab.engine,
            &mut taken,
            &call,
            &taken_answer,
            late,
        );
        assert_eq!(wrote.await.unwrap(), Next::Call);
        assert_eq!(states(lab.store).await, (1, 2, 0));
    }
}

#[tokio::test]
async fn a_gone_endpoint_waits_for_its_section_and_what_waited_is_not_lost() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh.store).await;
        told(&lab, 0..3, START).await;
        assert_eq!(calls(&lab, START, &|_| Outcome::Gone).await.len(), 1);
        told(&lab, 3..4, START.plus_hours(1)).await;
        assert!(begin(&lab, START.plus_hours(30)).await.is_none());
        assert_eq!(next_at(&lab).await, None);
        hooks::sync(lab.store, &lab.engine).await.unwrap();
        assert!(
            begin(&lab, START.plus_hours(30)).await.is_none(),
            "the same section"
        );
        assert_eq!(notices(&mut lab, START.plus_hours(30)).await.len(), 1);
        lab.configure(&format!("{WEBHOOKS}events = [\"complaint\"]\n"))
            .await;
        hooks::sync(lab.store, &lab.engine).await.unwrap();
        assert_eq!(
            calls(&lab, START.plus_hours(30), &|_| Outcome::Taken)
                .await
                .len(),
            4
        );
    }
}

/// What waits for an endpoint that nobody knows any more is given up like the rest, and shown.
#[tokio::test]
async fn a_removed_endpoint_gets_nothing_and_its_events_end() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh.store).await;
        told(&lab, 0..2, START).await;
        lab.configure("").await;
        told(&lab, 2..4, START.plus_hours(1)).await;
        let count = async || lab.store.counts().await.unwrap().calls_waiting;
        assert_eq!(count().await, 2, "no new ones");
        hooks::spread(lab.store, &lab.engine, START.plus_hours(75))
            .await
            .unwrap();
        assert_eq!(count().await, 2);
        hooks::spread(lab.store, &lab.engine, START.plus_hours(76))
            .await
            .unwrap();
        assert_eq!(count().await, 0, "{}", fresh.engine);
        let dead = lab.store.deliveries(false).await.unwrap();
        assert_eq!(dead.len(), 2);
        assert!(
            dead[0].last_error.as_deref().unwrap().contains("410"),
            "{:?}",
            dead[0]
        );
    }
}

#[tokio::test]
async fn after_an_outage_all_that_waited_is_due_at_once_in_its_order() {
    for fresh in databases::both().await {
        let lab = lab(&fresh.store).await;
        let mut now = START;
        for n in 0..4 {
            told(&lab, n..n + 1, now).await;
            assert_eq!(calls(&lab, now, &|_| FAILED).await.len(), 1);
            now = next_at(&lab).await.unwrap();
        }
        let made = calls(&lab, now, &|_| Outcome::Taken).await;
        assert_eq!(made.len(), 4, "{}", fresh.engine);
        let in_order = made[1..]
            .windows(2)
            .all(|two| two[0].created_at < two[1].created_at);
        assert!(in_order, "the first found out that it is well again");
    }
}
