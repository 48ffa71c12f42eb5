//! Everything that needs a real part: servers, files, databases, the built binary.

mod support;

mod config;
mod corpus;
mod extract;
mod fetch;
mod letter;
mod mail;
mod store;
mod tidy;
