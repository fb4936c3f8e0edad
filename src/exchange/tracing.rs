//! What a trace tells of a pair that this node proposed.

use super::office::Office;
use crate::clock::Moment;
use crate::ids::RoomId;
use crate::matchmaking::proposal::Verdict;

impl Office {
    /// Tells of the outcome of a proposal that stands open, where it is traced.
    pub(super) fn trace_outcome(&self, now: Moment, room: RoomId, verdict: Verdict) {
        let Some(trace) = self.metrics.traces.of(now, room) else { return };
        let Some(since) = self.broker.lock().proposed_at(room) else { return };
        let refused = match verdict {
            Verdict::Seated => None,
            Verdict::Refused(_, why) => Some(why),
        };
        trace.concluded(since, refused);
    }
}
