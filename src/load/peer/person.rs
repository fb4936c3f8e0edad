//! A simulated person and what happens to it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use tokio::time::{Instant, Sleep, sleep_until};

use super::evidence::Evidence;
use super::incoming::{Heard, Incoming};
use super::line::Line;
use super::trouble::Trouble;
use crate::load::measure::{Count, Span};
use crate::load::oracle::{Ear, Fault, Mark, Name, Out, Rule, Standing};
use crate::load::pace::chance_of;
use crate::load::report::Violation;
use crate::load::words::Word;
use crate::load::world::World;
use crate::protocol::{Mode, Role};

/// How long a `welcome`, and what comes again with it, may take.
const WELCOME_PATIENCE: Duration = Duration::from_secs(10);

/// One person, across its connections.
#[derive(Debug)]
pub(in crate::load) struct Person {
    pub(in crate::load) world: Arc<World>,
    pub(in crate::load) chance: SmallRng,
    pub(super) number: u32,
    pub(super) ear: Ear,
    pub(super) evidence: Evidence,
    line: Option<Line>,
    /// The connection was welcomed.
    open: bool,
    token: Option<Box<str>>,
    /// Connects that failed since one held.
    pub(super) failures: u32,
    /// What a `matched` ends, and when that was due.
    pub(super) asked: Option<(Span, u64)>,
    matched_us: u64,
    /// The partner has said something.
    met: bool,
    /// When the service wants the person to have come again.
    away_at: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Person {
    pub(in crate::load) fn new(world: Arc<World>, number: u32) -> Self {
        let name = Name { run: world.plan.run, person: number };
        Self {
            chance: chance_of(world.plan.seed, number),
            number,
            ear: Ear::new(name),
            evidence: Evidence::default(),
            line: None,
            open: false,
            token: None,
            failures: 0,
            asked: None,
            matched_us: 0,
            met: false,
            away_at: None,
            timer: Box::pin(sleep_until(Instant::now())),
            world,
        }
    }

    /// Now, in microseconds since 1970.
    pub(in crate::load) fn now_us(&self) -> u64 {
        self.world.time.now_us()
    }

    /// Where it stands.
    pub(in crate::load) fn standing(&self) -> Standing {
        self.ear.standing()
    }

    /// Its role in the room, and how the two talk.
    pub(in crate::load) fn part(&self) -> Option<(Role, Mode)> {
        self.ear.part()
    }

    /// When it was told of its room.
    pub(in crate::load) fn matched_us(&self) -> u64 {
        self.matched_us
    }

    /// Connects, with its session if it has one; returns when it is welcomed and
    /// has all that came meanwhile. Latency counts from `due_us`.
    pub(in crate::load) async fn connect(&mut self, due_us: u64) -> Result<(), Trouble> {
        self.hang_up();
        let resumes = self.token.is_some();
        let offer = match &self.token {
            Some(token) => format!("passerby.v1, resume.{token}.{}", self.ear.last_seq()),
            None => "passerby.v1".to_owned(),
        };
        let (plan, turn) = (&self.world.plan, self.number as usize);
        let place = &plan.targets[(turn + self.failures as usize) % plan.targets.len()];
        let source = (!plan.sources.is_empty()).then(|| plan.sources[turn % plan.sources.len()]);
        self.world.measure.count(if resumes { Count::Resumes } else { Count::Connects });
        let line = Line::connect(place, turn, source, &offer).await?;
        self.line = Some(line);
        self.ear.connects();
        self.welcomed(resumes, due_us).await
    }

    async fn welcomed(&mut self, resumes: bool, due_us: u64) -> Result<(), Trouble> {
        let patience = Instant::now() + WELCOME_PATIENCE;
        let first = match self.line.as_mut() {
            Some(line) => tokio::time::timeout_at(patience, line.next()).await,
            None => return Err(Trouble::Closed(None)),
        };
        let text = first.map_err(|_| Trouble::TimedOut("no welcome"))??;
        let resumed =
            serde_json::from_str::<Incoming<'_>>(&text).is_ok_and(|m| m.resumed == Some(true));
        self.hear(&text).await?;
        (self.failures, self.open) = (0, true);
        self.world.measure.opened();
        self.world.measure.count(Count::Welcomes);
        let span = if resumes { Span::Resume } else { Span::Connect };
        self.world.measure.took(span, due_us, self.now_us());
        while self.ear.replaying() {
            if self.event(Some(patience)).await?.is_none() {
                return Err(Trouble::TimedOut("what a resume brings again"));
            }
        }
        if resumes && !resumed {
            self.world.measure.error(&Trouble::Fresh.to_string());
        }
        Ok(())
    }

    /// The next thing that happens to it; none: nothing did until then.
    pub(in crate::load) async fn event(
        &mut self,
        until: Option<Instant>,
    ) -> Result<Option<Heard>, Trouble> {
        let first = [until, self.away_at].into_iter().flatten().min();
        if let Some(first) = first.filter(|first| *first != self.timer.deadline()) {
            self.timer.as_mut().reset(first);
        }
        let Some(line) = self.line.as_mut() else { return Err(Trouble::Closed(None)) };
        tokio::select! {
            text = line.next() => self.hear(&text?).await.map(Some),
            () = self.timer.as_mut(), if first.is_some() => match self.away_at {
                Some(away_at) if away_at <= Instant::now() => Err(Trouble::GoingAway),
                _ => Ok(None),
            },
        }
    }

    async fn hear(&mut self, text: &str) -> Result<Heard, Trouble> {
        self.evidence.got(text);
        let Ok(message) = serde_json::from_str::<Incoming<'_>>(text) else {
            if self.token.is_some() {
                self.fault(Fault::new(Rule::WellFormed, "a text that is no message")).await;
            }
            return Err(Trouble::NotJson);
        };
        let heard = message.heard();
        // What comes again was late because of its receiver.
        let again = self.ear.replaying();
        let mark = self.ear.hears(&message);
        self.report_out().await;
        match heard {
            Heard::Welcome => {
                self.token = message.resume;
                if message.privacy.as_deref() == Some("always") {
                    self.world.hopeless("it hides everybody's address (--private always), and so changes signals on purpose").await;
                }
            }
            Heard::Matched => self.matched(),
            Heard::Signal(_) => {
                self.met = true;
                self.signalled(mark.filter(|_| !again));
            }
            Heard::PeerLeft => {
                self.world.measure.count(Count::PartnersLeft);
                if message.reason.as_deref() == Some("disconnected") {
                    let lost = if self.met { Count::PartnersLost } else { Count::PairsCut };
                    self.world.measure.count(lost);
                }
            }
            Heard::GoingAway => {
                let wait =
                    Duration::from_millis(message.retry_after_ms.unwrap_or_default().min(60_000));
                self.away_at = Some(Instant::now() + wait);
            }
            Heard::Refused => {
                let code = message.code.as_deref().unwrap_or("without a code");
                self.world.measure.error(&format!("error {code}"));
            }
            _ => (),
        }
        Ok(heard)
    }

    fn matched(&mut self) {
        (self.matched_us, self.met) = (self.now_us(), false);
        self.world.measure.count(Count::Matches);
        if let Some((span, due_us)) = self.asked.take() {
            self.world.measure.took(span, due_us, self.matched_us);
        }
    }

    fn signalled(&mut self, mark: Option<Mark>) {
        self.world.measure.count(Count::SignalsReceived);
        // The clocks of other machines are not this one's.
        if let Some(mark) = mark.filter(|mark| mark.from.run == self.world.plan.run) {
            self.world.measure.took(Span::Relay, mark.due_us, self.now_us());
        }
    }

    async fn report_out(&mut self) {
        let out: Vec<Out> = self.ear.take().collect();
        for out in out {
            match out {
                Out::Fault(fault) => self.fault(fault).await,
                Out::Entered(entered) => self.world.tell(Word::Entered(entered)).await,
                Out::Closed(closed) => self.world.tell(Word::Closed(closed)).await,
            }
        }
    }

    async fn fault(&self, fault: Fault) {
        let violation = Violation {
            rule: fault.rule.words().to_owned(),
            words: fault.words,
            messages: self.evidence.show(&format!("person {}", self.number)),
            at: self.world.at(),
        };
        self.world.tell(Word::Violation(violation)).await;
    }

    /// Sends a text.
    pub(super) async fn send(&mut self, text: String) -> Result<(), Trouble> {
        self.evidence.sent(&text);
        let Some(line) = self.line.as_mut() else { return Err(Trouble::Closed(None)) };
        line.send(text).await
    }

    /// Breaks the connection without a word.
    pub(in crate::load) fn hang_up(&mut self) {
        self.away_at = None;
        self.line = None;
        if std::mem::take(&mut self.open) {
            self.world.measure.closed();
        }
    }

    /// Ends the session.
    pub(in crate::load) async fn finish(&mut self) {
        self.ear.stops();
        self.report_out().await;
        if let Some(line) = self.line.take() {
            line.close().await;
        }
    }
}
