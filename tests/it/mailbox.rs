//! A mailbox as a source: against a real Dovecot, and against a server with a script for what no
//! decent server does.

mod limits;
mod scripted;

use std::process::Stdio;
use std::time::Duration;

use escucha::fetch::Client;
use escucha::imap::{self, Cursor, Errand};
use escucha::settings::{FetchSettings, IpNetwork, MailboxSettings, Secret, SmtpSecurity};
use mail_parser::MessageParser;

use crate::support::binary::{Home, err, out, rows};
use crate::support::dovecot::{Dovecot, PASSWORD};
use crate::support::smtp::Smtp;
use crate::support::{levers, wait};
use scripted::{Scripted, inbox};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const SOON: Duration = Duration::from_secs(30);

/// `url` and what stands beside it; the password comes from the environment.
fn configuration(smtp: u16, url: &str, security: &str, fetch: &str) -> String {
    format!(
        "language = \"es\"\n[company]\nname = \"Telefonía Ejemplo\"\n\
         signature = \"Marta Ruiz, responsable de calidad\"\n\
         [fetch]\n{fetch}\npace = \"1s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n\
         [[source]]\nname = \"buzon\"\nkind = \"mailbox\"\nurl = \"{url}\"\n{security}\n\
         password = {{ env = \"BUZON\" }}\nwatches = [\"ejemplo\"]\n"
    )
}

const LOOPBACK: &str = "allow_private = [\"127.0.0.0/8\"]";
const PLAIN: &str = "security = \"none\"";

fn home(smtp: u16, port: u16) -> Home {
    let url = format!("imap://avisos@127.0.0.1:{port}/INBOX");
    Home::new(&configuration(smtp, &url, PLAIN, LOOPBACK), KEYWORDS)
}

async fn run(home: &Home, args: &[&str], password: &str) -> std::process::Output {
    let mut command = home.command(args);
    command.env("BUZON", password);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

async fn once(home: &Home) {
    let done = run(home, &["run", "--once"], PASSWORD).await;
    assert!(done.status.success(), "{}", err(&done));
}

async fn once_more(home: &Home) {
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    once(home).await;
}

fn complaint(who: &str, hours_ago: i64) -> String {
    let at = escucha::clock::now().plus_hours(-hours_ago);
    let at = at.in_zone(&jiff::tz::TimeZone::UTC);
    let at = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "From: {who} <{who}@correo.test>\r\nTo: ayuda@ejemplo.test\r\nSubject: Doble cargo\r\n\
         Date: {at}\r\nMessage-ID: <{who}@correo.test>\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         Soy {who}. Telefonía Ejemplo me ha cobrado dos veces la factura. Llamé cuatro veces en dos \
         semanas y nadie me contesta. Soy cliente desde 2014 y me voy a otra compañía.\r\n"
    )
}

fn texts(smtp: &Smtp) -> Vec<String> {
    let mails = smtp.mails().into_iter();
    let text = |mail: crate::support::smtp::Mail| {
        let message = MessageParser::default()
            .parse(mail.raw.as_slice())
            .unwrap()
            .into_owned();
        message.body_text(0).unwrap().into_owned()
    };
    mails.map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_is_told_once_and_nothing_in_the_mailbox_is_touched() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let smtp = Smtp::start().await;
    dovecot.deliver("1.a", &complaint("Javier", 2));
    dovecot.deliver("2.b", include_str!("../fixtures/mail/bounce.eml"));
    let files = dovecot.files();
    let home = home(smtp.port, dovecot.port);
    once(&home).await;
    let told = texts(&smtp);
    assert_eq!(told.len(), 1, "{told:#?}");
    for words in [
        "Javier lo escribió por correo al buzón buzon",
        "contéstele por correo, a Javier@correo.test.",
        "Por correo y en español",
    ] {
        assert!(told[0].contains(words), "{words}: {}", told[0]);
    }
    let shown = out(&run(&home, &["sources"], PASSWORD).await);
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        shown.contains("respuestas automáticas o correos de Escucha: 1"),
        "{shown}"
    );

    // Nothing new: nobody is told, no mail is fetched, and every file is as it was.
    once_more(&home).await;
    assert_eq!(smtp.mails().len(), 1);
    assert_eq!(dovecot.files(), files);
    wait(SOON, "both connections are closed", || {
        dovecot.bodies().len() == 2
    });
    assert_eq!(dovecot.bodies(), ["2", "0"]);

    // What comes later is news however old its date is, and whatever comes with it: it may have been on
    // its way.
    dovecot.deliver("3.c", &complaint("Javier", 2));
    dovecot.deliver("4.d", &complaint("Ana", 24 * 9));
    once_more(&home).await;
    let told = texts(&smtp);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[1].contains("Ana lo escribió"), "{}", told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_was_numbered_anew_is_read_again_and_nobody_is_told_twice() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let smtp = Smtp::start().await;
    dovecot.deliver("1.a", &complaint("Javier", 2));
    let home = home(smtp.port, dovecot.port);
    once(&home).await;
    assert_eq!(smtp.mails().len(), 1);
    let before = validity(&home).await;
    // The number of a folder's life is a time in seconds.
    wait(SOON, "another second", || {
        dovecot.renumber();
        let client = client(true);
        let mailbox = mailbox(dovecot.port, "INBOX");
        let read = imap::read(&client, &mailbox, errand(None));
        let haul = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read));
        i64::from(haul.unwrap().cursor.validity) != before
    });
    dovecot.deliver("2.b", &complaint("Ana", 1));
    once_more(&home).await;
    assert_ne!(validity(&home).await, before);
    let told = texts(&smtp);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[1].contains("Ana lo escribió"), "{}", told[1]);
}

/// The number of the folder's life, as it was stored.
async fn validity(home: &Home) -> i64 {
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    let sql = "SELECT CAST(SUBSTR(etag, 1, INSTR(etag, ':') - 1) AS INTEGER) FROM sources";
    levers::number(&database, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_wrong_folder_are_told_in_plain_words() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let smtp = Smtp::start().await;
    let home = home(smtp.port, dovecot.port);
    let said = |output: &std::process::Output| format!("{}{}", out(output), err(output));
    let check = ["check", "--online"];
    let refused = said(&run(&home, &check, "falsa-1234").await);
    assert!(refused.contains("contraseña de aplicación"), "{refused}");
    assert!(!refused.contains("falsa-1234"), "{refused}");
    let log = said(&run(&home, &["run", "--once"], "falsa-1234").await);
    assert!(
        log.contains("no admite ese usuario") && !log.contains("falsa"),
        "{log}"
    );

    let url = format!("imap://avisos@127.0.0.1:{}/Quejas", dovecot.port);
    home.write(
        "escucha.toml",
        &configuration(smtp.port, &url, PLAIN, LOOPBACK),
    );
    let unknown = said(&run(&home, &check, PASSWORD).await);
    assert!(
        unknown.contains("ninguna carpeta «Quejas» (hay estas: INBOX)"),
        "{unknown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_tried_by_its_name_and_its_certificate_is_verified() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    dovecot.deliver("1.a", &complaint("Javier", 2));
    let url = format!("imaps://avisos@localhost:{}/INBOX", dovecot.tls_port);
    let networks = "allow_private = [\"127.0.0.0/8\", \"::1\"]";
    let home = Home::new(&configuration(25, &url, "", networks), KEYWORDS);
    let attempt = |name: &'static str, authority: Option<std::path::PathBuf>| {
        let mut command = home.command(&["try", "--json", name]);
        command.env("BUZON", PASSWORD);
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority);
        }
        async move {
            let output = tokio::task::spawn_blocking(move || command.output().unwrap());
            output.await.unwrap()
        }
    };
    let unknown = attempt("buzon", None).await;
    assert!(
        out(&unknown).contains("no lo firma ninguna autoridad"),
        "{}",
        out(&unknown)
    );
    let read = attempt("buzon", Some(dovecot.authority())).await;
    let read = rows(&read);
    assert_eq!(read[0]["how"], "mail", "{read:?}");
    assert_eq!(read[0]["author"], "Javier <Javier@correo.test>");
    // The same folder where encryption begins later.
    let url = format!("imap://avisos@localhost:{}/INBOX", dovecot.port);
    home.write("escucha.toml", &configuration(25, &url, "", networks));
    let read = attempt("buzon", Some(dovecot.authority())).await;
    assert_eq!(rows(&read)[0]["how"], "mail", "{}", out(&read));
    // A mailbox that is not configured has no password.
    let strange = attempt("imaps://avisos@otro.test/INBOX", None).await;
    assert!(
        out(&strange).contains("solo de la configuración"),
        "{}",
        out(&strange)
    );
}

fn client(is_allowed: bool) -> Client {
    let allow_private = if is_allowed {
        vec![IpNetwork::parse("127.0.0.0/8").unwrap()]
    } else {
        Vec::new()
    };
    let settings = FetchSettings {
        allow_private,
        ..FetchSettings::default()
    };
    Client::new(&settings).unwrap()
}

fn mailbox(port: u16, folder: &str) -> MailboxSettings {
    MailboxSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security: SmtpSecurity::None,
        user: "avisos".to_owned(),
        password: Secret::new(PASSWORD),
        folder: folder.to_owned(),
    }
}

fn errand(cursor: Option<Cursor>) -> Errand {
    Errand {
        cursor,
        last_ok_at: None,
        is_careful: false,
        now: escucha::clock::now(),
    }
}

/// Promise 1: what was fetched and not stored is fetched again.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_fetching_and_storing_loses_no_mail() {
    let server = Scripted::start(|command| match command {
        // The service waits a second for the goodbye; there it is killed.
        "LOGOUT" => None,
        command if command.contains("BODY.PEEK") => {
            let mail = complaint("Javier", 2);
            let n = mail.len();
            let tagged = "{tag} OK x\r\n";
            Some(format!(
                "* 1 FETCH (UID 5 BODY[] {{{n}}}\r\n{mail})\r\n{tagged}"
            ))
        }
        command => Some(inbox(command, 700)),
    });
    let smtp = Smtp::start().await;
    let home = home(smtp.port, server.port);
    let said = |what: &str| {
        server
            .said()
            .iter()
            .filter(|said| said.contains(what))
            .count()
    };
    let mut command = home.command(&["run", "--once"]);
    command.env("BUZON", PASSWORD);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    wait(SOON, "the mail has been fetched", || said("LOGOUT") == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((said("BODY.PEEK"), smtp.mails().len()), (1, 0));
    once_more(&home).await;
    assert_eq!((said("BODY.PEEK"), smtp.mails().len()), (2, 1));
    // Stored, it is not fetched a third time.
    once_more(&home).await;
    assert_eq!((said("BODY.PEEK"), smtp.mails().len()), (2, 1));
}

#[test]
fn a_mail_in_a_file_is_read_like_one_in_a_mailbox() {
    let home = Home::new(&configuration(25, "imaps://a@b.test", "", ""), KEYWORDS);
    for (name, mail, hows) in [
        (
            "a.eml",
            include_str!("../fixtures/mail/alert.eml"),
            vec!["mail-alert"; 3],
        ),
        (
            "b.eml",
            include_str!("../fixtures/mail/notice.eml"),
            vec!["mail"],
        ),
        (
            "c.eml",
            include_str!("../fixtures/mail/attached.eml"),
            vec!["mail-forwarded"],
        ),
    ] {
        home.write(name, mail);
        let output = home.command(&["try", "--json", name]).output().unwrap();
        let read: Vec<String> = rows(&output)
            .iter()
            .map(|row| row["how"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(read, hows, "{name}: {}", err(&output));
    }
}
