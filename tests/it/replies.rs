//! What comes back to our mails, read from a real Dovecot: reports end a delivery, answers become notes,
//! and neither is ever answered.

use std::process::Output;

use mail_parser::MessageParser;

use crate::support::binary::{Home, err, out, rows};
use crate::support::dovecot::{Dovecot, PASSWORD};
use crate::support::http::{Answer, Server};
use crate::support::levers;
use crate::support::smtp::{Fault, Mail, Smtp, Verb};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const MANAGER: &str = "gerente@ejemplo.test";
const OPERATOR: &str = "sistemas@ejemplo.test";

struct Town {
    _http: Server,
    smtp: Smtp,
    dovecot: Dovecot,
    home: Home,
}

impl Town {
    /// One complaint; `more` is added to the configuration.
    async fn new(more: &str) -> Option<Self> {
        let dovecot = Dovecot::start()?;
        let (http, smtp) = (Server::start().await, Smtp::start().await);
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
        http.route("/foro.rss", Answer::ok("application/rss+xml", feed));
        let (http_port, smtp_port, imap) = (http.port(), smtp.port, dovecot.port);
        let configuration = format!(
            "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
             [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:{http_port}/foro.rss\"\n\
             full_text = false\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {smtp_port}\nsecurity = \"none\"\n\
             from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"{MANAGER}\"]\n\
             operator = [\"{OPERATOR}\"]\n\
             [replies]\nurl = \"imap://avisos@127.0.0.1:{imap}/INBOX\"\nsecurity = \"none\"\n\
             password = {{ env = \"BUZON\" }}\n{more}"
        );
        Some(Self {
            _http: http,
            smtp,
            dovecot,
            home: Home::new(&configuration, KEYWORDS),
        })
    }

    async fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, PASSWORD).await
    }

    async fn run_with(&self, args: &[&str], password: &str) -> Output {
        let mut command = self.home.command(args);
        command.env("BUZON", password);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// The next run, with everything due.
    async fn once(&self) -> Output {
        let file = self.home.path().join("escucha.db");
        if file.exists() {
            levers::everything_is_due(&self.database()).await;
        }
        self.run(&["run", "--once"]).await
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.home.path().join("escucha.db").display())
    }

    fn mails_to(&self, who: &str) -> Vec<Mail> {
        let mails = self.smtp.mails().into_iter();
        mails.filter(|mail| mail.to == [who]).collect()
    }

    async fn case(&self) -> serde_json::Value {
        let cases = rows(&self.run(&["--json", "cases"]).await);
        let id = cases[0]["id"].as_str().unwrap();
        rows(&self.run(&["--json", "case", id]).await).remove(0)
    }
}

fn id_of(mail: &Mail) -> String {
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    format!("<{}>", parsed.message_id().unwrap())
}

/// A report of RFC 3464 about the mail with this Message-ID.
fn report(action: &str, status: &str, id: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: avisos@ejemplo.test\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n\
         Message-ID: <{action}-{status}@mx.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n\
         --r\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n\
         --r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n\
         Final-Recipient: rfc822; {MANAGER}\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; 550 no such mailbox\r\n\
         --r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\
         --r--\r\n"
    )
}

fn answer(from: &str, id: &str, more: &str, words: &str) -> String {
    format!(
        "From: Ana <{from}>\r\nTo: avisos@ejemplo.test\r\nSubject: Re: Javier\r\n\
         In-Reply-To: {id}\r\nReferences: {id}\r\n{more}\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n\r\n\
         El vie, 20 nov 2026, Escucha <avisos@ejemplo.test> escribió:\r\n> Javier espera\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_mail_is_dead_untells_its_case_and_makes_no_loop() {
    let Some(town) = Town::new("").await else {
        return;
    };
    let done = town.once().await;
    assert!(done.status.success(), "{}", err(&done));
    let told = town.mails_to(MANAGER);
    assert_eq!(told.len(), 1);
    assert_eq!(town.case().await["state"], "told");

    // That it is late is noted, and changes nothing.
    town.dovecot
        .deliver("1.a", &report("delayed", "4.4.1", &id_of(&told[0])));
    town.once().await;
    assert_eq!(town.case().await["state"], "told");
    assert_eq!(town.smtp.mails().len(), 1);

    town.dovecot
        .deliver("2.b", &report("failed", "5.1.1", &id_of(&told[0])));
    let files = town.dovecot.files();
    let done = town.once().await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(town.dovecot.files(), files, "nothing is marked");
    let case = town.case().await;
    assert_eq!(
        (&case["state"], &case["alerted_at"]),
        (&"new".into(), &serde_json::Value::Null)
    );
    assert_eq!(
        case["events"].as_array().unwrap().last().unwrap()["event"],
        "returned"
    );
    let mails = rows(&town.run(&["--json", "outbox"]).await);
    assert_eq!(
        (&mails[0]["state"], &mails[0]["cause"]),
        (&"dead".into(), &"bounced".into())
    );
    let why = mails[0]["why"].as_str().unwrap();
    assert!(why.contains("(5.1.1 550 no such mailbox)"), "{why}");
    let id = mails[0]["id"].as_str().unwrap();
    let history = rows(&town.run(&["--json", "outbox", id]).await);
    let events: Vec<&str> = history[0]["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["sent", "delayed", "bounced"]);
    let status = town.run(&["status"]).await;
    assert_eq!(status.status.code(), Some(1));
    let noticed = town.mails_to(OPERATOR);
    assert_eq!(noticed.len(), 1);

    // The notice comes back, too: that makes no third mail.
    town.dovecot
        .deliver("3.c", &report("failed", "5.2.1", &id_of(&noticed[0])));
    town.once().await;
    town.once().await;
    assert_eq!(town.smtp.mails().len(), 2);

    // The same mail again, when the address is right: then somebody knows.
    let retried = town.run(&["outbox", "retry", id]).await;
    assert!(retried.status.success(), "{}", err(&retried));
    town.once().await;
    let told = town.mails_to(MANAGER);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].raw, told[1].raw);
    assert_eq!(town.case().await["state"], "told");
    // What was heard before is not heard again where the mailbox is numbered anew.
    town.dovecot.renumber();
    town.once().await;
    assert_eq!(town.case().await["state"], "told");
    assert_eq!(town.smtp.mails().len(), 3);
}

/// One that counts, and three that do not: a stranger's, a machine's, and one to another mail.
fn deliver_answers(town: &Town, id: &str) {
    for (name, mail) in [
        (
            "1.a",
            answer(
                "Gerente@Ejemplo.test",
                id,
                "",
                "Ya le llamé, <b>espera</b>\u{202e}.",
            ),
        ),
        (
            "2.b",
            answer("extrano@otro.test", id, "", "Soy un extraño."),
        ),
        (
            "3.c",
            answer(
                MANAGER,
                id,
                "Auto-Submitted: auto-replied\r\n",
                "Estoy de vacaciones.",
            ),
        ),
        (
            "4.d",
            answer(MANAGER, "<otro@ejemplo.test>", "", "De otra cosa."),
        ),
    ] {
        town.dovecot.deliver(name, &mail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_becomes_a_note_that_the_next_letter_tells() {
    let Some(town) = Town::new("").await else {
        return;
    };
    town.once().await;
    let id = id_of(&town.mails_to(MANAGER)[0]);
    deliver_answers(&town, &id);
    let sent = town.smtp.mails().len();
    town.once().await;
    let case = town.case().await;
    let notes: Vec<&str> = case["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["event"] == "note")
        .map(|event| event["words"].as_str().unwrap())
        .collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("gerente@ejemplo.test: Ya le llamé, <b>espera</b>"));
    assert_eq!(case["state"], "told");
    assert_eq!(town.smtp.mails().len(), sent, "nothing is answered");
    let shown = out(&town.run(&["case", case["id"].as_str().unwrap()]).await);
    assert!(
        shown.contains("nota: gerente@ejemplo.test: Ya le llamé"),
        "{shown}"
    );
    town.dovecot.renumber();
    town.once().await;

    levers::set(&town.database(), "UPDATE cases SET due_at = 1").await;
    town.once().await;
    let mails = town.mails_to(MANAGER);
    assert_eq!(mails.len(), 2);
    let parsed = MessageParser::default().parse(&mails[1].raw).unwrap();
    let text = parsed.body_text(0).unwrap();
    assert_eq!(
        text.matches("Nota de gerente@ejemplo.test: Ya le llamé")
            .count(),
        1,
        "{text}"
    );
    let html = parsed.body_html(0).unwrap();
    assert!(
        html.contains("&lt;b&gt;espera") && !html.contains("<b>espera"),
        "{html}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_for_replies_that_cannot_be_read_is_told_once() {
    let Some(town) = Town::new("").await else {
        return;
    };
    for _ in 0..2 {
        let file = town.home.path().join("escucha.db");
        if file.exists() {
            levers::everything_is_due(&town.database()).await;
        }
        town.run_with(&["run", "--once"], "falsa").await;
    }
    let noticed = town.mails_to(OPERATOR);
    assert_eq!(noticed.len(), 1);
    let parsed = MessageParser::default().parse(&noticed[0].raw).unwrap();
    assert_eq!(
        parsed.subject(),
        Some("Escucha no puede leer el buzón de respuestas")
    );
    let status = town.run(&["status"]).await;
    assert_eq!(status.status.code(), Some(1));
    assert!(
        out(&status).contains("Buzón de respuestas:"),
        "{}",
        out(&status)
    );
    let checked = town.run_with(&["check", "--online"], "falsa").await;
    assert!(out(&checked).contains("✗ replies:"), "{}", out(&checked));
    town.once().await;
    assert!(town.run(&["status"]).await.status.success());
    let checked = town.run(&["check", "--online"]).await;
    assert!(out(&checked).contains("✓ replies:"), "{}", out(&checked));
    assert!(!out(&checked).contains("! replies:"), "{}", out(&checked));
    // Answers would come where nobody looks.
    let file = town.home.path().join("escucha.toml");
    let from = "from = \"avisos@ejemplo.test\"\n";
    let two = format!("{from}reply_to = \"otro@ejemplo.test\"\n");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from));
    town.home.write("escucha.toml", &text.replace(from, &two));
    let checked = town.run(&["check"]).await;
    let said = out(&checked);
    assert!(
        said.contains("! replies: los correos devueltos van a avisos@ejemplo.test"),
        "{said}"
    );
    assert!(
        said.contains("las respuestas a otro@ejemplo.test"),
        "{said}"
    );
}

/// The same mailbox as a source: what is ours, and what machines say, is no complaint.
#[tokio::test(flavor = "multi_thread")]
async fn own_mails_and_reports_never_become_posts() {
    let Some(town) = Town::new("").await else {
        return;
    };
    let port = town.dovecot.port;
    let text = std::fs::read_to_string(town.home.path().join("escucha.toml")).unwrap();
    let source = format!(
        "{text}[[source]]\nname = \"buzon\"\nkind = \"mailbox\"\n\
         url = \"imap://avisos@127.0.0.1:{port}/INBOX\"\nsecurity = \"none\"\n\
         password = {{ env = \"BUZON\" }}\nwatches = [\"ejemplo\"]\n"
    );
    town.home.write("escucha.toml", &source);
    town.once().await;
    town.smtp.fault(Verb::Rcpt, Fault::Say("550 5.1.1 no"));
    let own = town.mails_to(MANAGER).remove(0);
    town.dovecot
        .deliver("1.a", &String::from_utf8_lossy(&own.raw));
    town.dovecot
        .deliver("2.b", &report("failed", "5.1.1", &id_of(&own)));
    town.dovecot.deliver(
        "3.c",
        &answer(
            MANAGER,
            &id_of(&own),
            "Auto-Submitted: auto-replied\r\n",
            "Fuera.",
        ),
    );
    for _ in 0..2 {
        town.once().await;
    }
    let cases = rows(&town.run(&["--json", "cases"]).await);
    assert_eq!(cases.len(), 1, "{cases:?}");
    let tried = rows(&town.run(&["--json", "try", "buzon"]).await);
    assert!(tried.is_empty(), "{tried:?}");
}
