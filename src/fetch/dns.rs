//! The resolver handed to the HTTP client: only admitted addresses come out of it.
//!
//! What is checked is what is dialled: nothing looks a name up a second time, so a name that
//! changes its answer between check and use ("DNS rebinding") gains nothing.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{Guard, Refused, Route};

/// More answers than this are checked like the others, but not dialled.
const ADDRESSES_MAX: usize = 16;

type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Where names are looked up.
#[derive(Clone)]
pub(super) enum Lookup {
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
    pub(super) fn custom<F, Fut>(look_up: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self::Custom(Arc::new(move |name| Box::pin(look_up(name))))
    }

    pub(super) fn look_up(&self, name: String) -> LookupFuture {
        match self {
            Self::System => Box::pin(async move {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }),
            Self::Custom(look_up) => look_up(name),
        }
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Custom(_) => "Custom",
        })
    }
}
