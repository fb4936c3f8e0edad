//! The metrics of reports, bans and limits.

use prometheus::{IntCounter, IntCounterVec, IntGauge};

use super::declare::Declare;
use crate::guard::limits::Limit;

/// What bans are made by.
const BY_REPORTS: &str = "reports";

/// Who is kept out, and what was too often.
#[derive(Clone, Debug)]
pub struct ModerationMetrics {
    /// Bans that reports alone made, here.
    pub bans_by_reports: IntCounter,
    /// Bans in force.
    pub in_force: IntGauge,
    limited: IntCounterVec,
}

impl ModerationMetrics {
    pub(super) fn new(declare: &Declare<'_>) -> Self {
        let bans = declare.counters("bans_total", "Bans made by this process", "by");
        let limited = declare.counters("limited_total", "What a limit refused", "limit");
        for limit in Limit::ALL {
            limited.with_label_values(&[limit.name()]);
        }
        Self {
            bans_by_reports: bans.with_label_values(&[BY_REPORTS]),
            in_force: declare.gauge("bans", "Bans in force"),
            limited,
        }
    }

    /// Counts what `limit` refused.
    pub fn limited(&self, limit: Limit) {
        self.limited.with_label_values(&[limit.name()]).inc();
    }
}
