//! Rules 65 to 67, 69 and 70: what becomes of the words. (36 and 68, https: `fetch::ssrf`.)

use escucha::model::Level;

use super::*;

/// The texts of all posts after reading this answer, in order.
async fn texts(town: &Town) -> Vec<String> {
    let mut texts: Vec<String> = town
        .service
        .store
        .posts_of_level(Level::None, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|stored| stored.post.text)
        .collect();
    texts.sort_unstable();
    texts
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[tokio::test]
async fn rule_65_the_encoding_is_the_one_that_the_bytes_have() {
    let text = "El niño pidió piñones en Logroño, y qué";
    let plain = feed(&[text]);
    let declared = |charset: &str| format!("<?xml version=\"1.0\" encoding=\"{charset}\"?>{plain}");
    let bom = [b"\xef\xbb\xbf".as_slice(), plain.as_bytes()].concat();
    for (charset, body) in [
        ("; charset=utf-8", plain.clone().into_bytes()),
        ("", plain.clone().into_bytes()),
        ("; charset=iso-8859-1", plain.clone().into_bytes()),
        ("; charset=iso-8859-1", latin1(&plain)),
        ("", latin1(&plain)),
        ("", latin1(&declared("iso-8859-1"))),
        ("", declared("iso-8859-1").into_bytes()),
        ("; charset=iso-8859-1", bom),
        ("", utf16(&plain)),
        ("; charset=x-no-existe", plain.clone().into_bytes()),
    ] {
        let content_type = format!("application/rss+xml{charset}");
        let town = Town::with_feed(Answer::ok(&content_type, body)).await;
        town.round().await;
        assert_eq!(texts(&town).await, [text], "{charset}");
        assert_eq!(town.requests().len(), 1);
    }
}

#[tokio::test]
async fn rule_66_control_characters_never_reach_the_database() {
    let json = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"t\",\"items\":[{\"id\":\
                \"1\",\"content_text\":\"uno\\u0000 do\\u001bs tr\\u007fes\"}]}";
    for answer in [
        rss(&["uno\0 do\u{1b}s &#0;&#1; tr\u{7f}es"]),
        Answer::ok("application/feed+json", json),
    ] {
        let town = Town::with_feed(answer).await;
        town.round().await;
        let found = texts(&town).await;
        assert_eq!(found.len(), 1);
        let is_there = found[0].contains("tres") || found[0].contains("tr es");
        assert!(is_there, "{found:?}");
        let controls = found[0].chars().filter(|c| c.is_control() && *c != '\n');
        assert_eq!(controls.count(), 0, "{found:?}");
        assert_eq!(town.requests().len(), 1);
    }
}

#[tokio::test]
async fn rule_67_the_content_type_is_not_trusted() {
    for content_type in ["text/html", "image/png", "application/octet-stream", "nada"] {
        let town = Town::with_feed(Answer::ok(content_type, feed(&["uno"]))).await;
        town.round().await;
        assert_eq!(texts(&town).await, ["uno"], "{content_type}");
    }
    for image in ["\u{89}PNG\r\n\u{1a}\n", "GIF89a", "%PDF-1.7"] {
        let town = Town::with_feed(Answer::ok(RSS, latin1(image))).await;
        town.round().await;
        assert!(town.state().await.trouble.is_some(), "{image:?}");
        assert_eq!(town.requests().len(), 1);
    }
}

#[tokio::test]
async fn rule_69_an_entry_is_known_again_by_guid_link_or_text() {
    let town = Town::with_feed(rss(&["uno dos tres cuatro"])).await;
    town.round().await;
    // The same guid with a changed text: an edit.
    town.server.route("/feed", rss(&["uno dos tres cinco"]));
    town.again().await;
    assert_eq!(texts(&town).await, ["uno dos tres cinco"]);
    // Without guid, its link; without both, its text.
    let bare = |text: &str, more: &str| {
        format!("<item>{more}<title>t</title><description>{text}</description></item>")
    };
    let link = "<link>https://foro.test/x</link>";
    let channel = |items: &str| {
        let text = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        Answer::ok(RSS, text)
    };
    let town = Town::with_feed(channel(&bare("a b c d", link))).await;
    town.round().await;
    town.server.route(
        "/feed",
        channel(&(bare("a b c e", link) + &bare("sin nada", ""))),
    );
    town.again().await;
    town.server.route(
        "/feed",
        channel(&(bare("sin nada", "") + &bare("a b c e", link))),
    );
    town.again().await;
    assert_eq!(texts(&town).await, ["a b c e", "sin nada"]);
    // One guid for all entries is none.
    let same = "<guid isPermaLink=\"false\">g</guid>";
    let town = Town::with_feed(channel(&(bare("uno", same) + &bare("dos", same)))).await;
    town.round().await;
    town.again().await;
    assert_eq!(texts(&town).await, ["dos", "uno"]);
    assert_eq!(town.requests().len(), 2);
}

#[tokio::test]
async fn rule_70_dates_are_clamped_and_a_first_reading_is_no_flood() {
    let item = |n: i64, date: &str| {
        format!(
            "<item><guid>{n}</guid><title>Queja {n}</title><author>Ana {n}</author>{date}\
             <description>Llamé {n} veces a Telefonía Ejemplo por el recibo {n} y nadie me atiende.\
             </description></item>"
        )
    };
    let old = |n: i64| item(n, "<pubDate>Sat, 01 Jan 2022 00:00:00 GMT</pubDate>");
    let channel = |items: &str| {
        let text = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        Answer::ok(RSS, text)
    };
    let items: String = (1..=40).map(old).collect();
    let undated = item(50, "");
    let town = Town::with_feed(channel(&(items.clone() + &undated))).await;
    town.round().await;
    let n_mails = town.smtp.mails().len();
    assert_eq!(n_mails, 1, "one mail for all that was there before");
    let future = item(60, "<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>");
    town.server
        .route("/feed", channel(&(items + &undated + &future)));
    town.again().await;
    assert_eq!(town.smtp.mails().len(), 2, "the new one is told");
    let newest = "SELECT MAX(published_at) FROM posts";
    let newest = levers::number(&town.database(), newest).await;
    assert!(
        newest <= escucha::clock::now().0,
        "nothing is from the future"
    );
    assert_eq!(town.requests().len(), 2);
}
