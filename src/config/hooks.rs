//! The sections `[[webhook]]`: where an event is told, in which words, signed with which keys.
//!
//! An address may hold a token, as those of chats do: no complaint quotes it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use url::{Host, Url};

use super::complaints::{Said, said, shown};
use super::nearest::nearest;
use super::reader::{Section, Value};
use super::secrets::{World, secret};
use crate::hook::{DEFAULT_EVENTS, FIELDS, Fault, Key, Template, Wanted};
use crate::settings::{HookUrl, IpNetwork, WebhookSettings};

const NAME_CHARS_MAX: usize = 40;
/// Stands for an address that was not read, because the command needs no secrets.
const UNREAD: &str = "https://unread.invalid/";

/// Every section that is right; `networks` are those of `fetch.allow_private`.
pub(super) fn webhooks(
    root: &Section,
    world: &World,
    networks: &[IpNetwork],
) -> Vec<WebhookSettings> {
    let mut taken = BTreeSet::new();
    let mut hooks = Vec::new();
    for section in root.tables("webhook") {
        let name = name(&section, &mut taken);
        let url = url(&section, world);
        let keys = keys(&section, world);
        let wanted = events(&section);
        let body = body(&section);
        let private = private(&section, url.as_ref());
        if let Some((value, url)) = &url
            && url.scheme() == "http"
            && private.is_empty()
            && !is_in(networks, url)
        {
            value.complain(
                said!(
                    "lo que escriben sus clientes viajaría sin cifrar",
                    "what your customers write would travel in the clear"
                ),
                said!(
                    "ponga https://; o, si está en su propia red, allow_private = [\"servidor:puerto\"]",
                    "put https://; or, if it is in your own network, allow_private = [\"host:port\"]"
                ),
            );
        }
        section.finish();
        if let (Some(name), Some((_, url)), Some(keys), Ok(body)) = (name, url, keys, body) {
            hooks.push(WebhookSettings {
                name,
                url: HookUrl(url),
                keys,
                wanted,
                body,
                private,
            });
        }
    }
    hooks
}

/// It names the endpoint in commands, in the database and in the log.
fn name(section: &Section, taken: &mut BTreeSet<String>) -> Option<String> {
    let value = section.need("name", said!("ponga name = \"crm\"", "put name = \"crm\""))?;
    let name = value.text()?.trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.len() > NAME_CHARS_MAX || !name.chars().all(is_plain) {
        return value.wants(said!(
            "hasta 40 letras sin acento, cifras, - o _: crm",
            "up to 40 letters without accents, digits, - or _: crm"
        ));
    }
    if !taken.insert(name.to_lowercase()) {
        value.complain(
            said!(
                "otro webhook ya se llama así",
                "another webhook has this name"
            ),
            said!(
                "dé a cada uno un nombre propio",
                "give each a name of its own"
            ),
        );
        return None;
    }
    Some(name.to_owned())
}

/// Written here, or taken from elsewhere as a secret is: the addresses of chats are secrets.
fn url<'a>(section: &Section<'a>, world: &World) -> Option<(Value<'a>, Url)> {
    let value = section.need(
        "url",
        said!(
            "ponga url = \"https://…\", o url = {{ env = \"…\" }}",
            "put url = \"https://…\", or url = {{ env = \"…\" }}"
        ),
    )?;
    let text = if value.is_table() {
        let text = secret(&value, world)?;
        if !world.needs_secrets {
            return Url::parse(UNREAD).ok().map(|url| (value, url));
        }
        text.expose().trim().to_owned()
    } else {
        value.text()?.trim().to_owned()
    };
    let parsed = Url::parse(&text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_anonymous(url)
    });
    if parsed.is_none() {
        value.complain(
            said!(
                "no es una dirección a la que se pueda llamar",
                "is no address that can be called"
            ),
            said!(
                "escriba una que empiece por https://, sin usuario ni contraseña",
                "write one that begins with https://, without user or password"
            ),
        );
    }
    parsed.map(|url| (value, url))
}

fn is_anonymous(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// The key in force, and the old one while the receiver changes over; none where the command does
/// without.
fn keys(section: &Section, world: &World) -> Option<Vec<Key>> {
    let new = section.need(
        "secret",
        said!(
            "ponga secret = {{ env = \"…\" }}; se hace con: echo whsec_$(openssl rand -base64 32)",
            "put secret = {{ env = \"…\" }}; make it with: echo whsec_$(openssl rand -base64 32)"
        ),
    );
    let old = section.get("old_secret");
    let mut keys = Vec::new();
    let mut are_right = new.is_some();
    for value in [new, old].into_iter().flatten() {
        let Some(text) = secret(&value, world) else {
            are_right = false;
            continue;
        };
        if !world.needs_secrets {
            continue;
        }
        if let Some(key) = Key::parse(text.expose()) {
            keys.push(key);
        } else {
            are_right = false;
            value.complain(
                said!(
                    "la clave no tiene la forma de Standard Webhooks",
                    "the key has not the form of Standard Webhooks"
                ),
                said!(
                    "ha de ser whsec_ y de 24 a 64 bytes en base64: echo whsec_$(openssl rand -base64 32)",
                    "it must be whsec_ and 24 to 64 bytes as base64: echo whsec_$(openssl rand -base64 32)"
                ),
            );
        }
    }
    are_right.then_some(keys)
}

fn events(section: &Section) -> Wanted {
    let mut wanted = Wanted::default();
    let Some(list) = section.get("events") else {
        for word in DEFAULT_EVENTS {
            wanted.add(word);
        }
        return wanted;
    };
    for item in list.items() {
        let Some(word) = item.text().map(str::trim) else {
            continue;
        };
        if wanted.add(word) {
            continue;
        }
        let right = if let Some(near) = nearest(word, Wanted::words()) {
            said!("{near}", "{near}")
        } else {
            let all: Vec<&str> = Wanted::words().collect();
            let all = all.join(", ");
            said!("alguno de estos: {all}", "any of these: {all}")
        };
        item.wants::<()>(right);
    }
    if list.items().is_empty() {
        list.complain(
            said!("no pide ningún aviso", "asks for no event"),
            said!(
                "quite la clave o nombre alguno",
                "leave it out, or name some"
            ),
        );
    }
    wanted
}

/// `Err`: there is one, and it is wrong.
fn body(section: &Section) -> Result<Option<Template>, ()> {
    let Some(value) = section.get("body") else {
        return Ok(None);
    };
    let parsed = Template::parse(value.text().ok_or(())?);
    parsed.map(Some).map_err(|fault| {
        let (wrong, right) = told(&fault);
        value.complain(wrong, right);
    })
}

fn told(fault: &Fault) -> (Said, Said) {
    match fault {
        Fault::UnknownField(name) => {
            let written = shown(name);
            let right = if let Some(near) = nearest(name, FIELDS) {
                said!(
                    "¿quiso decir {{{{{near}}}}}?",
                    "did you mean {{{{{near}}}}}?"
                )
            } else {
                let all = FIELDS.join(", ");
                said!("hay estos: {all}", "there are these: {all}")
            };
            let wrong = said!(
                "no hay ningún campo «{written}»",
                "there is no field \"{written}\""
            );
            (wrong, right)
        }
        Fault::UnknownFilter(word) => {
            let word = shown(word);
            (
                said!(
                    "no hay ningún filtro «{word}»",
                    "there is no filter \"{word}\""
                ),
                said!(
                    "hay estos: slack, markdown",
                    "there are these: slack, markdown"
                ),
            )
        }
        Fault::Unclosed => (
            said!("hay unas llaves sin cerrar", "braces are left open"),
            said!("escriba {{{{campo}}}}", "write {{{{field}}}}"),
        ),
        Fault::NotJson(at) => {
            let at = shown(at);
            (
                said!("no es JSON ({at})", "is no JSON ({at})"),
                said!(
                    "escriba un texto JSON; las llaves van entre comillas si el campo es parte de un texto",
                    "write a JSON text; braces stand within quotes where the field is part of a text"
                ),
            )
        }
        Fault::TooLong => (
            said!("es demasiado largo", "is too long"),
            said!("hasta 64 KiB y 64 campos", "up to 64 KiB and 64 fields"),
        ),
    }
}

/// The private addresses that this endpoint, and no other request, may reach: each `host:port` must be
/// where `url` leads.
fn private(section: &Section, url: Option<&(Value, Url)>) -> Vec<IpNetwork> {
    let Some(list) = section.get("allow_private") else {
        return Vec::new();
    };
    let mut networks = Vec::new();
    for item in list.items() {
        let Some(text) = item.text().map(str::trim) else {
            continue;
        };
        let place = Url::parse(&format!("http://{text}/"))
            .ok()
            .filter(|place| is_anonymous(place) && place.path() == "/" && place.query().is_none());
        let written_port = text
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        let (Some(place), Some(port)) = (place, written_port) else {
            item.wants::<()>(said!(
                "el servidor y su puerto: 10.0.0.5:8443",
                "the host and its port: 10.0.0.5:8443"
            ));
            continue;
        };
        let Some((_, url)) = url.filter(|(_, url)| url.as_str() != UNREAD) else {
            continue;
        };
        match reached(url, &place, port) {
            Some(found) => networks.extend(found),
            None => item.complain(
                said!(
                    "la dirección de url no lleva ahí",
                    "url does not lead there"
                ),
                said!(
                    "ponga el mismo servidor y el mismo puerto que en url",
                    "put the same host and port as in url"
                ),
            ),
        }
    }
    networks
}

/// What `place:port` frees for `url`; `None` when the two are different places. The address of a name
/// may be given in place of the name.
fn reached(url: &Url, place: &Url, port: u16) -> Option<Vec<IpNetwork>> {
    if url.port_or_known_default() != Some(port) {
        return None;
    }
    let is_named = matches!(url.host(), Some(Host::Domain(_)));
    let one = |ip: IpAddr| IpNetwork {
        address: ip.to_canonical(),
        prefix: if ip.to_canonical().is_ipv4() { 32 } else { 128 },
    };
    match place.host()? {
        Host::Domain(_) if url.host() == place.host() => ["0.0.0.0/0", "::/0"]
            .map(IpNetwork::parse)
            .into_iter()
            .collect(),
        Host::Ipv4(ip) if is_named || url.host() == place.host() => Some(vec![one(ip.into())]),
        Host::Ipv6(ip) if is_named || url.host() == place.host() => Some(vec![one(ip.into())]),
        Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn is_in(networks: &[IpNetwork], url: &Url) -> bool {
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical(),
        Some(Host::Domain(_)) | None => return false,
    };
    networks.iter().any(|net| net.contains(ip))
}
