//! A rolling upgrade: workers of the version before go on while the new one changes the tables, by adding
//! to them (migrations/README.md: expand, then contract).

use std::process::Stdio;

use crate::kill::signals::signal;
use crate::support::cluster::psql;
use crate::support::town::{Doubts, Town};
use crate::support::{binary, databases, figure};

use super::stopped::Worker;

/// What a next version may do to the tables under the feet of this one.
const EXPAND: &str = "SELECT format('ALTER TABLE %I ADD COLUMN later TEXT', tablename) FROM pg_tables \
                      WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'";
const NOTE: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                    VALUES (999999, 'of a later version', true, '\\x00', 1)";

#[tokio::test(flavor = "multi_thread")]
async fn r56_workers_go_on_while_a_later_version_adds_to_the_tables() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let town = Town::new(1, Some(&fresh.url)).await;
    let log = town.home.path().join("log");
    let mut command = town.home.command(&["run"]);
    command
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap());
    let mut service = Worker(command.spawn().unwrap());
    // Every statement that a complaint needs has been prepared when its mail is there.
    town.publish(0..2);
    town.take_over().await;
    town.until_told(0..2).await;
    for alter in psql(&fresh.url, EXPAND).lines() {
        psql(&fresh.url, alter);
    }
    psql(&fresh.url, NOTE);
    town.publish(0..4);
    town.take_over().await;
    town.until_told(0..4).await;
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
    let told = town.told(0..4, &Doubts::default()).await;
    figure(
        "R56",
        "complaints lost while the tables grew",
        told.n_lost(),
    );
    told.expect_all("the tables grew");
    // Who starts now would not know what the tables mean.
    let refused = town.home.run(&["run", "--once"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = binary::err(&refused);
    assert!(said.contains("999999"), "{said}");
}
