//! The program killed by signal 9 at drawn moments, a quarter of them between DATA and 250.
//!
//! `ESCUCHA_KILLS` sets how often (50), `ESCUCHA_KILL_SEED` repeats a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Child;
use std::time::Duration;

use mail_parser::MessageParser;

use crate::support::binary::{self, Home};
use crate::support::dice::{self, Dice};
use crate::support::http::{Answer, Server};
use crate::support::smtp::{Fault, Smtp, Verb};
use crate::support::{levers, tally};

/// Every start reads one new complaint; a kill comes at the latest after this.
const LIFE_MS_MAX: u64 = 700;
const DEADLINE: Duration = Duration::from_secs(30);

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

fn configuration(http: u16, smtp: u16) -> String {
    format!(
        r#"
[company]
name = "Telefonía Ejemplo"
signature = "Marta Ruiz"
[[source]]
name = "foro"
url = "http://127.0.0.1:{http}/foro.rss"
full_text = false
[fetch]
contact = "https://ejemplo.test/escucha"
allow_private = ["127.0.0.0/8"]
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "avisos@ejemplo.test"
[alerts]
to = ["gerente@ejemplo.test"]
"#
    )
}

/// The feed with the complaints of the first `n` neighbours, each his own story; its ETag changes with
/// every new one, so that an ETag stored before its posts would lose them.
fn feed(n: u64) -> Answer {
    let published = escucha::clock::now().plus_hours(-2);
    let mut items = String::new();
    for at in 0..n {
        let times = at % 7 + 2;
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">g{at}</guid><title>Tema {at}</title>\
             <link>https://foro.test/t/{at}</link><dc:creator>Vecino {at}</dc:creator>\
             <dc:date>{published}</dc:date><description>Estoy harto de Telefonía Ejemplo, \
             {times} veces el caso {at}: me cambio de compañía.</description></item>"
        );
    }
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&format!("\"{n}\""))
}

/// Waits until a mail is between DATA and 250 (or, stored by the server, after its dot); false when
/// none came.
async fn wait_for_hang(smtp: &Smtp, n_before: usize, n_data: usize, stored: bool) -> bool {
    let started = tokio::time::Instant::now();
    while started.elapsed() < DEADLINE {
        let reached = if stored {
            smtp.mails().len() > n_before
        } else {
            count_data(smtp) > n_data
        };
        if reached {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

/// How often the server has said "go on" to DATA.
fn count_data(smtp: &Smtp) -> usize {
    smtp.log()
        .iter()
        .filter(|line| line.starts_with("DATA"))
        .count()
}

fn kill(mut child: Child) {
    // It may have ended by itself; then there is nothing to kill.
    let _ = child.kill();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_complaint_is_lost_however_often_it_is_killed() {
    tally("sqlite");
    tally("smtp");
    tally("http");
    let n_kills = dice::from_env("ESCUCHA_KILLS", 50);
    let seed = dice::from_env("ESCUCHA_KILL_SEED", 20_261_122);
    let mut dice = Dice::new(seed);
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/robots.txt", Answer::status(404));
    let home = Home::new(&configuration(server.port(), smtp.port), KEYWORDS);
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    let mut n_after_dot = 0;
    for round in 0..n_kills {
        server.route("/foro.rss", feed(round + 1));
        if round > 0 {
            levers::everything_is_due(&database).await;
        }
        if round % 4 == 3 {
            let stored = dice.percent(70);
            let fault = if stored {
                Fault::StoredThen(&Fault::Hang)
            } else {
                Fault::Hang
            };
            let (n_before, n_data) = (smtp.mails().len(), count_data(&smtp));
            smtp.fault(Verb::Dot, fault);
            let child = home.start(&["run"]);
            let reached = wait_for_hang(&smtp, n_before, n_data, stored).await;
            kill(child);
            assert!(
                reached,
                "seed {seed}, round {round}: no mail reached its dot"
            );
            n_after_dot += 1;
        } else {
            let child = home.start(&["run"]);
            tokio::time::sleep(Duration::from_millis(dice.below(LIFE_MS_MAX))).await;
            kill(child);
        }
    }
    drain(&home, &database).await;
    report(&smtp, n_kills, n_after_dot, seed);
}

/// Lets the program finish in peace.
async fn drain(home: &Home, database: &str) {
    for _ in 0..6 {
        levers::everything_is_due(database).await;
        let done = home.run(&["run", "--once"]).await;
        if done.status.success() {
            return;
        }
    }
    let status = home.run(&["status"]).await;
    panic!(
        "mails still wait: {}{}",
        binary::out(&status),
        binary::err(&status)
    );
}

#[expect(clippy::print_stdout, reason = "the figures are what this test is for")]
fn report(smtp: &Smtp, n_kills: u64, n_after_dot: u64, seed: u64) {
    let mut bodies: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    let mut told = BTreeSet::new();
    let mails = smtp.mails();
    for mail in &mails {
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        let id = parsed.message_id().unwrap().to_owned();
        bodies.entry(id).or_default().insert(mail.raw.clone());
        told.insert(parsed.subject().unwrap().to_owned());
    }
    let n_told = (0..n_kills)
        .filter(|at| {
            told.iter()
                .any(|subject| subject.starts_with(&format!("Vecino {at} ")))
        })
        .count();
    let n_copies = mails.len() - bodies.len();
    let n_two_bodies = bodies.values().filter(|bodies| bodies.len() > 1).count();
    println!(
        "seed {seed}: {n_kills} kills, {n_after_dot} of them between DATA and 250; {} mails accepted, \
         {n_copies} copies, {} complaints lost, {n_two_bodies} Message-IDs with two bodies",
        mails.len(),
        n_kills as usize - n_told
    );
    assert_eq!(n_told, n_kills as usize, "complaints were lost: {told:#?}");
    assert_eq!(n_two_bodies, 0);
    assert!(
        n_copies as u64 <= n_after_dot,
        "a copy only where the 250 was not read"
    );
}
