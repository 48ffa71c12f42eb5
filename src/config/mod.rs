//! The two configuration files: read, checked all at once, and turned into [`Settings`].

mod settings;

pub use settings::{
    AlertSettings, DatabaseUrl, FetchSettings, IpNetwork, Mailbox, Secret, Settings, SmtpLogin,
    SmtpSecurity, SmtpSettings, SourceKind, SourceSettings,
};
