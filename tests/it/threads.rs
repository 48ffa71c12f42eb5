//! Mails in a real mailbox: sent through Postfix, kept and threaded by Dovecot, read back over IMAP.
//! Tests S11, S12 and R20 of the reliability plan where mail really goes, and what Postfix itself reports.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use mail_parser::MessageParser;

use crate::incidents::OUTAGE;
use crate::support::binary::{Home, err, rows};
use crate::support::dovecot::{Dovecot, PASSWORD};
use crate::support::http::{Answer, Server};
use crate::support::levers;
use crate::support::postfix::Postfix;
use crate::support::wait;

const SOON: Duration = Duration::from_mins(1);
const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

struct Post {
    http: Server,
    dovecot: Dovecot,
    postfix: Postfix,
    home: Home,
}

impl Post {
    async fn new(to: &str, keywords: &str) -> Option<Self> {
        let dovecot = Dovecot::start()?;
        let postfix = Postfix::start(&dovecot.maildir(), keywords)?;
        let http = Server::start().await;
        http.route("/robots.txt", Answer::status(404));
        let (http_port, smtp_port, imap) = (http.port(), postfix.port, dovecot.port);
        let configuration = format!(
            "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
             [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:{http_port}/foro.rss\"\n\
             full_text = false\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {smtp_port}\nsecurity = \"none\"\n\
             from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"{to}\"]\n\
             operator = [\"sistemas@ejemplo.test\"]\n\
             [replies]\nurl = \"imap://avisos@127.0.0.1:{imap}/INBOX\"\nsecurity = \"none\"\n\
             password = {{ env = \"BUZON\" }}\n"
        );
        Some(Self {
            http,
            dovecot,
            postfix,
            home: Home::new(&configuration, KEYWORDS),
        })
    }

    /// What the forum shows: who wrote what.
    fn publish(&self, posts: &[(&str, &str, &str)]) {
        let published = escucha::clock::now().plus_hours(-2);
        let items: Vec<String> = posts
            .iter()
            .enumerate()
            .map(|(n, (author, title, text))| {
                format!(
                    "<item><guid isPermaLink=\"false\">{n}-{}</guid><title>{}</title>\
                     <link>https://foro.test/{n}</link><dc:creator>{}</dc:creator>\
                     <dc:date>{published}</dc:date><description>{}</description></item>",
                    posts.len(),
                    cdata(title),
                    cdata(author),
                    cdata(text)
                )
            })
            .collect();
        let body = format!(
            "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>\
             <title>Foro</title><link>https://foro.test/</link><description>d</description>{}\
             </channel></rss>",
            items.concat()
        );
        self.http
            .route("/foro.rss", Answer::ok("application/rss+xml", body));
    }

    async fn once(&self) {
        if self.home.path().join("escucha.db").exists() {
            levers::everything_is_due(&self.database()).await;
        }
        let mut command = self.home.command(&["run", "--once"]);
        command.env("BUZON", PASSWORD);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = done.await.unwrap();
        assert!(done.status.success(), "{}", err(&done));
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.home.path().join("escucha.db").display())
    }

    /// Waits for so many mails in the mailbox, and gives them as IMAP does.
    fn mailbox(&self, n: usize) -> Vec<Vec<u8>> {
        wait(SOON, &format!("{n} mails in the mailbox"), || {
            let there = self.dovecot.files().len();
            assert!(there <= n, "{there} mails: {}", self.postfix.log());
            there == n
        });
        let mut imap = Imap::open(self.dovecot.port);
        (1..=n).map(|at| imap.fetch(at)).collect()
    }
}

fn cdata(text: &str) -> String {
    format!("<![CDATA[{text}]]>")
}

/// As much IMAP as these tests need.
struct Imap {
    stream: BufReader<TcpStream>,
}

impl Imap {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut imap = Self {
            stream: BufReader::new(stream),
        };
        imap.line();
        imap.ask(&format!("LOGIN avisos {PASSWORD}"));
        imap.ask("EXAMINE INBOX");
        imap
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    /// The answer's lines up to its end.
    fn ask(&mut self, command: &str) -> Vec<String> {
        write!(self.stream.get_mut(), "t {command}\r\n").unwrap();
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if line.starts_with("t ") {
                assert!(line.starts_with("t OK"), "{command}: {line}");
                return lines;
            }
            assert!(!line.is_empty(), "{command}: the connection ended");
            lines.push(line);
        }
    }

    fn fetch(&mut self, at: usize) -> Vec<u8> {
        write!(self.stream.get_mut(), "t FETCH {at} BODY.PEEK[]\r\n").unwrap();
        let head = self.line();
        let n = head.rsplit_once('{').unwrap().1;
        let n: usize = n.trim_end().trim_end_matches('}').parse().unwrap();
        let mut body = vec![0; n];
        self.stream.read_exact(&mut body).unwrap();
        while !self.line().starts_with("t ") {}
        body
    }

    /// The threads as Dovecot sees them, each as the numbers of its mails.
    fn threads(&mut self) -> Vec<BTreeSet<usize>> {
        let lines = self.ask("THREAD REFERENCES UTF-8 ALL");
        let told = lines.iter().find(|line| line.starts_with("* THREAD"));
        let mut threads = Vec::new();
        let mut depth = 0;
        let mut number = String::new();
        for c in told.unwrap().trim_start_matches("* THREAD").chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            if let Ok(n) = number.parse() {
                let last: &mut BTreeSet<usize> = threads.last_mut().unwrap();
                last.insert(n);
            }
            number.clear();
            match c {
                '(' if depth == 0 => {
                    threads.push(BTreeSet::new());
                    depth = 1;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
        }
        threads
    }
}

const JAVIER: (&str, &str, &str) = (
    "Javier",
    "Sin respuesta",
    "Llamé tres veces a Telefonía Ejemplo, me han cobrado dos veces y nadie me atiende.",
);
const CARMEN: (&str, &str, &str) = (
    "Carmen",
    "El técnico no vino",
    "El técnico de Telefonía Ejemplo no vino el martes ni el jueves y sigo sin línea en casa.",
);

#[tokio::test(flavor = "multi_thread")]
async fn one_thread_a_case_through_postfix_into_a_mailbox() {
    let Some(post) = Post::new("gerente@ejemplo.test", "8bitmime, smtputf8").await else {
        return;
    };
    post.publish(&[JAVIER, CARMEN]);
    post.once().await;
    post.mailbox(2);
    // Three reminders and, once it is answered, a question: all in the thread of their case.
    for n in [4, 6, 8] {
        levers::set(&post.database(), "UPDATE cases SET due_at = 1").await;
        post.once().await;
        post.mailbox(n);
    }
    let cases = rows(&post.home.run(&["--json", "cases"]).await);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let said = post.home.run(&["case", id, "answered"]).await;
        assert!(said.status.success(), "{}", err(&said));
    }
    levers::set(&post.database(), "UPDATE cases SET due_at = 1").await;
    post.once().await;
    let mails = post.mailbox(10);

    let mut imap = Imap::open(post.dovecot.port);
    let capability = imap.ask("CAPABILITY").concat();
    assert!(capability.contains("THREAD=REFERENCES"), "{capability}");
    let threads = imap.threads();
    let sizes: Vec<usize> = threads.iter().map(BTreeSet::len).collect();
    assert_eq!(sizes, [5, 5], "{threads:?}");
    for thread in &threads {
        let subjects: BTreeSet<String> = thread
            .iter()
            .map(|at| subject(&mails[at - 1]))
            .map(|subject| subject.trim_start_matches("Re: ").to_owned())
            .collect();
        assert_eq!(subjects.len(), 1, "{subjects:?}");
        let firsts = thread
            .iter()
            .filter(|at| !subject(&mails[**at - 1]).starts_with("Re: "));
        assert_eq!(firsts.count(), 1, "only the first has no Re:");
    }
    for mail in &mails {
        assert!(mail.is_ascii(), "pure 7-bit");
        assert_eq!(
            header_names(mail),
            EXPECTED,
            "nothing that a post put there"
        );
    }
    // A mail after the first names the root and the one before it.
    let last = &mails[*threads[0].last().unwrap() - 1];
    let parsed = MessageParser::default().parse(last).unwrap();
    let references = parsed.references().as_text_list().unwrap();
    assert_eq!(references.len(), 2);
    let before = parsed.in_reply_to().as_text_list().unwrap();
    assert_eq!(before[0], references[1]);
}

/// Its number stands in the subject and grows; the thread stays one.
#[tokio::test(flavor = "multi_thread")]
async fn one_thread_an_incident_through_postfix_into_a_mailbox() {
    let Some(post) = Post::new("gerente@ejemplo.test", "").await else {
        return;
    };
    let neighbours: Vec<String> = (0..12).map(|n| format!("Vecino {n}")).collect();
    let texts: Vec<String> = (0..12)
        .map(|n| format!("{OUTAGE} Van {n} avisos."))
        .collect();
    let outage = |n: usize| -> Vec<(&str, &str, &str)> {
        let all = neighbours.iter().zip(&texts).take(n);
        all.map(|(who, text)| (who.as_str(), "Sin fibra", text.as_str()))
            .collect()
    };
    for (n_neighbours, n_mails) in [(1, 1), (3, 2), (6, 3), (12, 4)] {
        if n_mails > 1 {
            // Two letters of one incident are some minutes apart.
            let hour_ago = "UPDATE incidents SET told_at = told_at - 3600000";
            levers::set(&post.database(), hour_ago).await;
        }
        post.publish(&outage(n_neighbours));
        post.once().await;
        post.mailbox(n_mails);
    }
    let mails = post.mailbox(4);
    let threads = Imap::open(post.dovecot.port).threads();
    let subjects: Vec<String> = mails.iter().map(|mail| subject(mail)).collect();
    // The first customer's own case, and what they became.
    let sizes: BTreeSet<usize> = threads.iter().map(BTreeSet::len).collect();
    assert_eq!(sizes, BTreeSet::from([1, 3]), "{threads:?} {subjects:?}");
}

/// What we write, beside what the two servers add.
const EXPECTED: [&str; 11] = [
    "Auto-Submitted",
    "Content-Type",
    "Date",
    "From",
    "In-Reply-To",
    "MIME-Version",
    "Message-ID",
    "References",
    "Subject",
    "To",
    "X-Auto-Response-Suppress",
];
const OF_SERVERS: [&str; 4] = ["Return-Path", "X-Original-To", "Delivered-To", "Received"];

fn header_names(mail: &[u8]) -> Vec<String> {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let names: BTreeSet<String> = parsed
        .headers_raw()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !OF_SERVERS.contains(&name.as_str()))
        .collect();
    names.into_iter().collect()
}

fn subject(mail: &[u8]) -> String {
    let parsed = MessageParser::default().parse(mail).unwrap();
    parsed.subject().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn s11_s12_hostile_posts_arrive_as_text_and_change_no_header() {
    let Some(post) = Post::new("gerente@ejemplo.test", "").await else {
        return;
    };
    let evil = [
        "a\nBcc: espia@x.test",
        "a\r\nX-Evil: 1\r\n\r\nb",
        "\u{2028}Bcc: e@x.test\u{2029}",
        "\u{85}Subject: otro",
        "=?utf-8?q?=0D=0ABcc:_e@x.test?=",
        "\u{202e}a\u{2066}b\u{e0041}",
        "\"<e@x.test>, ",
        "a\r\n.\r\nMAIL FROM:<e@x.test>",
        "\n.\n..\n.",
    ];
    let long = "ñ".repeat(10_000);
    let texts: Vec<(String, String, String)> = evil
        .iter()
        .copied()
        .chain([long.as_str()])
        .enumerate()
        .map(|(n, evil)| {
            let words = ["Zamora", "Lugo", "Soria", "Cádiz", "Teruel", "Huesca"][n % 6];
            (
                format!("Ana{n} {evil}"),
                format!("{evil} título {n}"),
                format!(
                    "Telefonía Ejemplo me cobra {n} veces el plan {words} {n}{n} y nadie contesta. \
                     {evil}\n.\n..\nfin {n}"
                ),
            )
        })
        .collect();
    let posts: Vec<(&str, &str, &str)> = texts
        .iter()
        .map(|(author, title, text)| (author.as_str(), title.as_str(), text.as_str()))
        .collect();
    post.publish(&posts);
    post.once().await;
    let sent = rows(&post.home.run(&["--json", "outbox", "--all"]).await);
    assert!(sent.len() > 1, "{sent:?}");
    let mails = post.mailbox(sent.len());
    for mail in &mails {
        assert!(mail.is_ascii());
        assert!(
            header_names(mail)
                .iter()
                .all(|name| EXPECTED.contains(&name.as_str()))
        );
        let parsed = MessageParser::default().parse(mail).unwrap();
        let to = parsed.to().unwrap().first().unwrap().address();
        assert_eq!(to, Some("gerente@ejemplo.test"));
        let shown = parsed.subject().unwrap();
        let is_shown = |c: char| !c.is_control() && !"\u{2028}\u{2029}\u{202e}\u{2066}".contains(c);
        assert!(shown.chars().all(is_shown), "{shown:?}");
        assert!(shown.chars().count() <= 200);
    }
    // The text came through whole, dots and all.
    let texts: String = mails
        .iter()
        .map(|mail| {
            let parsed = MessageParser::default().parse(mail).unwrap();
            parsed.body_text(0).unwrap().into_owned()
        })
        .collect();
    assert!(
        texts.contains("fin 0") && texts.contains("MAIL FROM"),
        "{texts}"
    );
}

/// Postfix takes the mail and returns it: its own report is understood.
#[tokio::test(flavor = "multi_thread")]
async fn what_postfix_returns_is_known_to_be_undelivered() {
    let Some(post) = Post::new("nadie@ejemplo.test", "").await else {
        return;
    };
    post.publish(&[JAVIER]);
    post.once().await;
    // The report goes to the sender, whose mailbox is the one that is read.
    post.mailbox(1);
    post.once().await;
    let mails = rows(&post.home.run(&["--json", "outbox"]).await);
    let returned = mails.iter().find(|row| row["kind"] == "complaint").unwrap();
    assert_eq!(returned["cause"], "bounced", "{returned}");
    let why = returned["why"].as_str().unwrap();
    assert!(why.contains("5.1.1") && why.contains("no existe"), "{why}");
    let cases = rows(&post.home.run(&["--json", "cases"]).await);
    assert_eq!(cases[0]["state"], "new");
    // The operator's notice arrives where the report did.
    let mails = post.mailbox(2);
    assert!(subject(&mails[1]).contains("no se ha podido entregar"));
}
