//! Says every failure in one sentence to the operator: what happened, and what to do.
//!
//! Absent: addresses, users and passwords; the server's own words come already without them.

use super::error::{Fault, Phase, SendError};
use super::provider;
use crate::model::Ui;

impl SendError {
    /// One sentence in the operator's language.
    pub fn sentence(&self, ui: Ui) -> String {
        let sentence = self.plain_sentence(ui);
        match provider::of_login(self, ui) {
            Some(hint) => format!("{sentence} {hint}"),
            None => sentence,
        }
    }

    fn plain_sentence(&self, ui: Ui) -> String {
        let server = &*self.server;
        match &self.fault {
            Fault::TimedOut => silence(self.phase, false, server, ui),
            Fault::Lost => silence(self.phase, true, server, ui),
            Fault::Answer { code, text } => {
                let said = format!("{code} {text}");
                answer(self.phase, *code, server, said.trim(), ui)
            }
            Fault::UnknownIssuer
            | Fault::WrongName
            | Fault::WrongTime
            | Fault::NotTls
            | Fault::SpeaksTls
            | Fault::TlsRefused(_)
            | Fault::StartTlsMissing
            | Fault::PlaintextAbroad
            | Fault::NoAuthorities => tls(&self.fault, server, ui),
            Fault::BadHost
            | Fault::NoSuchHost
            | Fault::PortClosed
            | Fault::Unreachable
            | Fault::NotSmtp
            | Fault::OtherService(_)
            | Fault::ReplyTooLong
            | Fault::LoginMissing
            | Fault::BadAddress
            | Fault::NotAMail
            | Fault::Closed => plain(&self.fault, self.phase, server, ui),
        }
    }
}

/// The server said nothing in time, or left.
fn silence(phase: Phase, lost: bool, server: &str, ui: Ui) -> String {
    let (es, en) = match phase {
        Phase::Connect => (
            "No se ha podido conectar a tiempo con {server}: compruebe smtp.host, smtp.port y que \
             el cortafuegos deja salir el correo.",
            "Could not connect to {server} in time: check smtp.host, smtp.port and that the \
             firewall lets mail out.",
        ),
        Phase::Greeting => (
            "{server} acepta la conexión pero no saluda: si ese puerto espera TLS desde el \
             principio (suele ser el 465), ponga smtp.security = \"tls\".",
            "{server} takes the connection but does not greet: if that port expects TLS from the \
             start (465 usually does), set smtp.security = \"tls\".",
        ),
        Phase::Tls => (
            "{server} no ha completado el cifrado TLS: compruebe que smtp.security corresponde al \
             puerto (\"tls\" al 465, \"starttls\" al 587).",
            "{server} did not complete TLS: check that smtp.security fits the port (\"tls\" for \
             465, \"starttls\" for 587).",
        ),
        Phase::Dot => (
            "{server} no ha confirmado que recibió el mensaje: puede haber llegado, y si se \
             repite llevará el mismo Message-ID; no tiene que hacer nada.",
            "{server} did not confirm that it received the mail: it may have arrived, and a copy \
             will bear the same Message-ID; nothing needs to be done.",
        ),
        Phase::Hello
        | Phase::Auth
        | Phase::MailFrom
        | Phase::RcptTo
        | Phase::Data
        | Phase::Body
            if lost =>
        {
            (
                "{server} ha cortado la conexión antes de aceptar el mensaje: se volverá a \
                 intentar; si se repite, pregunte a quien lleva ese servidor.",
                "{server} closed the connection before it took the mail: it will be tried again; \
                 if this goes on, ask whoever runs that server.",
            )
        }
        Phase::Hello
        | Phase::Auth
        | Phase::MailFrom
        | Phase::RcptTo
        | Phase::Data
        | Phase::Body => (
            "{server} ha dejado de contestar antes de aceptar el mensaje: se volverá a intentar; \
             si se repite, pregunte a quien lleva ese servidor.",
            "{server} stopped answering before it took the mail: it will be tried again; if this \
             goes on, ask whoever runs that server.",
        ),
    };
    ui.pick(es, en).replace("{server}", server)
}

fn plain(fault: &Fault, phase: Phase, server: &str, ui: Ui) -> String {
    let (es, en) = match fault {
        Fault::BadHost => (
            "{server} no es un nombre de servidor válido: corrija smtp.host.",
            "{server} is not a valid server name: correct smtp.host.",
        ),
        Fault::NoSuchHost => (
            "No se encuentra {server}: compruebe que smtp.host está bien escrito y que esta \
             máquina tiene DNS.",
            "{server} cannot be found: check the spelling of smtp.host and that this machine has \
             DNS.",
        ),
        Fault::PortClosed => (
            "{server} tiene ese puerto cerrado: compruebe smtp.port (465 con \"tls\", 587 con \
             \"starttls\") y que el servidor está en marcha.",
            "{server} has that port closed: check smtp.port (465 with \"tls\", 587 with \
             \"starttls\") and that the server is running.",
        ),
        Fault::Unreachable => (
            "No se puede llegar a {server}: compruebe la red y el cortafuegos de esta máquina.",
            "{server} cannot be reached: check this machine's network and firewall.",
        ),
        Fault::ReplyTooLong => (
            "{server} envía una respuesta sin fin y se ha cortado la conexión: compruebe que es \
             un servidor de correo.",
            "{server} sends a reply without end and was cut off: check that it is a mail server.",
        ),
        Fault::LoginMissing => (
            "{server} no ofrece iniciar sesión con contraseña: quite smtp.user, o cifre la \
             conexión con smtp.security, que es cuando muchos servidores lo ofrecen.",
            "{server} does not offer to log in with a password: remove smtp.user, or encrypt the \
             connection with smtp.security, which is when many servers offer it.",
        ),
        Fault::OtherService(kind) => other_service(kind),
        Fault::BadAddress if phase == Phase::MailFrom => (
            "La dirección del remitente no sirve para enviar correo: corrija smtp.from (sin \
             acentos ni espacios delante de la @).",
            "The sender's address cannot be used for mail: correct smtp.from (no accents or \
             spaces before the @).",
        ),
        Fault::BadAddress => (
            "La dirección del destinatario no sirve para enviarle correo: corríjala en la \
             configuración (sin acentos ni espacios delante de la @).",
            "The recipient's address cannot be used for mail: correct it in the configuration (no \
             accents or spaces before the @).",
        ),
        Fault::NotAMail => (
            "El mensaje guardado está dañado y no se ha enviado: véalo en la lista de casos y \
             avise a los autores del programa.",
            "The stored mail is damaged and was not sent: look at the list of cases and tell the \
             program's authors.",
        ),
        Fault::Closed => (
            "La conexión con {server} ya había terminado: se abrirá otra y se volverá a intentar.",
            "The connection to {server} had already ended: it will be tried again over a new one.",
        ),
        _ => other_service(""),
    };
    ui.pick(es, en).replace("{server}", server)
}

/// What answers is no server for sending mail.
fn other_service(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "HTTP" => (
            "Lo que contesta en {server} es un servidor web, no de correo: compruebe smtp.host y \
             smtp.port (465 con \"tls\", 587 con \"starttls\").",
            "What answers at {server} is a web server, not a mail server: check smtp.host and \
             smtp.port (465 with \"tls\", 587 with \"starttls\").",
        ),
        "IMAP" | "POP3" => (
            "Lo que contesta en {server} es el servidor con el que se lee el correo, no el que lo \
             envía: compruebe smtp.host y smtp.port (465 con \"tls\", 587 con \"starttls\").",
            "What answers at {server} is the server that mail is read from, not the one that sends \
             it: check smtp.host and smtp.port (465 with \"tls\", 587 with \"starttls\").",
        ),
        _ => (
            "Lo que contesta en {server} no es un servidor de correo, o no sigue el protocolo: \
             compruebe smtp.host y smtp.port.",
            "What answers at {server} is not a mail server, or does not keep to the protocol: \
             check smtp.host and smtp.port.",
        ),
    }
}

fn tls(fault: &Fault, server: &str, ui: Ui) -> String {
    let (es, en) = match fault {
        Fault::PlaintextAbroad => (
            "smtp.security = \"none\" solo vale para un servidor en esta misma máquina y {server} \
             no lo es: ponga \"tls\" o \"starttls\".",
            "smtp.security = \"none\" is only for a server on this very machine, which {server} \
             is not: set \"tls\" or \"starttls\".",
        ),
        Fault::NoAuthorities => (
            "No se han podido leer los certificados raíz de este sistema: instale el paquete \
             ca-certificates.",
            "The root certificates of this system could not be read: install the package \
             ca-certificates.",
        ),
        Fault::UnknownIssuer => (
            "No se conoce a quien emite el certificado de {server}, así que no se ha enviado \
             nada: si es una autoridad de su empresa, instálela en este sistema.",
            "The issuer of the certificate of {server} is not known, so nothing was sent: if it \
             is your company's own authority, install it on this system.",
        ),
        Fault::WrongName => (
            "El certificado de {server} está a nombre de otro servidor, así que no se ha enviado \
             nada: ponga en smtp.host el nombre que figura en el certificado.",
            "The certificate of {server} is for another name, so nothing was sent: set smtp.host \
             to the name that the certificate bears.",
        ),
        Fault::WrongTime => (
            "El certificado de {server} ha caducado o aún no es válido, así que no se ha enviado \
             nada: renuévelo y compruebe el reloj de esta máquina.",
            "The certificate of {server} has expired or is not yet valid, so nothing was sent: \
             renew it and check this machine's clock.",
        ),
        Fault::NotTls => (
            "{server} no habla TLS desde el principio en ese puerto: ponga smtp.security = \
             \"starttls\" o use el puerto 465.",
            "{server} does not speak TLS from the start on that port: set smtp.security = \
             \"starttls\" or use port 465.",
        ),
        Fault::SpeaksTls => (
            "{server} espera TLS desde el principio en ese puerto: ponga smtp.security = \"tls\" \
             o use el puerto 587.",
            "{server} expects TLS from the start on that port: set smtp.security = \"tls\" or use \
             port 587.",
        ),
        Fault::StartTlsMissing => (
            "{server} no ofrece STARTTLS, así que no se ha enviado nada: pruebe smtp.security = \
             \"tls\" con el puerto 465; si antes lo ofrecía, alguien puede estar interviniendo la \
             conexión.",
            "{server} does not offer STARTTLS, so nothing was sent: try smtp.security = \"tls\" \
             with port 465; if it used to offer it, somebody may be tampering with the connection.",
        ),
        _ => (
            "{server} y este programa no se entienden en TLS ({why}), así que no se ha enviado \
             nada: el servidor necesita TLS 1.2 o 1.3 y un certificado correcto.",
            "{server} and this program cannot agree on TLS ({why}), so nothing was sent: the \
             server needs TLS 1.2 or 1.3 and a correct certificate.",
        ),
    };
    let why = if let Fault::TlsRefused(why) = fault {
        why.as_str()
    } else {
        ""
    };
    ui.pick(es, en)
        .replace("{server}", server)
        .replace("{why}", why)
}

fn answer(phase: Phase, code: u16, server: &str, said: &str, ui: Ui) -> String {
    if let Some(meant) = provider::of_refusal(code, said, ui) {
        return meant.replace("{server}", server).replace("{said}", said);
    }
    let (es, en) = match (phase, code) {
        (_, 530 | 538) => (
            "{server} pide cifrado o iniciar sesión ({said}): complete smtp.security, smtp.user y \
             smtp.password.",
            "{server} wants encryption or a login ({said}): complete smtp.security, smtp.user and \
             smtp.password.",
        ),
        (Phase::Auth, 500..) | (_, 534 | 535) => (
            "{server} no admite el usuario o la contraseña ({said}): revise smtp.user y \
             smtp.password; algunos proveedores exigen una contraseña de aplicación.",
            "{server} does not accept the user or the password ({said}): check smtp.user and \
             smtp.password; some providers want an application password.",
        ),
        (_, 421) => (
            "{server} no atiende ahora ({said}): se volverá a intentar en unos minutos.",
            "{server} is not available now ({said}): it will be tried again in some minutes.",
        ),
        (Phase::RcptTo, 450 | 451) => (
            "{server} pide que se intente más tarde ({said}), como suele hacerse con remitentes \
             que aún no se conocen: se volverá a intentar; no tiene que hacer nada.",
            "{server} asks to try again later ({said}), as is usual with senders not yet known: \
             it will be tried again; nothing needs to be done.",
        ),
        (Phase::RcptTo, 452) => (
            "{server} no puede guardar ahora más correo para el destinatario ({said}): se volverá \
             a intentar; si se repite, puede que su buzón esté lleno.",
            "{server} cannot keep more mail for the recipient now ({said}): it will be tried \
             again; if this goes on, the mailbox may be full.",
        ),
        (_, 400..=499) => (
            "{server} no puede ahora mismo ({said}): se volverá a intentar; si se repite, \
             pregunte a quien lleva ese servidor.",
            "{server} cannot do it right now ({said}): it will be tried again; if this goes on, \
             ask whoever runs that server.",
        ),
        (Phase::MailFrom, 500..=599) => (
            "{server} no admite al remitente ({said}): ponga en smtp.from una dirección de esa \
             cuenta.",
            "{server} refuses the sender ({said}): set smtp.from to an address of that account.",
        ),
        (Phase::RcptTo | Phase::Data, 500..=599) => (
            "{server} no admite al destinatario ({said}): compruebe que su dirección existe y \
             está bien escrita en la configuración.",
            "{server} refuses the recipient ({said}): check that the address exists and is \
             spelled right in the configuration.",
        ),
        (Phase::Body | Phase::Dot, 500..=599) => (
            "{server} no admite el contenido del mensaje ({said}): véalo en la lista de casos y \
             pida que se admitan los mensajes de smtp.from.",
            "{server} refuses the text of the mail ({said}): look at the list of cases and ask \
             that mails from smtp.from be let through.",
        ),
        (_, 500..=599) => (
            "{server} no quiere atender a esta máquina ({said}): pida a quien lo lleva que la \
             admita.",
            "{server} will not serve this machine ({said}): ask whoever runs it to let it in.",
        ),
        _ => (
            "{server} ha dado una respuesta que no corresponde ({said}): se volverá a intentar; \
             si se repite, pregunte a quien lleva ese servidor.",
            "{server} gave an answer that does not fit ({said}): it will be tried again; if this \
             goes on, ask whoever runs that server.",
        ),
    };
    ui.pick(es, en)
        .replace("{server}", server)
        .replace("{said}", said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Expects a word of the Spanish sentence and one of the English.
    #[track_caller]
    fn check(phase: Phase, fault: Fault, words: [&str; 2]) {
        let server: Arc<str> = "mail.ejemplo.test:587".into();
        let error = SendError::new(&server, phase, fault);
        for (ui, expected) in [(Ui::Es, words[0]), (Ui::En, words[1])] {
            let sentence = error.sentence(ui);
            assert!(sentence.contains(expected), "{sentence}");
            assert!(
                sentence.ends_with('.') && !sentence.contains(['{', '}', '\n']),
                "{sentence}"
            );
        }
    }

    fn answer(code: u16) -> Fault {
        Fault::Answer {
            code,
            text: "5.0.0 no".to_owned(),
        }
    }

    #[test]
    fn each_failure_of_the_way_says_what_to_do() {
        use Phase::{Connect, Greeting, Tls};
        let said = "does not serve".to_owned();
        check(
            Connect,
            Fault::PortClosed,
            ["puerto cerrado", "port closed"],
        );
        check(Connect, Fault::TimedOut, ["cortafuegos", "firewall"]);
        check(Greeting, Fault::TimedOut, ["= \"tls\"", "= \"tls\""]);
        check(
            Greeting,
            Fault::NotSmtp,
            ["no es un servidor de correo", "not a mail server"],
        );
        check(Greeting, Fault::SpeaksTls, ["= \"tls\"", "= \"tls\""]);
        check(
            Greeting,
            answer(554),
            ["no quiere atender", "will not serve"],
        );
        check(Tls, Fault::NotTls, ["\"starttls\"", "\"starttls\""]);
        check(
            Tls,
            Fault::WrongName,
            ["a nombre de otro", "for another name"],
        );
        check(
            Tls,
            Fault::UnknownIssuer,
            ["emite el certificado", "The issuer"],
        );
        check(
            Tls,
            Fault::StartTlsMissing,
            ["no ofrece STARTTLS", "not offer STARTTLS"],
        );
        check(
            Tls,
            Fault::TlsRefused(said),
            ["(does not serve)", "(does not serve)"],
        );
    }

    #[test]
    fn each_failure_of_a_mail_says_what_to_do() {
        use Phase::{Auth, Body, Data, Dot, MailFrom, RcptTo};
        check(
            Auth,
            answer(535),
            ["la contraseña (535", "the password (535"],
        );
        check(MailFrom, answer(530), ["iniciar sesión", "a login"]);
        check(
            MailFrom,
            answer(550),
            ["al remitente (550", "the sender (550"],
        );
        check(MailFrom, Fault::BadAddress, ["smtp.from", "smtp.from"]);
        check(
            RcptTo,
            Fault::BadAddress,
            ["del destinatario", "The recipient"],
        );
        check(RcptTo, answer(451), ["más tarde (451", "later (451"]);
        check(
            RcptTo,
            answer(550),
            ["al destinatario (550", "the recipient (550"],
        );
        check(
            Data,
            Fault::TimedOut,
            ["dejado de contestar", "stopped answering"],
        );
        check(Body, Fault::Lost, ["ha cortado", "closed the connection"]);
        check(Dot, answer(552), ["el contenido", "the text"]);
        check(Dot, answer(251), ["no corresponde", "does not fit"]);
        check(Dot, Fault::Lost, ["mismo Message-ID", "same Message-ID"]);
    }
}
