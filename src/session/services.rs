//! What a client's messages are acted upon with.

use crate::guard::address::AddressLimits;
use crate::ice::Ice;
use crate::metrics::Metrics;
use crate::moderation::Moderation;

/// Parts of the process, lent for one message.
#[derive(Clone, Copy, Debug)]
pub struct Services<'a> {
    /// The ways through people's networks.
    pub ice: &'a Ice,
    /// The instruments.
    pub metrics: &'a Metrics,
    /// Who takes reports.
    pub moderation: &'a Moderation,
    /// What one address may do.
    pub limits: &'a AddressLimits,
}
