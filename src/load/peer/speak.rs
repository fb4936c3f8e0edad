//! What a person says.

use super::outgoing::{CandidateInit, Outgoing};
use super::payload::{CANDIDATE_HEAD, CANDIDATE_TAIL, CHAT_TAIL, SDP_HEAD, SDP_TAIL};
use super::person::Person;
use super::trouble::Trouble;
use crate::load::measure::{Count, Span};
use crate::load::oracle::{Kind, Standing};
use crate::protocol::Mode;

impl Person {
    /// Asks for a partner; that was due at `due_us`.
    pub(in crate::load) async fn join(
        &mut self,
        mode: Mode,
        interests: &[String],
        due_us: u64,
    ) -> Result<(), Trouble> {
        self.ear.asks(Some(mode));
        self.asked = Some((Span::Match, due_us));
        self.world.measure.count(Count::Joins);
        self.send(Outgoing::Join { mode, interests }.text()).await
    }

    /// Leaves the room, or the memory of one, for another partner.
    pub(in crate::load) async fn next(&mut self, due_us: u64) -> Result<(), Trouble> {
        let room = self.ear.room();
        self.ear.asks(None);
        self.asked = Some((Span::Next, due_us));
        self.world.measure.count(Count::Nexts);
        self.send(Outgoing::Next { room }.text()).await
    }

    /// Leaves the room or the queue, and waits until that is done.
    pub(in crate::load) async fn leave(&mut self) -> Result<(), Trouble> {
        self.ear.leaves();
        self.asked = None;
        self.send(Outgoing::Leave.text()).await?;
        while self.ear.leaving() {
            self.event(None).await?;
        }
        Ok(())
    }

    /// Sends a signal that was due at `due_us`; whether there was a room for it.
    pub(in crate::load) async fn signal(
        &mut self,
        kind: Kind,
        due_us: u64,
    ) -> Result<bool, Trouble> {
        let around = match kind {
            Kind::Offer | Kind::Answer => [SDP_HEAD, SDP_TAIL.as_str()],
            Kind::Candidate => [CANDIDATE_HEAD, CANDIDATE_TAIL],
            Kind::Chat => ["", CHAT_TAIL],
        };
        let Some(room) = self.ear.room() else { return Ok(false) };
        let Some(text) = self.ear.write(kind, due_us, around) else { return Ok(false) };
        let text = text.as_str();
        let message = match kind {
            Kind::Offer => Outgoing::CreateOffer { room, sdp: text },
            Kind::Answer => Outgoing::CreateAnswer { room, sdp: text },
            Kind::Candidate => Outgoing::AddIceCandidate {
                room,
                candidate: CandidateInit { candidate: text, sdp_mid: "0", sdp_m_line_index: 0 },
            },
            Kind::Chat => Outgoing::Chat { room, text },
        };
        self.world.measure.count(Count::SignalsSent);
        self.send(message.text()).await?;
        Ok(true)
    }

    /// Sends a `typing`.
    pub(in crate::load) async fn typing(&mut self, active: bool) -> Result<(), Trouble> {
        let Some(room) = self.ear.room().filter(|_| self.standing() == Standing::InRoom) else {
            return Ok(());
        };
        self.ear.types();
        self.world.measure.count(Count::Typings);
        self.send(Outgoing::Typing { room, active }.text()).await
    }
}
