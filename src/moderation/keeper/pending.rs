//! Whose erasure waits in memory: one a device is enough.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::identity::DeviceHash;

/// Devices with an erasure that waits: no more than entries may.
#[derive(Clone, Debug, Default)]
pub(super) struct Erasing(Arc<Mutex<HashSet<DeviceHash>>>);

/// A place among them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    among: Erasing,
    device: DeviceHash,
}

impl Erasing {
    /// Takes the place of a device; none where it has it already.
    pub(super) fn begin(&self, device: DeviceHash) -> Option<Place> {
        let new = self.0.lock().insert(device);
        new.then(|| Place { among: self.clone(), device })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.among.0.lock().remove(&self.device);
    }
}
