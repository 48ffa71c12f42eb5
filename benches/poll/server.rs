//! The world of the benchmark, in a process of its own: a web server for all hosts, and a mail server.
//!
//! It is told on its standard input what to answer from now on, and tells on its standard output what
//! it was asked. It watches the manners of its guest: two requests to one host must be at least the
//! pace apart and must not overlap.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use escucha::clock;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::feeds::{Dice, ENTRIES, Library};

/// Entries that a feed with news has more than before.
pub(crate) const NEWS: u64 = 2;
/// One answer in so many has news where the answers are mixed.
pub(crate) const NEWS_EVERY: usize = 5;
/// Both clocks count in milliseconds.
const ROUNDING: Duration = Duration::from_millis(2);
const REQUEST_BYTES_MAX: usize = 16 << 10;

/// What a conditional request is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mix {
    /// Always 304.
    Same,
    /// Always a feed with news.
    New,
    /// A feed with news now and then.
    Mixed,
}

/// Where the servers listen.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) http: u16,
    pub(crate) smtp: u16,
}

/// What was asked so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Log {
    pub(crate) n_feeds: u64,
    pub(crate) n_not_modified: u64,
    pub(crate) n_robots: u64,
    pub(crate) n_mails: u64,
    /// Bytes of the feeds as they were sent.
    pub(crate) n_bytes: u64,
    /// Requests to a host before its pace was over, and while another was under way.
    pub(crate) n_too_fast: u64,
    pub(crate) n_overlaps: u64,
    /// The least time between two requests to one host.
    pub(crate) least_gap_ms: Option<u64>,
}

#[derive(Default)]
struct Host {
    asked_at: Option<Instant>,
    n_under_way: u32,
}

struct World {
    library: Library,
    pace: Duration,
    began_at: i64,
    watched: Mutex<Watched>,
}

struct Watched {
    mix: Mix,
    log: Log,
    hosts: HashMap<String, Host>,
    /// How many entries each feed has published.
    feeds: HashMap<(u64, u64), u64>,
    dice: Dice,
}

/// Serves until its standard input ends.
pub(crate) fn run(pace_ms: u64) -> Result<()> {
    let world = Arc::new(World {
        library: Library::new()?,
        pace: Duration::from_millis(pace_ms),
        // Three days ago: what is there at first is backlog.
        began_at: clock::now().0 / 1_000 - 3 * 24 * 3_600,
        watched: Mutex::new(Watched {
            mix: Mix::Same,
            log: Log::default(),
            hosts: HashMap::new(),
            feeds: HashMap::new(),
            dice: Dice(7),
        }),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let told = Arc::clone(&world);
    let asked = std::thread::spawn(move || listen_to_orders(&told));
    std::thread::spawn(move || runtime.block_on(serve(world)));
    match asked.join() {
        Ok(outcome) => outcome,
        Err(_) => bail!("the server stumbled"),
    }
}

fn listen_to_orders(world: &World) -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let mix: Mix = serde_json::from_str(&line?)?;
        let mut watched = world.watched();
        watched.mix = mix;
        tell(&watched.log)?;
    }
    Ok(())
}

fn tell(what: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    out.flush().context("telling")
}

async fn serve(world: Arc<World>) -> Result<()> {
    let http = TcpListener::bind("127.0.0.1:0").await?;
    let smtp = TcpListener::bind("127.0.0.1:0").await?;
    tell(&Ports {
        http: http.local_addr()?.port(),
        smtp: smtp.local_addr()?.port(),
    })?;
    loop {
        tokio::select! {
            guest = http.accept() => {
                let (guest, _) = guest?;
                tokio::spawn(answer(Arc::clone(&world), guest));
            }
            guest = smtp.accept() => {
                let (guest, _) = guest?;
                tokio::spawn(take_mails(Arc::clone(&world), guest));
            }
        }
    }
}

/// One request on one connection, as the guest wants it.
async fn answer(world: Arc<World>, mut guest: TcpStream) -> Result<()> {
    guest.set_nodelay(true)?;
    let mut request = Vec::with_capacity(1_024);
    while !request.ends_with(b"\r\n\r\n") {
        if guest.read_buf(&mut request).await? == 0 || request.len() > REQUEST_BYTES_MAX {
            bail!("no request");
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let host = header(&request, "host").unwrap_or_default().to_owned();
    world.watched().asked(&host, world.pace);
    let answer = world.answer(&host, path, header(&request, "if-none-match"));
    let sent = async {
        guest.write_all(&answer?).await?;
        guest.shutdown().await.context("hanging up")
    };
    let sent = sent.await;
    world.watched().answered(&host);
    sent
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}

impl World {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, host: &str, path: &str, etag: Option<&str>) -> Result<Vec<u8>> {
        if path == "/robots.txt" {
            self.watched().log.n_robots += 1;
            return Ok(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec());
        }
        let (host, nth) = numbers(host, path).context("an unknown address")?;
        let known = etag.and_then(|etag| etag.trim_matches('"').parse().ok());
        let n_published = {
            let mut watched = self.watched();
            let n = watched.published(host, nth, known);
            if known == Some(n) {
                watched.log.n_not_modified += 1;
                let lines = format!("HTTP/1.1 304 Not Modified\r\nETag: \"{n}\"\r\n\r\n");
                return Ok(lines.into_bytes());
            }
            n
        };
        let body = self
            .library
            .feed(host * 10 + nth, n_published, self.began_at)?;
        let mut watched = self.watched();
        watched.log.n_feeds += 1;
        watched.log.n_bytes += body.len() as u64;
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\n\
             ETag: \"{n_published}\"\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend(body);
        Ok(answer)
    }
}

/// The numbers in `h7.bench.test:80` and `/feed/0`.
fn numbers(host: &str, path: &str) -> Option<(u64, u64)> {
    let host = host.strip_prefix('h')?.split('.').next()?.parse().ok()?;
    Some((host, path.strip_prefix("/feed/")?.parse().ok()?))
}

impl Watched {
    fn asked(&mut self, host: &str, pace: Duration) {
        let now = clock::stopwatch();
        let watched = self.hosts.entry(host.to_owned()).or_default();
        if watched.n_under_way > 0 {
            self.log.n_overlaps += 1;
        }
        watched.n_under_way += 1;
        if let Some(before) = watched.asked_at.replace(now) {
            let gap = now.duration_since(before);
            self.log.n_too_fast += u64::from(gap + ROUNDING < pace);
            let gap_ms = gap.as_millis() as u64;
            self.log.least_gap_ms = Some(
                self.log
                    .least_gap_ms
                    .map_or(gap_ms, |least| least.min(gap_ms)),
            );
        }
    }

    fn answered(&mut self, host: &str) {
        if let Some(watched) = self.hosts.get_mut(host) {
            watched.n_under_way -= 1;
        }
    }

    /// How many entries this feed has published by now.
    fn published(&mut self, host: u64, nth: u64, known: Option<u64>) -> u64 {
        let has_news = known.is_some()
            && match self.mix {
                Mix::Same => false,
                Mix::New => true,
                Mix::Mixed => self.dice.below(NEWS_EVERY) == 0,
            };
        let n = self.feeds.entry((host, nth)).or_insert(ENTRIES);
        *n += if has_news { NEWS } else { 0 };
        *n
    }
}

/// Takes every mail.
async fn take_mails(world: Arc<World>, guest: TcpStream) -> Result<()> {
    guest.set_nodelay(true)?;
    let (from, mut to) = guest.into_split();
    let mut lines = BufReader::new(from).lines();
    to.write_all(b"220 bench.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let said: &[u8] = match verb.as_str() {
            "DATA" => {
                to.write_all(b"354 go on\r\n").await?;
                while lines.next_line().await?.is_some_and(|line| line != ".") {}
                world.watched().log.n_mails += 1;
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        to.write_all(said).await?;
    }
    Ok(())
}
