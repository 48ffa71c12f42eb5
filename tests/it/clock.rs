//! A clock that is set while the service is at work (R28): what was to come still comes, nothing is told
//! twice, and no host is asked faster.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use escucha::model::Timestamp;
use mail_parser::MessageParser;

use crate::support::binary::Home;
use crate::support::databases;
use crate::support::http::{Answer, Server};
use crate::support::lab::{Lab, START};
use crate::support::smtp::Smtp;
use crate::support::{left_out, levers, tally, wait};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
/// The keeper looks at the clock every five seconds.
const DEADLINE: Duration = Duration::from_mins(1);

/// How far the clock is set from the true time, in seconds; a year has 365 days here.
const STEPS: [i64; 6] = [
    -3_600,
    -86_400,
    25 * 3_600,
    20 * 365 * 86_400,
    -56 * 365 * 86_400,
    0,
];
/// A sign of life is renewed every minute, and under load a mail takes its time.
const ABOUT_MS: i64 = 180_000;
const ALIVE_AT: &str = "SELECT CAST(value AS INTEGER) FROM instance WHERE name = 'alive_at'";

/// The library that gives a program another clock; a test without it is noted as left out.
pub(crate) fn faketime() -> Option<PathBuf> {
    let library = faketime_library();
    match library {
        Some(_) => tally("faketime"),
        None => left_out("faketime"),
    }
    library
}

fn faketime_library() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ESCUCHA_TEST_FAKETIME") {
        return Some(named.into());
    }
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let in_folder = |folder: PathBuf| folder.join("faketime/libfaketimeMT.so.1");
    folders
        .filter_map(|folder| Some(in_folder(folder.ok()?.path())))
        .find(|library| library.exists())
}

/// What each of them tells: the same story from several mouths would be told in one letter.
const STORIES: [&str; 7] = [
    "llamé tres veces a Telefonía Ejemplo y nadie me atiende",
    "Telefonía Ejemplo me ha cobrado dos veces la cuota de octubre",
    "el técnico de Ejemplo no se presentó, y perdí la mañana entera esperándolo",
    "la tienda de Ejemplo se niega a devolverme el dinero de un teléfono roto",
    "Ejemplo me subió el precio sin avisar; es una vergüenza",
    "el paquete que me mandó Ejemplo llegó abierto y vacío",
    "di de baja la línea con Ejemplo y siguen sin tramitarla, muy mal",
];

/// A feed with a complaint of each author, without dates: what is new in it is new now.
fn feed(authors: &[String]) -> Answer {
    let mut items = String::new();
    for (author, story) in authors.iter().zip(STORIES) {
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">{author}</guid><title>Sin respuesta</title>\
             <link>https://foro.test/{author}</link><dc:creator>{author}</dc:creator>\
             <description>{author} les cuenta: {story}.</description></item>"
        );
    }
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro\
         </title><link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&format!("\"{}\"", authors.len()))
}

fn start(home: &Home, library: &Path, clock: &Path) -> Child {
    home.command(&["run"])
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r28_whatever_the_clock_is_set_to_all_is_heard_and_told_once() {
    let Some(library) = faketime() else {
        return;
    };
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/robots.txt", Answer::status(404));
    let mut authors = vec!["Ana0".to_owned()];
    server.route("/foro.rss", feed(&authors));
    let (http, port) = (server.port(), smtp.port);
    let configuration = format!(
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
         [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:{http}/foro.rss\"\nfull_text = false\n\
         every = \"1s\"\n\
         [fetch]\ncontact = \"https://ejemplo.test/\"\nallow_private = [\"127.0.0.0/8\"]\n\
         floor = \"1s\"\npace = \"1s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"avisos@ejemplo.test\"\n\
         [alerts]\nto = [\"gerente@ejemplo.test\"]\n"
    );
    let home = Home::new(&configuration, KEYWORDS);
    let clock = home.path().join("clock");
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    std::fs::write(&clock, "+0\n").unwrap();
    let began = escucha::clock::stopwatch();
    let mut service = start(&home, &library, &clock);
    wait(DEADLINE, "it reads", || server.hits("/foro.rss") > 1);
    for (n, step) in STEPS.iter().enumerate() {
        home.write("clock", &format!("{step:+}\n"));
        authors.push(format!("Ana{}", n + 1));
        server.route("/foro.rss", feed(&authors));
        let author = authors.last().unwrap();
        let is_about = |at: Timestamp| {
            let shown = escucha::clock::now().plus_seconds(*step);
            at.ms_since(shown).abs() < ABOUT_MS
        };
        wait(DEADLINE, &format!("{step}: {author} is told of"), || {
            !told(&smtp, author).is_empty()
        });
        let date = told(&smtp, author)[0];
        assert!(is_about(date), "{step}: the mail is dated {date}");
        // The clock stays as it was set until the service has seen it.
        wait(DEADLINE, &format!("{step}: a sign of life"), || {
            is_about(Timestamp(alive_at(&database)))
        });
    }
    service.kill().unwrap();
    service.wait().unwrap();
    for author in &authors[1..] {
        assert_eq!(told(&smtp, author).len(), 1, "{author} is told of once");
    }
    // A clock that is put forward ends the rest of the host, once.
    let most = began.elapsed().as_secs() as usize + 2 + STEPS.len();
    let asked = server.hits("/foro.rss");
    assert!(asked <= most, "asked {asked} times, {most} at most");
}

fn alive_at(database: &str) -> i64 {
    let reading = levers::number(database, ALIVE_AT);
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(reading))
}

/// The dates of the letters whose complaint is this author's, reminders left aside.
fn told(smtp: &Smtp, author: &str) -> Vec<Timestamp> {
    let mails = smtp.mails();
    let parsed = mails.iter().filter_map(|mail| {
        let parsed = MessageParser::default().parse(&mail.raw)?;
        let text = parsed.body_text(0)?.into_owned();
        let is_new = text.contains(&format!("{author} les cuenta"))
            && text.contains("Lo que dice el cliente");
        let date = parsed.date()?.to_timestamp();
        is_new.then_some(Timestamp(date * 1_000))
    });
    parsed.collect()
}

/// What is due in an hour is due in an hour of the clock that was put back, for all workers, once.
#[tokio::test]
async fn r28_what_was_to_come_moves_with_a_clock_that_is_put_back() {
    for fresh in databases::both().await {
        let source =
            "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\nevery = \"1h\"\n";
        let mut lab = Lab::new(&fresh.store, source).await;
        let store = &fresh.store;
        assert_eq!(store.note_alive(START).await.unwrap(), 0);
        lab.read(&std::collections::BTreeMap::new()).await;
        let before = store.next_claim_at().await.unwrap().unwrap();
        assert!(before > START, "{}", fresh.engine);

        let back = START.plus_days(-30);
        let moved = store.note_alive(back).await.unwrap();
        assert_eq!(moved, START.ms_since(back), "{}", fresh.engine);
        let after = store.next_claim_at().await.unwrap().unwrap();
        assert_eq!(
            after.ms_since(back),
            before.ms_since(START),
            "{}",
            fresh.engine
        );
        // Another worker that sees the same clock moves nothing.
        assert_eq!(store.note_alive(back.plus_seconds(5)).await.unwrap(), 0);
        assert_eq!(store.next_claim_at().await.unwrap(), Some(after));
    }
}
