//! One peer's call, from the match to the end: joins its signals, its network, its
//! session and what is said.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::time::Instant;

use str0m::{Candidate, CandidateKind};
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{Permit, Receiver, Sender};
use tokio::time::{sleep_until, timeout_at};

use super::echo::Echo;
use super::network::{Network, News};
use super::options::{Options, Route};
use super::outcome::{Failure, Outcome};
use super::servers::{Found, Server, find};
use super::session::{Session, Stage, Wants};
use super::signal::Signal;
use crate::protocol::Role;

/// A call that goes on.
pub(super) struct Call {
    role: Role,
    options: Options,
    matched: Instant,
    deadline: Instant,
    session: Session,
    network: Network,
    echo: Echo,
    /// The servers to gather from; taken when it begins.
    found: Option<Vec<Found>>,
    /// What the partner is to be told; as many as there are candidates, and two.
    outbox: VecDeque<Signal>,
    told_all: bool,
    /// Whether the signalling may still say something.
    listening: bool,
    /// When the session is to be looked at next.
    wake: Instant,
    connected: Option<Instant>,
    /// Whether this side has hung up.
    closed: bool,
    /// Whether the partner has gone, after all was said.
    left_alone: bool,
}

/// What was waited for.
enum Happened {
    Told,
    Unheard,
    Signal(Option<Signal>),
    News(News),
    Due,
}

type Place<'a> = Result<Permit<'a, Signal>, SendError<()>>;

/// Hands the next signal over to who carries it.
fn tell(place: Place<'_>, outbox: &mut VecDeque<Signal>) -> Happened {
    match (place, outbox.pop_front()) {
        (Ok(place), Some(signal)) => {
            place.send(signal);
            Happened::Told
        }
        (Ok(_), None) => Happened::Told,
        (Err(_), _) => Happened::Unheard,
    }
}

impl Call {
    pub(super) fn new(role: Role, options: Options, matched: Instant) -> Self {
        Self {
            role,
            matched,
            deadline: matched + options.deadline,
            session: Session::new(matched),
            network: Network::none(options.route),
            echo: Echo::new(role, &options),
            found: None,
            outbox: VecDeque::new(),
            told_all: false,
            listening: true,
            wake: matched,
            connected: None,
            closed: false,
            left_alone: false,
            options,
        }
    }

    /// Drives the call to its end.
    pub(super) async fn drive(
        &mut self,
        servers: &[Server],
        mut signals_in: Receiver<Signal>,
        signals_out: Sender<Signal>,
    ) -> Result<(), Failure> {
        self.find(servers).await;
        if self.role == Role::Offerer {
            let offer = self.session.offer();
            self.outbox.push_back(offer);
            self.gather()?;
        }
        loop {
            self.settle()?;
            if self.echo.is_done() && self.ends() {
                return Ok(());
            }
            match self.wait(&mut signals_in, &signals_out).await {
                Happened::Told => (),
                Happened::Unheard => self.signalling_ended()?,
                Happened::Signal(Some(signal)) => {
                    self.signalled(signal)?;
                    self.network.expect(self.session.partner(), Instant::now());
                }
                Happened::Signal(None) => self.signalling_ended()?,
                Happened::News(news) => self.news(news)?,
                Happened::Due => self.tick()?,
            }
        }
    }

    /// What became of it.
    pub(super) fn outcome(&self, ended: Result<(), Failure>) -> Outcome {
        Outcome {
            time_to_connected: self.connected.map(|connected| connected - self.matched),
            path: self.session.path(|source| self.network.path(source)),
            why: ended.err(),
        }
    }

    /// Servers whose names can't be found in time are done without.
    async fn find(&mut self, servers: &[Server]) {
        let mut found = Vec::new();
        for server in servers {
            let Ok(server) = timeout_at(self.deadline.into(), find(server)).await else { break };
            found.extend(server);
        }
        self.found = Some(found);
    }

    async fn wait(&mut self, signals_in: &mut Receiver<Signal>, out: &Sender<Signal>) -> Happened {
        let end = self.echo.over().unwrap_or(self.deadline);
        let due = [Some(self.wake), self.network.due(), self.echo.due()];
        let due = due.into_iter().flatten().fold(end, Instant::min);
        tokio::select! {
            place = out.reserve(), if !self.outbox.is_empty() => tell(place, &mut self.outbox),
            signal = signals_in.recv(), if self.listening => Happened::Signal(signal),
            news = poll_fn(|cx| self.network.poll(cx)) => Happened::News(news),
            () = sleep_until(due.into()) => Happened::Due,
        }
    }

    /// Begins to gather, which a description of one's own goes before.
    fn gather(&mut self) -> Result<(), Failure> {
        let Some(found) = self.found.take() else { return Ok(()) };
        self.network = Network::open(found, &self.options, Instant::now())?;
        for candidate in self.network.host_candidates() {
            self.gathered(candidate);
        }
        self.end_gathering();
        Ok(())
    }

    /// Takes a candidate of one's own. A server-reflexive one is told alone: what it
    /// stands for is sent from the socket's own address.
    fn gathered(&mut self, candidate: Candidate) {
        let told = match self.options.route {
            Route::Any => true,
            Route::Stun => candidate.kind() == CandidateKind::ServerReflexive,
            Route::Relay => candidate.kind() == CandidateKind::Relayed,
        };
        if told {
            self.outbox.push_back(self.session.trickle(&candidate));
        }
        if candidate.kind() != CandidateKind::ServerReflexive {
            self.session.send_from(candidate);
        }
    }

    /// Says so once no more candidates will come.
    fn end_gathering(&mut self) {
        if self.found.is_none() && !self.told_all && self.network.is_gathered() {
            self.told_all = true;
            self.outbox.push_back(Signal::AddIceCandidate { candidate: None });
        }
    }

    fn signalled(&mut self, signal: Signal) -> Result<(), Failure> {
        match signal {
            // One call has one offer.
            Signal::CreateOffer { sdp } if self.role == Role::Answerer && self.found.is_some() => {
                let answer = self.session.answer(&sdp)?;
                self.outbox.push_back(answer);
                self.gather()
            }
            Signal::CreateAnswer { sdp } => self.session.accept(&sdp),
            Signal::AddIceCandidate { candidate: Some(candidate) } => {
                self.session.trickled(&candidate);
                Ok(())
            }
            Signal::CreateOffer { .. } | Signal::AddIceCandidate { candidate: None } => Ok(()),
        }
    }

    /// A call that has a path goes on without signalling.
    fn signalling_ended(&mut self) -> Result<(), Failure> {
        self.listening = false;
        self.left_alone = self.echo.is_done();
        self.outbox.clear();
        if self.session.stage() <= Stage::Checking {
            return Err(Failure::SignallingEnded);
        }
        Ok(())
    }

    fn news(&mut self, news: News) -> Result<(), Failure> {
        match news {
            News::Candidate(candidate) => {
                self.gathered(candidate);
                self.network.expect(self.session.partner(), Instant::now());
            }
            News::Packet { source, destination, bytes } => {
                self.session.packet(source, destination, &bytes, Instant::now())?;
            }
            News::Settled => (),
        }
        self.check_relay()
    }

    /// Where nothing but relays will do and all have failed, nothing will come.
    fn check_relay(&mut self) -> Result<(), Failure> {
        self.end_gathering();
        match self.network.relay_error() {
            Some(error) if self.options.route == Route::Relay => Err(Failure::Relay(error)),
            _ => Ok(()),
        }
    }

    fn tick(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        if now >= self.deadline && !self.echo.is_done() {
            return Err(self.missing());
        }
        self.network.tick(now);
        self.session.tick(now)?;
        self.check_relay()
    }

    /// What a call that got no further was waiting for.
    fn missing(&self) -> Failure {
        match (self.session.stage(), self.role) {
            (Stage::Describing, Role::Offerer) => Failure::NoAnswer,
            (Stage::Describing, Role::Answerer) => Failure::NoOffer,
            (Stage::Checking, _) => Failure::NoPath,
            (Stage::Securing, _) => Failure::NoDtls,
            (Stage::Opening, _) => Failure::NoChannel,
            (Stage::Talking, _) => Failure::NoEcho,
        }
    }

    /// Does all that can be done without waiting. Descriptions and candidates only
    /// have an effect when the session is told the time after them.
    fn settle(&mut self) -> Result<(), Failure> {
        self.drain()?;
        self.session.tick(Instant::now())?;
        loop {
            self.drain()?;
            let Some(message) = self.echo.speak(Instant::now()) else { return Ok(()) };
            self.session.say(&message)?;
        }
    }

    fn drain(&mut self) -> Result<(), Failure> {
        loop {
            let now = Instant::now();
            match self.session.poll()? {
                Wants::Send(packet) => {
                    self.network.send(packet.source, packet.destination, &packet.contents, now);
                }
                Wants::Opened => self.echo.opened(now),
                Wants::Heard(message) => self.heard(message, now)?,
                Wants::Closed if self.echo.is_done() => self.left_alone = true,
                Wants::Closed => return Err(Failure::Closed),
                Wants::Rest(until) => {
                    self.wake = until;
                    return Ok(());
                }
            }
        }
    }

    fn heard(&mut self, message: Vec<u8>, now: Instant) -> Result<(), Failure> {
        if let Some(answer) = self.echo.hear(message, now)? {
            self.session.say(&answer)?;
        }
        self.connected.get_or_insert(now);
        self.deadline = now + self.options.every + self.options.deadline;
        Ok(())
    }

    /// After all was said: the offerer hangs up, and both stay until the other has
    /// gone, so that neither's relay ends before what it has to carry. Whatever
    /// fails now does not matter any more.
    fn ends(&mut self) -> bool {
        if self.role == Role::Offerer && !self.closed {
            self.closed = true;
            let _ = self.session.close().and_then(|()| self.drain());
        }
        self.left_alone || self.echo.over().is_some_and(|over| over <= Instant::now())
    }
}
