//! The whole walk, black box: the built program against a real HTTP and a real SMTP server.

use std::collections::BTreeSet;

use mail_parser::MessageParser;

use crate::support::binary::{self, Home};
use crate::support::http::{Answer, Server};
use crate::support::smtp::{Mail, Smtp};
use crate::support::{databases, levers, tally};

/// Who complains in the five sources; nobody else may reach the manager.
const UNHAPPY: [&str; 6] = ["Javier", "Mary Poole", "Joana Reis", "Sabine K.", "Carmen", "Marcos V."];

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
        source("opiniones", "reviews", "/opiniones", "watches = [\"ejemplo\"]"),
        source("privado", "feed", "/privado/feed.rss", ""),
    )
}

/// RFC 3339 of some hours ago.
fn ago(hours: i64) -> String {
    escucha::clock::now().plus_hours(-hours).to_string()
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a Latin-1 character")).collect()
}

async fn town() -> Server {
    tally("http");
    let server = Server::start().await;
    server.route("/robots.txt", Answer::ok("text/plain", "User-agent: *\nDisallow: /privado/\n"));
    let foro = format!(
        r#"<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Foro de vecinos</title><link>https://foro.test/</link><description>d</description>
<item><title>Doble cobro</title><link>https://foro.test/t/1</link><guid isPermaLink="false">f1</guid><dc:creator>Javier</dc:creator><dc:date>{}</dc:date>
<description>Telefonía Ejemplo me ha cobrado dos veces la cuota de octubre. Llamé cuatro veces en dos semanas y nadie me atiende. Soy cliente desde 2014 y así no puedo seguir.</description></item>
<item><title>Contenta</title><link>https://foro.test/t/2</link><guid isPermaLink="false">f2</guid><dc:creator>Lucía</dc:creator><dc:date>{}</dc:date>
<description>Con Telefonía Ejemplo llevo años encantada, la instalación fue rápida y no tengo ninguna queja.</description></item>
<item><title>Respuesta</title><link>https://foro.test/t/3</link><guid isPermaLink="false">f3</guid><dc:creator>@ejemplo_ayuda</dc:creator><dc:date>{}</dc:date>
<description>Sentimos el problema con tu factura de Telefonía Ejemplo, es un desastre que nadie te atienda.</description></item>
</channel></rss>"#,
        ago(30), ago(20), ago(10)
    );
    server.route("/foro.rss", Answer::ok("application/rss+xml", latin1(&foro)).etag("\"foro-1\""));
    let entry = |n: u32, lang: &str, author: &str, text: &str| {
        format!(
            "<entry xml:lang=\"{lang}\"><id>urn:m:{n}</id><title>{n}</title><link href=\"https://mundo.test/{n}\"/>\
             <author><name>{author}</name></author><published>{0}</published><updated>{0}</updated>\
             <content type=\"text\">{text}</content></entry>", ago(6)
        )
    };
    let mundo = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Mundo</title><id>urn:m</id><updated>{}</updated>{}{}{}{}</feed>",
        ago(5),
        entry(1, "en", "Mary Poole", "I called Telefonía Ejemplo five times about my broken router and nobody answers. I am cancelling, this is the worst service I have ever had."),
        entry(2, "pt", "Joana Reis", "A Telefonía Ejemplo cobrou duas vezes a minha fatura e ninguém me responde há três semanas. Péssimo atendimento, vou cancelar o contrato."),
        entry(3, "fr", "Luc", "Très content de Telefonía Ejemplo, le technicien est venu à l'heure et tout marche parfaitement, merci."),
        entry(4, "de", "Sabine K.", "Seit drei Wochen habe ich kein Internet von Telefonía Ejemplo. Ich habe schon sechsmal angerufen und niemand meldet sich. Unverschämt, ich kündige."),
    );
    server.route("/mundo.atom", Answer::ok("application/atom+xml", mundo).last_modified("Sat, 21 Nov 2026 10:00:00 GMT"));
    let url = |path: &str| server.url(path);
    let blog = format!(
        r#"<rss version="2.0"><channel><title>Blog</title><link>{}</link><description>d</description>
<item><title>Sin datáfono</title><link>{}</link><guid>b1</guid><author>carmen@blog.test (Carmen)</author><pubDate>{}</pubDate><description>Lo que pasa en una librería cuando se va la línea…</description></item>
<item><title>Libros de otoño</title><link>{}</link><guid>b2</guid><author>carmen@blog.test (Carmen)</author><pubDate>{}</pubDate><description>Tres novelas para leer con manta…</description></item>
</channel></rss>"#,
        url("/"), url("/averia"), ago(9), url("/libros"), ago(8)
    );
    server.route("/blog.rss", Answer::ok("application/rss+xml; charset=utf-8", blog).etag("W/\"b\""));
    server.route("/averia", Answer::ok("text/html; charset=utf-8", article(
        "Sin datáfono",
        "Tenemos la fibra con Telefonía Ejemplo desde hace nueve años y llevo tres días sin línea en la librería. \
         El lunes me dijeron que vendría un técnico y no vino. El martes volví a llamar y tampoco vino nadie. Sigo sin \
         datáfono, pierdo ventas cada día y nadie de Telefonía Ejemplo me dice cuándo lo van a arreglar.",
    )));
    server.route("/libros", Answer::ok("text/html; charset=utf-8", article(
        "Libros de otoño",
        "Este otoño recomiendo tres novelas de autoras jóvenes, todas breves y todas luminosas. La primera ocurre en un \
         faro, la segunda en una panadería y la tercera en un tren que cruza la meseta de noche sin detenerse nunca.",
    )));
    let reviews = format!(
        r#"<html lang="es"><head><script type="application/ld+json">{{"@type":"Organization","name":"Telefonía Ejemplo","review":[
{{"@type":"Review","url":"https://opiniones.test/r1","author":{{"name":"Marcos V."}},"datePublished":"{}","reviewRating":{{"ratingValue":1}},"reviewBody":"Pedí la baja en septiembre y me siguen cobrando cada mes. Nadie contesta al teléfono. Quiero que me devuelvan mi dinero."}},
{{"@type":"Review","url":"https://opiniones.test/r2","author":{{"name":"Irene"}},"datePublished":"{}","reviewRating":{{"ratingValue":5}},"reviewBody":"Muy amables, me contestaron en una hora y quedó arreglado. Los recomiendo."}}]}}</script></head><body></body></html>"#,
        ago(4), ago(3)
    );
    server.route("/opiniones", Answer::ok("text/html; charset=utf-8", reviews).etag("\"o\""));
    let forbidden = "<rss version=\"2.0\"><channel><title>x</title></channel></rss>";
    server.route("/privado/feed.rss", Answer::ok("application/rss+xml", forbidden));
    server
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
    let (manager, operator): (Vec<&Read>, Vec<&Read>) =
        mails.iter().partition(|mail| mail.to == "gerente@ejemplo.test");
    let told: Vec<&str> = UNHAPPY
        .into_iter()
        .filter(|who| manager.iter().any(|mail| mail.subject.contains(who) || mail.text.contains(who)))
        .collect();
    let subjects: Vec<&str> = manager.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(told, UNHAPPY, "{subjects:#?}");
    assert_eq!(manager.len(), UNHAPPY.len(), "nobody else is told of: {subjects:#?}");
    for mail in &manager {
        check_letter(mail);
    }
    assert_eq!(server.hits("/privado/feed.rss"), 0, "robots.txt forbids it");
    assert_eq!(operator.len(), 1, "{subjects:#?}");
    assert!(operator[0].text.contains("robots.txt") && operator[0].text.contains("privado"));

    // Nothing is due: nothing is asked and nothing is sent.
    let n_requests = server.requests().len();
    assert!(home.run(&["run", "--once"]).await.status.success());
    assert_eq!((smtp.mails().len(), server.requests().len()), (mails.len(), n_requests));

    // When due, it asks whether anything changed.
    levers::everything_is_due(&database_url(database, &home)).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    assert_eq!(smtp.mails().len(), mails.len(), "nothing new, nothing told");
    let asked: BTreeSet<(String, Option<String>, Option<String>)> = server.requests()[n_requests..]
        .iter()
        .filter(|seen| seen.path != "/robots.txt")
        .map(|seen| {
            let header = |name: &str| seen.header(name).map(str::to_owned);
            (seen.path.clone(), header("if-none-match"), header("if-modified-since"))
        })
        .collect();
    let tag = |tag: &str| Some(tag.to_owned());
    let expected = [
        ("/blog.rss".to_owned(), tag("W/\"b\""), None),
        ("/foro.rss".to_owned(), tag("\"foro-1\""), None),
        ("/mundo.atom".to_owned(), None, tag("Sat, 21 Nov 2026 10:00:00 GMT")),
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
        assert!(part.contains("https://") || part.contains("http://127.0.0.1"), "{subject}: {part}");
        assert!(part.contains("Marta Ruiz"), "{subject}: a draft is signed\n{part}");
        assert!(part.contains("escucha case c-"), "{subject}\n{part}");
    }
    assert!(!mail.html.contains("src="), "nothing remote");
    assert!(mail.text.contains("Lo que no conviene hacer"), "{subject}");
    assert!(mail.text.matches("Marta Ruiz").count() >= 2, "two drafts at least: {subject}");
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
