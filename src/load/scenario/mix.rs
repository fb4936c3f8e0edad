//! People as they are.

use std::time::Duration;

use rand::RngExt as _;

use super::call;
use crate::load::oracle::{Kind, Standing};
use crate::load::pace::{exponential, happens, log_normal};
use crate::load::peer::{Person, Trouble};
use crate::load::timeline::micros;
use crate::protocol::Mode;

/// The spread of how long people stay: the longest tenth stays five times the
/// median and more.
const SPREAD: f64 = 1.3;
/// How long it takes to see that one wants somebody else.
const GLANCE: Duration = Duration::from_millis(400);
/// How long a connection is away, on average: well within the grace.
const AWAY: Duration = Duration::from_millis(1500);
/// How often people write a line, on average.
const LINE_EVERY: Duration = Duration::from_secs(4);
/// The share of stays after which people change their mind about what they look
/// for, and after which they rest.
const CHANGES: f64 = 0.05;

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    if me.standing() == Standing::InRoom {
        me.next(me.now_us()).await?;
    }
    let (mode, mut interests) = (mode(me), interests(me));
    loop {
        me.partner_for(mode, &interests, me.now_us()).await?;
        if happens(&mut me.chance, me.world.plan.settings.skip) {
            move_on(me, GLANCE).await?;
            continue;
        }
        let dwell = log_normal(&mut me.chance, me.world.plan.settings.stay, SPREAD);
        if mode == Mode::Video {
            call::set_up(me).await?;
        }
        talk(me, dwell).await?;
        if happens(&mut me.chance, CHANGES) {
            interests = self::interests(me);
            me.join(mode, &interests, me.now_us()).await?;
        } else if happens(&mut me.chance, CHANGES) {
            me.leave().await?;
            let rest = exponential(&mut me.chance, AWAY);
            me.rest(me.world.time.instant(me.now_us() + micros(rest))).await?;
        } else if me.standing() == Standing::InRoom {
            me.next(me.now_us()).await?;
        }
    }
}

async fn move_on(me: &mut Person, median: Duration) -> Result<(), Trouble> {
    let due_us = me.now_us() + micros(log_normal(&mut me.chance, median, 0.5));
    if me.stay(me.world.time.instant(due_us)).await? {
        me.next(due_us).await?;
    }
    Ok(())
}

/// Types and chats until the dwell is over or the partner leaves; some lose their
/// connection on the way.
async fn talk(me: &mut Person, dwell: Duration) -> Result<(), Trouble> {
    let end_us = me.now_us() + micros(dwell);
    let drops = happens(&mut me.chance, me.world.plan.settings.drop);
    let drop_us = drops.then(|| me.now_us() + micros(dwell.mul_f64(me.chance.random())));
    let mut drop_us = drop_us;
    loop {
        let line_us = me.now_us() + micros(exponential(&mut me.chance, LINE_EVERY));
        let due_us = line_us.min(end_us).min(drop_us.unwrap_or(u64::MAX));
        if !me.stay(me.world.time.instant(due_us)).await? || due_us == end_us {
            return Ok(());
        }
        if Some(due_us) == drop_us {
            drop_us = None;
            let away = exponential(&mut me.chance, AWAY);
            me.drop_out(away).await?;
        } else {
            me.typing(true).await?;
            me.signal(Kind::Chat, due_us).await?;
            me.typing(false).await?;
        }
    }
}

fn mode(me: &mut Person) -> Mode {
    let settings = &me.world.plan.settings;
    let by_chance = |text| if text { Mode::Text } else { Mode::Video };
    settings.mode.unwrap_or(by_chance(happens(&mut me.chance, settings.text)))
}

fn interests(me: &mut Person) -> Vec<String> {
    if !happens(&mut me.chance, me.world.plan.settings.interests) {
        return Vec::new();
    }
    let count = me.chance.random_range(1..=4);
    (0..count).map(|_| format!("interest {}", me.world.interests.draw(&mut me.chance))).collect()
}
