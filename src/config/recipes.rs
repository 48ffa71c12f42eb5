//! Recipes: how a kind of site is read, as data. A preset (`kind = "mastodon"`) is a recipe of the
//! program's own; `recipe = "…"` names one for a single site, or a file of the operator's own in the
//! same form.
//!
//! A recipe has `keys` (what it asks for beside `url`), perhaps `site` (where it is read unless `url`
//! says otherwise), and a `[[source]]` for each document; `when` says with which keys it applies. In
//! its texts `{url}`, `{address}` and each `{key}` stand for what the operator gave. Absent: code for
//! any single site.

mod book;

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;
use url::Url;

use book::{PRESETS, RECIPES, Recipe};

use super::complaints::{Said, said, shown};
use super::reader::{File, Section, Value};
use super::secrets::World;
use super::{mapping, syntax, values};
use crate::extract::{Map, Selectors};
use crate::settings::{MailboxSettings, SourceKind};

/// What an operator may be asked for, and the form it must have.
const KEYS: [(&str, &str); 5] = [
    ("search", r"^.{1,200}$"),
    ("tag", r"^[\p{L}\p{N}_.+-]{1,100}$"),
    ("channel", r"^[\p{L}\p{N}_.:@-]{1,200}$"),
    ("app", r"^[0-9]{1,20}$"),
    ("country", r"^[A-Za-z]{2}$"),
];

const PLAIN: [SourceKind; 4] = [
    SourceKind::Feed,
    SourceKind::Blog,
    SourceKind::Reviews,
    SourceKind::Json,
];

/// How a `[[source]]` says what it is. `None` within: it was wrong, and has been complained about.
pub(super) enum Way {
    Plain(Option<SourceKind>),
    Recipe(Option<Dish>),
}

/// What a recipe makes of one `[[source]]`.
#[derive(Default)]
pub(super) struct Dish {
    pub(super) parts: Vec<Part>,
    /// How often, unless the operator says it.
    pub(super) every_ms: Option<i64>,
    pub(super) pace_ms: i64,
    pub(super) remark: Option<String>,
}

/// One document to read.
pub(super) struct Part {
    /// What tells it from the others of its section; `None`: the first.
    pub(super) name: Option<String>,
    pub(super) kind: SourceKind,
    pub(super) url: Url,
    pub(super) full_text: bool,
    pub(super) select: Option<Selectors>,
    pub(super) map: Option<Map>,
    pub(super) mailbox: Option<MailboxSettings>,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain(SourceKind),
    Preset(Recipe),
}

/// Looks at `kind` and `recipe`; what a recipe asks for is read, too.
pub(super) fn way(section: &Section, world: &World) -> Way {
    let (kind, recipe) = (section.get("kind"), section.get("recipe"));
    if let Some(recipe) = recipe {
        if let Some(kind) = kind {
            kind.complain(
                said!("la receta ya lo dice", "the recipe says it already"),
                said!("quite kind o recipe", "leave out kind or recipe"),
            );
        }
        let dish = of_name(section, &recipe, world);
        if dish.is_none() {
            ask_all(section);
        }
        return Way::Recipe(dish);
    }
    let Some(kind) = kind else {
        return Way::Plain(Some(SourceKind::Feed));
    };
    let plain = PLAIN.map(|kind| (kind.code(), Kind::Plain(kind)));
    let presets = PRESETS.map(|preset| (preset.name, Kind::Preset(preset)));
    let mailbox = ("mailbox", Kind::Plain(SourceKind::Mailbox));
    let known: Vec<(&str, Kind)> = plain.into_iter().chain([mailbox]).chain(presets).collect();
    match values::word(&kind, &known) {
        Some(Kind::Plain(kind)) => Way::Plain(Some(kind)),
        Some(Kind::Preset(preset)) => Way::Recipe(cook(section, preset.name, preset.text)),
        None => {
            ask_all(section);
            Way::Plain(None)
        }
    }
}

/// What stands beside a mistake was meant for something: it is not also told to be unknown.
fn ask_all(section: &Section) {
    let plain = ["url", "full_text", "select", "map", "state"].into_iter();
    let plain = plain.chain(["password", "security"]);
    for key in plain.chain(KEYS.map(|(key, _)| key)) {
        section.get(key);
    }
}

/// One of the program's own, or a file.
fn of_name(section: &Section, value: &Value, world: &World) -> Option<Dish> {
    let name = value.text()?.trim();
    if !is_file(name) {
        let known = RECIPES.map(|recipe| (recipe.name, recipe));
        let recipe = values::word(value, &known)?;
        return cook(section, recipe.name, recipe.text);
    }
    let (file, is_read) = syntax::open(&world.base.join(name), name.to_owned());
    if is_read {
        return cook(section, name, file.text());
    }
    section.adopt(file.into_complaints());
    None
}

fn is_file(name: &str) -> bool {
    name.contains(['/', '\\'])
        || Path::new(name)
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("toml"))
}

/// The sources of a recipe with what this section gives.
fn cook(section: &Section, name: &str, text: &str) -> Option<Dish> {
    let file = File::new(name.to_owned(), text.to_owned());
    let asked = syntax::parse(&file).and_then(|table| Asked::read(&file.section(&table)));
    let own = file.into_complaints();
    let is_right = own.is_empty();
    section.adopt(own);
    let asked = asked.filter(|_| is_right)?;
    let given = asked.given(section)?;
    let file = File::new(name.to_owned(), given.put_into(text));
    let dish = syntax::parse(&file).and_then(|table| {
        let root = file.section(&table);
        asked.dish(section, &root, &given)
    });
    let own = file.into_complaints();
    let is_right = own.is_empty();
    section.adopt(own);
    dish.filter(|_| is_right)
}

/// What a recipe wants from the operator.
struct Asked {
    /// A line to copy.
    example: String,
    site: Option<Url>,
    hosts: Vec<String>,
    keys: Vec<&'static str>,
    /// The keys with which each of its sources applies.
    whens: Vec<Vec<&'static str>>,
    channel: Option<String>,
    /// What `{locale}` stands for, by country.
    locales: BTreeMap<String, String>,
}

/// What the operator gave, checked, fit for an address.
struct Given {
    url: Url,
    keys: Vec<&'static str>,
    values: Vec<(&'static str, String)>,
}

impl Asked {
    fn read(root: &Section) -> Option<Self> {
        let example = root.need(
            "example",
            said!("ponga una línea de ejemplo", "put an example line"),
        );
        let text = |value: Value| value.text().map(str::to_owned);
        let names = |value: &Value| -> Vec<&'static str> {
            let known = KEYS.map(|(key, _)| (key, key));
            let items = value.items();
            items
                .iter()
                .filter_map(|item| values::word(item, &known))
                .collect()
        };
        let keys = root.get("keys").map_or_else(Vec::new, |keys| names(&keys));
        let sources = root.tables("source");
        let whens = sources.iter().map(|source| {
            let when = source.get("when");
            when.map_or_else(|| keys.clone(), |when| names(&when))
        });
        Some(Self {
            whens: whens.collect(),
            example: example.and_then(text)?,
            site: root.get("site").and_then(|site| values::http_url(&site)),
            hosts: root.get("hosts").map_or_else(Vec::new, |hosts| {
                let hosts = hosts.items();
                hosts
                    .iter()
                    .filter_map(Value::text)
                    .map(str::to_owned)
                    .collect()
            }),
            channel: root.get("channel_like").and_then(text),
            locales: root.table("locales").map_or_else(BTreeMap::new, |locales| {
                let entries = locales.entries().into_iter();
                entries
                    .filter_map(|entry| Some((entry.key.to_owned(), text(entry.value)?)))
                    .collect()
            }),
            keys,
        })
    }

    fn given(&self, section: &Section) -> Option<Given> {
        let url = section.get("url");
        let url = match (url, &self.site) {
            (Some(url), _) => values::http_url(&url).filter(|is| self.is_at_home(&url, is)),
            (None, Some(site)) => Some(site.clone()),
            (None, None) => {
                section.complain_here("url", said!("falta", "is missing"), self.right());
                None
            }
        };
        let mut given = Vec::new();
        let mut is_right = true;
        for key in &self.keys {
            if let Some(value) = section.get(key) {
                match self.value(key, &value) {
                    Some(value) => given.push((*key, value)),
                    None => is_right = false,
                }
            }
        }
        let keys: Vec<&'static str> = given.iter().map(|(key, _)| *key).collect();
        if is_right && !self.whens.contains(&keys) {
            self.complain_keys(section, &keys);
            return None;
        }
        let url = url.filter(|_| is_right)?;
        Some(Given {
            url,
            keys,
            values: self.all_values(section, given)?,
        })
    }

    /// The given values, with the locale of the country.
    fn all_values(
        &self,
        section: &Section,
        mut given: Vec<(&'static str, String)>,
    ) -> Option<Vec<(&'static str, String)>> {
        if self.locales.is_empty() {
            return Some(given);
        }
        let country = given.iter().find(|(key, _)| *key == "country");
        let country = country.map_or("", |(_, country)| country.as_str());
        if let Some(locale) = self.locales.get(country) {
            given.push(("locale", locale.clone()));
            return Some(given);
        }
        let known: Vec<(&str, ())> = self.locales.keys().map(|key| (key.as_str(), ())).collect();
        values::word(&section.get("country")?, &known);
        None
    }

    /// One key's value, tidied of what people copy with it.
    fn value(&self, key: &str, value: &Value) -> Option<String> {
        let form = KEYS.iter().find(|(known, _)| *known == key)?.1;
        let text = value.text()?.trim();
        let text = match key {
            "tag" => text.trim_start_matches('#'),
            "app" => text.strip_prefix("id").unwrap_or(text),
            "channel" => ["@", "/r/", "r/", "/c/", "c/", "!"]
                .iter()
                .find_map(|sign| text.strip_prefix(sign))
                .unwrap_or(text),
            _ => text,
        };
        let text = match key {
            "country" => text.to_ascii_lowercase(),
            _ => text.to_owned(),
        };
        let own = self.channel.as_deref().filter(|_| key == "channel");
        let form = Regex::new(own.unwrap_or(form)).ok()?;
        if form.is_match(&text) {
            return Some(text);
        }
        let text = shown(&text);
        value.complain(
            said!("«{text}» no vale", "\"{text}\" will not do"),
            self.right(),
        );
        None
    }

    /// A recipe for one site is not for another.
    fn is_at_home(&self, value: &Value, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_at = |home: &String| {
            let before = host.strip_suffix(home.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let is_at_home = self.hosts.is_empty() || self.hosts.iter().any(is_at);
        if !is_at_home {
            let homes = self.hosts.join(", ");
            value.complain(
                said!("esta receta es para {homes}", "this recipe is for {homes}"),
                self.right(),
            );
        }
        is_at_home
    }

    fn complain_keys(&self, section: &Section, given: &[&'static str]) {
        let first = self.whens.first().map_or(&[][..], Vec::as_slice);
        let missing = first.iter().find(|key| !given.contains(key));
        // With any of the ways it knows partly given, the missing key is that of this way.
        let of_way = self.whens.iter().find_map(|when| {
            let is_begun = !given.is_empty() && given.iter().all(|key| when.contains(key));
            when.iter().find(|key| is_begun && !given.contains(key))
        });
        match of_way.or(missing) {
            Some(key) if of_way.is_some() || given.is_empty() => {
                section.complain_here(key, said!("falta", "is missing"), self.right());
            }
            _ => {
                let given = given.join(", ");
                section.complain_here(
                    "kind",
                    said!("{given} no van juntas", "{given} do not go together"),
                    self.right(),
                );
            }
        }
    }

    fn right(&self) -> Said {
        let example = &self.example;
        said!("ponga {example}", "put {example}")
    }

    /// The parts that apply, from the recipe with its places filled.
    fn dish(&self, section: &Section, root: &Section, given: &Given) -> Option<Dish> {
        for key in [
            "example",
            "site",
            "keys",
            "hosts",
            "channel_like",
            "locales",
        ] {
            root.get(key);
        }
        let every = root.get("every");
        let pace = root.get("pace");
        let remark = root.get("remark");
        let mut parts = Vec::new();
        for (source, when) in root.tables("source").iter().zip(&self.whens) {
            let part = part(source);
            source.finish();
            if *when == given.keys {
                parts.push(part?);
            }
        }
        root.finish();
        if parts.iter().any(|part| part.full_text)
            && let Some(full_text) = section.get("full_text")
        {
            let full_text = full_text.boolean().unwrap_or(true);
            for part in &mut parts {
                part.full_text &= full_text;
            }
        }
        Some(Dish {
            parts,
            every_ms: every.and_then(|every| values::duration_ms(&every, 1_000)),
            pace_ms: pace
                .and_then(|pace| values::duration_ms(&pace, 0))
                .unwrap_or(0),
            remark: remark.and_then(|remark| remark.text().map(str::to_owned)),
        })
    }
}

fn part(source: &Section) -> Option<Part> {
    source.get("when");
    let name = source
        .get("part")
        .and_then(|name| name.text().map(str::to_owned));
    let known = PLAIN.map(|kind| (kind.code(), kind));
    let kind = match source.get("kind") {
        Some(kind) => values::word(&kind, &known),
        None => Some(SourceKind::Feed),
    };
    let url = source.need(
        "url",
        said!("ponga url = \"{{url}}/…\"", "put url = \"{{url}}/…\""),
    );
    let full_text = source.get("full_text").and_then(|value| value.boolean());
    let select = mapping::select(source, kind);
    let map = mapping::map(source, kind);
    Some(Part {
        name,
        kind: kind?,
        url: url.and_then(|url| values::http_url(&url))?,
        full_text: full_text.unwrap_or(false),
        select,
        map,
        mailbox: None,
    })
}

impl Given {
    fn put_into(&self, text: &str) -> String {
        // In TOML a backslash begins an escape; nothing else that an address may hold means anything.
        let address = self.url.as_str().replace('\\', "%5C");
        let mut text = text.replace("{address}", &address);
        text = text.replace("{url}", address.trim_end_matches('/'));
        for (key, value) in &self.values {
            let value = match *key {
                "locale" => value.clone(),
                _ => escaped(value),
            };
            text = text.replace(&format!("{{{key}}}"), &value);
        }
        text
    }
}

/// As one piece of an address, in its path or its query.
fn escaped(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every recipe of the program's own is right, whatever it is asked with.
    #[test]
    fn the_recipes_are_right_and_say_how_they_were_tried() {
        for recipe in PRESETS.iter().chain(&RECIPES) {
            let name = recipe.name;
            let file = File::new(name.to_owned(), recipe.text.to_owned());
            let asked = syntax::parse(&file).and_then(|table| Asked::read(&file.section(&table)));
            let asked = asked.unwrap_or_else(|| panic!("{name} cannot be read"));
            assert!(!asked.whens.is_empty(), "{name} has no source");
            assert_eq!(file.into_complaints(), [], "{name}");
        }
        for recipe in RECIPES {
            let words = "escrita sin ver el sitio: pruébela con escucha try";
            assert!(recipe.text.contains(words), "{}", recipe.name);
        }
    }

    #[track_caller]
    fn check(value: &str, expected: &str) {
        assert_eq!(escaped(value), expected);
    }

    #[test]
    fn what_is_given_ends_no_address_and_no_text() {
        check("telefonía ejemplo", "telefon%C3%ADa%20ejemplo");
        check("a&b=c\"}#/../", "a%26b%3Dc%22%7D%23%2F..%2F");
    }
}
