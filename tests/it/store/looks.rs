//! Looks at the pages of cases, and sources that share an address.

use escucha::model::{Event, Minutes, Pace, State};
use escucha::store::{Absence, Admission, Look, NewPage};

use crate::support::databases;

use super::*;

#[tokio::test]
async fn a_look_is_claimed_settled_and_ended_under_its_lease() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let mut new = complaint("Carmen", "nadie me atiende");
        let page = NewPage {
            url: "https://foro.test/1".into(),
            host: "foro.test".into(),
        };
        let case = new.case.as_mut().unwrap();
        case.look = Some((page, later(3_600)));
        let id = case.id.clone();
        admit(store, &posts(vec![new])).await;
        let claim = async |at: i64| {
            let claimed = store.claim_looks("w", later(at), later(at + 120), 5).await;
            claimed.unwrap()
        };
        assert!(claim(3_000).await.is_empty(), "{}", fresh.engine);
        let mut claimed = claim(3_600).await;
        assert_eq!(claimed.len(), 1);
        assert!(claim(3_601).await.is_empty(), "it is leased");
        let first = claimed.remove(0);
        assert_eq!(
            (&first.case_id, first.url.as_str()),
            (&id, "https://foro.test/1")
        );
        let renewed = store.renew_look(&first, later(4_000), later(3_602)).await;
        assert!(renewed.unwrap());
        let look = Look {
            next_at: later(90_000),
            was_there: true,
            n_gone: 1,
            ..first.look.clone()
        };
        let free = rests(&["foro.test"], later(3_700));
        let settled = store.settle_look(&first, Some(&look), &free, None, later(3_650));
        assert!(settled.await.unwrap());
        let late = store.settle_look(&first, None, &free, None, later(3_651));
        assert!(!late.await.unwrap(), "the lease is over");
        assert!(claim(80_000).await.is_empty());
        let second = claim(90_000).await.remove(0);
        assert!(second.look.was_there && second.look.n_gone == 1);
        let row = store.case(&id).await.unwrap().unwrap();
        let haste = Pace {
            answer_within: Minutes(60),
            office_hours: None,
            zone: jiff::tz::TimeZone::UTC,
            escalate_after: Vec::new(),
        };
        let (gone, _) = row.case.on(&Event::Gone, later(90_001), &haste).unwrap();
        let step = Absence {
            row,
            missing: None,
            step: Some((gone, "gone")),
        };
        let settled = store.settle_look(&second, None, &free, Some(&step), later(90_001));
        assert!(settled.await.unwrap());
        let row = store.case(&id).await.unwrap().unwrap();
        assert_eq!(row.case.state, State::Gone);
        let events = store.case_events(&id).await.unwrap();
        assert_eq!(events.last().unwrap().event, "gone");
        assert!(claim(900_000).await.is_empty(), "nobody looks any more");
    }
}

#[tokio::test]
async fn sources_of_one_address_are_due_together() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let row = |name: &str, address: &str, minutes: i64| SourceRow {
            address: address.into(),
            first_at: later(minutes * 60),
            ..source(name, &format!("{name}.test"))
        };
        let rows = [
            row("first", "same", 0),
            row("soon", "same", 5),
            row("late", "same", 14),
            row("other", "another", 5),
        ];
        store.sync_sources(&rows, NOW).await.unwrap();
        let claimed = store.claim_sources("w", NOW, later(120), 5).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let settled = Settled {
            host: "first.test".into(),
            ..success()
        };
        // It rests for a quarter of an hour: half of that is soon.
        let nothing = Admission::default();
        let done = store.settle_source(&claimed[0], &settled, &nothing, later(1));
        assert!(done.await.unwrap());
        let states = store.source_states().await.unwrap();
        let at = |name: &str| states.iter().find(|s| s.name == name).unwrap().next_at;
        assert_eq!(at("soon"), later(1), "{}", fresh.engine);
        assert_eq!(at("late"), later(14 * 60));
        assert_eq!(at("other"), later(5 * 60));
    }
}
