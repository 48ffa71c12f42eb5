//! Single values: durations, addresses, links, languages, zones, passwords, queries.

use jiff::tz::TimeZone;
use url::Url;

use super::complaints::{Said, said, shown};
use super::nearest::{distance, nearest};
use super::reader::Value;
use crate::model::{Lang, Minutes, Topic};
use crate::score::query::Query;
use crate::score::text::fold_str;
use crate::settings::Mailbox;

/// No wait in a configuration is longer than ten years.
const DURATION_MS_MAX: i64 = 3_653 * 86_400_000;
/// Of an address, after RFC 5321.
const ADDRESS_CHARS_MAX: usize = 254;

/// `90s 15m 4h 30d`, at least `least_ms`.
pub(super) fn duration_ms(value: &Value, least_ms: i64) -> Option<i64> {
    let text = value.text()?;
    let Some(ms) = parse_duration_ms(text) else {
        return match meant_duration(text) {
            Some(meant) => value.wants(said!("{meant}", "{meant}")),
            None => value.wants(said!(
                "un número y s, m, h o d: 90s, 15m, 4h, 30d",
                "a number and s, m, h or d: 90s, 15m, 4h, 30d"
            )),
        };
    };
    if ms < least_ms {
        let least = written_duration(least_ms);
        return value.wants(said!("{least} o más", "{least} or more"));
    }
    Some(ms)
}

/// A duration of a minute or more, in whole minutes.
pub(super) fn minutes(value: &Value) -> Option<Minutes> {
    duration_ms(value, 60_000).map(|ms| Minutes((ms + 59_999) / 60_000))
}

/// `90s 15m 4h 30d` in milliseconds.
pub fn parse_duration_ms(text: &str) -> Option<i64> {
    let unit_at = text.char_indices().next_back().map(|(at, _)| at)?;
    let (number, unit) = text.split_at(unit_at);
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms = number.parse::<i64>().ok()?.checked_mul(unit_ms(unit)?)?;
    (ms <= DURATION_MS_MAX).then_some(ms)
}

fn unit_ms(unit: &str) -> Option<i64> {
    match unit {
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

/// What "15 m", "15 min" or "2 horas" should have been.
fn meant_duration(text: &str) -> Option<String> {
    let folded = fold_str(text.trim());
    let unit_at = folded.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = folded.split_at(unit_at);
    let unit = match unit.trim().trim_end_matches('.') {
        "s" | "seg" | "segundo" | "segundos" | "sec" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minuto" | "minutos" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hora" | "horas" | "hour" | "hours" => "h",
        "d" | "dia" | "dias" | "day" | "days" => "d",
        _ => return None,
    };
    let meant = format!("{number}{unit}");
    parse_duration_ms(&meant).map(|_| meant)
}

fn written_duration(ms: i64) -> String {
    if ms % 60_000 == 0 {
        format!("{}m", ms / 60_000)
    } else {
        format!("{}s", ms / 1_000)
    }
}

/// One of a closed set of words.
pub(super) fn word<T: Copy>(value: &Value, known: &[(&str, T)]) -> Option<T> {
    let text = value.text()?;
    if let Some((_, found)) = known.iter().find(|(word, _)| *word == text) {
        return Some(*found);
    }
    if let Some(near) = nearest(text, known.iter().map(|(word, _)| *word)) {
        return value.wants(said!("{near}", "{near}"));
    }
    let all: Vec<String> = known.iter().map(|(word, _)| shown(word)).collect();
    let all = all.join(", ");
    value.wants(said!("uno de estos: {all}", "one of these: {all}"))
}

/// One of the weaknesses of which customers speak.
pub(super) fn topic(value: &Value) -> Option<Topic> {
    let topics: Vec<(&str, Topic)> = Topic::ALL.iter().map(|t| (t.word(), *t)).collect();
    word(value, &topics)
}

/// How people call the languages, without accents.
const LANG_NAMES: [(&str, &[&str]); 7] = [
    ("es", &["espanol", "castellano", "spanish"]),
    ("en", &["ingles", "english"]),
    ("pt", &["portugues", "portuguese"]),
    ("fr", &["frances", "francais", "french"]),
    ("it", &["italiano", "italian"]),
    ("de", &["aleman", "deutsch", "german"]),
    ("ca", &["catalan", "catala"]),
];

/// One of the seven languages of posts; a region is ignored.
pub(super) fn lang(value: &Value) -> Option<Lang> {
    let text = value.text()?;
    if let Some(lang) = Lang::parse(text) {
        return Some(lang);
    }
    value.wants(right_lang(text))
}

/// What a text that is no language should have been.
pub(super) fn right_lang(text: &str) -> Said {
    let folded = fold_str(text);
    let named = LANG_NAMES
        .iter()
        .find(|(_, names)| nearest(&folded, names.iter().copied()).is_some());
    if let Some((code, _)) = named {
        return said!("{code}", "{code}");
    }
    let all: Vec<&str> = Lang::ALL.iter().map(|lang| lang.code()).collect();
    let all = all.join(", ");
    said!("uno de estos: {all}", "one of these: {all}")
}

/// An absolute http(s) link.
pub(super) fn http_url(value: &Value) -> Option<Url> {
    let text = value.text()?.trim();
    if let Some(url) = parse_http_url(text) {
        if url.username().is_empty() && url.password().is_none() {
            return Some(url);
        }
        // It is not repeated: there may be a password in it.
        value.complain(
            said!(
                "lleva usuario o contraseña, y Escucha no los envía",
                "has a user or password, which Escucha does not send"
            ),
            said!(
                "escriba la dirección sin ellos",
                "write the address without them"
            ),
        );
        return None;
    }
    let guess = format!("https://{text}");
    if !text.contains("://") && text.contains('.') && parse_http_url(&guess).is_some() {
        let guess = shown(&guess);
        return value.wants(said!("{guess}", "{guess}"));
    }
    value.wants(said!(
        "una dirección que empiece por https:// o http://",
        "an address that begins with https:// or http://"
    ))
}

fn parse_http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The site as a person types it: `ejemplo.test` means `https://ejemplo.test/`.
pub fn site(typed: &str) -> Option<Url> {
    let typed = typed.trim();
    if typed.contains("://") {
        return parse_http_url(typed);
    }
    parse_http_url(&format!("https://{typed}")).filter(|_| typed.contains('.'))
}

/// One e-mail address.
pub(super) fn mailbox(value: &Value) -> Option<Mailbox> {
    let text = value.text()?;
    let mailbox = Mailbox::parse(text);
    if mailbox.is_none() {
        return value.wants(said!(
            "una dirección de correo: gerente@ejemplo.test",
            "an e-mail address: manager@example.test"
        ));
    }
    mailbox
}

/// The good ones of a list of addresses; the others are complained about.
pub(super) fn mailboxes(value: &Value) -> Vec<Mailbox> {
    value.items().iter().filter_map(mailbox).collect()
}

impl Mailbox {
    /// Reads `name@host` or `Some Name <name@host>`; hosts in other scripts become punycode.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<')?,
            None => ("", text),
        };
        let name = name.trim().trim_matches('"').trim();
        let (local, host) = address.rsplit_once('@')?;
        let host = url::Host::parse(host).ok()?.to_string();
        let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let local_is_good = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(is_local)
            && !local.split('.').any(str::is_empty);
        let host_is_good = host
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-.[]:".contains(c));
        let address = format!("{local}@{host}");
        let is_good = local_is_good
            && host_is_good
            && address.len() <= ADDRESS_CHARS_MAX
            && !name.chars().any(|c| c.is_control() || "<>".contains(c));
        is_good.then(|| Self {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address,
        })
    }
}

/// A time zone by its IANA name.
pub(super) fn zone(value: &Value) -> Option<TimeZone> {
    let text = value.text()?;
    if let Ok(zone) = TimeZone::get(text) {
        return Some(zone);
    }
    match nearest_zone(text) {
        Some(near) => value.wants(said!("{near}", "{near}")),
        None => value.wants(said!(
            "un nombre como Europe/Madrid o America/Mexico_City",
            "a name like Europe/Madrid or America/Mexico_City"
        )),
    }
}

/// The zone whose name or city is nearest: "Madrid" and "Europa/Madrid" both mean Europe/Madrid.
fn nearest_zone(text: &str) -> Option<String> {
    let city = |name: &str| fold_str(name.rsplit('/').next().unwrap_or(name)).replace(' ', "_");
    let (written, written_city) = (fold_str(text), city(text));
    let limit = (written_city.chars().count() / 3).max(1);
    jiff::tz::db()
        .available()
        .filter_map(|zone| {
            let name = zone.as_str();
            let far_city = distance(&written_city, &city(name))?;
            let far = distance(&written, &fold_str(name))?;
            (far_city <= limit || far <= limit).then(|| (far_city.min(far), far, name.to_owned()))
        })
        .min()
        .map(|(_, _, name)| name)
}

/// A query; a fault is told at its own place within the text.
pub(super) fn query(value: &Value) -> Option<Query> {
    let text = value.text()?;
    match Query::parse(text) {
        Ok(query) => Some(query),
        Err(e) => {
            complain_query(value, value.start, &e);
            None
        }
    }
}

/// The complaint about a query whose text is written at `start`.
pub(super) fn complain_query(value: &Value, start: usize, e: &crate::score::query::QueryError) {
    use crate::model::Ui::{En, Es};
    let wrong = Said {
        es: e.fault.wrong(Es),
        en: e.fault.wrong(En),
    };
    let right = Said {
        es: e.fault.right(Es),
        en: e.fault.right(En),
    };
    let byte = value.file.byte_within(start, e.at);
    value.file.complain(byte, &value.path, wrong, right);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let ms = |text| parse_duration_ms(text).unwrap_or(-1);
        assert_eq!(ms("90s"), 90_000);
        assert_eq!(ms("15m"), 900_000);
        assert_eq!(ms("4h"), 14_400_000);
        assert_eq!(ms("30d"), 2_592_000_000);
        for wrong in [
            "",
            "m",
            "15",
            "15 m",
            "-1m",
            "1.5h",
            "15ñ",
            "99999999999999999999s",
            "9999d",
        ] {
            assert_eq!(ms(wrong), -1, "{wrong}");
        }
        assert_eq!(meant_duration("15 m").as_deref(), Some("15m"));
        assert_eq!(meant_duration("2 días").as_deref(), Some("2d"));
        assert_eq!(meant_duration("500ms"), None);
    }

    #[test]
    fn addresses_are_checked_and_keep_their_name() {
        let shown = |text| Mailbox::parse(text).map(|mailbox| mailbox.to_string());
        assert_eq!(shown(" a.b@x.test ").as_deref(), Some("a.b@x.test"));
        assert_eq!(
            shown("\"Ana R\" <a@x.test>").as_deref(),
            Some("Ana R <a@x.test>")
        );
        assert_eq!(shown("a@peña.test").as_deref(), Some("a@xn--pea-8ma.test"));
        for wrong in [
            "",
            "a",
            "@x.test",
            "a@",
            "a b@x.test",
            "a@x..test",
            "a@@x",
            "a\r\nb@x.test",
            "a..b@x",
        ] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn zones_are_guessed_from_the_city() {
        assert_eq!(nearest_zone("Madrid").as_deref(), Some("Europe/Madrid"));
        assert_eq!(
            nearest_zone("Europa/Madrid").as_deref(),
            Some("Europe/Madrid")
        );
        assert_eq!(
            nearest_zone("Europe/Madird").as_deref(),
            Some("Europe/Madrid")
        );
        assert_eq!(
            nearest_zone("mexico city").as_deref(),
            Some("America/Mexico_City")
        );
        assert_eq!(nearest_zone("nowhere at all"), None);
    }

    #[test]
    fn a_site_is_understood_without_its_scheme() {
        assert_eq!(
            site("ejemplo.test").unwrap().as_str(),
            "https://ejemplo.test/"
        );
        assert_eq!(
            site("http://ejemplo.test/x").unwrap().as_str(),
            "http://ejemplo.test/x"
        );
        assert_eq!(site("ejemplo"), None);
        assert_eq!(site("javascript:alert(1)"), None);
        assert_eq!(site(""), None);
    }
}
