//! R31: names that lead nowhere, late, to too much, or elsewhere each time. The system's own resolver
//! asks a real name server, in a network namespace that knows no other.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use escucha::clock;
use escucha::fetch::{Accept, Request};
use escucha::model::Timestamp;
use escucha::settings::{FetchSettings, IpNetwork};

use super::*;
use crate::support::binary;
use crate::support::dns::{Names, Said};
use crate::support::namespace;

/// A fresh machine: loopback, and a resolver that asks the name server there, with the time limits that
/// systems have (two tries of five seconds).
const SCRIPT: &str = r#"
command -v ip >/dev/null || { echo 'ip is missing: install iproute2' >&2; exit 1; }
ip link set lo up || exit 1
files=$(mktemp -d) || exit 1
echo 'nameserver 127.0.0.1' >"$files/resolv.conf"
echo 'hosts: files dns' >"$files/nsswitch.conf"
for file in resolv.conf nsswitch.conf; do
  [ -e "/etc/$file" ] || continue
  mount --bind "$files/$file" "/etc/$file" || exit 1
done
"$@"
code=$?
rm -r "$files"
exit "$code"
"#;
const UNSHARE: &str = "-rnm";
const FAULTS: &str =
    "etiquette::names::r31_each_fault_of_the_name_server_has_its_name_and_costs_its_source_alone";
const HUNG: &str = "etiquette::names::r31_600_hung_look_ups_hold_up_nobody";
const NOT_FOUND: &str = "No se encuentra el servidor";
const TOO_LATE: &str = "no ha respondido a tiempo";
const NOT_PUBLIC: &str = "no es pública";

#[test]
fn r31_each_fault_of_the_name_server_has_its_name_and_costs_its_source_alone() {
    if namespace::is_inside(FAULTS, UNSHARE, SCRIPT) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(each_fault());
    }
}

/// What is said of each name, and what its source comes to: no word is a good reading.
fn faults() -> Vec<(&'static str, Said, &'static str)> {
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let elsewhere = "10.0.0.1".parse().unwrap();
    // As many as one answer of each family can hold, all of them admitted and all but one in vain.
    let many = (0..4_000_u32).map(|n| IpAddr::V4(Ipv4Addr::from_bits(0x7f01_0001 + n)));
    let many = many.chain((0..1_000).map(|n| IpAddr::V6(Ipv6Addr::from_bits(0xfd00 << 112 | n))));
    let many: Vec<IpAddr> = many.collect();
    let poisoned: Vec<IpAddr> = many.iter().copied().chain([elsewhere]).collect();
    vec![
        ("servfail.test", Said::ServerFails, NOT_FOUND),
        // "nowhere.test" is not in the table at all: NXDOMAIN.
        ("empty.test", Said::Addresses(Vec::new()), NOT_FOUND),
        ("circle.test", Said::Alias("ring.test"), NOT_FOUND),
        ("ring.test", Said::Alias("circle.test"), NOT_FOUND),
        ("hung.test", Said::Silence, TOO_LATE),
        ("noise.test", Said::Noise, TOO_LATE),
        ("poisoned.test", Said::Addresses(poisoned), NOT_PUBLIC),
        // The first look-up is for robots.txt.
        (
            "fickle.test",
            Said::InTurn(vec![elsewhere, here]),
            NOT_PUBLIC,
        ),
        ("many.test", Said::Addresses(many), ""),
        (
            "six.test",
            Said::Addresses(vec![Ipv6Addr::LOCALHOST.into()]),
            "",
        ),
        ("foro.test", Said::Addresses(vec![here]), ""),
    ]
}

async fn each_fault() {
    let mut faults = faults();
    let table: Vec<(&str, Said)> = faults
        .iter()
        .map(|(name, said, _)| (*name, said.clone()))
        .collect();
    let _names = Names::start(&table);
    faults.push(("nowhere.test", Said::ServerFails, NOT_FOUND));
    let smtp = Smtp::start().await;
    let web = Server::start_on("[::]:80").await;
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<String> = faults
        .iter()
        .map(|(name, ..)| source(name, "/feed", "every = \"15m\""))
        .collect();
    let text = configuration(&sources.concat(), "", 80, smtp.port).replace(
        "[\"127.0.0.0/8\"]",
        "[\"127.0.0.0/8\", \"::1\", \"fd00::/8\"]",
    );
    web.route("/feed", rss(&["uno"]));
    let settings = settings(&folder, &text);
    let client = Client::new(&settings.fetch).unwrap();
    let mailer = Mailer::new(settings.smtp.as_ref().unwrap()).unwrap();
    let path = folder.path().join("escucha.db");
    let store = Store::open_sqlite(&path, Role::Service).await.unwrap();
    let engine = Engine::new(settings, &store, "a key").await.unwrap();
    let service = Service::new(
        store,
        client,
        binary::reader(),
        mailer,
        "w".to_owned(),
        engine,
    );
    let token = CancellationToken::new();
    let began = clock::stopwatch();
    Box::pin(daemon::once(&service, &token)).await.unwrap();
    let seconds = began.elapsed().as_secs();
    assert!(seconds < 20, "{seconds} s for {} sources", faults.len());
    for state in service.store.source_states().await.unwrap() {
        let (_, _, expected) = faults
            .iter()
            .find(|(name, ..)| *name == state.name)
            .unwrap();
        let trouble = state.trouble.unwrap_or_default();
        assert!(
            trouble.contains(expected) && trouble.is_empty() == expected.is_empty(),
            "{}: {trouble:?}",
            state.name
        );
        let wait_ms = state.next_at.ms_since(clock::now());
        assert!((0..=24 * HOUR).contains(&wait_ms), "{}", state.name);
    }
}

/// Every name hangs until the system gives up, which is long after we have.
#[test]
fn r31_600_hung_look_ups_hold_up_nobody() {
    if !namespace::is_inside(HUNG, UNSHARE, SCRIPT) {
        return;
    }
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let names = Names::start(&[
        ("hung.test", Said::Silence),
        ("foro.test", Said::Addresses(vec![here])),
    ]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(beside_600(&names));
    // Nor the end of the process: the runtime waits for what blocks its own threads.
    let began = clock::stopwatch();
    drop(runtime);
    assert!(began.elapsed() < Duration::from_secs(1));
}

async fn beside_600(names: &Names) {
    let web = Server::start_on("127.0.0.1:80").await;
    web.route("/feed", rss(&["uno"]));
    let fetch = FetchSettings {
        allow_private: vec![IpNetwork::parse("127.0.0.0/8").unwrap()],
        ..FetchSettings::default()
    };
    let client = Client::new(&fetch).unwrap();
    let get = |url: String| {
        let client = client.clone();
        async move {
            let url = Url::parse(&url).unwrap();
            let request = Request {
                url: &url,
                etag: None,
                last_modified: None,
                accept: Accept::Feed,
                now: Timestamp(1_800_000_000_000),
            };
            client.get(&request).await
        }
    };
    let hung: Vec<_> = (0..600)
        .map(|n| tokio::spawn(get(format!("http://hung{n}.test/feed"))))
        .collect();
    // A packet may be lost in the crowd; the system then asks again, after five seconds.
    let almost_all = async {
        while names.n_asked("hung") < 560 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let deadline = Duration::from_secs(8);
    tokio::time::timeout(deadline, almost_all).await.unwrap();
    let second = Duration::from_secs(1);
    let good = tokio::time::timeout(second, get("http://foro.test/feed".to_owned()));
    assert!(good.await.unwrap().is_ok(), "another name is looked up");
    let parsed = tokio::task::spawn_blocking(|| escucha::extract::plain_text("<p>hola</p>"));
    let parsed = tokio::time::timeout(second, parsed);
    assert_eq!(
        parsed.await.unwrap().unwrap(),
        "hola",
        "a parser has its turn"
    );
    for task in hung {
        let error = task.await.unwrap().unwrap_err();
        assert_eq!(error.code(), "dns-timeout");
    }
}
