//! The sections of `escucha.toml` that speak of mail: `[smtp]`, `[alerts]`, `[[remedy]]`.

use super::complaints::said;
use super::reader::{Section, Value};
use super::secrets::{World, secret};
use super::{hours, people, values};
use crate::model::{Lang, Minutes, Remedy};
use crate::settings::{AlertSettings, Mailbox, SmtpLogin, SmtpSecurity, SmtpSettings};

const MAILS_PER_DAY_MAX: i64 = 100_000;
const ANSWER_WITHIN: Minutes = Minutes::from_hours(4);

pub(super) fn smtp(section: &Section, world: &World) -> Option<SmtpSettings> {
    let host = section.need(
        "host",
        said!(
            "ponga host = \"mail.ejemplo.test\"",
            "put host = \"mail.example.test\""
        ),
    );
    let port = section
        .get("port")
        .and_then(|port| port.integer(1, i64::from(u16::MAX)))
        .and_then(|port| u16::try_from(port).ok());
    let security = section.get("security");
    let chosen = security.as_ref().map_or(Some(SmtpSecurity::Tls), |value| {
        values::word(
            value,
            &[
                ("tls", SmtpSecurity::Tls),
                ("starttls", SmtpSecurity::StartTls),
                ("none", SmtpSecurity::None),
            ],
        )
    });
    let login = login(section, world);
    let from = section
        .need(
            "from",
            said!("ponga from = \"avisos@…\"", "put from = \"alerts@…\""),
        )
        .and_then(|from| values::mailbox(&from));
    let reply_to = section
        .get("reply_to")
        .and_then(|reply_to| values::mailbox(&reply_to));
    section.finish();
    let host = host.and_then(|host| host_name(&host));
    if let (Some(host), Some(SmtpSecurity::None), Some(security)) = (&host, chosen, &security)
        && !is_loopback(host)
    {
        security.complain(
            said!(
                "el correo viajaría sin cifrar hasta {host}",
                "the mail would travel in the clear to {host}"
            ),
            said!(
                "ponga \"tls\" o \"starttls\"; \"none\" solo vale dentro de esta máquina",
                "put \"tls\" or \"starttls\"; \"none\" is for this very machine only"
            ),
        );
    }
    let security = chosen?;
    Some(SmtpSettings {
        host: host?,
        port: port.unwrap_or(match security {
            SmtpSecurity::Tls => 465,
            SmtpSecurity::StartTls => 587,
            SmtpSecurity::None => 25,
        }),
        security,
        login,
        from: from?,
        reply_to,
    })
}

fn login(section: &Section, world: &World) -> Option<SmtpLogin> {
    let user = section.get("user");
    let password = section.get("password");
    let secret = password
        .as_ref()
        .and_then(|password| secret(password, world));
    match (&user, &password) {
        (Some(user), None) => user.complain(
            said!(
                "hay usuario, pero no contraseña",
                "there is a user, but no password"
            ),
            said!(
                "añada password = {{ env = \"…\" }}",
                "add password = {{ env = \"…\" }}"
            ),
        ),
        (None, Some(password)) => password.complain(
            said!(
                "hay contraseña, pero no usuario",
                "there is a password, but no user"
            ),
            said!("añada user = \"…\"", "add user = \"…\""),
        ),
        _ => {}
    }
    Some(SmtpLogin {
        user: user?.text()?.trim().to_owned(),
        password: secret?,
    })
}

fn host_name(value: &Value) -> Option<String> {
    let text = value.text()?.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<std::net::IpAddr>() {
        return Some(address.to_string());
    }
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.chars().all(is_name)
        && let Ok(host) = url::Host::parse(text)
    {
        return Some(host.to_string());
    }
    value.wants(said!(
        "solo el nombre del servidor, sin puerto: mail.ejemplo.test",
        "the server's name alone, without a port: mail.example.test"
    ))
}

pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn alerts(section: &Section, world: &World) -> AlertSettings {
    let addresses = |key| -> Vec<Mailbox> {
        let list = section.get(key);
        list.map_or_else(Vec::new, |list| values::mailboxes(&list))
    };
    let alerts = AlertSettings {
        to: addresses("to"),
        operator: addresses("operator"),
        answer_within: section
            .get("answer_within")
            .and_then(|wait| values::minutes(&wait))
            .unwrap_or(ANSWER_WITHIN),
        office_hours: hours::of(section, world),
        escalate: people::escalate(section),
        digest_at: section.get("digest_at").and_then(|at| hours::time(&at)),
        weekly_digest: section
            .get("weekly_digest")
            .and_then(|day| hours::weekday(&day)),
        mails_per_day: section
            .get("mails_per_day")
            .and_then(|n| n.integer(1, MAILS_PER_DAY_MAX))
            .and_then(|n| u32::try_from(n).ok()),
        alive_url: section
            .get("alive_url")
            .filter(|url| url.plain() != Some(""))
            .and_then(|url| values::http_url(&url)),
    };
    section.finish();
    alerts
}

pub(super) fn remedy(section: &Section) -> Option<Remedy> {
    let topic = section
        .need(
            "topic",
            said!("ponga topic = \"billing\"", "put topic = \"billing\""),
        )
        .and_then(|topic| values::topic(&topic));
    let offer = section
        .need(
            "offer",
            said!(
                "diga qué se puede prometer: offer = {{ es = \"…\" }}",
                "say what may be promised: offer = {{ en = \"…\" }}"
            ),
        )
        .and_then(|offer| offers(&offer));
    let [limit, role] = ["limit", "role"].map(|key| section.get(key)?.text().map(str::to_owned));
    section.finish();
    Some(Remedy {
        topic: topic?,
        offer: offer?,
        limit,
        role,
    })
}

fn offers(value: &Value) -> Option<Vec<(Lang, String)>> {
    let table = value.table()?;
    let offers: Vec<(Lang, String)> = Lang::ALL
        .iter()
        .filter_map(|lang| Some((*lang, table.get(lang.code())?.text()?.to_owned())))
        .collect();
    table.finish();
    if table.entries().is_empty() {
        value.complain(
            said!("no promete nada", "promises nothing"),
            said!("escriba al menos es = \"…\"", "write at least en = \"…\""),
        );
    }
    Some(offers)
}
