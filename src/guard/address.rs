//! What an address has left of what it may do, and how many connections it holds.
//! Pure: time comes in.
//!
//! The table is bounded. An address that holds no connection and has used nothing
//! that is not back is forgotten: it is as good as one that was never seen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use parking_lot::Mutex;

use super::limiter::{Bucket, Refused};
use super::limits::AddressAllowances;
use crate::clock::Moment;
use crate::identity::AddressHash;

/// The most addresses that are counted, 64 bytes each. A further one is counted when
/// another is forgotten, and until then refused nothing: to lock everybody out who
/// comes newly is what somebody with so many addresses would want. How many
/// connections a node takes in all is bounded elsewhere.
const MAX_ADDRESSES: usize = 100_000;

/// How many are there when it is first looked for some to forget.
const FIRST_SWEEP: usize = 1024;

/// How often a full table is looked through at most.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// When to try again where all connections are in use: nobody knows when one ends.
const CONNECTIONS_AGAIN: Duration = Duration::from_secs(10);

/// What is counted beside connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A report.
    Report,
    /// A picture to a report.
    Picture,
    /// Credentials of the relay.
    Credentials,
}

/// The limits of all addresses. A handle: copies are the same.
#[derive(Clone, Debug)]
pub struct AddressLimits(Option<Arc<Counted>>);

/// A connection that counts until it is dropped.
#[derive(Debug)]
#[must_use = "the connection no longer counts once this is dropped"]
pub struct Held(Option<(Arc<Counted>, AddressHash)>);

#[derive(Debug)]
struct Counted {
    allowances: AddressAllowances,
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    addresses: HashMap<AddressHash, Address, RandomState>,
    /// With so many it is looked for some to forget: twice as many as were left, so
    /// that it costs each newcomer the same.
    sweep_at: usize,
    /// No sooner than this, where it is full.
    sweep_after: Moment,
}

#[derive(Clone, Copy, Debug, Default)]
struct Address {
    connections: u32,
    connects: Bucket,
    reports: Bucket,
    pictures: Bucket,
    credentials: Bucket,
}

impl AddressLimits {
    /// With everything still allowed.
    #[must_use]
    pub fn new(allowances: AddressAllowances) -> Self {
        let (sweep_at, sweep_after) = (FIRST_SWEEP, Moment::default());
        let table = Table { addresses: HashMap::default(), sweep_at, sweep_after };
        Self(Some(Arc::new(Counted { allowances, table: Mutex::new(table) })))
    }

    /// Nothing is counted or refused.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// A new connection from `address`.
    ///
    /// # Errors
    /// [`Refused`] where it holds too many or connects too often.
    pub fn connect(&self, address: AddressHash, now: Moment) -> Result<Held, Refused> {
        let Some(counted) = &self.0 else { return Ok(Held(None)) };
        let allowed = &counted.allowances;
        let mut table = counted.table.lock();
        let Some(entry) = table.entry(address, now) else { return Ok(Held(None)) };
        if entry.connections >= allowed.connections {
            return Err(Refused { again: CONNECTIONS_AGAIN });
        }
        entry.connects.take(allowed.connects, now)?;
        entry.connections += 1;
        Ok(Held(Some((counted.clone(), address))))
    }

    /// Takes one of what `address` may ask.
    ///
    /// # Errors
    /// [`Refused`], with when it may ask again.
    pub fn take(&self, asked: Asked, address: AddressHash, now: Moment) -> Result<(), Refused> {
        let Some(counted) = &self.0 else { return Ok(()) };
        let allowed = &counted.allowances;
        let mut table = counted.table.lock();
        let Some(entry) = table.entry(address, now) else { return Ok(()) };
        match asked {
            Asked::Report => entry.reports.take(allowed.reports, now),
            Asked::Picture => entry.pictures.take(allowed.pictures, now),
            Asked::Credentials => entry.credentials.take(allowed.credentials, now),
        }
    }

    /// How many addresses are counted.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.0.as_ref().map_or(0, |counted| counted.table.lock().addresses.len())
    }
}

impl Table {
    /// What is known of `address`; none where it is new and the table is full.
    fn entry(&mut self, address: AddressHash, now: Moment) -> Option<&mut Address> {
        if !self.addresses.contains_key(&address) {
            if self.addresses.len() >= self.sweep_at && now >= self.sweep_after {
                self.sweep(now);
            }
            if self.addresses.len() >= MAX_ADDRESSES {
                return None;
            }
        }
        Some(self.addresses.entry(address).or_default())
    }

    fn sweep(&mut self, now: Moment) {
        self.addresses.retain(|_, address| !address.is_forgettable(now));
        let left = self.addresses.len();
        self.addresses.shrink_to(left * 2);
        self.sweep_at = (left * 2).clamp(FIRST_SWEEP, MAX_ADDRESSES);
        self.sweep_after = if self.sweep_at == MAX_ADDRESSES { now + SWEEP_EVERY } else { now };
    }
}

impl Address {
    fn is_forgettable(&self, now: Moment) -> bool {
        let used = [self.connects, self.reports, self.pictures, self.credentials];
        self.connections == 0 && used.iter().all(|bucket| bucket.is_unused(now))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((counted, address)) = self.0.take() else { return };
        if let Some(entry) = counted.table.lock().addresses.get_mut(&address) {
            entry.connections -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment::from_micros(9_000_000);

    fn address(number: u32) -> AddressHash {
        let mut hash = [0; 16];
        hash[..4].copy_from_slice(&number.to_be_bytes());
        AddressHash { key: 1, hash }
    }

    fn limits() -> AddressLimits {
        AddressLimits::new(AddressAllowances::default())
    }

    #[test]
    fn an_office_of_a_thousand_comes_in_and_comes_back_at_once() {
        let limits = limits();
        let connect = |now| limits.connect(address(1), now);
        let held = (0..1024).map(|_| connect(START).unwrap()).collect::<Vec<_>>();
        assert_eq!(connect(START).unwrap_err().again, CONNECTIONS_AGAIN);
        assert!(limits.connect(address(2), START).is_ok());
        drop(held);
        let refused = connect(START).unwrap_err();
        assert_eq!(refused.again, Duration::from_millis(20));
        let later = START + Duration::from_secs(30);
        assert!((0..1024).all(|_| connect(later).is_ok()));
    }

    #[test]
    fn a_connection_counts_until_it_is_dropped() {
        let allowances = AddressAllowances { connections: 1, ..Default::default() };
        let limits = AddressLimits::new(allowances);
        let first = limits.connect(address(1), START).unwrap();
        assert!(limits.connect(address(1), START).is_err());
        drop(first);
        let _second = limits.connect(address(1), START).unwrap();
        assert!(limits.connect(address(1), START).is_err());
    }

    #[test]
    fn each_thing_asked_for_is_counted_by_itself() {
        let limits = limits();
        for (asked, burst) in
            [(Asked::Report, 60), (Asked::Picture, 60), (Asked::Credentials, 1024)]
        {
            assert!((0..burst).all(|_| limits.take(asked, address(1), START).is_ok()));
            let again = limits.take(asked, address(1), START).unwrap_err().again;
            assert!(limits.take(asked, address(1), START + again).is_ok(), "{asked:?}");
            assert!(limits.take(asked, address(2), START).is_ok());
        }
    }

    #[test]
    fn addresses_are_forgotten_when_there_is_nothing_to_remember() {
        let limits = limits();
        let held = limits.connect(address(0), START).unwrap();
        let _ = limits.take(Asked::Report, address(1), START);
        let mut now = START;
        for number in 2..20_000 {
            now = now + Duration::from_millis(1);
            drop(limits.connect(address(number), now));
        }
        assert!(limits.addresses() <= FIRST_SWEEP, "{}", limits.addresses());
        drop(held);
        assert!(limits.addresses() > 0);
    }

    #[test]
    fn a_full_table_counts_those_it_knows_and_lets_others_pass() {
        let limits = limits();
        let all = 0..MAX_ADDRESSES as u32;
        let held = all.map(|number| limits.connect(address(number), START).unwrap());
        let held = held.collect::<Vec<_>>();
        assert_eq!(limits.addresses(), MAX_ADDRESSES);
        let stranger = address(u32::MAX);
        assert!((0..2000).all(|_| limits.connect(stranger, START).is_ok()));
        assert!((0..61).any(|_| limits.take(Asked::Report, address(1), START).is_err()));
        assert_eq!(limits.addresses(), MAX_ADDRESSES);
        drop(held);
        let later = START + Duration::from_secs(700);
        let counted = limits.connect(stranger, later).unwrap();
        assert_eq!(limits.addresses(), 1);
        drop(counted);
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let limits = AddressLimits::none();
        assert!((0..5000).all(|_| limits.take(Asked::Picture, address(1), START).is_ok()));
        let held = (0..5000).map(|_| limits.connect(address(1), START).unwrap());
        assert_eq!((held.count(), limits.addresses()), (5000, 0));
    }

    #[test]
    fn an_address_takes_as_much_as_it_is_said_to() {
        assert_eq!(size_of::<(AddressHash, Address)>(), 64);
    }
}
