//! The budget, what is held, and what a digest asks for.

use escucha::store::{DigestMark, HeldSum, Which};

use crate::support::databases;

use super::*;

const WHO: &str = "gerente@ejemplo.test";

fn letter(id: &str, kind: &'static str) -> NewAlert {
    NewAlert {
        kind,
        ..alert(id, None)
    }
}

fn mark(day: &str) -> DigestMark<'_> {
    DigestMark {
        kind: "digest",
        recipient: WHO,
        day,
        until: later(50),
    }
}

#[tokio::test]
async fn a_delivery_counts_once_a_day_and_what_is_over_is_held_and_listed_once() {
    for fresh in databases::both().await {
        let (store, engine) = (&fresh.store, fresh.engine);
        let mut grave = complaint("Eva", "tres");
        grave.verdict = Some(verdict(Level::Urgent));
        let ordinary = [complaint("Ana", "uno"), complaint("Luis", "dos")];
        let [ana, luis] = ordinary;
        admit(store, &posts(vec![ana, luis, grave])).await;
        let claimed = store
            .claim_deliveries("w", later(2), later(122), 9)
            .await
            .unwrap();
        assert_eq!(claimed.len(), 3);
        let case = |mail: &escucha::store::DeliveryRow| mail.case_id.clone().unwrap();
        let eva = CaseId::candidate("tres", 0);
        let mut claimed = claimed;
        claimed.sort_by_key(|mail| case(mail) == eva);
        let charge = async |at: usize, day: &str| {
            let charged = store.charge(&claimed[at], day, 1, later(3)).await;
            charged.unwrap()
        };
        assert!(charge(0, "2027-01-15").await, "{engine}");
        assert!(charge(0, "2027-01-15").await, "it counts already");
        assert_eq!(store.quota(WHO, "2027-01-15").await.unwrap(), 1);
        assert!(!charge(1, "2027-01-15").await, "{engine}");
        assert!(!charge(2, "2027-01-15").await);
        assert_eq!(store.quota(WHO, "2027-01-15").await.unwrap(), 1);
        assert_eq!(store.quota(WHO, "2027-01-16").await.unwrap(), 0);
        let sum = HeldSum {
            recipient: WHO.into(),
            n: 2,
            n_flood: 0,
            n_urgent: 1,
            first_at: later(3),
        };
        assert_eq!(store.held_sums().await.unwrap(), [sum]);
        assert!(store.is_held(&eva).await.unwrap());
        assert!(!store.is_held(&case(&claimed[0])).await.unwrap());
        // The same letter again is not sent after all.
        let again = NewAlert {
            case_id: Some(eva.clone()),
            ..alert("a-tres", None)
        };
        store.add_alerts(&[again], later(4)).await.unwrap();
        assert_eq!(store.deliveries(true).await.unwrap().len(), 1, "{engine}");

        listed_once(store, engine, &eva).await;
    }
}

/// One letter lists what is held, on one day, and nothing twice.
async fn listed_once(store: &Store, engine: &str, eva: &CaseId) {
    let held = store.held(Some(WHO), false).await.unwrap();
    assert_eq!(store.held(None, true).await.unwrap(), held);
    assert!(store.held(Some("x@y.test"), true).await.unwrap().is_empty());
    assert_eq!(held.iter().filter(|row| row.is_urgent).count(), 1);
    let named = store.held_cases(WHO, Which::Urgent).await.unwrap();
    assert_eq!((named.len(), &named[0].case), (1, eva), "{engine}");
    assert_eq!(named[0].words, "tres");
    let named = store.held_cases(WHO, Which::All).await.unwrap();
    assert_eq!((named.len(), &named[0].case), (2, eva), "the urgent first");
    assert!(
        store
            .held_cases(WHO, Which::Flood)
            .await
            .unwrap()
            .is_empty()
    );

    let ids: Vec<String> = held.iter().map(|row| row.id.clone()).collect();
    let digest = letter("a-digest", "digest");
    let list = async |day: &str, ids: &[String]| {
        let mark = mark(day);
        let listed = store.list_held(Some(&mark), Some(&digest), ids, later(5));
        listed.await.unwrap()
    };
    let unknown = [ids[0].clone(), "d-none".into()];
    assert!(
        !list("2027-01-16", &unknown).await,
        "all of them or nothing"
    );
    assert!(!store.has_digest("digest", WHO, None).await.unwrap());
    assert!(list("2027-01-16", &ids).await, "{engine}");
    assert!(!list("2027-01-16", &ids).await, "once a day");
    assert!(!list("2027-01-17", &ids).await, "listed once");
    assert!(store.held_sums().await.unwrap().is_empty());
    assert!(store.held(None, false).await.unwrap().is_empty());
    assert_eq!(store.held(None, true).await.unwrap().len(), 2, "{engine}");
    let told = store.cases_of_alert("a-digest").await.unwrap();
    assert_eq!(told.len(), 2, "{engine}");
    digests_are_known(store).await;
}

async fn digests_are_known(store: &Store) {
    let has = async |day| store.has_digest("digest", WHO, day).await.unwrap();
    assert!(has(None).await && has(Some("2027-01-16")).await);
    assert!(!has(Some("2027-01-17")).await);
    assert!(!store.has_digest("weekly", WHO, None).await.unwrap());
    let until = async |now| store.digest_until("digest", WHO, now).await.unwrap();
    assert_eq!(until(later(60)).await, Some(later(50)));
    assert_eq!(until(later(40)).await, None, "of a clock that was put back");
    let last = store.last_letter_at("digest", WHO).await.unwrap();
    assert_eq!(last, Some(later(50)));
}

#[tokio::test]
async fn a_flood_is_held_but_for_what_is_under_way_and_comes_back_from_a_dead_letter() {
    for fresh in databases::both().await {
        let (store, engine) = (&fresh.store, fresh.engine);
        let all: Vec<NewPost> = (0..5)
            .map(|n| complaint(&format!("Ana {n}"), &format!("caso {n}")))
            .collect();
        admit(store, &posts(all)).await;
        let operator = letter("a-operator", "operator");
        store.add_alerts(&[operator], later(1)).await.unwrap();
        let one = store
            .claim_deliveries("w", later(2), later(122), 1)
            .await
            .unwrap();
        assert!(store.flooded(4, later(2)).await.unwrap().is_empty());
        assert_eq!(store.flooded(3, later(2)).await.unwrap(), [WHO], "{engine}");
        store.hold_flood(WHO, later(2)).await.unwrap();
        let sum = store.held_sums().await.unwrap().remove(0);
        assert_eq!((sum.n, sum.n_flood), (4, 4), "{engine}");
        let left = store.deliveries(true).await.unwrap();
        assert_eq!(
            left.len(),
            2,
            "{engine}: what is under way, and technical mail"
        );
        assert!(left.iter().any(|mail| mail.id == one[0].id));
        let held = store.held(Some(WHO), false).await.unwrap();
        let ids: Vec<String> = held.into_iter().map(|row| row.id).collect();
        let gathered = letter("a-together", "together");
        let listed = store.list_held(None, Some(&gathered), &ids, later(3));
        assert!(listed.await.unwrap());
        assert_eq!(
            store.relist().await.unwrap(),
            0,
            "its letter may still arrive"
        );
        let claimed = store
            .claim_deliveries("w", later(4), later(124), 9)
            .await
            .unwrap();
        let mail = claimed.iter().find(|mail| mail.kind == "together").unwrap();
        let settling = escucha::store::Settling {
            state: "dead",
            cause: Some(escucha::model::GivenUp::Refused),
            event: "refused",
            next_at: later(4),
            attempts: 1,
            doubts: 0,
            code: Some(550),
            error: Some("no"),
        };
        let dead = store.settle_delivery(mail, &settling, &[], &[], later(4));
        assert!(dead.await.unwrap());
        assert_eq!(store.relist().await.unwrap(), 4, "{engine}");
        let sum = store.held_sums().await.unwrap().remove(0);
        assert_eq!((sum.n, sum.n_flood), (4, 0), "{engine}");
        store.hold_on(WHO).await.unwrap();
    }
}

#[tokio::test]
async fn a_digest_finds_what_is_open_doubtful_solved_and_counted() {
    for fresh in databases::both().await {
        let (store, engine) = (&fresh.store, fresh.engine);
        let mut doubt = post("Luis", "quizá");
        doubt.verdict = Some(verdict(Level::Doubt));
        let mut before = complaint("Eva", "antes");
        before.backlog = true;
        let mut topical = complaint("Ana", "uno");
        topical.verdict.as_mut().unwrap().topics = vec![escucha::model::Topic::Billing];
        admit(store, &posts(vec![topical, doubt.clone(), before])).await;
        let (doubts, n) = store.doubts_since(NOW, 9).await.unwrap();
        assert_eq!((doubts.len(), n), (1, 1), "{engine}");
        assert_eq!(store.doubts_since(later(1), 9).await.unwrap().1, 0);
        let judgement = escucha::store::Judgement {
            post_id: doubt.id.clone(),
            is_complaint: false,
            because: "judged".into(),
            at: later(2),
        };
        store.judge(&judgement, None).await.unwrap();
        assert_eq!(store.doubts_since(NOW, 9).await.unwrap().1, 0, "{engine}");

        let open = store.unanswered(9).await.unwrap();
        assert_eq!(open.len(), 1, "{engine}");
        let counts = store.open_counts().await.unwrap();
        let counts = (counts.n_waiting, counts.n_backlog, counts.n_answered);
        assert_eq!(counts, (1, 1, 0), "{engine}");
        assert_eq!(store.heard_since(NOW).await.unwrap(), (1, 3), "{engine}");
        assert_eq!(store.heard_since(later(1)).await.unwrap(), (0, 0));
        let week = store
            .cases_opened(NOW.plus_days(-7), later(1))
            .await
            .unwrap();
        assert_eq!(week.len(), 1, "{engine}: {week:?}");
        assert_eq!(week[0].topic, Some(escucha::model::Topic::Billing));
        assert_eq!(week[0].risk, 40);

        let row = &open[0];
        let mut told = row.case.clone();
        told.told_at = Some(later(10));
        let step = store.step_case(row, &told, "answered", None, &[], later(20));
        assert!(step.await.unwrap());
        let row = store.case(&row.id).await.unwrap().unwrap();
        let mut solved = row.case.clone();
        solved.state = escucha::model::State::Solved;
        solved.due = None;
        let step = store.step_case(&row, &solved, "solved", Some("gracias"), &[], later(30));
        assert!(step.await.unwrap());
        let answers = store.answers(NOW, later(60)).await.unwrap();
        assert_eq!(answers.len(), 1, "{engine}");
        assert_eq!(answers[0].told_at, Some(later(10)));
        assert_eq!(answers[0].answered_at, later(20));
        assert!(
            store
                .answers(later(20), later(60))
                .await
                .unwrap()
                .is_empty()
        );
        let words = store.solved_since(later(29), 9).await.unwrap();
        assert_eq!(words, [(row.id.clone(), "gracias".to_owned())], "{engine}");
        assert!(store.solved_since(later(30), 9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_escalation_is_kept_with_its_case_and_stepped_once() {
    for fresh in databases::both().await {
        let (store, engine) = (&fresh.store, fresh.engine);
        admit(store, &posts(vec![complaint("Ana", "uno")])).await;
        let row = store.cases(9).await.unwrap().remove(0);
        assert!(!row.is_urgent && row.case.escalate.is_none());
        let mut told = row.case.clone();
        told.escalate = Some(escucha::model::Escalation {
            step: 1,
            at: later(90),
        });
        let step = store.step_case(&row, &told, "told", None, &[], later(10));
        assert!(step.await.unwrap());
        assert!(
            store
                .due_escalations(later(89), 9)
                .await
                .unwrap()
                .is_empty()
        );
        let due = store.due_escalations(later(90), 9).await.unwrap();
        assert_eq!(due[0].case, told, "{engine}");
        let mut next = told.clone();
        next.escalate = None;
        let step = async || {
            let step = store.step_case(&due[0], &next, "escalated", None, &[], later(90));
            step.await.unwrap()
        };
        assert!(step().await);
        assert!(!step().await, "{engine}: a second worker comes too late");
        assert!(
            store
                .due_escalations(later(900), 9)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
