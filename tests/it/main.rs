//! Everything that needs a real part: servers, files, databases, the built binary.

mod support;

mod config;
mod fetch;
mod mail;
mod store;
mod tidy;
