//! The course of a person's life: connecting, playing its part, coming back.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::backoff::delay;
use super::incoming::Heard;
use super::person::Person;
use super::trouble::Trouble;
use crate::load::measure::Count;
use crate::load::oracle::Standing;
use crate::load::scenario;
use crate::load::world::World;
use crate::protocol::Mode;

/// Lives until it is told to stop.
pub(in crate::load) async fn live(world: Arc<World>, number: u32, mut stop: watch::Receiver<bool>) {
    let mut person = Person::new(world, number);
    tokio::select! {
        () = go_on(&mut person) => (),
        // The sender is gone with the run: that is a stop as well.
        _ = stop.wait_for(|stop| *stop) => (),
    }
    person.finish().await;
}

async fn go_on(person: &mut Person) {
    let mut due_us = person.world.plan.connect_us(person.number);
    sleep_until(person.world.time.instant(due_us)).await;
    loop {
        let Err(trouble) = play(person, due_us).await else { return };
        let Some(wait) = person.befallen(&trouble).await else { return };
        sleep(wait).await;
        due_us = person.now_us();
    }
}

async fn play(person: &mut Person, due_us: u64) -> Result<(), Trouble> {
    person.connect(due_us).await?;
    scenario::play(person).await
}

impl Person {
    /// Notes a trouble; how long to wait before the next try, if there is to be
    /// one.
    async fn befallen(&mut self, trouble: &Trouble) -> Option<Duration> {
        self.hang_up();
        if let Some(what) = trouble.exhausted() {
            self.world.exhausted(what).await;
        }
        if !trouble.expected() {
            self.world.measure.error(&trouble.to_string());
        }
        if trouble.turned_away() {
            self.world.measure.count(Count::TurnedAway);
        }
        let targets = self.world.plan.targets.len() as u32;
        let wait = delay(trouble, self.failures, targets, self.chance.random());
        self.failures += 1;
        wait
    }

    /// Asks for a partner, if it has not yet, and waits until it has one. What it
    /// does was due at `due_us`.
    pub(in crate::load) async fn partner(&mut self, due_us: u64) -> Result<(), Trouble> {
        let mode = self.usual_mode();
        self.partner_for(mode, &[], due_us).await
    }

    /// How people talk, but for those of a mix.
    pub(in crate::load) fn usual_mode(&self) -> Mode {
        self.world.plan.settings.mode.unwrap_or_default()
    }

    /// As [`partner`](Self::partner), with these preferences.
    pub(in crate::load) async fn partner_for(
        &mut self,
        mode: Mode,
        interests: &[String],
        due_us: u64,
    ) -> Result<(), Trouble> {
        loop {
            match self.standing() {
                Standing::InRoom => return Ok(()),
                Standing::Waiting => {
                    self.event(None).await?;
                }
                Standing::Idle if self.ear.joined() => self.next(due_us).await?,
                Standing::Idle => self.join(mode, interests, due_us).await?,
            }
        }
    }

    /// Takes what comes until then; whether it is in a room still.
    pub(in crate::load) async fn stay(&mut self, until: Instant) -> Result<bool, Trouble> {
        while self.standing() == Standing::InRoom {
            if self.event(Some(until)).await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes what comes until then, wherever it stands.
    pub(in crate::load) async fn rest(&mut self, until: Instant) -> Result<(), Trouble> {
        while self.event(Some(until)).await?.is_some() {}
        Ok(())
    }

    /// The next thing that happens in the room; none: it is over, or nothing did
    /// until then.
    pub(in crate::load) async fn in_room(
        &mut self,
        until: Option<Instant>,
    ) -> Result<Option<Heard>, Trouble> {
        let heard = self.event(until).await?;
        Ok(heard.filter(|_| self.standing() == Standing::InRoom))
    }

    /// Loses the connection, and comes back after a while.
    pub(in crate::load) async fn drop_out(&mut self, back_after: Duration) -> Result<(), Trouble> {
        self.world.measure.count(Count::Drops);
        self.hang_up();
        sleep(back_after).await;
        let due_us = self.now_us();
        self.connect(due_us).await
    }
}
