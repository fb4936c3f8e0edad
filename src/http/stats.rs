//! How many people are here, for anybody who asks.

use actix_web::web::{Data, Json};
use serde::Serialize;

use super::Front;

/// The answer of `/api/v1/stats`.
#[derive(Serialize)]
pub(super) struct Stats {
    online: u64,
    waiting: u64,
    rooms: u64,
}

pub(super) async fn stats(front: Data<Front>) -> Json<Stats> {
    let (metrics, elsewhere) = (&front.node.metrics, front.node.elsewhere());
    let count = |gauge: i64| u64::try_from(gauge).unwrap_or(0);
    Json(Stats {
        online: metrics.online() + elsewhere.online,
        waiting: count(metrics.waiting()) + elsewhere.waiting,
        rooms: count(metrics.rooms.get()) + elsewhere.rooms,
    })
}
