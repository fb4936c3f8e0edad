//! The writing half of a connection: what a full socket did not take is kept,
//! and how far the client's messages went is known to the message.

use std::collections::VecDeque;
use std::io;

use tokio::net::TcpStream;

use super::frame::{Opcode, append};

/// More than this is not kept for answers to pings.
const MAX_CONTROL_BYTES: usize = 65_536;

/// Where a message's frame ends among others, and its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) end: usize,
    pub(super) seq: u64,
}

/// What goes out before anything else can: frames, or the rest of one, that the
/// socket had no room for, and answers that nothing is written for alone.
#[derive(Debug, Default)]
pub(super) struct Writer {
    unsent: Vec<u8>,
    marks: VecDeque<Mark>,
    handed: u64,
    blocked: bool,
}

impl Writer {
    /// A writer on a connection whose client is taken to have everything up to
    /// `handed`, and is to be sent `unsent` first.
    pub(super) fn new(handed: u64, unsent: Vec<u8>) -> Self {
        Self { handed, unsent, ..Self::default() }
    }

    /// Whether the socket is full.
    pub(super) fn blocked(&self) -> bool {
        self.blocked
    }

    /// The newest message that was handed to the network whole.
    pub(super) fn handed(&self) -> u64 {
        self.handed
    }

    /// The newest message that was handed to the network, or is unsent.
    pub(super) fn taken(&self) -> u64 {
        self.marks.back().map_or(self.handed, |mark| mark.seq)
    }

    /// Puts a ping behind what is unsent, which asks how far all before it went.
    pub(super) fn ping(&mut self) {
        let seq = self.taken();
        append_ping(&mut self.unsent, seq);
    }

    /// Puts an answer to a ping behind what is unsent. Only the newest of many
    /// pings wants one (RFC 6455 section 5.5.3), so those that a full socket
    /// holds up go without.
    pub(super) fn pong(&mut self, payload: &[u8]) {
        if self.unsent.len() < MAX_CONTROL_BYTES {
            append(&mut self.unsent, Opcode::Pong, payload);
        }
    }

    /// Writes what is unsent; whether the socket took all of it.
    pub(super) fn write_unsent(&mut self, stream: &TcpStream) -> io::Result<bool> {
        let written = try_write(stream, &self.unsent)?;
        self.unsent.drain(..written);
        while let Some(mark) = self.marks.pop_front_if(|mark| mark.end <= written) {
            self.handed = mark.seq;
        }
        self.marks.iter_mut().for_each(|mark| mark.end -= written);
        self.blocked = !self.unsent.is_empty();
        if !self.blocked {
            self.unsent = Vec::new();
        }
        Ok(!self.blocked)
    }

    /// Writes `frames`, whose messages end at `marks`, behind what is unsent.
    pub(super) fn write(
        &mut self,
        stream: &TcpStream,
        frames: &[u8],
        marks: &[Mark],
    ) -> io::Result<()> {
        if !self.unsent.is_empty() {
            let before = self.unsent.len();
            self.unsent.extend_from_slice(frames);
            self.marks.extend(marks.iter().map(|mark| Mark { end: mark.end + before, ..*mark }));
            return self.write_unsent(stream).map(drop);
        }
        if frames.is_empty() {
            return Ok(());
        }
        let written = try_write(stream, frames)?;
        let whole = marks.partition_point(|mark| mark.end <= written);
        if let Some(last) = marks[..whole].last() {
            self.handed = last.seq;
        }
        if written < frames.len() {
            self.blocked = true;
            self.unsent = frames[written..].to_vec();
            let rest = marks[whole..].iter();
            self.marks = rest.map(|mark| Mark { end: mark.end - written, ..*mark }).collect();
        }
        Ok(())
    }

    /// What is unsent, as it must go out before anything else can.
    pub(super) fn into_unsent(self) -> Vec<u8> {
        self.unsent
    }
}

/// Puts a ping that names `seq` at the end of `frames`; its pong confirms it.
pub(super) fn append_ping(frames: &mut Vec<u8>, seq: u64) {
    append(frames, Opcode::Ping, itoa::Buffer::new().format(seq).as_bytes());
}

fn try_write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    match stream.try_write(bytes) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_farewell_still_sends_is_known() {
        let mut writer = Writer::new(5, Vec::new());
        assert_eq!((writer.handed(), writer.taken()), (5, 5));
        writer.unsent = b"two frames".to_vec();
        writer.marks.extend([Mark { end: 3, seq: 6 }, Mark { end: 10, seq: 8 }]);
        assert_eq!((writer.handed(), writer.taken()), (5, 8));
    }
}
