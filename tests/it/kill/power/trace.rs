//! What strace told of a run: its writes to the database, its syncs, and what it said to others.

use std::collections::HashMap;

/// One thing that a run did, in the order in which it began (a sync: in which it ended).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Write {
        file: String,
        at: u64,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        len: u64,
    },
    Unlink {
        file: String,
    },
    Synced {
        file: String,
    },
    /// To the mail server, or to its log.
    Said(String),
}

/// Reads the lines of `strace -f -y -xx`.
pub(super) fn events(log: &str) -> Vec<Event> {
    let mut events = Vec::new();
    // A call that another thread interrupted in the telling: by thread.
    let mut begun: HashMap<&str, &str> = HashMap::new();
    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if call.starts_with("<... ") {
            if let Some(sync) = begun.remove(thread).and_then(synced) {
                events.push(sync);
            }
            continue;
        }
        if call.ends_with("<unfinished ...>") {
            begun.insert(thread, call);
            events.extend(begins(call));
            continue;
        }
        events.extend(begins(call));
        events.extend(synced(call));
    }
    events
}

/// How many times several polls were told as stored after one and the same sync of the log.
pub(super) fn shared_commits(events: &[Event]) -> usize {
    let (mut n_since, mut n_shared) = (0, 0);
    for event in events {
        match event {
            Event::Synced { file } if file.ends_with("-wal") => n_since = 0,
            Event::Said(text) if text.contains("1 new post") => {
                n_since += 1;
                n_shared += usize::from(n_since == 2);
            }
            _ => {}
        }
    }
    n_shared
}

/// What takes effect, or may, from its beginning.
fn begins(call: &str) -> Option<Event> {
    let (name, rest) = call.split_once('(')?;
    match name {
        "pwrite64" => {
            let file = database_file(rest)?;
            let numbers: Vec<u64> = after_strings(rest)
                .split(", ")
                .filter_map(|number| number.parse().ok())
                .collect();
            Some(Event::Write {
                file,
                at: *numbers.get(1)?,
                bytes: strings(rest),
            })
        }
        "ftruncate" => {
            let file = database_file(rest)?;
            let len = rest.rsplit_once(">, ")?.1.split(')').next()?;
            Some(Event::Truncate {
                file,
                len: len.parse().ok()?,
            })
        }
        "unlink" => {
            let path = String::from_utf8_lossy(&strings(rest)).into_owned();
            Some(Event::Unlink {
                file: file_name(&path)?,
            })
        }
        "write" | "writev" | "sendto" | "sendmsg" => {
            let path =
                String::from_utf8_lossy(&unhexed(rest.split(['<', '>']).nth(1)?)).into_owned();
            let is_ours =
                rest.starts_with("2<") || path.starts_with("socket:") || path.starts_with("TCP");
            is_ours.then(|| Event::Said(String::from_utf8_lossy(&strings(rest)).into_owned()))
        }
        _ => None,
    }
}

fn synced(call: &str) -> Option<Event> {
    let (name, rest) = call.split_once('(')?;
    let is_sync = name == "fsync" || name == "fdatasync";
    let file = is_sync.then(|| database_file(rest)).flatten()?;
    Some(Event::Synced { file })
}

/// The file of `12<\x2f…>`, if it is the database or its log.
fn database_file(rest: &str) -> Option<String> {
    let path = rest.split(['<', '>']).nth(1)?;
    file_name(&String::from_utf8_lossy(&unhexed(path)))
}

fn file_name(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    let is_ours = ["escucha.db", "escucha.db-wal", "escucha.db-journal"].contains(&name);
    is_ours.then(|| name.to_owned())
}

/// All quoted strings of a call, joined.
fn strings(rest: &str) -> Vec<u8> {
    rest.split('"')
        .skip(1)
        .step_by(2)
        .flat_map(unhexed)
        .collect()
}

fn after_strings(rest: &str) -> &str {
    let after = rest.rsplit('"').next().unwrap_or("");
    after.split([')', '<']).next().unwrap_or("").trim_end()
}

/// `\x41\x42`; what is not written so is left out.
fn unhexed(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .filter_map(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok())
        .collect()
}

#[test]
fn strace_is_read_as_it_writes() {
    let log = "7 pwrite64(3<\\x2f\\x61\\x2f\\x65\\x73\\x63\\x75\\x63\\x68\\x61\\x2e\\x64\\x62>, \
               \"\\x41\\x42\", 2, 4096) = 2\n\
               7 fsync(3<\\x2f\\x65\\x73\\x63\\x75\\x63\\x68\\x61\\x2e\\x64\\x62> <unfinished ...>\n\
               8 write(2<\\x70\\x69\\x70\\x65>, \"\\x68\\x6f\\x6c\\x61\", 4) = 4\n\
               7 <... fsync resumed>) = 0\n";
    let file = "escucha.db".to_owned();
    let expected = [
        Event::Write {
            file: file.clone(),
            at: 4_096,
            bytes: b"AB".to_vec(),
        },
        Event::Said("hola".to_owned()),
        Event::Synced { file },
    ];
    assert_eq!(events(log), expected);
}
