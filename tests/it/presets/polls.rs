//! The built program polls presets: all sources of one line, conditionally, at the pace of the site.
