//! The page on which a person acts from a mail, and what is seen of the service from outside.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod acts;
mod finger;
mod house;
mod limits;
mod links;
mod seen;
