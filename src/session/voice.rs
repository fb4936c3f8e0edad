//! What a connection's client says, on its way to where it is acted on.

use std::sync::Arc;

use super::aftermath::Aftermath;
use super::dispatch::{Refused, dispatch, pass_on};
use super::handle::Session;
use super::link::Link;
use super::services::Services;
use crate::clock::Moment;
use crate::protocol::{ClientMessage, CloseCode, Malformed};
use crate::room::Pass;

/// Speaks for the client of one connection.
#[derive(Debug)]
pub struct Voice {
    link: Link,
    /// The short way of its signals.
    pass: Option<Pass>,
}

impl Voice {
    /// That of the connection `link`.
    #[must_use]
    pub fn of(link: Link) -> Self {
        Self { link, pass: None }
    }

    /// Has `message`, which came in at `now`, acted on for its `session`.
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
            let passed = pass_on(session, pass, signal, now, services);
            return Ok(passed.map(|()| Aftermath::default()));
        }
        let mut desk = session.lock();
        desk.serves(self.link)?;
        if signal.is_some() && self.pass.as_ref().is_none_or(|pass| !pass.is_good()) {
            self.pass = Pass::at(&mut desk);
        }
        Ok(dispatch(session, desk, message, now, services))
    }

    /// Lets go of what is of no use any more.
    pub fn tidy(&mut self) {
        self.pass.take_if(|pass| !pass.is_good());
    }
}
