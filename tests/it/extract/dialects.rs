//! Every way in which feeds are odd that was met in real ones, each in a small feed of our own.

use escucha::model::Ui;

use super::*;

/// An entry that says all, in the words of RSS.
const ITEM: &str = "<item><title>Avería</title><link>https://foro.test/1</link>\
    <pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate><description>Sin línea.</description></item>";
const TOLD: &str = "Avería | Sin línea. | - | https://foro.test/1 | 2026-06-01T10:00:00Z | -";

#[track_caller]
fn check(body: impl AsRef<[u8]>, expected: &[&str]) {
    let extracted = read(body.as_ref(), Kind::Feed);
    let shown = String::from_utf8_lossy(body.as_ref());
    assert_eq!(extracted.failure(), None, "{shown}");
    assert_eq!(told(&extracted), expected, "{shown}");
}

/// The links of the entries, with or without an address of the feed.
#[track_caller]
fn check_links(feed: &str, base: Option<&str>, expected: &[&str]) {
    let url = base.map(|base| Url::parse(base).unwrap());
    let document = Document {
        body: feed.as_bytes(),
        content_type: None,
        url: url.as_ref(),
    };
    let reading = Reading {
        kind: Kind::Feed,
        select: None,
        map: None,
        lang: None,
        now: NOW,
        local: escucha::model::LocalTime::utc(),
    };
    let links: Vec<String> = posts(&document, &reading)
        .posts
        .into_iter()
        .map(|post| post.url.unwrap_or_else(|| "-".to_owned()))
        .collect();
    assert_eq!(links, expected, "{feed}");
}

#[test]
fn every_version_of_rss_is_read() {
    for root in [
        "<rss>",
        "<rss version=\"0.90\">",
        "<rss version=\"0.94\">",
        "<rss version=\"2\">",
        "<rss version=\"2.01\">",
        "<rss Version='2.1'>",
        "<rss version=\"2.0\" xmlns=\"http://backend.userland.com/rss2\">",
        "<rss version=\"2.0\" xmlns=\"http://ejemplo.test/otro\">",
    ] {
        check(format!("{root}<channel>{ITEM}</channel></rss>"), &[TOLD]);
    }
    let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    for rss in [
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://purl.org/rss/1.0/",
        "http://purl.org/net/rss1.1#",
        "http://ejemplo.test/otro",
    ] {
        let channel = format!("<channel><title>x</title></channel>{ITEM}");
        check(
            format!("<rdf:RDF xmlns:rdf=\"{rdf}\" xmlns=\"{rss}\">{channel}</rdf:RDF>"),
            &[TOLD],
        );
    }
    let shouted = ITEM
        .replace("title>", "TITLE>")
        .replace("item>", "Item>")
        .replace("pubDate>", "PubDate>");
    check(format!("<RSS><CHANNEL>{shouted}</CHANNEL></RSS>"), &[TOLD]);
}

#[test]
fn items_count_wherever_they_stand() {
    check(format!("<rss><channel/>{ITEM}{ITEM}</rss>"), &[TOLD, TOLD]);
    check(format!("<channel>{ITEM}</channel>"), &[TOLD]);
    check(format!("{ITEM}{ITEM}"), &[TOLD, TOLD]);
    check(rss(&format!("<items>{ITEM}</items>")), &[TOLD]);
    check(
        format!("<rss version=\"2.0\"><channel>{ITEM}</channel><channel>{ITEM}</channel></rss>"),
        &[TOLD, TOLD],
    );
    check(
        format!(
            "<br />\n<b>Warning</b>: mysql in <b>/a.php</b><br />{}",
            rss(ITEM)
        ),
        &[TOLD],
    );
    check(
        format!("{}<!-- hecho en 3 ms --><script>", rss(ITEM)),
        &[TOLD],
    );
}

#[test]
fn atom_is_read_in_both_its_versions_and_with_types_that_do_not_exist() {
    let old = "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"><entry>\
        <title mode=\"escaped\" type=\"text/html\">Aver&amp;iacute;a</title>\
        <link rel=\"alternate\" type=\"text/html\" href=\"https://foro.test/1\"/>\
        <issued>2026-06-01T10:00:00Z</issued><created>2026-05-01T10:00:00Z</created>\
        <modified>2026-06-02T10:00:00Z</modified>\
        <summary type=\"text/plain\">Sin línea.</summary></entry></feed>";
    check(old, &[TOLD]);
    let entry = |attribute: &str| {
        format!(
            "<entry><title>Avería</title><link href=\"https://foro.test/1\"/>\
             <updated>2026-06-01T10:00:00Z</updated><summary {attribute}>Sin línea.</summary></entry>"
        )
    };
    for attribute in [
        "type=\"text/plain\"",
        "type=\"\"",
        "type=\"application/octet-stream\"",
        "type=\"application/xhtml+xml\"",
        "type=\"invalid\"",
        "",
    ] {
        let both = entry(attribute) + &entry("type='text'");
        check(
            format!("<feed xmlns=\"http://www.w3.org/2005/Atom\">{both}</feed>"),
            &[TOLD, TOLD],
        );
    }
    for namespace in [
        "https://www.w3.org/2005/Atom",
        "http://ejemplo.test/otro",
        "",
    ] {
        check(
            format!("<feed xmlns=\"{namespace}\">{}</feed>", entry("")),
            &[TOLD],
        );
    }
}

#[test]
fn prefixes_mean_what_they_always_mean_declared_or_not() {
    let item = "<item><dc:title>Avería</dc:title><link>https://foro.test/1</link>\
        <dcterms:issued>2026-06-01T10:00:00Z</dcterms:issued><description>Sin…</description>\
        <content:encoded><![CDATA[<p>Sin línea.</p>]]></content:encoded></item>";
    check(rss(item), &[TOLD]);
    for declared in [
        "http://purl.org/rss/1.0/modules/content",
        "http://ejemplo.test/otro",
    ] {
        let root = format!("<rss xmlns:content=\"{declared}\"");
        check(rss(item).replace("<rss", &root), &[TOLD]);
    }
    let other = rss(&ITEM.replace("<link>https://foro.test/1</link>", ""))
        .replace("<item>", "<item><a10:link href=\"https://foro.test/1\"/>")
        .replace("<rss", "<rss xmlns:a10=\"http://www.w3.org/2005/Atom\"");
    check(other, &[TOLD]);
}

#[test]
fn wide_and_doubled_encodings_are_undone() {
    let feed = rss(ITEM);
    let wide = |unit: fn(u32) -> [u8; 4]| {
        let units = feed.chars().map(|c| unit(c as u32));
        units.collect::<Vec<_>>().concat()
    };
    check(wide(u32::to_le_bytes), &[TOLD]);
    check(wide(u32::to_be_bytes), &[TOLD]);
    let narrow: Vec<u8> = feed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check([b"\xff\xfe".to_vec(), narrow].concat(), &[TOLD]);
    let doubled: String = feed.bytes().map(char::from).collect();
    check(doubled, &[TOLD]);
    check(
        rss(&ITEM.replace("línea.", "línea &#xD83D;&#xDE20;&bien.")),
        &[&TOLD.replace("línea.", "línea 😠&bien.")],
    );
}

#[test]
fn links_are_resolved_and_without_an_address_stay_as_written() {
    let item = |link: &str| format!("<item><title>x</title><link>{link}</link></item>");
    let feed = rss(&[
        item("/a?b=1&amp;c"),
        item("d"),
        item(" https://foro.test?é "),
        item("javascript:alert(1)"),
    ]
    .concat());
    check_links(
        &feed,
        Some("https://foro.test/dir/feed"),
        &[
            "https://foro.test/a?b=1&c",
            "https://foro.test/dir/d",
            "https://foro.test/?%C3%A9",
            "-",
        ],
    );
    check_links(&feed, None, &["/a?b=1&c", "d", "https://foro.test?é", "-"]);
    let based = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"https://a.test/b/\">\
        <entry><link href=\"c\"/></entry><entry xml:base=\"d/\"><link href=\"e\"/></entry>\
        <entry><link rel=\"self\" href=\"f\"/><link rel=\"alternate\" type=\"text/html\" href=\"g\"/></entry>\
        <entry><link>h</link></entry></feed>";
    check_links(
        based,
        Some("https://foro.test/"),
        &[
            "https://a.test/b/c",
            "https://a.test/b/d/e",
            "https://a.test/b/g",
            "https://foro.test/h",
        ],
    );
}

#[test]
fn a_guid_is_the_link_unless_it_says_that_it_is_none() {
    let item = |guid: &str| format!("<item><title>x</title>{guid}</item>");
    let feed = rss(&[
        item("<guid>https://foro.test/1</guid>"),
        item("<guid isPermaLink=\"false\">https://foro.test/2</guid>"),
        item("<guid isPermaLink=\"true\">/3</guid>"),
        item("<guid>foro-4</guid>"),
    ]
    .concat());
    let base = Some("https://foro.test/dir/");
    check_links(
        &feed,
        base,
        &["https://foro.test/1", "-", "https://foro.test/3", "-"],
    );
    check_links(&feed, None, &["https://foro.test/1", "-", "/3", "foro-4"]);
}

#[test]
fn dates_of_every_pattern_are_read() {
    for written in [
        "2026-06-01 10:00:00",
        "Mon Jun 01 2026 12:00:00 GMT+0200 (CEST)",
        "Mon Jun 01 2026 10:00:00 GMT",
        "2026-06-01T10:00Z",
        "2026-06-01 12:00:00 +0200",
        "2026-06-01T10:00:00",
        "2026/6/1 10:00:00",
        "Mon, 01 Jun 2026 06:00:00 EDT",
        "Mon 01 Jun 2026 11:00:00 BST",
        "Monday, June 1, 2026 10:00:00 AM",
        "lun, 1 jun 2026 10:00:00 GMT",
        "1 de junio de 2026 10:00",
        "1780308000",
    ] {
        check(
            rss(&ITEM.replace("Mon, 01 Jun 2026 10:00:00 GMT", written)),
            &[TOLD],
        );
    }
}

#[test]
fn json_feeds_are_read_however_they_are_made() {
    let feed = r#"{"version":"http://jsonfeed.org/version/1","items":[
        {"id":1,"content_text":"uno","author":"Ana"},
        {"content_html":"<p>dos</p>","authors":["Eva"],"url":"/2","date_published":"2026-06-01 10:00:00"},
        {"summary":"tres","author":[{"name":"Luz"}],"attachments":[{"url":"x"}]}]}"#;
    check(
        feed,
        &[
            "- | uno | Ana | - | - | -",
            "- | dos | Eva | https://foro.test/2 | 2026-06-01T10:00:00Z | -",
            "- | tres | Luz | - | - | -",
        ],
    );
    let cut = &feed[..feed.find("tres").unwrap()];
    let extracted = read(cut, Kind::Feed);
    assert_eq!(extracted.posts.len(), 2);
    assert_eq!(extracted.posts[0].how, How::FeedRepaired);
    assert_eq!(
        extracted.shortfall(Ui::En).as_deref(),
        Some("repaired: 2 of 3 entries could be read")
    );
}

#[test]
fn what_is_broken_costs_one_tag() {
    let broken = |from: &str, to: &str| rss(&[ITEM, &ITEM.replace(from, to), ITEM].concat());
    for (from, to) in [
        ("</title>", "</titel>"),
        ("</item>", ""),
        ("<title>", "<enclosure url=\"a.mp3 length=\"1\"/><title>"),
        ("<title>", "<enclosure url=a.mp3 url=b.mp3/><title>"),
        ("<title>", "<!-- vieja <title>"),
        ("</title>", "</title\n"),
        ("línea.", "l&iacute;nea.&#0;"),
        ("Sin línea.", "<![CDATA[Sin línea."),
        ("Sin línea.", "<p>Sin <b>línea.</b></p>"),
        (
            "<title>",
            "<media:group><media:description/></media:group><title>",
        ),
        ("<title>", "<author>María «m@foro.test»</author><title>"),
    ] {
        let extracted = read(broken(from, to), Kind::Feed);
        assert_eq!(extracted.posts.len(), 3, "{to}");
        let middle = line(&extracted.posts[1]).replace("María", "-");
        assert_eq!(middle, TOLD, "{to}");
        assert_eq!(line(&extracted.posts[2]), TOLD, "{to}");
        assert_eq!(extracted.shortfall(Ui::Es), None, "{to}");
    }
}

#[test]
fn what_was_lost_is_told_and_nothing_read_is_never_no_news() {
    let cut = rss(&ITEM.repeat(42));
    let cut = &cut[..cut.rfind("<description>").unwrap()];
    let extracted = read(cut, Kind::Feed);
    assert_eq!(extracted.posts.len(), 41);
    assert_eq!(
        extracted.shortfall(Ui::Es).as_deref(),
        Some("reparada: se han podido leer 41 de 42 entradas")
    );
    assert_eq!(read(rss(ITEM), Kind::Feed).shortfall(Ui::Es), None);
    assert_eq!(read(rss(""), Kind::Feed).failure(), None);
    check_refused(
        "<rss version=\"2.0\"><channel><title>x</title><link>http",
        Kind::Feed,
        "the feed ends before its first entry",
    );
    for none in [
        "<rss version=\"2.0\"><channel><item <description></channel></rss>",
        "<rss version=\"2.0\"><cha\"nnel><item><title>uno",
    ] {
        let failure = read(none, Kind::Feed).failure().map(str::to_owned);
        let said = failure.unwrap_or_default();
        assert!(said.contains("none can be read"), "{none}: {said}");
    }
    // Entries of a vocabulary that nobody knows.
    for silent in [
        rss(&"<item><titel>uno</titel></item>".repeat(4)),
        format!("[{}{{}}]", "{\"texto\": \"uno\"},".repeat(3)),
    ] {
        let failure = read(silent, Kind::Feed).failure().map(str::to_owned);
        let said = failure.unwrap_or_default();
        assert!(said.contains("none has a text"), "{said}");
    }
}
