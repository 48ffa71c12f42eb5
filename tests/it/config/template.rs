//! What `init` writes, for any company.

use std::fs;

use escucha::config::{self, InitAnswers};
use escucha::model::Ui;
use escucha::score::query::Subject;
use escucha::score::text::Text;
use escucha::settings::{Mailbox, Settings};
use proptest::prelude::*;

use super::{load, no_env};

fn answers(ui: Ui, company: &str, site: Option<&str>) -> InitAnswers {
    InitAnswers {
        ui,
        company: company.to_owned(),
        site: site.and_then(config::site),
        manager: Mailbox::parse("Ana \\ Ruiz <ana@x.test>").unwrap(),
        database: "sqlite://escucha.db",
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
        std::slice::from_ref(&answers.manager)
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
        "\u{113c7}",
        "\u{fe70}",
    ];
    for company in hostile {
        for ui in [Ui::Es, Ui::En] {
            for site in [Some("ejemplo.test"), None] {
                let settings = check_template(&answers(ui, company, site));
                if company.chars().any(char::is_alphanumeric)
                    && !["\u{113c7}", "\u{fe70}"].contains(&company)
                {
                    assert_eq!(settings.company.name, company.trim());
                    let watch = &settings.rules.watches[0].query;
                    assert!(
                        watch.matches(&Subject::new(&Text::new(None, company))),
                        "{company}"
                    );
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
