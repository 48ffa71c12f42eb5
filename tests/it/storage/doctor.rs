//! `escucha doctor`: each fault by its name, with what to do, and nothing touched.

use std::path::Path;

use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};

use super::{Left, refusal};
use crate::faults;
use crate::support::binary::{self, err, out};
use crate::support::levers;
use escucha::store::Role;

async fn change(path: &Path, sql: &'static str) {
    levers::set(&format!("sqlite://{}", path.display()), sql).await;
}

fn problems(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .filter_map(|row| row["problem"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_well_is_told_so() {
    let (_server, _smtp, home) = faults::town(&["Javier"]).await;
    let before = home.run(&["doctor"]).await;
    assert!(before.status.success(), "{}", err(&before));
    assert!(out(&before).contains("No existe"), "{}", out(&before));
    assert!(
        !home.path().join("escucha.db").exists(),
        "to look makes nothing"
    );
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let looked = home.run(&["doctor"]).await;
    assert!(looked.status.success(), "{}", out(&looked));
    for said in [
        "Está bien.",
        "esquema",
        "Publicaciones: 1; casos: 1",
        "todas sus páginas",
    ] {
        assert!(out(&looked).contains(said), "{said}: {}", out(&looked));
    }
    let rows = binary::rows(&home.run(&["--json", "doctor"]).await);
    assert_eq!(
        (rows[0]["posts"].as_i64(), rows[0]["checked"].as_bool()),
        (Some(1), Some(true))
    );
    assert_eq!(problems(&rows), [""; 0]);
    // A clock that was put back by a month.
    change(
        &home.path().join("escucha.db"),
        "UPDATE instance SET value = CAST(value + 2592000000 AS TEXT) WHERE name = 'alive_at'",
    )
    .await;
    let rows = binary::rows(&home.run(&["--json", "doctor"]).await);
    assert_eq!(problems(&rows), ["clock_behind"]);
}

/// Without any configuration, of any file.
#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_name_and_a_remedy() {
    let sound = Left::at_rest(30).await;
    let left = Left::with_posts(30).await;
    let cases: [(&str, Option<&'static str>); 5] = [
        (
            "newer_schema",
            Some("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 55"),
        ),
        (
            "half_migrated",
            Some("UPDATE _sqlx_migrations SET success = 0 WHERE version = 55"),
        ),
        (
            "altered_schema",
            Some("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 55"),
        ),
        ("not_escucha", Some("DROP TABLE _sqlx_migrations")),
        (
            "rewound",
            Some("UPDATE instance SET value = '0' WHERE name = 'mark'"),
        ),
    ];
    for (name, sql) in cases {
        let spoilt = sound.copy();
        if let Some(sql) = sql {
            change(&spoilt.path(), sql).await;
        }
        check(&spoilt, name);
        assert_eq!(spoilt.refusal().await, Some(name), "and it is refused");
    }
    let spoilt = sound.copy();
    std::fs::write(spoilt.path(), "Estimado cliente: \n").unwrap();
    check(&spoilt, "not_sqlite");
    let spoilt = sound.copy();
    std::fs::remove_file(spoilt.path()).unwrap();
    check(&spoilt, "vanished");
    let spoilt = left.copy();
    std::fs::remove_file(spoilt.beside("-wal")).unwrap();
    let found = refusal(&spoilt.path(), Role::Service).await.unwrap();
    check(&left.copy_without_log(), found);
}

impl Left {
    fn copy_without_log(&self) -> Self {
        let copy = self.copy();
        std::fs::remove_file(copy.beside("-wal")).unwrap();
        copy
    }
}

#[track_caller]
fn has(rows: &[Value], name: &str) {
    let row = rows.iter().find(|row| row["problem"] == name);
    let row = row.unwrap_or_else(|| panic!("{name}: {rows:?}"));
    assert!(!row["what"].as_str().unwrap().is_empty());
    assert!(row["remedy"].as_str().unwrap().len() > 20, "{row}");
}

fn check(left: &Left, name: &str) {
    let path = left.path();
    let before = std::fs::read(&path).ok();
    let command = || {
        let mut command = std::process::Command::new(binary::path());
        command
            .arg("--json")
            .arg("doctor")
            .arg(&path)
            .env("LANG", "es_ES.UTF-8");
        command.output().unwrap()
    };
    let looked = command();
    assert_eq!(looked.status.code(), Some(1), "{name}: {}", err(&looked));
    has(&binary::rows(&looked), name);
    assert!(
        before == std::fs::read(&path).ok(),
        "{name}: it was touched"
    );
}

/// Of a database that belongs to something else not one byte changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otra.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE facturas (n BIGINT)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    for role in [Role::Service, Role::Visitor] {
        assert_eq!(refusal(&path, role).await, Some("not_escucha"));
    }
    assert!(before == std::fs::read(&path).unwrap());
}

/// The name of the table in which the damage is.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_where_the_damage_is() {
    let spoilt = Left::at_rest(60).await;
    let url = format!("sqlite://{}", spoilt.path().display());
    let root = levers::number(
        &url,
        "SELECT rootpage FROM sqlite_master WHERE name = 'seen_keys'",
    );
    let at = (root.await - 1) as u64 * 4_096;
    let file = std::fs::File::options()
        .write(true)
        .open(spoilt.path())
        .unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xff; 8], at).unwrap();
    let mut command = std::process::Command::new(binary::path());
    let looked = command
        .arg("doctor")
        .arg(spoilt.path())
        .env("LANG", "en_GB")
        .output()
        .unwrap();
    assert_eq!(looked.status.code(), Some(1));
    assert!(out(&looked).contains("seen_keys"), "{}", out(&looked));
    assert!(out(&looked).contains("escucha restore"), "{}", out(&looked));
}
