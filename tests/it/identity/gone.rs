//! Posts that vanish: the case hears of it, and nobody is mailed.

use escucha::flow::capture::{Captured, capture};
use escucha::model::State;

use crate::support::databases;
use crate::support::lab::{Lab, not_modified};

use super::*;

async fn state(lab: &Lab<'_>, author: &str) -> (State, Vec<String>) {
    for case in lab.store.cases(99).await.unwrap() {
        let post = lab.store.post(&case.post_id).await.unwrap().unwrap();
        if post.post.author.as_deref() == Some(author) {
            let events = lab.store.case_events(&case.id).await.unwrap();
            return (
                case.case.state,
                events.into_iter().map(|event| event.event).collect(),
            );
        }
    }
    panic!("no case of {author}");
}

#[tokio::test]
async fn a_post_that_was_taken_away_closes_its_case_and_a_return_opens_it() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let all = items(lab.now, 0..6);
        show(&mut lab, "foro", &all).await;
        let without: Vec<Item> = all
            .iter()
            .filter(|item| item.guid != Some("g2".into()))
            .cloned()
            .collect();
        show(&mut lab, "foro", &without).await;
        // One server of several may be behind: a post that is there again was never gone.
        show(&mut lab, "foro", &all).await;
        show(&mut lab, "foro", &without).await;
        lab.mails.clear();
        assert_eq!(state(&lab, "Vecino 2").await.0, State::Told);
        for _ in 0..13 {
            lab.pass_hours(2);
            lab.outcome(&not_modified()).await;
        }
        let (is, events) = state(&lab, "Vecino 2").await;
        assert_eq!(is, State::Gone, "{}: {events:?}", fresh.engine);
        assert_eq!(events.iter().filter(|event| *event == "gone").count(), 1);
        assert_eq!(state(&lab, "Vecino 3").await.0, State::Told);
        assert!(lab.mails.is_empty(), "nobody is mailed: {:?}", lab.mails);
        show(&mut lab, "foro", &all).await;
        let (is, events) = state(&lab, "Vecino 2").await;
        assert_eq!(is, State::Told);
        assert_eq!(events.last().map(String::as_str), Some("back"));
        assert!(lab.mails.is_empty());
    }
}

#[tokio::test]
async fn a_post_that_slid_off_the_end_is_not_gone() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let start = lab.now;
    show(&mut lab, "foro", &items(start, 3..9)).await;
    for _ in 0..20 {
        show(&mut lab, "foro", &items(start, 0..5)).await;
    }
    assert_eq!(state(&lab, "Vecino 7").await.0, State::Told);
    // A feed of the topics that were answered last is in another order: it says nothing.
    for n in 0..20 {
        let mut by_answer = items(start, [8, 0, 1, 2]);
        by_answer.push(items(start, [n + 20]).remove(0));
        show(&mut lab, "foro", &by_answer).await;
    }
    assert_eq!(state(&lab, "Vecino 4").await.0, State::Told);
}

/// A person heard it, perhaps in a shop: that a source does not show it says nothing.
#[tokio::test]
async fn what_a_person_brought_is_not_gone_when_its_source_does_not_show_it() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let all = items(lab.now, 0..6);
    show(&mut lab, "foro", &all).await;
    let captured = Captured {
        text: "Telefonía Ejemplo me cobra dos veces y nadie me atiende.".into(),
        author: Some("Lola".into()),
        url: None,
        published: Some(lab.now.plus_hours(-1)),
        source_name: Some("foro".into()),
    };
    capture(lab.store, &lab.engine, captured, lab.now)
        .await
        .unwrap();
    for _ in 0..20 {
        lab.pass_hours(2);
        lab.outcome(&not_modified()).await;
        show(&mut lab, "foro", &all).await;
    }
    let (is, events) = state(&lab, "Lola").await;
    assert_ne!(is, State::Gone, "{events:?}");
}
