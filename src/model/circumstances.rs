//! What is known of a post beside its words: how many read its source, whether searches find it, what its
//! author said before in the same place.
//!
//! Absent: anything about a person from other places.

use serde::{Deserialize, Serialize};

use super::verdict::word_enum;

word_enum!(
    /// How many people read a source, as its operator judges it.
    #[derive(Default)]
    Reach { Low = "low", #[default] Normal = "normal", High = "high" }
);

/// Facts that were known when a post was scored. They are stored with it, so that it can be scored again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// Whether its page lets search engines show it; `None` where the page was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indexable: Option<bool>,
    /// Cases that its author had before, at the same host; those that were dismissed do not count.
    pub earlier_cases: u32,
    /// Posts in which its author praised us before, in the same source, among the last that are stored.
    pub earlier_praise: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: Circumstances) {
        assert_eq!(
            serde_json::from_str::<Circumstances>(json).unwrap(),
            expected
        );
    }

    #[test]
    fn what_an_older_or_newer_version_wrote_can_be_read() {
        let known = Circumstances {
            indexable: Some(false),
            earlier_cases: 2,
            earlier_praise: 0,
        };
        let json = serde_json::to_string(&known).unwrap();
        check(&json, known);
        check("{}", Circumstances::default());
        check(r#"{"earlier_cases":2,"indexable":false,"moon":1}"#, known);
    }
}
