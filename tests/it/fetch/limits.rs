//! M17, R32, R33 and rules 44 to 51: whatever a server does, a fetch ends soon and small.

use std::io::Write as _;
use std::time::Duration;

use escucha::fetch::Limits;

use super::*;

const TARGET: &str = "ESCUCHA_TEST_TARGET";
const ENCODINGS: [&str; 3] = ["gzip", "deflate", "br"];

/// Small sizes and short times, so that the tests are quick.
fn small() -> Limits {
    Limits {
        body_bytes: 1 << 20,
        headers: Duration::from_millis(700),
        total: Duration::from_millis(1_500),
        ..Limits::default()
    }
}

async fn check(answer: Answer, expected: &str) {
    let told = format!("{answer:?}").chars().take(200).collect::<String>();
    let server = Server::start().await;
    server.route("/feed", answer);
    let client = Client::with_limits(&settings(&["127.0.0.1"]), small()).unwrap();
    let result = get(&client, &server.url("/feed")).await;
    assert_eq!(outcome(&result), expected, "{told}");
}

#[tokio::test]
async fn rule_44_the_body_limit_counts_what_is_unpacked() {
    check(Answer::ok(RSS, "<rss/>").gzip(), "200 <rss/>").await;
    check(Answer::gzip_bomb(2), "body-too-large").await;
    let full = vec![b'x'; 1 << 20];
    let told = format!("200 {}", "x".repeat(1 << 20));
    check(Answer::ok(RSS, full.clone()), &told).await;
    check(Answer::ok(RSS, full.clone()).gzip(), &told).await;
    check(
        Answer::ok(RSS, [full, vec![b'x']].concat()),
        "body-too-large",
    )
    .await;
}

/// Hundreds of fetches are under way at once: not all of them may hold a body of the full size.
#[tokio::test]
async fn few_large_bodies_are_held_at_a_time() {
    let server = Server::start().await;
    server.route("/large", Answer::ok(RSS, vec![b'x'; (1 << 20) + 1]));
    server.route("/small", Answer::ok(RSS, vec![b'x'; 1 << 20]));
    let client = client();
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(get(&client, &server.url("/large")).await.unwrap());
    }
    assert!(get(&client, &server.url("/small")).await.is_ok());
    let url = server.url("/large");
    let ninth = get(&client, &url);
    tokio::pin!(ninth);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut ninth).await;
    assert!(early.is_err(), "a ninth large body was read beside eight");
    held.pop();
    assert!(ninth.await.is_ok(), "a place is free again");
}

/// The memory of a process of its own, since other tests share this one.
#[test]
fn m17_r33_a_bomb_takes_little_memory() {
    if let Ok(url) = std::env::var(TARGET) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for encoding in ENCODINGS {
            let bomb = Url::parse(&url).unwrap().join(encoding).unwrap();
            let result = runtime.block_on(get(&client(), &bomb));
            assert_eq!(outcome(&result), "body-too-large", "{encoding}");
        }
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kib < 100 << 10, "{kib} KiB at the peak");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    for encoding in ENCODINGS {
        server.route(&format!("/{encoding}"), Answer::bomb(encoding));
    }
    let url = server.url("/");
    run_as_child(
        "fetch::limits::m17_r33_a_bomb_takes_little_memory",
        &[(TARGET, url.as_str())],
    );
    assert_eq!(server.requests().len(), ENCODINGS.len());
}

#[tokio::test]
async fn rule_44_bombs_of_every_encoding_end_at_the_limit() {
    for encoding in ENCODINGS {
        check(Answer::bomb(encoding), "body-too-large").await;
    }
    // Not offered, so not unpacked at all.
    let zstd = Answer::ok(RSS, "no matter what").header("Content-Encoding", "zstd");
    check(zstd, "encoding").await;
}

#[tokio::test]
async fn r32_rules_47_and_48_trailers_and_extensions_without_end() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let trailers = "X-More: and more\r\n".repeat(200_000);
    check(
        Answer::raw(format!("{head}6\r\n<rss/>\r\n0\r\n{trailers}")),
        "broken",
    )
    .await;
    let extension = "x".repeat(4 << 20);
    check(
        Answer::raw(format!("{head}6;{extension}\r\n<rss/>\r\n0\r\n\r\n")),
        "broken",
    )
    .await;
    let extensions = "1;aaaaaaaa=bbbbbbbb\r\nx\r\n".repeat(4_000);
    check(Answer::raw(format!("{head}{extensions}")), "broken").await;
    let early = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100_000);
    check(Answer::raw(early), "broken").await;
}

#[tokio::test]
async fn rules_45_and_51_unasked_encodings_are_refused() {
    let rss = || Answer::ok(RSS, "<rss/>");
    check(rss().header("Content-Encoding", "identity"), "200 <rss/>").await;
    check(rss().header("Content-Encoding", "zstd"), "encoding").await;
    check(rss().header("Content-Encoding", "compress"), "encoding").await;
    check(rss().header("Content-Encoding", "gzip, gzip"), "encoding").await;
    check(rss().header("Content-Encoding", "gzip, br"), "encoding").await;
    check(rss().gzip().gzip(), "encoding").await;
}

#[tokio::test]
async fn rule_51_what_is_offered_can_be_read() {
    let server = Server::start().await;
    server.route("/feed", Answer::ok(RSS, "<rss/>"));
    get(&client(), &server.url("/feed")).await.unwrap();
    let seen = server.requests();
    let mut offered: Vec<&str> = seen[0]
        .header("accept-encoding")
        .unwrap()
        .split(',')
        .map(str::trim)
        .collect();
    offered.sort_unstable();
    assert_eq!(offered, ["br", "deflate", "gzip"]);
}

#[tokio::test]
async fn rule_51_each_offered_encoding_is_read_whole_or_not_at_all() {
    let text = "<rss/>";
    let zlib = {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    // One stored block of six bytes (RFC 7932 section 9.2) and the empty last one.
    let brotli = [b"\x50\x00\x10".as_slice(), text.as_bytes(), b"\x03"].concat();
    for (name, packed) in [("deflate", zlib), ("br", brotli)] {
        let answer = |body: &[u8]| Answer::ok(RSS, body).header("Content-Encoding", name);
        check(answer(&packed), "200 <rss/>").await;
        check(answer(&packed[..packed.len() - 1]), "broken").await;
        check(answer(&packed[..4]), "broken").await;
        check(answer(b"\xff\xfe\xfd"), "broken").await;
    }
}

#[tokio::test]
async fn rules_46_and_50_half_an_answer_is_an_error() {
    let text = "<rss>".repeat(1_000);
    check(Answer::ok(RSS, text.clone()).cut(), "broken").await;
    let whole = Answer::ok(RSS, text.clone()).gzip();
    check(whole.clone(), &format!("200 {text}")).await;
    check(whole.clone().truncated(20), "broken").await;
    check(whole.clone().truncated(40), "broken").await;
    check(
        Answer::ok(RSS, "not gzip").header("Content-Encoding", "gzip"),
        "broken",
    )
    .await;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<rss\r\n";
    check(Answer::raw(chunked), "broken").await;
    check(Answer::raw(format!("{chunked}0\r\n\r\n")), "200 <rss").await;
}

#[tokio::test]
async fn rules_47_and_48_endless_and_slow_bodies_end() {
    check(
        Answer::ok(RSS, vec![b'x'; 1 << 16]).endless(),
        "body-too-large",
    )
    .await;
    let promised = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    check(Answer::raw(promised), "body-too-large").await;
    let slow = Answer::ok(RSS, vec![b'x'; 1 << 10]).drip(Duration::from_millis(20));
    check(slow, "timeout").await;
    check(Answer::silence(), "headers-timeout").await;
    let informational = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(1_000);
    check(Answer::raw(informational), "broken").await;
}

#[tokio::test]
async fn rule_49_headers_are_bounded() {
    let with = |n: usize, length: usize| {
        let lines = (0..n).map(|i| (format!("X-{i}"), "v".repeat(length)));
        lines.fold(Answer::ok(RSS, "<rss/>"), |a, (name, value)| {
            a.header(&name, &value)
        })
    };
    check(with(90, 10), "200 <rss/>").await;
    check(with(110, 10), "headers-too-large").await;
    check(with(1, 60 << 10), "200 <rss/>").await;
    check(with(2, 40 << 10), "headers-too-large").await;
    check(Answer::endless_headers(), "headers-too-large").await;
    let endless_line = format!("HTTP/1.1 200 OK\r\nX: {}", "v".repeat(4 << 20));
    check(Answer::raw(endless_line), "headers-too-large").await;
}

#[tokio::test]
async fn headers_that_browsers_overlook_blind_nobody() {
    for lines in [
        "Bad Name: x",
        "No-colon",
        "Spaced : x",
        "Folded: x\r\n  y",
        "Old: \u{f1}",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{lines}\r\nContent-Length: 6\r\n\r\n<rss/>");
        check(Answer::raw(answer), "200 <rss/>").await;
    }
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "No-colon\r\n".repeat(400_000));
    check(Answer::raw(endless), "headers-too-large").await;
}

#[tokio::test]
async fn r32_a_connection_that_nobody_accepts() {
    // Bound but not listening: refused at once.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap())
        .parse()
        .unwrap();
    assert_eq!(outcome(&get(&client(), &url).await), "connect");
}
