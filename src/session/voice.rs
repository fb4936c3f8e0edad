//! What a connection's client says, on its way to where it is acted on.

use std::sync::Arc;

use super::aftermath::Aftermath;
use super::dispatch::{Refused, allow, dispatch};
use super::handle::Session;
use super::link::Link;
use super::services::Services;
use crate::clock::Moment;
use crate::protocol::{ClientMessage, CloseCode, KnownRoom, Malformed, decode};
use crate::room::{Parcel, Pass, relay};

/// Speaks for the client of one connection.
#[derive(Debug)]
pub struct Voice {
    link: Link,
    /// The short way of its signals.
    pass: Option<Pass>,
    /// Signals that are to go that way together.
    parcel: Option<Box<Parcel>>,
}

impl Voice {
    /// That of the connection `link`.
    #[must_use]
    pub fn of(link: Link) -> Self {
        Self { link, pass: None, parcel: None }
    }

    /// Has `message`, which came in at `now`, acted on for its `session`, or put aside
    /// until what came in with it is [handed over](Self::hand_over).
    ///
    /// # Errors
    /// The code with which the connection is to be closed: nothing that it still says
    /// counts once it is, or a newer one has the session.
    pub fn say(
        &mut self,
        session: &Arc<Session>,
        message: Result<ClientMessage<'_>, Malformed>,
        now: Moment,
        services: &Services<'_>,
    ) -> Result<Result<Aftermath, Refused>, CloseCode> {
        let signal = message.as_ref().ok().and_then(ClientMessage::signal);
        if let Some((signal, pass)) = signal.zip(self.pass.as_ref())
            && pass.admits(signal)
        {
            let allowed = allow(session, signal.into(), now, services.metrics);
            if allowed.is_ok() && self.parcel.get_or_insert_with(Parcel::new).put(signal) {
                self.hand_over(session, now, services);
            }
            return Ok(allowed.map(|()| Aftermath::default()));
        }
        self.hand_over(session, now, services);
        let mut desk = session.lock();
        desk.serves(self.link)?;
        if signal.is_some() && self.pass.as_ref().is_none_or(|pass| !pass.is_good()) {
            self.pass = Pass::at(&mut desk);
        }
        Ok(dispatch(session, desk, message, now, services))
    }

    /// Hands over what was put aside of that which came in at `now`. It is due before
    /// anything else is done: who sits opposite waits for it.
    pub fn hand_over(&mut self, session: &Arc<Session>, now: Moment, services: &Services<'_>) {
        let Some((pass, parcel)) = self.pass.as_ref().zip(self.parcel.take()) else { return };
        if !pass.hand(&parcel, now, services.metrics) {
            for text in parcel.texts() {
                relay_anew(session, text, now, services);
            }
        }
        parcel.empty();
    }

    /// The room in which it most likely speaks.
    #[must_use]
    pub fn room(&self) -> Option<&KnownRoom> {
        self.pass.as_ref().map(Pass::room)
    }

    /// Lets go of what is of no use any more.
    pub fn tidy(&mut self) {
        self.pass.take_if(|pass| !pass.is_good());
    }
}

/// Relays a signal whose receiver stands elsewhere by now; so may the sender, who then has
/// left the room: a signal that crossed its end is dropped in silence (rule 2).
fn relay_anew(session: &Session, text: &[u8], now: Moment, services: &Services<'_>) {
    let text = [text, b"}"].concat();
    if let Ok(text) = str::from_utf8(&text)
        && let Ok(ClientMessage::Signal(signal)) = decode(text)
    {
        let _ = relay(session, session.lock(), &signal, now, services);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::address::AddressLimits;
    use crate::ice::Ice;
    use crate::identity::Identity;
    use crate::ids::{RoomId, SessionId};
    use crate::metrics::Metrics;
    use crate::moderation::testing::moderation;
    use crate::protocol::{Mode, Preferences};
    use crate::room::{Invitation, seat};
    use crate::session::bell::Bell;
    use crate::session::state::Terms;
    use crate::session::token::Token;

    /// One who speaks, and who sits opposite.
    struct Pair {
        one: Arc<Session>,
        other: Arc<Session>,
        voice: Voice,
        room: RoomId,
        metrics: Metrics,
    }

    impl Pair {
        fn seated() -> Self {
            let metrics = Metrics::new();
            let sides = [1, 2].map(|number| {
                let id = SessionId::from_u128(number);
                let (token, kept) = (Token::random().hash(), metrics.kept_bytes.clone());
                let session = Session::new(id, token, Identity::of_session(id), kept);
                session.lock().open(&Arc::<Bell>::default());
                let wait = session.lock().state.join(Moment::default(), Preferences::default());
                Invitation { session, epoch: wait.epoch }
            });
            let terms = Terms { mode: Mode::Text, interests: Vec::new() };
            let [one, other] = &sides;
            let room = seat(Moment::default(), one, other, terms, &Ice::none(), &metrics).unwrap();
            let [one, other] = sides.map(|side| side.session);
            let voice = Voice::of(one.lock().link());
            Self { one, other, voice, room, metrics }
        }

        fn act<R>(&mut self, act: impl FnOnce(&mut Voice, &Arc<Session>, &Services<'_>) -> R) -> R {
            let (ice, limits, moderation) = (Ice::none(), AddressLimits::none(), moderation());
            let services = Services {
                ice: &ice,
                metrics: &self.metrics,
                moderation: &moderation,
                limits: &limits,
            };
            act(&mut self.voice, &self.one, &services)
        }

        fn say(&mut self, kind: &str, field: &str) {
            let text = format!(r#"{{"type":"{kind}","room":"{}",{field}}}"#, self.room);
            let now = Moment::default();
            let said =
                self.act(|voice, one, services| voice.say(one, decode(&text), now, services));
            assert!(said.unwrap().is_ok(), "{text}");
        }

        fn say_typing(&mut self) {
            self.say("typing", r#""active":true"#);
        }

        fn hand_over(&mut self) {
            self.act(|voice, one, services| voice.hand_over(one, Moment::default(), services));
        }

        /// How much who sits opposite was sent since `matched`.
        fn heard(&self) -> u64 {
            self.other.lock().outbox.last_seq() - 1
        }
    }

    #[test]
    fn signals_are_put_aside_until_they_are_handed_over() {
        let mut pair = Pair::seated();
        pair.say_typing();
        assert_eq!(pair.heard(), 1, "nobody knew yet where it goes");
        pair.say_typing();
        pair.say_typing();
        assert_eq!(pair.heard(), 1);
        pair.hand_over();
        assert_eq!(pair.heard(), 3);
        pair.hand_over();
        assert_eq!(pair.heard(), 3, "once");
    }

    #[test]
    fn rule_3_what_goes_another_way_does_not_overtake_them() {
        let mut pair = Pair::seated();
        pair.say_typing();
        pair.say_typing();
        pair.say("chat", r#""text":"behind it""#);
        let mut frames = Vec::new();
        pair.other.lock().outbox.take(&mut frames, usize::MAX, |_| ());
        let text = String::from_utf8_lossy(&frames);
        let kinds: Vec<_> = text.split("\"type\":\"").skip(1).map(|rest| &rest[..4]).collect();
        assert_eq!(kinds, ["matc", "typi", "typi", "chat"]);
    }

    #[test]
    fn invariant_2_those_for_somebody_who_left_meanwhile_are_dropped() {
        let mut pair = Pair::seated();
        pair.say_typing();
        pair.say_typing();
        pair.other.lock().state.leave(Moment::default());
        pair.hand_over();
        assert_eq!((pair.heard(), pair.metrics.stale_signals.get()), (1, 1));
    }
}
