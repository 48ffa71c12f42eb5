//! Documents as they come over the wire: what becomes of good ones. The bad ones are next door.

mod dialects;
mod finds;
mod hostile;
mod json;
mod markup;
mod pages;

use escucha::extract::{
    Article, Document, Extracted, Kind, Places, Problem, RawSelectors, Reading, Selectors, article,
    posts,
};
use escucha::model::{How, Lang, Post, Timestamp};
use url::Url;

const FORO: &str = include_str!("../fixtures/extract/foro.xml");
const BLOG: &str = include_str!("../fixtures/extract/blog.atom");
const NOTICIAS: &str = include_str!("../fixtures/extract/noticias.json");
const OPINIONES: &str = include_str!("../fixtures/extract/opiniones.html");
const MARCADO: &str = include_str!("../fixtures/extract/marcado.html");
const ARTICULO: &str = include_str!("../fixtures/extract/articulo.html");

/// 2026-11-20T12:00:00Z.
const NOW: Timestamp = Timestamp(1_795_176_000_000);

fn read_with(body: &[u8], kind: Kind, select: Option<&Selectors>) -> Extracted {
    let url = Url::parse("https://foro.test/dir/feed").ok();
    let document = Document {
        body,
        content_type: None,
        url: url.as_ref(),
    };
    let reading = Reading {
        kind,
        select,
        map: None,
        lang: None,
        now: NOW,
        local: escucha::model::LocalTime::utc(),
    };
    posts(&document, &reading)
}

fn read(body: impl AsRef<[u8]>, kind: Kind) -> Extracted {
    read_with(body.as_ref(), kind, None)
}

fn rss(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>x</title>{items}</channel></rss>")
}

/// One line a post: title | text | author | link | date | rating, with `-` for what is missing.
fn told(extracted: &Extracted) -> Vec<String> {
    extracted.posts.iter().map(line).collect()
}

fn line(post: &Post) -> String {
    let or = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    [
        or(post.title.clone()),
        post.text.replace('\n', "/"),
        or(post.author.clone()),
        or(post.url.clone()),
        or(post.published.map(|at| at.to_string())),
        or(post.rating.map(|rating| format!("{rating:.2}"))),
    ]
    .join(" | ")
}

fn titles(extracted: &Extracted) -> String {
    let titles: Vec<&str> = extracted
        .posts
        .iter()
        .map(|post| post.title.as_deref().unwrap_or("-"))
        .collect();
    titles.join(", ")
}

#[track_caller]
fn check_refused(body: impl AsRef<[u8]>, kind: Kind, expected: &str) {
    let extracted = read(body, kind);
    assert_eq!(extracted.failure(), Some(expected));
    let is_bilingual = |problem: &Problem| problem.spanish.is_some();
    assert!(extracted.problems.iter().all(is_bilingual), "{expected}");
    assert!(extracted.posts.is_empty());
}

#[test]
fn legacy_encodings_read_right_declared_or_not() {
    let latin: Vec<u8> = FORO
        .replace('…', "...")
        .chars()
        .map(|c| u8::try_from(c as u32).unwrap())
        .collect();
    let undeclared = String::from_utf8_lossy(&latin).contains('\u{fffd}');
    assert!(undeclared);
    let swap = |from: &str, to: &str| {
        let text: String = latin.iter().map(|&b| char::from(b)).collect();
        let swapped = text.replace(from, to);
        swapped.chars().map(|c| c as u8).collect::<Vec<u8>>()
    };
    for body in [
        latin.clone(),
        swap("UTF-8", "ISO-8859-1"),
        swap("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""),
    ] {
        let feed = read(body, Kind::Feed);
        assert_eq!(feed.posts[1].title.as_deref(), Some("Instalación tardía"));
        assert_eq!(feed.posts[1].author.as_deref(), Some("Ana Núñez"));
    }
    let false_declaration = FORO.replace("UTF-8", "ISO-8859-1");
    assert_eq!(
        read(false_declaration, Kind::Feed).posts[1]
            .title
            .as_deref(),
        Some("Instalación tardía")
    );
    let wide: Vec<u8> = FORO.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(read(wide, Kind::Feed).posts, read(FORO, Kind::Feed).posts);
}

#[test]
fn an_rss_feed_becomes_posts() {
    let feed = read(FORO, Kind::Any);
    assert_eq!(
        told(&feed),
        [
            "Cobro duplicado & nadie contesta | Llamé cuatro veces./Nadie me atiende. | Javier | \
             https://foro.test/t/101 | 2026-11-20T09:00:00Z | -",
            "Instalación tardía | El técnico no vino. [...] | Ana Núñez | \
             https://foro.test/t/102#p7 | 2026-11-19T08:30:00Z | -",
            "- | Sin título, ni enlace, ni identificador. | - | - | - | -",
        ]
    );
    assert_eq!(feed.ttl_ms, Some(30 * 60_000));
    let excerpts: Vec<bool> = feed.posts.iter().map(|post| post.excerpt).collect();
    assert_eq!(excerpts, [false, true, false]);
    assert_eq!(feed.posts[0].guid.as_deref(), Some("foro-101"));
    assert_eq!(feed.posts[0].lang, Some(Lang::Es));
    assert!(feed.posts.iter().all(|post| post.how == How::Feed));
    assert!(feed.problems.is_empty());
}

#[test]
fn atom_and_json_feeds_become_posts() {
    let blog = read(BLOG, Kind::Feed);
    assert_eq!(
        told(&blog),
        [
            "Störung & Stille | Seit drei Tagen kein Netz./Niemand antwortet. | Jürgen | \
             https://blog.test/archiv/stoerung.html | 2026-11-01T08:00:00Z | -",
            "a < b | Kurz. | Jürgen | https://blog.test/2 | 2026-10-31T09:00:00Z | -",
        ]
    );
    assert_eq!(blog.posts[0].lang, Some(Lang::De));
    assert!(blog.posts[1].excerpt);
    let targets: Vec<_> = blog
        .posts
        .iter()
        .map(|post| post.reply_to.as_deref())
        .collect();
    assert_eq!(targets, [None, Some("urn:blog:1")]);
    let old = BLOG
        .replace("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
        .replace("published>", "issued>");
    let old = read(old, Kind::Feed);
    assert_eq!(titles(&old), "Störung & Stille, a < b");
    assert_eq!(old.posts[1].published, blog.posts[1].published);
    let noticias = read(NOTICIAS, Kind::Any);
    assert_eq!(
        told(&noticias),
        [
            "Cobrança em dobro | Cobraram duas vezes. | Bruna | https://foro.test/n/7 | \
             2026-11-18T15:00:00Z | -",
            "- | Ninguém respondeu. | Redação | https://n.test/8 | - | -",
        ]
    );
    assert_eq!(noticias.posts[0].guid.as_deref(), Some("7"));
    assert_eq!(noticias.posts[0].lang, Some(Lang::Pt));
}

fn selectors() -> Option<Selectors> {
    let some = |css: &str| Some(css.to_owned());
    Selectors::parse(&RawSelectors {
        item: "div.review".into(),
        places: Places {
            text: some("p.body"),
            author: some(".name"),
            date: some("time"),
            rating: some(".stars"),
            url: some("a.permalink@href"),
            title: some("h3"),
            next: some("a.next@href"),
            id: some("@id"),
            ..Places::default()
        },
        ..RawSelectors::default()
    })
    .ok()
}

#[test]
fn selectors_read_what_has_no_markup() {
    let page = read_with(OPINIONES.as_bytes(), Kind::Reviews, selectors().as_ref());
    assert_eq!(
        told(&page),
        [
            "Un desastre | Me han cobrado dos veces./Nadie contesta. | Javier P. | \
             https://foro.test/ejemplo/r1 | 2026-11-18T09:00:00Z | 0.20",
            "- | Bien, sin más. | Marta | - | 2026-05-12T00:00:00Z | 0.80",
        ]
    );
    assert_eq!(
        page.next_url.as_deref(),
        Some("https://foro.test/dir/feed?page=2")
    );
    assert_eq!(page.posts[0].guid.as_deref(), Some("r1"));
    assert_eq!(page.posts[0].how, How::Selectors);
    check_refused(
        OPINIONES,
        Kind::Reviews,
        "this page has no review markup: give selectors (select = { item = \"…\", … })",
    );
    let other = read_with(ARTICULO.as_bytes(), Kind::Reviews, selectors().as_ref());
    assert_eq!(
        other.failure(),
        Some("the selector for item finds nothing on this page, and the page has no review markup")
    );
}

#[test]
fn json_ld_is_read_first_and_leniently() {
    let page = read_with(MARCADO.as_bytes(), Kind::Reviews, selectors().as_ref());
    assert_eq!(
        told(&page),
        [
            "- | Fa tres setmanes que espero./Ningú no contesta. | Núria | - | \
             2026-11-10T00:00:00Z | 0.45",
            "Bé | Tot correcte & ràpid. | Pau | https://foro.test/r/2 | - | -",
            "Avaria | Sense línia. | Quim | https://botiga.test/f/9 | - | -",
            "- | A mi també. | Laia | - | - | -",
        ]
    );
    assert!(page.posts.iter().all(|post| post.how == How::JsonLd));
    assert_eq!(
        page.posts[3].reply_to.as_deref(),
        Some("https://botiga.test/f/9")
    );
    assert_eq!(page.problems.len(), 1);
    assert!(!page.problems[0].fatal);
}

fn read_article(page: &str) -> Result<Article, Problem> {
    let url = Url::parse("https://diario.test/linea").ok();
    let document = Document {
        body: page.as_bytes(),
        content_type: None,
        url: url.as_ref(),
    };
    let reading = Reading {
        kind: Kind::Blog,
        select: None,
        map: None,
        lang: None,
        now: NOW,
        local: escucha::model::LocalTime::utc(),
    };
    article(&document, &reading)
}

#[test]
fn an_article_is_read_whole_and_without_its_frame() {
    let found = read_article(ARTICULO).unwrap();
    assert!(
        found
            .text
            .contains("le cobraron dos veces la misma factura")
    );
    assert!(found.text.contains("\n«Solo entonces lo conté en público»"));
    assert!(!found.text.contains("Portada") && !found.text.contains("Aviso legal"));
    assert_eq!(found.title, "Tres semanas sin línea | Diario");
    assert_eq!(found.author.as_deref(), Some("Marta Ruiz"));
    assert_eq!(found.lang, Some(Lang::Es));
    assert_eq!(found.published.unwrap().to_string(), "2026-11-15T08:00:00Z");
    assert_eq!(
        found.feed_urls,
        ["https://diario.test/feed/", "https://diario.test/atom"]
    );
    for short in [
        "<main><p>Nadie contesta.</p></main><footer>Aviso</footer>",
        // Shown by a script only: readability finds nothing.
        "<main style='display:none'><p>Nadie contesta.</p></main><div hidden>Aviso</div>",
        "<div hidden><nav>Portada</nav>Nadie contesta.</div>",
    ] {
        let page = format!("<html><body>{short}</body></html>");
        assert_eq!(
            read_article(&page).unwrap().text,
            "Nadie contesta.",
            "{short}"
        );
    }
    let titled = "<html><title>Nadie &amp; nada</title><body><div hidden>Nada.</div></body></html>";
    assert_eq!(read_article(titled).unwrap().title, "Nadie & nada");
    let nothing = "<html><body><script>a()</script></body></html>";
    let problem = read_article(nothing).unwrap_err();
    assert_eq!(problem.detail, "the page has no readable text");
    let post = read(ARTICULO, Kind::Any);
    assert_eq!(post.posts[0].how, How::Article);
    assert_eq!(post.posts[0].text, found.text);
}
