//! The query language of watches, keywords and silences.

/// A parsed query.
#[derive(Clone, Debug)]
pub struct Query;
