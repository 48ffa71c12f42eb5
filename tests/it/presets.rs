//! Presets and recipes against a local server: what is asked, and what comes of the answer. The
//! fixtures are written from the sites' documentation; no live site was asked.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

/// A route by its path and its fixture.
macro_rules! route {
    ($path:literal, $fixture:literal) => {
        (
            $path,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/fixtures/presets/",
                $fixture
            )),
        )
    };
}

mod capture;
mod faults;
mod polls;

use escucha::config;
use escucha::extract::{self, Document, Kind, Reading};
use escucha::fetch::{Accept, Body, Client, Request};
use escucha::model::{Post, Timestamp};
use escucha::settings::{Settings, SourceKind, SourceSettings};

use crate::support::http::{Answer, Server};
use crate::support::tally;

const KEYWORDS: &str = "[[watch]]\nname = \"w\"\nquery = 'ejemplo'\n";

/// 2026-11-20T12:00:00Z.
const NOW: Timestamp = Timestamp(1_795_176_000_000);

/// The settings of a configuration with this in its one `[[source]]`.
fn load(source: &str) -> Result<Settings, config::Complaints> {
    let dir = tempfile::tempdir().unwrap();
    let operator = format!(
        "language = \"en\"\n[company]\nname = \"X\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
         [[source]]\nname = \"s\"\n{source}\n"
    );
    std::fs::write(dir.path().join("escucha.toml"), operator).unwrap();
    std::fs::write(dir.path().join("keywords.toml"), KEYWORDS).unwrap();
    config::load(&dir.path().join("escucha.toml"), &|_| None)
}

/// One document that a server gives, whatever the query: its path and its fixture.
type Route = (&'static str, &'static str);

async fn serve(routes: &[Route]) -> Server {
    tally("http");
    let server = Server::start().await;
    for (path, fixture) in routes {
        let kind = match fixture.get(..5) {
            Some("<?xml") => "application/xml",
            Some("<html" | "<!doc" | "<!DOC") => "text/html; charset=utf-8",
            _ => "application/json; charset=utf-8",
        };
        let body = fixture.replace("{{base}}", server.url("").as_str().trim_end_matches('/'));
        let body = if body.contains("ISO-8859-1") {
            body.chars().map(|c| u8::try_from(c).unwrap()).collect()
        } else {
            body.into_bytes()
        };
        server.route(path, Answer::ok(kind, body).etag("\"v1\""));
    }
    server
}

/// Reads a source of the configuration as the service does, without its robots.txt and its database.
async fn read(settings: &Settings, source: &SourceSettings) -> Vec<String> {
    let client = Client::new(&settings.fetch).unwrap();
    let (accept, kind) = match source.kind {
        SourceKind::Feed => (Accept::Feed, Kind::Feed),
        SourceKind::Json => (Accept::Json, Kind::Json),
        SourceKind::Blog => (Accept::Page, Kind::Blog),
        SourceKind::Reviews => (Accept::Page, Kind::Reviews),
        SourceKind::Mailbox => panic!("no preset is a mailbox"),
    };
    let request = Request {
        url: &source.url,
        etag: None,
        last_modified: None,
        accept,
        now: NOW,
    };
    let response = match client.get(&request).await {
        Ok(response) => response,
        Err(error) => return vec![error.sentence(settings.ui)],
    };
    let Body::Bytes(body) = response.body else {
        panic!("nothing was asked conditionally");
    };
    let document = Document {
        body: &body,
        content_type: response.content_type.as_deref(),
        url: Some(&response.final_url),
    };
    let reading = Reading {
        kind,
        select: source.select.as_ref(),
        map: source.map.as_ref(),
        lang: source.lang,
        now: NOW,
        local: escucha::model::LocalTime::utc(),
    };
    let extracted = extract::posts(&document, &reading);
    let mut lines: Vec<String> = extracted.posts.iter().map(line).collect();
    lines.extend(
        extracted
            .problems
            .iter()
            .map(|problem| format!("! {}", problem.detail)),
    );
    lines
}

/// id | title | text | author | link | date | rating | answers
fn line(post: &Post) -> String {
    let or = |value: Option<&String>| value.map_or("-", String::as_str).to_owned();
    [
        or(post.guid.as_ref()),
        or(post.title.as_ref()),
        post.text.replace('\n', "/"),
        or(post.author.as_ref()),
        or(post.url.as_ref()),
        or(post.published.map(|at| at.to_string()).as_ref()),
        or(post.rating.map(|rating| format!("{rating:.2}")).as_ref()),
        or(post.reply_to.as_ref()),
    ]
    .join(" | ")
}

/// `source` with `@` for the server's address makes these requests and yields these posts.
async fn check(source: &str, routes: &[Route], expected: &[&str]) {
    let server = serve(routes).await;
    let base = server.url("").to_string();
    let base = base.trim_end_matches('/');
    let settings = load(&source.replace("@@", base)).unwrap_or_else(|wrong| panic!("{wrong}"));
    let mut told = Vec::new();
    for source in &settings.sources {
        let posts = read(&settings, source).await;
        let asked = server.requests().pop().unwrap().path;
        told.push(format!("{} GET {asked}", source.name));
        told.extend(posts);
    }
    let told: Vec<String> = told.iter().map(|line| line.replace(base, "@@")).collect();
    assert_eq!(told, expected, "{source}");
}

#[tokio::test]
async fn blogs_are_read_with_their_comments() {
    check(
        "kind = \"wordpress\"\nurl = \"@@/\"",
        &[
            route!("/feed/", "wordpress.xml"),
            route!("/comments/feed/atom/", "wordpress-comments.xml"),
        ],
        &[
            "s GET /feed/",
            "@@/?p=12 | Dos cargos y ninguna respuesta | Telefonía Ejemplo me cobró dos veces y \
             nadie contesta. | Ana | @@/2026/11/dos-cargos/ | 2026-11-19T09:00:00Z | - | -",
            "s/comments GET /comments/feed/atom/",
            "@@/?p=12#comment-8 | Comentario en Dos cargos y ninguna respuesta por Javier | A mí \
             también me cobran dos veces desde marzo y nadie contesta. | Javier | @@/2026/11/dos-cargos/#comment-8 | \
             2026-11-20T08:00:00Z | - | @@/?p=12",
            "@@/?p=12#comment-9 | Comentario en Dos cargos y ninguna respuesta por Eva | ¿Y qué le \
             dijeron? | Eva | @@/2026/11/dos-cargos/#comment-9 | 2026-11-20T09:00:00Z | - | \
             @@/?p=12#comment-8",
        ],
    )
    .await;
    check(
        "kind = \"blogger\"\nurl = \"@@\"",
        &[
            route!("/feeds/posts/default", "blogger.xml"),
            route!("/feeds/comments/default", "blogger-comments.xml"),
        ],
        &[
            "s GET /feeds/posts/default?max-results=100",
            "tag:blogger.com,1999:blog-77.post-501 | Sin línea | Tres días sin línea con Telefonía \
             Ejemplo. | Marcos | @@/2026/11/sin-linea.html | 2026-11-19T09:00:00Z | - | -",
            "s/comments GET /feeds/comments/default?max-results=100",
            "tag:blogger.com,1999:blog-77.post-900 | Aquí igual, y no vino nadie. | Aquí igual, y no \
             vino nadie. | Lucía | @@/2026/11/sin-linea.html?showComment=1#c900 | \
             2026-11-20T06:30:00Z | - | tag:blogger.com,1999:blog-77.post-501",
        ],
    )
    .await;
}

#[tokio::test]
async fn forums_are_read() {
    check(
        "kind = \"discourse\"\nurl = \"@@\"",
        &[route!("/posts.json", "discourse.json")],
        &[
            "s GET /posts.json",
            "3102 | Factura doble | Llamé & nadie contesta. | eva | @@/t/factura-doble/88/3 | \
             2026-11-20T09:10:00Z | - | @@/t/factura-doble/88/2",
            "3101 | Factura doble | ¿De qué mes? | soporte | @@/t/factura-doble/88/2 | \
             2026-11-20T09:00:00Z | - | @@/t/factura-doble/88/1",
            "3100 | Factura doble | Me cobran dos veces. | javier | @@/t/factura-doble/88/1 | \
             2026-11-19T18:00:00Z | - | -",
        ],
    )
    .await;
    check(
        "kind = \"phpbb\"\nurl = \"@@/foro/\"",
        &[route!("/foro/feed.php", "phpbb.xml")],
        &[
            "s GET /foro/feed.php",
            "@@/foro/viewtopic.php?p=455#p455 | Quejas • Re: Avería | Ya van cinco \
             llamadas./Estadísticas: Publicado por rodrigo | rodrigo | \
             @@/foro/viewtopic.php?p=455#p455 | 2026-11-20T09:15:00Z | - | -",
        ],
    )
    .await;
    check(
        "kind = \"vbulletin\"\nurl = \"@@/foro\"",
        &[route!("/foro/external.php", "vbulletin.xml")],
        &[
            "s GET /foro/external.php?type=RSS2&lastpost=1",
            "@@/foro/showthread.php?t=9 | Reclamación sin respuesta | Me siguen cobrando después de \
             la baja. | nuria82 | @@/foro/showthread.php?t=9&goto=newpost | 2026-11-20T08:45:00Z | - \
             | -",
        ],
    )
    .await;
    check(
        "kind = \"stackexchange\"\nurl = \"@@\"\ntag = \"ejemplo\"",
        &[route!("/feeds/tag/ejemplo", "stackexchange.xml")],
        &[
            "s GET /feeds/tag/ejemplo",
            "@@/q/601 | La API de Ejemplo devuelve 500 | Escribí al soporte y no contestan. | Rosa \
             Gil | @@/questions/601/la-api-de-ejemplo-devuelve-500 | 2026-11-20T09:40:00Z | - | -",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_google_finds_is_read() {
    check(
        "kind = \"googlenews\"\nsearch = '\"telefonía ejemplo\"'\ncountry = \"MX\"\nurl = \"@@\"",
        &[route!("/rss/search", "googlenews.xml")],
        &[
            "s GET /rss/search?q=%22telefon%C3%ADa%20ejemplo%22%20when:2d&hl=es-419&gl=MX&ceid=MX:\
             es-419",
            "CBMiQ0FB | Multan a Telefonía Ejemplo por cobros duplicados - El Diario de Prueba | \
             Multan a Telefonía Ejemplo por cobros duplicados El Diario de Prueba | - | \
             https://news.google.com/rss/articles/CBMiQ0FB?oc=5 | 2026-11-19T08:00:00Z | - | -",
        ],
    )
    .await;
    check(
        "kind = \"googlealerts\"\nurl = \"@@/alerts/feeds/1/2\"",
        &[route!("/alerts/feeds/1/2", "googlealerts.xml")],
        &[
            "s GET /alerts/feeds/1/2",
            "tag:google.com,2013:googlealerts/feed:771 | Telefonía Ejemplo no contesta | Llevo dos \
             semanas esperando a Telefonía Ejemplo ... | - | https://blog.test/queja?p=1 | \
             2026-11-20T06:00:00Z | - | -",
        ],
    )
    .await;
}

#[tokio::test]
async fn reviews_of_an_app_are_read_and_the_app_is_none() {
    let source = "kind = \"appstore\"\nurl = \"@@\"\napp = \"id123456789\"\ncountry = \"ES\"";
    let path = "/es/rss/customerreviews/page=1/id=123456789/sortby=mostrecent/json";
    let asked = format!("s GET {path}");
    let nuria = "9001 | No deja entrar | Desde la actualización no entra. | Nuria P. | \
                 https://apps.apple.com/es/app/id123456789?see-all=reviews#9001 | \
                 2026-11-19T09:15:07Z | 0.20 | -";
    let quique = "9000 | Bien | Va bien. | Quique | \
                  https://apps.apple.com/es/app/id123456789?see-all=reviews#9000 | \
                  2026-11-18T17:00:00Z | 1.00 | -";
    let many = [route!(
        "/es/rss/customerreviews/page=1/id=123456789/sortby=mostrecent/json",
        "appstore.json"
    )];
    check(source, &many, &[&asked, nuria, quique]).await;
    let one = [route!(
        "/es/rss/customerreviews/page=1/id=123456789/sortby=mostrecent/json",
        "appstore-one.json"
    )];
    check(source, &one, &[&asked, nuria]).await;
}

#[tokio::test]
async fn short_messages_are_read() {
    check(
        "kind = \"mastodon\"\nurl = \"@@\"\ntag = \"#TelefoníaEjemplo\"",
        &[route!("/api/v1/timelines/tag/Telefon%C3%ADaEjemplo", "mastodon.json")],
        &[
            "s GET /api/v1/timelines/tag/Telefon%C3%ADaEjemplo?limit=40",
            "113500000000000002 | - | Y siguen sin contestar. #telefoniaejemplo | javier@otro.test | \
             https://otro.test/@javier/2 | 2026-11-20T08:30:00Z | - | 113500000000000001",
            "113500000000000001 | - | ¿Alguien más con doble cobro? | eva | \
             https://mastodon.test/@eva/1 | 2026-11-19T20:00:00Z | - | -",
        ],
    )
    .await;
    check(
        "kind = \"bluesky\"\nchannel = \"@eva.test\"\nurl = \"@@\"",
        &[route!("/xrpc/app.bsky.feed.getAuthorFeed", "bluesky.json")],
        &[
            "s GET /xrpc/app.bsky.feed.getAuthorFeed?actor=eva.test&limit=100",
            "at://did:plc:abc/app.bsky.feed.post/3kq2 | - | Otra semana sin técnico. | eva.test | \
             https://bsky.app/profile/eva.test/post/3kq2 | 2026-11-20T06:20:00Z | - | \
             at://did:plc:abc/app.bsky.feed.post/3kq1",
            "at://did:plc:abc/app.bsky.feed.post/3kq1 | - | Telefonía Ejemplo no viene. | eva.test | \
             https://bsky.app/profile/eva.test/post/3kq1 | 2026-11-13T06:20:00Z | - | -",
        ],
    )
    .await;
    check(
        "kind = \"telegram\"\nchannel = \"telefoniaejemplo\"\nurl = \"@@\"",
        &[route!("/s/telefoniaejemplo", "telegram.html")],
        &[
            "s GET /s/telefoniaejemplo",
            "telefoniaejemplo/40 | - | Hay una avería en Burgos./Trabajamos en ello. | Avisos Ejemplo \
             | https://t.me/telefoniaejemplo/40 | 2026-11-19T09:00:00Z | - | -",
            "telefoniaejemplo/41 | - | Resuelta. | Avisos Ejemplo | https://t.me/telefoniaejemplo/41 \
             | 2026-11-19T15:00:00Z | - | https://t.me/telefoniaejemplo/40",
        ],
    )
    .await;
}

#[tokio::test]
async fn communities_are_read() {
    check(
        "kind = \"hackernews\"\nsearch = \"telefonía\"\nurl = \"@@\"",
        &[route!("/api/v1/search_by_date", "hackernews.json")],
        &[
            "s GET /api/v1/search_by_date?query=telefon%C3%ADa&tags=(story,comment)&hitsPerPage=100",
            "42000002 | Telefonía Ejemplo outage | They charged me twice & never answered. | jgarcia \
             | https://news.ycombinator.com/item?id=42000002 | 2026-11-20T07:00:00Z | - | 42000001",
            "42000001 | Telefonía Ejemplo outage | Telefonía Ejemplo outage | pg2 | \
             https://news.ycombinator.com/item?id=42000001 | 2026-11-19T21:00:00Z | - | -",
        ],
    )
    .await;
    let nuria = "t3_1abcde | No me dan la baja | Telefonía Ejemplo no me da la baja. | /u/nuria_p | \
                 https://www.reddit.com/r/spain/comments/1abcde/no_me_dan_la_baja/ | \
                 2026-11-20T08:50:00Z | - | -";
    let reddit = [
        route!("/r/spain/new/.rss", "reddit.xml"),
        route!("/r/spain/comments/.rss", "reddit.xml"),
        route!("/search.rss", "reddit.xml"),
        route!("/r/spain/search.rss", "reddit.xml"),
    ];
    check(
        "kind = \"reddit\"\nchannel = \"r/spain\"\nurl = \"@@\"",
        &reddit,
        &[
            "s GET /r/spain/new/.rss?limit=100",
            nuria,
            "s/comments GET /r/spain/comments/.rss?limit=100",
            nuria,
        ],
    )
    .await;
    let search = "s GET /search.rss?q=ejemplo&sort=new&limit=100";
    check(
        "kind = \"reddit\"\nsearch = \"ejemplo\"\nurl = \"@@\"",
        &reddit,
        &[search, nuria],
    )
    .await;
    let both = "s GET /r/spain/search.rss?q=ejemplo&restrict_sr=on&sort=new&limit=100";
    check(
        "kind = \"reddit\"\nsearch = \"ejemplo\"\nchannel = \"spain\"\nurl = \"@@\"",
        &reddit,
        &[both, nuria],
    )
    .await;
    check(
        "kind = \"youtube\"\nchannel = \"UC0123456789abcdefghijkl\"\nurl = \"@@\"",
        &[route!("/feeds/videos.xml", "youtube.xml")],
        &[
            "s GET /feeds/videos.xml?channel_id=UC0123456789abcdefghijkl",
            "yt:video:vid01 | Mi pelea con Telefonía Ejemplo | Dos meses sin respuesta. | Consumo \
             claro | https://www.youtube.com/watch?v=vid01 | 2026-11-18T17:00:00Z | - | -",
            "yt:video:vid02 | Un directo |  | Consumo claro | \
             https://www.youtube.com/watch?v=vid02 | 2026-11-17T17:00:00Z | - | -",
            "! repaired: 2 of 2 entries could be read",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_lemmy_community_or_search_is_posts_and_comments() {
    let post = "https://lemmy.test/post/11 | Telefonía Ejemplo no contesta | Tres **correos** y nada. \
                | joana | https://lemmy.test/post/11 | 2026-11-19T11:00:00Z | - | -";
    let comment = "https://otra.test/comment/90 | Telefonía Ejemplo no contesta | A mí tampoco. | \
                   marcos | https://otra.test/comment/90 | 2026-11-19T12:30:00Z | - | \
                   https://lemmy.test/post/11";
    check(
        "kind = \"lemmy\"\nurl = \"@@\"\nchannel = \"spain\"",
        &[
            route!("/api/v3/post/list", "lemmy-posts.json"),
            route!("/api/v3/comment/list", "lemmy-comments.json"),
        ],
        &[
            "s GET /api/v3/post/list?type_=All&sort=New&limit=50&community_name=spain",
            post,
            "s/comments GET /api/v3/comment/list?type_=All&sort=New&limit=50&community_name=spain",
            comment,
        ],
    )
    .await;
}

#[tokio::test]
async fn recipes_read_pages_like_those_they_were_written_from() {
    let page = |host: &str, path: &str| format!("recipe = \"{host}\"\nurl = \"{path}\"");
    for (source, expected) in [
        (
            page("trustpilot", "https://es.trustpilot.com/review/x.test"),
            "65a1 | Fatal | Nadie contesta al teléfono. | Javier R. | - | 2026-11-18T09:00:00Z | \
             0.20 | -",
        ),
        (
            page("reclamos-cl", "https://www.reclamos.cl/telecomunicaciones"),
            "- | - | Telefonía Ejemplo me cobra dos veces | - | \
             https://www.reclamos.cl/reclamo/telefonia_ejemplo_me_cobra_dos_veces | - | - | -/\
             - | - | No llega mi pedido | - | https://www.reclamos.cl/reclamo/no_llega_mi_pedido | - \
             | - | -",
        ),
    ] {
        let settings = load(&source).unwrap_or_else(|wrong| panic!("{wrong}"));
        let known = &settings.sources[0];
        let html = match known.url.host_str() {
            Some("www.reclamos.cl") => include_str!("../fixtures/presets/reclamos-cl.html"),
            _ => include_str!("../fixtures/presets/trustpilot.html"),
        };
        let document = Document {
            body: html.as_bytes(),
            content_type: None,
            url: Some(&known.url),
        };
        let reading = Reading {
            kind: Kind::Reviews,
            select: known.select.as_ref(),
            map: known.map.as_ref(),
            lang: None,
            now: NOW,
            local: escucha::model::LocalTime::utc(),
        };
        let extracted = extract::posts(&document, &reading);
        let lines: Vec<String> = extracted.posts.iter().map(line).collect();
        assert_eq!(lines.join("/"), expected);
        assert!(
            known
                .remark
                .as_ref()
                .unwrap()
                .contains("escrita sin ver el sitio")
        );
    }
    check(
        "recipe = \"reclameaqui\"\nchannel = \"103\"\nurl = \"@@\"",
        &[route!("/raichu-io-site-search-0.0.1-SNAPSHOT/complains", "reclameaqui.json")],
        &[
            "s GET /raichu-io-site-search-0.0.1-SNAPSHOT/complains?index=0&offset=50&order=created&\
             orderType=desc&fields=id,created,status,title,description,userCity&company=103&\
             deleted=bool:false",
            "abc123 | Cobrança em duplicidade | Fui cobrado duas vezes e ninguém responde. | - | - | \
             2026-11-18T14:03:00Z | - | -",
        ],
    )
    .await;
    check(
        "recipe = \"khoros\"\nchannel = \"ejemplo\"\nurl = \"@@\"",
        &[route!("/t5/s/ejemplo/rss/Community", "khoros.xml")],
        &[
            "s GET /t5/s/ejemplo/rss/Community",
            "@@/t5/foro/Sin-fibra/m-p/120#M7 | Re: Sin fibra | Sigo sin técnico. | pilar_77 | \
             @@/t5/foro/Sin-fibra/m-p/120#M7 | 2026-11-20T09:00:00Z | - | -",
        ],
    )
    .await;
}
