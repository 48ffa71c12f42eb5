//! What buttons do: once, as the one who pressed, and back again.

use std::sync::Arc;

use escucha::clock;
use escucha::flow::{deadlines, digest};
use escucha::model::{Because, PostId, State};

use super::house::{House, JAVIER, MANAGER, OTHER, form_with, paths};
use crate::support::levers;

#[tokio::test(flavor = "multi_thread")]
async fn s19_looking_changes_nothing_however_often() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let before = house.state().await;
    for nth in 0..50 {
        let headers = [
            ("Purpose", "prefetch"),
            ("Sec-Purpose", "prefetch;prerender"),
            ("X-HTTP-Method-Override", "POST"),
        ];
        let headers = &headers[..nth % 4];
        for method in ["GET", "HEAD", "OPTIONS"] {
            let answer = house.ask(method, &link, headers, "").await;
            assert!([200, 204].contains(&answer.status), "{method}: {answer:?}");
            assert_eq!(answer.body.is_empty(), method != "GET", "{method}");
        }
        for method in ["PUT", "DELETE", "PATCH", "TRACE"] {
            assert_eq!(house.ask(method, &link, headers, "").await.status, 405);
        }
    }
    assert_eq!(house.state().await, before);
    assert_eq!(house.case(&case).await.case.state, State::Told);
}

#[tokio::test(flavor = "multi_thread")]
async fn s20_a_form_sent_a_hundred_times_has_one_effect() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let page = house.get(&link).await.body;
    let form = form_with(&page, "Ya le hemos contestado");
    let first = house.send(&link, &form, "").await;
    let own = link.rsplit('/').next().unwrap();
    assert_eq!((first.status, first.header("location")), (303, Some(own)));
    let after = house.state().await;
    for _ in 0..100 {
        let again = house.send(&link, &form, "").await;
        assert_eq!(again.status, 303);
        assert!(again.header("location").unwrap().ends_with("?moved"));
    }
    assert_eq!(house.state().await, after);
    // Also when it was taken back meanwhile.
    assert_eq!(house.press(&link, "Deshacer", "").await.status, 303);
    house.send(&link, &form, "").await;
    assert_eq!(house.case(&case).await.case.state, State::Told);
    assert_eq!(
        house.history(&case).await,
        "answered (Marta Ruiz), undone:answered (Marta Ruiz)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s20_many_at_once_have_one_effect() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let form = form_with(&house.get(&link).await.body, "Me ocupo yo");
    let house = std::sync::Arc::new(house);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let (house, link, form) = (std::sync::Arc::clone(&house), link.clone(), form.clone());
        tasks.spawn(async move { house.send(&link, &form, "").await.status });
    }
    while let Some(status) = tasks.join_next().await {
        assert_eq!(status.unwrap(), 303);
    }
    assert_eq!(house.history(&case).await, "taken:Marta Ruiz (Marta Ruiz)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_taken_and_reminders_say_by_whom() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(OTHER, &case.0);
    assert_eq!(house.press(&link, "Me ocupo yo", "").await.status, 303);
    let page = house.get(&link).await.body;
    assert!(
        page.contains("se ocupa <strong><bdi>otra@ejemplo.test</bdi></strong>"),
        "{page}"
    );
    assert!(!page.contains(">Me ocupo yo<") && page.contains("Deshacer"));
    let (store, engine) = (&house.service.store, house.service.engine());
    let later = clock::now().plus_hours(5);
    deadlines::turn(store, &engine, later).await.unwrap();
    let told = house.letters.len();
    house.post_at(later).await;
    let reminders = &house.letters[told..];
    assert_eq!(reminders.len(), 2);
    for (_, letter) in reminders {
        assert!(
            letter
                .text
                .contains("Se ocupa de contestar: otra@ejemplo.test.")
        );
    }
    // Who took it has no hand in the countdown: taken back, it is not reminded of anew.
    assert_eq!(house.press(&link, "Deshacer", "").await.status, 303);
    let row = house.case(&case).await;
    assert_eq!((row.case.taken_by, row.case.n_reminders), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_answered_reminds_nobody() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let other = house
        .complaint("Ana", &JAVIER.replace("cuatro", "tres"))
        .await;
    let link = house.letters.iter().find(|(to, _)| to == MANAGER).unwrap();
    let link = link
        .1
        .text
        .split_whitespace()
        .find(|word| word.contains("/l/"))
        .unwrap();
    let link = link
        .split_once("/l/")
        .map(|(_, link)| format!("/l/{link}"))
        .unwrap();
    assert_eq!(
        house
            .press(&link, "Ya le hemos contestado", "")
            .await
            .status,
        303
    );
    let (store, engine) = (&house.service.store, house.service.engine());
    deadlines::turn(store, &engine, clock::now().plus_hours(5))
        .await
        .unwrap();
    assert_eq!(house.case(&case).await.case.n_reminders, 0);
    assert_eq!(house.case(&other).await.case.n_reminders, 1);
    assert_eq!(house.case(&case).await.case.state, State::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_put_off_is_told_of_again_in_the_morning() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let due = house.case(&case).await.case.due;
    assert_eq!(
        house.press(&link, "Recordármelo", "&days=2").await.status,
        400
    );
    assert_eq!(
        house.press(&link, "Recordármelo", "&days=3").await.status,
        303
    );
    let row = house.case(&case).await;
    let until = row.case.snoozed_until.unwrap();
    let civil = until.in_zone(&house.service.engine().settings.zone);
    assert_eq!((civil.hour(), civil.minute()), (9, 0));
    assert!((2..=3).contains(&until.days_since(clock::now())));
    assert!(house.get(&link).await.body.contains("no se recuerda hasta"));
    let (store, engine) = (&house.service.store, house.service.engine());
    for (at, n) in [(until.plus_minutes(-1), 0), (until, 1)] {
        deadlines::turn(store, &engine, at).await.unwrap();
        assert_eq!(house.case(&case).await.case.n_reminders, n);
    }
    assert_eq!(house.case(&case).await.case.snoozed_until, None);
    // What is over cannot be taken back.
    assert!(!house.get(&link).await.body.contains("Deshacer"));
    assert_ne!(house.case(&case).await.case.due, due);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_closed_by_the_customers_words_and_opened_again() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let before = house.case(&case).await.case;
    let refused = house.press(&link, "textarea", "&words=++").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("con las palabras del propio cliente"));
    let words = "&words=Me+han+llamado+%3Cb%3E+y+ya+est%C3%A1";
    assert_eq!(house.press(&link, "textarea", words).await.status, 303);
    let page = house.get(&link).await.body;
    assert!(
        page.contains("resuelto: Me han llamado &lt;b&gt; y ya está"),
        "{page}"
    );
    assert_eq!(house.case(&case).await.case.state, State::Solved);
    assert_eq!(house.press(&link, "Deshacer", "").await.status, 303);
    assert_eq!(house.case(&case).await.case, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_dismissed_for_a_reason_and_that_is_unlearnt_too() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let post = house.case(&case).await.post_id;
    // It was brought by hand: a person had said that it is one.
    let said = house.service.store.judgement_of(&post).await.unwrap();
    assert!(said.as_ref().is_some_and(|said| said.is_complaint));
    assert_eq!(
        house
            .press(&link, "fieldset", "&because=critic")
            .await
            .status,
        422
    );
    let page = house.get(&link).await.body;
    for because in Because::ALL {
        assert!(page.contains(&format!("value=\"{because}\"")), "{because}");
    }
    let because = "&because=not_a_complaint";
    assert_eq!(house.press(&link, "fieldset", because).await.status, 303);
    assert_eq!(house.case(&case).await.case.state, State::Dismissed);
    let now_said = house
        .service
        .store
        .judgement_of(&post)
        .await
        .unwrap()
        .unwrap();
    assert!(!now_said.is_complaint);
    assert_eq!(house.press(&link, "Deshacer", "").await.status, 303);
    assert_eq!(house.service.store.judgement_of(&post).await.unwrap(), said);
    assert_eq!(house.case(&case).await.case.state, State::Told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_is_judged_yes_or_no() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let post = house.case(&case).await.post_id;
    let link = house.link_to_post(MANAGER, &post).await;
    let before = house.state().await;
    assert!(
        house
            .get(&link)
            .await
            .body
            .contains("¿Es una queja sobre nosotros?")
    );
    assert_eq!(house.state().await, before);
    assert_eq!(
        house.press(&link, "No, no lo es", "&said=no").await.status,
        303
    );
    let said = house
        .service
        .store
        .judgement_of(&post)
        .await
        .unwrap()
        .unwrap();
    assert!(!said.is_complaint);
    assert!(
        house
            .get(&link)
            .await
            .body
            .contains("no es una queja. Si lo es, pulse «Sí»")
    );
    assert_eq!(
        house.press(&link, "No, no lo es", "&said=yes").await.status,
        303
    );
    let said = house
        .service
        .store
        .judgement_of(&post)
        .await
        .unwrap()
        .unwrap();
    assert!(said.is_complaint);
    let gone = house
        .link_to_post(MANAGER, &PostId(format!("p-{}", "0".repeat(24))))
        .await;
    assert_eq!(house.get(&gone).await.status, 410);
}

/// From the morning's digest, where the doubt stands, to the judgement.
#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_of_the_digest_is_judged_by_its_link() {
    let mut house = House::with("es", "digest_at = \"08:30\"").await;
    let (service, now) = (Arc::clone(&house.service), clock::now());
    // The first one comes at the next time, not with the installation.
    let turn = async |now| digest::turn(&service.store, &service.engine(), now).await;
    assert_eq!(turn(now.plus_days(-1)).await.unwrap(), 0);
    let case = house.complaint("Javier", JAVIER).await;
    let post = house.case(&case).await.post_id;
    // Who brought it had judged it.
    for sql in [
        "UPDATE posts SET level = 'doubt', case_id = NULL",
        "DELETE FROM judgements",
    ] {
        levers::set(&house.url, sql).await;
    }
    assert_eq!(turn(now).await.unwrap(), 2, "one for each manager");
    house.post_at(clock::now()).await;
    let (_, letter) = house.letters.last().unwrap();
    let of_doubts = letter.text.split("Dudas: 1").nth(1);
    let of_doubts = of_doubts.unwrap_or_else(|| panic!("no doubt: {}", letter.text));
    let link = paths(of_doubts, house.port).remove(0);
    assert!(letter.html.contains(&link), "both bodies have it");
    let page = house.get(&link).await;
    assert!(
        page.body.contains("¿Es una queja sobre nosotros?"),
        "{}",
        page.body
    );
    assert_eq!(house.press(&link, "Sí", "&said=yes").await.status, 303);
    let said = service.store.judgement_of(&post).await.unwrap();
    assert!(said.unwrap().is_complaint);
}
