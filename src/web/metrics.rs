//! `/metrics` in the text format of Prometheus (version 0.0.4). No name of a person, no link, no address.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::response::Response;

use super::{WebError, with_status};
use crate::clock;
use crate::daemon::{BUCKETS_MS, Histogram, Loop, Service};
use crate::model::State;
use crate::store::Sums;

pub(super) async fn metrics(service: &Service) -> Result<Response, WebError> {
    let store = &service.store;
    let now = clock::shared_now(store).await?;
    let mut out = String::with_capacity(8 << 10);
    let counts = store.counts().await?;
    family(&mut out, "escucha_posts", "gauge", "Posts that are stored.");
    let _ = writeln!(out, "escucha_posts {}", counts.posts);
    family(
        &mut out,
        "escucha_doubts",
        "gauge",
        "Posts that may be complaints.",
    );
    let _ = writeln!(out, "escucha_doubts {}", counts.doubts);
    let states = State::ALL.iter().map(|state| state.word());
    let sums = store.cases_by_state().await?;
    family(&mut out, "escucha_cases", "gauge", "Cases by state.");
    gauges(&mut out, "escucha_cases", "state", states, &sums);
    let states = ["ready", "sending", "in_doubt", "sent", "dead"];
    let sums = store.deliveries_by_state().await?;
    family(
        &mut out,
        "escucha_deliveries",
        "gauge",
        "Deliveries of mails by state.",
    );
    gauges(
        &mut out,
        "escucha_deliveries",
        "state",
        states.into_iter(),
        &sums,
    );
    let words = ["well", "trouble", "blind", "quiet"];
    let sums = store.sources_by_condition(now).await?;
    family(
        &mut out,
        "escucha_sources",
        "gauge",
        "Sources by condition.",
    );
    gauges(
        &mut out,
        "escucha_sources",
        "condition",
        words.into_iter(),
        &sums,
    );
    of_this_process(service, &mut out);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(with_status(StatusCode::OK, kind, out))
}

fn of_this_process(service: &Service, out: &mut String) {
    let tally = &service.tally;
    family(
        out,
        "escucha_polls_total",
        "counter",
        "Readings of sources by outcome.",
    );
    for (word, n) in tally.polls.read() {
        let _ = writeln!(out, "escucha_polls_total{{outcome=\"{word}\"}} {n}");
    }
    family(
        out,
        "escucha_delivery_attempts_total",
        "counter",
        "Attempts to send by outcome.",
    );
    for (word, n) in tally.attempts.read() {
        let _ = writeln!(
            out,
            "escucha_delivery_attempts_total{{outcome=\"{word}\"}} {n}"
        );
    }
    let name = "escucha_poll_duration_seconds";
    family(out, name, "histogram", "Time of one reading.");
    histogram(out, name, "", &tally.poll_time);
    let name = "escucha_delivery_duration_seconds";
    family(out, name, "histogram", "Time of one attempt to send.");
    histogram(out, name, "", &tally.attempt_time);
    let name = "escucha_turn_duration_seconds";
    family(out, name, "histogram", "Time of one turn of a loop.");
    for of in Loop::ALL {
        let label = format!("loop=\"{}\"", of.name());
        histogram(out, name, &label, service.pulse.turns(of));
    }
    let name = "escucha_last_turn_timestamp_seconds";
    family(out, name, "gauge", "When the last turn of a loop ended.");
    for of in Loop::ALL {
        let at = service.pulse.turned_at(of).map_or(0, |at| at.0 / 1_000);
        let _ = writeln!(out, "{name}{{loop=\"{}\"}} {at}", of.name());
    }
    let name = "escucha_last_turn_failed";
    family(out, name, "gauge", "1 when the last turn of a loop failed.");
    let failed = service.pulse.failed();
    for of in Loop::ALL {
        let n = u8::from(failed.contains(&of));
        let _ = writeln!(out, "{name}{{loop=\"{}\"}} {n}", of.name());
    }
    family(out, "escucha_build_info", "gauge", "The version, always 1.");
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(out, "escucha_build_info{{version=\"{version}\"}} 1");
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// One line for each word, also for those of which there is none.
fn gauges<'a>(
    out: &mut String,
    name: &str,
    label: &str,
    words: impl Iterator<Item = &'a str>,
    sums: &Sums,
) {
    for word in words {
        let found = sums.iter().find(|(known, _)| known == word);
        let n = found.map_or(0, |(_, n)| *n);
        let _ = writeln!(out, "{name}{{{label}=\"{word}\"}} {n}");
    }
}

fn histogram(out: &mut String, name: &str, label: &str, times: &Histogram) {
    let (sums, n, sum_ms) = times.read();
    let before = if label.is_empty() { "" } else { "," };
    for (end, sum) in BUCKETS_MS.iter().zip(sums) {
        let end = seconds(*end);
        let _ = writeln!(out, "{name}_bucket{{{label}{before}le=\"{end}\"}} {sum}");
    }
    let _ = writeln!(out, "{name}_bucket{{{label}{before}le=\"+Inf\"}} {n}");
    let label = if label.is_empty() {
        String::new()
    } else {
        format!("{{{label}}}")
    };
    let _ = writeln!(
        out,
        "{name}_sum{label} {}\n{name}_count{label} {n}",
        seconds(sum_ms)
    );
}

fn seconds(ms: u64) -> String {
    (ms as f64 / 1_000.0).to_string()
}
