//! Which part a person plays.

use super::{call, churn, idle, mix, pair, relay, storm};
use crate::load::peer::{Person, Trouble};
use crate::load::plan::Scenario;

/// Plays on from where the person stands, until trouble or the end of the run.
pub(in crate::load) async fn play(me: &mut Person) -> Result<(), Trouble> {
    match me.world.plan.scenario {
        Scenario::Idle => idle::play(me).await,
        Scenario::Pair => pair::play(me).await,
        Scenario::Relay => relay::play(me).await,
        Scenario::Churn => churn::play(me).await,
        Scenario::Call => call::play(me).await,
        Scenario::Mix | Scenario::Soak => mix::play(me).await,
        Scenario::Storm => storm::play(me).await,
    }
}
