//! Documents that cost too much, in a child of the program under test: whatever they do, they cost
//! themselves alone.

mod service;
#[path = "../../examples/hostile/shapes.rs"]
mod shapes;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use escucha::extract::{
    self, Document, Extracted, Kind, Map, Places, RawMap, RawSelectors, Reading, Selectors,
};
use escucha::model::{Timestamp, Ui};
use escucha::reader::{Job, Limits, Reader};
use shapes::{BEYOND, WITHIN};
use url::Url;

use crate::support::{binary, tally};

/// Small enough for a test, large enough for every document that is not hostile.
const LIMITS: Limits = Limits {
    here_bytes: 0,
    cpu_seconds: 1,
    memory_bytes: 512 << 20,
    time: Duration::from_mins(10),
    answer_bytes: 64 << 20,
    here_feed_bytes: 0,
};

/// The second half of it compares each paragraph with all before it.
const SELECTOR: &str = "div.review, h2 ~ p";

const FEED: &str = "<rss><channel><item><title>a</title></item></channel></rss>";

fn reader(limits: Limits) -> Reader {
    tally("binary");
    Reader::new(Some(binary::path()), limits)
}

fn job(body: impl Into<Vec<u8>>, kind: &str) -> Arc<Job> {
    let select = RawSelectors {
        item: SELECTOR.to_owned(),
        ..RawSelectors::default()
    };
    Arc::new(Job {
        body: body.into(),
        content_type: None,
        url: Url::parse("https://foro.test/dir/pagina").ok(),
        kind: match kind {
            "feed" => Kind::Feed,
            "blog" => Kind::Blog,
            "json" => Kind::Json,
            _ => Kind::Reviews,
        },
        select: (kind == "select").then(|| Selectors::parse(&select).unwrap()),
        map: None,
        lang: None,
        now: Timestamp(1_795_176_000_000),
        local: Arc::default(),
    })
}

/// What this very process reads.
fn read_here(job: &Job) -> Extracted {
    let document = Document {
        body: &job.body,
        content_type: job.content_type.as_deref(),
        url: job.url.as_ref(),
    };
    let reading = Reading {
        kind: job.kind,
        select: job.select.as_ref(),
        map: job.map.as_ref(),
        lang: job.lang,
        now: job.now,
        local: escucha::model::LocalTime::utc(),
    };
    extract::posts(&document, &reading)
}

/// "3 posts", else what is wrong.
fn told(read: &Extracted) -> String {
    match read.failure() {
        Some(failure) => failure.to_owned(),
        None => format!("{} posts", read.posts.len()),
    }
}

async fn check(reader: &Reader, job: &Arc<Job>, expected: &str) {
    assert_eq!(told(&reader.posts(job).await), expected);
}

#[tokio::test]
async fn a_child_reads_as_this_process_does() {
    let reader = reader(LIMITS);
    let map = Map::parse(&RawMap {
        items: "/items/*".to_owned(),
        places: Places {
            text: Some("/content_text".to_owned()),
            rating: Some("/rating".to_owned()),
            ..Places::default()
        },
        ..RawMap::default()
    });
    let mut jobs: Vec<Job> = WITHIN
        .iter()
        .map(|shape| Arc::unwrap_or_clone(job((shape.make)(8 << 10), shape.kind)))
        .collect();
    let noticias =
        r#"{"items": [{"content_text": "Malo", "rating": 4.3}, {"content_text": "ñ\u0000"}]}"#;
    jobs.push(Job {
        map: map.ok(),
        ..Arc::unwrap_or_clone(job(noticias, "json"))
    });
    jobs.push(Job {
        content_type: Some("text/xml; charset=windows-1252".to_owned()),
        ..Arc::unwrap_or_clone(job(*b"<rss><channel><item><title>Se\xf1or", "feed"))
    });
    let mut n_posts = 0;
    for job in jobs {
        let here = read_here(&job);
        n_posts += here.posts.len();
        let there = reader.posts(&Arc::new(job)).await;
        assert_eq!(there, here);
    }
    assert!(n_posts > 1_000, "{n_posts}");
    let page = job(
        "<title>Hola</title><article><p>Nadie contesta desde hace semanas.",
        "blog",
    );
    let document = Document {
        body: &page.body,
        content_type: None,
        url: page.url.as_ref(),
    };
    let reading = Reading {
        kind: Kind::Blog,
        select: None,
        map: None,
        lang: None,
        now: page.now,
        local: escucha::model::LocalTime::utc(),
    };
    let there = reader.article(&page).await;
    assert_eq!(there, extract::article(&document, &reading));
    assert!(there.is_ok());
}

/// What the gates in process refuse, at three sizes: it is read, or there is one error with a name.
#[tokio::test]
async fn r34_r35_deep_documents_give_posts_or_one_named_error() {
    let reader = reader(LIMITS);
    let named = [
        "is nested deeper than",
        "has more than 256 attributes",
        "is too tangled",
        "needed more than 1 s of CPU",
        "needed more than 512 MiB of memory",
        "too many elements within each other",
        "the JSON",
        "the page has no readable text",
        "this page has no review markup",
        "this is no feed that can be read",
        ", and none can be read",
    ];
    for shape in BEYOND {
        for n_bytes in [8 << 10, 500_000, 10_000_000] {
            let read = reader.posts(&job((shape.make)(n_bytes), shape.kind)).await;
            let fatal = read.problems.iter().filter(|problem| problem.fatal);
            let fatal: Vec<&str> = fatal.map(|problem| problem.detail.as_str()).collect();
            let is_named = |said: &&str| named.iter().any(|name| said.contains(name));
            let (name, n_posts) = (shape.name, read.posts.len());
            assert!(
                n_posts > 0 && fatal.is_empty() || fatal.len() == 1 && fatal.iter().all(is_named),
                "{name}, {n_bytes} bytes: {n_posts} posts, {fatal:?}"
            );
        }
    }
    // The reader is as well as before.
    check(&reader, &job(FEED, "feed"), "1 posts").await;
}

#[tokio::test]
async fn what_is_too_deep_for_the_service_is_read_in_a_child() {
    let small = Limits {
        here_bytes: 1 << 20,
        here_feed_bytes: 1 << 20,
        ..LIMITS
    };
    let reader = reader(small);
    let group = format!(
        "<rss><channel><item><title>Malo</title>{}{}</item></channel></rss>",
        "<media:group>".repeat(3_000),
        "</media:group>".repeat(3_000)
    );
    let text = "Me han cobrado dos veces y nadie contesta. ".repeat(9);
    let page = format!("{}<p>{text}</p>", "<font color=red>".repeat(600));
    let reviews = format!("{}<div class=review>Malo", "<div>".repeat(600));
    for (body, kind) in [(group, "feed"), (page, "blog"), (reviews, "select")] {
        let job = job(body, kind);
        let here = told(&read_here(&job));
        assert!(here.contains("is nested deeper than"), "{kind}: {here}");
        check(&reader, &job, "1 posts").await;
    }
    let page = job(format!("{}<p>{text}", "<div>".repeat(600)), "blog");
    assert!(reader.article(&page).await.is_ok());
}

/// Harmless to look at: it is the selector that takes half a minute.
fn siblings() -> String {
    format!("<h2>Opiniones</h2>{}", "<p>Malo".repeat(60_000))
}

fn burner() -> Arc<Job> {
    job(siblings(), "select")
}

#[tokio::test]
async fn m12_r35_a_document_has_so_much_cpu_and_no_more() {
    check(
        &reader(LIMITS),
        &burner(),
        "the document needed more than 1 s of CPU",
    )
    .await;
    let read = reader(LIMITS).posts(&burner()).await;
    assert!(read.is_costly());
    assert_eq!(
        read.refusal(Ui::Es).unwrap(),
        "no se puede leer: el documento necesita más de 1 s de procesador"
    );
}

#[tokio::test]
async fn a_document_has_so_much_memory_and_no_more() {
    let limits = Limits {
        memory_bytes: 160 << 20,
        cpu_seconds: 60,
        ..LIMITS
    };
    let body = format!("{{\"items\":[{}0]}}", "[],".repeat(4 << 20));
    check(
        &reader(limits),
        &job(body, "json"),
        "the document needed more than 160 MiB of memory",
    )
    .await;
}

#[tokio::test]
async fn a_document_has_so_much_time_and_so_long_an_answer() {
    let impatient = Limits {
        time: Duration::from_millis(1_500),
        cpu_seconds: 1_000,
        ..LIMITS
    };
    let said = "the document could not be read within 1 s";
    check(&reader(impatient), &burner(), said).await;
    let short = Limits {
        answer_bytes: 1 << 20,
        cpu_seconds: 60,
        ..LIMITS
    };
    let entries = "<item><title>Malo</title></item>".repeat(40_000);
    let feed = job(format!("<rss><channel>{entries}"), "feed");
    check(
        &reader(short),
        &feed,
        "the document yields more than 1 MiB of text",
    )
    .await;
}

/// What was read behind the gates stays, and the limit is told beside it.
#[tokio::test]
async fn a_limit_takes_nothing_along_that_was_read_before_it() {
    let script = "<script type='application/ld+json'>{\"@type\":\"Review\",\"reviewBody\":\"Malo\"}</script>";
    let body = format!("{script}{}{}", "<div>".repeat(600), siblings());
    let read = reader(LIMITS).posts(&job(body, "select")).await;
    assert_eq!(told(&read), "1 posts");
    let minor: Vec<&str> = read
        .problems
        .iter()
        .map(|problem| problem.detail.as_str())
        .collect();
    assert_eq!(minor, ["the document needed more than 1 s of CPU"]);
}

/// The gates are as they were where nothing can be started, or something else is.
#[tokio::test]
async fn without_a_child_the_gates_decide() {
    let deep = job("<div>".repeat(600), "blog");
    let feed = job(FEED, "feed");
    for program in [
        None,
        Some("/nowhere/escucha"),
        Some("/bin/true"),
        Some("/etc/passwd"),
    ] {
        let reader = Reader::new(program.map(Into::into), LIMITS);
        check(&reader, &deep, "the HTML is nested deeper than 512 levels").await;
        check(&reader, &feed, "1 posts").await;
    }
}

#[tokio::test]
async fn the_child_learns_nothing_of_its_parents_environment() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (program, seen) = (folder.path().join("child"), folder.path().join("seen"));
    // Closed before it runs: a file that is open for writing cannot be started.
    std::fs::write(
        &program,
        format!("#!/bin/sh\nexport -p > {}\n", seen.display()),
    )
    .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let reader = Reader::new(Some(program), LIMITS);
    reader.posts(&job("<rss/>", "feed")).await;
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("MALLOC_ARENA_MAX"), "{seen}");
    assert!(std::env::var_os("PATH").is_some() && std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!seen.contains("CARGO") && !seen.contains("HOME"), "{seen}");
}

/// Before it has read a byte: no files, no sockets, no cores, and so much CPU and memory.
#[cfg(target_os = "linux")]
#[test]
fn s7_the_child_gives_up_what_it_does_not_need() {
    tally("binary");
    let mut child = Command::new(binary::path())
        .args(["read-document", "5", "536870912"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Its first words come when its limits are in force.
    let mut reader = [0; 8];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut reader)
        .unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = |name: &str| -> Vec<String> {
        let line = limits.lines().find_map(|line| line.strip_prefix(name));
        let words = line.unwrap().split_whitespace().take(2);
        words.map(str::to_owned).collect()
    };
    assert_eq!(limit("Max cpu time"), ["5", "6"]);
    assert_eq!(limit("Max address space"), ["536870912", "536870912"]);
    assert_eq!(limit("Max file size"), ["0", "0"]);
    assert_eq!(limit("Max core file size"), ["0", "0"]);
    assert_eq!(limit("Max open files"), ["3", "3"]);
    assert_eq!(limit("Max processes"), ["0", "0"]);
    // A job that cannot be understood ends it.
    child.stdin.take().unwrap().write_all(&[0xff; 8]).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn the_child_is_no_command_for_people() {
    let help = Command::new(binary::path()).arg("--help").output().unwrap();
    assert!(!binary::out(&help).contains("read-document"));
    let alone = Command::new(binary::path())
        .arg("read-document")
        .output()
        .unwrap();
    assert_eq!(alone.status.code(), Some(3));
}

/// `try` reads a file within the same limits.
#[test]
fn try_reads_a_file_in_a_child() {
    let home = binary::Home::new("", "");
    std::fs::remove_file(home.path().join("escucha.toml")).unwrap();
    let deep = format!(
        "<rss><channel><item><title>Malo</title>{}{}</item></channel></rss>",
        "<media:group>".repeat(5_000),
        "</media:group>".repeat(5_000)
    );
    home.write("deep.xml", &deep);
    home.write("huge.xml", &" ".repeat((24 << 20) + 1));
    let output = home
        .command(&["try", "deep.xml", "huge.xml", "--json"])
        .output()
        .unwrap();
    let rows = binary::rows(&output);
    assert_eq!(rows[0]["title"], "Malo", "{}", binary::err(&output));
    let error = rows[1]["error"].as_str().unwrap();
    assert!(error.contains("24 MiB"), "{error}");
}
