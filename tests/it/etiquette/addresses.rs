//! S1, S2 and rules 38 to 42: no address that is not public is reached, whichever way it comes.
//!
//! The test runs itself again in a network namespace of its own, where *every* address leads to this
//! process: a canary that cannot be missed, and nothing can leave the machine. Four ways are tried: as
//! a source, as a redirect, as the link of an entry whose full text is wanted, and as an outline of an
//! imported list. A further way is a further line in [`every_way`].

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use escucha::fetch::{Accept, Request};
use escucha::model::{SourceId, Timestamp};
use escucha::settings::{IpNetwork, SourceSettings};

use super::*;
use crate::fetch::ssrf;
use crate::support::binary::{Home, err, rows};
use crate::support::{namespace, say};

/// A file with one URL a line to be tried as well; `\t` and `\n` in it are a tab and a line feed.
const MORE: &str = "ESCUCHA_TEST_ADDRESSES";
const PUBLIC: &str = "93.184.216.34";
/// The port of the lists. It is none of the web's, which alone refuses it: each is tried on 80 too.
const CANARY: u16 = 2700;
const WEB: u16 = 80;
const NAME: &str = "etiquette::addresses::s1_no_address_of_the_list_is_reached_by_any_way";

/// Makes every address of both families one of this namespace's own.
const SCRIPT: &str = "
command -v ip >/dev/null || { echo 'ip is missing: install iproute2' >&2; exit 1; }
ip link set lo up && ip route add local 0.0.0.0/0 dev lo || exit 1
ip -6 route add local ::/0 dev lo || echo 'IPv6 is switched off here' >&2
exec \"$@\"
";

#[test]
fn s1_no_address_of_the_list_is_reached_by_any_way() {
    if namespace::is_inside(NAME, "-rn", SCRIPT) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(every_way());
    }
}

async fn every_way() {
    let everywhere = |port: u16| async move {
        let any = if has_ipv6() { "[::]" } else { "0.0.0.0" };
        Server::start_on(&format!("{any}:{port}")).await
    };
    let (web, canary) = (everywhere(80).await, everywhere(CANARY).await);
    let others = [
        everywhere(22).await,
        everywhere(443).await,
        everywhere(8_443).await,
    ];
    the_canary_sings(&canary).await;
    let n_sung = canary.connections();
    for (nth, (name, urls)) in lists().into_iter().enumerate() {
        let sources = as_sources(&urls).await;
        let redirects = as_redirects(&web, nth, &urls).await;
        as_links(&web, &urls).await;
        let outlines = as_outlines(&urls).await;
        let counted = [
            ("sources", sources),
            ("redirects", redirects),
            ("outlines", outlines),
        ];
        for (way, reasons) in counted {
            say(&format!(
                "{name}: {} URLs as {way}: {reasons:?}",
                urls.len()
            ));
        }
        say(&format!(
            "{name}: {} URLs as links of full texts",
            urls.len()
        ));
    }
    assert_eq!(canary.connections(), n_sung, "the canary was reached");
    for other in &others {
        assert_eq!(other.connections(), 0, "port {}", other.port());
    }
    // Port 80 plays the public web, at one address alone.
    let strange: Vec<IpAddr> = web
        .reached()
        .into_iter()
        .filter(|ip| ip.to_canonical().to_string() != PUBLIC)
        .collect();
    assert_eq!(strange, [] as [IpAddr; 0]);
}

/// Zero hits mean something only where a hit is possible: with every network allowed, all are reached.
async fn the_canary_sings(canary: &Server) {
    canary.route("/", Answer::ok(RSS, "sung"));
    let everything = ["0.0.0.0/0", "::/0"].map(|net| IpNetwork::parse(net).unwrap());
    let fetch = escucha::settings::FetchSettings {
        allow_private: everything.into(),
        ..Default::default()
    };
    let client = Client::with_resolver(&fetch, Limits::default(), look_up).unwrap();
    let mut hosts = vec![
        "127.0.0.1",
        "10.0.0.5",
        "169.254.169.254",
        "8.8.8.8",
        "private.test",
    ];
    if has_ipv6() {
        hosts.extend(["[::1]", "[fd00::5]", "[64:ff9b::7f00:1]", "private6.test"]);
    }
    for host in &hosts {
        let url = Url::parse(&format!("http://{host}:{CANARY}/")).unwrap();
        let got = client.get(&request(&url)).await;
        assert!(got.is_ok(), "{host}: {got:?}");
    }
    assert_eq!(canary.connections(), hosts.len());
}

fn lists() -> Vec<(String, Vec<String>)> {
    let mut lists = vec![
        ("own list".to_owned(), ssrf::addresses(CANARY)),
        ("own list, port 80".to_owned(), ssrf::addresses(WEB)),
    ];
    if let Some(path) = std::env::var_os(MORE) {
        let text = std::fs::read_to_string(&path).expect("ESCUCHA_TEST_ADDRESSES can be read");
        let line = |line: &str| line.replace("\\t", "\t").replace("\\n", "\n");
        let as_given: Vec<String> = text.lines().map(line).collect();
        let on_80 = as_given
            .iter()
            .map(|url| url.replace(&format!(":{CANARY}"), ":80"));
        lists.push((format!("{MORE}, port 80"), on_80.collect()));
        lists.push((MORE.to_owned(), as_given));
    }
    lists
}

fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

async fn look_up(name: String) -> io::Result<Vec<IpAddr>> {
    let public: IpAddr = PUBLIC.parse().unwrap();
    match name.trim_end_matches('.') {
        "public.test" => Ok(vec![public]),
        "mixed.test" => Ok(vec![public, "127.0.0.1".parse().unwrap()]),
        _ => ssrf::table(&name),
    }
}

fn request(url: &Url) -> Request<'_> {
    Request {
        url,
        etag: None,
        last_modified: None,
        accept: Accept::Feed,
        now: Timestamp(1_800_000_000_000),
    }
}

/// A service that may reach public addresses only, with these sources.
async fn open_service(folder: &tempfile::TempDir, urls: &[Url], full_text: bool) -> Arc<Service> {
    let one = source("public", "/", "every = \"15m\"");
    let smtp = Smtp::start().await;
    let text = configuration(&one, "", 80, smtp.port);
    let mut settings = settings(folder, &text);
    settings.fetch.allow_private.clear();
    let like = settings.sources.remove(0);
    let source = |(n, url): (usize, &Url)| SourceSettings {
        id: SourceId::of_name(&format!("s{n}")),
        name: format!("s{n}"),
        url: url.clone(),
        full_text,
        ..like.clone()
    };
    settings.sources = urls.iter().enumerate().map(source).collect();
    let client = Client::with_resolver(&settings.fetch, Limits::default(), look_up).unwrap();
    let mailer = Mailer::new(settings.smtp.as_ref().unwrap()).unwrap();
    let path = folder.path().join("escucha.db");
    let store = Store::open_sqlite(&path, Role::Service).await.unwrap();
    let engine = Engine::new(settings, &store, "a key").await.unwrap();
    Service::new(
        store,
        client,
        binary::reader(),
        mailer,
        "w".to_owned(),
        engine,
    )
}

async fn all_read(service: &Arc<Service>) {
    service.prepare().await.unwrap();
    let token = CancellationToken::new();
    Box::pin(daemon::once(service, &token)).await.unwrap();
}

/// Each is refused with its reason, which stands with the source for the operator.
async fn as_sources(urls: &[String]) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    let mut parsed = Vec::new();
    for text in urls {
        match Url::parse(text) {
            Ok(url) => parsed.push(url),
            Err(_) => *reasons.entry("no URL".to_owned()).or_default() += 1,
        }
    }
    // More sources than these would be spread over their interval.
    for some in parsed.chunks(50) {
        let folder = tempfile::tempdir().unwrap();
        let service = open_service(&folder, some, false).await;
        all_read(&service).await;
        let states = service.store.source_states().await.unwrap();
        assert_eq!(states.len(), some.len());
        for state in states {
            let n: usize = state.name[1..].parse().unwrap();
            let url = &some[n];
            let trouble = state.trouble.unwrap_or_default();
            *reasons.entry(reason(url, &trouble)).or_default() += 1;
        }
    }
    reasons
}

/// What the operator's sentence says, in a word.
#[track_caller]
fn reason(url: &Url, trouble: &str) -> String {
    let words = [
        ("no es pública", "not public"),
        ("contraseña", "userinfo"),
        ("El puerto", "port"),
        ("solo lee http", "scheme"),
        ("No se encuentra el servidor", "no such name"),
        ("no dice dónde", "no URL"),
        ("no es una dirección: debe", "no URL"),
        // Of the public server itself, where the address is only in the path or the fragment.
        ("(404)", "public"),
    ];
    let found = words.iter().find(|(words, _)| trouble.contains(words));
    let Some((_, reason)) = found else {
        panic!("{url}: {trouble:?}");
    };
    let is_public = matches!(url.host_str(), Some("public.test" | "world.test"));
    assert!(is_public || *reason != "public", "{url}: {trouble}");
    (*reason).to_owned()
}

async fn as_redirects(web: &Server, nth: usize, urls: &[String]) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    let one_line = |text: &String| text.replace(['\t', '\n', '\u{1}'], "");
    let targets: Vec<String> = urls.iter().map(one_line).collect();
    for (at, some) in targets.chunks(50).enumerate() {
        let start = |n: usize| format!("/r{nth}-{at}-{n}");
        for (n, target) in some.iter().enumerate() {
            web.route(&start(n), Answer::redirect(302, target));
        }
        let starts: Vec<Url> = (0..some.len())
            .map(|n| format!("http://public.test{}", start(n)).parse().unwrap())
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let service = open_service(&folder, &starts, false).await;
        all_read(&service).await;
        for state in service.store.source_states().await.unwrap() {
            let n: usize = state.name[1..].parse().unwrap();
            let trouble = state.trouble.unwrap_or_default();
            let target = starts[n].join(&some[n]);
            let target = target.unwrap_or_else(|_| "none:".parse().unwrap());
            *reasons.entry(reason(&target, &trouble)).or_default() += 1;
            assert_eq!(web.hits(&start(n)), 1, "{}", some[n]);
        }
    }
    reasons
}

/// An entry that links there is scored by its summary; nothing is asked.
async fn as_links(web: &Server, urls: &[String]) {
    let escaped = |url: &str| {
        url.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('\u{1}', "")
    };
    let (article, now) = ("http://public.test/articulo", escucha::clock::now());
    let links = urls.iter().map(String::as_str).chain([article]);
    let items: Vec<String> = links
        .enumerate()
        .map(|(n, url)| {
            format!(
                "<item><guid isPermaLink=\"false\">{n}</guid><link>{}</link><title>t {n}</title>\
                 <pubDate>{now}</pubDate><description>Resumen {n}, que sigue…</description></item>",
                escaped(url)
            )
        })
        .collect();
    let items = items.concat();
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    web.route("/feed", Answer::ok(RSS, body));
    let text = "El texto entero del artículo, que dice bastante más que su resumen. ".repeat(9);
    let html = format!("<html><article><h1>t</h1><p>{text}</p></article></html>");
    web.route("/articulo", Answer::ok(HTML, html));
    let n_before = web.hits("/articulo");
    let folder = tempfile::tempdir().unwrap();
    let feed = "http://public.test/feed".parse().unwrap();
    let service = open_service(&folder, &[feed], true).await;
    all_read(&service).await;
    let n_posts = service.store.counts().await.unwrap().posts;
    assert_eq!(n_posts as usize, urls.len() + 1, "every entry is a post");
    assert_eq!(
        web.hits("/articulo"),
        n_before + 1,
        "the good link was read"
    );
}

/// An imported list names them: each is refused with its reason, or as a source at its first reading.
async fn as_outlines(urls: &[String]) -> BTreeMap<String, usize> {
    let escaped = |url: &String| {
        url.replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('\t', "&#9;")
            .replace('\n', "&#10;")
    };
    let outline = |(n, url)| {
        format!(
            "<outline text=\"s{n}\" type=\"rss\" xmlUrl=\"{}\"/>",
            escaped(url)
        )
    };
    let outlines: String = urls.iter().enumerate().map(outline).collect();
    let smtp = Smtp::start().await;
    let one = source("public", "/", "every = \"15m\"");
    let text = configuration(&one, "", 80, smtp.port).replace("[\"127.0.0.0/8\"]", "[]");
    let home = Home::new(&text, "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n");
    let list = format!("<opml version=\"2.0\"><body>{outlines}</body></opml>");
    home.write("list.opml", &list);
    let imported = home.run(&["import", "list.opml", "--json"]).await;
    let rows = rows(&imported);
    assert_eq!(rows.len(), urls.len(), "{}", err(&imported));
    let mut reasons = BTreeMap::new();
    let none: Url = "none:".parse().unwrap();
    for (row, text) in rows.iter().zip(urls) {
        let reason = match (row["error"].as_str(), row["what"].as_str()) {
            (Some(said), None) => {
                let url = Url::parse(text).unwrap_or_else(|_| none.clone());
                reason(&url, said)
            }
            (None, Some("known")) => "known".to_owned(),
            // What a name leads to is seen at its first reading.
            (None, Some("added")) => "added".to_owned(),
            _ => panic!("{text}: {row}"),
        };
        *reasons.entry(reason).or_default() += 1;
    }
    let settings = config::load(&home.path().join("escucha.toml"), &|_| None).unwrap();
    assert_eq!(
        settings.sources.len(),
        1 + reasons.get("added").unwrap_or(&0)
    );
    let all: Vec<Url> = settings
        .sources
        .into_iter()
        .skip(1)
        .map(|s| s.url)
        .collect();
    for (said, n) in as_sources(&all.iter().map(Url::to_string).collect::<Vec<_>>()).await {
        *reasons.entry(format!("added, then {said}")).or_default() += n;
    }
    reasons
}
