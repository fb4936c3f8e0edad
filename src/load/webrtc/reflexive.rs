//! Asks a STUN server for the address that a socket's packets come from (RFC 8489,
//! RFC 8445 section 5.1.1.2).

use std::net::SocketAddr;
use std::time::Instant;

use stun_types::attribute::XorMappedAddress;
use stun_types::message::{BINDING, Message, MessageClass, MessageWrite, MessageWriteVec};

use super::transaction::{Transaction, Turn};
use crate::turn::stun_message;

/// A question that a socket asks one server. Pure.
pub(super) struct Binding {
    pub server: SocketAddr,
    request: Transaction,
}

impl Binding {
    /// One that is to be [sent](Self::request) now.
    pub(super) fn new(server: SocketAddr, now: Instant) -> Self {
        let bytes = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
        Self { server, request: Transaction::new(bytes, now) }
    }

    /// What is sent.
    pub(super) fn request(&self) -> &[u8] {
        &self.request.bytes
    }

    /// When it is to be looked at.
    pub(super) fn due(&self) -> Instant {
        self.request.due()
    }

    /// What is to be done about it.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        self.request.turn(now)
    }

    /// Whether a packet is the answer to it; if so, the address that it tells, or
    /// nothing where it tells none.
    pub(super) fn answer(&self, source: SocketAddr, bytes: &[u8]) -> Option<Option<SocketAddr>> {
        let message = stun_message(bytes).filter(|_| source == self.server)?;
        if !message.is_response() || message.transaction_id() != self.request.id {
            return None;
        }
        let mapped = message.attribute::<XorMappedAddress>().ok();
        let mapped = mapped.filter(|_| message.has_class(MessageClass::Success));
        Some(mapped.map(|mapped| mapped.addr(self.request.id)))
    }
}

#[cfg(test)]
mod tests {
    use stun_types::message::MessageWriteExt;

    use super::*;

    #[test]
    fn only_the_server_s_answer_to_the_question_tells_an_address() {
        let (server, other) =
            ("192.0.2.1:3478".parse().unwrap(), "192.0.2.2:3478".parse().unwrap());
        let mapped: SocketAddr = "203.0.113.9:4000".parse().unwrap();
        let binding = Binding::new(server, Instant::now());
        let answer = |request: &[u8]| {
            let request = Message::from_bytes(request).unwrap();
            let mut answer = Message::builder_success(&request, MessageWriteVec::new());
            let mapped = XorMappedAddress::new(mapped, request.transaction_id());
            answer.add_attribute(&mapped).unwrap();
            answer.finish()
        };
        let own = answer(binding.request());
        assert_eq!(binding.answer(server, &own), Some(Some(mapped)));
        assert_eq!(binding.answer(other, &own), None);
        let another = Binding::new(server, Instant::now());
        assert_eq!(binding.answer(server, &answer(another.request())), None);
        assert_eq!(binding.answer(server, binding.request()), None);
        let request = Message::from_bytes(binding.request()).unwrap();
        let empty = Message::builder_success(&request, MessageWriteVec::new()).finish();
        assert_eq!(binding.answer(server, &empty), Some(None));
    }
}
