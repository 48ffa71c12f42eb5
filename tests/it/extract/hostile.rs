//! Broken and hostile documents, named by the measured danger (m04 …) that each guard was built
//! against: every test fails when its guard is removed.

use std::fmt::Write as _;

use escucha::extract::{Extracted, Kind, RawSelectors, Selectors, plain_text};
use escucha::model::How;
use proptest::prelude::*;

use super::{
    ARTICULO, BLOG, FORO, MARCADO, NOTICIAS, OPINIONES, check_refused, read, read_with, rss,
    selectors, titles, told,
};
use crate::support::mutated::mutated;

#[test]
fn m04_a_year_of_five_digits_is_no_date() {
    for date in [
        "Sat, 01 Jan 99999 00:00:00 GMT",
        "10000-01-01T00:00:00Z",
        "+99999-01-01T00:00:00Z",
        "31 Feb 2026 00:00:00 GMT",
    ] {
        let feed = read(
            rss(&format!(
                "<item><title>a</title><pubDate>{date}</pubDate></item>"
            )),
            Kind::Feed,
        );
        assert_eq!(told(&feed), ["a |  | - | - | - | -"], "{date}");
    }
}

#[test]
fn m07_nested_media_group_is_refused_before_the_parser() {
    const DEEP: &str = "the XML is nested deeper than 256 levels";
    for (tag, n) in [
        ("media:group", 1_000),
        ("media:content", 65_000),
        ("x", 1_000_000),
    ] {
        let nested = format!("<item>{}", format!("<{tag}>").repeat(n));
        let feed =
            rss(&nested).replace("<rss", "<rss xmlns:media=\"http://search.yahoo.com/mrss/\"");
        check_refused(feed, Kind::Feed, DEEP);
    }
    check_refused(
        format!("{{\"items\": {}", "[".repeat(100_000)),
        Kind::Feed,
        "the JSON is nested deeper than 256 levels",
    );
    // What the gate lets through, the parser's stack bears.
    let deepest = format!(
        "<item><title>a</title>{}{}</item>",
        "<media:group>".repeat(250),
        "</media:group>".repeat(250)
    );
    let feed = rss(&deepest).replace("<rss", "<rss xmlns:media=\"http://search.yahoo.com/mrss/\"");
    assert_eq!(titles(&read(feed, Kind::Feed)), "a");
}

#[test]
fn m07_the_gate_sees_what_the_parser_sees() {
    let nested = "<media:group>".repeat(1_000);
    let media = "xmlns:media=\"http://search.yahoo.com/mrss/\"";
    for hiding in [
        format!("<a b\"c=\">{nested}\" >"),
        format!("< \" <a x=\">{nested}\" >"),
        format!("<!DOCTYPE a [ \" ]><a>{nested}"),
        format!("<a b='<!--'>{nested}"),
        format!("<!-- --><![CDATA[ ]]>{nested}"),
    ] {
        let feed = format!("<rss version=\"2.0\" {media}><channel><item>{hiding}");
        let extracted = read(feed, Kind::Feed);
        assert!(extracted.posts.is_empty());
        assert!(extracted.failure().is_some());
    }
}

#[test]
fn m08_a_broken_item_does_not_lose_the_others() {
    let check = |items: &str, expected: &str| {
        let extracted = read(rss(items), Kind::Feed);
        assert_eq!(titles(&extracted), expected, "{items}");
        assert_eq!(extracted.failure(), None);
        assert!(
            extracted
                .posts
                .iter()
                .all(|post| post.how == How::FeedRepaired)
        );
    };
    let good = "<item><title>bien</title></item>";
    check(
        &format!("<item><title>AT&T</title></item>{good}"),
        "AT&T, bien",
    );
    check(&format!("<item><title>a</titel></item>{good}"), "a, bien");
    check(
        &format!("<item><title>&#0;a&#55296;</title></item>{good}"),
        "a, bien",
    );
    check(
        &format!("<item><title>co <b>bold</b> x</title></item>{good}"),
        "co bold x, bien",
    );
    check(
        &format!(
            "<item><title><![CDATA[a</title></item>{good}<item><title><![CDATA[b]]></title></item>"
        ),
        "a, bien, b",
    );
    check(
        &format!("<item><author>María «m@x.es»</author><title>a</title></item>{good}"),
        "a, bien",
    );
    let nbsp = read(
        rss(&format!("<item><title>a&nbsp;b</title></item>{good}")),
        Kind::Feed,
    );
    assert_eq!(titles(&nbsp), "a b, bien");
}

#[test]
fn m08_a_truncated_tail_costs_the_last_item_alone() {
    let whole = rss(
        "<item><title>uno</title></item><item><title>dos</title></item><item><title>tres</title>",
    );
    let cut = whole.split("<title>tres").next().unwrap();
    let extracted = read(cut, Kind::Feed);
    assert_eq!(titles(&extracted), "uno, dos");
    assert!(!extracted.problems[0].fatal);
    assert_eq!(
        extracted.problems[0].detail,
        "repaired: 2 of 3 entries could be read"
    );
}

#[test]
fn m08_a_panic_of_the_parser_costs_no_entry() {
    let media = "xmlns:media=\"http://search.yahoo.com/mrss/\"";
    let items = "<item><title>uno</title></item><item><title>dos</title>\
        <media:thumbnail url=\"x\" time=\"999999999999999999999999999\"/></item>";
    let feed = rss(items).replace("<rss", &format!("<rss {media}"));
    let extracted = read(feed, Kind::Feed);
    assert_eq!(titles(&extracted), "uno, dos");
    assert_eq!(
        extracted.problems[0].detail,
        "repaired: 2 of 2 entries could be read"
    );
    // A late declaration makes feed-rs panic too: it never sees one.
    let late = format!(
        "<!--{}--><?xml version=\"1.0\" encoding=\"latin1\"?>{}",
        " ".repeat(9_000),
        rss("<item><title>uno</title></item>")
    );
    let late = read(late, Kind::Feed);
    assert_eq!(
        (titles(&late).as_str(), late.posts[0].how),
        ("uno", How::Feed)
    );
}

#[test]
fn m08_items_of_which_none_can_be_read_are_an_error_and_an_empty_feed_is_not() {
    let extracted = read("<feed><entry><titl", Kind::Feed);
    let failure = extracted.failure().unwrap();
    assert!(
        failure.starts_with("the feed has 1 entry, and none can be read"),
        "{failure}"
    );
    let empty = read(rss(""), Kind::Feed);
    assert_eq!(empty, Extracted::default());
    check_refused("  \n", Kind::Feed, "the document is empty");
    check_refused(
        ARTICULO,
        Kind::Feed,
        "this is a web page, not a feed; its feed is https://foro.test/feed/",
    );
    check_refused(
        b"\x89PNG\r\n\x1a\n",
        Kind::Any,
        "the document is an image, archive or other binary file",
    );
}

#[test]
fn m09_an_entry_without_identity_is_the_same_at_every_reading() {
    let feed = rss("<item><description>Solo texto.</description></item>");
    let first = read(&feed, Kind::Feed);
    assert_eq!(first.posts, read(&feed, Kind::Feed).posts);
    assert_eq!(first.posts[0].guid, None);
}

#[test]
fn m10_nul_and_control_characters_never_get_out() {
    let select = selectors();
    let nul = |text: &str| text.replace("Nadie", "Na\u{0}di\u{1b}e\u{92}\u{fffe}");
    let page = read_with(nul(OPINIONES).as_bytes(), Kind::Reviews, select.as_ref());
    let mut all = page.posts;
    all.extend(read(nul(FORO), Kind::Feed).posts);
    all.extend(read(NOTICIAS, Kind::Feed).posts);
    all.extend(read(nul(MARCADO).replace("Ningú", "Ni\u{0}ngú"), Kind::Reviews).posts);
    assert!(all.len() >= 11, "{}", all.len());
    for post in all {
        let whole = format!("{:?}{:?}{:?}", post.title, post.author, post.guid);
        assert!(!whole.contains("\\u{"), "{whole}");
        let is_clean = |c: char| c == '\n' || !c.is_control() && c != '\u{fffe}';
        assert!(post.text.chars().all(is_clean), "{:?}", post.text);
    }
}

/// A post within a post within a post: each could repeat all that lies in it.
#[test]
fn posts_within_posts_do_not_multiply_a_document() {
    let every = Selectors::parse(&RawSelectors {
        item: ".review".into(),
        ..RawSelectors::default()
    });
    let chain = format!(
        "{}{}{}",
        "<div class=\"review\">".repeat(200),
        "uno dos ".repeat(4_000),
        "</div>".repeat(200)
    );
    let page = format!("<html><body>{}</body></html>", chain.repeat(4));
    let read = read_with(page.as_bytes(), Kind::Reviews, every.ok().as_ref());
    let bytes: usize = read.posts.iter().map(|post| post.text.len()).sum();
    assert!(bytes <= 16 * page.len(), "{bytes} of {}", page.len());
    assert!((50..800).contains(&read.posts.len()));
    assert!(read.problems[0].detail.contains("within one another"));
}

#[test]
fn a_line_of_any_length_is_cut() {
    let long = "ñ".repeat(20_000);
    let item = format!(
        "<item><title>{long}</title><author>{long}</author><guid>{long}</guid>\
         <link>https://foro.test/{}</link></item>",
        "a".repeat(20_000)
    );
    let post = read(rss(&item), Kind::Feed).posts.remove(0);
    for line in [post.title, post.author, post.guid, post.url] {
        assert_eq!(line.unwrap().len(), 8 << 10);
    }
}

#[test]
fn m11_entities_are_dropped_never_expanded() {
    let bomb = "<!DOCTYPE a [<!ENTITY l \"lol\"><!ENTITY m \"&l;&l;&l;\">\
        <!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
    let feed = format!("{bomb}{}", rss("<item><title>a &m; &f;</title></item>"));
    assert_eq!(titles(&read(feed, Kind::Feed)), "a &m; &f;");
}

#[test]
fn m12_what_makes_the_html_parser_quadratic_is_refused() {
    const DEEP: &str = "the HTML is nested deeper than 512 levels";
    let fonts = (0..20_000).fold(String::new(), |mut fonts, n| {
        let _ = write!(fonts, "<font a{n}>");
        fonts
    });
    let attributes = (0..20_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, " a{n}=1");
        all
    });
    for kind in [Kind::Blog, Kind::Any] {
        check_refused("<div>".repeat(220_000), kind, DEEP);
        check_refused(&fonts, kind, DEEP);
        check_refused("<table><b>".repeat(50_000), kind, DEEP);
        check_refused(
            format!("<p{attributes}>"),
            kind,
            "a tag has more than 256 attributes",
        );
    }
    let page = read_with(
        "<div>".repeat(220_000).as_bytes(),
        Kind::Reviews,
        selectors().as_ref(),
    );
    assert_eq!(page.failure(), Some(DEEP));
    // Inside a feed the tags go and the text stays.
    let deep = format!("{}hola", "&lt;div&gt;".repeat(20_000));
    let feed = read(
        rss(&format!("<item><description>{deep}</description></item>")),
        Kind::Feed,
    );
    assert_eq!(feed.posts[0].text, "hola");
}

#[test]
fn limits_on_size_entries_and_text_hold() {
    check_refused(
        vec![b'<'; (24 << 20) + 1],
        Kind::Any,
        "the document is larger than 24 MiB",
    );
    let many = read(
        rss(&"<item><title>a</title></item>".repeat(50_001)),
        Kind::Feed,
    );
    assert_eq!(many.posts.len(), 50_000);
    assert_eq!(
        many.problems[0].detail,
        "the document has 50001 posts, only the first 50000 are read"
    );
    let long = rss(&format!(
        "<item><description>a{}</description></item>",
        "ñ".repeat(40_000)
    ));
    // 64 KiB is even, and the first byte makes every character begin at an odd one.
    assert_eq!(read(long, Kind::Feed).posts[0].text.len(), (64 << 10) - 1);
    assert!(plain_text(&"<p>hola</p>".repeat(100_000)).starts_with("hola\nhola"));
}

fn fixtures() -> Vec<Vec<u8>> {
    [FORO, BLOG, NOTICIAS, OPINIONES, MARCADO, ARTICULO]
        .map(|text| text.as_bytes().to_vec())
        .into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_comes_makes_it_panic(
        random in prop::collection::vec(any::<u8>(), 0..400),
        broken in mutated(fixtures()),
        kind in prop::sample::select(vec![Kind::Feed, Kind::Blog, Kind::Reviews, Kind::Any]),
    ) {
        let select = selectors();
        for body in [&random, &broken] {
            let extracted = read_with(body, kind, select.as_ref());
            for post in &extracted.posts {
                prop_assert!(post.text.len() <= 64 << 10);
                prop_assert!(!post.text.contains('\0'));
            }
            for problem in &extracted.problems {
                prop_assert!(problem.spanish.is_some(), "in English only: {}", problem.detail);
                prop_assert!(!problem.detail.contains("makes the parser fail")
                    || problem.detail.contains("the feed"), "{}", problem.detail);
            }
        }
    }
}
