//! What a session has left of what it may do. Pure: time comes in.

use std::sync::Arc;

use super::limiter::{Bucket, Refused};
use super::limits::{Limit, SessionAllowances};
use crate::clock::Moment;
use crate::protocol::{ClientMessage, Payload, Signal};

/// What a message is to the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// `join` or `next`.
    Wait,
    /// An offer, an answer or a candidate.
    Signal,
    /// A line of a chat.
    Line,
    /// A report.
    Report,
    /// A block.
    Block,
    /// Anything else, a bad message too.
    Other,
}

/// The limits of one session: 56 bytes, whatever it does.
#[derive(Clone, Debug)]
pub struct SessionLimits {
    /// None: there are no limits.
    allowances: Option<Arc<SessionAllowances>>,
    messages: Bucket,
    waits: Bucket,
    signals: Bucket,
    lines: Bucket,
    reports: Bucket,
    blocks: Bucket,
}

impl Said {
    /// What bounds it, beside the bound of all.
    #[must_use]
    pub const fn limit(self) -> Limit {
        match self {
            Self::Wait => Limit::Wait,
            Self::Signal => Limit::Signal,
            Self::Line => Limit::Line,
            Self::Report => Limit::Report,
            Self::Block => Limit::Block,
            Self::Other => Limit::Message,
        }
    }
}

impl From<&ClientMessage<'_>> for Said {
    fn from(message: &ClientMessage<'_>) -> Self {
        match message {
            ClientMessage::Join(_) | ClientMessage::Next { .. } => Self::Wait,
            ClientMessage::Report(_) => Self::Report,
            ClientMessage::Leave => Self::Other,
            ClientMessage::Block { .. } => Self::Block,
            ClientMessage::Signal(signal) => signal.into(),
        }
    }
}

impl From<&Signal<'_>> for Said {
    fn from(signal: &Signal<'_>) -> Self {
        match signal.payload {
            Payload::Chat { .. } => Self::Line,
            Payload::Typing { .. } => Self::Other,
            Payload::CreateOffer { .. }
            | Payload::CreateAnswer { .. }
            | Payload::AddIceCandidate { .. } => Self::Signal,
        }
    }
}

impl SessionLimits {
    /// With everything still allowed. All sessions share `allowances`.
    #[must_use]
    pub fn new(allowances: Arc<SessionAllowances>) -> Self {
        Self { allowances: Some(allowances), ..Self::none() }
    }

    /// Nothing is refused.
    #[must_use]
    pub fn none() -> Self {
        let new = Bucket::default();
        let [messages, waits, signals, lines, reports, blocks] = [new; 6];
        Self { allowances: None, messages, waits, signals, lines, reports, blocks }
    }

    /// Whether there are any.
    #[must_use]
    pub fn are_any(&self) -> bool {
        self.allowances.is_some()
    }

    /// Takes one message of what is allowed. One that is refused for its kind counts
    /// as a message all the same, so that a flood of them ends as any other.
    ///
    /// # Errors
    /// [`Refused`], with when it may come again.
    pub fn take(&mut self, said: Said, now: Moment) -> Result<(), Refused> {
        let Some(allowed) = &self.allowances else { return Ok(()) };
        self.messages.take(allowed.messages, now)?;
        let (bucket, allowance) = match said {
            Said::Wait => (&mut self.waits, allowed.waits),
            Said::Signal => (&mut self.signals, allowed.signals),
            Said::Line => (&mut self.lines, allowed.lines),
            Said::Report => (&mut self.reports, allowed.reports),
            Said::Block => (&mut self.blocks, allowed.blocks),
            Said::Other => return Ok(()),
        };
        bucket.take(allowance, now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const START: Moment = Moment::from_micros(9_000_000);
    const KINDS: [Said; 5] = [Said::Wait, Said::Signal, Said::Line, Said::Block, Said::Other];

    fn limits() -> SessionLimits {
        SessionLimits::new(Arc::default())
    }

    #[test]
    fn who_was_quiet_may_send_a_hundred_of_anything_at_once() {
        for said in KINDS {
            let mut limits = limits();
            for start in [START, START + Duration::from_secs(60)] {
                assert!((0..100).all(|_| limits.take(said, start).is_ok()), "{said:?}");
                let refused = (0..100).find_map(|_| limits.take(said, start).err());
                let again = refused.expect("there is a bound").again;
                assert!(again > Duration::ZERO && again <= Duration::from_millis(500));
            }
        }
    }

    #[test]
    fn each_kind_has_its_own_and_a_refusal_says_when() {
        let mut limits = limits();
        assert!((0..10).all(|_| limits.take(Said::Report, START).is_ok()));
        let refused = limits.take(Said::Report, START).unwrap_err();
        assert_eq!(refused.again, Duration::from_secs(60));
        assert!(KINDS.iter().all(|said| limits.take(*said, START).is_ok()));
        assert!(limits.take(Said::Report, START + refused.again).is_ok());
    }

    #[test]
    fn a_flood_is_bounded() {
        for (said, passes) in [(Said::Wait, 219), (Said::Line, 1119), (Said::Other, 1149)] {
            let mut limits = limits();
            let times = (0..100_000).map(|step| START + Duration::from_micros(step * 100));
            let passed = times.filter(|now| limits.take(said, *now).is_ok()).count();
            assert_eq!(passed, passes, "{said:?}");
        }
    }

    #[test]
    fn without_limits_nothing_is_refused() {
        let mut limits = SessionLimits::none();
        assert!((0..10_000).all(|_| limits.take(Said::Report, START).is_ok()));
    }

    #[test]
    fn a_session_s_limits_are_as_small_as_they_are_said_to_be() {
        assert_eq!(size_of::<SessionLimits>(), 56);
    }

    proptest! {
        /// Gaps of up to a second between bursts of any size, where a message that
        /// would be the 101st of some second is not sent.
        #[test]
        fn at_most_a_hundred_in_any_second_always_pass(
            bursts in prop::collection::vec((0u64..1_000_000, 1usize..120), 1..60),
        ) {
            let (mut limits, mut now) = (limits(), START);
            let mut sent: Vec<Moment> = Vec::new();
            for (gap, size) in bursts {
                now = now + Duration::from_micros(gap);
                for _ in 0..size {
                    let recent = sent.iter().rev().take_while(|at| now - **at < SECOND).count();
                    if recent < 100 {
                        sent.push(now);
                        prop_assert!(limits.take(Said::Signal, now).is_ok());
                    }
                }
            }
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
}
