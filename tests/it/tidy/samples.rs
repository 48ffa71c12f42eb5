//! The checks themselves, on bad samples: each must find what it is there to find.

use super::Text;
use super::code::{
    away_from_home, core_reaches_out, functions, machine_paths, orphans, shape, unfinished,
};
use super::kept::rows_of;
use super::papers::{banned, commands_of, guards_of, lost_papers, readme_commands};

#[track_caller]
fn check(complaints: &[String], expected: &[&str]) {
    let found = complaints.len() == expected.len()
        && complaints
            .iter()
            .zip(expected)
            .all(|(said, wanted)| said.contains(wanted));
    assert!(found, "expected {expected:?}, found {complaints:?}");
}

#[test]
fn of_shape() {
    check(&shape("src/a.rs", "//! Does a.\nfn a() {}\n"), &[]);
    check(&shape("src/a.rs", "fn a() {}\n"), &["src/a.rs:1: begin"]);
    check(
        &shape("a.rs", &format!("//! A.\n{}", "\n".repeat(500))),
        &["501 lines"],
    );
}

#[test]
fn of_the_core() {
    let look = |text: &str| core_reaches_out("src/score/a.rs", text);
    check(
        &look("use std::fs::File;"),
        &["a.rs:1: the core does not know std::fs"],
    );
    check(&look("use std::{\n    env,\n    fmt,\n};"), &["std::env"]);
    check(
        &look("a();\nlet x = tokio::spawn(f);"),
        &["a.rs:2: the core does not know tokio"],
    );
    check(&look("let at = Instant::now();"), &["Instant::now"]);
    check(
        &look("// tokio is absent\nlet tokios = 1;\nuse std::{fmt, mem};"),
        &[],
    );
    check(
        &core_reaches_out("src/letter.rs", "use axum::Router;"),
        &["axum"],
    );
    check(
        &core_reaches_out("src/daemon/a.rs", "use tokio::spawn;"),
        &[],
    );
}

#[test]
fn of_homes() {
    let look = |text: &str| away_from_home("src/flow/a.rs", text);
    check(&look("use sqlx::Row;"), &["sqlx is named in src/store/"]);
    check(
        &look("lettre::message();\nreqwest::get()"),
        &["src/mail/", "src/fetch/"],
    );
    check(
        &look("let at = jiff::Timestamp::now();"),
        &["src/clock.rs reads the clock"],
    );
    check(&look("\"SELECT a FROM b\""), &["SQL"]);
    check(&look("  INSERT INTO b VALUES ($1)"), &["SQL"]);
    check(&look("\"UPDATE b SET a = 1\""), &["SQL"]);
    check(&look("\"DELETE FROM b\""), &["SQL"]);
    check(&look("// SELECT is sqlx's\nlet selected = UPDATED;"), &[]);
    check(
        &away_from_home("src/store/a.rs", "sqlx::query(\"SELECT 1\")"),
        &[],
    );
    check(
        &away_from_home("src/store/a.rs", "query(AssertSqlSafe(sql))"),
        &["src/store/visit.rs"],
    );
    check(&away_from_home("src/clock.rs", "SystemTime::now()"), &[]);
}

#[test]
fn of_unfinished_work() {
    let words = ["// TO#DO: later", "FIX#ME", "to#do!()"];
    let more = [
        "unimple#mented!()",
        "#[ign#ore = \"slow\"]",
        "assert!(#true)",
    ];
    for line in words.iter().chain(&more) {
        check(
            &unfinished("a.rs", &line.replace('#', "").replace("[ign", "#[ign")),
            &["a.rs:1"],
        );
    }
    check(
        &unfinished(
            "a.rs",
            "let method = \"MÉTODO\"; ignored(); assert!(trueish);",
        ),
        &[],
    );
}

#[test]
fn of_machine_paths() {
    let root = ["/ro", "ot/"].concat();
    let home = ["/ho", "me/"].concat();
    check(
        &machine_paths("a.md", &format!("see `{root}x`")),
        &["a.md:1"],
    );
    check(
        &machine_paths("a.md", &format!("x\n{home}ana/escucha")),
        &["a.md:2"],
    );
    check(
        &machine_paths("a.md", &format!("https://foro.test{home}index")),
        &[],
    );
    check(
        &machine_paths("a.md", &format!("/var/lib{home}x and {home} alone")),
        &[],
    );
}

#[test]
fn of_orphans() {
    let file = |path: &str, text: &str| Text {
        path: path.into(),
        text: text.into(),
    };
    let files = [
        file(
            "tests/it/main.rs",
            "mod mail;\nmod support;\n// mod lost;\n",
        ),
        file("tests/it/mail.rs", "mod way;\n"),
        file("tests/it/mail/way.rs", ""),
        file("tests/it/support/mod.rs", "pub(crate) mod http;\n"),
        file("tests/it/support/http.rs", ""),
        file("tests/it/lost.rs", ""),
        file("tests/it/mail/found.rs", ""),
        file(
            "src/reply/check.rs",
            "#[cfg(test)]\n#[path = \"check_tests.rs\"]\nmod tests;",
        ),
        file("src/reply/check_tests.rs", ""),
        file("src/reply/mod.rs", "mod check;"),
        file("src/lib.rs", "pub mod reply;"),
    ];
    check(
        &orphans(&files),
        &["tests/it/lost.rs", "tests/it/mail/found.rs"],
    );
}

#[test]
fn of_bans() {
    let one = "name = \"rustls\"\nname = \"libsqlite3-sys\"\n";
    check(&banned(one), &[]);
    check(
        &banned(&format!("{one}name = \"openssl-sys\"\n")),
        &["openssl-sys"],
    );
    check(
        &banned(&format!("{one}name = \"rustls\"\n")),
        &["rustls must be there exactly once"],
    );
    check(
        &banned(&format!("{one}source = \"git+https://x.test\"\n")),
        &["crates.io"],
    );
}

#[test]
fn of_the_readme() {
    let help = "Oye.\n\nUsage: escucha [OPTIONS] <COMMAND>\n\nCommands:\n  demo    Shows\n  \
                run     The service\n\nOptions:\n  -h, --help  Help\n";
    let commands = commands_of(help);
    assert_eq!(
        commands.iter().map(String::as_str).collect::<Vec<_>>(),
        ["demo", "run"]
    );
    let readme = "Try `escucha demo`.\n\n    ./escucha run --once\n\nOur escucha hears.\n";
    check(&readme_commands(readme, &commands), &[]);
    check(
        &readme_commands("escucha run\n`escucha fly`", &commands),
        &["demo", "fly"],
    );
}

#[test]
fn of_named_tests() {
    let (names, _) =
        guards_of("| M5 | the `loss` | `m5_lost`, `lost` | `a_b` |\n| Other | `x` | `y` |\n");
    assert_eq!(
        names.iter().map(String::as_str).collect::<Vec<_>>(),
        ["lost", "m5_lost"]
    );
    let (_, complaints) = guards_of("| M | what | test |\n| M5 | said | none yet | x |");
    check(&complaints, &["M5"]);
    let text = "    async fn m5_lost() {\n// fn not_this() {\n";
    assert_eq!(functions(text), ["m5_lost"]);
}

#[test]
fn of_lost_papers() {
    let here = ["README.md".to_owned()].into();
    check(
        &lost_papers("a.rs", "//! See README.md.\nlet a = \"b.md\";", &here),
        &[],
    );
    check(
        &lost_papers("a.rs", "x();\n// (plan.md, 3)", &here),
        &["a.rs:2: plan.md"],
    );
}

#[test]
fn of_rows_of_what_is_kept() {
    let row = |number: String| format!("| {number} | something | `a_test` |\n");
    let of =
        |letter: char, from: u32, to: u32| (from..=to).map(move |n| row(format!("{letter}{n}")));
    let all: String = [
        of('R', 1, 31),
        of('R', 43, 60),
        of('S', 9, 13),
        of('S', 15, 15),
    ]
    .into_iter()
    .flatten()
    .chain(of('S', 18, 21))
    .chain(of('S', 29, 34))
    .collect();
    let (named, complaints) = rows_of(&all);
    check(&complaints, &[]);
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["a_test"]);
    let look = |change: &str, to: &str| rows_of(&all.replace(change, to)).1;
    check(
        &look("| R7 | something | `a_test` |\n", ""),
        &["R7: it has no row"],
    );
    check(
        &look(
            "| R7 | something | `a_test` |",
            "| R7 | something | not kept yet |",
        ),
        &[],
    );
    check(
        &look(
            "| R7 | something | `a_test` |",
            "| R7 | something | some day |",
        ),
        &["R7: name its tests"],
    );
    check(
        &look("| R8 |", "| R9 |"),
        &["R9: it stands twice", "R8: it has no row"],
    );
    let found = format!("{all}\n## What was found\n| R9 | mails | 7 |\n");
    check(&rows_of(&found).1, &[]);
}
