//! The first steps to a mail server: its name, a connection, its greeting; and, where there is none, what
//! answers there instead.
//!
//! Absent: the guard of the sources. The operator names his mail server, which may be in his own network.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;

use super::error::{Fault, Phase, SendError};
use super::smtp::{Mailer, ask, exactly, hear, limited};
use super::wire::{Stream, Wire};
use crate::settings::SmtpSecurity;

/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;
/// What does not greet is spoken to once, and has so long to say what it is.
const PROBE: Duration = Duration::from_secs(3);

impl Mailer {
    /// Tries the host's addresses in their order, so that one that is dead costs a part of the
    /// time and not the mail.
    pub(super) async fn tcp(&self) -> Result<TcpStream, Fault> {
        let addresses = self.addresses().await?;
        if self.security == SmtpSecurity::None && addresses.iter().any(|ip| !ip.is_loopback()) {
            return Err(Fault::PlaintextAbroad);
        }
        let share = self.limits.connect / addresses.len().clamp(1, ADDRESSES_MAX) as u32;
        let mut fault = Fault::NoSuchHost;
        for ip in addresses {
            let attempt = async {
                let tcp = TcpStream::connect(SocketAddr::new(ip, self.port))
                    .await
                    .map_err(|error| refused(&error))?;
                // Without this each verb waits for the other side's delayed acknowledgement.
                tcp.set_nodelay(true).map_err(|error| refused(&error))?;
                Ok(tcp)
            };
            match limited(share, attempt).await {
                Ok(tcp) => return Ok(tcp),
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }

    async fn addresses(&self) -> Result<Vec<IpAddr>, Fault> {
        if let Ok(ip) = self.host.parse() {
            return Ok(vec![ip]);
        }
        let looking = async {
            let found = self.lookup.look_up(self.host.clone()).await;
            found.map_err(|_| Fault::NoSuchHost)
        };
        let found = limited(self.limits.connect, looking).await;
        let mut found = found.map_err(|_| Fault::NoSuchHost)?;
        found.truncate(ADDRESSES_MAX);
        if found.is_empty() {
            return Err(Fault::NoSuchHost);
        }
        Ok(found)
    }

    pub(super) async fn greeted<S: Stream>(&self, mut stream: S) -> Result<S, SendError> {
        let greeting = limited(self.limits.greeting, hear(&mut stream, &Wire::default())).await;
        let greeting = match greeting {
            // Nothing was sent, and nothing will be: what answers may still tell what it is.
            Err(Fault::TimedOut) => Err(what_answers(&mut stream).await),
            heard => heard.and_then(|reply| exactly(reply, &[220])),
        };
        greeting.map_err(|fault| self.error(Phase::Greeting, fault))?;
        Ok(stream)
    }
}

/// A server that waits for us to speak: one of the web, or one that expects TLS.
async fn what_answers<S: Stream>(stream: &mut S) -> Fault {
    let hello = format!("EHLO {}\r\n\r\n", ClientId::default());
    match limited(PROBE, ask(stream, &Wire::default(), &hello)).await {
        Err(fault @ (Fault::OtherService(_) | Fault::SpeaksTls)) => fault,
        _ => Fault::TimedOut,
    }
}

fn refused(error: &std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => Fault::PortClosed,
        _ => Fault::Unreachable,
    }
}
