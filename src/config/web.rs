//! `[web]` of `escucha.toml`: where the page for acting from the mail is served, and where it is reached.

use std::net::SocketAddr;

use url::{Host, Url};

use super::complaints::said;
use super::reader::{Section, Value};
use super::values;
use crate::settings::WebSettings;

const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8040);

pub(super) fn web(section: &Section) -> Option<WebSettings> {
    let public = section.get("public_url");
    let public_url = public.as_ref().and_then(public_url);
    let written = section.get("listen");
    let listen = match &written {
        Some(value) => listen(value),
        None => Some(LISTEN),
    };
    section.finish();
    // Who listens to the whole network says by this that somebody in front of it speaks TLS.
    let is_covered = public.is_some();
    if let (Some(value), Some(listen)) = (&written, listen)
        && !listen.ip().is_loopback()
        && !is_covered
    {
        value.complain(
            said!(
                "desde la red se llegaría aquí sin cifrar",
                "it would be reached from the network in the clear"
            ),
            said!(
                "escuche en 127.0.0.1:8040, o ponga también public_url = \"https://…\", con un \
                 servidor delante que cifre",
                "listen on 127.0.0.1:8040, or add public_url = \"https://…\", with a server in front \
                 that speaks TLS"
            ),
        );
    }
    Some(WebSettings {
        listen: listen?,
        public_url,
    })
}

fn listen(value: &Value) -> Option<SocketAddr> {
    match value.text()?.trim().parse() {
        Ok(address) => Some(address),
        Err(_) => value.wants(said!(
            "una dirección y un puerto: 127.0.0.1:8040",
            "an address and a port: 127.0.0.1:8040"
        )),
    }
}

/// Links in mails are https, except to this very machine.
fn public_url(value: &Value) -> Option<Url> {
    let mut url = values::http_url(value)?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_plain || (url.scheme() != "https" && !is_here) {
        return value.wants(said!(
            "https://, un nombre y nada más: https://escucha.ejemplo.test",
            "https://, a name and nothing else: https://escucha.example.test"
        ));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Some(url)
}
