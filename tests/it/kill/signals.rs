//! What the service does when it is asked to end, to look again, or when nobody reads its log.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::smtp::{Fault, Verb};
use crate::support::town::{DEADLINE, Doubts, KEYWORDS, Town};
use crate::support::{figure, wait};

/// Starts that are interrupted.
const STARTS: usize = 5;
/// SIGTERM ends it in this time.
const END: Duration = Duration::from_secs(15);

pub(crate) fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    let sent = kill.args(["-s", name, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

fn ended(child: &mut Child) -> std::process::ExitStatus {
    let mut status = None;
    wait(END, "SIGTERM ends it", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

/// `escucha run 2>&1 | head`: the reader of the log goes away, the service does not.
#[tokio::test(flavor = "multi_thread")]
async fn r4_a_log_that_nobody_reads_stops_nothing() {
    let town = Town::new(1, None).await;
    let mut command = town.home.command(&["run"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut service = command.spawn().unwrap();
    drop(service.stderr.take());
    town.publish(0..3);
    town.take_over().await;
    town.until_told(0..3).await;
    assert!(service.try_wait().unwrap().is_none(), "it ended by itself");
    signal(&service, "TERM");
    let status = ended(&mut service);
    assert!(status.success(), "{status}");
    let told = town.told(0..3, &Doubts::default()).await;
    told.expect_all("no reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_a_second_sigterm_ends_it_at_once_and_the_next_start_goes_on() {
    let town = Town::new(1, None).await;
    town.publish(0..1);
    town.take_over().await;
    town.smtp.fault(Verb::Data, Fault::Hang);
    let mut service = town.home.start(&["run"]);
    wait(DEADLINE, "a mail is under way", || {
        town.smtp.log().iter().any(|line| line.starts_with("RCPT"))
    });
    // Two that come as one are one: it is repeated until it is heard twice.
    let status = loop {
        if let Some(status) = service.try_wait().unwrap() {
            break status;
        }
        signal(&service, "TERM");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((status.code(), status.signal()), (Some(1), None));
    town.drain().await;
    let told = town.told(0..1, &Doubts::default()).await;
    figure(
        "R4",
        "mails lost by a stop in the middle of one",
        told.n_lost(),
    );
    told.expect_all("SIGTERM twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_signals_are_obeyed_from_the_first_moment_on() {
    let town = Town::new(1, None).await;
    let lock = town.home.path().join("escucha.db.lock");
    for _ in 0..STARTS {
        let mut service = town.home.start(&["run"]);
        let signed = format!("{}\n", service.id());
        // It has its lock and opens its database: nobody listens yet.
        wait(DEADLINE, "it has the lock", || {
            std::fs::read_to_string(&lock).is_ok_and(|text| text.starts_with(&signed))
        });
        signal(&service, "HUP");
        signal(&service, "TERM");
        let status = ended(&mut service);
        assert!(status.success(), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_sighup_reads_the_keyword_file_and_ends_nothing() {
    let town = Town::new(1, None).await;
    let n_before = town.forums[0].hits("/rss");
    town.take_over().await;
    let mut service = town.home.start(&["run"]);
    wait(DEADLINE, "it listens", || {
        town.forums[0].hits("/rss") > n_before
    });
    let nobody = "[[watch]]\nname = \"nadie\"\nquery = 'zanahoria'\n";
    town.home.write("keywords.toml", nobody);
    for _ in 0..20 {
        signal(&service, "HUP");
    }
    town.home.write("keywords.toml", KEYWORDS);
    signal(&service, "HUP");
    assert!(service.try_wait().unwrap().is_none(), "SIGHUP ended it");
    signal(&service, "TERM");
    assert!(ended(&mut service).success());
}
