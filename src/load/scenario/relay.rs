//! Pairs exchange SDP of 3 KB and candidates of 250 bytes.

use std::time::Duration;

use crate::load::oracle::{Kind, Standing};
use crate::load::pace::{Beat, exponential};
use crate::load::peer::{Heard, Person, Trouble};
use crate::load::timeline::micros;
use crate::protocol::Role;

/// One signal in so many is an SDP, as in a call with trickled candidates.
const SDP_EVERY: u64 = 9;

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    loop {
        me.partner(me.now_us()).await?;
        match me.world.plan.settings.rate {
            Some(rate) => open_loop(me, rate).await?,
            None => closed_loop(me).await?,
        }
    }
}

/// Each signal that arrives is answered by the next; the offerer begins.
async fn closed_loop(me: &mut Person) -> Result<(), Trouble> {
    let mut sent = 0;
    if me.part().is_some_and(|(role, _)| role == Role::Offerer) {
        for _ in 0..me.world.plan.settings.window {
            send(me, &mut sent, me.now_us()).await?;
        }
    }
    while me.standing() == Standing::InRoom {
        if let Some(Heard::Signal(_)) = me.in_room(None).await? {
            send(me, &mut sent, me.now_us()).await?;
        }
    }
    Ok(())
}

/// Each signal has its moment, whatever became of those before.
async fn open_loop(me: &mut Person, rate: f64) -> Result<(), Trouble> {
    let interval = Duration::from_secs_f64(f64::from(me.world.plan.total) / rate);
    let begin = exponential(&mut me.chance, interval);
    let mut beat = Beat::new(me.now_us() + micros(begin), interval);
    let mut sent = 0;
    while me.standing() == Standing::InRoom {
        let due_us = beat.due_us();
        if me.event(Some(me.world.time.instant(due_us))).await?.is_none() {
            send(me, &mut sent, due_us).await?;
            beat.done();
        }
    }
    Ok(())
}

async fn send(me: &mut Person, sent: &mut u64, due_us: u64) -> Result<(), Trouble> {
    let kind = match (*sent % SDP_EVERY, me.part()) {
        (0, Some((Role::Offerer, _))) => Kind::Offer,
        (0, _) => Kind::Answer,
        _ => Kind::Candidate,
    };
    *sent += 1;
    me.signal(kind, due_us).await?;
    Ok(())
}
