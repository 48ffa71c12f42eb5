//! Both configuration files as people write them: right, wrong in every way, and made by `init`.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod faults;
mod mailbox;
mod people;
mod template;

use std::fs;
use std::path::{Path, PathBuf};

use escucha::config::{self, Complaints};
use escucha::model::{Minutes, Ui};
use escucha::score::query::Subject;
use escucha::score::rules::{Points, Rules};
use escucha::score::text::Text;
use escucha::settings::Settings;

const COMPANY: &str = "[company]\nname = \"X\"\n";
const WATCH: &str = "[[watch]]\nname = \"w\"\nquery = 'fibra'\n";

fn no_env(_: &str) -> Option<String> {
    None
}

fn env(name: &str) -> Option<String> {
    (name == "ESCUCHA_SMTP_PASSWORD").then(|| "gehe1m".to_owned())
}

/// Loads two files from a folder of their own.
fn load(operator: &str, analyst: &str) -> Result<Settings, Complaints> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("escucha.toml"), operator).unwrap();
    fs::write(dir.path().join("keywords.toml"), analyst).unwrap();
    config::load(&dir.path().join("escucha.toml"), &env)
}

/// The complaints, one a line, with the files' names instead of their paths.
fn printed(loaded: Result<Settings, Complaints>) -> String {
    match loaded {
        Ok(_) => "right".to_owned(),
        Err(complaints) => bare(&complaints, Ui::En),
    }
}

fn bare(complaints: &Complaints, ui: Ui) -> String {
    let mut complaints = complaints.clone();
    for complaint in &mut complaints.list {
        let path = PathBuf::from(&complaint.file);
        complaint.file = path.file_stem().unwrap().to_string_lossy().into_owned();
    }
    complaints.print(ui).trim_end().to_owned()
}

#[test]
fn the_examples_are_right_and_mean_what_they_say() {
    let settings = config::load(Path::new("config/escucha.toml"), &env).unwrap();
    assert_eq!(settings.company.name, "Telefonía Ejemplo");
    assert_eq!(settings.sources.len(), 3);
    assert_eq!(settings.sources[0].cadence.every_ms, 900_000);
    assert_eq!(settings.sources[1].watches, ["ejemplo"]);
    let smtp = settings.smtp.as_ref().unwrap();
    assert_eq!(smtp.login.as_ref().unwrap().password.expose(), "gehe1m");
    assert!(!format!("{settings:?}").contains("gehe1m"));
    assert_eq!(smtp.from.to_string(), "Escucha <avisos@ejemplo.test>");
    let alerts = settings.alerts.as_ref().unwrap();
    assert_eq!(alerts.answer_within, Minutes::from_hours(4));
    let steps = alerts.escalate.iter().map(|step| step.after);
    assert_eq!(steps.collect::<Vec<_>>(), [2, 9].map(Minutes::from_hours));
    assert_eq!(settings.routes.len(), 2);
    let christmas: jiff::Zoned = "2026-12-25T12:00[Europe/Madrid]".parse().unwrap();
    let christmas = escucha::model::Timestamp::from_jiff(christmas.timestamp());
    let hours = alerts.office_hours.as_ref().unwrap();
    assert!(!hours.is_open(christmas, &settings.zone));
    assert!(settings.missing_for_run().is_empty());
    let escucha::settings::DatabaseUrl::Sqlite(path) = &settings.database else {
        panic!("{:?}", settings.database)
    };
    assert!(path.is_absolute() && path.ends_with("config/escucha.db"));

    let rules = &settings.rules;
    assert_eq!(rules.points, Points::default());
    assert_eq!(rules.levels, Rules::default().levels);
    assert!(rules.keywords.len() > 100);
    let watch = &rules.watches[0].query;
    assert!(watch.matches(&Subject::new(&Text::new(None, "Las facturas de Ejemplo"))));
    assert!(!watch.matches(&Subject::new(&Text::new(None, "Por ejemplo, las facturas"))));
    let reloaded = config::reload_rules(&settings).unwrap();
    assert_eq!(reloaded.keywords.len(), rules.keywords.len());
}

/// A section of an example, whether or not its lines are comments.
fn section(example: &str, name: &str) -> String {
    let mut current = String::new();
    let mut found = String::new();
    for line in example.lines() {
        let bare = line.trim_start_matches(['#', ' ']);
        if bare.starts_with('[') && bare.ends_with(']') {
            bare.trim_matches(['[', ']']).clone_into(&mut current);
        }
        if current == name {
            found.push_str(bare);
            found.push('\n');
        }
    }
    found
}

#[test]
fn the_examples_show_every_option_that_the_program_knows() {
    let options = config::options(Path::new("config/escucha.toml"), &env);
    assert!(options.len() > 60, "{options:?}");
    let examples = fs::read_to_string("config/escucha.toml").unwrap()
        + &fs::read_to_string("config/keywords.toml").unwrap();
    for option in options {
        let parts: Vec<&str> = option.split('.').collect();
        let (sections, key) = match parts[..] {
            [key] => (String::new(), key),
            [section, key, ..] => (section.to_owned(), *parts.last().unwrap_or(&key)),
            [] => continue,
        };
        let text = section(&examples, &sections);
        let heads =
            ["\n[", "\n[[", "\n# [["].map(|open| examples.contains(&format!("{open}{key}")));
        let is_shown = text.lines().any(|line| {
            [" ", "{ ", ", "]
                .iter()
                .any(|before| format!(" {line}").contains(&format!("{before}{key} =")))
        });
        // The two-letter languages of an offer need not all be there.
        let is_lang = option.starts_with("remedy.offer.");
        assert!(
            is_shown || is_lang || heads.contains(&true),
            "{option} is not in the examples"
        );
    }
}

#[test]
fn five_faults_get_five_lines_with_their_places() {
    let faulty = r#"language = "es"
time_zone = "Europa/Madrid"
[company]
name = "Ñandú"
[[source]]
name = "foro"
kind = "fed"
url = "foro.test/rss"
evry = "15m"
"#;
    let analyst = "[[watch]]\nname = \"w\"\nquery = '(ñandú OR fibra'\n";
    let complaints = load(faulty, analyst).unwrap_err();
    insta::assert_snapshot!(bare(&complaints, Ui::En), @r#"
    escucha:2:13: time_zone: "Europa/Madrid" no vale; escriba Europe/Madrid
    escucha:7:8: source.kind: "fed" no vale; escriba feed
    escucha:8:7: source.url: "foro.test/rss" no vale; escriba https://foro.test/rss
    escucha:9:1: source.evry: clave desconocida; ¿quiso decir every?
    keywords:3:10: watch.query: este paréntesis no se cierra; ponga ) donde termina
    "#);
    let mut english = complaints;
    english.ui = None;
    insta::assert_snapshot!(bare(&english, Ui::En), @r#"
    escucha:2:13: time_zone: "Europa/Madrid" will not do; write Europe/Madrid
    escucha:7:8: source.kind: "fed" will not do; write feed
    escucha:8:7: source.url: "foro.test/rss" will not do; write https://foro.test/rss
    escucha:9:1: source.evry: unknown key; did you mean every?
    keywords:3:10: watch.query: this parenthesis is not closed; put ) where it ends
    "#);
}

#[test]
fn an_interval_below_the_floor_is_no_fault_but_the_floor_holds() {
    let text = format!(
        "{COMPANY}[fetch]\nfloor = \"10m\"\n[[source]]\nname = \"a\"\nurl = \"https://a.test\"\nevery = \"1m\"\n"
    );
    let cadence = load(&text, WATCH).unwrap().sources[0].cadence;
    assert_eq!((cadence.every_ms, cadence.floor_ms), (60_000, 600_000));
}

#[test]
fn passwords_come_from_files_and_credentials_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("escucha.toml");
    fs::write(dir.path().join("keywords.toml"), WATCH).unwrap();
    fs::write(dir.path().join("smtp.key"), "from a file\n").unwrap();
    let credentials = |name: &str| {
        (name == "CREDENTIALS_DIRECTORY").then(|| dir.path().to_string_lossy().into_owned())
    };
    for way in ["file", "credential"] {
        let smtp = "[smtp]\nhost = \"h.test\"\nfrom = \"a@b.test\"\nuser = \"u\"";
        fs::write(
            &path,
            format!("{COMPANY}{smtp}\npassword = {{ {way} = \"smtp.key\" }}\n"),
        )
        .unwrap();
        let smtp = config::load(&path, &credentials).unwrap().smtp.unwrap();
        assert_eq!(smtp.login.unwrap().password.expose(), "from a file");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("escucha.toml");
    let complaints = config::load(&path, &no_env).unwrap_err();
    assert_eq!(
        bare(&complaints, Ui::Es),
        "escucha:1:1: -: este fichero no existe; créelo con escucha init\n\
         keywords:1:1: -: este fichero no existe; créelo con escucha init"
    );
    fs::write(&path, b"[company]\nname = \"\xff\"").unwrap();
    let complaints = config::load(&path, &no_env).unwrap_err();
    assert!(bare(&complaints, Ui::En).contains("byte 18 is not UTF-8; save it as UTF-8"));
}

#[test]
fn a_reload_must_fit_the_operators_file() {
    let dir = tempfile::tempdir().unwrap();
    let source = "[[source]]\nname = \"a\"\nurl = \"https://a.test\"\nwatches = [\"w\"]\n";
    fs::write(
        dir.path().join("escucha.toml"),
        format!("language = \"en\"\n{COMPANY}{source}"),
    )
    .unwrap();
    fs::write(dir.path().join("keywords.toml"), WATCH).unwrap();
    let settings = config::load(&dir.path().join("escucha.toml"), &no_env).unwrap();
    fs::write(&settings.keywords_path, WATCH.replace("\"w\"", "\"v\"")).unwrap();
    let complaints = config::reload_rules(&settings).unwrap_err();
    assert!(bare(&complaints, Ui::Es).starts_with("keywords:1:1: watch: \"w\" is missing"));
    assert_eq!(
        config::load_rules(&settings.keywords_path)
            .unwrap()
            .watches
            .len(),
        1
    );
    fs::write(&settings.keywords_path, "[[watch]").unwrap();
    assert!(config::load_rules(&settings.keywords_path).is_err());
}

#[test]
fn the_configuration_is_found_in_the_documented_order() {
    let dir = tempfile::tempdir().unwrap();
    let named = |_: &str| Some("/named.toml".to_owned());
    let own = dir.path().join("escucha.toml");
    assert_eq!(config::find(None, &no_env, dir.path()).as_deref(), None);
    fs::write(&own, "").unwrap();
    assert_eq!(config::find(None, &no_env, dir.path()), Some(own));
    assert_eq!(
        config::find(None, &named, dir.path()),
        Some("/named.toml".into())
    );
    let explicit = Path::new("/explicit.toml");
    assert_eq!(
        config::find(Some(explicit), &named, dir.path()).as_deref(),
        Some(explicit)
    );
}

#[test]
fn what_run_needs_is_named() {
    let settings = load(&format!("language = \"en\"\n{COMPANY}[alerts]\n"), WATCH).unwrap();
    let keys: Vec<&str> = settings
        .missing_for_run()
        .iter()
        .map(|(key, _)| *key)
        .collect();
    assert_eq!(keys, ["source", "smtp", "alerts.to"]);
    assert!(
        settings.missing_for_run()[1]
            .1
            .starts_with("[smtp] is missing")
    );
}
