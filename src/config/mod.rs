//! The two configuration files: read, checked all at once, and turned into [`Settings`].
//!
//! **Invariant:** a value exists only when both files are wholly right, for who judges nothing ([`Need::Rest`]) the
//! operator's; otherwise there are [`Complaints`], all of them. Nothing here opens a socket or a database, and no password is
//! shown.

mod append;
mod database;
mod escucha;
mod hooks;
mod hours;
mod keywords;
mod mailbox;
mod mapping;
mod people;
mod sending;

mod complaints;
mod nearest;
mod reader;
mod recipes;
mod retention;
mod secrets;
mod syntax;
mod template;
mod trained;
mod values;
mod web;

pub use append::{AppendError, Names, NewSource, append};
pub use complaints::{Complaint, Complaints, Said};
pub use database::parse_database;
pub use template::{InitAnswers, template};
pub use values::{parse_duration_ms, site};

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::model::Ui;
use crate::score::rules::Rules;
use crate::settings::Settings;
use secrets::World;

/// The operator's file, and the analyst's beside it.
pub const OPERATOR_FILE: &str = "escucha.toml";
pub const ANALYST_FILE: &str = "keywords.toml";
/// Where an installed service has its configuration.
pub const INSTALLED: &str = "/etc/escucha/escucha.toml";
/// The variable that names the operator's file.
pub const VARIABLE: &str = "ESCUCHA_CONFIG";

/// The configuration to use: the one named by the user, else by `$ESCUCHA_CONFIG` (whether or not
/// they exist), else `escucha.toml` in `cwd`, else the installed one.
pub fn find(
    explicit: Option<&Path>,
    env: &dyn Fn(&str) -> Option<String>,
    cwd: &Path,
) -> Option<PathBuf> {
    if let Some(path) = explicit {
        return Some(path.to_owned());
    }
    if let Some(path) = env(VARIABLE).filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    [cwd.join(OPERATOR_FILE), INSTALLED.into()]
        .into_iter()
        .find(|path| path.is_file())
}

/// Reads `path` and `keywords.toml` beside it.
///
/// # Errors
/// Everything that is wrong in either file.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Settings, Complaints> {
    let loaded = read(path, None, env, Need::Secrets).0;
    loaded.map(|(settings, _)| settings)
}

/// The same for a command that needs less of it. What it does not need and is wrong is told beside the settings.
///
/// # Errors
/// Everything that is wrong in what it needs.
pub fn load_for(need: Need, path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Loaded {
    read(path, None, env, need).0
}

/// Settings with what is wrong beside them, or all that is wrong.
pub type Loaded = Result<(Settings, Option<Complaints>), Complaints>;

/// How much of the configuration something needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It talks to others: passwords too.
    Secrets,
    /// It judges: it works without a password at hand, which stays empty.
    Rules,
    /// It shows what is stored: it works, with no rules at all, while an analyst's file is being mended.
    Rest,
}

/// Every key that the program asked these two files for, with its sections: `source.select.item`.
pub fn options(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> BTreeSet<String> {
    read(path, None, env, Need::Secrets).1
}

/// Reads the analyst's file alone. Names of sources are not checked: see [`reload_rules`].
///
/// # Errors
/// Everything that is wrong in it, in no language yet.
pub fn load_rules(path: &Path) -> Result<Rules, Complaints> {
    rules(path, None, None)
}

/// Reads the analyst's file again for a running service: it must still fit the operator's.
///
/// # Errors
/// Everything that is wrong in it; the old rules stay good.
pub fn reload_rules(settings: &Settings) -> Result<Rules, Complaints> {
    rules_of(settings, &settings.keywords_path)
}

/// Reads another analyst's file as if it stood in the place of the one in force.
///
/// # Errors
/// Everything that is wrong in it.
pub fn rules_of(settings: &Settings, path: &Path) -> Result<Rules, Complaints> {
    let names: Vec<String> = settings.sources.iter().map(|s| s.section.clone()).collect();
    let rules = rules(path, Some(&names), Some(settings.ui))?;
    let of_sources = settings.sources.iter().flat_map(|source| &source.watches);
    let of_routes = settings
        .routes
        .iter()
        .filter_map(|route| route.watch.as_ref());
    let lost: BTreeSet<&String> = of_sources
        .chain(of_routes)
        .filter(|name| !rules.watches.iter().any(|watch| watch.name == **name))
        .collect();
    if lost.is_empty() {
        return Ok(rules);
    }
    let file = reader::File::new(path.display().to_string(), String::new());
    for name in lost {
        let name = complaints::shown(name);
        file.complain(
            0,
            "watch",
            complaints::said!(
                "falta «{name}», que una fuente o una ruta menciona",
                "\"{name}\" is missing, which a source or a route names"
            ),
            complaints::said!(
                "devuélvala o cambie escucha.toml",
                "put it back or change escucha.toml"
            ),
        );
    }
    Err(Complaints::new(file.into_complaints(), Some(settings.ui)))
}

fn rules(path: &Path, sources: Option<&[String]>, ui: Option<Ui>) -> Result<Rules, Complaints> {
    let (file, is_read) = syntax::open(path, path.display().to_string());
    let rules = is_read
        .then(|| syntax::parse(&file))
        .flatten()
        .map(|table| keywords::read(&file.section(&table), sources));
    let list = file.into_complaints();
    match rules {
        Some(rules) if list.is_empty() => Ok(rules),
        _ => Err(Complaints::new(list, ui)),
    }
}

/// Reads both files; with a `text`, that is taken for what stands in the operator's.
fn read(
    path: &Path,
    text: Option<String>,
    env: &dyn Fn(&str) -> Option<String>,
    need: Need,
) -> (Loaded, BTreeSet<String>) {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let keywords_path = whole.with_file_name(ANALYST_FILE);
    let beside = path.with_file_name(ANALYST_FILE);
    let name = path.display().to_string();
    let (operator, operator_is_read) = match text {
        Some(text) => syntax::given(text, name),
        None => syntax::open(path, name),
    };
    let (analyst, analyst_is_read) = syntax::open(&keywords_path, beside.display().to_string());
    let operator_table = operator_is_read.then(|| syntax::parse(&operator)).flatten();
    let analyst_table = analyst_is_read.then(|| syntax::parse(&analyst)).flatten();
    let sources = operator_table
        .as_ref()
        .map(|table| syntax::names(table, "source"));
    let watches = analyst_table
        .as_ref()
        .map(|table| syntax::names(table, "watch"));
    let world = World {
        base: whole.parent().map_or_else(PathBuf::new, Path::to_owned),
        env,
        needs_secrets: need == Need::Secrets,
        exposed: RefCell::default(),
    };
    let root = operator_table.as_ref().map(|table| operator.section(table));
    let ui = root.as_ref().and_then(escucha::language);
    let own = root.map(|root| escucha::read(&root, &world, watches.as_deref()));
    let rules = analyst_table
        .as_ref()
        .map(|table| keywords::read(&analyst.section(table), sources.as_deref()));
    let options = operator.asked().union(&analyst.asked()).cloned().collect();
    drop((operator_table, analyst_table));
    let (mut list, of_rules) = (operator.into_complaints(), analyst.into_complaints());
    let own = own.filter(|_| list.is_empty());
    let rules = rules.filter(|_| of_rules.is_empty());
    let are_rules_lost = rules.is_none();
    let rules = rules.or_else(|| (need == Need::Rest).then(Rules::default));
    list.extend(of_rules);
    let (Some(own), Some(rules)) = (own, rules) else {
        return (Err(Complaints::new(list, ui)), options);
    };
    let settings = Settings {
        ui: ui.unwrap_or_default(),
        zone: own.zone,
        database: own.database,
        company: own.company,
        sources: own.sources,
        fetch: own.fetch,
        smtp: own.smtp,
        alerts: own.alerts,
        replies: own.replies,
        routes: own.routes,
        remedies: own.remedies,
        web: own.web,
        webhooks: own.webhooks,
        retention: own.retention,
        trained: own.trained,
        rules,
        keywords_path,
        exposed: world.exposed.into_inner(),
    };
    let told = are_rules_lost.then(|| Complaints::new(list, ui));
    (Ok((settings, told)), options)
}
