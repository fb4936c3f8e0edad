//! People press Next at exponential times.

use std::time::Duration;

use crate::load::pace::exponential;
use crate::load::peer::{Person, Trouble};
use crate::load::timeline::micros;

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    let plan = &me.world.plan;
    let all_together = |rate: f64| Duration::from_secs_f64(f64::from(plan.total) / rate);
    let mean = plan.settings.rate.map_or(plan.settings.stay, all_together);
    loop {
        me.partner(me.now_us()).await?;
        let due_us = me.now_us() + micros(exponential(&mut me.chance, mean));
        if me.stay(me.world.time.instant(due_us)).await? {
            me.next(due_us).await?;
        }
    }
}
