//! How many people are here, for anybody who asks.

use actix_web::web::{Data, Json};
use serde::Serialize;

use super::Front;
use crate::protocol::Mode;

/// The answer of `/api/v1/stats`.
#[derive(Serialize)]
pub(super) struct Stats {
    online: i64,
    waiting: i64,
    rooms: i64,
}

pub(super) async fn stats(front: Data<Front>) -> Json<Stats> {
    let metrics = &front.node.metrics;
    let waiting = |mode: Mode| metrics.waiting[mode].get();
    Json(Stats {
        online: metrics.connections.get(),
        waiting: Mode::ALL.map(waiting).into_iter().sum(),
        rooms: metrics.rooms.get(),
    })
}
