//! What SQLite files must stand.

use escucha::store::{Fault, Role, SourceRow, Store, StoreError};

use crate::support::databases;

use super::*;

/// A DEFERRED transaction that reads and then writes fails here with "database is locked".
#[tokio::test(flavor = "multi_thread")]
async fn m18_writers_of_one_file_wait_for_each_other() {
    let fresh = databases::sqlite().await;
    let path = fresh.url.trim_start_matches("sqlite://").to_owned();
    let rows: Vec<SourceRow> = (0..4)
        .map(|n| source(&format!("s{n}"), &format!("h{n}.test")))
        .collect();
    fresh.store.sync_sources(&rows, NOW).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4_i64 {
        let path = path.clone();
        writers.spawn(async move {
            let store = Store::open_sqlite(path.as_ref(), Role::Visitor)
                .await
                .unwrap();
            for turn in 0..40_i64 {
                let now = later(turn * 1_000 + writer);
                let claimed = store
                    .claim_sources("w", now, now.plus_seconds(1), 1)
                    .await
                    .unwrap();
                for claim in &claimed {
                    let new = posts(vec![post("Ana", &format!("{writer} dijo {turn}"))]);
                    store
                        .settle_source(claim, &success(), &new, now)
                        .await
                        .unwrap();
                }
                store
                    .instance_value(&format!("{writer} {turn}"), "x")
                    .await
                    .unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_second_service_on_one_file_is_refused() {
    let fresh = databases::sqlite().await;
    let path = fresh.url.trim_start_matches("sqlite://");
    let second = Store::open_sqlite(path.as_ref(), Role::Service).await;
    let Err(StoreError::Refused(refusal)) = second else {
        panic!("{second:?}");
    };
    let own = std::process::id().to_string();
    assert!(matches!(&refusal.fault, Fault::InUse(holder) if holder.pid == Some(own)));
    // A command may look all the same.
    Store::open_sqlite(path.as_ref(), Role::Visitor)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_backup_is_sound_and_replaces_only_when_whole() {
    let fresh = databases::sqlite().await;
    admit(&fresh.store, &posts(vec![complaint("Javier", "copia")])).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copia.db");
    fresh.store.backup(&target).await.unwrap();
    let copy = Store::open_sqlite(&target, Role::Visitor).await.unwrap();
    assert_eq!(
        copy.counts().await.unwrap(),
        fresh.store.counts().await.unwrap()
    );
    let nowhere = folder.path().join("no/hay/copia.db");
    assert!(fresh.store.backup(&nowhere).await.is_err());
}
