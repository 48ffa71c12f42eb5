//! What others see of the service: `/healthz`, `/metrics`, the sign of life.

use std::process::{Command, Stdio};
use std::time::Duration;

use escucha::clock;
use serde_json::Value;

use super::house::{House, JAVIER, MANAGER};
use crate::support::{left_out, levers, tally};

#[tokio::test(flavor = "multi_thread")]
async fn r59_health_is_red_when_mail_or_sources_are_not_well() {
    let mut house = House::new().await;
    house.service.store.note_alive(clock::now()).await.unwrap();
    house.complaint("Javier", JAVIER).await;
    let well = house.get("/healthz").await;
    assert_eq!((well.status, well.body.as_str()), (200, "Todo va bien.\n"));
    let told = [
        // R17, R18: the mail server does not let us in, and its breaker is open.
        (
            "INSERT INTO transports VALUES ('x', 9000000000000, 3, '535 no')",
            "DELETE FROM transports",
            "Correo: 535 no",
        ),
        // A mail that was given up.
        (
            "UPDATE outbox SET state = 'dead', created_at = 9000000000000",
            "UPDATE outbox SET state = 'sent'",
            "imposibles de entregar esta semana: 2",
        ),
        (
            "UPDATE outbox SET state = 'ready', created_at = 1, next_at = 9000000000000",
            "UPDATE outbox SET state = 'sent'",
            "espera demasiado: 2",
        ),
        // R42: a source is blind.
        (
            "UPDATE sources SET active = 1, trouble = 'x', tell_at = 1",
            "UPDATE sources SET trouble = NULL, tell_at = NULL",
            "Fuentes con problemas: 1",
        ),
        (
            "UPDATE instance SET value = '1' WHERE name = 'alive_at'",
            "UPDATE instance SET value = '9000000000000' WHERE name = 'alive_at'",
            "señales de vida",
        ),
    ];
    for (break_it, mend_it, expected) in told {
        levers::set(&house.url, break_it).await;
        let red = house.get("/healthz").await;
        assert_eq!(red.status, 503, "{break_it}");
        assert!(red.body.contains(expected), "{}", red.body);
        levers::set(&house.url, mend_it).await;
        assert_eq!(house.get("/healthz").await.status, 200, "{mend_it}");
    }
    // What waits for a webhook is no mail that waits.
    let of_a_webhook = "UPDATE outbox SET channel = 'webhook', state = 'ready', created_at = 1, \
                        next_at = 9000000000000";
    levers::set(&house.url, of_a_webhook).await;
    assert_eq!(house.get("/healthz").await.status, 200);
    // R22, R24, R26: a database that cannot be used.
    levers::set(&house.url, "ALTER TABLE outbox RENAME TO lost").await;
    let json = [("Accept", "application/json")];
    let red = house.ask("GET", "/healthz", &json, "").await;
    assert_eq!(red.status, 503);
    let said: Value = serde_json::from_str(&red.body).unwrap();
    assert_eq!(
        (&said["well"], &said["database"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_read_by_another_parser_and_name_nobody() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    house.get(&link).await;
    let answer = house.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let text = answer.body;
    for line in [
        "escucha_posts 1",
        "escucha_cases{state=\"told\"} 1",
        "escucha_cases{state=\"solved\"} 0",
        "escucha_deliveries{state=\"sent\"} 2",
        "escucha_sources{condition=\"well\"} 1",
        "escucha_polls_total{outcome=\"trouble\"} 0",
        "escucha_poll_duration_seconds_bucket{le=\"0.005\"} 0",
        "escucha_poll_duration_seconds_bucket{le=\"+Inf\"} 0",
        "escucha_last_turn_failed{loop=\"keeper\"} 0",
    ] {
        assert!(
            text.lines().any(|known| known == line),
            "{line} is missing in {text}"
        );
    }
    let token = link.rsplit('/').next().unwrap();
    for secret in [token, "Javier", MANAGER, "Marta", &case.0, "foro"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    check_by_prometheus(&text);
}

/// Reads the text with the client library of Prometheus for Python, where that is installed.
#[track_caller]
fn check_by_prometheus(text: &str) {
    const READ: &str = "import sys\n\
        from prometheus_client.parser import text_string_to_metric_families as read\n\
        families = list(read(sys.stdin.read()))\n\
        kinds = sorted({family.type for family in families})\n\
        print(len(families), sum(len(family.samples) for family in families), *kinds)\n";
    let python = std::env::var("ESCUCHA_TEST_PROMETHEUS").unwrap_or_else(|_| "python3".to_owned());
    let here = Command::new(&python)
        .args(["-c", "import prometheus_client"])
        .output();
    if !here.is_ok_and(|here| here.status.success()) {
        left_out("prometheus-client");
        return;
    }
    tally("prometheus-client");
    let mut child = Command::new(&python)
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let read = child.wait_with_output().unwrap();
    assert!(read.status.success(), "{text}");
    let read = String::from_utf8_lossy(&read.stdout).into_owned();
    let n_samples = text.lines().filter(|line| !line.starts_with('#')).count();
    let n_families = text
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .count();
    assert_eq!(
        read.trim(),
        format!("{n_families} {n_samples} counter gauge histogram")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_is_served_and_robots_stay_out() {
    let house = House::new().await;
    let style = house.get("/l/style.css").await;
    assert!(
        style.status == 200
            && style
                .header("content-type")
                .unwrap()
                .starts_with("text/css")
    );
    assert!(house.get("/robots.txt").await.body.contains("Disallow: /"));
    for path in [
        "/",
        "/l",
        "/l/a/b",
        "/x/healthz",
        "/healthz/",
        "/..%2f..%2fetc%2fpasswd",
    ] {
        let status = house.get(path).await.status;
        assert!([403, 404].contains(&status), "{path}: {status}");
    }
    assert_eq!(house.ask("POST", "/healthz", &[], "").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn english_pages_are_english() {
    let mut house = House::with("en", "").await;
    let case = house
        .complaint(
            "Mary",
            "Ejemplo never answers, I called four times. I am leaving.",
        )
        .await;
    let link = house.link(MANAGER, &case.0);
    let page = house.get(&link).await.body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("We have answered"));
    for spanish in ["Deshacer", "contestado", "Recordármelo", "cliente"] {
        assert!(!page.contains(spanish), "{spanish} in {page}");
    }
    assert!(
        house
            .get("/l/x")
            .await
            .body
            .contains("This link does not hold")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_those_of_both_databases() {
    for fresh in crate::support::databases::both().await {
        let post = crate::store::complaint("Javier", "nadie me atiende");
        crate::store::admit(&fresh.store, &crate::store::posts(vec![post])).await;
        let now = crate::store::NOW;
        assert_eq!(
            fresh.store.cases_by_state().await.unwrap(),
            [("new".to_owned(), 1)]
        );
        let sums = fresh.store.deliveries_by_state().await.unwrap();
        assert_eq!(sums, [("ready".to_owned(), 1)], "{}", fresh.engine);
        let sums = fresh.store.sources_by_condition(now).await.unwrap();
        assert_eq!(sums, [("well".to_owned(), 1)], "{}", fresh.engine);
        assert_eq!(fresh.store.n_dead_since(now).await.unwrap(), 0);
        let cases = fresh.store.cases(9).await.unwrap();
        let said = fresh.store.posts_of_case(&cases[0].id, 9).await.unwrap();
        assert_eq!(said.len(), 1);
    }
}

/// Deadline of what a running service does.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);
