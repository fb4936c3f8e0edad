//! A store in memory that a test can send away. It takes what it is given, in order.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use passerby::clock::UnixMillis;
use passerby::identity::DeviceHash;
use passerby::ids::RoomId;
use passerby::moderation::{Ban, Entry, Picture, ReportFact, ReportId, ReportRecord};
use passerby::session::token::TokenHash;
use passerby::store::{Op, Purged, Retention, Revision, Store, StoreError};
use tokio::sync::Semaphore;

/// The store.
#[derive(Debug)]
pub struct FakeStore {
    state: Mutex<State>,
    /// Closed while it does not answer.
    gate: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    away: bool,
    migrated: u32,
    calls: u32,
    kept: Vec<Entry>,
    refused: Vec<Entry>,
    purges: Vec<(UnixMillis, Retention)>,
    to_purge: VecDeque<Purged>,
}

impl FakeStore {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), gate: Semaphore::new(1) })
    }

    /// From now on it is away, or not.
    pub fn set_away(&self, away: bool) {
        self.state.lock().away = away;
    }

    /// From now on it does not answer.
    pub async fn stall(&self) {
        self.gate.acquire().await.unwrap().forget();
    }

    /// It answers again.
    pub fn go_on(&self) {
        self.gate.add_permits(1);
    }

    /// It never takes this.
    pub fn refuse(&self, entry: Entry) {
        self.state.lock().refused.push(entry);
    }

    /// What the next purges delete.
    pub fn purges(&self, purged: Purged) {
        self.state.lock().to_purge.push_back(purged);
    }

    /// All that it took, in order.
    pub fn kept(&self) -> Vec<Entry> {
        self.state.lock().kept.clone()
    }

    /// How often it was asked for anything.
    pub fn calls(&self) -> u32 {
        self.state.lock().calls
    }

    /// How often its tables were brought up to date.
    pub fn migrated(&self) -> u32 {
        self.state.lock().migrated
    }

    /// When, and for how long things are kept.
    pub fn purged(&self) -> Vec<(UnixMillis, Retention)> {
        self.state.lock().purges.clone()
    }

    fn answer<'a, T: Send>(
        &'a self,
        work: impl FnOnce(&mut State) -> Result<T, StoreError> + Send + 'a,
    ) -> Op<'a, T> {
        Box::pin(async move {
            let _open = self.gate.acquire().await.unwrap();
            let mut state = self.state.lock();
            state.calls += 1;
            if state.away {
                Err(StoreError::Away("for a test".to_owned()))
            } else {
                work(&mut state)
            }
        })
    }
}

impl Store for FakeStore {
    fn migrate(&self) -> Op<'_, ()> {
        self.answer(|state| {
            state.migrated += 1;
            Ok(())
        })
    }

    fn since(&self) -> Op<'_, UnixMillis> {
        self.answer(|_| Ok(UnixMillis(0)))
    }

    fn write<'a>(&'a self, entry: &'a Entry) -> Op<'a, ()> {
        self.answer(move |state| {
            if state.migrated == 0 {
                return Err(StoreError::Away("it has no tables".to_owned()));
            }
            if state.refused.contains(entry) {
                return Err(StoreError::Refused("for a test".to_owned()));
            }
            state.kept.push(entry.clone());
            Ok(())
        })
    }

    fn bans(&self, _: Revision, _: UnixMillis, _: u32) -> Op<'_, Vec<(Revision, Ban)>> {
        self.answer(|_| Ok(Vec::new()))
    }

    fn facts(&self, _: UnixMillis, _: u32) -> Op<'_, Vec<ReportFact>> {
        self.answer(|_| Ok(Vec::new()))
    }

    fn separations(&self, _: DeviceHash, _: u32) -> Op<'_, Vec<DeviceHash>> {
        self.answer(|_| Ok(Vec::new()))
    }

    fn report_of(&self, _: RoomId, _: TokenHash) -> Op<'_, Option<(ReportId, bool)>> {
        self.answer(|_| Ok(None))
    }

    fn purge(&self, now: UnixMillis, retention: Retention) -> Op<'_, Purged> {
        self.answer(move |state| {
            state.purges.push((now, retention));
            Ok(state.to_purge.pop_front().unwrap_or_default())
        })
    }

    fn reports(&self, _: UnixMillis, _: u32) -> Op<'_, Vec<(ReportRecord, bool)>> {
        self.answer(|_| Ok(Vec::new()))
    }

    fn report(&self, _: ReportId) -> Op<'_, Option<(ReportRecord, bool)>> {
        self.answer(|_| Ok(None))
    }

    fn picture(&self, _: ReportId) -> Op<'_, Option<Picture>> {
        self.answer(|_| Ok(None))
    }

    fn hold(&self, _: ReportId, _: bool) -> Op<'_, bool> {
        self.answer(|_| Ok(false))
    }
}
