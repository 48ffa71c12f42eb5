//! A plain connection to a server that is not of the web: the same guard, the same look-up.
//!
//! Absent: TLS and any protocol on top of it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;

use super::client::Client;
use super::guard::{Refused, Route};

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    #[error("the address is not public")]
    NotPublic,
    #[error("port {0} is not a usual one")]
    Port(u16),
    #[error("the name could not be resolved")]
    NoSuchHost,
    #[error("no answer in time")]
    Slow,
    #[error("the port is closed")]
    Closed,
    #[error("the server cannot be reached")]
    Unreachable,
}

impl Client {
    /// Connects to `host` (a name or a bare IP address). Ports beside the `usual` ones are for
    /// addresses in `allow_private` only. What was judged is what is dialled.
    pub async fn dial(
        &self,
        host: &str,
        port: u16,
        usual: &[u16],
        limit: Duration,
    ) -> Result<TcpStream, DialError> {
        let dialling = async {
            let found = self.addresses(host).await?;
            let route = if usual.contains(&port) {
                Route::Public
            } else {
                Route::Allowed
            };
            self.guard
                .admit_all(route, &found)
                .map_err(|refused| match refused {
                    Refused::NotPublic => DialError::NotPublic,
                    Refused::Port => DialError::Port(port),
                })?;
            let mut failure = DialError::NoSuchHost;
            for ip in found {
                match TcpStream::connect(SocketAddr::new(ip, port)).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                        failure = DialError::Closed;
                    }
                    Err(_) => failure = DialError::Unreachable,
                }
            }
            Err(failure)
        };
        tokio::time::timeout(limit, dialling)
            .await
            .unwrap_or(Err(DialError::Slow))
    }

    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DialError> {
        if let Ok(ip) = host.parse() {
            return Ok(vec![ip]);
        }
        let looking = self.lookup.look_up(host.to_owned());
        let found = looking.await.map_err(|_| DialError::NoSuchHost)?;
        if found.is_empty() {
            return Err(DialError::NoSuchHost);
        }
        Ok(found)
    }
}
