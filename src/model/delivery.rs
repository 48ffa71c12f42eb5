//! The end of a delivery that did not reach its mailbox.

use super::verdict::word_enum;

word_enum!(
    /// Why a delivery was given up.
    GivenUp {
        /// The recipient was refused for good.
        Refused = "refused",
        /// The text was refused for good.
        ContentRefused = "content_refused",
        /// Tried for five days.
        Expired = "expired",
        /// Contact was lost after the text once too often: it may have arrived.
        MaybeDelivered = "maybe_delivered",
        /// The server took it, and a report came back that it could not be delivered.
        Bounced = "bounced",
        /// A person does not want it sent any more.
        Cancelled = "cancelled",
        /// Its recipient no longer stands in the configuration.
        RecipientRemoved = "recipient_removed",
    }
);

impl GivenUp {
    /// True where somebody decided it: nothing is wrong.
    pub fn is_wanted(self) -> bool {
        match self {
            Self::Cancelled | Self::RecipientRemoved => true,
            Self::Refused
            | Self::ContentRefused
            | Self::Expired
            | Self::MaybeDelivered
            | Self::Bounced => false,
        }
    }
}
