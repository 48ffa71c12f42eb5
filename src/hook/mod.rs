//! What a webhook says and how it is signed: the event, the operator's template, Standard Webhooks.
//!
//! **Invariant:** what others wrote stays text within JSON wherever a template puts it, and no key is
//! ever shown. Absent here: the request (`fetch::post`), when it is made (`flow::hooks`), the clock.

mod base64;
mod event;
mod sign;
mod template;

pub use event::{DEFAULT_EVENTS, EVENTS, Event, TEST, Wanted, event, test_event};
pub use sign::{Key, signature};
pub use template::{FIELDS, Fault, Template};
