//! Lists of feeds, in and out, as a person meets them: the built program and real files.

use std::collections::BTreeSet;
use std::fs;

use escucha::config;
use proptest::prelude::*;

use crate::support::binary::{Home, err, out, rows};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const OWN: &str = "# De la casa\n[company]\nname = \"Ejemplo\"   # así nos llaman\n\n\
                   [[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\n";

fn home(sources: &str) -> Home {
    Home::new(&format!("{OWN}{sources}"), KEYWORDS)
}

fn list(outlines: &str) -> String {
    format!("<opml version=\"1.0\"><body>{outlines}</body></opml>")
}

fn configuration(home: &Home) -> String {
    fs::read_to_string(home.path().join("escucha.toml")).unwrap()
}

/// Name and address of every source that the program would read.
fn sources(home: &Home) -> Vec<(String, String)> {
    let path = home.path().join("escucha.toml");
    let settings = config::load(&path, &|_| None).unwrap();
    let sources = settings.sources.into_iter();
    sources.map(|s| (s.name, s.url.into())).collect()
}

/// What was said of each outline: `name url`, `= name url`, or `✗ url: words of the reason`.
#[track_caller]
fn check(home: &Home, args: &[&str], code: i32, expected: &[&str]) {
    let done = home.feed(&[&["--json", "import", "list.opml"], args].concat(), b"");
    assert_eq!(done.status.code(), Some(code), "{}", err(&done));
    let told = rows(&done);
    assert_eq!(told.len(), expected.len(), "{}", out(&done));
    for (row, expected) in told.iter().zip(expected) {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        if let Some((url, words)) = expected.strip_prefix("✗ ").and_then(|e| e.split_once(": ")) {
            assert_eq!(text("url"), url);
            assert!(text("error").contains(words), "{row}");
            continue;
        }
        let mark = match text("what") {
            "added" => "",
            "known" => "= ",
            other => other,
        };
        let said = format!("{mark}{} {}", text("name"), text("url"));
        assert_eq!(said.trim(), *expected, "{row}");
    }
}

#[test]
fn a_list_is_added_once_and_the_rest_of_the_file_stays() {
    let home = home("");
    let before = configuration(&home);
    home.write(
        "list.opml",
        &list(
            "<outline text=\"Foros\"><outline text=\"Barrio &amp; Cía\" title=\"\" type=\"rss\" \
             xmlUrl=\"https://barrio.test/feed?a=1&amp;b=2\"/>\
             <outline text=\"Otra vez\" xmlurl=\"HTTPS://Barrio.test:443/feed/?b=2&amp;a=1#x\"/>\
             <outline text=\"El foro\" xmlUrl=\"http://www.foro.test/rss/\"/></outline>\
             <outline text=\"FORO\" xmlUrl=\"https://otro.test/rss\"/><outline text=\"Nota\"/>",
        ),
    );
    let tried = home.feed(&["import", "list.opml", "--dry-run"], b"");
    assert!(tried.status.success(), "{}", err(&tried));
    assert!(out(&tried).contains("✓ barrio-cia: https://barrio.test/feed?a=1&b=2"));
    assert!(err(&tried).contains("nuevas: 2; ya estaban: 2; rechazadas: 0"));
    assert_eq!(configuration(&home), before, "a trial writes nothing");

    let expected = [
        "barrio-cia https://barrio.test/feed?a=1&b=2",
        "= barrio-cia HTTPS://Barrio.test:443/feed/?b=2&a=1#x",
        "= foro http://www.foro.test/rss/",
        "foro-2 https://otro.test/rss",
    ];
    check(&home, &[], 0, &expected);
    let after = configuration(&home);
    assert!(after.starts_with(&before), "{after}");
    assert_eq!(sources(&home).len(), 3);
    let again = home.feed(&["import", "list.opml"], b"");
    assert!(
        out(&again).contains("ya está, en la fuente foro-2"),
        "{}",
        out(&again)
    );
    assert_eq!(configuration(&home), after, "the second time adds nothing");
}

#[test]
fn what_may_not_be_read_is_told_one_by_one_and_the_rest_is_added() {
    let home = home("[fetch]\nallow_private = [\"10.1.0.0/16\"]\n");
    let urls = [
        "http://127.0.0.1/",
        "http://0x7f.1:8080/",
        "http://[::1]/",
        "http://localhost/",
        "http://10.1.2.3:9000/",
        "file:///etc/passwd",
        "https://ana:clave@foro.test/rss",
        "http://8.8.8.8:22/",
        "foro",
        "",
        "https://bueno.test/rss",
    ];
    let outline = |url: &&str| format!("<outline type='rss' text='x' xmlUrl='{url}'/>");
    home.write(
        "list.opml",
        &list(&urls.iter().map(outline).collect::<String>()),
    );
    let expected = [
        "✗ http://127.0.0.1/: no es pública",
        "✗ http://0x7f.1:8080/: no es pública",
        "✗ http://[::1]/: no es pública",
        "✗ http://localhost/: no es pública",
        "x http://10.1.2.3:9000/",
        "✗ file:///etc/passwd: solo lee http",
        "✗ https://ana:clave@foro.test/rss: usuario o una contraseña",
        "✗ http://8.8.8.8:22/: El puerto 22",
        "✗ foro: no es una dirección",
        "✗ : xmlUrl",
        "x-2 https://bueno.test/rss",
    ];
    check(&home, &[], 1, &expected);
    let added: Vec<String> = sources(&home).into_iter().map(|(name, _)| name).collect();
    assert_eq!(added, ["foro", "x", "x-2"]);
}

#[test]
fn lists_that_cannot_be_read_change_nothing() {
    let home = home("");
    let before = configuration(&home);
    let mut bad = vec![
        (
            "<html><body>hola</body></html>".to_owned(),
            "esto no es OPML",
        ),
        (String::new(), "esto no es OPML"),
    ];
    // R34: a process that aborts has no exit code.
    for levels in [1_000, 65_000, 1_000_000] {
        bad.push((
            list(&"<outline text='a'>".repeat(levels)),
            "más de 256 niveles",
        ));
    }
    for (body, reason) in bad {
        home.write("list.opml", &body);
        let refused = home.feed(&["import", "list.opml"], b"");
        assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
        assert!(err(&refused).contains(reason), "{}", err(&refused));
    }
    let missing = home.feed(&["import", "no.opml"], b"");
    assert_eq!(missing.status.code(), Some(1));
    assert!(err(&missing).contains("no.opml"));
    assert_eq!(configuration(&home), before);
    fs::remove_file(home.path().join("escucha.toml")).unwrap();
    for args in [&["import", "list.opml"][..], &["export"]] {
        let lost = home.feed(args, b"");
        assert_eq!(lost.status.code(), Some(2));
        assert!(
            err(&lost).contains("no hay configuración"),
            "{}",
            err(&lost)
        );
    }
}

#[test]
fn entities_of_a_list_are_never_expanded() {
    let home = home("");
    home.write("secret.txt", "https://secreto.test/rss");
    let secret = home.path().join("secret.txt");
    home.write(
        "list.opml",
        &format!(
            "<?xml version=\"1.0\"?><!DOCTYPE opml [<!ENTITY a \"aaaaaaaaaa\">\
             <!ENTITY x SYSTEM \"file://{}\">]>\
             <opml><body><outline text=\"&x;&a;\" xmlUrl=\"&x;\"/></body></opml>",
            secret.display()
        ),
    );
    let done = home.feed(&["import", "list.opml", "--json"], b"");
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(rows(&done)[0]["title"], "&x;&a;");
    assert!(!configuration(&home).contains("secreto"));
}

#[test]
fn what_a_list_cannot_hold_is_told() {
    let home = home(
        "every = \"30m\"\nwatches = [\"ejemplo\"]\n[[source]]\nname = \"opi\\\"niones & <más>\"\n\
         kind = \"reviews\"\nurl = \"https://o.test/?a=1&b=2\"\nselect = { item = \"li\", text = \"p\" }\n",
    );
    let done = home.feed(&["export"], b"");
    assert!(done.status.success(), "{}", err(&done));
    let said = err(&done);
    assert!(
        said.contains("foro: no cabe en OPML: every, watches"),
        "{said}"
    );
    assert!(said.contains(": no cabe en OPML: kind, select"), "{said}");
    insta::assert_snapshot!(out(&done), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <opml version="2.0">
      <head>
        <title>Fuentes de Ejemplo</title>
      </head>
      <body>
        <outline text="foro" title="foro" type="rss" xmlUrl="https://foro.test/rss" category="feed"/>
        <outline text="opi&quot;niones &amp; &lt;más&gt;" title="opi&quot;niones &amp; &lt;más&gt;" htmlUrl="https://o.test/?a=1&amp;b=2" category="reviews"/>
      </body>
    </opml>
    "#);
    let lost: Vec<usize> = rows(&home.feed(&["export", "--json"], b""))
        .iter()
        .map(|row| row["lost"].as_array().unwrap().len())
        .collect();
    assert_eq!(lost, [2, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn feeds_go_out_and_come_in_again(
        feeds in prop::collection::btree_map("[a-z][a-z0-9]{0,9}", "[ -~¡-ÿ]{0,20}", 1..6),
    ) {
        let section = |(name, path): (&String, &String)| {
            let url = url::Url::parse(&format!("https://{name}.test/{path}")).unwrap();
            let url = url.as_str().replace('\\', "\\\\");
            format!("[[source]]\nname = \"{name}\"\nkind = \"feed\"\nurl = \"{url}\"\n")
        };
        let one = home(&feeds.iter().map(section).collect::<String>());
        let other = Home::new("[company]\nname = \"Ejemplo\"\n", KEYWORDS);
        other.write("list.opml", &out(&one.feed(&["export"], b"")));
        let done = other.feed(&["import", "list.opml"], b"");
        prop_assert!(done.status.success(), "{}", err(&done));
        let all = |home: &Home| sources(home).into_iter().collect::<BTreeSet<_>>();
        prop_assert_eq!(all(&one), all(&other));
        // And nothing comes twice.
        one.write("list.opml", &out(&other.feed(&["export"], b"")));
        let before = configuration(&one);
        prop_assert!(one.feed(&["import", "list.opml"], b"").status.success());
        prop_assert_eq!(configuration(&one), before);
    }
}
