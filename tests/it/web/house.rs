//! A service with its page, on loopback, and readers of its mails.

use std::fmt::Write as _;
use std::sync::Arc;

use escucha::daemon::Service;
use escucha::fetch::Client;
use escucha::flow::capture::{Captured, capture};
use escucha::flow::{Engine, links, outbox};
use escucha::letter::Letter;
use escucha::mail::Mailer;
use escucha::model::{CaseId, PostId, Timestamp};
use escucha::store::{CaseRow, DeliveryRow};
use escucha::{clock, web};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::binary::{self, Home};
use crate::support::databases::{self, Fresh};
use crate::support::{levers, tally};

pub(crate) const MANAGER: &str = "gerente@ejemplo.test";
pub(crate) const OTHER: &str = "otra@ejemplo.test";

pub(crate) struct House {
    pub(crate) service: Arc<Service>,
    pub(crate) port: u16,
    pub(crate) url: String,
    /// The letters as their readers got them: recipient and letter.
    pub(crate) letters: Vec<(String, Letter)>,
    stop: CancellationToken,
    _home: Home,
    _folder: Fresh,
}

/// An answer of the page.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with("es", "").await
    }

    /// In this language, with more in `[alerts]`.
    pub(crate) async fn with(language: &str, alerts: &str) -> Self {
        tally("http");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let home = Home::new(&configuration(port, language, alerts), KEYWORDS);
        let settings = escucha::config::load(&home.path().join("escucha.toml"), &|_| None).unwrap();
        let fresh = databases::sqlite().await;
        // A second connection to the same file: the test looks and acts beside the service.
        let path = fresh.url.strip_prefix("sqlite://").unwrap();
        let role = escucha::store::Role::Visitor;
        let store = escucha::store::Store::open_sqlite(path.as_ref(), role)
            .await
            .unwrap();
        let mailer = Mailer::new(settings.smtp.as_ref().unwrap()).unwrap();
        let client = Client::new(&settings.fetch).unwrap();
        let key = "a key of the test, long enough".to_owned();
        let engine = Arc::new(Engine::with_key(settings, key));
        let reader = binary::reader();
        let service = Service::new(store, client, reader, mailer, "w".to_owned(), engine);
        service.prepare().await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(web::serve(listener, Arc::clone(&service), stop.clone()));
        Self {
            service,
            port,
            url: fresh.url.clone(),
            letters: Vec::new(),
            stop,
            _home: home,
            _folder: fresh,
        }
    }

    /// A complaint by this author, told to both managers.
    pub(crate) async fn complaint(&mut self, author: &str, text: &str) -> CaseId {
        let captured = Captured {
            text: text.to_owned(),
            author: Some(author.to_owned()),
            url: Some("https://foro.test/hilos/4711".parse().unwrap()),
            published: Some(clock::now().plus_hours(-5)),
            source_name: Some("foro".to_owned()),
        };
        let engine = self.service.engine();
        let case = capture(&self.service.store, &engine, captured, clock::now()).await;
        let case = case.unwrap().unwrap();
        self.post().await;
        case
    }

    /// Every letter that waits is taken by its server, as the courier would make it.
    pub(crate) async fn post(&mut self) {
        self.post_at(clock::now()).await;
    }

    pub(crate) async fn post_at(&mut self, now: Timestamp) {
        let (store, engine) = (&self.service.store, self.service.engine());
        let due = outbox::begin(store, &engine, "w", now, 50).await.unwrap();
        for delivery in due {
            let letter = Letter {
                subject: delivery.subject.clone(),
                text: delivery.text.clone(),
                html: delivery.html.clone(),
            };
            let letter = links::addressed(store, &engine, &letter, &delivery.recipient, now);
            let letter = letter.await.unwrap();
            self.letters.push((delivery.recipient.clone(), letter));
            self.settle(&delivery, now).await;
        }
    }

    async fn settle(&self, delivery: &DeliveryRow, now: Timestamp) {
        let store = &self.service.store;
        assert!(store.seal_delivery(delivery, "sealed", now).await.unwrap());
        let sent = outbox::Attempt {
            outcome: outbox::Outcome::Sent,
            code: Some(250),
            sentence: String::new(),
        };
        let engine = self.service.engine();
        assert!(
            outbox::finish(store, &engine, delivery, &sent, now)
                .await
                .unwrap()
        );
    }

    /// The path of the link that this reader got in his latest letter about this case.
    pub(crate) fn link(&self, reader: &str, subject: &str) -> String {
        let of_reader = self.letters.iter().rev().filter(|(to, _)| to == reader);
        let mut links = of_reader.flat_map(|(_, letter)| paths(&letter.text, self.port));
        links
            .next()
            .unwrap_or_else(|| panic!("no link to {subject} for {reader}"))
    }

    /// A link to a doubt, as a digest would hold it.
    pub(crate) async fn link_to_post(&self, reader: &str, post: &PostId) -> String {
        let letter = Letter {
            subject: String::new(),
            text: format!("\u{fdd0}{post}\u{fdd1}"),
            html: String::new(),
        };
        let (store, engine) = (&self.service.store, self.service.engine());
        let letter = links::addressed(store, &engine, &letter, reader, clock::now());
        paths(&letter.await.unwrap().text, self.port).remove(0)
    }

    pub(crate) async fn case(&self, id: &CaseId) -> CaseRow {
        self.service.store.case(id).await.unwrap().unwrap()
    }

    /// The history of a case in one line, as far as people made it.
    pub(crate) async fn history(&self, id: &CaseId) -> String {
        let events = self.service.store.case_events(id).await.unwrap();
        let told = events
            .iter()
            .filter(|event| event.by.is_some())
            .map(|event| {
                let words = event
                    .words
                    .as_ref()
                    .map_or(String::new(), |words| format!(":{words}"));
                format!(
                    "{}{words} ({})",
                    event.event,
                    event.by.as_deref().unwrap_or("?")
                )
            });
        told.collect::<Vec<_>>().join(", ")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    /// Sends the form of the button or field with these words in it, as a browser would.
    pub(crate) async fn press(&self, path: &str, words: &str, more: &str) -> Answer {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let form = form_with(&page.body, words);
        self.send(path, &form, more).await
    }

    pub(crate) async fn send(&self, path: &str, form: &str, more: &str) -> Answer {
        let body = format!("link={form}{more}");
        let own = format!("http://127.0.0.1:{}", self.port);
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Origin", own.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.ask("POST", path, &headers, &body).await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            let _ = write!(head, "Host: 127.0.0.1:{}\r\n", self.port);
        }
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::read(&bytes)
    }

    /// Everything that a request could have changed, in one number.
    pub(crate) async fn state(&self) -> i64 {
        levers::number(
            &self.url,
            "SELECT (SELECT COUNT(*) FROM case_events) * 1000003 \
             + (SELECT COUNT(*) FROM judgements) * 10007 + (SELECT COUNT(*) FROM outbox) * 101 \
             + (SELECT COALESCE(SUM(n_acts * 7 + n_reminders * 3 + COALESCE(due_at, 1) % 100003), 0) \
             FROM cases) + (SELECT COUNT(*) FROM readers)",
        )
        .await
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Answer {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// The link in the form in which these words stand.
pub(crate) fn form_with(page: &str, words: &str) -> String {
    let forms = page.split("<form").skip(1);
    let forms = forms.filter_map(|form| form.split("</form>").next());
    let form = forms.into_iter().find(|form| form.contains(words));
    let form = form.unwrap_or_else(|| panic!("no form with {words}: {page}"));
    let link = form.split("name=\"link\" value=\"").nth(1).unwrap();
    link.split('"').next().unwrap().to_owned()
}

/// The paths of the links of ours in a text.
pub(crate) fn paths(text: &str, port: u16) -> Vec<String> {
    let base = format!("http://127.0.0.1:{port}");
    let links = text
        .split_whitespace()
        .filter_map(|word| word.strip_prefix(&base));
    links.map(str::to_owned).collect()
}

fn configuration(port: u16, language: &str, alerts: &str) -> String {
    format!(
        r#"
language = "{language}"
time_zone = "Europe/Madrid"
[company]
name = "Telefonía Ejemplo"
signature = "Marta Ruiz, responsable de calidad"
[[source]]
name = "foro"
url = "http://127.0.0.1:1/rss"
[smtp]
host = "127.0.0.1"
port = 2525
security = "none"
from = "avisos@ejemplo.test"
[alerts]
to = ["Marta Ruiz <{MANAGER}>", "{OTHER}"]
operator = ["sistemas@ejemplo.test"]
{alerts}
[web]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
"#
    )
}

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

pub(crate) const JAVIER: &str = "Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende. \
     Soy cliente desde 2014 y me han cobrado dos veces la cuota. Si alguien lee esto, que me conteste.";
