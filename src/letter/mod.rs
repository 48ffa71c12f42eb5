//! What a mail says: subject, text and HTML, rendered once and kept.

/// A mail without its envelope: both bodies say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}
