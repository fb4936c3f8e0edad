//! Signals of one sender in one room, put together to be handed over at once.
//!
//! The desk of who sits opposite is taken hold of once for all of them: with each hold
//! and each letting go a thread waits until the other threads' memory has followed.

use std::cell::Cell;

use crate::protocol::{Payload, Signal};

/// A parcel of so many bytes is to go.
const ENOUGH_BYTES: usize = 16_384;

thread_local! {
    /// Memory for the next one: nobody packs while another waits to go.
    static EMPTY: Cell<Option<Box<Parcel>>> = Cell::default();
}

/// Signals in the order in which they were said.
#[derive(Debug, Default)]
pub struct Parcel {
    /// All of each but its number.
    texts: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    /// How many there are of each [payload](Payload::NAMES).
    counts: [u64; Payload::NAMES.len()],
}

impl Parcel {
    /// One with nothing in it yet.
    #[must_use]
    pub fn new() -> Box<Self> {
        EMPTY.take().unwrap_or_default()
    }

    /// Packs `signal`; whether it is enough now.
    #[must_use]
    pub fn put(&mut self, signal: &Signal<'_>) -> bool {
        signal.write(&mut self.texts);
        self.ends.push(self.texts.len());
        self.counts[signal.payload.index()] += 1;
        self.texts.len() >= ENOUGH_BYTES
    }

    /// How many signals there are of each [payload](Payload::NAMES).
    #[must_use]
    pub const fn counts(&self) -> &[u64; Payload::NAMES.len()] {
        &self.counts
    }

    /// Each signal as it was [written](Signal::write).
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.texts[start..*end])
    }

    /// Leaves its memory to the next one.
    pub fn empty(mut self: Box<Self>) {
        self.texts.clear();
        self.ends.clear();
        self.counts = Default::default();
        EMPTY.set(Some(self));
    }
}
