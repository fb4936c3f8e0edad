//! What the service asks of moderation. Nothing here waits.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::archive::{Archive, Overfull};
use super::bans::Bans;
use super::docket::Docket;
use super::recent::{Known, Recent};
use super::report::record;
use super::thresholds::Thresholds;
use super::{Ban, Entry, Picture, ReportFact, Separation};
use crate::clock::{Moment, UnixMillis};
use crate::exchange::letter::Circular;
use crate::identity::{AddressHash, DeviceHash, Identity};
use crate::ids::RoomId;
use crate::metrics::ModerationMetrics;
use crate::protocol::Report;
use crate::secret::Secret;
use crate::session::handle::Session;
use crate::session::lines::{LineHash, LineKey};
use crate::session::state::Encounter;
use crate::session::token::TokenHash;

/// What those are told whom reports alone keep out.
const REASON: &str = "Several people reported what you did within an hour.";
/// So much waits to be said to other nodes; beyond that the oldest is left out, bans last.
const CIRCULARS: usize = 1024;
/// So many bans go into one message.
const BANS_A_CIRCULAR: usize = 100;

/// Takes reports, weighs them, and says who is banned.
#[derive(Debug)]
pub struct Moderation {
    lines: LineKey,
    archive: Arc<dyn Archive>,
    appeal: Option<String>,
    metrics: ModerationMetrics,
    docket: Mutex<Docket>,
    bans: Mutex<Bans>,
    recent: Mutex<Recent>,
    changed: Notify,
    circulars: Mutex<VecDeque<Circular>>,
    to_say: Notify,
    /// Whether other nodes have a store each.
    own_store: bool,
}

/// Why a picture is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    /// The report has one.
    #[error("the report has a picture already")]
    Again,
    /// See there.
    #[error(transparent)]
    Overfull(#[from] Overfull),
}

impl Moderation {
    /// One that files into `archive`; keys follow from `secret`. `appeal` is told to
    /// the banned.
    #[must_use]
    pub fn new(
        secret: &Secret,
        archive: Arc<dyn Archive>,
        appeal: Option<String>,
        metrics: ModerationMetrics,
    ) -> Self {
        Self {
            lines: LineKey::new(secret),
            archive,
            appeal,
            metrics,
            // Taken for new until the store says how old it is.
            docket: Mutex::new(Docket::new(Thresholds::default(), UnixMillis::now())),
            bans: Mutex::default(),
            recent: Mutex::default(),
            changed: Notify::new(),
            circulars: Mutex::default(),
            to_say: Notify::new(),
            own_store: false,
        }
    }

    /// For a node whose store is its own: what changes there is said to the others.
    #[must_use]
    pub fn with_own_store(self) -> Self {
        Self { own_store: true, ..self }
    }

    /// Whether other nodes keep what this one does not know.
    #[must_use]
    pub const fn has_own_store(&self) -> bool {
        self.own_store
    }

    /// The hash of a line of text.
    #[must_use]
    pub fn hash_line(&self, room: RoomId, text: &str) -> LineHash {
        self.lines.hash(room, text)
    }

    /// How the banned may appeal.
    #[must_use]
    pub fn appeal(&self) -> Option<&str> {
        self.appeal.as_deref()
    }

    /// Takes a report by `session` of whom it met. One of the same room again is
    /// none.
    ///
    /// # Errors
    /// [`Overfull`]: it is not taken.
    pub fn report(
        &self,
        session: &Session,
        report: &Report<'_>,
        encounter: &Encounter,
        now: Moment,
    ) -> Result<(), Overfull> {
        if self.recent_report(report.room, session.token()).is_some() {
            return Ok(());
        }
        let wall = UnixMillis::now();
        let record = record(&self.lines, session, report, encounter, (now, wall));
        let (fact, separation) = (record.fact(), record.separation());
        self.archive.file(Entry::Report(Box::new(record)))?;
        self.recent.lock().add(wall, (report.room, session.token()), fact.id);
        self.say(Circular::Reported(fact));
        self.say_where_not_shared(Circular::Separated(separation));
        if self.weigh(fact, wall) {
            tracing::info!("reports were enough to ban somebody");
            self.metrics.bans_by_reports.inc();
        }
        Ok(())
    }

    /// Sees to it that two people never meet again.
    ///
    /// # Errors
    /// [`Overfull`].
    pub fn separate(&self, by: &Identity, of: &Identity) -> Result<(), Overfull> {
        let separation = Separation { by: by.device, of: of.device, at: UnixMillis::now() };
        self.archive.file(Entry::Separation(separation))?;
        self.say_where_not_shared(Circular::Separated(separation));
        Ok(())
    }

    /// Has what is kept under a device erased, on all nodes.
    ///
    /// # Errors
    /// [`Overfull`].
    pub fn erase(&self, device: DeviceHash) -> Result<(), Overfull> {
        let at = UnixMillis::now();
        self.archive.file(Entry::Erase { device, at })?;
        self.say_where_not_shared(Circular::Erased { device, at });
        Ok(())
    }

    /// Has something kept or changed.
    ///
    /// # Errors
    /// [`Overfull`].
    pub fn file(&self, entry: Entry) -> Result<(), Overfull> {
        self.archive.file(entry)
    }

    /// The report that the session of a token made of a room a short while ago.
    #[must_use]
    pub fn recent_report(&self, room: RoomId, token: TokenHash) -> Option<Known> {
        self.recent.lock().find(UnixMillis::now(), (room, token))
    }

    /// Has the picture of the report of a room kept. Whether that has another already is
    /// known here of a recent report, else in the store.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn add_picture(
        &self,
        room: RoomId,
        token: TokenHash,
        picture: Picture,
    ) -> Result<(), NotAdded> {
        let mut recent = self.recent.lock();
        let known = recent.find(UnixMillis::now(), (room, token));
        if known.is_some_and(|known| known.pictured) {
            return Err(NotAdded::Again);
        }
        self.file(Entry::Picture(Box::new(picture)))?;
        recent.pictured((room, token));
        Ok(())
    }

    /// Takes what another node says.
    pub fn hear(&self, circular: Circular) {
        let now = UnixMillis::now();
        match circular {
            Circular::Reported(fact) => _ = self.weigh(fact, now),
            Circular::Bans(bans) => {
                let news = bans.into_iter().filter(|ban| self.learn(ban.clone()));
                news.for_each(|ban| self.file_heard(Entry::Ban(ban.into())));
            }
            Circular::Separated(separation) => self.file_heard(Entry::Separation(separation)),
            Circular::Erased { device, at } => self.file_heard(Entry::Erase { device, at }),
        }
    }

    /// What is lost of it, the keeper counts and logs.
    fn file_heard(&self, entry: Entry) {
        let _ = self.file(entry);
    }

    /// Takes what the store holds of the reports of the last day.
    pub fn recall(&self, facts: Vec<ReportFact>, service_since: UnixMillis) {
        let now = UnixMillis::now();
        let mut docket = self.docket.lock();
        docket.set_service_since(service_since);
        for fact in facts {
            docket.note(fact, now);
        }
    }

    /// Takes a ban from elsewhere; whether it is news.
    pub fn learn(&self, ban: Ban) -> bool {
        let news = self.bans.lock().add(ban);
        if news {
            self.changed.notify_one();
        }
        news
    }

    /// The ban that keeps somebody out, who may be known by more addresses than one.
    #[must_use]
    pub fn ban_of(&self, who: &Identity, addresses: &[AddressHash]) -> Option<Ban> {
        let bans = self.bans.lock();
        bans.of(who, addresses, UnixMillis::now()).cloned()
    }

    /// The keys under which addresses must be hashed, beside the present one.
    #[must_use]
    pub fn address_keys(&self) -> Vec<u32> {
        self.bans.lock().keys()
    }

    /// Forgets bans that ended long ago, and shows how many are in force.
    pub fn tidy(&self) {
        let now = UnixMillis::now();
        let mut bans = self.bans.lock();
        bans.expire(now);
        self.metrics.in_force.set(i64::try_from(bans.in_force(now)).unwrap_or(i64::MAX));
    }

    /// Waits until there are new bans.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits for something that other nodes are to hear.
    pub async fn next_circular(&self) -> Circular {
        loop {
            let to_say = self.to_say.notified();
            if let Some(circular) = self.circulars.lock().pop_front() {
                return circular;
            }
            to_say.await;
        }
    }

    /// Has a ban said to the other nodes.
    pub fn say_ban(&self, ban: Ban) {
        self.say(Circular::Bans(vec![ban]));
    }

    /// Has all bans in force said to the other nodes.
    pub fn say_all(&self) {
        let bans: Vec<Ban> = self.bans.lock().all(UnixMillis::now()).cloned().collect();
        for some in bans.chunks(BANS_A_CIRCULAR) {
            self.say(Circular::Bans(some.to_vec()));
        }
    }

    /// What others read in the store, where that is shared.
    fn say_where_not_shared(&self, circular: Circular) {
        if self.own_store {
            self.say(circular);
        }
    }

    fn say(&self, circular: Circular) {
        let mut circulars = self.circulars.lock();
        if circulars.len() == CIRCULARS {
            let spared = |circular: &Circular| matches!(circular, Circular::Bans(_));
            let oldest = circulars.iter().position(|circular| !spared(circular));
            circulars.remove(oldest.unwrap_or(0));
        }
        circulars.push_back(circular);
        self.to_say.notify_one();
    }

    /// Looks whether a report, with those before it, is enough to act, and does so;
    /// whether it was. Each node that hears of it comes to the same ban.
    fn weigh(&self, fact: ReportFact, now: UnixMillis) -> bool {
        let verdict = self.docket.lock().take(fact, now);
        let Some(verdict) = verdict else { return false };
        if self.ban_of(&fact.reported, &[]).is_some() {
            return false;
        }
        let ban = Ban {
            id: verdict.id,
            target: verdict.target,
            at: verdict.at,
            until: Some(verdict.until),
            reason: REASON.into(),
            appeal: None,
            reports: verdict.reports,
        };
        self.learn(ban.clone());
        self.say_ban(ban.clone());
        if self.file(Entry::Ban(ban.into())).is_err() {
            tracing::error!("a ban was not stored: it ends with this process");
        }
        true
    }
}
