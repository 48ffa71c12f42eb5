//! When the next thing is due: the poller sleeps until then.

use escucha::store::SourceRow;

use crate::support::databases;

use super::*;

#[tokio::test]
async fn the_next_claim_waits_for_the_source_and_for_its_host() {
    // Seconds: until when foro.test is busy, when its source is due, and that of otro.test; when the
    // first of them can be claimed.
    for (busy, at_busy, at_free, expected) in [
        (50, 10, 20, 20),
        (50, 10, 70, 50),
        (50, 60, 70, 60),
        (15, 10, 20, 15),
        (20, 10, 20, 20),
    ] {
        for fresh in databases::both().await {
            let store = &fresh.store;
            let due = |name: &str, host: &str, seconds: i64| SourceRow {
                first_at: later(seconds),
                ..source(name, host)
            };
            let rows = [
                due("foro", "foro.test", at_busy),
                due("otro", "otro.test", at_free),
            ];
            store.sync_sources(&rows, NOW).await.unwrap();
            let taken = store.take_host("foro.test", NOW, later(busy)).await;
            assert_eq!(taken.unwrap(), None);
            assert_eq!(
                store.next_claim_at().await.unwrap(),
                Some(later(expected)),
                "{}: {busy} {at_busy} {at_free}",
                fresh.engine
            );
        }
    }
}

#[tokio::test]
async fn what_waits_for_busy_hosts_alone_is_due_when_the_first_of_them_is_free() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        assert_eq!(store.next_claim_at().await.unwrap(), None);
        let rows = [source("foro", "foro.test"), source("otro", "otro.test")];
        store.sync_sources(&rows, NOW).await.unwrap();
        for (host, seconds) in [("foro.test", 40), ("otro.test", 30)] {
            let taken = store.take_host(host, NOW, later(seconds)).await;
            assert_eq!(taken.unwrap(), None);
        }
        assert_eq!(store.next_claim_at().await.unwrap(), Some(later(30)));
    }
}
