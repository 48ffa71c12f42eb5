//! Says every failure of a mailbox in one sentence to the operator: what happened, and what to do.
//!
//! Absent: users and passwords; the server's own words come already without addresses.

use super::error::{Fault, ImapError, Phase};
use crate::model::Ui;

/// A folder's name longer than this is cut in a sentence.
const NAME_CHARS_MAX: usize = 60;

pub(super) fn of(error: &ImapError, ui: Ui) -> String {
    let (es, en) = match &error.fault {
        Fault::AddressNotPublic | Fault::Port(_) | Fault::PlaintextAbroad => guarded(&error.fault),
        Fault::NoAuthorities
        | Fault::UnknownIssuer
        | Fault::WrongName
        | Fault::WrongTime
        | Fault::NotTls
        | Fault::TlsRefused(_)
        | Fault::StartTlsMissing => tls(&error.fault),
        Fault::TimedOut | Fault::Lost => silence(error.phase, &error.fault),
        Fault::LoginMissing | Fault::LoginRefused(_) => login(&error.fault),
        Fault::NoSuchHost
        | Fault::PortClosed
        | Fault::Unreachable
        | Fault::NotImap
        | Fault::TooMuch
        | Fault::NoSuchFolder { .. }
        | Fault::Refused(_) => plain(&error.fault),
    };
    let said = match &error.fault {
        Fault::LoginRefused(said) | Fault::Refused(said) | Fault::TlsRefused(said) => said.as_str(),
        _ => "",
    };
    let said = if said.is_empty() {
        String::new()
    } else {
        match ui {
            Ui::Es => format!(" (dice: «{said}»)"),
            Ui::En => format!(" (it says: \"{said}\")"),
        }
    };
    let (folder, there) = match &error.fault {
        Fault::NoSuchFolder { folder, there } => (short(folder), list(there, ui)),
        _ => (String::new(), String::new()),
    };
    ui.pick(es, en)
        .replace("{server}", &error.server)
        .replace("{said}", &said)
        .replace("{folder}", &folder)
        .replace("{there}", &there)
}

type Both = (&'static str, &'static str);

fn guarded(fault: &Fault) -> Both {
    match fault {
        Fault::AddressNotPublic => (
            "{server} tiene una dirección privada, y no se lee nada de dentro de la red sin \
             permiso; si el buzón está ahí, añada su red a fetch.allow_private",
            "{server} has a private address, and nothing within the network is read without leave; \
             if the mailbox is there, add its network to fetch.allow_private",
        ),
        Fault::PlaintextAbroad => (
            "la contraseña viajaría sin cifrar hasta {server}: use imaps://, o security = \
             \"starttls\"; «none» solo vale dentro de esta máquina",
            "the password would travel in the clear to {server}: use imaps://, or security = \
             \"starttls\"; \"none\" is for this very machine only",
        ),
        _ => (
            "{server} no usa un puerto de IMAP: suelen ser el 993 (imaps://) y el 143 (imap://); \
             otro solo vale en las redes de fetch.allow_private",
            "{server} is not on a port of IMAP: they are 993 (imaps://) and 143 (imap://); another \
             is for the networks in fetch.allow_private only",
        ),
    }
}

fn tls(fault: &Fault) -> Both {
    match fault {
        Fault::NoAuthorities => (
            "esta máquina no tiene autoridades de certificación: instale el paquete ca-certificates",
            "this machine has no certificate authorities: install the package ca-certificates",
        ),
        Fault::UnknownIssuer => (
            "el certificado de {server} no lo firma ninguna autoridad que esta máquina conozca; si \
             es de su empresa, instale aquí esa autoridad",
            "the certificate of {server} is signed by no authority that this machine knows; if it \
             is your company's, install that authority here",
        ),
        Fault::WrongName => (
            "el certificado de {server} es de otro servidor: escriba en url el nombre que figura en \
             él",
            "the certificate of {server} is another server's: write the name that stands in it into \
             url",
        ),
        Fault::WrongTime => (
            "el certificado de {server} ha caducado o aún no vale: avise a quien lleva ese servidor \
             y compruebe el reloj de esta máquina",
            "the certificate of {server} has expired or is not valid yet: tell whoever runs that \
             server, and look at this machine's clock",
        ),
        Fault::NotTls => (
            "{server} no habla TLS en ese puerto: con imap:// (puerto 143) se cifra después, con \
             STARTTLS",
            "{server} does not speak TLS on that port: with imap:// (port 143) encryption begins \
             later, with STARTTLS",
        ),
        Fault::StartTlsMissing => (
            "{server} no ofrece STARTTLS: use imaps:// (puerto 993)",
            "{server} does not offer STARTTLS: use imaps:// (port 993)",
        ),
        _ => (
            "no hay conexión segura con {server}{said}",
            "there is no safe connection with {server}{said}",
        ),
    }
}

fn silence(phase: Phase, fault: &Fault) -> Both {
    match (phase, fault) {
        (Phase::Connect, _) => (
            "no se ha podido conectar a tiempo con {server}: compruebe la dirección, el puerto y el \
             cortafuegos",
            "could not connect to {server} in time: check the address, the port and the firewall",
        ),
        (Phase::Tls | Phase::Greeting, Fault::TimedOut) => (
            "{server} acepta la conexión y no dice nada: si ese puerto espera TLS desde el principio \
             (suele ser el 993), use imaps://",
            "{server} takes the connection and says nothing: if that port expects TLS from the start \
             (993 usually does), use imaps://",
        ),
        (_, Fault::TimedOut) => (
            "{server} ha dejado de contestar: se volverá a intentar",
            "{server} has stopped answering: it will be tried again",
        ),
        _ => (
            "{server} ha cortado la conexión: se volverá a intentar",
            "{server} has closed the connection: it will be tried again",
        ),
    }
}

fn login(fault: &Fault) -> Both {
    match fault {
        Fault::LoginRefused(_) => (
            "{server} no admite ese usuario o esa contraseña{said}: compruebe ambos; Gmail, \
             iCloud y Yahoo piden una contraseña de aplicación, y Microsoft 365 ya no deja entrar \
             con contraseña (haga que reenvíe el correo a otro buzón)",
            "{server} does not take that user or that password{said}: check both; Gmail, iCloud and \
             Yahoo want an app password, and Microsoft 365 lets nobody in with a password any more \
             (have it forward the mail to another mailbox)",
        ),
        _ => (
            "{server} no deja entrar con contraseña por esta conexión: use imaps://, o active IMAP \
             en los ajustes de ese buzón",
            "{server} lets nobody in with a password over this connection: use imaps://, or switch \
             IMAP on in the settings of that mailbox",
        ),
    }
}

fn plain(fault: &Fault) -> Both {
    match fault {
        Fault::NoSuchHost => (
            "no se encuentra {server}: compruebe que está bien escrito y que esta máquina tiene DNS",
            "{server} cannot be found: check its spelling and that this machine has DNS",
        ),
        Fault::PortClosed => (
            "{server} tiene ese puerto cerrado: compruebe el puerto (993 con imaps://, 143 con \
             imap://) y que el servidor está en marcha",
            "{server} has that port closed: check the port (993 with imaps://, 143 with imap://) \
             and that the server is running",
        ),
        Fault::Unreachable => (
            "no se puede llegar a {server}: compruebe la red y el cortafuegos de esta máquina",
            "{server} cannot be reached: check this machine's network and firewall",
        ),
        Fault::NotImap => (
            "lo que contesta en {server} no es un servidor IMAP: compruebe la dirección y el puerto",
            "what answers at {server} is no IMAP server: check the address and the port",
        ),
        Fault::TooMuch => (
            "{server} envía mucho más de lo que se le ha pedido y se ha cortado la conexión",
            "{server} sends far more than it was asked for and was cut off",
        ),
        Fault::NoSuchFolder { .. } => (
            "en {server} no hay ninguna carpeta «{folder}»{there}; escriba una de ellas en url, \
             después de la barra",
            "there is no folder \"{folder}\" at {server}{there}; write one of them into url, after \
             the slash",
        ),
        _ => (
            "{server} no ha dejado leer el buzón{said}: se volverá a intentar",
            "{server} would not read the mailbox{said}: it will be tried again",
        ),
    }
}

fn list(there: &[String], ui: Ui) -> String {
    if there.is_empty() {
        return String::new();
    }
    let names: Vec<String> = there.iter().map(|name| short(name)).collect();
    let names = names.join(", ");
    match ui {
        Ui::Es => format!(" (hay estas: {names})"),
        Ui::En => format!(" (there are: {names})"),
    }
}

/// A folder's name as a server gives it, fit for a line.
fn short(name: &str) -> String {
    let plain = name.chars().filter(|c| !c.is_control());
    plain.take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(phase: Phase, fault: Fault) -> ImapError {
        ImapError {
            phase,
            fault,
            server: "mail.ejemplo.test:993".to_owned(),
        }
    }

    fn all() -> Vec<ImapError> {
        let mut all: Vec<ImapError> = [
            Fault::AddressNotPublic,
            Fault::Port(25),
            Fault::PlaintextAbroad,
            Fault::NoSuchHost,
            Fault::PortClosed,
            Fault::Unreachable,
            Fault::NoAuthorities,
            Fault::UnknownIssuer,
            Fault::WrongName,
            Fault::WrongTime,
            Fault::NotTls,
            Fault::TlsRefused("x".into()),
            Fault::NotImap,
            Fault::TooMuch,
            Fault::StartTlsMissing,
            Fault::LoginMissing,
            Fault::LoginRefused("no".into()),
            Fault::Refused("not now".into()),
            Fault::NoSuchFolder {
                folder: "Quejas".into(),
                there: vec!["INBOX".into(), "Reseñas".into()],
            },
        ]
        .into_iter()
        .map(|fault| error(Phase::Folder, fault))
        .collect();
        for phase in [Phase::Connect, Phase::Tls, Phase::Login, Phase::Mails] {
            all.push(error(phase, Fault::TimedOut));
            all.push(error(phase, Fault::Lost));
        }
        all
    }

    #[track_caller]
    fn check(fault: Fault, expected: &str) {
        let said = error(Phase::Folder, fault).sentence(Ui::Es);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_failure_says_what_to_do() {
        check(
            Fault::LoginRefused(String::new()),
            "contraseña de aplicación",
        );
        check(
            Fault::NoSuchFolder {
                folder: "Quejas".into(),
                there: vec!["INBOX".into(), "Reseñas".into()],
            },
            "no hay ninguna carpeta «Quejas» (hay estas: INBOX, Reseñas)",
        );
        check(Fault::AddressNotPublic, "fetch.allow_private");
        check(Fault::PortClosed, "993");
    }

    #[test]
    fn no_sentence_has_a_hole_or_two_lines() {
        for error in all() {
            for ui in [Ui::Es, Ui::En] {
                let said = error.sentence(ui);
                assert!(!said.contains(['{', '}', '\n']), "{said}");
                let is_nameless = error.fault == Fault::NoAuthorities;
                assert!(is_nameless || said.contains("mail.ejemplo.test"), "{said}");
            }
        }
    }
}
