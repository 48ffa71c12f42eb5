//! A forum with unhappy neighbours, a mail server, and the built program between them, on SQLite or on
//! PostgreSQL; and what must be true in the end, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use mail_parser::MessageParser;

use super::binary::{self, Home};
use super::http::{Answer, Server};
use super::levers;
use super::smtp::{Mail, Smtp};

pub(crate) const DEADLINE: Duration = Duration::from_mins(1);
pub(crate) const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

pub(crate) struct Town {
    /// Each is a host of its own.
    pub(crate) forums: Vec<Server>,
    pub(crate) smtp: Smtp,
    pub(crate) home: Home,
    /// The URL of the database.
    pub(crate) database: String,
}

/// What the mailbox holds in the end.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) n_mails: usize,
    pub(crate) n_copies: usize,
    /// Who complained, and nobody was told of it.
    pub(crate) lost: Vec<String>,
    /// Cases that no mail names.
    pub(crate) unnamed: Vec<String>,
    /// Message-IDs with more than one body.
    pub(crate) n_two_bodies: usize,
    /// Message-IDs with more copies than this many doubts allow.
    pub(crate) too_often: Vec<String>,
}

impl Town {
    /// With so many forums, on this PostgreSQL database or on a SQLite file.
    pub(crate) async fn new(n_forums: u8, postgres: Option<&str>) -> Self {
        let mut forums = Vec::new();
        for nth in 1..=n_forums {
            let forum = Server::start_on(&format!("127.0.0.{nth}:0")).await;
            forum.route("/robots.txt", Answer::status(404));
            forum.route("/rss", feed(0..0));
            forums.push(forum);
        }
        let smtp = Smtp::start().await;
        let home = Home::new(&configuration(&forums, smtp.port, postgres), KEYWORDS);
        let file = home.path().join("escucha.db");
        let database = match postgres {
            Some(url) => url.to_owned(),
            None => format!("sqlite://{}", file.display()),
        };
        let town = Self {
            forums,
            smtp,
            home,
            database,
        };
        // The tables are made, and the forums are known: what comes now is news.
        let first = town.home.run(&["run", "--once"]).await;
        assert!(first.status.success(), "{}", binary::err(&first));
        super::tally(if postgres.is_some() {
            "postgresql"
        } else {
            "sqlite"
        });
        super::tally("smtp");
        super::tally("http");
        town
    }

    /// The first forum shows the complaints of these neighbours.
    pub(crate) fn publish(&self, neighbours: Range<u64>) {
        self.forums[0].route("/rss", feed(neighbours));
    }

    /// Everything is due, and nobody holds anything.
    pub(crate) async fn take_over(&self) {
        levers::everything_is_due(&self.database).await;
        levers::leases_end(&self.database).await;
    }

    /// Waits until there are more mails than so many. Whoever joins an incident would be named hours later, and
    /// what a lost connection holds would be let go with its lease: here, soon.
    pub(crate) async fn until_more_than(&self, n_mails: usize) {
        let until = tokio::time::Instant::now() + 2 * DEADLINE;
        let mut leases_end = tokio::time::Instant::now() + DEADLINE / 4;
        while self.smtp.mails().len() <= n_mails {
            let now = tokio::time::Instant::now();
            assert!(now < until, "no mail after the first {n_mails}");
            if now > leases_end {
                levers::leases_end(&self.database).await;
                leases_end = now + DEADLINE / 4;
            }
            levers::everything_is_due(&self.database).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a mail names each of so many neighbours, and whoever would wait for his incident's turn
    /// or for another try is due at once.
    pub(crate) async fn until_told(&self, neighbours: Range<u64>) {
        let until = tokio::time::Instant::now() + DEADLINE;
        loop {
            let told = self.told(neighbours.clone(), &Doubts::default()).await;
            if told.n_lost() == 0 {
                return;
            }
            let now = tokio::time::Instant::now();
            assert!(now < until, "not everybody is told of: {told:#?}");
            levers::everything_is_due(&self.database).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets the program finish in peace, until nobody waits to be named in his incident's next letter.
    pub(crate) async fn drain(&self) {
        let mut said = String::new();
        for _ in 0..8 {
            self.take_over().await;
            let done = self.home.run(&["run", "--once"]).await;
            let waiting = levers::pairs(&self.database, WAITING).await;
            if done.status.success() && waiting.is_empty() {
                return;
            }
            said = format!("{}{waiting:?}", binary::err(&done));
        }
        let status = binary::out(&self.home.run(&["status"]).await);
        panic!("mails still wait: {status}{said}");
    }

    /// What came of the complaints of so many neighbours; `doubts` are the copies that each Message-ID
    /// may have beside its first.
    pub(crate) async fn told(&self, neighbours: Range<u64>, doubts: &Doubts) -> Told {
        let names = neighbours.map(|n| format!("Vecino {n}"));
        let mails = self.smtp.mails();
        told(&self.database, names, &mails, doubts).await
    }
}

/// The same for any mails, authors and database.
pub(crate) async fn told(
    database: &str,
    authors: impl Iterator<Item = String>,
    mails: &[Mail],
    doubts: &Doubts,
) -> Told {
    let mut told = Told {
        n_mails: mails.len(),
        ..Told::default()
    };
    let mut bodies: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
    let mut texts = String::new();
    for mail in mails {
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        let id = parsed.message_id().unwrap().to_owned();
        bodies.entry(id).or_default().push(&mail.raw);
        texts.push_str(&parsed.body_text(0).unwrap_or_default());
    }
    for (id, copies) in &bodies {
        let different: BTreeSet<&[u8]> = copies.iter().copied().collect();
        told.n_two_bodies += usize::from(different.len() > 1);
        told.n_copies += copies.len() - 1;
        if copies.len() > 1 + doubts.of(id) {
            told.too_often.push(format!("{id}: {}", copies.len()));
        }
    }
    let cases = levers::pairs(database, CASES).await;
    for author in authors {
        if !cases.iter().any(|(_, of)| *of == author) {
            told.lost.push(author);
        }
    }
    let named = cases.into_iter().filter(|(case, _)| !texts.contains(case));
    told.unnamed = named
        .map(|(case, author)| format!("{case} {author}"))
        .collect();
    told
}

/// Without its angle brackets.
pub(crate) fn message_id(mail: &Mail) -> String {
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    parsed.message_id().unwrap().to_owned()
}

const CASES: &str =
    "SELECT c.id, COALESCE(p.author, '') FROM cases c JOIN posts p ON p.id = c.post_id";
/// Incidents with cases that their next letter is to name.
const WAITING: &str = "SELECT id, watch FROM incidents WHERE tell_at IS NOT NULL";
/// How often it was written down that nobody knows what became of a mail beyond its dot.
const WRITTEN_DOWN: &str = "SELECT o.message_id, CAST(SUM(l.n) AS TEXT) FROM attempt_log l \
                            JOIN outbox o ON o.id = l.outbox_id WHERE l.phase = 'post_dot' \
                            AND l.event IN ('abandoned', 'in_doubt') GROUP BY o.message_id";
/// Mails of which nobody lived to read the answer.
const AFTER_THE_DOT: &str = "SELECT message_id, COALESCE(lease_owner, '') FROM outbox \
                             WHERE state = 'sending' AND phase = 'post_dot'";

impl Told {
    pub(crate) fn n_lost(&self) -> usize {
        self.lost.len() + self.unnamed.len()
    }

    #[track_caller]
    pub(crate) fn expect_all(&self, context: &str) {
        assert!(
            self.lost.is_empty(),
            "{context}: complaints were lost: {self:#?}"
        );
        assert!(
            self.unnamed.is_empty(),
            "{context}: cases were not told: {self:#?}"
        );
        assert_eq!(
            self.n_two_bodies, 0,
            "{context}: two bodies under one Message-ID"
        );
        assert!(
            self.too_often.is_empty(),
            "{context}: a copy without a doubt: {self:#?}"
        );
    }
}

/// Mails that were lost from sight between their dot and the end of their settling, and by whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubts {
    seen: BTreeSet<(String, String)>,
    /// A worker that lives on and finds its settling lost writes that down before anybody can look.
    written_down: BTreeMap<String, usize>,
}

impl Doubts {
    /// Looks, after a worker died, which mails it held beyond their dot.
    pub(crate) async fn note(&mut self, database: &str) {
        let bare = |id: String| id.trim_matches(['<', '>']).to_owned();
        for (id, owner) in levers::pairs(database, AFTER_THE_DOT).await {
            self.seen.insert((bare(id), owner));
        }
        for (id, n) in levers::pairs(database, WRITTEN_DOWN).await {
            self.written_down.insert(bare(id), n.parse().unwrap());
        }
    }

    /// A mail whose text had been sent when the worker of this name died.
    pub(crate) fn add(&mut self, id: &str, owner: &str) {
        self.seen.insert((id.to_owned(), owner.to_owned()));
    }

    pub(crate) fn n(&self) -> usize {
        self.seen.len()
    }

    fn of(&self, id: &str) -> usize {
        let seen = self.seen.iter().filter(|(mail, _)| mail == id).count();
        seen.max(self.written_down.get(id).copied().unwrap_or(0))
    }
}

/// Kinds of trouble, so that not all of them are one incident.
const WHAT: [&str; 10] = [
    "la factura",
    "el técnico",
    "la instalación",
    "el contrato",
    "la cobertura",
    "el envío",
    "la devolución",
    "el router",
    "la línea",
    "el alta",
];

/// The feed with the complaints of these neighbours, each his own story. Its ETag changes with what it
/// shows: an ETag stored before its posts would lose them.
pub(crate) fn feed(neighbours: Range<u64>) -> Answer {
    let published = escucha::clock::now().plus_hours(-2);
    let tag = format!("\"{}-{}\"", neighbours.start, neighbours.end);
    let mut items = String::new();
    for at in neighbours.rev() {
        let (times, what) = (at % 7 + 2, WHAT[at as usize % WHAT.len()]);
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">g{at}</guid><title>Tema {at}</title>\
             <link>https://foro.test/t/{at}</link><dc:creator>Vecino {at}</dc:creator>\
             <dc:date>{published}</dc:date><description>Estoy harto de Telefonía Ejemplo, \
             {times} veces {what} del caso {at}: me cambio de compañía.</description></item>"
        );
    }
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&tag)
}

/// A feed of a source where nobody complains.
pub(crate) fn quiet(nth: u64) -> Answer {
    let body = format!(
        "<rss version=\"2.0\"><channel><title>Barrio {nth}</title><link>https://b{nth}.test/</link>\
         <description>d</description><item><guid isPermaLink=\"false\">q{nth}</guid>\
         <title>La plaza {nth}</title><description>Hoy hace sol en la plaza {nth}.</description>\
         </item></channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&format!("\"q{nth}\""))
}

fn configuration(forums: &[Server], smtp: u16, postgres: Option<&str>) -> String {
    let mut toml = String::new();
    if let Some(url) = postgres {
        let _ = write!(toml, "[database]\nurl = \"{url}\"\n");
    }
    let _ = write!(
        toml,
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
         [fetch]\ncontact = \"https://ejemplo.test/escucha\"\nallow_private = [\"127.0.0.0/8\"]\n\
         floor = \"2s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n\
         [alerts]\nto = [\"gerente@ejemplo.test\"]\n"
    );
    for (nth, forum) in forums.iter().enumerate() {
        let url = forum.url("/rss");
        let _ = write!(
            toml,
            "[[source]]\nname = \"foro{nth}\"\nurl = \"{url}\"\nevery = \"2s\"\nfull_text = false\n"
        );
    }
    toml
}
