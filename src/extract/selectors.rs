//! CSS selectors from the configuration.

/// Checked selectors of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selectors;
