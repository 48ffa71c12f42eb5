//! The commands as a person meets them: the demonstration, `score --json`, and every clear sentence.

use escucha::model::Timestamp;
use escucha::store::{Role, Store};

use crate::support::binary::{self, Home, err, out, rows};
use crate::support::http::{Answer, Server};
use crate::support::levers;
use crate::support::smtp::{Options, Smtp};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

fn small(smtp: &str) -> String {
    format!(
        "[company]\nname = \"Ejemplo\"\n[[source]]\nname = \"f\"\nurl = \"https://f.test/rss\"\n[smtp]\n{smtp}\nfrom = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"g@ejemplo.test\"]\n"
    )
}

#[test]
fn the_demonstration_ends_by_itself_twice_in_a_row() {
    let home = Home::new("", "");
    for _ in 0..2 {
        let shown = home.feed(&["demo", "muestra"], b"");
        assert!(shown.status.success(), "{}", err(&shown));
        let text = out(&shown);
        for part in [
            "Javier",
            "cuatro veces",
            "2014",
            "Marta Ruiz",
            "Lo que no conviene hacer",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        let mails: Vec<_> = std::fs::read_dir(home.path().join("muestra/correo"))
            .unwrap()
            .collect();
        assert_eq!(mails.len(), 3, "Javier, Carmen and Marcos");
        assert!(home.path().join("muestra/escucha.db").exists());
    }
    let cases = home.feed(
        &["--config", "muestra/escucha.toml", "--json", "cases"],
        b"",
    );
    assert_eq!(rows(&cases).len(), 3, "{}", err(&cases));
}

#[test]
fn the_demonstration_leaves_other_peoples_folders_alone() {
    let home = Home::new("", "");
    std::fs::create_dir(home.path().join("tesis")).unwrap();
    home.write("tesis/capitulo1.txt", "años de trabajo");
    let refused = home.feed(&["demo", "tesis"], b"");
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("capitulo1.txt"));
    assert!(home.path().join("tesis/capitulo1.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clocks_time_is_that_of_the_configured_zone() {
    let server = Server::start().await;
    let post = "<div class=m><i>12 de mayo de 2026, 10:30</i><p>Nadie contesta.</p></div>";
    // What is large is read in a child, which knows no zones.
    for page in [
        post.to_owned(),
        format!("{post}<!--{}-->", " ".repeat(90_000)),
    ] {
        server.route("/foro", Answer::ok("text/html", page.clone()));
        let configuration = format!(
            "time_zone = \"America/Mexico_City\"\n{}[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
             [[source]]\nname = \"foro\"\nkind = \"reviews\"\nurl = \"{}\"\n\
             select = {{ item = \"div.m\", text = \"p\", date = \"i\" }}\n",
            small("host = \"127.0.0.1\"\nport = 25\nsecurity = \"none\""),
            server.url("/foro")
        );
        let home = Home::new(&configuration, KEYWORDS);
        let tried = home.run(&["--json", "try", "foro"]).await;
        let rows = rows(&tried);
        assert_eq!(
            rows[0]["published"],
            "2026-05-12T16:30:00Z",
            "{}",
            err(&tried)
        );
    }
}

#[test]
fn score_answers_line_for_line_whatever_comes() {
    let home = Home::new("", "");
    std::fs::remove_file(home.path().join("escucha.toml")).unwrap();
    let mut input: Vec<u8> = Vec::new();
    input.extend("{\"id\":\"1\",\"text\":\"Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende. Soy cliente desde 2014 y me han cobrado dos veces.\",\"published\":\"2026-11-20T10:00:00Z\"}\n".as_bytes());
    input.extend(b"not json\n");
    input.extend(b"{\"id\":7}\n");
    input.extend(b"\n");
    input.extend(b"\xff\xfe broken utf-8\n");
    input.extend(b"{\"id\":\"t\",\"text\":5}\n");
    input.extend("{\"id\":\"😡\",\"text\":\"\u{202e}\\u0000 🙂 ok\"}\n".as_bytes());
    input.extend(b"[1,2]\n{\"id\":\"last\",\"text\":\"\"}");
    let answered = home.feed(&["score", "--json"], &input);
    assert!(answered.status.success(), "{}", err(&answered));
    let rows = rows(&answered);
    assert_eq!(rows.len(), 9);
    let is_error: Vec<bool> = rows.iter().map(|row| row.get("error").is_some()).collect();
    assert_eq!(
        is_error,
        [false, true, true, true, true, true, false, true, false]
    );
    assert_eq!(rows[1]["id"], serde_json::Value::Null);
    assert_eq!((&rows[2]["id"], &rows[2]["line"]), (&7.into(), &3.into()));
    let first = &rows[0];
    assert_eq!(first["lang"], "es");
    assert_eq!(first["level"], "urgent");
    assert_eq!(first["target"], "us");
    assert!(first["complaint_probability"].as_f64().unwrap() > 0.6);
    let contact = first["signals"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["kind"] == "unanswered_contact")
        .unwrap();
    assert_eq!(
        (&contact["tries"], &contact["waited_days"]),
        (&4.into(), &14.into())
    );
    assert_eq!(contact["channels"][0], "phone");
    let loyalty = first["signals"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["kind"] == "loyalty")
        .unwrap();
    assert_eq!(loyalty["years"], 12);
    assert!(
        first["topics"]
            .as_array()
            .unwrap()
            .contains(&"billing".into())
    );
}

#[test]
fn every_mistake_gets_one_clear_sentence() {
    let home = Home::new("", "");
    let check = |escucha: &str, keywords: &str, code: i32, expected: &str| {
        home.write("escucha.toml", escucha);
        home.write("keywords.toml", keywords);
        let checked = home.feed(&["check", "--online"], b"");
        let said = format!("{}{}", out(&checked), err(&checked));
        assert_eq!(checked.status.code(), Some(code), "{said}");
        assert!(said.contains(expected), "expected {expected} in\n{said}");
    };
    let company = "[company]\nname = \"Ejemplo\"\n";
    check(
        "[company]\nnmae = \"x\"\nname = \"Ejemplo\"\n",
        KEYWORDS,
        2,
        "company.nmae",
    );
    check(
        company,
        "[[watch]]\nname = \"e\"\nquery = 'a AND'\n",
        2,
        "watch.query",
    );
    let wrong = format!(
        "{company}[[source]]\nname = \"o\"\nkind = \"reviews\"\nurl = \"https://o.test/\"\nselect = {{ item = \"div[\" }}\n"
    );
    check(&wrong, KEYWORDS, 2, "source.select.item");
    check(
        &format!("time_zone = \"Europe/Madird\"\n{company}"),
        KEYWORDS,
        2,
        "Europe/Madrid",
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let smtp = format!("host = \"127.0.0.1\"\nport = {closed}\nsecurity = \"none\"");
    check(&small(&smtp), KEYWORDS, 1, "smtp");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_in_plain_words() {
    crate::support::tally("smtp");
    let options = Options {
        login: Some(("avisos", "right")),
        ..Options::default()
    };
    let smtp = Smtp::with(options).await;
    let section = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nuser = \"avisos\"\npassword = {{ file = \"clave\" }}",
        smtp.port
    );
    let home = Home::new(&small(&section), KEYWORDS);
    home.write("clave", "wrong");
    let refused = home.run(&["check", "--mail-to", "g@ejemplo.test"]).await;
    let said = format!("{}{}", out(&refused), err(&refused));
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("contraseña"), "{said}");
    assert!(!said.contains("wrong"), "a password is never shown: {said}");
    home.write("clave", "right");
    let sent = home.run(&["check", "--mail-to", "g@ejemplo.test"]).await;
    assert!(sent.status.success(), "{}{}", out(&sent), err(&sent));
    assert_eq!(smtp.mails().len(), 1);
}

#[test]
fn without_configuration_it_names_init_and_demo() {
    let home = Home::new("", "");
    std::fs::remove_file(home.path().join("escucha.toml")).unwrap();
    let refused = home.feed(&["run"], b"");
    assert_eq!(refused.status.code(), Some(2));
    let said = err(&refused);
    assert!(
        said.contains("escucha init") && said.contains("escucha demo"),
        "{said}"
    );
}

#[test]
fn init_writes_what_check_accepts() {
    let home = Home::new("", "");
    let made = home.feed(
        &["init", "nuevo"],
        "Café \"Sol\" & Hijos\nejemplo.test\ngerente@ejemplo.test\n".as_bytes(),
    );
    assert!(made.status.success(), "{}", err(&made));
    let again = home.feed(&["init", "nuevo"], b"x\n\ng@e.test\n");
    assert_eq!(
        again.status.code(),
        Some(2),
        "what exists is not overwritten"
    );
    let mut command = home.command(&["--config", "nuevo/escucha.toml", "check"]);
    let checked = command.env("ESCUCHA_SMTP_PASSWORD", "x").output().unwrap();
    assert!(
        checked.status.success(),
        "{}{}",
        out(&checked),
        err(&checked)
    );
}

#[test]
fn help_speaks_the_readers_language() {
    let spanish = binary_help("es_MX.UTF-8");
    let english = binary_help("en_GB.UTF-8");
    assert!(spanish.contains("Oye al cliente") && english.contains("Hears the unhappy customer"));
    for command in [
        "demo",
        "init",
        "check",
        "run",
        "status",
        "try",
        "score",
        "sources",
        "cases",
        "case",
        "backup",
        "completions",
    ] {
        assert!(
            spanish.contains(command) && english.contains(command),
            "{command}"
        );
    }
}

fn binary_help(lang: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let shown = std::process::Command::new(binary::path())
        .arg("--help")
        .current_dir(folder.path())
        .env("LANG", lang)
        .env_remove("LC_ALL")
        .env_remove("ESCUCHA_CONFIG")
        .output()
        .unwrap();
    assert!(shown.status.success());
    out(&shown)
}

/// A name that a Latin-1 terminal wrote, and a place where nothing can be written.
#[test]
fn no_argument_and_no_full_disk_is_a_panic() {
    use std::os::unix::ffi::OsStrExt as _;
    let home = Home::new("[company]\nname = \"Ejemplo\"\n", KEYWORDS);
    let latin = std::ffi::OsStr::from_bytes(b"f\xe1.txt");
    for (args, code) in [
        (["score"].as_slice(), 1),
        (&["case", "c-1", "take", "--by"], 2),
    ] {
        let mut command = home.command(args);
        let done = command.arg(latin).output().unwrap();
        assert_eq!(done.status.code(), Some(code), "{args:?}: {}", err(&done));
    }
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = home.command(&["completions", "bash"]);
    let done = command.stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", err(&done));
    assert!(!err(&done).contains("panicked"), "{}", err(&done));
}

#[tokio::test]
async fn status_says_that_it_was_never_started_or_since_when_it_is_silent() {
    let config = "time_zone = \"Europe/Madrid\"\n[company]\nname = \"Ejemplo\"\n";
    let home = Home::new(config, KEYWORDS);
    let check = |expected: &str| {
        let done = home.feed(&["status"], b"");
        assert_eq!(done.status.code(), Some(1), "{}", err(&done));
        assert!(out(&done).contains(expected), "{}", out(&done));
    };
    check("todavía");
    let database = home.path().join("escucha.db");
    let store = Store::open_sqlite(&database, Role::Visitor).await;
    let store = store.unwrap();
    let at = Timestamp(1_600_000_000_000);
    store.note_alive(at).await.unwrap();
    store.close().await;
    check("no da señales de vida desde el 13/09/2020 14:26");
}

#[tokio::test]
async fn what_only_shows_goes_on_while_the_keyword_file_is_broken() {
    let home = Home::new(
        &small("host = \"127.0.0.1\"\nport = 9\nsecurity = \"none\""),
        KEYWORDS,
    );
    Store::open_sqlite(&home.path().join("escucha.db"), Role::Service)
        .await
        .unwrap();
    home.write(
        "keywords.toml",
        "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo AND'\n",
    );
    let show: [&[&str]; 7] = [
        &["cases"],
        &["sources"],
        &["outbox"],
        &["incidents"],
        &["status"],
        &["export"],
        &["backup", "copia.db"],
    ];
    for command in show {
        let shown = home.run(command).await;
        let said = err(&shown);
        assert_ne!(shown.status.code(), Some(2), "{command:?}: {said}");
        assert!(said.contains("keywords.toml:3:"), "{command:?}: {said}");
        assert!(said.contains("sigue sin él"), "{command:?}: {said}");
    }
    for command in [&["check"][..], &["keywords", "check"], &["run", "--once"]] {
        let refused = home.run(command).await;
        assert_eq!(refused.status.code(), Some(2), "{command:?}");
        assert!(err(&refused).contains("keywords.toml:3:"));
    }
}

#[tokio::test]
async fn doubts_are_shown_alone_and_judged_by_their_ids() {
    let home = Home::new("[company]\nname = \"Ejemplo\"\n", KEYWORDS);
    let none = home.run(&["cases", "--doubts"]).await;
    assert_eq!(out(&none), "No hay dudas.\n", "{}", err(&none));
    for text in ["Ejemplo: nadie contesta", "Ejemplo: vaya timo"] {
        let captured = home.feed(&["capture", "--author", "Ana"], text.as_bytes());
        assert!(captured.status.success(), "{}", err(&captured));
    }
    let url = format!("sqlite://{}", home.path().join("escucha.db").display());
    let is_doubt = "UPDATE posts SET level = 'doubt', case_id = NULL WHERE text LIKE '%timo'";
    levers::set(&url, is_doubt).await;
    let shown = home.run(&["--json", "cases", "--doubts"]).await;
    let doubts = rows(&shown);
    assert_eq!(doubts.len(), 1, "{}", err(&shown));
    assert_eq!(doubts[0]["text"], "Ejemplo: vaya timo");
    let id = doubts[0]["id"].as_str().unwrap();
    let judged = home.run(&["--json", "case", id, "judge", "no"]).await;
    assert_eq!(rows(&judged)[0]["post"], id, "{}", err(&judged));
    let listed = out(&home.run(&["cases", "--doubts"]).await);
    assert!(
        listed.contains(&id[..10]) && !listed.contains("nadie contesta"),
        "{listed}"
    );
}

#[test]
fn a_password_that_everybody_may_read_is_told_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let smtp = "host = \"mail.test\"\nuser = \"u\"\npassword = { file = \"clave.txt\" }";
    let home = Home::new(&small(smtp), KEYWORDS);
    home.write("clave.txt", "secreta-4711\n");
    for (mode, is_told) in [(0o644, true), (0o602, true), (0o640, false)] {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(home.path().join("clave.txt"), rights).unwrap();
        let said = out(&home.feed(&["check"], b""));
        assert_eq!(said.contains("chmod 640 "), is_told, "{mode:o}: {said}");
        assert!(!said.contains("4711"), "{said}");
    }
}

/// What would be done to nobody, read by nobody or said by nobody is told at once.
#[test]
fn what_would_come_to_nothing_is_told() {
    let source = |url: &str| {
        format!("[company]\nname = \"Ejemplo\"\n[[source]]\nname = \"foro\"\nurl = \"{url}\"\n")
    };
    let home = Home::new(&source("https://foro.test/rss"), KEYWORDS);
    let check = |args: &[&str], input: &str, code: i32, expected: &str| {
        let done = home.feed(args, input.as_bytes());
        let said = format!("{}{}", out(&done), err(&done));
        assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
        assert!(
            said.contains(expected),
            "{args:?}: no {expected} in\n{said}"
        );
    };
    check(&["score", "."], "", 1, "escucha: .: es una carpeta");
    let forget = ["forget", "--author", "Javeir", "--source"];
    check(&[&forget[..], &["forro"]].concat(), "", 2, "«forro»");
    check(
        &[&forget[..], &["foro"]].concat(),
        "",
        0,
        "No había nada guardado",
    );
    check(&["forget", "--author", " "], "", 2, "--author está vacío");
    check(
        &["case", "c-1", "take", "--by", ""],
        "",
        2,
        "--by está vacío",
    );
    let cancel = ["outbox", "cancel", "d-1", "--because", " "];
    check(&cancel, "", 2, "--because está vacío");
    check(
        &["init", "nuevo"],
        "Ejemplo\nno es\ng@e.test\n",
        2,
        "«no es»",
    );
    check(&["check"], "", 1, "✓ config");
    for (url, why) in [
        (
            "http://10.1.2.3/rss",
            "✗ foro: «10.1.2.3» lleva a una dirección",
        ),
        ("https://foro.test:8444/rss", "✗ foro: El puerto 8444"),
    ] {
        home.write("escucha.toml", &source(url));
        check(&["check"], "", 1, why);
    }
}

/// Texts as other systems write them: with a mark at the beginning, in UTF-16, with nothing in them.
#[test]
fn texts_with_a_mark_are_read_and_empty_ones_are_refused() {
    let home = Home::new("[company]\nname = \"Ejemplo\"\n", KEYWORDS);
    let said = "Ejemplo: llamé cuatro veces y nadie me atiende.";
    let line = format!("\u{feff}{{\"id\": 1, \"text\": \"{said}\"}}\n{{\"id\": 2,\n");
    let scored = rows(&home.feed(&["score", "--json"], line.as_bytes()));
    assert_eq!(scored[0]["id"], 1, "{scored:?}");
    let error = scored[1]["error"].as_str().unwrap();
    assert!(error.ends_with("at byte 9"), "{error}");
    let wide: Vec<u8> = format!("\u{feff}{said}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let told = out(&home.feed(&["score"], &wide));
    assert!(told.contains("nadie me atiende"), "{told}");
    for nothing in ["", " \n\n"] {
        let refused = home.feed(&["score"], nothing.as_bytes());
        assert_eq!(refused.status.code(), Some(2), "{}", out(&refused));
    }
    let doubt = home.feed(&["case", "p-2031"], b"");
    assert!(err(&doubt).contains("judge yes|no"), "{}", err(&doubt));
}
