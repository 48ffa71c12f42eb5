//! The recipes that the program brings with it.

/// A recipe of the program's own.
#[derive(Clone, Copy)]
pub(super) struct Recipe {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

macro_rules! recipes {
    ($folder:literal, $($name:literal)*) => {
        [$(Recipe { name: $name, text: include_str!(concat!($folder, $name, ".toml")) }),*]
    };
}

/// The kinds beside `feed`, `blog`, `reviews` and `json`.
pub(super) const PRESETS: [Recipe; 16] = recipes!(
    "../presets/",
    "wordpress" "blogger" "discourse" "phpbb" "vbulletin" "googlenews" "googlealerts" "appstore"
    "mastodon" "hackernews" "reddit" "youtube" "telegram" "lemmy" "stackexchange" "bluesky"
);

pub(super) const RECIPES: [Recipe; 4] = recipes!(
    "../../../config/recipes/",
    "trustpilot" "reclameaqui" "reclamos-cl" "khoros"
);
