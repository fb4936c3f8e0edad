//! What a node of the hub has yet to hear.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};

use crate::cluster::Event;

/// Events that wait here for a node whose receiver is full. Full: all of them are
/// dropped, and it is told that it lost the cluster and reached it again.
const QUEUE: usize = 1024;

/// A node that takes part.
#[derive(Debug, Default)]
pub(super) struct Seat {
    inbox: Mutex<Inbox>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Inbox {
    queue: VecDeque<Event>,
    cut: bool,
    gone: bool,
}

impl Seat {
    /// The node reaches the hub, whose entries are these.
    pub(super) fn welcome(&self, entries: Vec<Event>) {
        self.inbox.lock().welcome(entries);
        self.more.notify_one();
    }

    /// It hears of `event`; `entries` gives those that stand.
    pub(super) fn tell(&self, event: Event, entries: impl FnOnce() -> Vec<Event>) {
        let mut inbox = self.inbox.lock();
        if inbox.cut {
            return;
        }
        if inbox.queue.len() < QUEUE {
            inbox.queue.push_back(event);
        } else {
            inbox.lose();
            inbox.welcome(entries());
            // An entry stands among the others already.
            if matches!(event, Event::Message(_)) {
                inbox.queue.push_back(event);
            }
        }
        self.more.notify_one();
    }

    /// Cuts it off.
    pub(super) fn cut(&self) {
        let mut inbox = self.inbox.lock();
        if !inbox.cut {
            inbox.cut = true;
            inbox.lose();
            self.more.notify_one();
        }
    }

    /// Ends that, where it was cut off.
    pub(super) fn mend(&self, entries: Vec<Event>) {
        let mut inbox = self.inbox.lock();
        if inbox.cut {
            inbox.cut = false;
            inbox.welcome(entries);
            self.more.notify_one();
        }
    }

    /// Whether it is cut off.
    pub(super) fn is_cut(&self) -> bool {
        self.inbox.lock().cut
    }

    /// It takes part no more.
    pub(super) fn leave(&self) {
        self.inbox.lock().gone = true;
        self.more.notify_one();
    }

    /// The next event; `None`: the node left, or its receiver is gone.
    async fn next(&self, events: &mpsc::Sender<Event>) -> Option<Event> {
        loop {
            {
                let mut inbox = self.inbox.lock();
                if inbox.gone {
                    return None;
                }
                if let Some(event) = inbox.queue.pop_front() {
                    return Some(event);
                }
            }
            tokio::select! {
                () = self.more.notified() => (),
                () = events.closed() => return None,
            }
        }
    }

    /// Gives the node its events, until it left or takes no more.
    pub(super) async fn hand_over(&self, events: mpsc::Sender<Event>) {
        while let Some(event) = self.next(&events).await {
            if events.send(event).await.is_err() {
                return;
            }
        }
    }
}

impl Inbox {
    fn lose(&mut self) {
        self.queue.clear();
        self.queue.push_back(Event::Lost);
    }

    /// The queue may be longer than its bound by the entries that stand.
    fn welcome(&mut self, entries: Vec<Event>) {
        self.queue.push_back(Event::Reached);
        self.queue.extend(entries);
    }
}
