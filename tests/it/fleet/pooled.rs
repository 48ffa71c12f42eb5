//! PostgreSQL behind a pooler.

use crate::support::pgbouncer::PgBouncer;
use crate::support::town::{Doubts, KEYWORDS, Town};
use crate::support::{binary, databases, figure};

#[tokio::test(flavor = "multi_thread")]
async fn r52_a_pooler_of_transactions_is_refused_in_plain_words() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let Some(pooler) = PgBouncer::start(&fresh.url, "transaction") else {
        return;
    };
    let url = pooler.url();
    let toml = format!(
        "[database]\nurl = \"{url}\"\n[company]\nname = \"Telefonía Ejemplo\"\n\
         signature = \"Marta Ruiz\"\n[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = 2525\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n\
         [fetch]\ncontact = \"https://ejemplo.test/escucha\"\n"
    );
    let home = binary::Home::new(&toml, KEYWORDS);
    let refused = home.run(&["run", "--once"]).await;
    let said = binary::err(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("pool_mode = session"), "{said}");
    figure("R52", "poolers of transactions refused", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn r52_behind_a_pooler_of_sessions_all_is_told() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let Some(pooler) = PgBouncer::start(&fresh.url, "session") else {
        return;
    };
    let mut town = Town::new(1, Some(pooler.url())).await;
    // What this test asks goes another way: its driver says more at the start than a pooler knows.
    town.database.clone_from(&fresh.url);
    town.publish(0..3);
    town.drain().await;
    let told = town.told(0..3, &Doubts::default()).await;
    figure(
        "R52",
        "complaints lost behind a pooler of sessions",
        told.n_lost(),
    );
    told.expect_all("behind a pooler of sessions");
    assert_eq!(told.n_copies, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_no_such_database_is_told_of_with_what_to_do() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let home = binary::Home::new("[company]\nname = \"Ejemplo\"\n", KEYWORDS);
    let mut command = home.command(&["status"]);
    command.env("ESCUCHA_DATABASE_URL", format!("{}_none", fresh.url));
    let done = command.output().unwrap();
    let said = binary::err(&done);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("créela con «createdb»"), "{said}");
}
