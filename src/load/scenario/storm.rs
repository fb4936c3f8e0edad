//! Everybody loses the connection and comes back at once.

use std::time::Duration;

use crate::load::measure::Count;
use crate::load::oracle::{Kind, Standing};
use crate::load::pace::exponential;
use crate::load::peer::{Person, Trouble};
use crate::load::timeline::micros;

/// How often people write a line between storms, on average.
const LINE_EVERY: Duration = Duration::from_secs(2);

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    let (gate_us, every_us) = (me.world.plan.gate_us(), micros(me.world.plan.settings.storm));
    loop {
        let storm_us = gate_us + (me.now_us().saturating_sub(gate_us) / every_us + 1) * every_us;
        talk_until(me, storm_us).await?;
        me.world.measure.count(Count::Drops);
        me.connect(storm_us).await?;
    }
}

async fn talk_until(me: &mut Person, storm_us: u64) -> Result<(), Trouble> {
    loop {
        // Alone in an uneven crowd, a person waits the storm out.
        if me.standing() == Standing::Idle {
            me.join(me.usual_mode(), &[], me.now_us()).await?;
        }
        let line_us = me.now_us() + micros(exponential(&mut me.chance, LINE_EVERY));
        let due_us = line_us.min(storm_us);
        me.rest(me.world.time.instant(due_us)).await?;
        if due_us == storm_us {
            return Ok(());
        }
        me.signal(Kind::Chat, due_us).await?;
    }
}
