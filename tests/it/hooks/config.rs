//! `[[webhook]]` as people write it.

use std::path::Path;

use escucha::config;
use escucha::hook::Template;
use escucha::model::Ui;
use escucha::settings::{Settings, WebhookSettings};

use super::{NEW, OLD};

const REST: &str =
    "language = \"en\"\n[company]\nname = \"X\"\n[fetch]\nallow_private = [\"10.9.0.0/16\"]\n";

fn env(name: &str) -> Option<String> {
    let value = match name {
        "NEW" => NEW,
        "OLD" => OLD,
        "SHORT" => "whsec_c2VjcmV0",
        "URL" => "https://chat.test/secret-part",
        "BAD_URL" => "chat.test/secret-part",
        _ => return None,
    };
    Some(value.to_owned())
}

fn load(lines: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("escucha.toml");
    std::fs::write(&path, format!("{REST}{lines}")).unwrap();
    let watch = "[[watch]]\nname = \"w\"\nquery = 'fibra'\n";
    std::fs::write(folder.path().join("keywords.toml"), watch).unwrap();
    config::load(&path, &env).map_err(|complaints| complaints.print(Ui::En))
}

#[track_caller]
fn right(lines: &str) -> WebhookSettings {
    let settings = load(&format!(
        "[[webhook]]\nname = \"crm\"\nsecret = {{ env = \"NEW\" }}\n{lines}\n"
    ));
    let shown = format!("{settings:?}");
    assert!(
        !shown.contains(&NEW[6..]) && !shown.contains("secret-part"),
        "{shown}"
    );
    settings.unwrap().webhooks.remove(0)
}

#[track_caller]
fn wrong(lines: &str, expected: &str) {
    let said = load(&format!("[[webhook]]\n{lines}\n")).unwrap_err();
    let first = said.lines().next().unwrap();
    let short = first.split_once(": ").unwrap().1;
    assert_eq!(short, expected, "{lines}");
    assert!(!said.contains("secret-part"), "{said}");
}

#[test]
fn a_webhook_is_read_with_all_it_may_have() {
    let hook = right("url = \"https://crm.test/x\"");
    assert_eq!(hook.recipient(), "webhook:crm");
    assert_eq!(hook.wanted.words_wanted(), ["complaint", "incident"]);
    assert_eq!(
        (hook.keys.len(), hook.private.len(), hook.body.is_none()),
        (1, 0, true)
    );
    let hook = right(
        "url = { env = \"URL\" }\nold_secret = { env = \"OLD\" }\nevents = [\"urgent\", \"reminder\"]\n\
         body = '{\"text\": \"{{subject | slack}}\"}'",
    );
    assert_eq!(hook.url.0.as_str(), "https://chat.test/secret-part");
    assert_eq!((hook.keys.len(), hook.body.is_some()), (2, true));
    assert_eq!(hook.wanted.words_wanted(), ["urgent", "reminder"]);
}

/// S5: only the exact host and port of this endpoint.
#[test]
fn s5_a_private_receiver_is_reached_at_its_exact_place_only() {
    let networks = |lines: &str| {
        let private = right(lines).private;
        let shown = private
            .iter()
            .map(|net| format!("{}/{}", net.address, net.prefix));
        shown.collect::<Vec<_>>().join(" ")
    };
    let at = |url: &str, allowed: &str| {
        networks(&format!("url = \"{url}\"\nallow_private = [\"{allowed}\"]"))
    };
    assert_eq!(at("http://10.0.0.5:8443/x", "10.0.0.5:8443"), "10.0.0.5/32");
    assert_eq!(at("https://10.0.0.5/x", "10.0.0.5:443"), "10.0.0.5/32");
    assert_eq!(
        at("https://crm.test:9000/x", "10.0.0.5:9000"),
        "10.0.0.5/32"
    );
    assert_eq!(
        at("https://[fd00::1]:9000/x", "[fd00::1]:9000"),
        "fd00::1/128"
    );
    assert_eq!(at("http://crm:9000/x", "crm:9000"), "0.0.0.0/0 ::/0");
    assert_eq!(networks("url = \"http://10.9.1.1/x\""), "");
    let elsewhere =
        "webhook.allow_private: url does not lead there; put the same host and port as in url";
    for (url, allowed) in [
        ("https://10.0.0.5:8443/x", "10.0.0.6:8443"),
        ("https://10.0.0.5:8443/x", "10.0.0.5:8080"),
        ("https://crm.test/x", "other.test:443"),
    ] {
        let lines = format!(
            "name = \"a\"\nurl = \"{url}\"\nsecret = {{ env = \"NEW\" }}\nallow_private = [\"{allowed}\"]"
        );
        wrong(&lines, elsewhere);
    }
    for allowed in [
        "10.0.0.0/8",
        "10.0.0.5",
        "http://10.0.0.5:80",
        "a@b:80",
        ":80",
    ] {
        let lines = format!(
            "name = \"a\"\nurl = \"https://crm.test/\"\nsecret = {{ env = \"NEW\" }}\nallow_private = [\"{allowed}\"]"
        );
        let expected = format!(
            "webhook.allow_private: \"{allowed}\" will not do; write the host and its port: 10.0.0.5:8443"
        );
        wrong(&lines, &expected);
    }
}

#[test]
fn what_is_wrong_with_a_webhook_is_said_without_its_secrets() {
    let rest = "url = \"https://crm.test/\"\nsecret = { env = \"NEW\" }";
    let named = |more: &str| format!("name = \"crm\"\n{rest}\n{more}");
    wrong(rest, "webhook.name: is missing; put name = \"crm\"");
    wrong(
        &format!("name = \"mi crm\"\n{rest}"),
        "webhook.name: \"mi crm\" will not do; write up to 40 letters without accents, digits, - or _: crm",
    );
    wrong(
        &format!("{}\n[[webhook]]\nname = \"CRM\"\n{rest}", named("")),
        "webhook.name: another webhook has this name; give each a name of its own",
    );
    let not_called = "webhook.url: is no address that can be called; write one that begins with https://, without user or password";
    for url in [
        "\"ftp://crm.test/secret-part\"",
        "\"https://a:secret-part@crm.test/\"",
        "{ env = \"BAD_URL\" }",
    ] {
        wrong(
            &format!("name = \"crm\"\nsecret = {{ env = \"NEW\" }}\nurl = {url}"),
            not_called,
        );
    }
    wrong(
        "name = \"crm\"\nsecret = { env = \"NEW\" }\nurl = \"http://crm.test/secret-part\"",
        "webhook.url: what your customers write would travel in the clear; put https://; or, if it is in \
         your own network, allow_private = [\"host:port\"]",
    );
    wrong(
        "name = \"crm\"\nurl = \"https://crm.test/\"",
        "webhook.secret: is missing; put secret = { env = \"…\" }; make it with: echo whsec_$(openssl rand -base64 32)",
    );
    wrong(
        "name = \"crm\"\nurl = \"https://crm.test/\"\nsecret = { env = \"SHORT\" }",
        "webhook.secret: the key has not the form of Standard Webhooks; it must be whsec_ and 24 to 64 \
         bytes as base64: echo whsec_$(openssl rand -base64 32)",
    );
    wrong(
        &named("events = [\"complain\"]"),
        "webhook.events: \"complain\" will not do; write complaint",
    );
    wrong(
        &named("events = []"),
        "webhook.events: asks for no event; leave it out, or name some",
    );
    wrong(
        &named("body = '{\"a\": \"{{case.autor}}\"}'"),
        "webhook.body: there is no field \"case.autor\"; did you mean {{case.author}}?",
    );
    wrong(
        &named("body = '{\"a\": \"{{text|slak}}\"}'"),
        "webhook.body: there is no filter \"slak\"; there are these: slack, markdown",
    );
    wrong(
        &named("body = '{{text'"),
        "webhook.body: braces are left open; write {{field}}",
    );
    wrong(
        &named("retries = 3"),
        "webhook.retries: unknown key; what can stand here: name, url, secret, old_secret, events, body, allow_private",
    );
}

/// The examples for chats in `config/escucha.toml` are templates that work.
#[test]
fn the_examples_for_chats_are_right() {
    let example = std::fs::read_to_string(Path::new("config/escucha.toml")).unwrap();
    for key in [
        "name",
        "url",
        "secret",
        "old_secret",
        "events",
        "allow_private",
        "body",
    ] {
        assert!(example.contains(&format!("\n# {key} = ")), "{key}");
    }
    let bodies: Vec<&str> = example
        .lines()
        .filter_map(|line| line.strip_prefix("# body = '")?.strip_suffix('\''))
        .collect();
    assert!(bodies.len() >= 4, "{bodies:?}");
    for body in bodies {
        let template = Template::parse(body).unwrap_or_else(|fault| panic!("{body}: {fault:?}"));
        let event = escucha::hook::test_event(escucha::model::Timestamp(0), "a\"b", "c\nd");
        let sent: serde_json::Value = serde_json::from_str(&template.render(&event)).unwrap();
        assert!(
            sent.is_object() && sent.to_string().contains("a\\\"b"),
            "{body}"
        );
    }
}
