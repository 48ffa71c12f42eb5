//! The event that a webhook tells: one JSON object, versioned; and which events an endpoint wants.

use serde_json::{Value, json};

use crate::model::{Level, Timestamp};

/// Counts up when a field changes its meaning or goes; a new field is no new version.
const VERSION: u32 = 1;

/// What `events` may name, beside `urgent`: each is the kind of an alert. What is technical is the
/// operator's alone, and a webhook that fails could not tell of itself. Nor is there one for the mails that
/// gather others (`together`, `urgent`): each of those was an event of its own.
pub const EVENTS: [&str; 9] = [
    "complaint",
    "incident",
    "backlog",
    "reminder",
    "asked",
    "escalation",
    "solved",
    "digest",
    "weekly",
];
/// The complaints that are urgent, and no others.
const URGENT: &str = "urgent";
pub const DEFAULT_EVENTS: [&str; 2] = ["complaint", "incident"];
/// What `escucha check --webhook` sends.
pub const TEST: &str = "test";

/// The events that an endpoint wants to hear of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(Vec<&'static str>);

impl Wanted {
    /// Adds an event by its word; false for a word that is none.
    pub fn add(&mut self, word: &str) -> bool {
        let known = Self::words().find(|known| *known == word);
        self.0.extend(known);
        known.is_some()
    }

    /// Every word that may stand in `events`.
    pub fn words() -> impl Iterator<Item = &'static str> {
        EVENTS.into_iter().chain([URGENT])
    }

    /// Whether an alert of this kind about a case of this level is wanted.
    pub fn admits(&self, kind: &str, level: Option<Level>) -> bool {
        let is_urgent = kind == "complaint" && level == Some(Level::Urgent);
        let is_event = kind != URGENT && self.0.contains(&kind);
        is_event || (is_urgent && self.0.contains(&URGENT))
    }

    pub fn words_wanted(&self) -> &[&'static str] {
        &self.0
    }
}

/// What an alert tells, beside its kind and time.
#[derive(Clone, Debug, Default)]
pub struct Event {
    pub subject: String,
    /// The plain text of the mail.
    pub text: String,
    /// The one case that it is about, as `escucha cases --json` shows it.
    pub case: Option<Value>,
    /// When it is about several: the first of them.
    pub cases: Vec<Value>,
    /// How many they are.
    pub n_cases: usize,
    /// Suggested public replies.
    pub drafts: Vec<String>,
}

/// The whole body: `type`, `timestamp`, `version`, `data`.
pub fn event(kind: &str, at: Timestamp, about: &Event) -> Value {
    json!({
        "type": format!("escucha.{kind}"),
        "timestamp": at.to_string(),
        "version": VERSION,
        "data": {
            "subject": about.subject, "text": about.text, "case": about.case,
            "cases": about.cases, "n_cases": about.n_cases, "drafts": about.drafts,
        },
    })
}

/// An event that tells of nobody.
pub fn test_event(at: Timestamp, subject: &str, text: &str) -> Value {
    let about = Event {
        subject: subject.to_owned(),
        text: text.to_owned(),
        ..Event::default()
    };
    event(TEST, at, &about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], kind: &str, level: Level, expected: bool) {
        let mut wanted = Wanted::default();
        assert!(words.iter().all(|word| wanted.add(word)), "{words:?}");
        assert_eq!(wanted.admits(kind, Some(level)), expected, "{words:?}");
    }

    #[test]
    fn an_endpoint_hears_what_it_wants() {
        check(&DEFAULT_EVENTS, "complaint", Level::Complaint, true);
        check(&DEFAULT_EVENTS, "incident", Level::Complaint, true);
        check(&DEFAULT_EVENTS, "reminder", Level::Urgent, false);
        check(&["urgent"], "complaint", Level::Complaint, false);
        check(&["urgent"], "complaint", Level::Urgent, true);
        check(&["urgent"], "reminder", Level::Urgent, false);
        // That is the mail of those beyond a person's budget.
        check(&["urgent"], "urgent", Level::Urgent, false);
        check(&["escalation", "solved"], "solved", Level::Complaint, true);
        check(&["complaint", "urgent"], "complaint", Level::Doubt, true);
        let mut wanted = Wanted::default();
        assert!(!wanted.add("operator") && !wanted.add("Complaint"));
        assert!(!wanted.admits("operator", None));
    }

    #[test]
    fn the_test_is_an_event_like_any_other() {
        let found = test_event(Timestamp(1_800_000_000_000), "a", "b");
        assert_eq!(
            found.to_string(),
            "{\"type\":\"escucha.test\",\"timestamp\":\"2027-01-15T08:00:00Z\",\"version\":1,\
             \"data\":{\"subject\":\"a\",\"text\":\"b\",\"case\":null,\"cases\":[],\"n_cases\":0,\
             \"drafts\":[]}}"
        );
    }
}
