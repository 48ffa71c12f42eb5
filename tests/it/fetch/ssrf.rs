//! M15, M16, S1 to S4 and rules 36 to 43: nothing but public addresses is reached, however written.
//!
//! 127.0.0.77 plays the public internet (it is allowed); a canary listens on other addresses of loopback,
//! IPv4 and IPv6, and must see no connection at all.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use escucha::fetch::Limits;

use super::*;

const PUBLIC: &str = "127.0.0.77";
const TARGET: &str = "ESCUCHA_TEST_TARGET";

/// `CODE: URL URL …`; P is the canary's port. `parse`: the URL is none at all.
const LIST: &str = r"
address-not-public: http://127.0.0.1:P/ http://127.0.0.2:P/ http://127.255.255.254:P/
address-not-public: http://127.1:P/ http://127.0.1:P/ http://2130706433:P/ http://0x7f000001:P/
address-not-public: http://0x7F.0x0.0x0.0x1:P/ http://0x7f.1:P/ http://017700000001:P/
address-not-public: http://0177.0.0.1:P/ http://0177.0x0.0.1:P/ http://00000177.0.0.1:P/
address-not-public: http://127.0.0.1.:P/ http://127.0.0.01:P/ http://0:P/ http://0.0.0.0:P/
address-not-public: http://0x0:P/ http://%31%32%37.0.0.1:P/ http://127%2e0%2e0%2e1:P/
address-not-public: http://①②⑦.⓪.⓪.①:P/ http://１２７.０.０.１:P/ http://127。0。0。1:P/
address-not-public: http://127．0．0．1:P/ http:\\127.0.0.1:P\
address-not-public: HTTP://127.0.0.1:P/ http://127.0.0.1#.public.test
address-not-public: http://127.0.0.1:22/ http://127.0.0.1/ https://127.0.0.1/
userinfo: http://user:pass@127.0.0.1:P/ http://example.com@127.0.0.1:P/
userinfo: http://127.0.0.1:P@public.test/
parse: http://example.com%40127.0.0.1:P/ http://425.510.425.510/ http://[::1%25lo]:P/
parse: http://256.256.256.256:P/ http://[::1:P/
connect: http://public.test\@127.0.0.1:P/ http://public.test#@127.0.0.1:P/
address-not-public: http://[::1]:P/ http://[::]:P/ http://[0:0:0:0:0:0:0:1]:P/
address-not-public: http://[0000:0000:0000:0000:0000:0000:0000:0001]:P/
address-not-public: http://[::ffff:127.0.0.1]:P/ http://[::ffff:7f00:1]:P/ http://[::127.0.0.1]:P/
address-not-public: http://[64:ff9b::7f00:1]:P/ http://[64:ff9b:1::7f00:1]:P/
address-not-public: http://[2002:7f00:1::]:P/ http://[fe80::1]:P/ http://[fec0::1]:P/
address-not-public: http://[fd00::5]:P/ http://[fd00:ec2::254]:P/ http://[::ffff:169.254.169.254]/
address-not-public: http://[::ffff:0:127.0.0.1]:P/ http://[ff02::1]:P/ http://[2001:db8::1]:P/
address-not-public: http://[2001::1]:P/ http://[5f00::1]:P/
address-not-public: http://169.254.169.254/latest/meta-data/ http://2852039166/
address-not-public: http://0xA9FEA9FE/ http://0251.0376.0251.0376/ http://169.254.43518/
address-not-public: http://168.63.129.16/ http://100.100.100.200/ http://10.0.0.5/
address-not-public: http://172.16.0.5/ http://192.168.1.5/ http://100.64.0.5/ http://198.18.0.5/
address-not-public: http://192.0.0.192/ http://192.0.2.1/ http://192.88.99.1/ http://198.51.100.1/
address-not-public: http://203.0.113.1/ http://224.0.0.1/ http://240.0.0.1/ http://255.255.255.255/
address-not-public: http://localhost:P/ http://LOCALHOST:P/ http://localhost.:P/ http://ⓛocalhost:P/
address-not-public: http://metadata.google.internal/ http://private.test:P/ http://private.test/
address-not-public: http://private6.test:P/ http://mapped6.test:P/ http://mixed.test:P/
address-not-public: http://meta.test/ http://many.test:P/
dns: http://cnameloop.test:P/ http://empty.test:P/
port: http://93.184.216.34:22/ http://world.test:P/
scheme: file:///etc/passwd gopher://127.0.0.1:P/_x ftp://127.0.0.1:P/ data:text/xml,<rss/>
scheme: unix:/run/x.sock dict://127.0.0.1:P/ ldap://127.0.0.1:P/ jar:http://127.0.0.1:P/!x
";

/// These mean a private host only where there is no base to resolve them against.
const FIRST: &str = "address-not-public: http:/127.0.0.1:P/ http:127.0.0.1:P/";
/// These need one.
const NEXT: &str = r"address-not-public: //127.0.0.1:P/ //0x7f.1:P \\127.1:P\ /\127.1:P";

/// Every URL of the list, with this port for P, and those that a list cannot hold.
pub(crate) fn addresses(port: u16) -> Vec<String> {
    let listed = entries(FIRST, port).map(|(url, _)| url);
    let port = format!(":{port}");
    let strange = WITH_CONTROLS.map(|url| url.replace(":P", &port));
    listed.chain(strange).collect()
}

/// Written with control characters.
const WITH_CONTROLS: [&str; 3] = [
    "http://12\t7.0.0.1:P/",
    "http://127.0.\n0.1:P/",
    " \u{1}http://127.1:P/",
];

pub(crate) fn table(name: &str) -> io::Result<Vec<IpAddr>> {
    let texts: &[&str] = match name.trim_end_matches('.') {
        "public.test" | "xn--espaa-rta.test" => &[PUBLIC],
        "private.test" | "localhost" => &["127.0.0.1"],
        "private6.test" => &["::1"],
        "mapped6.test" => &["::ffff:127.0.0.1"],
        "mixed.test" => &[PUBLIC, "127.0.0.1"],
        "meta.test" | "metadata.google.internal" => &["169.254.169.254"],
        "world.test" => &["93.184.216.34"],
        "empty.test" => &[],
        "many.test" => {
            let mut many = vec![PUBLIC.parse().unwrap(); 5_000];
            many.push("127.0.0.1".parse().unwrap());
            return Ok(many);
        }
        _ => return Err(io::Error::other("SERVFAIL")),
    };
    Ok(texts.iter().map(|text| text.parse().unwrap()).collect())
}

fn guarded() -> Client {
    let look_up = |name: String| async move { table(&name) };
    Client::with_resolver(&settings(&[PUBLIC]), Limits::default(), look_up).unwrap()
}

/// Servers on the addresses of this machine that no other machine reaches, all on one port. The way to
/// every other address is watched in a namespace (`s1_no_address_of_the_list_is_reached_by_any_way`).
struct Canary(Vec<Server>);

impl Canary {
    fn port(&self) -> u16 {
        self.0[0].port()
    }

    fn connections(&self) -> usize {
        self.0.iter().map(Server::connections).sum()
    }
}

async fn canary() -> Canary {
    let first = Server::start_on("127.0.0.1:0").await;
    let port = first.port();
    let mut canary = Canary(vec![first]);
    let ipv6 = if has_ipv6() { &["[::1]"][..] } else { &[] };
    for host in ["127.0.0.2", "127.255.255.254"].iter().chain(ipv6) {
        let server = Server::start_on(&format!("{host}:{port}")).await;
        canary.0.push(server);
    }
    for server in &canary.0 {
        server.route("/", Answer::ok(RSS, "the canary"));
    }
    canary
}

fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

async fn public() -> Server {
    Server::start_on(&format!("{PUBLIC}:0")).await
}

fn entries(more: &'static str, port: u16) -> impl Iterator<Item = (String, &'static str)> {
    LIST.lines()
        .chain(more.lines())
        .filter_map(|line| line.split_once(": "))
        .flat_map(move |(code, urls)| {
            let port = format!(":{port}");
            urls.split(' ')
                .map(move |url| (url.replace(":P", &port), code))
        })
}

fn codes(expected: &str, result: &Result<Response, FetchError>, url: &str) {
    assert_eq!(outcome(result), expected, "{url}");
}

#[tokio::test]
async fn m15_s1_no_url_of_the_list_reaches_the_canary() {
    let (canary, client) = (canary().await, guarded());
    let mut n = 0;
    for (text, expected) in entries(FIRST, canary.port()) {
        match Url::parse(&text) {
            Ok(url) => codes(expected, &get(&client, &url).await, &text),
            Err(error) => assert_eq!(expected, "parse", "{text}: {error}"),
        }
        n += 1;
    }
    for text in WITH_CONTROLS {
        let url = Url::parse(&text.replace(":P", &format!(":{}", canary.port()))).unwrap();
        codes("address-not-public", &get(&client, &url).await, text);
    }
    assert_eq!(canary.connections(), 0);
    assert!(n > 90, "{n} URLs");
}

#[tokio::test]
async fn rule_38_the_same_list_as_redirects() {
    let (canary, client, public) = (canary().await, guarded(), public().await);
    let start = format!("http://public.test:{}/start", public.port())
        .parse()
        .unwrap();
    let mut n = 0;
    for (text, expected) in entries(NEXT, canary.port()) {
        let expected = match expected {
            "parse" => "bad-redirect",
            other => other,
        };
        public.route("/start", Answer::redirect(302, &text));
        codes(expected, &get(&client, &start).await, &text);
        n += 1;
    }
    assert_eq!(canary.connections(), 0);
    assert_eq!(public.hits("/start"), n);
}

#[tokio::test]
async fn the_canary_and_the_public_server_can_be_reached() {
    let (canary, public) = (canary().await, public().await);
    public.route("/feed", Answer::ok(RSS, "<rss/>"));
    for host in ["public.test", "xn--espaa-rta.test", "españa.test", PUBLIC] {
        let url = format!("http://{host}:{}/feed", public.port())
            .parse()
            .unwrap();
        codes("200 <rss/>", &get(&guarded(), &url).await, host);
    }
    let open = Client::new(&settings(&["127.0.0.0/8", "::1"])).unwrap();
    let mut hosts = vec!["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"];
    if has_ipv6() {
        hosts.push("[::1]");
    }
    for host in hosts {
        let url = format!("http://{host}:{}/", canary.port()).parse().unwrap();
        codes("200 the canary", &get(&open, &url).await, host);
    }
}

#[tokio::test]
async fn the_names_of_this_machine_are_refused_by_the_real_resolver() {
    let canary = canary().await;
    let client = Client::new(&settings(&[PUBLIC])).unwrap();
    let url = format!("http://localhost:{}/", canary.port())
        .parse()
        .unwrap();
    codes("address-not-public", &get(&client, &url).await, "localhost");
    assert_eq!(canary.connections(), 0);
}

/// S3, rules 41 and 42: the name is public when it is checked and private ever after.
#[tokio::test]
async fn s3_a_name_that_changes_its_answer_gains_nothing() {
    // Both servers on one port, so that only the address tells them apart.
    let public = public().await;
    let canary = Server::start_on(&format!("127.0.0.1:{}", public.port())).await;
    public.route("/", Answer::ok(RSS, "<rss/>"));
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let look_up = move |_| {
        let even = counter.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        async move { table(if even { "public.test" } else { "private.test" }) }
    };
    let settings = settings(&[PUBLIC]);
    let client = Client::with_resolver(&settings, Limits::default(), look_up).unwrap();
    let url = format!("http://rebind.test:{}/", public.port())
        .parse()
        .unwrap();
    for n in 1..=100 {
        let expected = if n % 2 == 1 {
            "200 <rss/>"
        } else {
            "address-not-public"
        };
        codes(expected, &get(&client, &url).await, "rebind.test");
        assert_eq!(
            asked.load(Ordering::SeqCst),
            n,
            "looked up once a connection"
        );
    }
    assert_eq!((public.connections(), canary.connections()), (50, 0));
}

/// R31: a resolver that hangs costs its own source a few seconds, and nobody else.
#[tokio::test]
async fn r31_hung_look_ups_end_and_disturb_nobody() {
    let public = public().await;
    public.route("/", Answer::ok(RSS, "<rss/>"));
    let look_up = |name: String| async move {
        if name == "hung.test" {
            std::future::pending::<()>().await;
        }
        table(&name)
    };
    let limits = Limits {
        dns: Duration::from_millis(300),
        ..Limits::default()
    };
    let client = Client::with_resolver(&settings(&[PUBLIC]), limits, look_up).unwrap();
    let hung: Vec<_> = (0..600)
        .map(|_| {
            let client = client.clone();
            let url: Url = "http://hung.test/".parse().unwrap();
            tokio::spawn(async move { outcome(&get(&client, &url).await) })
        })
        .collect();
    let url = format!("http://public.test:{}/", public.port())
        .parse()
        .unwrap();
    codes("200 <rss/>", &get(&client, &url).await, "public.test");
    for task in hung {
        assert_eq!(task.await.unwrap(), "dns-timeout");
    }
}

/// S4, rule 43. The variables are read when a client is made, so they are set in a child process.
#[test]
fn m16_proxy_variables_are_ignored() {
    if let Ok(url) = std::env::var(TARGET) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            codes(
                "200 <rss/>",
                &get(&client(), &url.parse().unwrap()).await,
                &url,
            );
            let blocked = Client::new(&settings(&[])).unwrap();
            codes(
                "address-not-public",
                &get(&blocked, &url.parse().unwrap()).await,
                &url,
            );
        });
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, proxy) =
        runtime.block_on(async { (Server::start().await, Server::start().await) });
    server.route("/feed", Answer::ok(RSS, "<rss/>"));
    let (target, proxy_url) = (server.url("/feed"), proxy.url("/"));
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
    ];
    let mut variables: Vec<_> = names
        .iter()
        .map(|name| (*name, proxy_url.as_str()))
        .collect();
    variables.extend([
        (TARGET, target.as_str()),
        ("NO_PROXY", ""),
        ("no_proxy", ""),
    ]);
    run_as_child("fetch::ssrf::m16_proxy_variables_are_ignored", &variables);
    assert_eq!((server.hits("/feed"), proxy.connections()), (1, 0));
}

/// Rules 36 and 68. The trusted certificates come from a file that only the child is told of.
#[test]
fn rules_36_and_68_https_is_verified_and_never_left() {
    if let Ok(target) = std::env::var(TARGET) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let base = Url::parse(&target).unwrap();
        runtime.block_on(async {
            for (path, expected) in [
                ("/feed", "200 <rss/>"),
                ("/same", "200 <rss/>"),
                ("/down", "downgrade"),
            ] {
                let url = base.join(path).unwrap();
                codes(expected, &get(&client(), &url).await, path);
            }
        });
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    // This server would rather speak HTTP/2, which we do not offer: it does not understand it.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let (server, plain) =
        runtime.block_on(async { (Server::start_tls(config).await, Server::start().await) });
    server.route("/feed", Answer::ok(RSS, "<rss/>"));
    server.route("/same", Answer::redirect(302, "/feed"));
    server.route("/down", Answer::redirect(302, plain.url("/feed")));
    plain.route("/feed", Answer::ok(RSS, "<rss/>"));

    let stranger = runtime.block_on(get(&client(), &server.url("/feed")));
    codes("tls", &stranger, "an unknown certificate");
    assert_eq!(server.requests().len(), 0);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let (file, target) = (file.to_str().unwrap(), server.url("/"));
    run_as_child(
        "fetch::ssrf::rules_36_and_68_https_is_verified_and_never_left",
        &[(TARGET, target.as_str()), ("SSL_CERT_FILE", file)],
    );
    assert_eq!(plain.connections(), 0);
}

/// A machine without root certificates can still read http, and is told what is missing.
#[test]
fn without_root_certificates_http_still_works() {
    if let Ok(url) = std::env::var(TARGET) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let client = client();
        let plain = url.parse().unwrap();
        codes("200 <rss/>", &runtime.block_on(get(&client, &plain)), &url);
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    server.route("/feed", Answer::ok(RSS, "<rss/>"));
    let target = server.url("/feed");
    let empty = tempfile::tempdir().unwrap();
    run_as_child(
        "fetch::ssrf::without_root_certificates_http_still_works",
        &[
            (TARGET, target.as_str()),
            ("SSL_CERT_FILE", "/dev/null"),
            ("SSL_CERT_DIR", empty.path().to_str().unwrap()),
        ],
    );
}
