//! Who is told, when, and how often: faults of `[alerts]`, of `[[route]]` and of the calendar.

use super::faults::operator;
use super::{COMPANY, WATCH, printed};

#[test]
fn who_is_told_and_when_is_checked() {
    let to = "to = [\"a@x.test\"]";
    operator(
        &format!("[alerts]\nescalate = {{ after = \"2h\", {to} }}"),
        "",
    );
    operator(
        "[alerts]\nescalate = [{ after = \"2 h\", to = [\"a@x.test\"] }]",
        "escucha:2:23: alerts.escalate.after: \"2 h\" will not do; write 2h",
    );
    operator(
        "[alerts]\nescalate = [{ after = \"2h\" }]",
        "escucha:2:13: alerts.escalate.to: is missing; put to =",
    );
    operator(
        "[alerts]\nescalate = [{ after = \"2h\", to = [] }]",
        "escucha:2:34: alerts.escalate.to: names nobody; write at least one address",
    );
    operator(
        &format!("[[route]]\ntopic = \"billing\"\nwatch = \"w\"\n{to}"),
        "",
    );
    operator(
        &format!("[[route]]\n{to}"),
        "escucha:1:1: route.topic: does not say of which cases; put topic =",
    );
    operator(
        &format!("[[route]]\ntopic = \"biling\"\n{to}"),
        "escucha:2:9: route.topic: \"biling\" will not do; write billing",
    );
    operator(
        &format!("[[route]]\nwatch = \"v\"\n{to}"),
        "escucha:2:9: route.watch: \"v\" will not do; write",
    );
    operator(
        "[alerts]\nholidays = \"nowhere.txt\"",
        "escucha:2:12: alerts.holidays: nowhere.txt cannot be read; check the path",
    );
}

#[test]
fn hours_days_and_budgets_are_checked() {
    operator(
        "[alerts]\ndigest_at = \"08:30\"\nweekly_digest = \"miércoles\"\nmails_per_day = 12",
        "",
    );
    operator(
        "[alerts]\ndigest_at = \"8.30\"",
        "escucha:2:13: alerts.digest_at: \"8.30\" will not do; write a time such as 08:30",
    );
    operator(
        "[alerts]\ndigest_at = \"24:30\"",
        "escucha:2:13: alerts.digest_at:",
    );
    operator(
        "[alerts]\ndigest_at = \"ñ8:30\"",
        "escucha:2:13: alerts.digest_at:",
    );
    operator(
        "[alerts]\nweekly_digest = \"diario\"",
        "escucha:2:17: alerts.weekly_digest: \"diario\" will not do; write a day of the week",
    );
    operator(
        "[alerts]\nmails_per_day = 0",
        "escucha:2:17: alerts.mails_per_day: 0 will not do; write a whole number from 1",
    );
}

#[test]
fn faults_of_the_calendar_are_told_with_its_own_lines() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write(
        "escucha.toml",
        &format!("{COMPANY}[alerts]\nholidays = \"days.txt\"\n"),
    );
    write("keywords.toml", WATCH);
    let load = |days: &str| {
        write("days.txt", days);
        printed(escucha::config::load(
            &dir.path().join("escucha.toml"),
            &|_| None,
        ))
    };
    assert_eq!(load("2026-12-25 Navidad\n"), "right");
    assert_eq!(
        load("# días\n25.12.2026\n"),
        "days:2:1: holidays: is no date; write 2026-12-25, or 12-25 for every year"
    );
    assert!(load("# nada\n").starts_with("days:1:1: holidays: there is no day"));
}
