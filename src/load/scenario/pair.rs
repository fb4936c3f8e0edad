//! All join at once, and stay with whom they meet.

use crate::load::peer::{Person, Trouble};

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    let gate_us = me.world.plan.gate_us();
    me.rest(me.world.time.instant(gate_us)).await?;
    me.partner(gate_us).await?;
    loop {
        me.event(None).await?;
    }
}
