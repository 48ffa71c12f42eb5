//! Both configuration files as people write them: right, wrong in every way, and made by `init`.

use std::fs;
use std::path::{Path, PathBuf};

use escucha::config::{self, Complaints, InitAnswers, Mailbox, Settings};
use escucha::model::{Minutes, Ui};
use escucha::score::rules::{Points, Rules};
use escucha::score::text::Text;
use proptest::prelude::*;

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

/// Adds to a good `escucha.toml`: the complaints begin so. Lines count from the addition.
#[track_caller]
fn operator(added: &str, expected: &str) {
    let with = printed(load(&format!("{added}\n"), WATCH));
    let without_company: Vec<&str> = with
        .lines()
        .filter(|line| !line.contains("company.name: is missing"))
        .collect();
    let shown = without_company.join("\n");
    assert!(
        shown.starts_with(expected),
        "{added}\n{shown}\ninstead of\n{expected}"
    );
    assert!(
        without_company.len() <= 1,
        "one fault, one complaint: {shown}"
    );
}

/// The same for `keywords.toml`.
#[track_caller]
fn analyst(added: &str, expected: &str) {
    let shown = printed(load(COMPANY, &format!("{added}\n{WATCH}")));
    assert!(
        shown.starts_with(expected),
        "{added}\n{shown}\ninstead of\n{expected}"
    );
    assert!(
        shown.lines().count() == 1,
        "one fault, one complaint: {shown}"
    );
}

#[test]
fn the_examples_are_right_and_mean_what_they_say() {
    let settings = config::load(Path::new("config/escucha.toml"), &env).unwrap();
    assert_eq!(settings.company.name, "Telefonía Ejemplo");
    assert_eq!(settings.sources.len(), 2);
    assert_eq!(settings.sources[0].cadence.every_ms, 900_000);
    assert_eq!(settings.sources[1].watches, ["ejemplo"]);
    let smtp = settings.smtp.as_ref().unwrap();
    assert_eq!(smtp.login.as_ref().unwrap().password.expose(), "gehe1m");
    assert!(!format!("{settings:?}").contains("gehe1m"));
    assert_eq!(smtp.from.to_string(), "Escucha <avisos@ejemplo.test>");
    let alerts = settings.alerts.as_ref().unwrap();
    assert_eq!(alerts.answer_within, Minutes::from_hours(4));
    assert!(settings.missing_for_run().is_empty());
    let config::DatabaseUrl::Sqlite(path) = &settings.database else {
        panic!("{:?}", settings.database)
    };
    assert!(path.is_absolute() && path.ends_with("config/escucha.db"));

    let rules = &settings.rules;
    assert_eq!(rules.points, Points::default());
    assert_eq!(rules.levels, Rules::default().levels);
    assert!(rules.keywords.len() > 100);
    let watch = &rules.watches[0].query;
    assert!(watch.matches(&Text::new(None, "Las facturas de Ejemplo")));
    assert!(!watch.matches(&Text::new(None, "Por ejemplo, las facturas")));
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
        let heads = ["\n[", "\n[["].map(|open| examples.contains(&format!("{open}{key}")));
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
    insta::assert_snapshot!(bare(&complaints, Ui::En), @"");
    let mut english = complaints;
    english.ui = None;
    insta::assert_snapshot!(bare(&english, Ui::En), @"");
}

#[test]
fn misspelt_keys_and_wrong_values_get_the_nearest_right_one() {
    operator(
        "[fech]",
        "escucha:1:2: fech: unknown key; did you mean fetch?",
    );
    operator(
        "[retention]\nposts = \"30d\"",
        "escucha:1:2: retention: unknown key; what can stand",
    );
    operator("[web]", "escucha:1:2: web: unknown key");
    operator(
        "[alerts]\ndigest_at = \"08:30\"",
        "escucha:2:1: alerts.digest_at: unknown key",
    );
    operator("[[route]]", "escucha:1:3: route: unknown key");
    operator(
        "languaje = \"es\"",
        "escucha:1:1: languaje: unknown key; did you mean language?",
    );
    operator(
        "language = \"ca\"",
        "escucha:1:12: language: \"ca\" will not do; write",
    );
    operator(
        "time_zone = \"Madrid\"",
        "escucha:1:13: time_zone: \"Madrid\" will not do; write Europe/Madrid",
    );
    operator(
        "[fetch]\npace = \"1 s\"",
        "escucha:2:8: fetch.pace: \"1 s\" will not do; write 1s",
    );
    operator(
        "[fetch]\nfloor = 5",
        "escucha:2:9: fetch.floor: 5 will not do; write a text in quotes",
    );
    operator(
        "[fetch]\nallow_private = [\"10.0.0.0/8\", \"x\"]",
        "escucha:2:32: fetch.allow_private: \"x\"",
    );
    operator(
        "[company]\nname = \"X\"\ncustomers = 0",
        "escucha:3:13: company.customers: 0 will not do; write a whole",
    );
    operator(
        "[company]\nname = \" \"",
        "escucha:2:8: company.name: is empty",
    );
    operator(
        "company = 3",
        "escucha:1:11: company: 3 will not do; write a section",
    );
    operator(
        "[[company]]\nname = \"X\"",
        "escucha:1:1: company: […] will not do; write one section: [company]",
    );
    operator(
        "[source]\nname = \"x\"",
        "escucha:1:1: source: is no list of sections; write [[source]]",
    );
    operator(
        "[database]\nurl = \"mysql://x\"",
        "escucha:2:7: database.url: \"mysql://x\" will not do",
    );
    operator(
        "[database]\nurl = \"sqlite::memory:\"",
        "escucha:2:7: database.url: ",
    );
}

#[test]
fn sources_are_checked_together() {
    let source = |more: &str| format!("[[source]]\nname = \"a\"\nurl = \"https://a.test\"\n{more}");
    operator(&source(""), "");
    operator(
        &source(&source("").replace("\"a\"", "\"A\"")),
        "escucha:5:8: source.name: another source has",
    );
    operator(
        &source("watches = [\"ww\"]"),
        "escucha:4:12: source.watches: \"ww\" will not do; write w",
    );
    operator(
        &source("select = { item = \"p\" }"),
        "escucha:4:10: source.select: a feed is not read",
    );
    operator(
        &source("kind = \"reviews\"\nselect = { text = \"p\" }"),
        "escucha:5:10: source.select.item: is missing",
    );
    operator(
        &source("kind = \"reviews\"\nselect = { item = \"p\", txt = \"p\" }"),
        "escucha:5:24: source.select.txt: unknown key; did you mean text?",
    );
    operator(
        &source("kind = \"reviews\"\nfull_text = true"),
        "escucha:5:13: source.full_text: a review page",
    );
    operator(
        &source("ignore_robots = true"),
        "escucha:4:17: source.ignore_robots: does not say why",
    );
    operator(
        &source("ignore_robots = \"\""),
        "escucha:4:17: source.ignore_robots: does not say why",
    );
    operator(
        &source("language = \"español\""),
        "escucha:4:12: source.language: \"español\" will not do; write es",
    );
    operator(
        &source("every = \"15 m\""),
        "escucha:4:9: source.every: \"15 m\" will not do; write 15m",
    );
    operator(
        &source("every = \"0s\""),
        "escucha:4:9: source.every: \"0s\" will not do; write 1s or more",
    );
    operator(
        "[[source]]\nname = \"a\"",
        "escucha:1:1: source.url: is missing",
    );
    operator(
        "[[source]]\nname = \"a\"\nurl = \"ftp://a.test\"",
        "escucha:3:7: source.url: \"ftp://a.test\"",
    );
    operator(
        "[[source]]\nname = \"a\"\nurl = \"a.test/x\"",
        "escucha:3:7: source.url: \"a.test/x\" will not do; write https://a.test/x",
    );
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
fn mail_settings_are_checked_together() {
    let smtp = |more: &str| format!("[smtp]\nhost = \"h.test\"\nfrom = \"a@b.test\"\n{more}");
    operator(&smtp(""), "");
    operator(
        &smtp("security = \"none\""),
        "escucha:4:12: smtp.security: the mail would travel in the clear to h.test",
    );
    operator(
        "[smtp]\nhost = \"127.0.0.1\"\nfrom = \"a@b.test\"\nsecurity = \"none\"",
        "",
    );
    operator(
        &smtp("security = \"ssl\""),
        "escucha:4:12: smtp.security: \"ssl\" will not do; write tls",
    );
    operator(
        &smtp("user = \"u\""),
        "escucha:4:8: smtp.user: there is a user, but no password",
    );
    operator(
        &smtp("password = { env = \"ESCUCHA_SMTP_PASSWORD\" }"),
        "escucha:4:12: smtp.password: there is a password, but no user",
    );
    let user = |password: &str| smtp(&format!("user = \"u\"\npassword = {password}"));
    operator(
        &user("\"gehe1m\""),
        "escucha:5:12: smtp.password: a password does not stand in this file",
    );
    operator(
        &user("{ env = \"NOT_SET\" }"),
        "escucha:5:20: smtp.password.env: the variable NOT_SET is not set",
    );
    operator(
        &user("{ file = \"/nowhere/at/all\" }"),
        "escucha:5:21: smtp.password.file: /nowhere/at/all cannot be read",
    );
    operator(
        &user("{ credential = \"smtp\" }"),
        "escucha:5:27: smtp.password.credential: CREDENTIALS_DIRECTORY",
    );
    operator(
        &user("{}"),
        "escucha:5:12: smtp.password: where the password is from is not clear",
    );
    operator(
        "[smtp]\nfrom = \"a@b.test\"",
        "escucha:1:1: smtp.host: is missing",
    );
    operator(
        "[smtp]\nhost = \"h.test:465\"\nfrom = \"a@b.test\"",
        "escucha:2:8: smtp.host: ",
    );
    operator(
        "[smtp]\nhost = \"h.test\"\nfrom = \"a b@c\"",
        "escucha:3:8: smtp.from: \"a b@c\" will not do",
    );
    operator(
        "[alerts]\nto = [\"a@b.test\", \"nobody\"]",
        "escucha:2:19: alerts.to: \"nobody\" will not do",
    );
    operator(
        "[alerts]\noperator = [\"x\"]",
        "escucha:2:13: alerts.operator: \"x\" will not do",
    );
    operator(
        "[alerts]\noffice_hours = \"lun\"",
        "escucha:2:16: alerts.office_hours: these are no office hours",
    );
    operator(
        "[alerts]\nanswer_within = \"4 horas\"",
        "escucha:2:17: alerts.answer_within: \"4 horas\" will not do; write 4h",
    );
    operator(
        "[[remedy]]\ntopic = \"billing\"",
        "escucha:1:1: remedy.offer: is missing",
    );
    operator(
        "[[remedy]]\ntopic = \"billing\"\noffer = {}",
        "escucha:3:9: remedy.offer: promises nothing",
    );
    operator(
        "[[remedy]]\ntopic = \"biling\"\noffer = { es = \"x\" }",
        "escucha:2:9: remedy.topic: \"biling\" will not do; write billing",
    );
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
fn the_analysts_file_is_checked_as_well() {
    analyst(
        "[levels]\ndoubt_at = 0.7",
        "keywords:2:12: levels.doubt_at: doubt (0.70) would begin after complaint (0.60)",
    );
    analyst(
        "[levels]\nurgent_at = 101",
        "keywords:2:13: levels.urgent_at: 101 will not do; write a whole number from 0 to 100",
    );
    analyst(
        "[levels]\ncomplaint_at = 60",
        "keywords:2:16: levels.complaint_at: 60 will not do; write a number from 0 to 1",
    );
    analyst(
        "[points]\nloyality = 3",
        "keywords:2:1: points.loyality: unknown key; did you mean loyalty?",
    );
    analyst(
        "[points]\nloyalty = \"3\"",
        "keywords:2:11: points.loyalty: \"3\" will not do",
    );
    analyst(
        "[keywords.sp]\nx = 3",
        "keywords:1:11: keywords.sp: unknown language; write one of these: es,",
    );
    analyst(
        "[keywords.spanish]\nx = 3",
        "keywords:1:11: keywords.spanish: unknown language; write es",
    );
    analyst(
        "[keywords.es]\n\"co*ro\" = 3",
        "keywords:2:4: keywords.es.co*ro: this * is out of place",
    );
    analyst(
        "[keywords.es]\ncobro = 3.5",
        "keywords:2:9: keywords.es.cobro: 3.5 will not do",
    );
    analyst(
        "[[keyword]]\nmatch = 'a NEAR b'\npoints = 3",
        "keywords:2:12: keyword.match: NEAR has no valid number",
    );
    analyst(
        "[[keyword]]\nmatch = \"\\u00f1 \\\"a b\\\" x\"\npoints = 3",
        "keywords:2:25: keyword.match: there is no operator before \"x\"",
    );
    analyst(
        "[[keyword]]\nmatch = 'ab'",
        "keywords:1:1: keyword.points: is missing",
    );
    analyst(
        "[[silence]]\nmatch = 'ab'\nbecause = 'x'\nuntil = \"2026-12-01\"",
        "keywords:4:9: silence.until: \"2026-12-01\" will not do; write a date",
    );
    analyst(
        "[[watch]]\nname = 'w'\nquery = 'ab'",
        "keywords:5:8: watch.name: another watch has this name",
    );
    analyst(
        "[[watch]]\nname = 'v'\nquery = '''\nab OR\ncd de\n'''",
        "keywords:5:4: watch.query: there is no operator before \"de\"",
    );
    analyst(
        "[[watch]]\nname = 'v'\nquery = 'ab'\nsources = ['x']",
        "keywords:4:12: watch.sources: \"x\" will not do; write the name of one",
    );
    analyst(
        "[[watch]]\nname = 'v'\nquery = 'ab'\nto = ['x']",
        "keywords:4:7: watch.to: \"x\" will not do",
    );
    assert!(printed(load(COMPANY, "")).starts_with("keywords:1:1: watch: is missing"));
}

#[test]
fn what_is_no_toml_is_one_line_too() {
    operator(
        "[fetch]\npace = \"1s",
        "escucha:2:8: TOML: the quotes do not close on this line",
    );
    operator(
        "[fetch\npace = \"1s\"",
        "escucha:1:7: TOML: the section's bracket does not close",
    );
    operator(
        "[fetch]\npace = 1s",
        "escucha:2:8: TOML: quotes are missing",
    );
    operator(
        "[fetch]\npace = \"1s\"\npace = \"2s\"",
        "escucha:3:1: TOML: this key was written before",
    );
    operator("[fetch]\npace", "escucha:2:5: TOML: the value is missing");
    operator(
        "[fetch]\nallow_private = [\"a\" \"b\"]",
        "escucha:2:22: TOML: a comma is missing",
    );
    analyst(
        "[[keyword]]\nmatch = \"\\d\"",
        "keywords:2:10: TOML: this \\ is not understood",
    );
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

fn answers(ui: Ui, company: &str, site: Option<&str>) -> InitAnswers {
    InitAnswers {
        ui,
        company: company.to_owned(),
        site: site.and_then(config::site),
        manager: Mailbox::parse("Ana \\ Ruiz <ana@x.test>").unwrap(),
    }
}

/// What `init` writes for any name passes `load`, but for the password; the name is kept.
#[track_caller]
fn check_template(answers: &InitAnswers) -> Settings {
    let (operator, analyst) = config::template(answers);
    let settings = match load(&operator, &analyst) {
        Ok(settings) => settings,
        Err(complaints) => panic!("{}\n{operator}\n{analyst}", complaints.print(Ui::En)),
    };
    assert_eq!(settings.sources.len(), usize::from(answers.site.is_some()));
    assert_eq!(
        settings.alerts.as_ref().unwrap().to,
        [answers.manager.clone()]
    );
    settings
}

#[test]
fn init_writes_good_files_for_any_company() {
    let hostile = [
        "Telefonía Ejemplo",
        "\"); DROP TABLE",
        "a\\",
        "x\ny = 3\n[web]",
        "'''\"\"\"",
        "{manager} {query}",
        "AND OR NOT",
        "*",
        "😡",
        "",
        "# [[source]]",
        "\u{0}\u{7f}\u{202e}",
        "Peña & Hijos, S.L.",
    ];
    for company in hostile {
        for ui in [Ui::Es, Ui::En] {
            for site in [Some("ejemplo.test"), None] {
                let settings = check_template(&answers(ui, company, site));
                if company.chars().any(char::is_alphanumeric) {
                    assert_eq!(settings.company.name, company.trim());
                    let watch = &settings.rules.watches[0].query;
                    assert!(watch.matches(&Text::new(None, company)), "{company}");
                }
            }
        }
    }
    let without_password = {
        let dir = tempfile::tempdir().unwrap();
        let (operator, analyst) = config::template(&answers(Ui::Es, "X", None));
        fs::write(dir.path().join("escucha.toml"), operator).unwrap();
        fs::write(dir.path().join("keywords.toml"), analyst).unwrap();
        config::load(&dir.path().join("escucha.toml"), &no_env).unwrap_err()
    };
    assert_eq!(without_password.list.len(), 1);
    assert_eq!(without_password.list[0].key, "smtp.password.env");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_name_makes_a_good_file(company in "\\PC{0,40}|[\"'\\\\\n{}#*\\[\\]= a]{0,30}") {
        check_template(&answers(Ui::Es, &company, Some("ejemplo.test")));
    }

    #[test]
    fn any_file_is_right_or_complained_about(text in "\\PC{0,80}|[a-z\\[\\]{}=\"'\\\\\n# 0-9.]{0,80}") {
        let lines = text.lines().count().max(1) + 1;
        if let Err(complaints) = load(&text, &text) {
            prop_assert!(!complaints.list.is_empty());
            prop_assert!(complaints.list.iter().all(|c| c.line <= lines && c.column >= 1));
        }
    }
}
