//! A small scripted HTTP server on real sockets, whose answers can be as wrong as those of the web.
//!
//! ```ignore
//! let server = Server::start().await;
//! server.route("/feed", Answer::ok("application/rss+xml", body).etag("\"1\""));
//! // … let the program poll `server.url("/feed")` …
//! assert_eq!(server.requests()[1].header("if-none-match"), Some("\"1\""));
//! ```
//! It runs on a thread of its own, so a test may block (on a child process, say) while it serves.
//! A path without a route answers 404. Each connection carries one request.
#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod bombs;
mod play;

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use url::Url;

pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
    /// Dropping it ends the thread.
    _stop: oneshot::Sender<()>,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// Names in lower case, in the order of arrival.
    pub(crate) headers: Vec<(String, String)>,
    /// What its Content-Length promised.
    pub(crate) body: Vec<u8>,
    /// When its last header came.
    pub(crate) at: Instant,
}

/// What a route answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    play: Play,
}

/// How the answer is played.
#[derive(Clone, Debug)]
enum Play {
    /// As it should be. A validator that fits turns 200 into 304.
    Whole,
    /// Reads the request and says nothing, with the connection open.
    Silence,
    /// The body, one byte every so often.
    Drip(Duration),
    /// Everything so, from the first byte of the headers on.
    RawDrip(Duration),
    /// Half of it, and then the connection is reset.
    Reset,
    /// A body that promises more than comes before the connection ends.
    Cut,
    /// The body over and over, chunked.
    EndlessBody,
    EndlessHeaders,
    /// These bytes and nothing else.
    Raw,
}

#[derive(Default)]
struct State {
    /// Each route's answers in turn; the last one stays.
    routes: HashMap<String, Vec<Answer>>,
    seen: Vec<Seen>,
    n_connections: usize,
    /// The addresses of ours that were dialled.
    reached: Vec<IpAddr>,
    /// Requests that are being answered, and the most that were at once.
    n_open: usize,
    most_open: usize,
}

impl Server {
    /// On a free port of 127.0.0.1.
    pub(crate) async fn start() -> Self {
        Self::start_on("127.0.0.1:0").await
    }

    /// On an address of this machine; port 0 is a free one.
    pub(crate) async fn start_on(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        Self::serve(vec![listener], None)
    }

    /// At `n` addresses of this machine (see [`Self::nth_host`]), each a host of its own, and one port.
    pub(crate) async fn start_as_hosts(n: usize) -> Self {
        let first = TcpListener::bind("127.1.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut listeners = vec![first];
        for nth in 1..n {
            let address = format!("{}:{port}", Self::nth_host(nth));
            listeners.push(TcpListener::bind(address).await.unwrap());
        }
        Self::serve(listeners, None)
    }

    pub(crate) fn nth_host(nth: usize) -> String {
        format!("127.1.{}.{}", nth / 250, nth % 250 + 1)
    }

    /// https, with this server's certificate.
    pub(crate) async fn start_tls(config: rustls::ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(vec![listener], Some(TlsAcceptor::from(Arc::new(config))))
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        let text = format!("{}://{}{path}", self.scheme, self.address);
        Url::parse(&text).unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Sets or replaces what `path` answers, also while running.
    pub(crate) fn route(&self, path: &str, answer: Answer) {
        self.routes(path, [answer]);
    }

    /// The same for several answers, given in turn; the last one is repeated.
    pub(crate) fn routes(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let answers = answers.into_iter().collect();
        self.state().routes.insert(path.to_owned(), answers);
    }

    /// All requests so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// How many requests asked for this path.
    pub(crate) fn hits(&self, path: &str) -> usize {
        self.state()
            .seen
            .iter()
            .filter(|seen| seen.path == path)
            .count()
    }

    /// How many connections were accepted, whether or not anything was asked.
    pub(crate) fn connections(&self) -> usize {
        self.state().n_connections
    }

    /// Which of our addresses each connection came to, where we listen on many.
    pub(crate) fn reached(&self) -> Vec<IpAddr> {
        self.state().reached.clone()
    }

    /// The most requests that were being answered at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state().most_open
    }

    /// The shortest time between two requests, in the order of arrival.
    pub(crate) fn shortest_gap(&self) -> Option<Duration> {
        let seen = self.requests();
        let gaps = seen.windows(2).map(|two| two[1].at - two[0].at);
        gaps.min()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(listeners: Vec<TcpListener>, tls: Option<TlsAcceptor>) -> Self {
        let address = listeners[0].local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let state = Arc::new(Mutex::new(State::default()));
        let (stop, stopped) = oneshot::channel();
        let listeners: Vec<_> = listeners
            .into_iter()
            .map(|listener| listener.into_std().unwrap())
            .collect();
        let serving = state.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                for listener in listeners {
                    tokio::spawn(play::accept(listener, tls.clone(), serving.clone()));
                }
                // The end of the runtime ends them.
                let _ = stopped.await;
            });
        });
        Self {
            address,
            scheme,
            state,
            _stop: stop,
        }
    }
}

impl Seen {
    /// The name that was asked, without port.
    pub(crate) fn host(&self) -> &str {
        let host = self.header("host").unwrap_or_default();
        host.rsplit_once(':').map_or(host, |(name, _)| name)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            play: Play::Whole,
        }
    }

    pub(crate) fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::status(200)
            .header("Content-Type", content_type)
            .body(body)
    }

    pub(crate) fn redirect(status: u16, to: impl std::fmt::Display) -> Self {
        Self::status(status).header("Location", &format!("{to}"))
    }

    /// These bytes and nothing else: no status line, no headers are added.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(bytes).play(Play::Raw)
    }

    pub(crate) fn silence() -> Self {
        Self::status(200).play(Play::Silence)
    }

    pub(crate) fn endless_headers() -> Self {
        Self::status(200).play(Play::EndlessHeaders)
    }

    /// `n_mebibytes` of zeros that travel as a gzip of a thousandth of that.
    pub(crate) fn gzip_bomb(n_mebibytes: usize) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..n_mebibytes {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let answer = Self::ok("application/rss+xml", encoder.finish().unwrap());
        answer.header("Content-Encoding", "gzip")
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn etag(self, value: &str) -> Self {
        self.header("ETag", value)
    }

    pub(crate) fn last_modified(self, value: &str) -> Self {
        self.header("Last-Modified", value)
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Compresses the body as it is now.
    pub(crate) fn gzip(mut self) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&self.body).unwrap();
        self.body = encoder.finish().unwrap();
        self.header("Content-Encoding", "gzip")
    }

    /// Keeps only the first bytes of the body, and does not tell.
    pub(crate) fn truncated(mut self, n_bytes: usize) -> Self {
        self.body.truncate(n_bytes);
        self
    }

    /// Promises twice the body and hangs up after half of that.
    pub(crate) fn cut(self) -> Self {
        self.play(Play::Cut)
    }

    pub(crate) fn drip(self, every: Duration) -> Self {
        let play = match self.play {
            Play::Raw => Play::RawDrip(every),
            _ => Play::Drip(every),
        };
        self.play(play)
    }

    /// Half of the body, and then a reset.
    pub(crate) fn reset(self) -> Self {
        self.play(Play::Reset)
    }

    pub(crate) fn endless(self) -> Self {
        self.play(Play::EndlessBody)
    }

    fn play(mut self, play: Play) -> Self {
        self.play = play;
        self
    }

    fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name);
        found.next().map(|(_, value)| value.as_str())
    }

    fn fits(&self, seen: &Seen) -> bool {
        let both = |theirs: Option<&str>, ours| theirs.is_some() && theirs == ours;
        self.status == 200
            && (both(seen.header("if-none-match"), self.value("ETag"))
                || both(
                    seen.header("if-modified-since"),
                    self.value("Last-Modified"),
                ))
    }

    fn head(&self, status: u16, framing: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\n{framing}");
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}
