//! Finds the posts of unhappy customers about us, and explains every point.
//!
//! **Invariant:** pure and total: any text gets a verdict, the same one every time.

pub mod query;
pub mod rules;
pub mod text;
