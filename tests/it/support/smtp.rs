//! A real SMTP server with a script: it keeps what it accepts, logs every verb, and misbehaves on
//! demand at any of them. It runs on its own thread, so that tests may block and other processes
//! may use it.
#![expect(
    clippy::expect_used,
    reason = "a test ends where its ground is missing"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use escucha::settings::{Mailbox, Secret, SmtpLogin, SmtpSecurity, SmtpSettings};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio_rustls::TlsAcceptor;

mod talk;

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

    /// What was to go wrong goes well.
    pub(crate) fn forgive(&self) {
        self.shared.faults.lock().expect("faults").clear();
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
            let _ = talk::welcome(tcp, &shared).await;
            shared.open.send_modify(|open| *open -= 1);
        });
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
