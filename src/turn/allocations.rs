//! The allocations that stand, by client and by name.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use foldhash::quality::RandomState;
use parking_lot::{Mutex, RwLock};

use super::allocation::Allocation;
use super::client::FiveTuple;
use super::config::Limits;
use super::names::{Barred, Names};
use crate::clock::Moment;

/// All of them. An allocation is removed by [`Allocations::close`] alone.
pub(super) struct Allocations {
    standing: RwLock<HashMap<FiveTuple, Arc<Allocation>, RandomState>>,
    names: Mutex<Names<Weak<Allocation>>>,
}

impl Allocations {
    /// Without any.
    pub(super) fn new(limits: &Limits) -> Self {
        Self { standing: RwLock::default(), names: Mutex::new(Names::new(limits)) }
    }

    /// A client's. One that has run out is closed, should its timer be late.
    pub(super) fn find(&self, tuple: &FiveTuple, now: Moment) -> Option<Arc<Allocation>> {
        let found = self.standing.read().get(tuple).cloned()?;
        if found.state.lock().stands(now) {
            return Some(found);
        }
        self.close(&found);
        None
    }

    /// Counts one of `name` that is yet to be made.
    pub(super) fn enter(&self, name: &str) -> Result<u64, Barred> {
        self.names.lock().enter(name)
    }

    /// One that was counted was not made.
    pub(super) fn leave(&self, name: &str, number: u64) {
        self.names.lock().gone(name, number);
    }

    /// Takes in one that was made; closes it where its name ended meanwhile, and
    /// says whether it stands.
    pub(super) fn add(&self, allocation: &Arc<Allocation>) -> bool {
        self.standing.write().insert(allocation.client.tuple, allocation.clone());
        let owner = &allocation.owner;
        let weak = Arc::downgrade(allocation);
        let stands = self.names.lock().made(&owner.name, owner.number, weak);
        if !stands {
            self.close(allocation);
        }
        stands
    }

    /// Closes one, once: its client may allocate again at once, and its task
    /// ends and closes the sockets.
    pub(super) fn close(&self, allocation: &Allocation) {
        {
            let mut state = allocation.state.lock();
            if std::mem::replace(&mut state.over, true) {
                return;
            }
            state.counted = None;
        }
        let mut standing = self.standing.write();
        let tuple = &allocation.client.tuple;
        if standing.get(tuple).is_some_and(|found| std::ptr::eq(&**found, allocation)) {
            standing.remove(tuple);
        }
        drop(standing);
        self.leave(&allocation.owner.name, allocation.owner.number);
        allocation.changed.notify_one();
    }

    /// Ends a name: closes what it has, and lets it have no more.
    pub(super) fn end(&self, name: &str) {
        let own = self.names.lock().end(name);
        own.iter().filter_map(Weak::upgrade).for_each(|allocation| self.close(&allocation));
    }
}
