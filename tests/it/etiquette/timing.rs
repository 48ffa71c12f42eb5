//! Rules 9 to 17: when a source is asked again.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;

#[tokio::test]
async fn rule_09_the_floor_holds_whatever_is_configured_and_after_a_restart() {
    let sources = source("foro", "/feed", "every = \"1s\"");
    let mut town = Town::new(&sources, "floor = \"20m\"").await;
    town.server.route("/feed", rss(&["uno"]));
    town.round().await;
    within(town.next_in_minutes().await, 20, 22, "not below the floor");
    for _ in 0..3 {
        town.restart(str::to_owned).await;
        town.round().await;
    }
    assert_eq!(town.requests().len(), 1);
}

#[tokio::test]
async fn rule_10_a_restart_does_not_ask_again() {
    let mut town = Town::with_feed(rss(&["uno"])).await;
    town.round().await;
    let next_at = town.state().await.next_at;
    town.restart(|text| text.replace("answer_within", "x"))
        .await;
    town.round().await;
    assert_eq!(town.requests().len(), 1);
    assert_eq!(
        town.state().await.next_at,
        next_at,
        "it stands in the database"
    );
}

/// The minutes to the next reading after this answer.
async fn next_after(answer: Answer) -> i64 {
    let town = Town::with_feed(answer).await;
    town.round().await;
    assert_eq!(town.requests().len(), 1);
    town.next_in_minutes().await
}

#[tokio::test]
async fn rule_11_the_longest_of_all_wishes_decides_up_to_a_day() {
    let channel = |channel: &str| Answer::ok(RSS, feed_with(channel, &["uno"]));
    let daily =
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>";
    let date = |answer: Answer| answer.header("Date", "Mon, 01 Jan 2001 00:00:00 GMT");
    for (answer, least) in [
        (channel("<ttl>90</ttl>"), 90),
        (channel("<ttl>5</ttl>"), 14),
        (channel(daily), 360),
        (rss(&["uno"]).header("Cache-Control", "max-age=7200"), 120),
        (
            channel("<ttl>90</ttl>").header("Cache-Control", "max-age=7200"),
            120,
        ),
        (
            date(rss(&["uno"])).header("Expires", "Mon, 01 Jan 2001 03:00:00 GMT"),
            180,
        ),
        (
            rss(&["uno"]).header("Cache-Control", "max-age=31536000"),
            1_440,
        ),
        (channel("<ttl>1000000</ttl>"), 1_440),
    ] {
        let told = format!("{answer:?}").chars().take(150).collect::<String>();
        let most = (least + least / 10 + 1).max(17);
        within(next_after(answer).await, least, most, &told);
    }
    // What the feed asks for holds for a 304 too, which does not repeat it.
    let town = Town::with_feed(channel("<ttl>90</ttl>").etag("\"1\"")).await;
    town.round().await;
    town.again().await;
    within(town.next_in_minutes().await, 90, 100, "after a 304");
}

#[tokio::test]
async fn rule_12_dates_count_from_the_date_of_the_server_and_age_is_taken_off() {
    let date = |answer: Answer| answer.header("Date", "Mon, 01 Jan 2001 00:00:00 GMT");
    let expires = date(rss(&["uno"])).header("Expires", "Mon, 01 Jan 2001 02:00:00 GMT");
    within(next_after(expires).await, 120, 133, "Expires after Date");
    let aged = rss(&["uno"])
        .header("Cache-Control", "max-age=7200")
        .header("Age", "3600");
    within(next_after(aged).await, 60, 67, "an hour of two is over");
    let busy = date(Answer::status(503)).header("Retry-After", "Mon, 01 Jan 2001 03:00:00 GMT");
    within(next_after(busy).await, 180, 199, "Retry-After after Date");
}

#[tokio::test]
async fn rule_13_skipped_hours_and_days_are_left_out() {
    // All hours but the one that begins two hours from now, or all days but tomorrow.
    let now = escucha::clock::now();
    let hour = (now.0.div_euclid(HOUR) + 2).rem_euclid(24);
    let hours: String = (0..24)
        .filter(|h| *h != hour)
        .fold(String::new(), |mut text, h| {
            write!(text, "<hour>{h}</hour>").unwrap();
            text
        });
    let answer = Answer::ok(
        RSS,
        feed_with(&format!("<skipHours>{hours}</skipHours>"), &["uno"]),
    );
    let town = Town::with_feed(answer).await;
    town.round().await;
    let next_at = town.state().await.next_at;
    assert_eq!(next_at.0.div_euclid(HOUR), now.0.div_euclid(HOUR) + 2);
    let names = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let today = now.plus_ms(20 * MINUTE).0.div_euclid(24 * HOUR);
    let skipped = names[(today + 3).rem_euclid(7) as usize];
    let channel = format!("<skipDays><day>{skipped}</day></skipDays>");
    let town = Town::with_feed(Answer::ok(RSS, feed_with(&channel, &["uno"]))).await;
    town.round().await;
    let next_day = town.state().await.next_at.0.div_euclid(24 * HOUR);
    within(
        next_day,
        today + 1,
        today + 1,
        "the next day that is not skipped",
    );
}

#[tokio::test]
async fn rule_14_without_an_interval_the_source_sets_the_rhythm() {
    for (hours, expected) in [
        (&[0, 4, 8, 12][..], 60),
        (&[0, 1, 2, 3], 30),
        (&[0, 240, 480], 60),
        (&[192, 193, 194], 180),
        (&[400, 401], 360),
        (&[1_000, 1_001], 720),
    ] {
        let dated = |hours: &i64| {
            let at = escucha::clock::now().plus_hours(-hours);
            format!(
                "<item><guid>{hours}</guid><title>t</title><dc:date>{at}</dc:date>\
                 <description>texto {hours}</description></item>"
            )
        };
        let items: String = hours.iter().map(dated).collect();
        let body = format!(
            "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>\
             <title>t</title>{items}</channel></rss>"
        );
        for (every, least) in [("", expected), ("every = \"20m\"", 20)] {
            let town = Town::new(&source("foro", "/feed", every), "").await;
            town.server.route("/feed", Answer::ok(RSS, body.clone()));
            town.round().await;
            let next = town.next_in_minutes().await;
            within(
                next,
                least * 9 / 10,
                least * 11 / 10 + 1,
                &format!("{hours:?} {every}"),
            );
        }
    }
}

#[tokio::test]
async fn rule_15_a_thousand_sources_added_together_are_spread_over_their_interval() {
    let sources = (0..1_000).fold(String::new(), |mut text, n| {
        write!(
            text,
            "[[source]]\nname = \"s{n}\"\nurl = \"{{foro}}/{n}\"\nevery = \"15m\"\n"
        )
        .unwrap();
        text
    });
    let town = Town::new(&sources, "").await;
    for n in 0..1_000 {
        town.server.route(&format!("/{n}"), rss(&["uno"]));
    }
    let began = escucha::clock::now();
    town.service.prepare().await.unwrap();
    let busiest = |states: &[SourceState], seconds: i64| {
        let mut n_per_slot = std::collections::BTreeMap::new();
        for state in states {
            let slot = state.next_at.ms_since(began) / (seconds * 1_000);
            *n_per_slot.entry(slot).or_insert(0) += 1;
        }
        n_per_slot.into_values().max().unwrap()
    };
    let states = town.service.store.source_states().await.unwrap();
    // 1,000 in 900 seconds: 1.1 in each on average.
    assert!(
        busiest(&states, 1) <= 3,
        "{} in one second",
        busiest(&states, 1)
    );
    assert_eq!(town.requests().len(), 0);
    town.round().await;
    assert!(
        town.requests().len() < 60,
        "{} at once",
        town.requests().len()
    );
    // Few sources do not wait.
    let few: String = ["a", "b", "c"]
        .iter()
        .map(|name| source(name, "/feed", ""))
        .collect();
    let town = Town::new(&few, "").await;
    town.server.route("/feed", rss(&["uno"]));
    town.round().await;
    assert_eq!(town.requests().len(), 3);
}

#[tokio::test]
async fn rule_16_failures_back_off_with_jitter_and_one_success_ends_it() {
    let town = Town::with_feed(Answer::status(500)).await;
    let mut longest = 0;
    for n in 1..=12 {
        town.again().await;
        let next = town.next_in_minutes().await;
        let backoff = (5_i64 << (n - 1)).min(1_440);
        within(next, 15, backoff.max(18), &format!("failure {n}"));
        longest = longest.max(next);
    }
    assert!(longest > 60, "{longest}");
    assert_eq!(town.state().await.n_failures, 12);
    town.server.route("/feed", rss(&["uno"]));
    town.again().await;
    within(town.next_in_minutes().await, 13, 17, "as before");
    assert_eq!(town.requests().len(), 13);
}

#[tokio::test]
async fn rule_17_sources_of_one_host_that_fail_together_do_not_come_back_together() {
    let names: Vec<String> = (0..30).map(|n| format!("s{n}")).collect();
    let one = |name: &String| {
        format!("[[source]]\nname = \"{name}\"\nurl = \"{{foro}}/{name}\"\nevery = \"15m\"\n")
    };
    let town = Town::new(&names.iter().map(one).collect::<String>(), "").await;
    for name in &names {
        town.server.route(&format!("/{name}"), Answer::status(500));
    }
    for _ in 0..6 {
        town.again().await;
    }
    assert_eq!(town.requests().len(), 6 * 30);
    let states = town.service.store.source_states().await.unwrap();
    let minutes: BTreeSet<i64> = states.iter().map(|s| s.next_at.0 / MINUTE).collect();
    assert!(
        minutes.len() > 20,
        "30 sources in {} minutes",
        minutes.len()
    );
}
