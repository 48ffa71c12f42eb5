//! Escucha hears the unhappy customer who told the public, and tells the manager in time.
//!
//! Three rings; arrows point inwards only. The core (`model extract score reply letter hook`) computes.
//! The middle (`settings store flow`) is the core and a database. The outer ring (`config fetch imap reader mail daemon
//! web cli`) is the world. The modules below stand in suggested reading order.

// The core: synchronous, reads no clock, file, environment or socket, and does not fail on bad input.
pub mod model;

pub mod extract;
pub mod hook;
pub mod letter;
pub mod reply;
pub mod score;

// The middle ring: both halves of every job, given `now`.
pub mod settings;
pub mod store;

pub mod flow;

// The outer ring: the world.
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod fetch;
pub mod imap;
pub mod mail;
pub mod reader;
pub mod web;
