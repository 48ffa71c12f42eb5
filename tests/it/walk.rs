//! The whole walk, black box: the built program against a real HTTP and a real SMTP server.

use std::collections::BTreeSet;

use mail_parser::MessageParser;

use crate::support::binary::{self, Home};
use crate::support::http::{Answer, Server};
use crate::support::smtp::{Mail, Smtp};
use crate::support::{databases, levers, tally};

/// Who complains in the five sources; nobody else may reach the manager.
const UNHAPPY: [&str; 6] = [
    "Javier",
    "Mary Poole",
    "Joana Reis",
    "Sabine K.",
    "Carmen",
    "Marcos V.",
];

const OUTAGE: &str = "Tenemos la fibra con Telefonía Ejemplo desde hace nueve años y llevo tres días sin línea en la \
     librería. El lunes me dijeron que vendría un técnico y no vino. El martes volví a llamar y \
     tampoco vino nadie. Sigo sin datáfono, pierdo ventas cada día y nadie de Telefonía Ejemplo me \
     dice cuándo lo van a arreglar.";
const BOOKS: &str = "Este otoño recomiendo tres novelas de autoras jóvenes, todas breves y todas luminosas. La \
     primera ocurre en un faro, la segunda en una panadería y la tercera en un tren que cruza la \
     meseta de noche sin detenerse nunca.";

const KEYWORDS: &str = r#"
[[watch]]
name = "ejemplo"
query = '"telefonía ejemplo" OR @ejemplo_ayuda OR (ejemplo EXCEPT "por ejemplo")'
"#;

fn configuration(database: &str, http: u16, smtp: u16) -> String {
    let source = |name: &str, kind: &str, path: &str, more: &str| {
        format!(
            "[[source]]\nname = \"{name}\"\nkind = \"{kind}\"\n\
             url = \"http://127.0.0.1:{http}{path}\"\nevery = \"15m\"\n{more}\n"
        )
    };
    format!(
        r#"
language = "es"
time_zone = "Europe/Madrid"
[database]
url = "{database}"
[company]
name = "Telefonía Ejemplo"
signature = "Marta Ruiz, responsable de calidad"
own_authors = ["@ejemplo_ayuda"]
[fetch]
contact = "https://ejemplo.test/escucha"
allow_private = ["127.0.0.0/8"]
pace = "1s"
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "Escucha <avisos@ejemplo.test>"
reply_to = "atencion@ejemplo.test"
[alerts]
to = ["gerente@ejemplo.test"]
operator = ["sistemas@ejemplo.test"]
[[remedy]]
topic = "billing"
offer = {{ es = "le devolvemos el cargo duplicado en 48 horas" }}
{}{}{}{}{}"#,
        source("foro", "feed", "/foro.rss", ""),
        source("mundo", "feed", "/mundo.atom", ""),
        source("blog", "feed", "/blog.rss", "full_text = true"),
        source(
            "opiniones",
            "reviews",
            "/opiniones",
            "watches = [\"ejemplo\"]"
        ),
        source("privado", "feed", "/privado/feed.rss", ""),
    )
}

/// RFC 3339 of some hours ago.
fn ago(hours: i64) -> String {
    escucha::clock::now().plus_hours(-hours).to_string()
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).expect("a Latin-1 character"))
        .collect()
}

async fn town() -> Server {
    tally("http");
    let server = Server::start().await;
    let robots = "User-agent: *\nDisallow: /privado/\n";
    server.route("/robots.txt", Answer::ok("text/plain", robots));
    let foro = latin1(&filled(include_str!("../fixtures/walk/foro.rss"), &server));
    server.route(
        "/foro.rss",
        Answer::ok("application/rss+xml", foro).etag("\"foro-1\""),
    );
    let mundo = filled(include_str!("../fixtures/walk/mundo.atom"), &server);
    let mundo = Answer::ok("application/atom+xml", mundo);
    server.route(
        "/mundo.atom",
        mundo.last_modified("Sat, 21 Nov 2026 10:00:00 GMT"),
    );
    let blog = filled(include_str!("../fixtures/walk/blog.rss"), &server);
    let blog = Answer::ok("application/rss+xml; charset=utf-8", blog);
    server.route("/blog.rss", blog.etag("W/\"b\""));
    let html = "text/html; charset=utf-8";
    for (path, title, text) in [
        ("/averia", "Sin datáfono", OUTAGE),
        ("/libros", "Libros de otoño", BOOKS),
    ] {
        server.route(path, Answer::ok(html, article(title, text)));
    }
    let reviews = filled(include_str!("../fixtures/walk/opiniones.html"), &server);
    server.route("/opiniones", Answer::ok(html, reviews).etag("\"o\""));
    let forbidden = "<rss version=\"2.0\"><channel><title>x</title></channel></rss>";
    server.route(
        "/privado/feed.rss",
        Answer::ok("application/rss+xml", forbidden),
    );
    server
}

/// Puts the server's address and dates counted back from now into a fixture.
fn filled(fixture: &str, server: &Server) -> String {
    let base = server.url("/").to_string();
    let dated = (1..48).fold(fixture.replace("{{base}}/", &base), |text, hours| {
        text.replace(&format!("{{{{hours {hours}}}}}"), &ago(hours))
    });
    assert!(!dated.contains("{{"), "{dated}");
    dated
}

fn article(title: &str, text: &str) -> String {
    format!(
        "<!doctype html><html lang=\"es\"><head><title>{title}</title></head><body><nav><a href=\"/\">Inicio</a></nav>\
         <article><h1>{title}</h1><p>{text}</p></article><footer>Hecho a mano</footer></body></html>"
    )
}

struct Read {
    to: String,
    subject: String,
    text: String,
    html: String,
    reply_to: String,
}

fn read(mail: &Mail) -> Read {
    let parsed = MessageParser::default().parse(&mail.raw).expect("a mail");
    Read {
        to: mail.to.join(","),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        text: parsed.body_text(0).unwrap_or_default().into_owned(),
        html: parsed.body_html(0).unwrap_or_default().into_owned(),
        reply_to: parsed
            .reply_to()
            .and_then(|to| to.first())
            .and_then(|to| to.address())
            .unwrap_or_default()
            .to_owned(),
    }
}

async fn walk(database: &str) {
    tally("smtp");
    let (server, smtp) = (town().await, Smtp::start().await);
    let home = Home::new(&configuration(database, server.port(), smtp.port), KEYWORDS);
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", binary::err(&done));

    let mails: Vec<Read> = smtp.mails().iter().map(read).collect();
    let (manager, operator): (Vec<&Read>, Vec<&Read>) = mails
        .iter()
        .partition(|mail| mail.to == "gerente@ejemplo.test");
    let told: Vec<&str> = UNHAPPY
        .into_iter()
        .filter(|who| {
            manager
                .iter()
                .any(|mail| mail.subject.contains(who) || mail.text.contains(who))
        })
        .collect();
    let subjects: Vec<&str> = manager.iter().map(|mail| mail.subject.as_str()).collect();
    let log = binary::err(&done);
    assert_eq!(told, UNHAPPY, "{subjects:#?}\n{log}");
    assert_eq!(
        manager.len(),
        UNHAPPY.len(),
        "nobody else is told of: {subjects:#?}"
    );
    for mail in &manager {
        check_letter(mail);
    }
    assert_eq!(server.hits("/privado/feed.rss"), 0, "robots.txt forbids it");
    assert_eq!(operator.len(), 1, "{subjects:#?}");
    assert!(operator[0].text.contains("robots.txt") && operator[0].text.contains("privado"));

    // Nothing is due: nothing is asked and nothing is sent.
    let n_requests = server.requests().len();
    assert!(home.run(&["run", "--once"]).await.status.success());
    assert_eq!(
        (smtp.mails().len(), server.requests().len()),
        (mails.len(), n_requests)
    );

    // When due, it asks whether anything changed.
    levers::everything_is_due(&database_url(database, &home)).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    assert_eq!(smtp.mails().len(), mails.len(), "nothing new, nothing told");
    let asked: BTreeSet<(String, Option<String>, Option<String>)> = server.requests()[n_requests..]
        .iter()
        .filter(|seen| seen.path != "/robots.txt")
        .map(|seen| {
            let header = |name: &str| seen.header(name).map(str::to_owned);
            (
                seen.path.clone(),
                header("if-none-match"),
                header("if-modified-since"),
            )
        })
        .collect();
    let tag = |tag: &str| Some(tag.to_owned());
    let expected = [
        ("/blog.rss".to_owned(), tag("W/\"b\""), None),
        ("/foro.rss".to_owned(), tag("\"foro-1\""), None),
        (
            "/mundo.atom".to_owned(),
            None,
            tag("Sat, 21 Nov 2026 10:00:00 GMT"),
        ),
        ("/opiniones".to_owned(), tag("\"o\""), None),
    ];
    assert_eq!(asked, expected.into_iter().collect());
}

/// Everything that a manager needs stands in the mail, in both parts.
fn check_letter(mail: &Read) {
    let subject = &mail.subject;
    assert!(subject.chars().count() <= 60, "{subject}");
    assert_eq!(mail.reply_to, "atencion@ejemplo.test");
    for part in [&mail.text, &mail.html] {
        assert!(
            part.contains("https://") || part.contains("http://127.0.0.1"),
            "{subject}: {part}"
        );
        assert!(
            part.contains("Marta Ruiz"),
            "{subject}: a draft is signed\n{part}"
        );
        assert!(part.contains("escucha case c-"), "{subject}\n{part}");
    }
    assert!(!mail.html.contains("src="), "nothing remote");
    assert!(mail.text.contains("Lo que no conviene hacer"), "{subject}");
    assert!(
        mail.text.matches("Marta Ruiz").count() >= 2,
        "two drafts at least: {subject}"
    );
}

/// The database as the test's own connection must name it.
fn database_url(database: &str, home: &Home) -> String {
    match database.strip_prefix("sqlite://") {
        Some(name) => format!("sqlite://{}", home.path().join(name).display()),
        None => database.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_complaint_is_mailed_once_on_sqlite() {
    tally("sqlite");
    walk("sqlite://escucha.db").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_complaint_is_mailed_once_on_postgresql() {
    if let Some(fresh) = databases::postgres().await {
        walk(&fresh.url).await;
    }
}
