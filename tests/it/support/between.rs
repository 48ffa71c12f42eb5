//! Stands between the program and PostgreSQL, and ends the connection exactly at a COMMIT, or cuts the network
//! there: nobody hangs up, and nothing arrives any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The message that sqlx sends for COMMIT: a simple query.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

pub(crate) struct Between {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// How many COMMITs pass before the one that is cut; below zero none is.
    n_left: AtomicI64,
    /// Cut after the server has done it, not before it hears of it.
    is_after: AtomicBool,
    was_cut: AtomicBool,
    /// What is cut is the network, not the connection.
    is_silence: AtomicBool,
    network: watch::Sender<Network>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Network {
    is_cut: bool,
    /// How often it was cut: what was open at the time is lost for good.
    n_cuts: u32,
}

impl Shared {
    fn cut(&self) {
        self.network
            .send_modify(|it| (it.is_cut, it.n_cuts) = (true, it.n_cuts + 1));
    }
}

impl Between {
    /// In front of this server (`host:port`).
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            n_left: AtomicI64::new(-1),
            ..Shared::default()
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (shared, server) = (Arc::clone(&serving), server.clone());
                // Either side may hang up at any time.
                tokio::spawn(async move { drop(joined(client, &server, &shared).await) });
            }
        });
        Self { port, shared }
    }

    /// The address of the database by way of here.
    pub(crate) fn url(&self, database: &str) -> String {
        let mut url = url::Url::parse(database).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.to_string()
    }

    /// Cuts at the nth COMMIT from now.
    pub(crate) fn cut_at(&self, nth: i64, is_after: bool) {
        self.shared.was_cut.store(false, Ordering::SeqCst);
        self.shared.is_after.store(is_after, Ordering::SeqCst);
        self.shared.n_left.store(nth, Ordering::SeqCst);
    }

    /// Cuts the network at the nth COMMIT from now.
    pub(crate) fn cut_network_at(&self, nth: i64, is_after: bool) {
        self.shared.is_silence.store(true, Ordering::SeqCst);
        self.cut_at(nth, is_after);
    }

    /// Cuts it now.
    pub(crate) fn cut_network(&self) {
        self.shared.cut();
    }

    /// True from the moment of the cut on.
    pub(crate) fn is_network_cut(&self) -> bool {
        self.shared.network.borrow().is_cut
    }

    /// Whoever connects now is heard; what was open before stays lost.
    pub(crate) fn mend_network(&self) {
        self.shared.is_silence.store(false, Ordering::SeqCst);
        self.shared.network.send_modify(|it| it.is_cut = false);
    }

    /// Lets everything pass again; true when a connection was cut.
    pub(crate) fn end_cutting(&self) -> bool {
        self.shared.n_left.store(-1, Ordering::SeqCst);
        self.shared.was_cut.load(Ordering::SeqCst)
    }
}

/// A connection ends, or is silent from the next cut of the network on. One that is made while it is cut waits.
async fn joined(client: TcpStream, server: &str, shared: &Shared) -> std::io::Result<()> {
    let mut network = shared.network.subscribe();
    let begun = *network.wait_for(|it| !it.is_cut).await.unwrap();
    let server = TcpStream::connect(server).await?;
    let (client, server) = (&mut { client }, &mut { server });
    let cut = async {
        let _ = network
            .wait_for(|it| it.n_cuts > begun.n_cuts)
            .await
            .is_ok();
    };
    tokio::select! {
        done = carry(client, server, shared) => return done,
        () = cut => {}
    }
    // Neither side hangs up.
    std::future::pending().await
}

async fn carry(
    client: &mut TcpStream,
    server: &mut TcpStream,
    shared: &Shared,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut asked, mut told) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            n = from_client.read(&mut asked) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                let is_commit = asked[..n].windows(COMMIT.len()).any(|bytes| bytes == COMMIT);
                let is_cut = is_commit && shared.n_left.fetch_sub(1, Ordering::SeqCst) == 0;
                let is_after = shared.is_after.load(Ordering::SeqCst);
                if !is_cut || is_after {
                    to_server.write_all(&asked[..n]).await?;
                }
                if is_cut {
                    shared.was_cut.store(true, Ordering::SeqCst);
                    if is_after {
                        // Its answer: the server has done it.
                        from_server.read_u8().await?;
                    }
                    if shared.is_silence.load(Ordering::SeqCst) {
                        shared.cut();
                        std::future::pending::<()>().await;
                    }
                    return Ok(());
                }
            }
            n = from_server.read(&mut told) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                to_client.write_all(&told[..n]).await?;
            }
        }
    }
}
