//! A TURN client (RFC 8656): allocates, binds a channel to each address that is
//! sent to, and keeps both for as long as it lives.
//!
//! It has no socket: frames go in and come out, and the time is an argument.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use stun_types::attribute::ErrorCode;
use stun_types::message::{Message, MessageClass};
use turn_types::attribute::{Data, Lifetime, XorPeerAddress, XorRelayedAddress};
use turn_types::channel::ChannelData;
use turn_types::message::DATA;

use super::channels::{Channels, Way};
use super::outcome::RelayError;
use super::servers::Credentials;
use super::signer::{Signer, Wish};
use super::transaction::{Transaction, Turn};
use crate::turn::framing::{channel_data, is_channel_data};
use crate::turn::stun_message;

/// How long an allocation is asked to stay (RFC 8656, section 3.2).
const LIFETIME_SECONDS: u32 = 600;
/// The shortest life that is believed, so that a strange server is not asked all the
/// time.
const SHORTEST_SECONDS: u32 = 4;
/// Attempts at one wish, each with a fresh nonce.
const ATTEMPTS: u32 = 3;

/// A client of one TURN server.
pub(super) struct RelayClient {
    signer: Signer,
    /// Whether frames arrive for certain, so that none is sent again.
    reliable: bool,
    standing: Standing,
    channels: Channels,
    /// At most one a channel and one for the allocation.
    asked: Vec<Asked>,
    /// Frames that are to be sent; taken after each call.
    out: VecDeque<Vec<u8>>,
}

struct Asked {
    wish: Wish,
    attempt: u32,
    request: Transaction,
}

/// How an allocation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is being asked for.
    Asking,
    /// This address is relayed; it is to be refreshed at this time.
    Relaying(SocketAddr, Instant),
    /// It is not, or no longer.
    Failed(RelayError),
}

/// What a frame says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing that matters outside.
    Nothing,
    /// The allocation stands, and this is its address.
    Relaying(SocketAddr),
    /// A peer sent this.
    Data(SocketAddr, Vec<u8>),
}

impl RelayClient {
    /// One that asks for an allocation now.
    pub(super) fn new(credentials: Credentials, reliable: bool, now: Instant) -> Self {
        let mut client = Self {
            signer: Signer::new(credentials),
            reliable,
            standing: Standing::Asking,
            channels: Channels::default(),
            asked: Vec::new(),
            out: VecDeque::new(),
        };
        client.ask(Wish::Allocate, 1, now);
        client
    }

    /// How its allocation stands.
    pub(super) fn standing(&self) -> Standing {
        self.standing
    }

    /// A frame that is to be sent.
    pub(super) fn poll_frame(&mut self) -> Option<Vec<u8>> {
        self.out.pop_front()
    }

    /// Its server can't be reached any more.
    pub(super) fn cut_off(&mut self) {
        self.fail(RelayError::Unreachable);
    }

    /// Lets a peer's packets through, before anything is sent to it.
    pub(super) fn expect(&mut self, peer: SocketAddr, now: Instant) {
        if matches!(self.standing, Standing::Relaying(..))
            && let Some(number) = self.channels.expect(peer)
        {
            self.ask(Wish::Bind(number, peer), 1, now);
        }
    }

    /// Sends to a peer, by a channel.
    pub(super) fn send(&mut self, peer: SocketAddr, packet: &[u8], now: Instant) {
        match self.channels.way(peer, packet) {
            Way::On(number) => self.out.push_back(framed(number, packet)),
            Way::Bind(number) => self.ask(Wish::Bind(number, peer), 1, now),
            Way::None => (),
        }
    }

    /// Takes a frame.
    pub(super) fn hear(&mut self, frame: &[u8], now: Instant) -> Heard {
        if is_channel_data(frame) {
            let data = channel_data(frame);
            let data = data.and_then(|(number, data)| Some((self.channels.peer(number)?, data)));
            return data.map_or(Heard::Nothing, |(peer, data)| Heard::Data(peer, data.to_vec()));
        }
        let Some(message) = stun_message(frame) else { return Heard::Nothing };
        if message.has_class(MessageClass::Indication) {
            return indicated(&message).unwrap_or(Heard::Nothing);
        }
        let id = message.transaction_id();
        match self.asked.iter().position(|asked| asked.request.id == id) {
            Some(at) if message.is_response() => self.answered(at, &message, now),
            _ => Heard::Nothing,
        }
    }

    fn answered(&mut self, at: usize, answer: &Message<'_>, now: Instant) -> Heard {
        if answer.has_class(MessageClass::Error) {
            let asked = self.asked.swap_remove(at);
            self.rejected(&asked, answer, now);
            return Heard::Nothing;
        }
        // An answer that anybody could have sent is as if it had not come.
        if !self.signer.trusts(answer) {
            return Heard::Nothing;
        }
        match self.asked.swap_remove(at).wish {
            Wish::Allocate => self.allocated(answer, now),
            Wish::Refresh(_) => {
                self.lives(answer, now);
                Heard::Nothing
            }
            Wish::Bind(number, _) => {
                let held = self.channels.bound(number, now);
                self.out.extend(held.iter().map(|packet| framed(number, packet)));
                Heard::Nothing
            }
        }
    }

    fn allocated(&mut self, answer: &Message<'_>, now: Instant) -> Heard {
        let Ok(relayed) = answer.attribute::<XorRelayedAddress>() else {
            self.fail(RelayError::Unreachable);
            return Heard::Nothing;
        };
        let relayed = relayed.addr(answer.transaction_id());
        self.standing = Standing::Relaying(relayed, now);
        self.lives(answer, now);
        Heard::Relaying(relayed)
    }

    /// Sets the refresh to when most of the life is over.
    fn lives(&mut self, answer: &Message<'_>, now: Instant) {
        let seconds =
            answer.attribute::<Lifetime>().map_or(LIFETIME_SECONDS, |life| life.seconds());
        if let Standing::Relaying(_, refresh) = &mut self.standing {
            *refresh = now + Duration::from_secs(seconds.max(SHORTEST_SECONDS).into()) * 3 / 4;
        }
    }

    fn rejected(&mut self, asked: &Asked, answer: &Message<'_>, now: Instant) {
        let code = answer.attribute::<ErrorCode>().map_or(0, |error| error.code());
        let challenge = (code == ErrorCode::UNAUTHORIZED && !self.signer.signs())
            || code == ErrorCode::STALE_NONCE;
        if challenge && asked.attempt < ATTEMPTS && self.signer.challenged(answer) {
            return self.ask(asked.wish, asked.attempt + 1, now);
        }
        self.missed(asked.wish, RelayError::Refused(code));
    }

    /// A wish is not fulfilled.
    fn missed(&mut self, wish: Wish, error: RelayError) {
        match wish {
            Wish::Allocate | Wish::Refresh(_) => self.fail(error),
            Wish::Bind(number, _) => self.channels.refused(number),
        }
    }

    fn fail(&mut self, error: RelayError) {
        self.standing = Standing::Failed(error);
        self.asked.clear();
    }

    fn ask(&mut self, wish: Wish, attempt: u32, now: Instant) {
        let Some(bytes) = self.signer.write(wish) else {
            return self.missed(wish, RelayError::Refused(ErrorCode::UNAUTHORIZED));
        };
        self.out.push_back(bytes.clone());
        self.asked.push(Asked { wish, attempt, request: Transaction::new(bytes, now) });
    }

    /// When it is to be looked at next.
    pub(super) fn due(&self) -> Option<Instant> {
        let Standing::Relaying(_, refresh) = self.standing else {
            return self.asked.iter().map(|asked| asked.request.due()).min();
        };
        let asked = self.asked.iter().map(|asked| asked.request.due());
        asked.chain(self.channels.due()).chain([refresh]).min()
    }

    /// Sends again what was not answered, and keeps what stands.
    pub(super) fn tick(&mut self, now: Instant) {
        self.send_again(now);
        let Standing::Relaying(_, refresh) = &mut self.standing else { return };
        if *refresh <= now {
            *refresh = now + Duration::from_secs(LIFETIME_SECONDS.into());
            self.ask(Wish::Refresh(LIFETIME_SECONDS), 1, now);
        }
        for (number, peer) in self.channels.renewals(now) {
            self.ask(Wish::Bind(number, peer), 1, now);
        }
    }

    fn send_again(&mut self, now: Instant) {
        let mut silent = Vec::new();
        for asked in &mut self.asked {
            match asked.request.turn(now) {
                Turn::Again if !self.reliable => self.out.push_back(asked.request.bytes.clone()),
                Turn::Again | Turn::Wait => (),
                Turn::GiveUp => silent.push((asked.request.id, asked.wish)),
            }
        }
        for (id, wish) in silent {
            self.asked.retain(|asked| asked.request.id != id);
            self.missed(wish, RelayError::Silent);
        }
    }

    /// The frame that ends the allocation, if one stands or may have been made.
    pub(super) fn goodbye(&self) -> Option<Vec<u8>> {
        match self.standing {
            Standing::Asking if !self.signer.signs() => None,
            Standing::Asking | Standing::Relaying(..) => self.signer.write(Wish::Refresh(0)),
            Standing::Failed(_) => None,
        }
    }
}

/// What a peer without a channel sent.
fn indicated(message: &Message<'_>) -> Option<Heard> {
    if !message.has_method(DATA) {
        return None;
    }
    let peer = message.attribute::<XorPeerAddress>().ok()?.addr(message.transaction_id());
    let data = message.attribute::<Data<'_>>().ok()?;
    Some(Heard::Data(peer, data.data().to_vec()))
}

fn framed(number: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 4 + packet.len()];
    ChannelData::new(number, packet).write_into_unchecked(&mut frame);
    frame
}

#[cfg(test)]
mod tests;
