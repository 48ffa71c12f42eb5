//! CSS selectors from the configuration.

/// Selectors as they stand in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawSelectors {
    pub item: String,
    pub text: Option<String>,
    pub author: Option<String>,
    pub date: Option<String>,
    pub rating: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub next: Option<String>,
    pub id: Option<String>,
}

/// Checked selectors of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selectors;

impl Selectors {
    /// Checks all of them at once.
    ///
    /// # Errors
    /// Each key that is wrong, with what is wrong about it.
    pub fn parse(raw: &RawSelectors) -> Result<Self, Vec<(String, String)>> {
        if raw.item.trim().is_empty() {
            return Err(vec![("item".to_owned(), "it is empty".to_owned())]);
        }
        Ok(Self)
    }
}
