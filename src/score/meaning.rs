//! What words and patterns stand for: the names that the files of a language and the code share.
//!
//! Absent: the words themselves, which are data.

use serde::Deserialize;

use crate::model::{SignalKind, Topic};

/// A meaning of words that the code itself knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    Valence(f64),
    Topic(Topic),
    Number(u32),
    Unit(Unit),
    /// "twice": a count and its unit in one word.
    Times(u32),
    Grammar(Grammar),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Times,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Grammar {
    Negator,
    More,
    Less,
    But,
    Wish,
    /// I, me, my.
    First,
    /// You, here: the company when nothing else is named.
    Addressed,
    /// The most frequent words: they tell the language.
    Common,
    Phone,
    Mail,
    Chat,
    Form,
    Shop,
    Social,
    Letter,
    App,
    /// Words of trying to reach somebody.
    Contact,
    /// From here on, families of words that facts are told with: what [`super::opinion`] sees of a text
    /// in any language. This one: of no answer.
    Silence,
    /// Being put off, passed on, promised something.
    PutOff,
    Danger,
    /// What is nobody else's business, and how it comes to others.
    Personal,
    /// Courts, offices, lawyers.
    Authority,
    /// All, the neighbours, me too.
    Others,
    Again,
    Leaving,
    /// Years, and what has lasted.
    Long,
    /// Asking for something.
    Plea,
    /// Narrower ones, for each kind of fact: he has left, he is going.
    Gone,
    Going,
    /// "Me too", "I thought it was only mine".
    MeToo,
    /// "The whole street".
    CrowdOf,
    /// "For the third time".
    OnceMore,
    Hurt,
    Hazard,
    /// Whom a failure endangers: the old, the small, the sick, those left outside at night.
    Frail,
    /// Of somebody else, who reads it.
    OthersData,
    MyData,
    /// It came out, was given away, taken without leave.
    Leak,
    Spam,
    SinceWhen,
    AskUs,
}

impl Grammar {
    /// A bit of its own in a set of them.
    pub(super) fn bit(self) -> u64 {
        1 << self as u32
    }
}

/// What a pattern finds: a signal, or a cue of the probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Label {
    UnansweredContact,
    Loyalty,
    ChurnThreat,
    Farewell,
    AsksForReply,
    Crowd,
    RepeatFailure,
    LegalThreat,
    Safety,
    Privacy,
    /// Something does not work, or was charged, delivered or done wrongly.
    Problem,
    /// Strong blame of a company: fraud, thieves, shame.
    Blame,
    /// "Three days without …", "still no …".
    Waiting,
    Refund,
    /// A complaint without a bad word: "I am sorry to have to …".
    Polite,
    /// "Solve it", "I want an explanation".
    Demand,
    /// "Never again", "stay away".
    Warning,
    Irony,
    Thanks,
    Solved,
    NoComplaint,
    Praise,
    Advert,
    News,
    Job,
    /// A company speaks: "we are sorry", "write to us".
    OwnReply,
    Question,
    /// He came to us from another, or is glad to.
    FromRival,
    /// What the company said or promised: half of most stories of trouble.
    Told,
    /// Offers side by side.
    Comparison,
    HowTo,
    /// A name on a cup, a hall or a shirt.
    Sponsor,
    /// He takes a company's part.
    Defends,
    Employee,
    Joke,
    /// "Luckily I have …": beside our name it is praise, whatever the anger around it.
    Relief,
    /// He tried to reach somebody: "two mails", "I went to the shop".
    Attempt,
    /// Nothing came of it: "still", "and nothing", "for a month now".
    Open,
    /// Something came of it at once: "in ten minutes", "the same day".
    Quick,
}

impl From<SignalKind> for Label {
    fn from(kind: SignalKind) -> Self {
        match kind {
            SignalKind::UnansweredContact => Self::UnansweredContact,
            SignalKind::Loyalty => Self::Loyalty,
            SignalKind::ChurnThreat => Self::ChurnThreat,
            SignalKind::Farewell => Self::Farewell,
            SignalKind::AsksForReply => Self::AsksForReply,
            SignalKind::Crowd => Self::Crowd,
            SignalKind::RepeatFailure => Self::RepeatFailure,
            SignalKind::LegalThreat => Self::LegalThreat,
            SignalKind::Safety => Self::Safety,
            SignalKind::Privacy => Self::Privacy,
        }
    }
}
