//! Everything that needs a real part: servers, files, databases, the built binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod support;

mod circumstances;
mod cli;
mod clock;
mod config;
mod contained;
mod corpus;
mod etiquette;
mod explain;
mod extract;
mod fast;
mod faults;
mod fetch;
mod fleet;
mod floods;
mod foreign;
mod found_feed;
mod full_text;
mod fuzz;
mod hard;
mod health;
mod hooks;
mod identity;
mod incidents;
mod keywords;
mod kill;
mod letter;
mod log;
mod mail;
mod mailbox;
mod nags;
mod opml;
mod outbox;
mod presets;
mod replies;
mod simulation;
mod sources;
mod storage;
mod store;
mod threads;
mod tidy;
mod train;
mod walk;
mod web;
