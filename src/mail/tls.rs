//! TLS towards the mail server: the authorities of the system, and what a refusal means.
//!
//! Absent: any way to switch verification off. Whoever runs an own authority installs it.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, InvalidMessage, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::Fault;

/// The certificate authorities of this system; single ones that cannot be read are left out.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Adds the certificates of a PEM text.
pub(super) fn add_pem(roots: &mut RootCertStore, pem: &str) -> Result<(), Fault> {
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| Fault::NoAuthorities)?;
        roots.add(certificate).map_err(|_| Fault::NoAuthorities)?;
    }
    Ok(())
}

/// TLS 1.2 or 1.3 with the ring provider, whichever provider the process has as its default.
pub(crate) fn config(roots: &RootCertStore) -> Result<Arc<ClientConfig>, Fault> {
    if roots.is_empty() {
        return Err(Fault::NoAuthorities);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::TlsRefused(error.to_string()))?
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    Ok(Arc::new(config))
}

pub(crate) async fn handshake<S>(
    config: Arc<ClientConfig>,
    host: &str,
    tcp: S,
) -> Result<TlsStream<S>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Fault::BadHost)?;
    TlsConnector::from(config)
        .connect(name, tcp)
        .await
        .map_err(|error| fault(&error))
}

fn fault(error: &io::Error) -> Fault {
    use CertificateError as Bad;
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => Fault::NotTls,
        Some(rustls::Error::InvalidCertificate(bad)) => match bad {
            Bad::UnknownIssuer => Fault::UnknownIssuer,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Fault::WrongName,
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. } => Fault::WrongTime,
            other => Fault::TlsRefused(other.to_string()),
        },
        Some(other) => Fault::TlsRefused(other.to_string()),
        None => Fault::Lost,
    }
}
