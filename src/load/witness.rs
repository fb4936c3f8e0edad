//! The oracle for clients that write no marks: those of the tests.

use serde::Deserialize;

use super::oracle::{Ear, Name, Out};
use super::peer::Incoming;
use crate::protocol::{Mode, Role};

/// What one client knows of its session across its connections, checked as
/// messages come in, by the same rules as those of simulated people.
#[derive(Clone, Debug)]
pub struct Witness {
    ear: Ear,
    room: String,
    role: Option<Role>,
}

/// Of what a client says, what concerns where it stands.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: String,
    mode: Option<Mode>,
}

impl Default for Witness {
    fn default() -> Self {
        Self::new()
    }
}

impl Witness {
    /// A client that knows of no session.
    #[must_use]
    pub fn new() -> Self {
        let ear = Ear::unmarked(Name { run: 0, person: 0 });
        Self { ear, room: String::new(), role: None }
    }

    /// The last number that came in.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.ear.last_seq()
    }

    /// The room that was last named as the client's; empty before the first.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.room
    }

    /// The role in it.
    #[must_use]
    pub const fn role(&self) -> Option<Role> {
        self.role
    }

    /// The client connects again and asks to go on after `seq`.
    pub fn resumes(&mut self, seq: Option<u64>) {
        self.ear.connects_after(seq);
    }

    /// The client says something.
    pub fn says(&mut self, text: &str) {
        // What is no message changes nothing.
        let Ok(said) = serde_json::from_str::<Said>(text) else { return };
        match &*said.kind {
            "join" => self.ear.asks(Some(said.mode.unwrap_or_default())),
            "next" => self.ear.asks(None),
            "leave" => self.ear.leaves(),
            _ => (),
        }
    }

    /// The client hears something.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn hears(&mut self, text: &str) -> Result<(), String> {
        let message: Incoming<'_> =
            serde_json::from_str(text).map_err(|error| format!("no message: {error}"))?;
        self.ear.hears(&message);
        if let (Some(room), Some((role, _))) = (self.ear.room(), self.ear.part()) {
            self.room = room.to_string();
            self.role = Some(role);
        }
        let fault = self.ear.take().find_map(|out| match out {
            Out::Fault(fault) => Some(format!("{}: {}", fault.rule.words(), fault.words)),
            Out::Entered(_) | Out::Closed(_) => None,
        });
        fault.map_or(Ok(()), Err)
    }
}
