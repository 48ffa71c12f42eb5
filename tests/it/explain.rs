//! `escucha score` for people: the table, what stands behind the probability, and the page.

use scraper::{Html, Selector};

use crate::letter::browser;
use crate::support::binary::{Home, err, out, rows};

const OPERATOR: &str = "language = \"es\"\n[company]\nname = \"Telefonía Ejemplo\"\n";
const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = '\"telefonía ejemplo\"'\n\
                        [keywords.es]\n\"cobrado dos veces\" = 20\n";
const JAVIER: &str = "Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende. \
                      Soy cliente desde 2014 y me han cobrado dos veces.";
/// Two posts, hostile ones among them, and a line that is none.
const POSTS: &str = concat!(
    r#"{"id":"1","title":"Vergüenza <b>","text":"Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende. Soy cliente desde 2014 y me han cobrado dos veces.","published":"2026-11-20T10:00:00Z"}"#,
    "\n",
    r#"{"id":"<script>ran = 1</script>","text":"<img src=https://a.test/x onerror=ran=1></p></article>\"'&lt; Telefonía Ejemplo: nadie contesta \u202e\u001b[2J <style>*{display:none}</style>"}"#,
    "\n\nno es json\n"
);

#[test]
fn every_point_of_the_table_comes_with_its_words() {
    let home = Home::new(OPERATOR, KEYWORDS);
    let shown = out(&home.feed(&["score"], JAVIER.as_bytes()));
    for part in [
        "nivel urgente, riesgo 98 de 100\nEs urgente: el riesgo llega a 75.",
        "vigilancias: ejemplo («Telefonía Ejemplo»)",
        "   +30  llamó cuatro veces en 14 días y nadie le atendió  «Llamé cuatro",
        "   +20  palabra clave «cobrado dos veces»                 «cobrado dos veces»\n",
        "   +15  se queja de nosotros\n",
        "    98  suma: el riesgo\n",
    ] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    assert!(!shown.contains("De dónde sale"), "{shown}");
}

#[test]
fn the_facts_behind_a_probability_sum_up_to_it() {
    let home = Home::new(OPERATOR, KEYWORDS);
    let line = format!("{}\n", POSTS.lines().next().unwrap());
    let told = home.feed(&["score", "--json", "--why"], line.as_bytes());
    let row = &rows(&told)[0];
    let facts = row["facts"].as_array().unwrap();
    let share = |fact: &serde_json::Value| {
        fact["weight"].as_f64().unwrap() * fact["value"].as_f64().unwrap()
    };
    let logit: f64 = facts.iter().map(share).sum();
    let told = row["complaint_probability"].as_f64().unwrap();
    assert!((1.0 / (1.0 + (-logit).exp()) - told).abs() < 1e-5, "{row}");
    let nobody = facts.iter().find(|fact| fact["name"] == "nobody answers");
    assert!(
        nobody.unwrap()["words"][0]
            .as_str()
            .unwrap()
            .contains("Llamé")
    );
    let plain = home.feed(&["score", "--json"], line.as_bytes());
    assert!(rows(&plain)[0].get("facts").is_none());
    let shown = out(&home.feed(&["score", "--why"], line.as_bytes()));
    assert!(shown.contains("  nadie le atiende  «Llamé"), "{shown}");
}

#[test]
fn the_page_shows_every_line_and_obeys_none() {
    let home = Home::new(OPERATOR, KEYWORDS);
    home.write("quejas.jsonl", POSTS);
    let written = home.feed(&["score", "--html", "quejas.jsonl"], b"");
    assert!(written.status.success(), "{}", err(&written));
    let text = out(&written);
    assert!(!text.contains(['\u{202e}', '\u{1b}']));
    let page = Html::parse_document(&text);
    let all = |what: &str| {
        let selector = Selector::parse(what).unwrap();
        let found = page.select(&selector);
        let texts = found.map(|element| element.text().collect::<String>());
        texts.collect::<Vec<String>>()
    };
    assert_eq!(all("html[lang=es]").len(), 1);
    assert_eq!(all("main > article").len(), 3);
    assert_eq!(all("style").len(), 1);
    assert!(all("script, img, link, iframe, a, form, [src], [href], [onerror]").is_empty());
    assert_eq!(all("blockquote h2"), ["Vergüenza <b>"]);
    assert!(all(".id").contains(&"<script>ran = 1</script>".to_owned()));
    assert!(all(".trouble")[0].contains("línea 4"), "{text}");
    let titled = |what: &str| {
        let selector = Selector::parse(what).unwrap();
        let marks = page.select(&selector);
        let titles = marks.filter_map(|mark| mark.attr("title").map(str::to_owned));
        titles.collect::<Vec<String>>()
    };
    assert!(
        titled("mark.signal").contains(&"+15: es cliente desde hace 12 años".to_owned()),
        "{text}"
    );
    assert!(
        titled("mark.reason").contains(&"+20: palabra clave «cobrado dos veces»".to_owned()),
        "{text}"
    );
    assert!(all("tfoot").iter().any(|foot| foot.contains("el riesgo")));
    assert_eq!(all("details").len(), 2);
    let english = OPERATOR.replace("\"es\"", "\"en\"");
    home.write("escucha.toml", &english);
    let english = out(&home.feed(&["score", "--html", "quejas.jsonl"], b""));
    assert!(english.contains("<html lang=\"en\">") && english.contains("nobody answered"));
    let both = home.feed(&["score", "--html", "--json", "quejas.jsonl"], b"");
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn the_page_fits_a_telephone_and_runs_nothing() {
    if !browser::is_here() {
        return;
    }
    let home = Home::new(OPERATOR, KEYWORDS);
    let long = format!(
        "{POSTS}{}\n",
        serde_json::json!({"id": "x".repeat(300), "text": "nadie contesta ".repeat(30) + &"a".repeat(900)})
    );
    let page = out(&home.feed(&["score", "--html"], long.as_bytes()));
    let measured = browser::measured_page(home.path(), "page", &page);
    assert_eq!(measured["overflow"], "0", "{measured:?}");
    assert_eq!(measured["loaded"], "0", "{measured:?}");
    assert_eq!(measured["ran"], "0", "{measured:?}");
}
