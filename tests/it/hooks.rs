//! Webhooks: from a complaint to the 2xx of a receiver, and all that can go wrong between the two.

mod calls;
mod config;
mod schedule;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::binary::{Home, err, out, rows};
use crate::support::http::{Answer, Seen, Server};
use crate::support::smtp::{Fault, Smtp, Verb};
use crate::support::{levers, receiver, tally, wait};

/// The keys of the tests; each is in the environment of the program and nowhere else.
const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// In the address of the receiver, as in those of chats.
const TOKEN: &str = "T0KEN-B4RR4-9f2c";
const DEADLINE: Duration = Duration::from_secs(30);
const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

/// A forum with one complaint, a mail server, and a receiver at `/hook/…`.
struct Town {
    server: Server,
    smtp: Smtp,
    home: Home,
}

impl Town {
    async fn new(more: &str) -> Self {
        for part in ["http", "smtp", "sqlite"] {
            tally(part);
        }
        let (server, smtp) = (Server::start().await, Smtp::start().await);
        server.route("/robots.txt", Answer::status(404));
        server.route("/foro.rss", feed());
        let home = Home::new(&configuration(&server, smtp.port, more), KEYWORDS);
        Self { server, smtp, home }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.command(args);
        command.env("NEW_KEY", NEW).env("OLD_KEY", OLD);
        command.env("HOOK_URL", self.server.url(&path()).as_str());
        command
    }

    async fn run(&self, args: &[&str]) -> std::process::Output {
        let mut command = self.command(args);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        run.await.unwrap()
    }

    fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.server.routes(&path(), answers);
    }

    fn calls(&self) -> Vec<Seen> {
        let mut calls = self.server.requests();
        calls.retain(|seen| seen.path == path());
        calls
    }

    fn database(&self) -> String {
        let file = self.home.path().join("escucha.db");
        format!("sqlite://{}", file.display())
    }
}

/// The service, killed when this value goes, also where a test fails.
struct Running(Child);

impl Running {
    fn of(mut command: Command) -> Self {
        let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
        Self(silent.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn path() -> String {
    format!("/hook/{TOKEN}")
}

fn configuration(server: &Server, smtp: u16, more: &str) -> String {
    let http = server.port();
    format!(
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
         [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:{http}/foro.rss\"\nfull_text = false\n\
         [fetch]\ncontact = \"https://ejemplo.test/\"\nallow_private = [\"127.0.0.0/8\"]\npace = \"0s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\nfrom = \"avisos@ejemplo.test\"\n\
         [alerts]\nto = [\"gerente@ejemplo.test\"]\noperator = [\"sistemas@ejemplo.test\"]\n\
         [[webhook]]\nname = \"crm\"\nurl = {{ env = \"HOOK_URL\" }}\nsecret = {{ env = \"NEW_KEY\" }}\n\
         {more}\n"
    )
}

fn feed() -> Answer {
    let published = escucha::clock::now().plus_hours(-2);
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>\
         <item><guid isPermaLink=\"false\">1</guid><title>Sin respuesta 😡</title>\
         <link>https://foro.test/1</link><dc:creator>Íñigo «N» &lt;b&gt;</dc:creator>\
         <dc:date>{published}</dc:date><description>Llamé tres veces a Telefonía Ejemplo, me han cobrado \
         dos veces \"la cuota\" {{{{case.id}}}} y nadie me atiende.</description></item></channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body)
}

fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

/// The row of the only case.
async fn case(town: &Town) -> Value {
    let shown = town.run(&["--json", "cases"]).await;
    rows(&shown).remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_told_by_its_webhook_alone_is_told() {
    let town = Town::new("").await;
    town.smtp.fault_times(9, Verb::Greeting, Fault::Close);
    town.answer([Answer::status(204)]);
    let done = town.run(&["run", "--once"]).await;
    assert_eq!(
        done.status.code(),
        Some(1),
        "the mail waits: {}",
        err(&done)
    );
    assert!(town.smtp.mails().is_empty());
    let calls = town.calls();
    assert_eq!(calls.len(), 1, "{}", err(&done));
    let event = body(&calls[0]);
    assert_eq!(event["type"], "escucha.complaint");
    assert_eq!(event["version"], 1);
    let row = case(&town).await;
    assert_eq!(row["state"], "told");
    let told = &event["data"]["case"];
    for key in [
        "id", "watch", "level", "risk", "author", "url", "text", "signals",
    ] {
        assert_eq!(told[key], row[key], "{key}");
    }
    assert!(
        told["text"]
            .as_str()
            .unwrap()
            .contains("\"la cuota\" {{case.id}}")
    );
    assert!(
        event["data"]["drafts"][0]
            .as_str()
            .unwrap()
            .contains("Marta Ruiz")
    );
    let text = event["data"]["text"].as_str().unwrap();
    assert!(text.contains(row["id"].as_str().unwrap()), "{text}");
    let header = |name: &str| calls[0].header(name).unwrap_or_default().to_owned();
    assert_eq!(
        (calls[0].method.as_str(), header("content-type").as_str()),
        ("POST", "application/json")
    );
    assert!(header("user-agent").starts_with("escucha/"));
    assert!(header("webhook-id").starts_with("d-") && !header("webhook-id").contains('.'));
    if let Some(verdict) = receiver::verdict(NEW, &calls[0]) {
        assert_eq!(verdict, "believed");
    }
    // Told is told: the mail goes out later, and the event does not.
    levers::everything_is_due(&town.database()).await;
    let healed = Smtp::start().await;
    town.home.write(
        "escucha.toml",
        &configuration(&town.server, healed.port, ""),
    );
    assert!(town.run(&["run", "--once"]).await.status.success());
    assert_eq!((healed.mails().len(), town.calls().len()), (1, 1));
}

/// S29: an independent library believes what is right and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn s29_a_receiver_believes_new_and_old_keys_and_nothing_that_was_touched() {
    let town = Town::new(
        "old_secret = { env = \"OLD_KEY\" }\n\
         body = '{\"a\": \"ñ 😡 \\u0000 {{subject}}\", \"b\": {{text}}, \"c\": {{case.id}}}'",
    )
    .await;
    town.answer([Answer::status(200)]);
    let tried = town.run(&["check", "--webhook", "crm"]).await;
    assert!(
        out(&tried).contains("aceptó el aviso de prueba (200)"),
        "{}{}",
        out(&tried),
        err(&tried)
    );
    let calls = town.calls();
    let event = body(&calls[0]);
    assert!(event["a"].as_str().unwrap().starts_with("ñ 😡 \0 Prueba"));
    assert_eq!(event["c"], Value::Null);
    let signed = calls[0].header("webhook-signature").unwrap();
    assert_eq!(signed.split(' ').count(), 2, "one a key");
    let verdict = |secret: &str, change: &dyn Fn(&mut Seen)| {
        let mut seen = calls[0].clone();
        change(&mut seen);
        receiver::verdict(secret, &seen)
    };
    let set = |seen: &mut Seen, name: &str, value: String| {
        let found = seen.headers.iter_mut().find(|(known, _)| known == name);
        found.unwrap().1 = value;
    };
    let seconds: i64 = calls[0]
        .header("webhook-timestamp")
        .unwrap()
        .parse()
        .unwrap();
    let stranger = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let none = "No matching signature found";
    let shifted =
        |by: i64| move |seen: &mut Seen| set(seen, "webhook-timestamp", (seconds + by).to_string());
    let rows: [(Option<String>, &str); 8] = [
        (verdict(NEW, &|_| {}), "believed"),
        (verdict(OLD, &|_| {}), "believed"),
        (verdict(stranger, &|_| {}), none),
        (verdict(NEW, &|seen| seen.body.push(b' ')), none),
        (
            verdict(NEW, &|seen| set(seen, "webhook-id", "t-1".into())),
            none,
        ),
        (verdict(NEW, &shifted(-1)), none),
        (verdict(NEW, &shifted(-301)), "Message timestamp too old"),
        (verdict(NEW, &shifted(400)), "Message timestamp too new"),
    ];
    for (found, expected) in rows {
        assert!(found.is_none_or(|found| found == expected), "{expected}");
    }
}

/// The receiver has it and we do not know: the same event comes again, byte for byte, under the same id,
/// and with a timestamp of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_call_and_its_settling_repeats_the_same_event() {
    let town = Town::new("").await;
    town.answer([Answer::silence(), Answer::status(200)]);
    let service = Running::of(town.command(&["run"]));
    wait(DEADLINE, "the receiver is called", || {
        town.calls().len() == 1
    });
    let first = town.calls()[0]
        .header("webhook-timestamp")
        .unwrap()
        .to_owned();
    // Its mail is not to be in doubt, too.
    levers::until_sent(&town.database(), 1).await;
    drop(service);
    wait(DEADLINE, "another second begins", || {
        (escucha::clock::now().0 / 1_000).to_string() > first
    });
    let done = town.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let calls = town.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].body, calls[1].body);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    assert_ne!(
        calls[0].header("webhook-timestamp"),
        calls[1].header("webhook-timestamp")
    );
    if let Some(verdict) = receiver::verdict(NEW, &calls[1]) {
        assert_eq!(verdict, "believed");
    }
    assert_eq!(case(&town).await["state"], "told");
}

/// S30: neither the keys nor the token in the address are anywhere but where they belong.
#[tokio::test(flavor = "multi_thread")]
async fn s30_keys_and_tokens_are_in_no_log_and_in_no_database() {
    let town = Town::new("old_secret = { env = \"OLD_KEY\" }").await;
    let answers = [
        Answer::status(500),
        Answer::status(400),
        Answer::redirect(302, "/hook/elsewhere"),
    ];
    town.answer(answers.into_iter().chain([Answer::status(410)]));
    let mut said = String::new();
    for _ in 0..4 {
        let mut command = town.command(&["run", "--once"]);
        command.env("ESCUCHA_LOG", "trace");
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        let run = run.await.unwrap();
        said.push_str(&(out(&run) + &err(&run)));
        levers::everything_is_due(&town.database()).await;
        levers::set(&town.database(), "UPDATE endpoints SET open_until = 0").await;
    }
    for args in [
        &["status"][..],
        &["--json", "status"],
        &["check", "--online"],
        &["check", "--webhook", "crm"],
    ] {
        let run = town.run(args).await;
        said.push_str(&(out(&run) + &err(&run)));
    }
    assert_eq!(town.calls().len(), 5, "four, and the test: {said}");
    assert!(said.contains("webhook crm"), "{said}");
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(town.home.path()).unwrap() {
        kept.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    for mail in town.smtp.mails() {
        kept.extend(mail.raw);
    }
    let kept = String::from_utf8_lossy(&kept);
    for canary in [NEW, OLD, &NEW[6..], &OLD[6..], TOKEN] {
        assert!(!said.contains(canary), "{canary} was said");
        assert!(!kept.contains(canary), "{canary} was kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_told_once_and_shown_until_its_section_changes() {
    let town = Town::new("").await;
    town.answer([Answer::status(410)]);
    let first = town.run(&["run", "--once"]).await;
    assert_eq!(
        first.status.code(),
        Some(1),
        "its event waits: {}",
        err(&first)
    );
    levers::everything_is_due(&town.database()).await;
    town.run(&["run", "--once"]).await;
    assert_eq!(town.calls().len(), 1, "it is not called again");
    let notices = |town: &Town| {
        let mails = town.smtp.mails();
        mails
            .iter()
            .filter(|mail| mail.to == ["sistemas@ejemplo.test"])
            .count()
    };
    assert_eq!(notices(&town), 1);
    let status = town.run(&["status"]).await;
    assert_eq!(status.status.code(), Some(1));
    assert!(out(&status).contains("Webhook crm: enviados 0, en espera 1, perdidos 0; el receptor dice que ya no existe (410)"), "{}", out(&status));
    let shown = rows(&town.run(&["--json", "status"]).await).remove(0);
    assert_eq!(shown["webhooks"][0]["well"], false);
    let changed = configuration(&town.server, town.smtp.port, "events = [\"complaint\"]");
    town.home.write("escucha.toml", &changed);
    town.answer([Answer::status(200)]);
    let again = town.run(&["run", "--once"]).await;
    assert!(again.status.success(), "{}", err(&again));
    assert_eq!((town.calls().len(), notices(&town)), (2, 1));
    let status = rows(&town.run(&["--json", "status"]).await).remove(0);
    assert_eq!(status["webhooks"][0]["well"], true);
    assert_eq!(status["webhooks"][0]["sent"], 1);
}

/// A real https receiver: believed when the system trusts its certificate, and else never told anything.
#[tokio::test(flavor = "multi_thread")]
async fn https_is_verified_before_a_word_is_said() {
    tally("http");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let receiver = Server::start_tls(config).await;
    receiver.route("/hook", Answer::status(200));
    let town = Town::new("").await;
    let url = receiver.url("/hook");
    town.home.write("roots.pem", &made.cert.pem());
    let check = async |roots: &str| {
        let mut command = town.command(&["check", "--webhook", "crm"]);
        command
            .env("HOOK_URL", url.as_str())
            .env("SSL_CERT_FILE", roots);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        out(&run.await.unwrap())
    };
    let trusted = check("roots.pem").await;
    assert!(
        trusted.contains("✓ webhook crm: el receptor aceptó"),
        "{trusted}"
    );
    assert_eq!(receiver.requests().len(), 1);
    town.home.write("none.pem", "");
    let unknown = check("none.pem").await;
    assert!(
        unknown.contains("✗ webhook crm: no hay una conexión segura"),
        "{unknown}"
    );
    assert_eq!(receiver.requests().len(), 1);
}

/// One receiver that never answers holds up neither the mails nor another receiver.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_endpoint_holds_up_nobody_else() {
    let more = "[[webhook]]\nname = \"chat\"\nurl = { env = \"CHAT_URL\" }\n\
                secret = { env = \"OLD_KEY\" }\nbody = '{\"text\": \"{{subject | slack}}\"}'";
    let town = Town::new(more).await;
    town.answer([Answer::silence()]);
    town.server.route("/chat", Answer::status(200));
    let mut command = town.command(&["run"]);
    command.env("CHAT_URL", town.server.url("/chat").as_str());
    let service = Running::of(command);
    // Well before the silent one meets its limit of 20 s.
    wait(Duration::from_secs(15), "mail and chat are told", || {
        town.server.hits("/chat") == 1 && town.smtp.mails().len() == 1 && town.calls().len() == 1
    });
    drop(service);
    let calls = town.server.requests();
    let chat = calls.iter().find(|seen| seen.path == "/chat").unwrap();
    let said = body(chat)["text"].as_str().unwrap().to_owned();
    assert!(said.contains("Íñigo") && !said.contains('<'), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_online_looks_at_an_endpoint_and_does_not_call_it() {
    let town = Town::new("").await;
    let shown = out(&town.run(&["check", "--online"]).await);
    assert!(
        shown.contains("✓ webhook crm: se puede llamar a su dirección"),
        "{shown}"
    );
    let mut command = town.command(&["check", "--online"]);
    command.env("HOOK_URL", "https://192.168.7.7/hook");
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let shown = out(&run.await.unwrap());
    assert!(
        shown.contains("✗ webhook crm: la dirección no es pública"),
        "{shown}"
    );
    assert!(town.calls().is_empty());
    let unknown = town.run(&["check", "--webhook", "otro"]).await;
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        err(&unknown).contains("hay estos: crm"),
        "{}",
        err(&unknown)
    );
}
