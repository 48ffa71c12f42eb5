//! The outbox as the operator meets it: what waits and why, what was given up, and having it tried anew.
//! Tests R10, R13 and R55 of the reliability plan, through the built binary and a server that misbehaves.

mod schedule;
mod withdrawn;

use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::Value;

use crate::support::binary::{Home, err, out, rows};
use crate::support::http::{Answer, Server};
use crate::support::levers;
use crate::support::smtp::{Fault, Options, Smtp, Verb};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const SOON: Duration = Duration::from_secs(20);
const MANAGER: &str = "gerente@ejemplo.test";

fn configuration(http: u16, smtp: u16, to: &str) -> String {
    format!(
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
         [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:{http}/foro.rss\"\n\
         full_text = false\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [{to}]\n\
         operator = [\"sistemas@ejemplo.test\"]\n"
    )
}

/// One complaint, a server for it, and who is to be told.
struct Town {
    _http: Server,
    smtp: Smtp,
    home: Home,
}

impl Town {
    async fn new() -> Self {
        Self::with(Smtp::start().await).await
    }

    async fn with(smtp: Smtp) -> Self {
        let http = Server::start().await;
        http.route("/robots.txt", Answer::status(404));
        let published = escucha::clock::now().plus_hours(-2);
        let feed = format!(
            "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>\
             <title>Foro</title><link>https://foro.test/</link><description>d</description>\
             <item><guid isPermaLink=\"false\">1</guid><title>Sin respuesta</title>\
             <link>https://foro.test/1</link><dc:creator>Javier</dc:creator>\
             <dc:date>{published}</dc:date><description>Llamé tres veces a Telefonía Ejemplo, me \
             han cobrado dos veces y nadie me atiende.</description></item></channel></rss>"
        );
        http.route(
            "/foro.rss",
            Answer::ok("application/rss+xml; charset=utf-8", feed),
        );
        let to = format!("\"{MANAGER}\"");
        let home = Home::new(&configuration(http.port(), smtp.port, &to), KEYWORDS);
        Self {
            _http: http,
            smtp,
            home,
        }
    }

    /// The next run, with everything due.
    async fn once(&self) {
        let file = self.home.path().join("escucha.db");
        if file.exists() {
            levers::everything_is_due(&format!("sqlite://{}", file.display())).await;
        }
        self.home.run(&["run", "--once"]).await;
    }

    /// The only mail to the manager, as `outbox --json` shows it.
    async fn mail(&self, args: &[&str]) -> Value {
        let shown = rows(&self.home.run(args).await);
        let mut mails = shown
            .into_iter()
            .filter(|row| row["recipient"] == MANAGER && row["kind"] == "complaint");
        let mail = mails.next().expect("a mail to the manager");
        assert!(mails.next().is_none());
        mail
    }

    fn to_manager(&self) -> Vec<Vec<u8>> {
        let mails = self.smtp.mails().into_iter();
        let mails = mails.filter(|mail| mail.to == [MANAGER]);
        mails.map(|mail| mail.raw).collect()
    }
}

fn message_id(raw: &[u8]) -> String {
    let parsed = MessageParser::default().parse(raw).unwrap();
    format!("<{}>", parsed.message_id().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn r10_a_refused_mail_is_dead_says_why_and_is_tried_anew() {
    let town = Town::new().await;
    town.smtp
        .fault(Verb::Rcpt, Fault::Say("550 5.1.1 no such user"));
    town.once().await;
    let mail = town.mail(&["--json", "outbox"]).await;
    assert_eq!(
        (&mail["state"], &mail["cause"]),
        (&"dead".into(), &"refused".into())
    );
    assert_eq!((&mail["code"], &mail["attempts"]), (&550.into(), &1.into()));
    let id = mail["id"].as_str().unwrap();
    let shown = out(&town.home.run(&["outbox"]).await);
    for words in [
        "rechazado",
        "no admite al destinatario (550 5.1.1",
        "→ corrija la dirección",
        &format!("escucha outbox retry {}", &id[..10]),
        "escucha case c-",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let status = town.home.run(&["status"]).await;
    assert_eq!(status.status.code(), Some(1));
    assert!(out(&status).contains(&format!("Correo {id}, rechazado:")));
    // Nobody was told of the case, and the operator knows.
    let cases = rows(&town.home.run(&["--json", "cases"]).await);
    assert_eq!(cases[0]["state"], "new");
    town.once().await;
    let told = town.smtp.wait_for(1, SOON).await;
    assert_eq!(told[0].to, ["sistemas@ejemplo.test"]);

    let retried = town.home.run(&["outbox", "retry", &id[..12]]).await;
    assert!(retried.status.success(), "{}", err(&retried));
    let twice = town.home.run(&["outbox", "retry", id]).await;
    assert_eq!(twice.status.code(), Some(1));
    assert!(out(&twice).contains("ya está en espera"));
    town.once().await;
    let sent = town.to_manager();
    assert_eq!(sent.len(), 1);
    assert_eq!(message_id(&sent[0]), mail["message_id"].as_str().unwrap());
    let all = town.mail(&["--json", "outbox", "--all"]).await;
    assert_eq!(
        (&all["state"], &all["todo"]),
        (&"sent".into(), &Value::Null)
    );
    assert!(out(&town.home.run(&["outbox"]).await).contains("No hay correos en espera"));
    let cases = rows(&town.home.run(&["--json", "cases"]).await);
    assert_eq!(cases[0]["state"], "told");
    assert!(town.home.run(&["status"]).await.status.success());

    let history = town.mail(&["--json", "outbox", id]).await;
    let events: Vec<&str> = history["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["refused", "retried", "sent"]);
    assert_eq!(history["history"][0]["phase"], "pre_dot");
    assert_eq!(history["history"][1]["who"], "person");
    assert_eq!(history["history"][2]["phase"], "post_dot");
    let shown = out(&town.home.run(&["outbox", id]).await);
    assert!(shown.contains("se intenta de nuevo [person]"), "{shown}");
}

/// The mailbox is good, and only the text was refused: its owner hears of the case in other words.
#[tokio::test(flavor = "multi_thread")]
async fn r10_who_is_refused_a_text_gets_a_short_notice_without_it() {
    let town = Town::new().await;
    town.smtp
        .fault_times(1, Verb::Dot, Fault::Say("554 5.7.1 looks like spam"));
    town.once().await;
    let mail = town.mail(&["--json", "outbox"]).await;
    let end = (&mail["state"], &mail["cause"], &mail["code"]);
    assert_eq!(
        end,
        (&"dead".into(), &"content_refused".into(), &554.into())
    );
    town.once().await;
    let told = town.smtp.wait_for(2, SOON).await;
    let mut to: Vec<String> = told.iter().flat_map(|mail| mail.to.clone()).collect();
    to.sort_unstable();
    assert_eq!(to, [MANAGER, "sistemas@ejemplo.test"]);
    let notices = town.to_manager();
    let notice = MessageParser::default().parse(&notices[0]).unwrap();
    let text = notice.body_text(0).unwrap();
    let case = mail["case"].as_str().unwrap();
    assert!(text.contains(case), "{text}");
    for words_of_the_post in ["Javier", "cobrado dos veces", "nadie me atiende"] {
        let raw = String::from_utf8_lossy(&notices[0]);
        assert!(!text.contains(words_of_the_post) && !raw.contains(words_of_the_post));
    }
    assert_eq!(
        rows(&town.home.run(&["--json", "cases"]).await)[0]["state"],
        "new"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn r13_two_generals_end_after_four_copies_and_a_fifth_is_a_persons_word() {
    let town = Town::new().await;
    town.smtp
        .fault_times(4, Verb::Dot, Fault::StoredThen(&Fault::Close));
    for _ in 0..6 {
        town.once().await;
    }
    let copies = town.to_manager();
    assert_eq!(copies.len(), 4);
    assert!(copies.iter().all(|copy| *copy == copies[0]));
    let mail = town.mail(&["--json", "outbox"]).await;
    assert_eq!(mail["cause"], "maybe_delivered");
    let id = mail["id"].as_str().unwrap();
    let all = town.home.run(&["outbox", "retry", "--dead"]).await;
    let said = out(&all);
    let warned = said.find("puede haber llegado ya").expect(&said);
    assert!(warned < said.find("sale de nuevo").expect(&said), "{said}");
    town.once().await;
    let copies = town.to_manager();
    assert_eq!(copies.len(), 5);
    assert!(copies.iter().all(|copy| *copy == copies[0]));
    let history = town.mail(&["--json", "outbox", id]).await;
    let first = &history["history"][0];
    // The same four times over is one line.
    assert_eq!(first["event"], "in_doubt", "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_mail_is_not_sent_and_stays_to_be_seen() {
    let town = Town::new().await;
    town.smtp.fault(Verb::Rcpt, Fault::Say("450 4.2.0 later"));
    town.once().await;
    let mail = town.mail(&["--json", "outbox"]).await;
    assert_eq!(
        (&mail["state"], &mail["code"]),
        (&"ready".into(), &450.into())
    );
    assert!(
        mail["next_at"].is_string() && mail["todo"].is_null(),
        "{mail}"
    );
    let id = mail["id"].as_str().unwrap();
    let without = town.home.run(&["outbox", "cancel", id]).await;
    assert_eq!(without.status.code(), Some(2));
    let cancel = ["outbox", "cancel", id, "--because", "ya hablé con Javier"];
    let done = town.home.run(&cancel).await;
    assert!(done.status.success(), "{}", err(&done));
    town.once().await;
    assert!(town.to_manager().is_empty());
    assert!(rows(&town.home.run(&["--json", "outbox"]).await).is_empty());
    let mail = town.mail(&["--json", "outbox", "--all"]).await;
    assert_eq!(
        (&mail["state"], &mail["cause"]),
        (&"dead".into(), &"cancelled".into())
    );
    assert_eq!(mail["why"], "ya hablé con Javier");
    assert!(town.home.run(&["status"]).await.status.success());
    let unknown = town.home.run(&["outbox", "d-zz"]).await;
    assert_eq!(unknown.status.code(), Some(1));
    assert!(err(&unknown).contains("no hay ningún correo d-zz"));
}

/// A recipient who is taken out of the configuration while mail waits for him.
#[tokio::test(flavor = "multi_thread")]
async fn r55_mail_for_who_is_gone_goes_to_who_is_there_and_is_seen() {
    let town = Town::new().await;
    town.smtp.fault(Verb::Rcpt, Fault::Say("450 4.2.0 later"));
    town.once().await;
    let old = town.mail(&["--json", "outbox"]).await;
    let text = std::fs::read_to_string(town.home.path().join("escucha.toml")).unwrap();
    let others = "\"nueva@ejemplo.test\", \"otro@ejemplo.test\"";
    let text = text.replace(&format!("\"{MANAGER}\""), others);
    town.home.write("escucha.toml", &text);
    town.once().await;
    assert!(town.to_manager().is_empty());
    let mut told: Vec<_> = town.smtp.mails().into_iter().map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, [["nueva@ejemplo.test"], ["otro@ejemplo.test"]]);
    let shown = rows(&town.home.run(&["--json", "outbox", "--all"]).await);
    let gone = shown.iter().find(|row| row["id"] == old["id"]).unwrap();
    assert_eq!(gone["cause"], "recipient_removed");
    let cases = rows(&town.home.run(&["--json", "cases"]).await);
    assert_eq!(cases[0]["state"], "told");
    assert!(town.home.run(&["status"]).await.status.success());
    // Nobody is told twice when it starts again.
    town.once().await;
    assert_eq!(town.smtp.mails().len(), 2);
}

/// R19: a server that wants fewer mails gets fewer, and all of them in the end.
#[tokio::test(flavor = "multi_thread")]
async fn r19_a_server_that_wants_it_slower_is_left_alone_and_all_arrive() {
    let town = Town::new().await;
    let text = std::fs::read_to_string(town.home.path().join("escucha.toml")).unwrap();
    let all: Vec<String> = (0..6).map(|n| format!("\"g{n}@ejemplo.test\"")).collect();
    let text = text.replace(&format!("\"{MANAGER}\""), &all.join(", "));
    town.home.write("escucha.toml", &text);
    for answer in [
        "451 4.7.1 Rate limit exceeded",
        "421 4.7.0 Too many connections",
    ] {
        town.smtp
            .fault_times(2, Verb::Mail, Fault::Late(Duration::ZERO));
        town.smtp.fault(Verb::Mail, Fault::Say(answer));
    }
    let said = |verb: &str| {
        let log = town.smtp.log();
        let told = log.iter().filter(|line| !line.ends_with("(late)"));
        told.filter(|line| line.starts_with(verb)).count()
    };
    for (n_sent, n_asked) in [(2, 3), (4, 6), (6, 8)] {
        town.once().await;
        assert_eq!((town.smtp.mails().len(), said("MAIL")), (n_sent, n_asked));
        assert_eq!(said("(connected)"), n_sent / 2, "one connection a run");
        for row in rows(&town.home.run(&["--json", "outbox"]).await) {
            assert_eq!(row["attempts"], 0, "no mail has done anything wrong");
        }
    }
}

/// R20: what is too large for the server goes as far as it fits, and says where to read on.
#[tokio::test(flavor = "multi_thread")]
async fn r20_a_server_of_small_mails_gets_a_short_one() {
    let smtp = Smtp::with(Options {
        keywords: &["SIZE 6000"],
        ..Options::default()
    })
    .await;
    let town = Town::with(smtp).await;
    town.once().await;
    let sent = town.to_manager();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].len() <= 6_000, "{} bytes", sent[0].len());
    let parsed = MessageParser::default().parse(&sent[0]).unwrap();
    let text = parsed.body_text(0).unwrap();
    assert!(
        text.contains("Javier") && text.contains("se ha abreviado"),
        "{text}"
    );
    assert!(text.contains("escucha case c-"), "{text}");
    let cases = rows(&town.home.run(&["--json", "cases"]).await);
    assert_eq!(cases[0]["state"], "told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_shown_with_its_reason() {
    const HELD: &str = "INSERT INTO held (id, alert_id, recipient, held_at, why, urgent) \
                        SELECT 'd-0', alert_id, recipient, 0, 'budget', 0 FROM outbox";
    let town = Town::new().await;
    town.once().await;
    let database = format!("sqlite://{}", town.home.path().join("escucha.db").display());
    levers::set(&database, HELD).await;
    let shown = out(&town.home.run(&["outbox"]).await);
    for words in [
        "retenido",
        MANAGER,
        "Javier",
        "cupo; otro correo lo contará",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let shown = rows(&town.home.run(&["--json", "outbox"]).await);
    let held: Vec<_> = shown.iter().filter(|row| row["state"] == "held").collect();
    assert_eq!(held.len(), 1, "{shown:#?}");
    assert_eq!(held[0]["cause"], "budget");
}
