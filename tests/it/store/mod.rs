//! The contract of the store: the same stories on SQLite and PostgreSQL, every method called.

mod capture;
mod counted;
mod due;
mod files;
mod found_feeds;
mod hands;
mod inbox;
mod incidents;
mod judgements;
mod looks;
mod nags;
mod outbox;
mod polling;

use escucha::model::{
    Case, CaseId, Circumstances, How, Level, Millionths, Post, PostId, Rhythm, SourceId, Target,
    Timestamp, Verdict, fingerprint, post_keys,
};
use escucha::store::{
    Admission, HostRest, NewAlert, NewCase, NewPost, NewTrouble, Settled, SourceRow, Store,
    Validators, Whereabouts,
};

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);

pub(crate) fn later(seconds: i64) -> Timestamp {
    NOW.plus_seconds(seconds)
}

pub(crate) fn source(name: &str, host: &str) -> SourceRow {
    SourceRow {
        id: SourceId::of_name(name),
        name: name.into(),
        host: host.into(),
        mapping: "m1".into(),
        address: format!("address of {name}"),
        first_at: NOW,
    }
}

/// How a source lives, with no two figures alike.
pub(crate) const RHYTHM: Rhythm = Rhythm {
    ttl_ms: Some(1_000),
    skip_hours: 0b10,
    skip_days: 0b100,
    gap_ms: Some(2_000),
    newest_at: Some(NOW),
};

pub(crate) fn verdict(level: Level) -> Verdict {
    Verdict {
        lang: None,
        complaint_probability: Millionths(900_000),
        sentiment: Millionths(-500_000),
        target: Target::Us,
        level,
        risk: 40,
        signals: Vec::new(),
        topics: Vec::new(),
        watches: vec!["ejemplo".into()],
        why: Vec::new(),
    }
}

pub(crate) fn post(author: &str, text: &str) -> NewPost {
    let post = Post {
        guid: Some(format!("guid of {text}")),
        title: Some("Título con ñ y 😡".into()),
        text: text.into(),
        author: Some(author.into()),
        url: Some(format!("https://foro.test/{}", text.len())),
        published: Some(later(-3_600)),
        rating: Some(0.25),
        how: How::FeedRepaired,
        ..Post::default()
    };
    NewPost {
        id: PostId::of_fingerprint(&fingerprint(&post)),
        keys: post_keys(&post),
        post,
        update: false,
        backlog: false,
        verdict: Some(verdict(Level::None)),
        circumstances: Circumstances::default(),
        page: None,
        case: None,
        also: Vec::new(),
    }
}

pub(crate) fn alert(id: &str, case: Option<&CaseId>) -> NewAlert {
    NewAlert {
        id: id.into(),
        kind: "complaint",
        case_id: case.cloned(),
        lists: Vec::new(),
        thread: case.map(|case| format!("case|{case}")),
        subject: "Asunto".into(),
        text: "cuerpo".into(),
        html: "<p>cuerpo</p>".into(),
        deliveries: vec![(
            format!("d-{id}"),
            "gerente@ejemplo.test".into(),
            format!("<{id}@x>"),
        )],
    }
}

pub(crate) fn complaint(author: &str, text: &str) -> NewPost {
    let mut new = post(author, text);
    let id = CaseId::candidate(text, 0);
    new.verdict = Some(verdict(Level::Complaint));
    new.case = Some(NewCase {
        alerts: vec![alert(&format!("a-{text}"), Some(&id))],
        id,
        watch: "ejemplo".into(),
        author_key: Some(format!("key of {author}")),
        case: Case::open(NOW),
        event: "opened",
        look: None,
    });
    new
}

pub(crate) fn success() -> Settled {
    Settled {
        next_at: later(900),
        hosts: rests(&["foro.test", "otro.test", "eco.test"], later(1)),
        validators: Some(Validators {
            etag: Some("\"1\"".into()),
            last_modified: Some("Mon".into()),
        }),
        body_hash: Some("hash".into()),
        rhythm: RHYTHM,
        n_whole: 3,
        whereabouts: Whereabouts::default(),
        host: "foro.test".into(),
        robots_tag: Some("noai".into()),
        trouble: None,
        parsed: None,
    }
}

/// These hosts may be asked again at `next_at`.
pub(crate) fn rests(hosts: &[&str], next_at: Timestamp) -> Vec<HostRest> {
    let rest = |host: &&str| HostRest {
        host: (*host).to_owned(),
        next_at,
    };
    hosts.iter().map(rest).collect()
}

pub(crate) fn failure() -> Settled {
    Settled {
        validators: None,
        body_hash: None,
        trouble: Some(NewTrouble {
            sentence: "cerrado".into(),
            cause: "passing",
            tell_at: later(1_001),
        }),
        ..success()
    }
}

pub(crate) fn posts(posts: Vec<NewPost>) -> Admission {
    Admission {
        posts,
        ..Admission::default()
    }
}

/// Claims the only due source and settles it with these posts.
pub(crate) async fn admit(store: &Store, admission: &Admission) {
    store
        .sync_sources(&[source("foro", "foro.test")], NOW)
        .await
        .unwrap();
    let claimed = store.claim_sources("w", NOW, later(120), 5).await.unwrap();
    assert!(
        store
            .settle_source(&claimed[0], &success(), admission, later(1))
            .await
            .unwrap()
    );
}
