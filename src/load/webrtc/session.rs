//! The WebRTC session of a peer: descriptions, candidates and one data channel,
//! over str0m. It has no sockets.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::net::{DatagramRecv, Protocol, Receive, Transmit};
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::description::{candidate, mid, split};
use super::outcome::{Failure, Path};
use super::signal::{IceCandidate, Signal};

/// The data channel's name.
const LABEL: &str = "echo";
/// What a packet of DTLS begins with (RFC 7983); all but checks is DTLS here.
const DTLS: std::ops::Range<u8> = 20..64;

/// A session. Each change is to be followed by [`poll`](Self::poll) until it rests.
pub(super) struct Session {
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    mid: Option<String>,
    channel: Option<ChannelId>,
    partner: HashMap<SocketAddr, Path>,
    /// From where and to where the last packet went that was no check.
    sent: Option<(SocketAddr, SocketAddr)>,
    stage: Stage,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It waits for the partner's description.
    Describing,
    /// It looks for a path.
    Checking,
    /// It agrees on keys.
    Securing,
    /// It opens the channel.
    Opening,
    /// The channel is open.
    Talking,
}

/// What a session wants.
pub(super) enum Wants {
    /// A packet is to be sent.
    Send(Transmit),
    /// The channel is open.
    Opened,
    /// The partner said this.
    Heard(Vec<u8>),
    /// The partner hung up.
    Closed,
    /// Nothing, until this time.
    Rest(Instant),
}

impl Session {
    pub(super) fn new(now: Instant) -> Self {
        let rtc = Rtc::builder().clear_codecs().build(now);
        let (partner, stage) = (HashMap::new(), Stage::Describing);
        Self { rtc, pending: None, mid: None, channel: None, partner, sent: None, stage }
    }

    /// How far it is.
    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    /// Makes the offer.
    pub(super) fn offer(&mut self) -> Signal {
        let mut change = self.rtc.sdp_api();
        change.add_channel(LABEL.to_owned());
        let (offer, pending) = change.apply().expect("the first channel has to be agreed on");
        self.pending = Some(pending);
        let sdp = offer.to_sdp_string();
        self.mid = mid(&sdp);
        Signal::CreateOffer { sdp }
    }

    /// Answers the partner's offer.
    pub(super) fn answer(&mut self, sdp: &str) -> Result<Signal, Failure> {
        let (sdp, candidates) = split(sdp);
        let offer = SdpOffer::from_sdp_string(&sdp).map_err(|_| Failure::BadDescription)?;
        let answer = self.rtc.sdp_api().accept_offer(offer);
        let sdp = answer.map_err(|_| Failure::BadDescription)?.to_sdp_string();
        self.mid = mid(&sdp);
        self.described(candidates);
        Ok(Signal::CreateAnswer { sdp })
    }

    /// Takes the partner's answer; one that nobody asked for is passed over.
    pub(super) fn accept(&mut self, sdp: &str) -> Result<(), Failure> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        let (sdp, candidates) = split(sdp);
        let answer = SdpAnswer::from_sdp_string(&sdp).map_err(|_| Failure::BadDescription)?;
        let accepted = self.rtc.sdp_api().accept_answer(pending, answer);
        accepted.map_err(|_| Failure::BadDescription)?;
        self.described(candidates);
        Ok(())
    }

    fn described(&mut self, candidates: Vec<Candidate>) {
        self.reach(Stage::Checking);
        candidates.into_iter().for_each(|candidate| self.partner_at(candidate));
    }

    /// Takes a candidate of the partner.
    pub(super) fn trickled(&mut self, told: &IceCandidate) {
        if let Some(candidate) = candidate(&told.candidate) {
            self.partner_at(candidate);
        }
    }

    fn partner_at(&mut self, candidate: Candidate) {
        let path = self.partner.entry(candidate.addr()).or_insert(candidate.kind().into());
        *path = (*path).min(candidate.kind().into());
        self.rtc.add_remote_candidate(candidate);
    }

    /// Where the partner may be.
    pub(super) fn partner(&self) -> impl Iterator<Item = SocketAddr> {
        self.partner.keys().copied()
    }

    /// Checks are to be sent from this address, too.
    pub(super) fn send_from(&mut self, candidate: Candidate) {
        self.rtc.add_local_candidate(candidate);
    }

    /// Tells the partner of a candidate.
    pub(super) fn trickle(&self, candidate: &Candidate) -> Signal {
        let candidate = candidate.to_sdp_string();
        let (sdp_mid, sdp_m_line_index) = (self.mid.clone(), Some(0));
        let candidate = Some(IceCandidate { candidate, sdp_mid, sdp_m_line_index });
        Signal::AddIceCandidate { candidate }
    }

    /// Takes a packet. What is neither STUN nor DTLS is passed over.
    pub(super) fn packet(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
        now: Instant,
    ) -> Result<(), Failure> {
        let Ok(contents) = DatagramRecv::try_from(bytes) else { return Ok(()) };
        let received = Receive { proto: Protocol::Udp, source, destination, contents };
        self.input(Input::Receive(now, received))
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) -> Result<(), Failure> {
        self.input(Input::Timeout(now))
    }

    fn input(&mut self, input: Input<'_>) -> Result<(), Failure> {
        self.rtc.handle_input(input).map_err(|_| Failure::Stack)
    }

    /// Says something to the partner.
    pub(super) fn say(&mut self, message: &[u8]) -> Result<(), Failure> {
        let channel = self.channel.and_then(|channel| self.rtc.channel(channel));
        let mut channel = channel.ok_or(Failure::Closed)?;
        match channel.write(false, message) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Full),
            Err(_) => Err(Failure::Stack),
        }
    }

    /// Hangs up.
    pub(super) fn close(&mut self) -> Result<(), Failure> {
        self.rtc.close().map_err(|_| Failure::Stack)
    }

    /// What is wanted next.
    pub(super) fn poll(&mut self) -> Result<Wants, Failure> {
        loop {
            match self.rtc.poll_output().map_err(|_| Failure::Stack)? {
                Output::Timeout(at) => return Ok(Wants::Rest(at)),
                Output::Transmit(transmit) => {
                    if transmit.contents.first().is_some_and(|first| DTLS.contains(first)) {
                        self.sent = Some((transmit.source, transmit.destination));
                    }
                    return Ok(Wants::Send(transmit));
                }
                Output::Event(event) => {
                    if let Some(wants) = self.event(event) {
                        return Ok(wants);
                    }
                }
            }
        }
    }

    fn event(&mut self, event: Event) -> Option<Wants> {
        match event {
            Event::IceConnectionStateChange(state) if state.is_connected() => {
                self.reach(Stage::Securing);
                None
            }
            Event::Connected => {
                self.reach(Stage::Opening);
                None
            }
            Event::ChannelOpen(channel, _) if self.channel.is_none() => {
                self.channel = Some(channel);
                self.reach(Stage::Talking);
                Some(Wants::Opened)
            }
            Event::ChannelData(data) if Some(data.id) == self.channel => {
                Some(Wants::Heard(data.data))
            }
            Event::ChannelClose(channel) if Some(channel) == self.channel => Some(Wants::Closed),
            Event::Closed => Some(Wants::Closed),
            _ => None,
        }
    }

    /// A session never goes back: a path that is lost is looked for anew, and what
    /// was agreed on stays.
    fn reach(&mut self, stage: Stage) {
        self.stage = self.stage.max(stage);
    }

    /// The way of the last packet that was no check, of which `own` tells what the
    /// address that it was sent from stands for.
    pub(super) fn path(&self, own: impl Fn(SocketAddr) -> Path) -> Option<Path> {
        let (source, destination) = self.sent?;
        // An address that nobody told of was learnt from the partner's packets.
        let theirs = self.partner.get(&destination).copied().unwrap_or(Path::Srflx);
        Some(own(source).max(theirs))
    }
}
