//! A disk that fails, a service that is asked to stop, a source that means harm.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mail_parser::MessageParser;

use crate::support::binary::{self, Home, err};
use crate::support::http::{Answer, Server};
use crate::support::smtp::{Fault, Smtp, Verb};
use crate::support::{left_out, levers, tally, wait};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const DEADLINE: Duration = Duration::from_secs(30);

fn configuration(http: u16, smtp: u16) -> String {
    format!(
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
         [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:{http}/foro.rss\"\nfull_text = false\n\
         [fetch]\ncontact = \"https://ejemplo.test/\"\nallow_private = [\"127.0.0.0/8\"]\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\nfrom = \"avisos@ejemplo.test\"\n\
         [alerts]\nto = [\"gerente@ejemplo.test\"]\noperator = [\"sistemas@ejemplo.test\"]\n"
    )
}

/// A feed with one complaint of each of these authors.
pub(crate) fn feed(authors: &[&str]) -> Answer {
    let published = escucha::clock::now().plus_hours(-2);
    let items: Vec<String> = authors
        .iter()
        .map(|author| {
            format!(
                "<item><guid isPermaLink=\"false\">{author}</guid><title>Sin respuesta</title>\
                 <link>https://foro.test/{author}</link><dc:creator>{author}</dc:creator>\
                 <dc:date>{published}</dc:date><description>{author} les cuenta: llamé tres veces a \
                 Telefonía Ejemplo, me han cobrado dos veces y nadie me atiende.</description></item>"
            )
        })
        .collect();
    let items = items.concat();
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&format!("\"{}\"", authors.len()))
}

pub(crate) async fn town(authors: &[&str]) -> (Server, Smtp, Home) {
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/robots.txt", Answer::status(404));
    server.route("/foro.rss", feed(authors));
    let home = Home::new(&configuration(server.port(), smtp.port), KEYWORDS);
    (server, smtp, home)
}

/// How many bodies each Message-ID has, by who is told of.
fn bodies(smtp: &Smtp) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut bodies: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for mail in smtp.mails() {
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        let of_id = bodies
            .entry(parsed.message_id().unwrap().to_owned())
            .or_default();
        if !of_id.contains(&mail.raw) {
            of_id.push(mail.raw.clone());
        }
    }
    bodies
}

/// An error from COMMIT means "unknown": whatever was tried must be safe to try again.
#[tokio::test(flavor = "multi_thread")]
async fn m20_a_failing_disk_loses_nothing_and_repeats_nothing() {
    let Ok(found) = Command::new("strace").arg("--version").output() else {
        left_out("strace");
        return;
    };
    assert!(found.status.success());
    tally("strace");
    let mut n_failed = 0;
    for ordinal in [1_u32, 2, 3, 5, 8, 13, 21, 34] {
        let (_server, smtp, home) = town(&["Javier", "Carmen"]).await;
        let inject = format!("inject=fsync:error=EIO:when={ordinal}+");
        let mut command = Command::new("strace");
        command
            .args([
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=fsync",
                "-e",
                &inject,
            ])
            .arg(binary::path())
            .args(["run", "--once"])
            .current_dir(home.path());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        n_failed += usize::from(!output.status.success());
        let database = format!("sqlite://{}", home.path().join("escucha.db").display());
        // The first run makes the tables if the broken disk did not let it; then all is due.
        home.run(&["run", "--once"]).await;
        levers::everything_is_due(&database).await;
        let healed = home.run(&["run", "--once"]).await;
        assert!(healed.status.success(), "fsync {ordinal}: {}", err(&healed));
        let bodies = bodies(&smtp);
        assert_eq!(
            bodies.len(),
            2,
            "fsync {ordinal}: one mail a complaint, under one Message-ID"
        );
        assert!(
            bodies.values().all(|of_id| of_id.len() == 1),
            "fsync {ordinal}: one body each"
        );
    }
    assert!(n_failed > 0, "no fsync was ever hit: nothing was tested");
}

pub(crate) fn terminate(child: &Child) {
    let sent = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(sent.success());
}

/// The end of a child that was asked to end, within the ten seconds that are promised.
pub(crate) fn ended(child: &mut Child) -> std::process::ExitStatus {
    let mut status = None;
    wait(Duration::from_secs(10), "SIGTERM ends it", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

fn wait_until(what: &str, is_so: impl FnMut() -> bool) {
    wait(DEADLINE, what, is_so);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_in_time_and_the_mail_is_sent_by_the_next() {
    let (_server, smtp, home) = town(&["Javier"]).await;
    // The server has heard DATA and says nothing more: the worst moment to be asked to stop.
    smtp.fault(Verb::Data, Fault::Hang);
    let mut service = home.start(&["run"]);
    wait_until("a mail is under way", || {
        smtp.log().iter().any(|line| line.starts_with("RCPT"))
    });
    terminate(&service);
    ended(&mut service);
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_keyword_file_acts_and_a_bad_one_is_told() {
    let (server, smtp, home) = town(&["Javier"]).await;
    home.write(
        "keywords.toml",
        "[[watch]]\nname = \"nadie\"\nquery = 'zanahoria'\n",
    );
    let log = home.path().join("log");
    let mut service = home
        .command(&["run"])
        .stderr(std::fs::File::create(&log).unwrap())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the feed was read", || server.hits("/foro.rss") == 1);
    home.write(
        "keywords.toml",
        "[[watch]]\nname = \"roto\"\nquery = 'a AND'\n",
    );
    let told = smtp.wait_for(1, DEADLINE).await;
    let parsed = MessageParser::default().parse(&told[0].raw).unwrap();
    assert_eq!(told[0].to, ["sistemas@ejemplo.test"]);
    assert!(
        parsed.body_text(0).unwrap().contains("watch.query"),
        "{parsed:?}"
    );
    home.write("keywords.toml", KEYWORDS);
    let said = || std::fs::read_to_string(&log).unwrap();
    wait_until("the good file is in force", || said().contains("in force"));
    // What is published now is heard by the new watch.
    server.route("/foro.rss", feed(&["Javier", "Carmen"]));
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    let told = smtp.wait_for(2, DEADLINE).await;
    assert_eq!(told[1].to, ["gerente@ejemplo.test"]);
    let subject = MessageParser::default().parse(&told[1].raw).unwrap();
    assert!(subject.subject().unwrap().contains("Carmen"));
    terminate(&service);
    assert!(ended(&mut service).success());
    let logged = said();
    for private in ["Carmen", "Javier", "gerente@", "cobrado"] {
        assert!(
            !logged.contains(private),
            "{private} stands in the log:\n{logged}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_service_says_that_one_is_running() {
    let (server, _smtp, home) = town(&[]).await;
    let mut service = home.start(&["run"]);
    wait_until("the first one listens", || server.hits("/foro.rss") == 1);
    let second = home.run(&["run"]).await;
    assert_eq!(second.status.code(), Some(1));
    assert!(
        err(&second).contains(&format!("otro Escucha (proceso {}, desde ", service.id())),
        "{}",
        err(&second)
    );
    terminate(&service);
    assert!(ended(&mut service).success());
}

/// A hostile source costs itself alone: the others are heard in the same run.
#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_source_costs_itself_alone() {
    let (server, smtp, home) = town(&["Javier"]).await;
    let text = std::fs::read_to_string(home.path().join("escucha.toml")).unwrap();
    let mut file = std::fs::File::options()
        .append(true)
        .open(home.path().join("escucha.toml"))
        .unwrap();
    let nested = "<media:group>".repeat(5_000);
    for (name, answer) in [
        ("bomba", Answer::gzip_bomb(64)),
        (
            "hondo",
            Answer::ok(
                "application/rss+xml",
                format!("<rss version=\"2.0\"><channel><item>{nested}"),
            ),
        ),
        ("vacio", Answer::ok("application/rss+xml", "")),
        (
            "cortado",
            Answer::ok(
                "application/rss+xml",
                "<rss version=\"2.0\"><channel><item><title>uno</title></item><item><title>do",
            ),
        ),
    ] {
        server.route(&format!("/{name}"), answer);
        let url = server.url(&format!("/{name}"));
        writeln!(file, "[[source]]\nname = \"{name}\"\nurl = \"{url}\"").unwrap();
    }
    assert!(!text.is_empty());
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let to_manager = smtp
        .mails()
        .into_iter()
        .filter(|mail| mail.to == ["gerente@ejemplo.test"]);
    assert_eq!(to_manager.count(), 1);
    let sources = home.run(&["--json", "sources"]).await;
    let rows = binary::rows(&sources);
    let troubled: Vec<&str> = rows
        .iter()
        .filter(|row| !row["trouble"].is_null())
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(troubled, ["bomba", "hondo", "vacio"]);
    // A feed cut short is heard as far as it goes, and nobody need think that it was all.
    let cut = rows.last().unwrap();
    assert_eq!(
        (cut["posts"].as_i64(), cut["failures"].as_i64()),
        (Some(1), Some(0))
    );
    assert_eq!(cut["note"], "reparada: se ha podido leer 1 de 2 entradas");
    let status = home.run(&["status"]).await;
    assert_eq!(
        status.status.code(),
        Some(1),
        "it is not all well, and it says so"
    );
}

/// A page of reviews without markup, read by selectors, with a next page.
fn reviews(from: u32, next: &str) -> Answer {
    let items: Vec<String> = (from..from + 2)
        .map(|n| {
            let published = escucha::clock::now().plus_hours(-i64::from(n));
            format!(
                "<div class=\"review\" id=\"r{n}\"><span class=\"name\">Vecina {n}</span>\
                 <time datetime=\"{published}\">hoy</time><i class=\"stars\" data-value=\"1\"></i>\
                 <p class=\"body\">Llamé {n} veces por la avería número {n} y nadie me atiende, sigo \
                 sin línea.</p></div>"
            )
        })
        .collect();
    let items = items.concat();
    let html = format!("<html lang=\"es\"><body>{items}{next}</body></html>");
    Answer::ok("text/html; charset=utf-8", html)
}

#[tokio::test(flavor = "multi_thread")]
async fn selectors_read_on_to_the_next_page_while_it_is_all_news() {
    let (server, smtp, home) = town(&[]).await;
    let next = "<a class=\"next\" href=\"/opiniones/2\">más</a>";
    server.route("/opiniones", reviews(1, next));
    server.route("/opiniones/2", reviews(3, ""));
    let text = std::fs::read_to_string(home.path().join("escucha.toml")).unwrap();
    let url = server.url("/opiniones");
    let source = format!(
        "[[source]]\nname = \"opiniones\"\nkind = \"reviews\"\nurl = \"{url}\"\n\
         watches = [\"ejemplo\"]\nselect = {{ item = \"div.review\", text = \"p.body\", \
         author = \".name\", date = \"time@datetime\", rating = \".stars@data-value\", \
         next = \"a.next@href\" }}\n[fetch]"
    );
    home.write("escucha.toml", &text.replace("[fetch]", &source));
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let asked: Vec<String> = server
        .requests()
        .into_iter()
        .map(|seen| seen.path)
        .collect();
    assert_eq!(smtp.mails().len(), 4, "{asked:?} {}", err(&done));
    assert_eq!(
        (server.hits("/opiniones"), server.hits("/opiniones/2")),
        (1, 1)
    );
    // A new first page whose second half is known: the second page is not asked again.
    server.route("/opiniones", reviews(2, next));
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    home.run(&["run", "--once"]).await;
    assert_eq!(
        (server.hits("/opiniones"), server.hits("/opiniones/2")),
        (2, 1)
    );
    assert_eq!(smtp.mails().len(), 4);
}

/// What a JSON API answers, with where the rest is.
fn api(from: u32, next: &str) -> Answer {
    let published = escucha::clock::now().plus_hours(-i64::from(from));
    let body = format!(
        r#"{{"hits": [{{"id": {from}, "by": {{"name": "Vecina {from}"}}, "at": "{published}",
        "said": "<p>Llamé {from} veces por la avería {from} y nadie me atiende.</p>"}}],
        "next": {next}}}"#
    );
    Answer::ok("application/json", body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_api_is_read_on_and_its_change_of_shape_is_trouble() {
    let (server, smtp, home) = town(&[]).await;
    server.route("/api", api(1, "\"/api/2\""));
    server.route("/api/2", api(2, "null"));
    let text = std::fs::read_to_string(home.path().join("escucha.toml")).unwrap();
    let url = server.url("/api");
    let source = format!(
        "[[source]]\nname = \"api\"\nkind = \"json\"\nurl = \"{url}\"\nwatches = [\"ejemplo\"]\n\
         map = {{ items = \"/hits/*\", text = \"/said\", author = \"/by/name\", date = \"/at\", \
         id = \"/id\", next = \"/next\" }}\n[fetch]"
    );
    home.write("escucha.toml", &text.replace("[fetch]", &source));
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 2, "{}", err(&done));
    assert_eq!((server.hits("/api"), server.hits("/api/2")), (1, 1));
    server.route("/api", Answer::ok("application/json", "{\"results\": []}"));
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    let done = home.run(&["run", "--once"]).await;
    let said = err(&done);
    assert!(said.contains("no hay «hits»"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_comes_as_one_backlog_mail() {
    let (server, smtp, home) = town(&[]).await;
    let item = |n: u32, days: i64| {
        let published = escucha::clock::now().plus_days(-days);
        format!(
            "<item><guid isPermaLink=\"false\">a{n}</guid><title>Queja {n}</title>\
             <link>https://foro.test/a/{n}</link><dc:creator>Vecino {n}</dc:creator>\
             <dc:date>{published}</dc:date><description>Llamé {n} veces a Telefonía Ejemplo por el \
             recibo {n} y nadie me atiende.</description></item>"
        )
    };
    let items = [item(2, 400), item(3, 30), item(4, 3), item(5, 1)].concat();
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    server.route(
        "/foro.rss",
        Answer::ok("application/rss+xml; charset=utf-8", body),
    );
    smtp.fault_times(2, Verb::Mail, Fault::Say("451 4.3.0 later"));
    home.run(&["run", "--once"]).await;
    let states = states(&home).await;
    assert_eq!(states, ["new"; 4], "nobody has been told yet");
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let subjects: Vec<String> = smtp
        .mails()
        .iter()
        .map(|mail| {
            let parsed = MessageParser::default().parse(&mail.raw).unwrap();
            parsed.subject().unwrap().to_owned()
        })
        .collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(
        subjects
            .iter()
            .any(|subject| subject.starts_with("Vecino 5")),
        "{subjects:?}"
    );
    assert!(
        subjects.iter().any(|subject| subject.contains("3 quejas")),
        "{subjects:?}"
    );
    let states = self::states(&home).await;
    assert_eq!(states, ["told"; 4], "all of them are in the lists");
}

async fn states(home: &Home) -> Vec<String> {
    let rows = binary::rows(&home.run(&["--json", "cases"]).await);
    let state = |row: &serde_json::Value| row["state"].as_str().unwrap().to_owned();
    rows.iter().map(state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_may_name_the_database() {
    let (_server, smtp, home) = town(&["Javier"]).await;
    let mut command = home.command(&["run", "--once"]);
    command.env("ESCUCHA_DATABASE_URL", "sqlite://otra.db");
    let done = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 1);
    assert!(home.path().join("otra.db").exists() && !home.path().join("escucha.db").exists());
    let mut command = home.command(&["check"]);
    let refused = command
        .env("ESCUCHA_DATABASE_URL", "mysql://x")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        err(&refused).contains("ESCUCHA_DATABASE_URL"),
        "{}",
        err(&refused)
    );
}
