//! Whole calls: join, offer, answer, eight candidates each way, next.

use crate::load::measure::{Count, Span};
use crate::load::oracle::{Kind, Standing};
use crate::load::pace::exponential;
use crate::load::peer::{Heard, Person, Trouble};
use crate::load::timeline::micros;
use crate::protocol::Role;

/// Candidates that each side trickles.
const CANDIDATES: u32 = 8;

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    if me.standing() == Standing::InRoom {
        // How far a call was that a connection's end cut off is not known.
        me.next(me.now_us()).await?;
    }
    loop {
        me.partner(me.now_us()).await?;
        if set_up(me).await? {
            me.world.measure.count(Count::Calls);
            me.world.measure.took(Span::Call, me.matched_us(), me.now_us());
        }
        let stay = exponential(&mut me.chance, me.world.plan.settings.stay);
        let due_us = me.now_us() + micros(stay);
        if me.stay(me.world.time.instant(due_us)).await? {
            me.next(due_us).await?;
        }
    }
}

/// Exchanges what sets a call up; whether all of the partner's signals came.
pub(super) async fn set_up(me: &mut Person) -> Result<bool, Trouble> {
    if me.part().is_some_and(|(role, _)| role == Role::Offerer) {
        describe(me, Kind::Offer).await?;
    }
    let (mut described, mut candidates) = (false, 0);
    while !(described && candidates >= CANDIDATES) {
        match me.in_room(None).await? {
            Some(Heard::Signal(Kind::Offer)) => {
                described = true;
                describe(me, Kind::Answer).await?;
            }
            Some(Heard::Signal(Kind::Answer)) => described = true,
            Some(Heard::Signal(Kind::Candidate)) => candidates += 1,
            _ if me.standing() != Standing::InRoom => return Ok(false),
            _ => (),
        }
    }
    Ok(true)
}

async fn describe(me: &mut Person, kind: Kind) -> Result<(), Trouble> {
    me.signal(kind, me.now_us()).await?;
    for _ in 0..CANDIDATES {
        me.signal(Kind::Candidate, me.now_us()).await?;
    }
    Ok(())
}
