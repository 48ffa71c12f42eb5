//! What an operator reads when a source fails: one sentence on what happened and what to do.
//!
//! Absent here: paths and queries of URLs, which may hold tokens.

use super::{FetchError, Phase};
use crate::model::Ui;

/// Spanish and English; `{}` stands for the one detail that the error knows.
type Words = (&'static str, &'static str);

pub(super) fn of(error: &FetchError, ui: Ui) -> String {
    let (es, en) = words(error);
    ui.pick(es, en).replace("{}", &detail(error))
}

fn words(error: &FetchError) -> Words {
    match error {
        FetchError::Scheme(_) => SCHEME,
        FetchError::UrlTooLong => URL_TOO_LONG,
        FetchError::Userinfo => USERINFO,
        FetchError::Port(_) => PORT,
        FetchError::AddressNotPublic(_) => ADDRESS_NOT_PUBLIC,
        FetchError::BadRedirect(_) => BAD_REDIRECT,
        FetchError::TooManyRedirects => TOO_MANY_REDIRECTS,
        FetchError::RedirectLoop => REDIRECT_LOOP,
        FetchError::Downgrade => DOWNGRADE,
        FetchError::Dns(_) => DNS,
        FetchError::Connect { .. } => CONNECT,
        FetchError::Tls { .. } => TLS,
        FetchError::Timeout(Phase::Dns) => DNS_TIMEOUT,
        FetchError::Timeout(Phase::Connect) => CONNECT_TIMEOUT,
        FetchError::Timeout(Phase::Headers | Phase::Total) => TIMEOUT,
        FetchError::Broken(_) => BROKEN,
        FetchError::HeadersTooLarge => HEADERS_TOO_LARGE,
        FetchError::BodyTooLarge(_) => BODY_TOO_LARGE,
        FetchError::Encoding(_) => ENCODING,
        FetchError::EmptyBody => EMPTY_BODY,
        FetchError::UnaskedNotModified => UNASKED_NOT_MODIFIED,
        FetchError::Unauthorized => UNAUTHORIZED,
        FetchError::Forbidden => FORBIDDEN,
        FetchError::NotFound => NOT_FOUND,
        FetchError::Gone => GONE,
        FetchError::TooMany { .. } => TOO_MANY,
        FetchError::Server { .. } => SERVER,
        FetchError::Challenge(_) => CHALLENGE,
        FetchError::Login => LOGIN,
        FetchError::Unexpected(422) => UNPROCESSABLE,
        FetchError::Unexpected(_) => UNEXPECTED,
        FetchError::Setup(_) => SETUP,
    }
}

fn detail(error: &FetchError) -> String {
    match error {
        FetchError::Scheme(text)
        | FetchError::AddressNotPublic(text)
        | FetchError::Dns(text)
        | FetchError::Broken(text)
        | FetchError::Encoding(text)
        | FetchError::Setup(text) => text.clone(),
        FetchError::Connect { host, detail } | FetchError::Tls { host, detail } => {
            format!("{host}: {detail}")
        }
        FetchError::Port(port) => port.to_string(),
        FetchError::BadRedirect(status)
        | FetchError::Challenge(status)
        | FetchError::Unexpected(status)
        | FetchError::Server { status, .. } => status.to_string(),
        FetchError::BodyTooLarge(bytes) => format!("{} MiB", bytes.div_ceil(1 << 20)),
        FetchError::UrlTooLong
        | FetchError::Userinfo
        | FetchError::TooManyRedirects
        | FetchError::RedirectLoop
        | FetchError::Downgrade
        | FetchError::Timeout(_)
        | FetchError::HeadersTooLarge
        | FetchError::EmptyBody
        | FetchError::UnaskedNotModified
        | FetchError::Unauthorized
        | FetchError::Forbidden
        | FetchError::NotFound
        | FetchError::Gone
        | FetchError::Login
        | FetchError::TooMany { .. } => String::new(),
    }
}

const SCHEME: Words = (
    "La dirección empieza por «{}:» y Escucha solo lee http y https: corrija la URL de la fuente.",
    "The address begins with \"{}:\" and Escucha reads only http and https: \
     correct the URL of the source.",
);
const URL_TOO_LONG: Words = (
    "La dirección ocupa más de 8 KiB y no se ha pedido: ponga una URL más corta.",
    "The address is longer than 8 KiB and was not asked for: give a shorter URL.",
);
const USERINFO: Words = (
    "La dirección contiene un usuario o una contraseña, que Escucha no envía: \
     quítelos de la URL.",
    "The address holds a user name or a password, which Escucha does not send: \
     remove them from the URL.",
);
const PORT: Words = (
    "El puerto {} no es uno de los de la web (80, 443, 8080 y 8443): corrija la URL o, si el \
     servidor es suyo, añada su red a fetch.allow_private.",
    "Port {} is not one of those of the web (80, 443, 8080 and 8443): correct the URL or, if the \
     server is yours, add its network to fetch.allow_private.",
);
const ADDRESS_NOT_PUBLIC: Words = (
    "«{}» lleva a una dirección que no es pública, y Escucha no entra en redes internas: corrija \
     la URL o, si el servidor es suyo, añada su red a fetch.allow_private.",
    "\"{}\" leads to an address that is not public, and Escucha does not enter internal networks: \
     correct the URL or, if the server is yours, add its network to fetch.allow_private.",
);
const BAD_REDIRECT: Words = (
    "El servidor responde que la página está en otro sitio (código {}), pero no dice dónde: abra \
     la dirección en un navegador y ponga en la fuente la que vea al final.",
    "The server says that the page is elsewhere (status {}) but not where: open the address in a \
     browser and put the one you end at into the source.",
);
const TOO_MANY_REDIRECTS: Words = (
    "El servidor envía de una dirección a otra más de cinco veces: abra la dirección en un \
     navegador y ponga en la fuente la que vea al final.",
    "The server sends us from one address to the next more than five times: open the address in a \
     browser and put the one you end at into the source.",
);
const REDIRECT_LOOP: Words = (
    "El servidor nos devuelve a una dirección por la que ya habíamos pasado, sin fin: compruebe la \
     dirección en un navegador o avise a quien lleva el sitio.",
    "The server sends us back to an address we came from, without end: try the address in a \
     browser, or tell whoever runs the site.",
);
const DOWNGRADE: Words = (
    "El servidor envía de una dirección segura (https) a otra que no lo es (http), y Escucha no la \
     sigue: ponga en la fuente la dirección que de verdad quiere leer.",
    "The server sends us from a safe address (https) to one that is not (http), which Escucha does \
     not follow: put the address you really want to read into the source.",
);
const DNS: Words = (
    "No se encuentra el servidor «{}»: compruebe que el nombre está bien escrito y que esta \
     máquina tiene conexión.",
    "The server \"{}\" cannot be found: check the spelling of its name and that this machine is \
     connected.",
);
const DNS_TIMEOUT: Words = (
    "El servicio de nombres (DNS) no ha respondido a tiempo: se volverá a intentar; si se repite, \
     revise el DNS de esta máquina.",
    "The name service (DNS) did not answer in time: we will try again; if this repeats, look at \
     the DNS of this machine.",
);
const CONNECT: Words = (
    "No se ha podido conectar con {}; se volverá a intentar: compruebe que la dirección y el \
     puerto son correctos.",
    "Could not connect to {}; we will try again: check that address and port are right.",
);
const CONNECT_TIMEOUT: Words = (
    "El servidor no ha aceptado la conexión a tiempo: se volverá a intentar; si se repite, \
     compruebe la dirección y el cortafuegos.",
    "The server did not accept the connection in time: we will try again; if this repeats, check \
     the address and the firewall.",
);
const TLS: Words = (
    "No hay una conexión segura con {}; si ocurre solo aquí, avise a quien lleva el sitio, y si \
     ocurre con todas las fuentes, instale en esta máquina los certificados raíz (paquete \
     ca-certificates) y revise su reloj.",
    "There is no safe connection to {}; if it is this source alone, tell whoever runs the site, \
     and if it is every source, install the root certificates on this machine (package \
     ca-certificates) and check its clock.",
);
const TIMEOUT: Words = (
    "El servidor no ha respondido por completo a tiempo: se volverá a intentar; si se repite, \
     avise a quien lleva el sitio.",
    "The server did not answer completely in time: we will try again; if this repeats, tell \
     whoever runs the site.",
);
const BROKEN: Words = (
    "La respuesta se ha cortado o no es HTTP válido ({}): se volverá a intentar; si se repite, \
     avise a quien lleva el sitio.",
    "The answer broke off or is not valid HTTP ({}): we will try again; if this repeats, tell \
     whoever runs the site.",
);
const HEADERS_TOO_LARGE: Words = (
    "Las cabeceras de la respuesta pasan de 64 KiB o de 100 líneas y no se leen: avise a quien \
     lleva el sitio.",
    "The headers of the answer exceed 64 KiB or 100 lines and are not read: tell whoever runs the \
     site.",
);
const BODY_TOO_LARGE: Words = (
    "El documento ocupa más de {} y no se lee: busque en el sitio una fuente con menos entradas.",
    "The document is larger than {} and is not read: look for a feed with fewer entries on the \
     site.",
);
const ENCODING: Words = (
    "El servidor comprime la respuesta de una forma que no se le ha pedido («{}»): avise a quien \
     lleva el sitio.",
    "The server compresses its answer in a way it was not asked for (\"{}\"): tell whoever runs \
     the site.",
);
const EMPTY_BODY: Words = (
    "El servidor ha devuelto un documento vacío: se volverá a intentar; si se repite, abra la \
     dirección en un navegador y avise a quien lleva el sitio.",
    "The server returned an empty document: we will try again; if this repeats, open the address \
     in a browser and tell whoever runs the site.",
);
const UNASKED_NOT_MODIFIED: Words = (
    "El servidor dice que no hay cambios (304) aunque era la primera vez que se le preguntaba: se \
     volverá a intentar; si se repite, avise a quien lleva el sitio.",
    "The server says that nothing changed (304) although it was asked for the first time: we will \
     try again; if this repeats, tell whoever runs the site.",
);
const UNAUTHORIZED: Words = (
    "El servidor pide usuario y contraseña (401): busque una dirección pública del mismo \
     contenido.",
    "The server wants a user name and a password (401): look for a public address of the same \
     content.",
);
const UNPROCESSABLE: Words = (
    "El servidor no atiende esta petición ({}). Así contestan los servidores de Mastodon que piden \
     una cuenta para leer: ponga otro servidor que vea la misma etiqueta.",
    "The server does not serve this request ({}). So answer the Mastodon servers that want an \
     account for reading: put another server that sees the same tag.",
);
const FORBIDDEN: Words = (
    "El servidor no nos deja leer esta dirección (403): pida permiso a quien lleva el sitio o \
     quite la fuente.",
    "The server does not let us read this address (403): ask whoever runs the site for \
     permission, or remove the source.",
);
const NOT_FOUND: Words = (
    "En esa dirección no hay nada (404): compruebe en el sitio si la fuente ha cambiado de lugar.",
    "There is nothing at this address (404): look on the site whether the source has moved.",
);
const GONE: Words = (
    "El sitio dice que esta fuente se ha retirado para siempre (410): busque la nueva o quítela; \
     mientras tanto se comprobará una vez al día.",
    "The site says that this source is gone for good (410): find the new one or remove it; until \
     then it is checked once a day.",
);
const TOO_MANY: Words = (
    "El servidor dice que preguntamos demasiado a menudo (429): se esperará lo que pide; si se \
     repite, ponga un intervalo (every) más largo.",
    "The server says that we ask too often (429): we wait as long as it wants; if this repeats, \
     set a longer interval (every).",
);
const SERVER: Words = (
    "El servidor tiene un fallo propio (código {}): se volverá a intentar, y no hay que hacer nada \
     salvo que dure.",
    "The server has a failure of its own (status {}): we will try again, and there is nothing to \
     do unless it lasts.",
);
const CHALLENGE: Words = (
    "El sitio pide demostrar que se es una persona (código {}), y Escucha no lo finge: pida a \
     quien lo lleva que permita el paso a Escucha.",
    "The site wants proof of being human (status {}), which Escucha does not feign: ask whoever \
     runs it to let Escucha pass.",
);
const LOGIN: Words = (
    "El servidor enseña una página para iniciar sesión en vez del documento: busque una dirección \
     pública del mismo contenido.",
    "The server shows a page for logging in instead of the document: look for a public address of \
     the same content.",
);
const UNEXPECTED: Words = (
    "El servidor ha dado una respuesta que no contiene el documento (código {}): abra la dirección \
     en un navegador y compruebe que es la correcta.",
    "The server gave an answer without the document (status {}): open the address in a browser \
     and check that it is the right one.",
);
const SETUP: Words = (
    "No se ha podido preparar el cliente HTTP ({}): revise fetch.contact en la configuración.",
    "The HTTP client could not be prepared ({}): check fetch.contact in the configuration.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: &FetchError, es: &str, en: &str) {
        assert_eq!(error.sentence(Ui::Es), es);
        assert_eq!(error.sentence(Ui::En), en);
    }

    #[test]
    fn the_detail_stands_in_the_sentence() {
        check(
            &FetchError::Port(22),
            "El puerto 22 no es uno de los de la web (80, 443, 8080 y 8443): corrija la URL o, si \
             el servidor es suyo, añada su red a fetch.allow_private.",
            "Port 22 is not one of those of the web (80, 443, 8080 and 8443): correct the URL or, \
             if the server is yours, add its network to fetch.allow_private.",
        );
        check(
            &FetchError::BodyTooLarge(24 << 20),
            "El documento ocupa más de 24 MiB y no se lee: busque en el sitio una fuente con \
             menos entradas.",
            "The document is larger than 24 MiB and is not read: look for a feed with fewer \
             entries on the site.",
        );
    }

    #[test]
    fn every_error_has_a_whole_sentence_of_its_own() {
        let all = super::super::error::samples();
        for ui in [Ui::Es, Ui::En] {
            let mut seen = std::collections::HashSet::new();
            for error in &all {
                let sentence = error.sentence(ui);
                assert!(sentence.ends_with('.'), "{sentence}");
                assert!(!sentence.contains(['{', '}']), "{sentence}");
                assert!(seen.insert(sentence), "{error:?} says what another says");
            }
        }
    }
}
