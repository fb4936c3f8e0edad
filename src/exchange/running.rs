//! The tasks of a node's part among others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::office::Office;
use super::spreading::spread;
use super::standing::{Standing, hear_entry, say_so};
use crate::cluster::{Cluster, Event};
use crate::session::node::Node;

/// How often it is looked what time has brought about.
const TICK: Duration = Duration::from_millis(20);

/// The tasks of a node among others; they end with this.
pub struct Running {
    office: Arc<Office>,
    tasks: Vec<actix_rt::task::JoinHandle<()>>,
    standing: Arc<tokio::sync::Mutex<Standing>>,
    keeper: Option<actix_rt::task::JoinHandle<()>>,
}

impl Running {
    /// Starts them for `node`, which is reached by `cluster`.
    #[must_use]
    pub fn start(
        node: &Arc<Node>,
        office: &Arc<Office>,
        cluster: Arc<dyn Cluster>,
        events: Receiver<Event>,
    ) -> Self {
        let standing = Standing::new(office.clone(), cluster.clone(), node.clock);
        let standing = Arc::new(tokio::sync::Mutex::new(standing));
        let kept = standing.clone();
        let keeper = Some(actix_rt::spawn(async move { kept.lock().await.keep().await }));
        let tasks = vec![
            actix_rt::spawn(hear(office.clone(), node.clone(), events)),
            actix_rt::spawn(carry(office.clone(), node.clone(), cluster.clone())),
            actix_rt::spawn(say_so(office.clone(), cluster.clone(), node.clock)),
            actix_rt::spawn(spread(office.clone(), node.clone(), cluster)),
            actix_rt::spawn(keep_time(office.clone(), node.clone())),
        ];
        Self { office: office.clone(), tasks, standing, keeper }
    }

    /// The node's part.
    #[must_use]
    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// Says to the others that this node goes, until `deadline`.
    pub async fn leave(mut self, deadline: Instant) {
        if let Some(keeper) = self.keeper.take() {
            keeper.abort();
            // That it was aborted is what is waited for.
            let _ = keeper.await;
        }
        let leave = async { self.standing.lock().await.leave().await };
        if timeout_at(deadline, leave).await.is_err() {
            tracing::warn!("the others were not told that this node goes");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.iter().chain(&self.keeper).for_each(actix_rt::task::JoinHandle::abort);
    }
}

async fn hear(office: Arc<Office>, node: Arc<Node>, mut events: Receiver<Event>) {
    while let Some(event) = events.recv().await {
        match event {
            Event::Message(bag) => office.take_bag(&node, &bag),
            Event::Entry { key, value } => hear_entry(&office, &node, &key, value.as_ref()),
            Event::Reached => office.reach(&node, node.clock.now(), true),
            Event::Lost => office.reach(&node, node.clock.now(), false),
        }
    }
}

async fn carry(office: Arc<Office>, node: Arc<Node>, cluster: Arc<dyn Cluster>) {
    office.courier.carry(&*cluster, |bag| office.take_bag(&node, bag)).await;
}

async fn keep_time(office: Arc<Office>, node: Arc<Node>) {
    let mut pace = interval(TICK);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        office.tick(&node, node.clock.now());
    }
}
