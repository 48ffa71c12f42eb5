//! What a valid configuration means: typed, checked, complete. After `config` nobody meets a raw string.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use url::Url;

use crate::extract::{Map, Selectors};
use crate::hook::{Key, Template, Wanted};
use crate::model::{
    Cadence, Company, Lang, LocalTime, Minutes, OfficeHours, Reach, Remedy, SourceId, Topic, Ui,
    digest_hex,
};
use crate::score::rules::Rules;
use crate::score::trained::Trained;

/// Both files, validated together.
#[derive(Clone, Debug)]
pub struct Settings {
    pub ui: Ui,
    pub zone: TimeZone,
    pub database: DatabaseUrl,
    pub company: Company,
    pub sources: Vec<SourceSettings>,
    pub fetch: FetchSettings,
    /// Required for `run`; absent for commands that send nothing.
    pub smtp: Option<SmtpSettings>,
    pub alerts: Option<AlertSettings>,
    /// Where reports of mail servers and answers to our mails arrive.
    pub replies: Option<MailboxSettings>,
    /// Who is told of some cases in place of `alerts.to`, in the order of the file.
    pub routes: Vec<Route>,
    pub remedies: Vec<Remedy>,
    /// The page for acting from the mail, `/healthz` and `/metrics`; without it nothing listens.
    pub web: Option<WebSettings>,
    pub webhooks: Vec<WebhookSettings>,
    pub retention: Retention,
    pub rules: Rules,
    /// What judges in place of the embedded models.
    pub trained: Option<Arc<Trained>>,
    /// Where `keywords.toml` lies, for reloading.
    pub keywords_path: PathBuf,
    /// Files with passwords that everybody on this machine may read or write.
    pub exposed: BTreeSet<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An absolute path.
    Sqlite(PathBuf),
    /// `postgres://…`; may hold a password, so `Debug` and logs never show it.
    Postgres(Secret),
}

/// A text that no log, error or `Debug` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

#[derive(Clone, Debug)]
pub struct SourceSettings {
    pub id: SourceId,
    /// Unique. That of its section, or where a preset makes several of one, `section/part`.
    pub name: String,
    /// The name of its `[[source]]`, by which files and people refer to it.
    pub section: String,
    pub kind: SourceKind,
    pub url: Url,
    pub cadence: Cadence,
    /// What its site wants between two requests beyond `fetch.pace`; 0: nothing.
    pub pace_ms: i64,
    /// What its clocks are taken to show.
    pub local: Arc<LocalTime>,
    /// Read the linked page when the feed has only a summary.
    pub full_text: bool,
    /// A prior, not an order.
    pub lang: Option<Lang>,
    pub select: Option<Selectors>,
    /// For JSON: of an API, or within a page of reviews.
    pub map: Option<Map>,
    /// Every post of this source is about us: it matches these watches even where it does not name us.
    pub watches: Vec<String>,
    /// How many people read it.
    pub reach: Reach,
    /// Why robots.txt is not followed here; `None`: it is.
    pub ignore_robots: Option<String>,
    /// What the author of its recipe wants the operator to know, in the recipe's language.
    pub remark: Option<String>,
    /// For a mailbox, of which `url` says where it is.
    pub mailbox: Option<MailboxSettings>,
}

/// A folder on an IMAP server, and who may read it.
#[derive(Clone, Debug)]
pub struct MailboxSettings {
    /// A name, or an IP address without brackets.
    pub host: String,
    pub port: u16,
    /// The same words as for `[smtp]`.
    pub security: SmtpSecurity,
    pub user: String,
    pub password: Secret,
    /// As people write it: `INBOX/Reseñas`.
    pub folder: String,
}

impl SourceSettings {
    /// True when the feed of a web page is read in its place. Who wrote selectors wants the page.
    pub fn follows_feeds(&self) -> bool {
        self.select.is_none() && matches!(self.kind, SourceKind::Feed | SourceKind::Blog)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    Feed,
    Blog,
    Reviews,
    Json,
    Mailbox,
}

impl SourceKind {
    pub fn code(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Blog => "blog",
            Self::Reviews => "reviews",
            Self::Json => "json",
            Self::Mailbox => "mailbox",
        }
    }
}

#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// Goes into the User-Agent.
    pub contact: String,
    /// Networks that may be reached although they are not public; free of the port list too.
    pub allow_private: Vec<IpNetwork>,
    /// Posts older than this on the first fetch of a source are backlog.
    pub alert_if_younger_than_ms: i64,
    pub floor_ms: i64,
    /// Least time between two requests to one host.
    pub pace_ms: i64,
    /// After so many whole answers with the same bytes in a row, once a day is enough; 0: never.
    pub slow_after: u32,
}

impl Default for FetchSettings {
    /// The defaults of the design, without a contact: for commands that run without configuration.
    fn default() -> Self {
        Self {
            contact: String::new(),
            allow_private: Vec::new(),
            alert_if_younger_than_ms: 48 * 3_600_000,
            floor_ms: 5 * 60_000,
            pace_ms: 1_000,
            slow_after: 100,
        }
    }
}

/// An address range in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpNetwork {
    pub address: std::net::IpAddr,
    pub prefix: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    Tls,
    StartTls,
    /// Loopback only.
    None,
}

#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub security: SmtpSecurity,
    pub login: Option<SmtpLogin>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
}

#[derive(Clone, Debug)]
pub struct SmtpLogin {
    pub user: String,
    pub password: Secret,
}

/// A checked address with an optional display name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<String>,
    pub address: String,
}

/// How long what customers wrote is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Posts that were no complaint, since they were read.
    pub posts_ms: i64,
    /// Closed cases, doubts and what was judged, since the last that happened.
    pub cases_ms: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            posts_ms: 30 * 86_400_000,
            cases_ms: 365 * 86_400_000,
        }
    }
}

#[derive(Clone, Debug)]
pub struct AlertSettings {
    pub to: Vec<Mailbox>,
    pub operator: Vec<Mailbox>,
    pub answer_within: Minutes,
    /// With the holidays, on which it is closed.
    pub office_hours: Option<OfficeHours>,
    /// Who else is told when nobody answers, the first first.
    pub escalate: Vec<Step>,
    /// When the digest of the day is made, by the clocks of the zone; `None`: there is none.
    pub digest_at: Option<Time>,
    /// The day on which the letter of the week is made.
    pub weekly_digest: Option<Weekday>,
    /// So many mails a person and day; the rest flows into a digest.
    pub mails_per_day: Option<u32>,
    /// Asked after each good cycle, so that a dead service is noticed elsewhere.
    pub alive_url: Option<Url>,
}

/// One step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Office time from the mail that told of the case.
    pub after: Minutes,
    pub to: Vec<Mailbox>,
}

/// Who is told of the cases of a topic, of a watch, or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub topic: Option<Topic>,
    pub watch: Option<String>,
    pub to: Vec<Mailbox>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSettings {
    /// Loopback, unless `public_url` says that somebody in front of us speaks TLS.
    pub listen: SocketAddr,
    /// Where readers of mails reach it; ends with a slash. Without it mails hold no links.
    pub public_url: Option<Url>,
}

/// An endpoint that is told of events.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Unique, whatever the case; letters, digits, `-` and `_`.
    pub name: String,
    pub url: HookUrl,
    /// The newest first; none for commands that send nothing.
    pub keys: Vec<Key>,
    pub wanted: Wanted,
    /// `None`: the usual body.
    pub body: Option<Template>,
    /// What this endpoint may reach although it is not public: its own host and port.
    pub private: Vec<IpNetwork>,
}

/// An address that may hold a token: `Debug` shows its host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct HookUrl(pub Url);

impl WebhookSettings {
    /// How the outbox names it. No mailbox is called so: there is no `@`.
    pub fn recipient(&self) -> String {
        format!("webhook:{}", self.name)
    }

    /// Another one means that the operator changed the section (its keys aside).
    pub fn digest(&self) -> String {
        let how = format!("{:?} {:?} {:?}", self.wanted, self.body, self.private);
        digest_hex(&[&self.name, self.url.0.as_str(), &how])
    }
}

impl fmt::Debug for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.host_str().unwrap_or_default())
    }
}

impl Settings {
    /// How the configuration calls whoever has this address: the name, else the address.
    pub fn name_of<'a>(&'a self, address: &'a str) -> &'a str {
        let alerts = self.alerts.iter();
        let told = alerts.flat_map(|alerts| {
            let steps = alerts.escalate.iter().flat_map(|step| &step.to);
            alerts.to.iter().chain(&alerts.operator).chain(steps)
        });
        let all = told.chain(self.routes.iter().flat_map(|route| &route.to));
        let mut known = all.filter(|known| known.address.eq_ignore_ascii_case(address));
        let name = known.find_map(|known| known.name.as_deref());
        name.unwrap_or(address)
    }

    /// What `run` needs beyond a valid configuration: each missing key with a sentence in the
    /// configured language.
    pub fn missing_for_run(&self) -> Vec<(&'static str, String)> {
        let no_recipient = self
            .alerts
            .as_ref()
            .is_none_or(|alerts| alerts.to.is_empty());
        let missing = [
            (
                self.sources.is_empty(),
                "source",
                "falta una [[source]]: no hay nada que leer",
                "a [[source]] is missing: there is nothing to read",
            ),
            (
                self.smtp.is_none(),
                "smtp",
                "falta [smtp]: los avisos no tienen por dónde salir",
                "[smtp] is missing: alerts have no way out",
            ),
            (
                no_recipient,
                "alerts.to",
                "falta to en [alerts]: no se sabe a quién avisar",
                "to is missing in [alerts]: nobody is there to be told",
            ),
        ];
        missing
            .into_iter()
            .filter(|(is_missing, ..)| *is_missing)
            .map(|(_, key, es, en)| (key, self.ui.pick(es, en).to_owned()))
            .collect()
    }
}

impl Settings {
    /// Every address to which a letter may go by this configuration. Each new place for recipients must be
    /// named here: mails to others are given up.
    pub fn recipients(&self) -> BTreeSet<&str> {
        let alerts = self.alerts.iter().flat_map(|alerts| {
            let AlertSettings {
                to,
                operator,
                escalate,
                answer_within: _,
                office_hours: _,
                digest_at: _,
                weekly_digest: _,
                mails_per_day: _,
                alive_url: _,
            } = alerts;
            let steps = escalate.iter().flat_map(|step| &step.to);
            to.iter().chain(operator).chain(steps)
        });
        let watches = self.rules.watches.iter().flat_map(|watch| &watch.to);
        let routes = self.routes.iter().flat_map(|route| &route.to);
        let addresses = alerts.chain(routes).map(|mailbox| mailbox.address.as_str());
        addresses.chain(watches.map(String::as_str)).collect()
    }
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl IpNetwork {
    /// Reads `127.0.0.0/8`, `::1/128` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let address: std::net::IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = if prefix.is_empty() {
            longest
        } else {
            prefix.parse().ok()?
        };
        (prefix <= longest).then_some(Self { address, prefix })
    }

    pub fn contains(&self, address: std::net::IpAddr) -> bool {
        use std::net::IpAddr::{V4, V6};
        match (self.address, address) {
            (V4(net), V4(ip)) => {
                same_prefix(u32::from(net).into(), u32::from(ip).into(), 32, self.prefix)
            }
            (V6(net), V6(ip)) => same_prefix(u128::from(net), u128::from(ip), 128, self.prefix),
            _ => false,
        }
    }
}

fn same_prefix(net: u128, ip: u128, bits: u8, prefix: u8) -> bool {
    let shift = u32::from(bits - prefix);
    net.checked_shr(shift).unwrap_or(0) == ip.checked_shr(shift).unwrap_or(0)
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}
