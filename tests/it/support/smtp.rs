//! A real SMTP server with a script: it keeps what it accepts, logs every verb, and misbehaves on
//! demand at any of them. It runs on its own thread, so that tests may block and other processes
//! may use it.
#![expect(
    clippy::expect_used,
    reason = "a test ends where its ground is missing"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use escucha::config::{Mailbox, Secret, SmtpLogin, SmtpSecurity, SmtpSettings};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio_rustls::TlsAcceptor;

/// A running server; it ends when this is dropped.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    /// The certificate that clients must trust, if there is TLS.
    pub(crate) pem: Option<String>,
    shared: Arc<Shared>,
    _stop: oneshot::Sender<()>,
}

/// What kind of server it is.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) security: SmtpSecurity,
    /// User and password; without them nobody may send.
    pub(crate) login: Option<(&'static str, &'static str)>,
    pub(crate) mechanisms: &'static str,
    /// Further lines of the answer to EHLO.
    pub(crate) keywords: &'static [&'static str],
    /// The name in the certificate.
    pub(crate) name: &'static str,
    pub(crate) expired: bool,
    /// Answers STARTTLS with this and stays in plaintext, as somebody in between would.
    pub(crate) strip_starttls: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            security: SmtpSecurity::None,
            login: None,
            mechanisms: "PLAIN LOGIN",
            keywords: &["SIZE 10000000", "ENHANCEDSTATUSCODES"],
            name: "127.0.0.1",
            expired: false,
            strip_starttls: false,
        }
    }
}

/// A moment of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the first line of the text.
    Body,
    /// After the final dot.
    Dot,
}

/// What the server does instead of its usual answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Says nothing more, and keeps the connection until the client leaves.
    Hang,
    /// Reads nothing more either.
    Stall,
    Close,
    /// Says exactly this and goes on as if it were the usual answer; nothing is stored.
    Say(&'static str),
    /// Says the usual after a while.
    Late(Duration),
    /// Repeats this without end.
    Endless(&'static str),
    /// At the dot: stores the mail, then does this.
    StoredThen(&'static Fault),
}

/// An accepted mail.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// The bytes between 354 and the final dot, dot-stuffing removed.
    pub(crate) raw: Vec<u8>,
    pub(crate) over_tls: bool,
    pub(crate) user: Option<String>,
}

struct Shared {
    options: Options,
    tls: Option<TlsAcceptor>,
    faults: Mutex<Vec<(Verb, Fault)>>,
    log: Mutex<Vec<String>>,
    mails: watch::Sender<Vec<Mail>>,
    open: watch::Sender<usize>,
}

impl Smtp {
    /// A plain server without login on a free port of 127.0.0.1.
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let (pem, tls) = match options.security {
            SmtpSecurity::None => (None, None),
            SmtpSecurity::Tls | SmtpSecurity::StartTls => {
                let (pem, tls) = certified(options.name, options.expired);
                (Some(pem), Some(tls))
            }
        };
        let shared = Arc::new(Shared {
            options,
            tls,
            faults: Mutex::default(),
            log: Mutex::default(),
            mails: watch::Sender::default(),
            open: watch::Sender::default(),
        });
        let (ready, port) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let _ = ready.send(listener.local_addr().expect("an address").port());
                tokio::select! {
                    () = serve(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            port: port.await.expect("a server"),
            pem,
            shared,
            _stop: stop,
        }
    }

    /// The configuration of a client that is right for this server.
    pub(crate) fn settings(&self) -> SmtpSettings {
        let options = &self.shared.options;
        let login = options.login.map(|(user, password)| SmtpLogin {
            user: user.to_owned(),
            password: Secret::new(password),
        });
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: options.security,
            login,
            from: Mailbox {
                name: Some("Escucha".to_owned()),
                address: "avisos@ejemplo.test".to_owned(),
            },
            reply_to: None,
        }
    }

    /// The next time at this verb, this fault; faults of one verb queue up.
    pub(crate) fn fault(&self, verb: Verb, fault: Fault) -> &Self {
        self.fault_times(1, verb, fault)
    }

    /// The next `n` times, then the server behaves.
    pub(crate) fn fault_times(&self, n: usize, verb: Verb, fault: Fault) -> &Self {
        let mut faults = self.shared.faults.lock().expect("faults");
        faults.extend(std::iter::repeat_n((verb, fault), n));
        self
    }

    /// All accepted mails, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.shared.mails.borrow().clone()
    }

    /// Waits until there are `n` mails; fails with the log when `deadline` has passed.
    pub(crate) async fn wait_for(&self, n: usize, deadline: Duration) -> Vec<Mail> {
        let mut mails = self.shared.mails.subscribe();
        let enough = mails.wait_for(|mails| mails.len() >= n);
        let found = tokio::time::timeout(deadline, enough)
            .await
            .map(|mails| mails.is_ok());
        assert_eq!(
            found,
            Ok(true),
            "waited for {n} mails; log: {:#?}",
            self.log()
        );
        self.mails()
    }

    /// Waits until no client is connected.
    pub(crate) async fn wait_until_alone(&self, deadline: Duration) {
        let mut open = self.shared.open.subscribe();
        let alone = tokio::time::timeout(deadline, open.wait_for(|open| *open == 0)).await;
        assert!(
            alone.is_ok(),
            "clients stay connected; log: {:#?}",
            self.log()
        );
    }

    /// What was heard and answered, one `heard -> answered` a line.
    pub(crate) fn log(&self) -> Vec<String> {
        self.shared.log.lock().expect("log").clone()
    }
}

fn certified(name: &str, expired: bool) -> (String, TlsAcceptor) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
    if expired {
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    }
    let certificate = params.self_signed(&key).expect("a certificate");
    let chain = vec![certificate.der().clone()];
    let secret = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .expect("a certificate");
    (certificate.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        shared.open.send_modify(|open| *open += 1);
        tokio::spawn(async move {
            // Both ends of a conversation: the client left, or a fault closed it.
            let _ = welcome(tcp, &shared).await;
            shared.open.send_modify(|open| *open -= 1);
        });
    }
}

async fn welcome(tcp: TcpStream, shared: &Shared) -> Result<(), Ended> {
    tcp.set_nodelay(true)?;
    let mut stream: Box<dyn Io> = Box::new(tcp);
    let implicit = shared.options.security == SmtpSecurity::Tls;
    if let Some(tls) = shared.tls.as_ref().filter(|_| implicit) {
        stream = Box::new(tls.accept(stream).await?);
    }
    let mut talk = Talk::new(stream, shared, implicit);
    talk.answer(Verb::Greeting, "(connected)", "220 smtp.ejemplo.test ESMTP")
        .await?;
    while talk.line().await? == Next::StartTls {
        let tls = shared.tls.as_ref().ok_or(Ended)?;
        let stream = tls.accept(talk.stream.into_inner()).await?;
        talk = Talk::new(Box::new(stream), shared, true);
    }
    Ok(())
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The conversation is over, for whatever reason.
#[derive(Debug)]
struct Ended;

impl From<std::io::Error> for Ended {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    StartTls,
    Quit,
}

/// One client.
struct Talk<'a> {
    stream: BufReader<Box<dyn Io>>,
    shared: &'a Shared,
    over_tls: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

impl<'a> Talk<'a> {
    fn new(stream: Box<dyn Io>, shared: &'a Shared, over_tls: bool) -> Self {
        let stream = BufReader::new(stream);
        Self {
            stream,
            shared,
            over_tls,
            user: None,
            from: None,
            to: Vec::new(),
        }
    }

    /// Serves verbs until the client quits or wants TLS.
    async fn line(&mut self) -> Result<Next, Ended> {
        loop {
            let line = self.hear().await?;
            let upper = line.to_ascii_uppercase();
            let options = &self.shared.options;
            let needs_login = options.login.is_some() && self.user.is_none();
            match upper.split(' ').next().unwrap_or("") {
                "EHLO" => self.answer(Verb::Ehlo, &line, &self.features()).await?,
                "STARTTLS" if self.shared.tls.is_some() && !self.over_tls => {
                    self.answer(Verb::StartTls, &line, "220 go ahead").await?;
                    return Ok(Next::StartTls);
                }
                "AUTH" => self.auth(&line).await?,
                "MAIL" if needs_login => self.say(&line, "530 5.7.0 log in first").await?,
                "MAIL" => {
                    self.from = Some(path(&line));
                    self.to.clear();
                    self.answer(Verb::Mail, &line, "250 2.1.0 sender ok")
                        .await?;
                }
                "RCPT" if self.from.is_some() => {
                    self.to.push(path(&line));
                    self.answer(Verb::Rcpt, &line, "250 2.1.5 recipient ok")
                        .await?;
                }
                "DATA" if !self.to.is_empty() => self.data(&line).await?,
                "QUIT" => {
                    self.say(&line, "221 2.0.0 bye").await?;
                    return Ok(Next::Quit);
                }
                _ => self.say(&line, "503 5.5.1 not now").await?,
            }
        }
    }

    fn features(&self) -> String {
        let options = &self.shared.options;
        let mut lines = vec!["smtp.ejemplo.test".to_owned()];
        lines.extend(options.keywords.iter().map(|keyword| (*keyword).to_owned()));
        let offers_tls = options.security == SmtpSecurity::StartTls && !options.strip_starttls;
        if offers_tls && !self.over_tls {
            lines.push("STARTTLS".to_owned());
        }
        if options.login.is_some() {
            lines.push(format!("AUTH {}", options.mechanisms));
        }
        let (last, first) = lines.split_last().expect("a line");
        let first: String = first.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("{first}250 {last}")
    }

    async fn auth(&mut self, line: &str) -> Result<(), Ended> {
        let words: Vec<&str> = line.split(' ').collect();
        let given = match words.as_slice() {
            [_, "PLAIN", initial] => unbase64(initial),
            [_, "LOGIN"] => {
                self.say(line, "334 VXNlcm5hbWU6").await?;
                let user = unbase64(&self.hear().await?);
                self.say(line, "334 UGFzc3dvcmQ6").await?;
                let password = unbase64(&self.hear().await?);
                format!("\0{user}\0{password}")
            }
            _ => String::new(),
        };
        let login = self
            .shared
            .options
            .login
            .filter(|(u, p)| given == format!("\0{u}\0{p}"));
        self.user = login.map(|(user, _)| user.to_owned());
        let usual = match self.user {
            Some(_) => "235 2.7.0 welcome",
            None => "535 5.7.8 wrong user or password",
        };
        self.answer(Verb::Auth, line, usual).await
    }

    async fn data(&mut self, line: &str) -> Result<(), Ended> {
        self.answer(Verb::Data, line, "354 go ahead").await?;
        let mut raw = Vec::new();
        let mut first = true;
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(Ended);
            }
            if line == b".\r\n" {
                break;
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            raw.extend_from_slice(line);
            let fault = std::mem::take(&mut first).then(|| self.shared.next_fault(Verb::Body));
            if let Some(fault) = fault.flatten() {
                self.misbehave(fault, "(text)", "").await?;
            }
        }
        let mail = Mail {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            raw,
            over_tls: self.over_tls,
            user: self.user.clone(),
        };
        self.receipt(mail).await
    }

    async fn receipt(&mut self, mail: Mail) -> Result<(), Ended> {
        let usual = "250 2.0.0 queued as 4711";
        let fault = self.shared.next_fault(Verb::Dot);
        let (is_stored, fault) = match fault {
            Some(Fault::StoredThen(then)) => (true, Some(*then)),
            Some(Fault::Late(_)) | None => (true, fault),
            Some(_) => (false, fault),
        };
        if is_stored {
            self.shared.mails.send_modify(|mails| mails.push(mail));
        }
        match fault {
            Some(fault) => self.misbehave(fault, "(dot)", usual).await,
            None => self.say("(dot)", usual).await,
        }
    }

    async fn answer(&mut self, verb: Verb, heard: &str, usual: &str) -> Result<(), Ended> {
        match self.shared.next_fault(verb) {
            Some(fault) => self.misbehave(fault, heard, usual).await,
            None => self.say(heard, usual).await,
        }
    }

    async fn misbehave(&mut self, fault: Fault, heard: &str, usual: &str) -> Result<(), Ended> {
        match fault {
            Fault::Hang => {
                self.shared.note(heard, "(silence)");
                while self.stream.read_until(b'\n', &mut Vec::new()).await? > 0 {}
                Err(Ended)
            }
            Fault::Stall => {
                self.shared.note(heard, "(deaf)");
                std::future::pending().await
            }
            Fault::Close => {
                self.shared.note(heard, "(closed)");
                Err(Ended)
            }
            Fault::Say(text) => self.say(heard, text).await,
            Fault::Late(wait) => {
                tokio::time::sleep(wait).await;
                self.say(heard, usual).await
            }
            Fault::Endless(piece) => {
                self.shared.note(heard, "(endless)");
                loop {
                    self.stream
                        .write_all(piece.repeat(1 << 10).as_bytes())
                        .await?;
                }
            }
            Fault::StoredThen(then) => Box::pin(self.misbehave(*then, heard, usual)).await,
        }
    }

    async fn hear(&mut self) -> Result<String, Ended> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await? {
            0 => Err(Ended),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    async fn say(&mut self, heard: &str, text: &str) -> Result<(), Ended> {
        self.shared.note(heard, text);
        self.stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await?;
        Ok(self.stream.flush().await?)
    }
}

impl Shared {
    fn next_fault(&self, verb: Verb) -> Option<Fault> {
        let mut faults = self.faults.lock().expect("faults");
        let next = faults.iter().position(|(at, _)| *at == verb)?;
        Some(faults.remove(next).1)
    }

    fn note(&self, heard: &str, answered: &str) {
        self.log
            .lock()
            .expect("log")
            .push(format!("{heard} -> {answered}"));
    }
}

fn path(line: &str) -> String {
    let inner = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(path, _)| path.to_owned())
}

fn unbase64(text: &str) -> String {
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.trim().bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
