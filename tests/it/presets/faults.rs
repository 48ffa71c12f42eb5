//! What is missing or wrong in one line, and an example of what would be right.

use super::{load, serve};
use crate::support::http::Answer;

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    let told = match load(source) {
        Ok(settings) => settings.sources.iter().map(|s| s.url.to_string()).collect(),
        Err(complaints) => {
            let short = |complaint: &escucha::config::Complaint| {
                let (wrong, right) = (&complaint.wrong.en, &complaint.right.en);
                format!("{}: {wrong}; {right}", complaint.key)
            };
            complaints.list.iter().map(short).collect::<Vec<_>>()
        }
    };
    assert_eq!(told, expected, "{source}");
}

#[test]
fn what_a_preset_lacks_is_said_with_an_example() {
    let mastodon =
        "put kind = \"mastodon\", url = \"https://mastodon.social\", tag = \"telefoniaejemplo\"";
    check(
        "kind = \"mastodon\"",
        &[
            &format!("source.url: is missing; {mastodon}"),
            &format!("source.tag: is missing; {mastodon}"),
        ],
    );
    check(
        "kind = \"mastodon\"\nurl = \"https://m.test\"\ntag = \"two words\"",
        &[&format!(
            "source.tag: \"two words\" will not do; {mastodon}"
        )],
    );
    check(
        "kind = \"appstore\"\napp = \"1234\"",
        &[
            "source.country: is missing; put kind = \"appstore\", app = \"123456789\", country = \
             \"es\"",
        ],
    );
    check(
        "kind = \"googlenews\"\nsearch = \"x\"\ncountry = \"zz\"",
        &[
            "source.country: \"zz\" will not do; write one of these: ar, br, cl, co, cu, de, es, fr, \
           gb, it, mx, pe, pt, us, ve",
        ],
    );
    check(
        "kind = \"youtube\"\nchannel = \"@consumoclaro\"",
        &[
            "source.channel: \"consumoclaro\" will not do; put kind = \"youtube\", channel = \
             \"UC0123456789abcdefghijkl\"",
        ],
    );
    check(
        "kind = \"lemmy\"\nurl = \"https://l.test\"\nchannel = \"a\"\nsearch = \"b\"",
        &[
            "source.kind: search, channel do not go together; put kind = \"lemmy\", url = \
             \"https://lemmy.world\", channel = \"spain\"",
        ],
    );
}

#[test]
fn a_part_takes_no_other_sources_name() {
    let other = "[[source]]\nname = \"s/comments\"\nurl = \"https://b.test/rss\"";
    check(
        &format!("kind = \"blogger\"\nurl = \"https://b.test\"\n{other}"),
        &["source.name: another source has this name; give each source a name of its own"],
    );
    let after = "[[source]]\nname = \"t\"\nkind = \"blogger\"\nurl = \"https://b.test\"";
    check(
        &format!(
            "url = \"https://b.test/a\"\n{}\n{after}",
            other.replace("s/", "t/")
        ),
        &[
            "source.name: another source is called \"t/comments\", as a part of this one; give one of \
             the two another name",
        ],
    );
}

#[test]
fn a_key_of_another_preset_is_unknown() {
    let here = "what can stand here: name, kind, recipe, url";
    check(
        "kind = \"wordpress\"\nurl = \"https://b.test\"\ntag = \"x\"",
        &[&format!(
            "source.tag: unknown key; {here}, full_text, every, language, reach, watches, ignore_robots"
        )],
    );
    check(
        "url = \"https://b.test/rss\"\napp = \"1\"",
        &["source.app: unknown key; did you mean map?"],
    );
    check(
        "kind = \"discourse\"\nurl = \"https://b.test\"\nselect = { item = \"p\" }",
        &[&format!(
            "source.select: unknown key; {here}, every, language, reach, watches, ignore_robots"
        )],
    );
    check(
        "kind = \"mastodn\"\nurl = \"https://b.test\"\ntag = \"x\"",
        &["source.kind: \"mastodn\" will not do; write mastodon"],
    );
}

#[test]
fn a_recipe_is_for_its_site_and_says_what_kind_it_is() {
    let right =
        "put recipe = \"trustpilot\", url = \"https://es.trustpilot.com/review/ejemplo.test\"";
    check(
        "recipe = \"trustpilot\"\nurl = \"https://nottrustpilot.com/x\"",
        &[&format!(
            "source.url: this recipe is for trustpilot.com; {right}"
        )],
    );
    check(
        "recipe = \"trustpilo\"\nurl = \"https://x.test\"",
        &["source.recipe: \"trustpilo\" will not do; write trustpilot"],
    );
    check(
        "recipe = \"khoros\"\nkind = \"feed\"\nurl = \"https://x.test\"\nchannel = \"c\"",
        &["source.kind: the recipe says it already; leave out kind or recipe"],
    );
    check(
        "recipe = \"./nothing.toml\"",
        &["-: there is no such file; make it with escucha init"],
    );
}

#[test]
fn a_recipe_of_the_operators_own_is_checked_with_its_own_places() {
    let dir = tempfile::tempdir().unwrap();
    let operator = "language = \"en\"\n[company]\nname = \"X\"\n[[source]]\nname = \"s\"\n\
                    recipe = \"recipes/own.toml\"\nurl = \"https://own.test/x?a=\\\\\\\"b\"\n";
    std::fs::write(dir.path().join("escucha.toml"), operator).unwrap();
    std::fs::write(dir.path().join("keywords.toml"), super::KEYWORDS).unwrap();
    std::fs::create_dir(dir.path().join("recipes")).unwrap();
    let own = |text: &str| {
        std::fs::write(dir.path().join("recipes/own.toml"), text).unwrap();
        match escucha::config::load(&dir.path().join("escucha.toml"), &|_| None) {
            Ok(settings) => settings.sources[0].url.to_string(),
            Err(complaints) => complaints.to_string(),
        }
    };
    let right = "example = 'recipe = \"recipes/own.toml\", url = \"https://own.test/x\"'\n\
                 [[source]]\nkind = \"reviews\"\nurl = \"{address}\"\nselect = { item = \"p\" }\n";
    assert_eq!(own(right), "https://own.test/x?a=%5C%22b");
    assert_eq!(
        own(&right.replace("\"p\"", "\"p[\"")),
        "recipes/own.toml:5:19: source.select.item: is no CSS selector; write for \
         example p.body, or a.permalink@href for an attribute"
    );
    assert_eq!(
        own(&right.replace("[[source]]\n", "[[source]]\npaart = \"x\"\n")),
        "recipes/own.toml:3:1: source.paart: unknown key; did you mean part?"
    );
}

#[tokio::test]
async fn an_instance_that_demands_a_token_is_told_in_a_sentence() {
    let server = serve(&[]).await;
    let source = format!(
        "kind = \"mastodon\"\nurl = \"{}\"\ntag = \"x\"",
        server.url("/")
    );
    let settings = load(&source).unwrap();
    for (status, said) in [
        (401, "The server wants a user name"),
        (
            422,
            "So answer the Mastodon servers that want an account for reading",
        ),
    ] {
        let body = r#"{"error": "This method requires an authenticated user"}"#;
        let answer = Answer::status(status).header("Content-Type", "application/json");
        server.route("/api/v1/timelines/tag/x", answer.body(body));
        let told = super::read(&settings, &settings.sources[0]).await;
        assert!(told[0].contains(said), "{told:?}");
    }
}
