//! What simulated people do, a file each.

mod call;
mod churn;
mod idle;
mod mix;
mod pair;
mod play;
mod relay;
mod storm;

pub(super) use play::play;
