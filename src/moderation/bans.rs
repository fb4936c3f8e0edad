//! The bans in force, as every node knows them. Pure: time comes in.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use foldhash::HashMap;
use uuid::Uuid;

use super::record::{Ban, BanId, BanTarget};
use crate::clock::UnixMillis;
use crate::identity::{AddressHash, DeviceHash, Identity};

/// The most bans that are known. When there are more the earliest to end goes, and
/// whom it named may come in: a node's memory is bounded even where the store's is not.
const MAX_BANS: usize = 200_000;

/// The most keys of addresses, one a week, that bans keep in use: of more, those of the
/// newest. Whoever connects is hashed under each.
const MAX_KEYS: usize = 64;

/// How long one that ended is still known, so that what was written of it before, and
/// comes late, doesn't bring it back.
const KNOWN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// When a ban ends, and which: in this order they go.
type End = (UnixMillis, BanId);

/// Who a ban names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Named {
    Device(DeviceHash),
    Address(AddressHash),
}

/// The bans.
#[derive(Default)]
pub struct Bans {
    bans: HashMap<BanId, Ban>,
    ends: BTreeSet<End>,
    named: HashMap<Named, BTreeSet<End>>,
    /// How many bans there are under each key of addresses.
    keys: BTreeMap<u32, usize>,
}

impl Bans {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a ban, or a change of one: of the same id the newest counts, and of two
    /// as new the one that ends first. Whether that changed anything.
    pub fn add(&mut self, ban: Ban) -> bool {
        let newness = |ban: &Ban| (ban.at, std::cmp::Reverse(end(ban)));
        if self.bans.get(&ban.id).is_some_and(|known| newness(known) >= newness(&ban)) {
            return false;
        }
        self.remove(ban.id);
        let place = (end(&ban), ban.id);
        self.ends.insert(place);
        for named in names(&ban.target) {
            self.named.entry(named).or_default().insert(place);
        }
        if let Some(address) = ban.target.address {
            *self.keys.entry(address.key).or_default() += 1;
        }
        self.bans.insert(ban.id, ban);
        if self.bans.len() > MAX_BANS
            && let Some((_, first)) = self.ends.first().copied()
        {
            self.remove(first);
        }
        true
    }

    /// The ban that keeps somebody out, if any: of several the one that lasts longest.
    /// `hashes` are those of the address under [`Self::keys`].
    #[must_use]
    pub fn of(&self, who: &Identity, hashes: &[AddressHash], now: UnixMillis) -> Option<&Ban> {
        let addresses = hashes.iter().chain([&who.address]).copied().map(Named::Address);
        let longest = std::iter::once(Named::Device(who.device))
            .chain(addresses)
            .filter_map(|named| self.named.get(&named)?.last())
            .max()?;
        self.bans.get(&longest.1).filter(|ban| end(ban) > now)
    }

    /// The keys under which addresses are banned, the newest first.
    #[must_use]
    pub fn keys(&self) -> Vec<u32> {
        self.keys.keys().rev().take(MAX_KEYS).copied().collect()
    }

    /// When the next one in force ends.
    #[must_use]
    pub fn next_expiry(&self, now: UnixMillis) -> Option<UnixMillis> {
        let (end, _) = self.after(now).next()?;
        (*end < FOR_GOOD).then_some(*end)
    }

    /// All that are in force.
    pub fn all(&self, now: UnixMillis) -> impl Iterator<Item = &Ban> {
        self.after(now).filter_map(|(_, id)| self.bans.get(id))
    }

    /// How many are in force. Takes as long as there are: for a gauge.
    #[must_use]
    pub fn in_force(&self, now: UnixMillis) -> usize {
        self.after(now).count()
    }

    /// Forgets those that ended long ago.
    pub fn expire(&mut self, now: UnixMillis) {
        let until = now.before(KNOWN_AFTER);
        while let Some((_, id)) = self.ends.first().copied().filter(|(end, _)| *end <= until) {
            self.remove(id);
        }
    }

    fn after(&self, now: UnixMillis) -> impl Iterator<Item = &End> {
        self.ends.range((Bound::Excluded((now, BanId(Uuid::max()))), Bound::Unbounded))
    }

    fn remove(&mut self, id: BanId) {
        let Some(ban) = self.bans.remove(&id) else { return };
        let place = (end(&ban), id);
        self.ends.remove(&place);
        for named in names(&ban.target) {
            let Some(places) = self.named.get_mut(&named) else { continue };
            places.remove(&place);
            if places.is_empty() {
                self.named.remove(&named);
            }
        }
        let key = ban.target.address.map(|address| address.key);
        if let Some((key, count)) = key.and_then(|key| Some((key, self.keys.get_mut(&key)?))) {
            *count -= 1;
            if *count == 0 {
                self.keys.remove(&key);
            }
        }
    }
}

impl BanTarget {
    /// Whether it names somebody who connected with `hashes` of the address.
    #[must_use]
    pub fn is(&self, who: &Identity, hashes: &[AddressHash]) -> bool {
        self.device == Some(who.device)
            || self.address.is_some_and(|at| at == who.address || hashes.contains(&at))
    }
}

const FOR_GOOD: UnixMillis = UnixMillis(u64::MAX);

fn end(ban: &Ban) -> UnixMillis {
    ban.until.unwrap_or(FOR_GOOD)
}

fn names(target: &BanTarget) -> impl Iterator<Item = Named> + use<> {
    target.device.map(Named::Device).into_iter().chain(target.address.map(Named::Address))
}

impl std::fmt::Debug for Bans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bans").field("bans", &self.bans.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
