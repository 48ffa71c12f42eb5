//! What large providers want of a program that sends mail, by the name of their server, and what common
//! refusals mean. Told as of 2026; the providers' own pages hold.
//!
//! Absent: XOAUTH2. Escucha logs in with a user and a password.

use super::error::{Fault, Phase, SendError};
use crate::model::Ui;

/// Spanish and English.
type Both = (&'static str, &'static str);

const GOOGLE: Both = (
    "Gmail no admite la contraseña de la cuenta: active la verificación en dos pasos, cree una \
     contraseña de aplicación (16 letras) en myaccount.google.com/apppasswords y póngala en \
     smtp.password; smtp.user es la dirección completa. En Google Workspace, el administrador debe \
     permitirlas, o use el relé smtp-relay.gmail.com.",
    "Gmail does not take the account's password: switch on two-step verification, make an app \
     password (16 letters) at myaccount.google.com/apppasswords and set it as smtp.password; \
     smtp.user is the whole address. In Google Workspace the administrator must allow them, or use \
     the relay smtp-relay.gmail.com.",
);
const MICROSOFT: Both = (
    "Microsoft 365 está retirando la entrada con contraseña y pide XOAUTH2, que Escucha no habla: \
     si su administrador aún puede, que active «SMTP autenticado» en ese buzón y use una contraseña \
     de aplicación; si no, envíe por un conector de Microsoft 365 o por otro servidor de correo.",
    "Microsoft 365 is retiring logins with a password and wants XOAUTH2, which Escucha does not \
     speak: if your administrator still can, have \"Authenticated SMTP\" switched on for that \
     mailbox and use an app password; else send through a Microsoft 365 connector or another mail \
     server.",
);
const OUTLOOK: Both = (
    "Outlook.com y Hotmail ya no dejan entrar con contraseña (piden XOAUTH2, que Escucha no habla): \
     envíe por otro servidor de correo.",
    "Outlook.com and Hotmail no longer let anybody in with a password (they want XOAUTH2, which \
     Escucha does not speak): send through another mail server.",
);
const YAHOO: Both = (
    "Yahoo no admite la contraseña de la cuenta: en «Seguridad de la cuenta» cree una contraseña de \
     aplicación y póngala en smtp.password; smtp.user es la dirección completa.",
    "Yahoo does not take the account's password: make an app password under \"Account security\" and \
     set it as smtp.password; smtp.user is the whole address.",
);
const ICLOUD: Both = (
    "iCloud no admite la contraseña de la cuenta: en account.apple.com cree una contraseña de \
     aplicación y póngala en smtp.password; smtp.user es la dirección de iCloud completa, y el \
     puerto, el 587 con \"starttls\".",
    "iCloud does not take the account's password: make an app-specific password at \
     account.apple.com and set it as smtp.password; smtp.user is the whole iCloud address, and the \
     port is 587 with \"starttls\".",
);

/// Ends of server names, and what is to be done there about the login.
const PROVIDERS: [(&str, &Both); 9] = [
    ("smtp.gmail.com", &GOOGLE),
    ("smtp.googlemail.com", &GOOGLE),
    ("smtp-relay.gmail.com", &GOOGLE),
    ("office365.com", &MICROSOFT),
    ("outlook.com", &OUTLOOK),
    ("hotmail.com", &OUTLOOK),
    ("mail.yahoo.com", &YAHOO),
    ("mail.me.com", &ICLOUD),
    ("mail.icloud.com", &ICLOUD),
];

/// Words of refusals at any verb, in small letters, and what they mean.
const REFUSALS: [(&[&str], Both); 4] = [
    (
        &[
            "relay access denied",
            "relaying denied",
            "unable to relay",
            "not permitted to relay",
            "relay not permitted",
        ],
        (
            "{server} no reparte correo de quien no ha iniciado sesión ({said}): complete smtp.user \
             y smtp.password.",
            "{server} does not relay mail for who has not logged in ({said}): complete smtp.user \
             and smtp.password.",
        ),
    ),
    (
        &[
            "spamhaus",
            "blocklist",
            "blacklist",
            "blocked using",
            "barracuda",
        ],
        (
            "{server} tiene la dirección de esta máquina en una lista de bloqueo ({said}): envíe por \
             el servidor de su proveedor, con usuario y contraseña, o pida salir de esa lista.",
            "{server} has this machine's address on a blocklist ({said}): send through your \
             provider's server, with user and password, or ask to be taken off that list.",
        ),
    ),
    (
        &[
            "spf",
            "dmarc",
            "dkim",
            "5.7.23",
            "5.7.25",
            "5.7.26",
            "5.7.27",
            "5.7.509",
            "sender policy",
        ],
        (
            "{server} no cree que este servidor pueda enviar por el dominio de smtp.from ({said}): \
             envíe por el servidor de ese dominio, o haga que su SPF, DKIM y DMARC (en el DNS) lo \
             admitan.",
            "{server} does not believe that this server may send for the domain of smtp.from \
             ({said}): send through that domain's own server, or have its SPF, DKIM and DMARC (in \
             the DNS) admit it.",
        ),
    ),
    (
        &[
            "not owned by",
            "send as",
            "sendas",
            "not allowed to send",
            "not authorized to send",
            "sender address rejected",
            "5.7.60",
            "must match",
        ],
        (
            "{server} no deja enviar con ese remitente ({said}): ponga en smtp.from la dirección de \
             la cuenta de smtp.user, o dé permiso a esa cuenta para enviar en su nombre.",
            "{server} does not let you send as that sender ({said}): set smtp.from to the address \
             of the account in smtp.user, or give that account leave to send in its name.",
        ),
    ),
];

/// What the server's provider wants, where the login fails.
pub(super) fn of_login(error: &SendError, ui: Ui) -> Option<&'static str> {
    let is_login = match &error.fault {
        Fault::LoginMissing => true,
        Fault::Answer { code, .. } => {
            matches!(code, 530 | 534 | 535) || (error.phase == Phase::Auth && *code >= 500)
        }
        _ => false,
    };
    let host = error.server.rsplit_once(':').map_or("", |(host, _)| host);
    let host = host.to_ascii_lowercase();
    let is_of = |end: &str| {
        host.strip_suffix(end)
            .is_some_and(|before| before.is_empty() || before.ends_with(['.', '-']))
    };
    let (_, (es, en)) = PROVIDERS.iter().find(|(end, _)| is_login && is_of(end))?;
    Some(ui.pick(*es, *en))
}

/// What a refusal means that says the same at whatever verb it comes.
pub(super) fn of_refusal(code: u16, said: &str, ui: Ui) -> Option<&'static str> {
    let said = said.to_lowercase();
    let (_, (es, en)) = REFUSALS
        .iter()
        .find(|(words, _)| code >= 500 && words.iter().any(|word| said.contains(word)))?;
    Some(ui.pick(*es, *en))
}
