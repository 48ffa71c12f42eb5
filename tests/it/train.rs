//! Training and judging by the commands: models of one's own, where they lie and what they change.

use std::fmt::Write as _;

use escucha::flow::acts;
use escucha::model::{Circumstances, Post, PostId, SourceId, Timestamp, fingerprint, post_keys};
use escucha::store::{Admission, Judgement, NewPost, Role, Store};
use serde_json::json;

use crate::support::binary::{Home, err, out, rows};

const OPERATOR: &str = "[company]\nname = \"Ejemplo\"\n";
const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
/// A word that no lexicon has: only training can tell what it means.
const BAD: &str = "zurripia";
const GOOD: &str = "clandurria";

/// Lines in which one word tells it all.
fn lines() -> String {
    let mut lines = String::new();
    for n in 0..60 {
        let complaint = n % 2 == 0;
        let word = if complaint { BAD } else { GOOD };
        let text = format!("Ejemplo me {word} el martes {n}, dos {word} y otra {word}");
        writeln!(
            lines,
            "{}",
            json!({"id": n, "text": text, "complaint": complaint})
        )
        .unwrap();
    }
    lines
}

/// Sets that agree about two words.
fn sets(names: &[&str]) -> String {
    let mut posts = String::new();
    for (at, source) in names.iter().enumerate() {
        for n in 0..30 {
            let (word, label) = if n % 3 == 0 {
                (BAD, "neg")
            } else {
                (GOOD, "pos")
            };
            let text = format!("la {word} numero {n} de {at} fue {word}");
            let post = json!({"text": text, "label": label, "source": source, "lang": "es"});
            writeln!(posts, "{post}").unwrap();
        }
    }
    posts
}

fn probability(home: &Home, word: &str) -> f64 {
    let line = json!({"id": 1, "text": format!("Ejemplo me {word} el jueves, otra {word}")});
    let scored = home.feed(&["--json", "score"], line.to_string().as_bytes());
    rows(&scored)[0]["complaint_probability"].as_f64().unwrap()
}

#[test]
fn a_model_of_ones_own_is_trained_named_and_used() {
    let home = Home::new(OPERATOR, KEYWORDS);
    home.write("judged.jsonl", &lines());
    let before = probability(&home, BAD) - probability(&home, GOOD);
    for more in [&["--on-top"][..], &[]] {
        let words = [&["train", "own", "--lines", "judged.jsonl"], more].concat();
        let trained = home.feed(&words, b"");
        assert!(trained.status.success(), "{}", err(&trained));
        home.write(
            "escucha.toml",
            &format!("{OPERATOR}[model]\nfolder = \"own\"\n"),
        );
        let after = probability(&home, BAD) - probability(&home, GOOD);
        assert!(after > before + 0.2, "{more:?}: {before} then {after}");
        home.write("escucha.toml", OPERATOR);
    }
    let first = std::fs::read(home.path().join("own/lines.bin")).unwrap();
    home.feed(&["train", "own", "--lines", "judged.jsonl"], b"");
    let second = std::fs::read(home.path().join("own/lines.bin")).unwrap();
    assert!(first == second, "the same files make the same models");
}

#[test]
fn a_folder_without_a_model_is_told_with_its_place() {
    let home = Home::new(
        &format!("{OPERATOR}[model]\nfolder = \"nowhere\"\n"),
        KEYWORDS,
    );
    let checked = home.feed(&["check"], b"");
    assert_eq!(checked.status.code(), Some(2));
    let told = format!("{}{}", out(&checked), err(&checked));
    assert!(told.contains("nowhere/posts.bin"), "{told}");
    std::fs::create_dir(home.path().join("nowhere")).unwrap();
    for name in ["posts.bin", "lines.bin", "weights.tsv"] {
        home.write(&format!("nowhere/{name}"), "x");
    }
    let checked = home.feed(&["check"], b"");
    let told = format!("{}{}", out(&checked), err(&checked));
    assert!(told.contains("escucha train"), "{told}");
}

#[test]
fn sets_are_judged_by_what_has_not_seen_them() {
    let home = Home::new("", "");
    std::fs::create_dir(home.path().join("sets")).unwrap();
    home.write("sets/a.jsonl", &sets(&["one", "two", "potts_three"]));
    let judged = home.feed(&["--json", "eval", "sets"], b"");
    assert!(judged.status.success(), "{}", err(&judged));
    let rows = rows(&judged);
    assert_eq!(rows.len(), 4 + 8);
    assert_eq!(rows[0]["set"], "one");
    assert_eq!(rows[0]["rows"], 30);
    assert_eq!(rows[0]["unhappy"], 10);
    for row in &rows[..3] {
        for system in ["scorer", "plain"] {
            assert_eq!(row[system]["ap"], 1.0, "{system} {row}");
        }
    }
    assert_eq!(rows[3]["mean_ap"]["plain"], 1.0);
    // Only one set is of free terms: it teaches about the others, and nothing about itself.
    assert_eq!(rows[1]["set"], "potts_three");
    assert!(rows[1]["free"]["ap"].as_f64().unwrap() < 0.5);
    assert_eq!(rows[2]["free"]["ap"], 1.0);
    // Each set is told by a table that has learnt Spanish from the others and the packs.
    for row in rows[..3].iter().chain(&rows[4..5]) {
        assert_eq!(row["language"]["short"], 1.0, "{row}");
        assert!(row["language"]["long"].is_null(), "{row}");
    }
    assert_eq!(rows[4]["lang"], "es");
    assert_eq!(rows[11]["mean_language"]["short"], 1.0);
    let alone = home.feed(&["eval", "nowhere"], b"");
    assert_ne!(alone.status.code(), Some(0));
}

#[test]
fn the_version_says_what_the_model_was_trained_on() {
    let home = Home::new("", "");
    let told = out(&home.feed(&["--version"], b""));
    assert!(
        told.starts_with(concat!("escucha ", env!("CARGO_PKG_VERSION"))),
        "{told}"
    );
    assert!(
        told.contains("research data") && told.contains("escucha train"),
        "{told}"
    );
}

/// Judged posts in the store of this home: so many complaints, as many others, and one about others.
async fn judge(home: &Home, n_of_each: usize) {
    let path = home.path().join("escucha.db");
    let store = Store::open_sqlite(&path, Role::Visitor).await.unwrap();
    let at = Timestamp(1_800_000_000_000);
    for n in 0..=2 * n_of_each {
        let is_complaint = n % 2 == 0;
        let word = if is_complaint { BAD } else { GOOD };
        let post = Post {
            text: format!("Ejemplo me {word} el martes {n}, dos {word} y otra {word}"),
            author: Some(format!("cliente {n}")),
            ..Post::default()
        };
        let id = PostId::of_fingerprint(&fingerprint(&post));
        let new = NewPost {
            id: id.clone(),
            keys: post_keys(&post),
            post,
            update: false,
            backlog: false,
            verdict: None,
            circumstances: Circumstances::default(),
            page: None,
            case: None,
            also: Vec::new(),
        };
        let admission = Admission {
            posts: vec![new],
            ..Admission::default()
        };
        let source = SourceId::of_name("foro");
        store
            .capture(&source, "foro", &admission, at)
            .await
            .unwrap();
        if n < 2 * n_of_each {
            acts::judge(&store, &id, None, is_complaint, at)
                .await
                .unwrap();
            continue;
        }
        let dismissed = Judgement {
            post_id: id,
            is_complaint: false,
            because: "other_company".to_owned(),
            at,
        };
        store.judge(&dismissed, None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn judged_posts_of_the_store_are_learnt_from_and_the_worth_is_told() {
    let home = Home::new(OPERATOR, KEYWORDS);
    judge(&home, 12).await;
    let few = home.run(&["train", "own", "--judged"]).await;
    assert_eq!(few.status.code(), Some(2));
    let said = err(&few);
    for part in [
        "24 publicaciones juzgadas: 12 quejas y 12 que no lo son, sin contar las que se descartaron por hablar de otros o ser falsas (1)",
        "Faltan 18 quejas y 18 que no lo sean",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!home.path().join("own").exists());
    judge(&home, 40).await;
    let before = probability(&home, BAD) - probability(&home, GOOD);
    for more in [&["--on-top"][..], &[]] {
        let words = [&["train", "own", "--judged"], more].concat();
        let trained = home.run(&words).await;
        assert!(trained.status.success(), "{}", err(&trained));
        let said = out(&trained);
        for part in [
            "40 quejas y 40 que no lo son",
            "el suyo           precisión media 1.000, bien juzgadas 80 de 80",
            "El suyo es mejor en ellas (+0.",
            "folder = \"own\"",
        ] {
            assert!(
                said.contains(part),
                "{more:?}: {part} is missing in\n{said}"
            );
        }
        home.write(
            "escucha.toml",
            &format!("{OPERATOR}[model]\nfolder = \"own\"\n"),
        );
        let after = probability(&home, BAD) - probability(&home, GOOD);
        assert!(after > before + 0.2, "{more:?}: {before} then {after}");
        home.write("escucha.toml", OPERATOR);
    }
    let back = probability(&home, BAD) - probability(&home, GOOD);
    assert!((back - before).abs() < 1e-9);
    let nowhere = Home::new(OPERATOR, KEYWORDS);
    std::fs::remove_file(nowhere.path().join("escucha.toml")).unwrap();
    let refused = nowhere.run(&["train", "own", "--judged"]).await;
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
}
