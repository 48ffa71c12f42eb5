//! The service beside hostile sources: its process goes on, and its other sources are read on time.
#![cfg(target_os = "linux")]

use super::*;
use crate::support::http::{Answer, Server};
use crate::support::{binary::Home, levers, wait};

const DEADLINE: Duration = Duration::from_mins(2);

fn configuration(good: &Server, bad: &Server) -> String {
    let source = |server: &Server, name: &str, kind: &str, more: &str| {
        format!(
            "[[source]]\nname = \"{name}\"\nkind = \"{kind}\"\nfull_text = false\n\
             url = \"{}\"\nevery = \"1s\"\n{more}",
            server.url(&format!("/{name}"))
        )
    };
    let select = format!("select = {{ item = \"{SELECTOR}\" }}\n");
    format!(
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n{}{}\
         [fetch]\ncontact = \"https://ejemplo.test/\"\nallow_private = [\"127.0.0.0/8\"]\n\
         pace = \"0s\"\nfloor = \"1s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\nfrom = \"a@ejemplo.test\"\n\
         [alerts]\nto = [\"gerente@ejemplo.test\"]\n",
        source(good, "vecino", "feed", ""),
        source(bad, "malo", "reviews", &select),
    )
}

/// The most memory that this process ever held, in KiB.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r35_a_hostile_page_leaves_the_service_and_its_neighbours_alone() {
    // Two hosts: one that is being read is left alone by its other sources.
    let (server, bad) = (Server::start().await, Server::start_on("127.0.0.2:0").await);
    server.route("/vecino", Answer::ok("application/rss+xml", FEED));
    let page = "<div class=review>Hoy abre la plaza.</div>";
    bad.route("/malo", Answer::ok("text/html", page));
    let home = Home::new(
        &configuration(&server, &bad),
        "[[watch]]\nname = \"e\"\nquery = 'ejemplo'\n",
    );
    let mut service = home.start(&["run"]);
    wait(DEADLINE, "both are read", || {
        server.hits("/vecino") > 1 && bad.hits("/malo") > 1
    });
    let before = peak_kib(service.id());
    let job = burner();
    bad.route("/malo", Answer::ok("text/html", job.body.clone()));
    let (n_bad, n_good) = (bad.hits("/malo"), server.hits("/vecino"));
    wait(DEADLINE, "the hostile page is fetched", || {
        bad.hits("/malo") > n_bad
    });
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    let troubled = "SELECT COUNT(*) FROM sources WHERE trouble LIKE '%procesador%' \
                    OR trouble LIKE '%no se ha terminado de leer%'";
    let mut n_meanwhile = 0;
    let begun = tokio::time::Instant::now();
    while levers::number(&database, troubled).await == 0 {
        n_meanwhile = server.hits("/vecino") - n_good;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(begun.elapsed() < DEADLINE, "it never became trouble");
    }
    // While the page burnt its five seconds, its neighbour was read each second.
    assert!(n_meanwhile >= 2, "{n_meanwhile}");
    assert!(
        service.try_wait().unwrap().is_none(),
        "the service has ended"
    );
    let after = peak_kib(service.id());
    // The page itself and its way to the child, not the parser's hundreds of megabytes.
    let n_kib = (job.body.len() as u64 >> 10).max(2 << 10);
    assert!(after < before + 6 * n_kib, "{before} KiB, then {after} KiB");
    let n_good = server.hits("/vecino");
    wait(DEADLINE, "the neighbour is read as before", || {
        server.hits("/vecino") > n_good
    });
    service.kill().unwrap();
    service.wait().unwrap();
}
