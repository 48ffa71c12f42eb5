//! Hostile documents made by code: shapes that parsers are slow at, or take much memory or stack for,
//! each of a wanted size.
//!
//! Absent: reading them. The example measures with these, and `tests/it/contained.rs` tests with them.

use std::fmt::Write as _;

/// A document of about so many bytes.
pub(crate) type Make = fn(usize) -> String;

/// One shape: what it is called, how it is read (`feed`, `blog`, `reviews`, `select`, `json`), and how
/// it is made.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) make: Make,
}

const fn shape(name: &'static str, kind: &'static str, make: Make) -> Shape {
    Shape { name, kind, make }
}

/// What the gates in process let pass.
pub(crate) const WITHIN: [Shape; 40] = [
    shape("deep leaves", "blog", deep_leaves),
    shape("deep leaves", "select", deep_leaves),
    shape("branches", "blog", branches),
    shape("links", "blog", |n| {
        page(&again("<a href='/x'>una palabra</a> ", n))
    }),
    shape("paragraphs", "blog", |n| {
        page(&again(
            "<p>Hola, me han cobrado dos veces, y nadie contesta.",
            n,
        ))
    }),
    shape("line breaks", "blog", |n| {
        page(&again("Hola, nadie contesta.<br><br>", n))
    }),
    shape("tables", "blog", |n| {
        page(&again("<table><tr><td>Hola, nadie contesta.</table>", n))
    }),
    shape("lists", "blog", |n| {
        page(&again("<ul><li>Hola, nadie contesta.</ul>", n))
    }),
    shape("divisions of text", "blog", |n| {
        page(&again("<div>Hola, nadie contesta.</div>", n))
    }),
    shape("spans", "blog", |n| page(&again("<span>a</span>", n))),
    shape("blanks", "blog", |n| page(&again(" ", n))),
    shape("entities", "blog", |n| page(&again("&amp;", n))),
    shape("ampersands", "blog", |n| page(&again("&", n))),
    shape("angles", "blog", |n| page(&again("<", n))),
    shape("open comments", "blog", |n| page(&again("<!--", n))),
    shape("open tags", "blog", |n| page(&again("<a b='", n))),
    shape("fostered", "blog", |n| {
        page(&format!("<table>{}", again("a<b>c</b>", n)))
    }),
    shape("misnested", "blog", |n| {
        page(&again("<p><b><i></b>a</i></p>", n))
    }),
    shape("containers", "blog", |n| {
        page(&again("<div class='entry-content'>Hola.</div>", n))
    }),
    shape("JSON-LD scripts", "reviews", |n| {
        page(&numbered(n, |i| {
            format!(
                "<script type='application/ld+json'>{{\"@type\":\"Review\",\"reviewBody\":\"Malo {i}\"}}</script>"
            )
        }))
    }),
    shape("one JSON-LD script", "reviews", |n| {
        page(&format!(
            "<script type='application/ld+json'>[{{}}{}]</script>",
            numbered(n, |i| format!(
                ",{{\"@type\":\"Review\",\"reviewBody\":\"Malo <b>{i}</b>\"}}"
            ))
        ))
    }),
    shape("JSON-LD in JSON-LD", "reviews", nested_json_ld),
    shape("JSON-LD to be mended", "reviews", |n| {
        page(&format!(
            "<script type='application/ld+json'>{}</script>",
            again("/*;", n)
        ))
    }),
    shape("microdata", "reviews", |n| {
        page(&numbered(n, |i| {
            format!(
                "<div itemscope itemtype='https://schema.org/Review'><p itemprop=reviewBody>Malo {i}</div>"
            )
        }))
    }),
    shape("microdata in microdata", "reviews", |n| {
        page(&nested(
            "<div itemscope itemtype='https://schema.org/Review'><p itemprop=reviewBody>Malo",
            "</div>",
            200,
            n,
        ))
    }),
    shape("properties", "reviews", |n| {
        page(&format!(
            "<div itemscope itemtype='https://schema.org/Review'>{}</div>",
            again("<p itemprop='name'>", n)
        ))
    }),
    shape("microformats in microformats", "reviews", |n| {
        page(&nested(
            "<div class=h-review><p class=e-content>Malo",
            "</div>",
            200,
            n,
        ))
    }),
    shape("comments", "reviews", |n| {
        page(&numbered(n, |i| {
            format!("<li id='comment-{i}'><p>Malo {i}</p></li>")
        }))
    }),
    shape("comments in comments", "reviews", nested_comments),
    shape("classed comments in comments", "reviews", |n| {
        page(&nested(
            "<div class=comment><b class=author>Ana</b><p>Malo</p>",
            "</div>",
            200,
            n,
        ))
    }),
    shape("links and a comment", "reviews", |n| {
        page(&format!(
            "<div class=comment>{}</div>",
            again("<a class=author href='/x'>Ana</a> ", n)
        ))
    }),
    shape("items in items", "select", |n| {
        page(&nested("<div class=review>Malo ", "</div>", 250, n))
    }),
    shape("siblings", "select", |n| {
        page(&format!("<h2>a</h2>{}", again("<p>Malo", n)))
    }),
    shape("entries", "feed", |n| {
        rss(&numbered(n, |i| {
            format!(
                "<item><guid>{i}</guid><title>Malo</title><description>Me han cobrado dos veces {i}</description></item>"
            )
        }))
    }),
    shape("entries of HTML", "feed", |n| {
        rss(&numbered(n, |i| {
            format!(
                "<item><guid>{i}</guid><description>&lt;p&gt;Malo&lt;b&gt;{i}&lt;/b&gt;&lt;/p&gt;</description></item>"
            )
        }))
    }),
    shape("broken entries", "feed", |n| {
        rss(&numbered(n, |i| {
            format!("<item><guid>{i}</guid><title>R&D</title><x:y><description>Malo</item>")
        }))
    }),
    shape("entries under a large root", "feed", |n| {
        format!(
            "<rss version='2.0' {}><channel>{}<item><title>R&D</x></item></channel></rss>",
            numbered(15 << 10, |i| format!("a{i}='{}' ", "x".repeat(200))),
            again("<item><author>«a@b.test»</author></item>", n)
        )
    }),
    shape("namespaces", "feed", |n| {
        format!(
            "<rss version='2.0' {}><channel>{}</channel></rss>",
            numbered(6_000, |i| format!("xmlns:n{i}='http://{i}.test/' ")),
            again("<item><n0:a/><n9:a/></item>", n)
        )
    }),
    shape("JSON feed", "feed", |n| {
        format!(
            "{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{{}}{}]}}",
            numbered(n, |i| format!(
                ",{{\"id\":\"{i}\",\"content_html\":\"<p>Malo {i}\"}}"
            ))
        )
    }),
    shape("brackets of JSON", "json", |n| {
        format!("{{\"items\":[{}0]}}", again("[],", n))
    }),
];

/// What they refuse: deep, tangled or overloaded.
pub(crate) const BEYOND: [Shape; 12] = [
    shape("unknown tags", "feed", |n| {
        rss(&format!("<item>{}", again("<x>", n)))
    }),
    shape("media:group", "feed", |n| media("media:group", n)),
    shape("media:content", "feed", |n| media("media:content", n)),
    shape("xhtml of Atom", "feed", |n| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><title>Malo</title>\
         <content type='xhtml'>{}",
            again("<div>", n)
        )
    }),
    shape("arrays of JSON", "json", |n| again("[", n)),
    shape("nested divisions", "blog", |n| again("<div>", n)),
    shape("nested divisions", "reviews", |n| {
        format!("class=comment {}", again("<div>", n))
    }),
    shape("font with its own attribute", "blog", |n| {
        numbered(n, |i| format!("<p><font a{i}>x"))
    }),
    shape("bold in tables", "blog", |n| again("<table><b>", n)),
    shape("attributes", "blog", |n| {
        format!("<p {}>Malo", numbered(n, |i| format!("a{i}=b ")))
    }),
    shape("tangle", "blog", |n| {
        page(&format!("{}{}", "<div>".repeat(500), again("<i>a</i>", n)))
    }),
    shape("never closed", "blog", |n| {
        page(&again("<span>Hola, nadie contesta. ", n))
    }),
];

fn page(body: &str) -> String {
    format!("<!DOCTYPE html><html><head><title>Opiniones</title></head><body>{body}</body></html>")
}

fn rss(items: &str) -> String {
    format!("<rss version='2.0'><channel><title>x</title>{items}</channel></rss>")
}

fn again(part: &str, n_bytes: usize) -> String {
    part.repeat(n_bytes / part.len())
}

/// Parts with their number in them.
fn numbered(n_bytes: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(n_bytes + 200);
    for i in 0.. {
        if text.len() >= n_bytes {
            break;
        }
        text.push_str(&part(i));
    }
    text
}

/// Groups of elements that lie within each other, `depth` of them.
fn nested(open: &str, close: &str, depth: usize, n_bytes: usize) -> String {
    let group = open.repeat(depth) + &close.repeat(depth);
    group.repeat((n_bytes / group.len()).max(1))
}

/// Leaves below so many open elements: the most that the gate bears.
fn deep_leaves(n_bytes: usize) -> String {
    let leaf = "<p>Hola, me han cobrado dos veces, y nadie contesta desde hace semanas.</p>";
    let n_leaves = (n_bytes / leaf.len()).min(190_000);
    page(&format!("{}{}", "<div>".repeat(500), leaf.repeat(n_leaves)))
}

fn branches(n_bytes: usize) -> String {
    page(&nested("<div>Hola, ", "</div>", 480, n_bytes))
}

fn nested_json_ld(n_bytes: usize) -> String {
    let one = "{\"@type\":\"Review\",\"reviewBody\":\"Malo\",\"comment\":";
    let group = format!("{}0{}", one.repeat(100), "}".repeat(100));
    let n = (n_bytes / group.len()).max(1);
    page(&format!(
        "<script type='application/ld+json'>[{}]</script>",
        vec![group; n].join(",")
    ))
}

fn nested_comments(n_bytes: usize) -> String {
    let mut i = 0;
    let mut body = String::new();
    while body.len() < n_bytes {
        for _ in 0..200 {
            i += 1;
            let _ = write!(body, "<div id='comment-{i}'><p>Malo {i}</p>");
        }
        body.push_str(&"</div>".repeat(200));
    }
    page(&body)
}

fn media(tag: &str, n_bytes: usize) -> String {
    rss(&format!(
        "<item><title>Malo</title>{}",
        again(&format!("<{tag}>"), n_bytes)
    ))
}
