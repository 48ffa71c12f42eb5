//! Brings one mail after another to the configured server, verb by verb.
//!
//! `Mailer::connect` (`dial`, then TLS and the login) → `Session::begin` up to the 354 → the caller commits its dot barrier →
//! `Session::body`. Only 250 after the dot is success. Any error, any elapsed limit and any
//! cancelled call ends the connection, because a session in the middle of a verb would answer the
//! next mail with the reply to this one. Absent: pools, retries, fallback to plaintext.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use rustls::RootCertStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::{Fault, Phase, SendError};
use super::wire::{Reply, Stream, Watched, Wire};
use super::{address, tls};
use crate::fetch::Lookup;
use crate::settings::{SmtpLogin, SmtpSecurity, SmtpSettings};

/// Bytes of text for which one `block` limit is granted.
const BLOCK_BYTES: usize = 64 << 10;
/// Bytes of one line of a mail (RFC 5322, 2.1.1).
const LINE_BYTES_MAX: usize = 998;

/// How long each step may take. The defaults are those of RFC 5321, 4.5.3.2, lowered only where
/// no second copy of a mail can come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub connect: Duration,
    pub tls: Duration,
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH, MAIL, RCPT: each.
    pub command: Duration,
    pub data: Duration,
    /// Each 64 KiB of the text.
    pub block: Duration,
    /// The answer to the final dot. Who gives up too soon makes a copy.
    pub answer: Duration,
    pub quit: Duration,
}

impl Limits {
    /// For a person who waits at the terminal.
    pub fn brief() -> Self {
        Self {
            connect: Duration::from_secs(15),
            tls: Duration::from_secs(15),
            greeting: Duration::from_secs(20),
            command: Duration::from_secs(30),
            data: Duration::from_secs(30),
            block: Duration::from_mins(1),
            answer: Duration::from_mins(2),
            quit: Duration::from_secs(2),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            tls: Duration::from_secs(30),
            greeting: Duration::from_mins(5),
            command: Duration::from_mins(5),
            data: Duration::from_mins(2),
            block: Duration::from_mins(3),
            answer: Duration::from_mins(10),
            quit: Duration::from_secs(2),
        }
    }
}

/// The way to one mail server. Cheap to keep, opens nothing before `connect`.
pub struct Mailer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: SmtpSecurity,
    login: Option<SmtpLogin>,
    roots: RootCertStore,
    pub(super) limits: Limits,
    pub(super) lookup: Lookup,
    server: Arc<str>,
}

/// A connection that is ready for mails.
pub struct Session {
    stage: Stage,
    wire: Arc<Wire>,
    limits: Limits,
    server: Arc<str>,
    size_limit: Option<u64>,
}

enum Stage {
    Idle(Box<AsyncSmtpConnection>),
    /// After the 354.
    Text(Box<AsyncSmtpConnection>),
    Ended,
}

/// The server's receipt: from here on the mail is its duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Always 250.
    pub code: u16,
    /// Often the server's queue id; holds no addresses.
    pub text: String,
}

impl Mailer {
    /// Checks what can be checked without the network.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SendError> {
        let host = settings
            .host
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let server: Arc<str> = format!("{}:{}", settings.host.trim(), settings.port).into();
        let abroad = host.parse::<IpAddr>().is_ok_and(|ip| !ip.is_loopback());
        if settings.security == SmtpSecurity::None && abroad {
            return Err(SendError::new(
                &server,
                Phase::Connect,
                Fault::PlaintextAbroad,
            ));
        }
        if url::Host::parse(&settings.host).is_err() && host.parse::<IpAddr>().is_err() {
            return Err(SendError::new(&server, Phase::Connect, Fault::BadHost));
        }
        let roots = match settings.security {
            SmtpSecurity::None => RootCertStore::empty(),
            SmtpSecurity::Tls | SmtpSecurity::StartTls => tls::system_roots(),
        };
        Ok(Self {
            host,
            port: settings.port,
            security: settings.security,
            login: settings.login.clone(),
            roots,
            limits: Limits::default(),
            lookup: Lookup::System,
            server,
        })
    }

    /// Trusts the authorities of a PEM text too.
    pub fn with_roots(mut self, pem: &str) -> Result<Self, SendError> {
        tls::add_pem(&mut self.roots, pem).map_err(|fault| self.error(Phase::Tls, fault))?;
        Ok(self)
    }

    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Looks the server's name up elsewhere.
    #[must_use]
    pub fn with_resolver<F, Fut>(self, look_up: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self {
            lookup: Lookup::custom(look_up),
            ..self
        }
    }

    /// Connects, secures, introduces and logs in.
    pub async fn connect(&self) -> Result<Session, SendError> {
        let tcp = self.tcp().await;
        let tcp = tcp.map_err(|fault| self.error(Phase::Connect, fault))?;
        match self.security {
            SmtpSecurity::None => {
                let tcp = self.greeted(tcp).await?;
                self.log_in(tcp).await
            }
            SmtpSecurity::Tls => {
                let tls = self.secured(tcp).await?;
                let tls = self.greeted(tls).await?;
                self.log_in(tls).await
            }
            SmtpSecurity::StartTls => {
                let tcp = self.greeted(tcp).await?;
                let tcp = self.started_tls(tcp).await?;
                let tls = self.secured(tcp).await?;
                self.log_in(tls).await
            }
        }
    }

    async fn secured(&self, tcp: TcpStream) -> Result<impl Stream + use<>, SendError> {
        let secured = async {
            let config = tls::config(&self.roots)?;
            tls::handshake(config, &self.host, tcp).await
        };
        let secured = limited(self.limits.tls, secured).await;
        secured.map_err(|fault| self.error(Phase::Tls, fault))
    }

    /// The plaintext part of STARTTLS is ours: whatever the server says after its 220 and before
    /// the handshake was put there by somebody else, and lettre would take it for the answer to
    /// the next EHLO.
    async fn started_tls(&self, mut tcp: TcpStream) -> Result<TcpStream, SendError> {
        let wire = Wire::default();
        let hello = format!("EHLO {}\r\n", ClientId::default());
        let answer = limited(self.limits.command, ask(&mut tcp, &wire, &hello)).await;
        let answer = answer.and_then(|reply| exactly(reply, &[250]));
        answer.map_err(|fault| self.error(Phase::Hello, fault))?;
        if !wire
            .keywords()
            .iter()
            .any(|keyword| keyword.trim() == "STARTTLS")
        {
            return Err(self.error(Phase::Tls, Fault::StartTlsMissing));
        }
        let answer = limited(self.limits.command, ask(&mut tcp, &wire, "STARTTLS\r\n")).await;
        let answer = answer.and_then(|reply| exactly(reply, &[220]));
        answer.map_err(|fault| self.error(Phase::Tls, fault))?;
        Ok(tcp)
    }

    async fn log_in<S: Stream + 'static>(&self, stream: S) -> Result<Session, SendError> {
        let wire = Arc::new(Wire::default());
        // lettre asks for an address only to hand it on to callers, and we never ask.
        let peer = ([0, 0, 0, 0], self.port).into();
        let watched = Box::new(Watched::new(stream, Arc::clone(&wire), peer));
        let name = ClientId::default();
        let hello = AsyncSmtpConnection::connect_with_transport(watched, &name);
        let hello = timeout(self.limits.command, hello).await;
        let answer = judged(&wire, hello.is_err()).and_then(|reply| exactly(reply, &[250]));
        answer.map_err(|fault| self.error(Phase::Hello, fault))?;
        let Ok(Ok(mut connection)) = hello else {
            return Err(self.error(Phase::Hello, Fault::NotSmtp));
        };
        let size_limit = size_limit(&wire.keywords());
        if let Some(login) = &self.login {
            if connection
                .server_info()
                .get_auth_mechanism(DEFAULT_MECHANISMS)
                .is_none()
            {
                return Err(self.error(Phase::Auth, Fault::LoginMissing));
            }
            let password = login.password.expose().to_owned();
            let credentials = Credentials::new(login.user.clone(), password);
            let done = connection.auth(DEFAULT_MECHANISMS, &credentials);
            let elapsed = timeout(self.limits.command, done).await.is_err();
            let answer = judged(&wire, elapsed).and_then(|reply| exactly(reply, &[235]));
            answer.map_err(|fault| self.error(Phase::Auth, without_echo(fault)))?;
        }
        Ok(Session {
            stage: Stage::Idle(Box::new(connection)),
            wire,
            limits: self.limits,
            server: Arc::clone(&self.server),
            size_limit,
        })
    }

    pub(super) fn error(&self, phase: Phase, fault: Fault) -> SendError {
        SendError::new(&self.server, phase, fault)
    }
}

impl Session {
    /// MAIL, RCPT, DATA up to the 354, for one recipient: one that is refused takes none along.
    /// An address that cannot be written is refused before a word is said: the session stays idle.
    pub async fn begin(&mut self, from: &str, to: &str) -> Result<(), SendError> {
        let from = address(from).ok_or_else(|| self.error(Phase::MailFrom, Fault::BadAddress))?;
        let to = address(to).ok_or_else(|| self.error(Phase::RcptTo, Fault::BadAddress))?;
        // Taken out while the verbs run, so that a cancelled call leaves an ended session.
        let Stage::Idle(mut connection) = std::mem::replace(&mut self.stage, Stage::Ended) else {
            return Err(self.error(Phase::MailFrom, Fault::Closed));
        };
        let Limits { command, data, .. } = self.limits;
        let elapsed = timeout(command, connection.command(Mail::new(Some(from), vec![]))).await;
        self.expect(Phase::MailFrom, elapsed.is_err(), &[250])?;
        let elapsed = timeout(command, connection.command(Rcpt::new(to, vec![]))).await;
        self.expect(Phase::RcptTo, elapsed.is_err(), &[250, 251])?;
        let elapsed = timeout(data, connection.command(Data)).await;
        self.expect(Phase::Data, elapsed.is_err(), &[354])?;
        self.stage = Stage::Text(connection);
        Ok(())
    }

    /// The text, the final dot and the server's receipt. Call only after `begin` and after the
    /// dot barrier is committed: from here on the mail may have arrived.
    pub async fn body(&mut self, mime: &[u8]) -> Result<Accepted, SendError> {
        let Stage::Text(mut connection) = std::mem::replace(&mut self.stage, Stage::Ended) else {
            return Err(self.error(Phase::Body, Fault::Closed));
        };
        if !is_mail(mime) {
            return Err(self.error(Phase::Body, Fault::NotAMail));
        }
        self.wire.enter_body();
        let elapsed = {
            // lettre adds the CRLF that belongs to the final dot.
            let message = connection.message(mime.strip_suffix(b"\r\n").unwrap_or(mime));
            let mut message = pin!(message);
            let blocks = mime.len().div_ceil(BLOCK_BYTES).max(1) as u32;
            let sending = async {
                tokio::select! {
                    biased;
                    _ = &mut message => true,
                    () = self.wire.until_dot() => false,
                }
            };
            match timeout(self.limits.block.saturating_mul(blocks), sending).await {
                Ok(true) => false,
                Ok(false) => timeout(self.limits.answer, &mut message).await.is_err(),
                Err(_) => true,
            }
        };
        let phase = if self.wire.dot_written() {
            Phase::Dot
        } else {
            Phase::Body
        };
        let reply = judged(&self.wire, elapsed).map_err(|fault| self.error(phase, fault))?;
        if phase != Phase::Dot || reply.code != 250 {
            let Reply { code, text, .. } = reply;
            return Err(self.error(phase, Fault::Answer { code, text }));
        }
        self.wire.leave_body();
        // A server that says more than its receipt is out of step: the mail is its, but the next
        // one goes over a new connection.
        if !reply.surplus {
            self.stage = Stage::Idle(connection);
        }
        Ok(Accepted {
            code: reply.code,
            text: reply.text,
        })
    }

    /// Whether another `begin` is possible.
    pub fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle(_))
    }

    /// Bytes of the largest mail that the server takes, if it says so (RFC 1870).
    pub fn size_limit(&self) -> Option<u64> {
        self.size_limit
    }

    /// Ends the connection without a word; a mail whose dot was not written is not sent.
    pub fn abandon(self) {
        drop(self);
    }

    /// Takes leave, within two seconds; in the middle of a text that word would become text.
    pub async fn quit(self) {
        if let Stage::Idle(mut connection) = self.stage {
            // Best effort: all mails are settled, so whatever comes back changes nothing.
            let _ = timeout(self.limits.quit, connection.command(Quit)).await;
        }
    }

    fn expect(&self, phase: Phase, elapsed: bool, codes: &[u16]) -> Result<(), SendError> {
        let answer = judged(&self.wire, elapsed).and_then(|reply| exactly(reply, codes));
        answer.map_err(|fault| self.error(phase, fault))
    }

    fn error(&self, phase: Phase, fault: Fault) -> SendError {
        SendError::new(&self.server, phase, fault)
    }
}

/// Shows nothing of the account.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("idle", &self.is_idle())
            .finish_non_exhaustive()
    }
}

pub(super) async fn limited<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    timeout(limit, step).await.unwrap_or(Err(Fault::TimedOut))
}

pub(super) async fn ask<S: Stream>(
    stream: &mut S,
    wire: &Wire,
    line: &str,
) -> Result<Reply, Fault> {
    stream
        .write_all(line.as_bytes())
        .await
        .map_err(|_| Fault::Lost)?;
    stream.flush().await.map_err(|_| Fault::Lost)?;
    hear(stream, wire).await
}

pub(super) async fn hear<S: Stream>(stream: &mut S, wire: &Wire) -> Result<Reply, Fault> {
    let mut space = [0_u8; 4 << 10];
    wire.forget();
    while wire.expects_more() {
        let n = stream.read(&mut space).await.map_err(|_| Fault::Lost)?;
        if n == 0 {
            break;
        }
        wire.heard(&space[..n]).map_err(|_| Fault::ReplyTooLong)?;
    }
    wire.answer()
}

/// The reply on record; silence is `TimedOut` or `Lost`.
fn judged(wire: &Wire, elapsed: bool) -> Result<Reply, Fault> {
    match wire.answer() {
        Err(Fault::Lost) if elapsed => Err(Fault::TimedOut),
        answer => answer,
    }
}

/// Exactly one reply, and one of these codes.
pub(super) fn exactly(reply: Reply, codes: &[u16]) -> Result<(), Fault> {
    let Reply {
        code,
        text,
        surplus,
    } = reply;
    if !codes.contains(&code) {
        return Err(Fault::Answer { code, text });
    }
    if surplus { Err(Fault::NotSmtp) } else { Ok(()) }
}

/// A server may repeat the user or the password in its answer: only the enhanced code is kept.
fn without_echo(fault: Fault) -> Fault {
    match fault {
        Fault::Answer { code, text } => {
            let first = text.split(' ').next().unwrap_or("");
            let is_code =
                first.len() <= 11 && first.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let text = if is_code {
                first.to_owned()
            } else {
                String::new()
            };
            Fault::Answer { code, text }
        }
        other => other,
    }
}

fn size_limit(keywords: &[String]) -> Option<u64> {
    let size = keywords
        .iter()
        .find_map(|keyword| keyword.strip_prefix("SIZE "))?;
    // RFC 1870: 0 means that no fixed limit is in force.
    size.trim().parse().ok().filter(|bytes| *bytes > 0)
}

/// 7-bit lines of at most 998 bytes, each ended by CRLF: with a lone CR or LF in it, a text could
/// end the mail for one server and go on for the next.
fn is_mail(mime: &[u8]) -> bool {
    let mut lines = mime.split(|byte| *byte == b'\n');
    let last = lines.next_back().unwrap_or(b"");
    let plain = |line: &[u8]| {
        line.len() <= LINE_BYTES_MAX && line.iter().all(|b| b.is_ascii() && !matches!(b, 0 | b'\r'))
    };
    plain(last) && lines.all(|line| line.strip_suffix(b"\r").is_some_and(plain))
}
