//! Who "we" are, and what we may promise.

use super::{Lang, Topic};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Company {
    pub name: String,
    /// Size of the customer base: what losing one weighs.
    pub customers: Option<u64>,
    pub help_url: Option<String>,
    /// The person who signs, with his role: "Marta Ruiz, responsable de calidad".
    pub signature: Option<String>,
    /// What these write is our own reply: `name`, `@handle`, or `name @ host`.
    pub own_authors: Vec<String>,
}

/// What a draft may promise for a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    pub topic: Topic,
    /// The offer as half a sentence, by language: "le devolvemos el cargo duplicado en 48 horas".
    pub offer: Vec<(Lang, String)>,
    pub limit: Option<String>,
    pub role: Option<String>,
}
