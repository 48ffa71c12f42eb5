//! S28, the watchdog and the sign of life: the built program, with somebody who means ill at its page.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::Duration;

use mail_parser::MessageParser;

use super::house::{Answer, JAVIER};
use super::seen::DEADLINE;
use crate::support::binary::{self, Home};
use crate::support::host::free_port;
use crate::support::http::{Answer as Served, Server};
use crate::support::smtp::Smtp;
use crate::support::{tally, wait};

fn configuration(web: u16, http: u16, smtp: u16) -> String {
    format!(
        r#"
[company]
name = "Telefonía Ejemplo"
signature = "Marta Ruiz"
[[source]]
name = "foro"
url = "http://127.0.0.1:{http}/foro.rss"
full_text = false
[fetch]
contact = "https://ejemplo.test/escucha"
allow_private = ["127.0.0.0/8"]
pace = "1s"
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "avisos@ejemplo.test"
[alerts]
to = ["gerente@ejemplo.test"]
alive_url = "http://127.0.0.1:{http}/alive"
[web]
listen = "127.0.0.1:{web}"
public_url = "http://127.0.0.1:{web}"
"#
    )
}

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

fn feed() -> Served {
    let published = escucha::clock::now().plus_hours(-2);
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description><item><guid>g</guid>\
         <title>Dos cobros</title><link>https://foro.test/t/1</link><dc:creator>Javier</dc:creator>\
         <dc:date>{published}</dc:date><description>{JAVIER}</description></item></channel></rss>"
    );
    Served::ok("application/rss+xml; charset=utf-8", body)
}

fn connect(port: u16) -> TcpStream {
    let mut stream = None;
    wait(DEADLINE, "the page to be served", || {
        stream = TcpStream::connect(("127.0.0.1", port)).ok();
        stream.is_some()
    });
    stream.unwrap()
}

fn get(port: u16, path: &str) -> Answer {
    let mut stream = connect(port);
    let host = format!("127.0.0.1:{port}");
    let asked = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::read(&bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn s28_alerts_leave_while_somebody_holds_the_page() {
    tally("smtp");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    let port = free_port();
    let home = Home::new(&configuration(port, server.port(), smtp.port), KEYWORDS);
    let mut child = home
        .command(&["run"])
        .env("ESCUCHA_LOG", "trace")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(home.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let held = tokio::task::spawn_blocking(move || {
        let mut held: Vec<TcpStream> = Vec::new();
        drop(connect(port));
        for nth in 0..100 {
            let address = ([127, 0, 0, 1], port).into();
            let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1))
            else {
                break;
            };
            // A third says nothing, a third begins and stops, a third sends without end.
            let began = match nth % 3 {
                0 => "",
                1 => "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
                _ => "POST /l/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1073741824\r\n\r\n",
            };
            stream.write_all(began.as_bytes()).ok();
            stream.set_nonblocking(true).unwrap();
            let _ = stream.write(&[b'x'; 1 << 12]);
            held.push(stream);
        }
        assert!(held.len() >= 64, "{} connections", held.len());
        held
    });
    let held = held.await.unwrap();
    server.route("/foro.rss", feed());
    server.route("/alive", Served::ok("text/plain", "OK"));
    home.run(&["status"]).await;
    // The source is due again: its first reading found nothing there.
    let url = format!("sqlite://{}", home.path().join("escucha.db").display());
    crate::support::levers::everything_is_due(&url).await;
    let mails = smtp.wait_for(1, DEADLINE).await;
    let mail = MessageParser::default().parse(&mails[0].raw).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/l/"))
        .unwrap();
    let path = format!("/l/{}", link.rsplit('/').next().unwrap());
    let asked = path.clone();
    let page = tokio::task::spawn_blocking(move || get(port, &asked))
        .await
        .unwrap();
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("cuatro veces"));
    drop(held);
    wait(DEADLINE, "the sign of life", || server.hits("/alive") > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(home.path().join("log")).unwrap();
    let token = path.rsplit('/').next().unwrap();
    assert!(!log.contains(token), "S21: the link stands in the log");
    assert!(log.contains("serving the page"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s28_what_is_too_large_is_refused() {
    let house = super::house::House::new().await;
    let port = house.port;
    let large = tokio::task::spawn_blocking(move || {
        let mut stream = connect(port);
        let head = format!(
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {}\r\n\r\n",
            "x".repeat(1 << 20)
        );
        // The server may hang up before it has read all of it.
        let _ = stream.write_all(head.as_bytes());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::read(&bytes).status
    });
    assert!([0, 400, 431].contains(&large.await.unwrap()));
    assert_eq!(
        house.get("/healthz").await.status,
        503,
        "and it goes on: nobody has run yet"
    );
    let body = "x".repeat(20 << 10);
    let mut house = house;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(super::house::MANAGER, &case.0);
    assert_eq!(house.send(&link, &body, "").await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_that_we_are_ready_live_and_stop() {
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/foro.rss", feed());
    let home = Home::new(
        &configuration(free_port(), server.port(), smtp.port),
        KEYWORDS,
    );
    let path = home.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut child = home
        .command(&["run"])
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "400000")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    let told = tokio::task::spawn_blocking(move || {
        let mut told = String::new();
        let mut bytes = [0; 4096];
        let mut is_stopped = false;
        while !told.contains("STOPPING=1") {
            let n = socket.recv(&mut bytes).unwrap();
            told.push_str(&String::from_utf8_lossy(&bytes[..n]));
            told.push('\n');
            if told.matches("WATCHDOG=1").count() >= 5 && !is_stopped {
                is_stopped = true;
                let kill = std::process::Command::new("kill")
                    .args(["-TERM", &pid])
                    .status();
                assert!(kill.unwrap().success());
            }
        }
        told
    });
    let told = told.await.unwrap();
    assert!(told.starts_with("READY=1"), "{told}");
    assert!(told.contains("STATUS=listening to 1 sources"), "{told}");
    tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_it_listens_to_the_network_only_behind_a_name_with_tls() {
    let toml = |listen: &str, url: &str| {
        configuration(1, 2, 3)
            .replace(
                "listen = \"127.0.0.1:1\"",
                &format!("listen = \"{listen}\""),
            )
            .replace("public_url = \"http://127.0.0.1:1\"", url)
    };
    for (listen, url, expected) in [
        ("0.0.0.0:8040", "", "web.listen"),
        ("[::]:8040", "", "web.listen"),
        ("127.0.0.1", "", "web.listen"),
        (
            "127.0.0.1:8040",
            "public_url = \"http://escucha.test\"",
            "web.public_url",
        ),
        (
            "127.0.0.1:8040",
            "public_url = \"https://a:b@escucha.test\"",
            "web.public_url",
        ),
        (
            "127.0.0.1:8040",
            "public_url = \"https://escucha.test/?x\"",
            "web.public_url",
        ),
        ("127.0.0.1:8040", "", ""),
        ("0.0.0.0:8040", "public_url = \"https://escucha.test\"", ""),
    ] {
        let home = Home::new(&toml(listen, url), KEYWORDS);
        let checked = home.run(&["check"]).await;
        let said = binary::out(&checked) + &binary::err(&checked);
        assert_eq!(
            checked.status.success(),
            expected.is_empty(),
            "{listen} {url}: {said}"
        );
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_take_put_off_take_back_and_change_keys() {
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/foro.rss", feed());
    let home = Home::new(
        &configuration(free_port(), server.port(), smtp.port),
        KEYWORDS,
    );
    assert!(home.run(&["run", "--once"]).await.status.success());
    let cases = home.run(&["cases", "--json"]).await;
    let id = binary::rows(&cases)[0]["id"].as_str().unwrap().to_owned();
    for (args, expected) in [
        (
            vec!["take", "--by", "Marta"],
            "Se ocupa de contestar: Marta",
        ),
        (vec!["snooze", "--for", "3d"], "aplazado hasta:"),
        (vec!["undo"], "deshecho: aplazado hasta"),
        (vec!["answered"], "contestado"),
        (vec!["undo"], "deshecho: contestado"),
    ] {
        let args: Vec<&str> = ["case", &id].into_iter().chain(args).collect();
        let done = home.run(&args).await;
        let said = binary::out(&done) + &binary::err(&done);
        assert!(
            done.status.success() && said.contains(expected),
            "{args:?}: {said}"
        );
    }
    for (args, code, expected) in [
        (vec!["case", &id, "undo"], 1, "nada que se pueda deshacer"),
        (
            vec!["case", &id, "snooze", "--for", "99d"],
            2,
            "--for: de 1d a 30d",
        ),
        (vec!["links", "rotate"], 0, "otra clave"),
        (vec!["links", "revoke"], 0, "Ningún enlace"),
        (
            vec!["case", &id, "dismissed", "--because", "spam_or_false"],
            0,
            "descartado",
        ),
        (
            vec!["case", &id, "dismissed", "--because", "not_a_complaint"],
            0,
            "no ha cambiado nada",
        ),
    ] {
        let done = home.run(&args).await;
        let said = binary::out(&done) + &binary::err(&done);
        assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(expected), "{args:?}: {said}");
    }
}
