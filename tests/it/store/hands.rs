//! What people do by hand: once, as the one who did it; the keys of links; who reads our mails.

use escucha::model::{Event, KeyRing, Minutes, Pace};
use escucha::store::{Deed, Judgement, Rejudged};

use crate::support::databases;

use super::*;

fn pace() -> Pace {
    Pace {
        answer_within: Minutes::from_hours(4),
        office_hours: None,
        zone: jiff::tz::TimeZone::UTC,
        escalate_after: Vec::new(),
    }
}

#[tokio::test]
async fn s20_who_acts_at_once_with_others_acts_once() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let new = complaint("Carmen", "nadie me atiende");
        let id = new.case.as_ref().unwrap().id.clone();
        let post = new.id.clone();
        admit(store, &posts(vec![new])).await;
        let row = store.case(&id).await.unwrap().unwrap();
        let by = "Marta".to_owned();
        let take = Event::Taken { by };
        let (taken, _) = row.case.on(&take, later(5), &pace()).unwrap();
        let deed = Deed {
            event: "taken",
            by: Some("Marta"),
            ..Deed::default()
        };
        assert!(
            store
                .do_to_case(&row, &taken, &deed, later(5))
                .await
                .unwrap()
        );
        // The state is the same as before, the due time too: only the count of acts tells.
        assert!(
            !store
                .do_to_case(&row, &taken, &deed, later(6))
                .await
                .unwrap()
        );
        let now = store.case(&id).await.unwrap().unwrap();
        assert_eq!((&now.case, now.n_acts), (&taken, 1), "{}", fresh.engine);
        assert!(now.case.undo.is_some(), "it comes back whole");
        let events = store.case_events(&id).await.unwrap();
        let last = events.last().unwrap();
        assert_eq!((events.len(), last.by.as_deref()), (2, Some("Marta")));
        assert_eq!(events[0].by, None);

        let said = Judgement {
            post_id: post.clone(),
            is_complaint: false,
            because: "spam_or_false".to_owned(),
            at: later(7),
        };
        let judged = |judgement| Deed {
            event: "dismissed",
            judgement: Some(judgement),
            ..Deed::default()
        };
        let dismissed = judged(Rejudged::To(said.clone()));
        assert!(
            store
                .do_to_case(&now, &taken, &dismissed, later(7))
                .await
                .unwrap()
        );
        assert_eq!(store.judgement_of(&post).await.unwrap(), Some(said));
        let now = store.case(&id).await.unwrap().unwrap();
        let undone = judged(Rejudged::None(post.clone()));
        assert!(
            store
                .do_to_case(&now, &row.case, &undone, later(8))
                .await
                .unwrap()
        );
        assert_eq!(
            store.judgement_of(&post).await.unwrap(),
            None,
            "{}",
            fresh.engine
        );
        let back = store.case(&id).await.unwrap().unwrap();
        assert_eq!((back.case, back.n_acts), (row.case, 3));
    }
}

#[tokio::test]
async fn what_he_says_again_ends_what_could_be_taken_back() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let mut new = complaint("Carmen", "nadie me atiende");
        let id = new.case.as_ref().unwrap().id.clone();
        let case = new.case.as_ref().unwrap().case.clone();
        let told = case.on(&Event::Told, later(1), &pace()).unwrap().0;
        new.case.as_mut().unwrap().case = told;
        admit(store, &posts(vec![new.clone()])).await;
        let row = store.case(&id).await.unwrap().unwrap();
        let until = later(90_000);
        let snoozed = row
            .case
            .on(&Event::Snoozed { until }, later(2), &pace())
            .unwrap()
            .0;
        let deed = Deed {
            event: "snoozed",
            ..Deed::default()
        };
        assert!(
            store
                .do_to_case(&row, &snoozed, &deed, later(2))
                .await
                .unwrap()
        );
        let row = store.case(&id).await.unwrap().unwrap();
        assert_eq!(row.case.snoozed_until, Some(until));
        let spoke = Event::CustomerSpoke { unhappy: true };
        let again = row.case.on(&spoke, later(1_000), &pace()).unwrap().0;
        let mut more = complaint("Carmen", "y siguen sin atenderme");
        let of_case = more.case.as_mut().unwrap();
        (of_case.id, of_case.case, of_case.event) = (id.clone(), again.clone(), "customer_spoke");
        of_case.alerts.clear();
        let claimed = store
            .claim_sources("w", later(2_000), later(2_120), 5)
            .await
            .unwrap();
        let admission = posts(vec![more]);
        let success = success();
        let settled = store.settle_source(&claimed[0], &success, &admission, later(2_001));
        assert!(settled.await.unwrap());
        let row = store.case(&id).await.unwrap().unwrap();
        assert_eq!(row.case, again, "{}", fresh.engine);
        assert_eq!((row.case.snoozed_until, row.case.undo), (None, None));
    }
}

#[tokio::test]
async fn s18_keys_are_changed_by_one_at_a_time_and_readers_are_kept() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let first = store.key_ring().await.unwrap();
        assert_eq!(first, KeyRing::default(), "{}", fresh.engine);
        let next = first.rotated("salt");
        assert!(store.change_key_ring(&first, &next).await.unwrap());
        assert!(
            !store
                .change_key_ring(&first, &first.revoked("other"))
                .await
                .unwrap()
        );
        assert_eq!(store.key_ring().await.unwrap(), next);
        assert_eq!(store.reader_address("r1").await.unwrap(), None);
        for address in ["a@ejemplo.test", "b@ejemplo.test"] {
            store.note_reader("r1", address).await.unwrap();
        }
        let known = store.reader_address("r1").await.unwrap();
        assert_eq!(known.as_deref(), Some("a@ejemplo.test"));
    }
}
