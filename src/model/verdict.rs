//! What the scorer finds in a post, with the words that made it.
//!
//! These types are serialised: their JSON is the contract of `score --json`, and the same JSON is
//! what the database keeps.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Lang;

/// A fixed-point number in millionths: equal on both databases and in snapshots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub i64);

impl Millionths {
    pub fn from_f64(value: f64) -> Self {
        Self((value * 1e6).round() as i64)
    }

    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Serialize for Millionths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}

impl<'de> Deserialize<'de> for Millionths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_f64(f64::deserialize(deserializer)?))
    }
}

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use word_enum;

word_enum!(
    /// *Whether* a person is told.
    Level { None = "none", Doubt = "doubt", Complaint = "complaint", Urgent = "urgent" }
);

word_enum!(
    /// Whom the anger is about.
    Target { Us = "us", Other = "other", Unclear = "unclear" }
);

word_enum!(
    /// The weakness it speaks of.
    Topic {
        Billing = "billing", Price = "price", Contract = "contract", Delivery = "delivery",
        Outage = "outage", Quality = "quality", System = "system", Install = "install",
        Staff = "staff", Support = "support", Refund = "refund", Information = "information",
    }
);

word_enum!(
    /// A fact found in the text.
    SignalKind {
        UnansweredContact = "unanswered_contact", Loyalty = "loyalty",
        /// He leaves or says he will.
        ChurnThreat = "churn_threat",
        /// It is done: he has left.
        Farewell = "farewell",
        AsksForReply = "asks_for_reply", Crowd = "crowd", RepeatFailure = "repeat_failure",
        LegalThreat = "legal_threat", Safety = "safety", Privacy = "privacy",
    }
);

word_enum!(
    /// The way he tried to reach us.
    Channel {
        Phone = "phone", Mail = "mail", Chat = "chat", Form = "form", Shop = "shop",
        Social = "social", Letter = "letter", App = "app",
    }
);

word_enum!(
    /// The part of a post that a span points into.
    Field { Title = "title", Text = "text" }
);

/// `[start, end)` in Unicode scalar values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub field: Field,
    pub start: u32,
    pub end: u32,
}

/// A fact with the words that say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    pub kind: SignalKind,
    #[serde(flatten, with = "span_fields")]
    pub span: Span,
    /// How often he tried to reach us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Years as a customer, counted from publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<u32>,
}

impl Signal {
    pub fn new(kind: SignalKind, span: Span) -> Self {
        Self {
            kind,
            span,
            tries: None,
            waited_days: None,
            channels: Vec::new(),
            years: None,
        }
    }
}

/// One named step of the risk sum. `points` may be 0 for a reason that only informs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub points: i64,
    /// In the configured language.
    pub because: String,
    /// Where in the post it stands; `None` for what is not in the text (stars, rating).
    #[serde(flatten, with = "optional_span_fields", default)]
    pub span: Option<Span>,
}

/// Everything the scorer says about one post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// `None` when the language is not one of the seven or cannot be told.
    pub lang: Option<Lang>,
    /// Says whether the writer complains, whoever the target; given for every text.
    pub complaint_probability: Millionths,
    /// −1 (bad) to 1 (good).
    pub sentiment: Millionths,
    pub target: Target,
    pub level: Level,
    /// 0 to 100: the clamped sum of the reasons' points.
    pub risk: u8,
    pub signals: Vec<Signal>,
    pub topics: Vec<Topic>,
    /// Names of the watches that match.
    pub watches: Vec<String>,
    pub why: Vec<Reason>,
}

impl Verdict {
    pub fn signal(&self, kind: SignalKind) -> Option<&Signal> {
        self.signals.iter().find(|signal| signal.kind == kind)
    }

    pub fn has(&self, kind: SignalKind) -> bool {
        self.signal(kind).is_some()
    }
}

#[derive(Serialize, Deserialize)]
struct SpanFields {
    #[serde(default)]
    field: Option<Field>,
    #[serde(default)]
    span: Option<(u32, u32)>,
}

impl SpanFields {
    fn of(span: Span) -> Self {
        Self {
            field: Some(span.field),
            span: Some((span.start, span.end)),
        }
    }

    fn read(self) -> Option<Span> {
        let (start, end) = self.span?;
        Some(Span {
            field: self.field?,
            start,
            end,
        })
    }
}

mod span_fields {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Span, SpanFields};

    pub(super) fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        SpanFields::of(*span).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Span, D::Error> {
        SpanFields::deserialize(deserializer)?
            .read()
            .ok_or_else(|| serde::de::Error::missing_field("span"))
    }
}

mod optional_span_fields {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Span, SpanFields};

    #[expect(
        clippy::ref_option,
        reason = "the signature that serde's `with` asks for"
    )]
    pub(super) fn serialize<S: Serializer>(
        span: &Option<Span>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => SpanFields::of(*span).serialize(serializer),
            None => SpanFields {
                field: None,
                span: None,
            }
            .serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Span>, D::Error> {
        Ok(SpanFields::deserialize(deserializer)?.read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_that_of_the_contract_and_reads_back() {
        let span = Span {
            field: Field::Text,
            start: 0,
            end: 72,
        };
        let verdict = Verdict {
            lang: Some(Lang::Es),
            complaint_probability: Millionths(974_312),
            sentiment: Millionths(-710_000),
            target: Target::Us,
            level: Level::Urgent,
            risk: 83,
            signals: vec![Signal {
                tries: Some(4),
                waited_days: Some(14),
                channels: vec![Channel::Phone],
                ..Signal::new(SignalKind::UnansweredContact, span)
            }],
            topics: vec![Topic::Billing],
            watches: vec!["ejemplo".into()],
            why: vec![
                Reason {
                    points: 30,
                    because: "llamó".into(),
                    span: Some(span),
                },
                Reason {
                    points: 5,
                    because: "1 de 5".into(),
                    span: None,
                },
            ],
        };
        let json = serde_json::to_string(&verdict).unwrap();
        assert_eq!(
            json,
            r#"{"lang":"es","complaint_probability":0.974312,"sentiment":-0.71,"target":"us","level":"urgent","risk":83,"signals":[{"kind":"unanswered_contact","field":"text","span":[0,72],"tries":4,"waited_days":14,"channels":["phone"]}],"topics":["billing"],"watches":["ejemplo"],"why":[{"points":30,"because":"llamó","field":"text","span":[0,72]},{"points":5,"because":"1 de 5","field":null,"span":null}]}"#
        );
        assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), verdict);
    }
}
