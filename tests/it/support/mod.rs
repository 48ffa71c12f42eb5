//! Real servers for the tests, on loopback and a port of the system's choice.

pub(crate) mod http;
pub(crate) mod smtp;
