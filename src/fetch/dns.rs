//! The resolver handed to the HTTP client: only admitted addresses come out of it.
//!
//! What is checked is what is dialled: nothing looks a name up a second time, so a name that
//! changes its answer between check and use ("DNS rebinding") gains nothing.
//!
//! Absent: DNS itself. The operating system looks up, which knows what no library does (hosts files,
//! search lists, names of the house), but blocks the thread that asks for as long as it likes.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::{Semaphore, oneshot};

use super::guard::{Guard, Refused, Route};

/// More answers than this are checked like the others, but not dialled.
const ADDRESSES_MAX: usize = 16;
/// Look-ups of this process that the system has not ended yet, each on a thread of its own: a server
/// that never answers holds one for half a minute, long after nobody waits for it.
const LOOK_UPS_MAX: usize = 1_024;

type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Where names are looked up.
#[derive(Clone)]
pub(crate) enum Lookup {
    /// The operating system: `/etc/hosts`, `/etc/resolv.conf` and their like.
    System,
    Custom(Arc<dyn Fn(String) -> LookupFuture + Send + Sync>),
}

/// Why a name gave no address to dial; found again in the chain of the client's error.
#[derive(Debug, thiserror::Error)]
pub(super) enum DnsError {
    #[error(transparent)]
    Refused(Refused),
    #[error("the name could not be looked up")]
    Failed(#[source] io::Error),
    #[error("the name has no address")]
    Empty,
    #[error("the look-up took too long")]
    Slow,
}

pub(super) struct GuardedResolver {
    pub(super) guard: Arc<Guard>,
    pub(super) route: Route,
    pub(super) lookup: Lookup,
    pub(super) limit: Duration,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, route, limit) = (self.guard.clone(), self.route, self.limit);
        let looking = self.lookup.look_up(name.as_str().to_owned());
        Box::pin(async move {
            let found = tokio::time::timeout(limit, looking)
                .await
                .map_err(|_| DnsError::Slow)?
                .map_err(DnsError::Failed)?;
            guard.admit_all(route, &found).map_err(DnsError::Refused)?;
            if found.is_empty() {
                return Err(DnsError::Empty.into());
            }
            // Port 0 means the port of the URL.
            let dialled = found.into_iter().take(ADDRESSES_MAX);
            Ok(Box::new(dialled.map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

impl Lookup {
    pub(crate) fn custom<F, Fut>(look_up: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self::Custom(Arc::new(move |name| Box::pin(look_up(name))))
    }

    pub(crate) fn look_up(&self, name: String) -> LookupFuture {
        match self {
            Self::System => Box::pin(by_system(name)),
            Self::Custom(look_up) => look_up(name),
        }
    }
}

/// Not on the runtime's threads for blocking work: what hangs there keeps parsers from their turn, and
/// the process from its end.
async fn by_system(name: String) -> io::Result<Vec<IpAddr>> {
    static FREE: Semaphore = Semaphore::const_new(LOOK_UPS_MAX);
    let permit = FREE.acquire().await.map_err(io::Error::other)?;
    let (found, answer) = oneshot::channel();
    std::thread::Builder::new()
        .name("look-up".to_owned())
        .spawn(move || {
            let addresses = (name, 0).to_socket_addrs();
            let _ = found.send(addresses.map(|all| all.map(|address| address.ip()).collect()));
            drop(permit);
        })?;
    answer.await.map_err(io::Error::other)?
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Custom(_) => "Custom",
        })
    }
}
