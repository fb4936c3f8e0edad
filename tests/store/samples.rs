//! Things to be kept.

use passerby::clock::UnixMillis;
use passerby::identity::{AddressHash, DeviceHash, Identity};
use passerby::ids::{RoomId, SessionId};
use passerby::moderation::{
    Ban, BanId, BanTarget, Entry, Line, Picture, PictureKind, ReportId, ReportRecord, Separation,
};
use passerby::protocol::ReportReason;
use passerby::session::token::Token;
use passerby::store::{Retention, Store};
use uuid::Uuid;

use crate::world::{DAY, NOW};

/// As the service is told by default.
pub const RETENTION: Retention =
    Retention { reports: DAY.saturating_mul(90), minor: DAY.saturating_mul(365) };

/// The device of this number.
pub fn device(number: u128) -> DeviceHash {
    DeviceHash::from_bytes(number.to_be_bytes())
}

/// The person with that device.
pub fn person(number: u128) -> Identity {
    Identity {
        device: device(number),
        since: NOW.before(DAY),
        presented: number.is_multiple_of(2),
        address: address(number),
    }
}

pub fn address(number: u128) -> AddressHash {
    AddressHash { key: u32::MAX, hash: (!number).to_be_bytes() }
}

/// A report of the device 2 by the device 1 in a room of its own.
pub fn report(at: UnixMillis) -> ReportRecord {
    ReportRecord {
        id: ReportId(Uuid::new_v4()),
        at,
        room: RoomId::random(),
        began: at.before(DAY),
        ended: Some(at),
        reason: ReportReason::Harassment,
        details: Some("was rude".to_owned()),
        lines: vec![line("hello", true), line("go away", false)],
        reporter: person(1),
        session: SessionId::random(),
        token: Token::random().hash(),
        reported: person(2),
    }
}

/// The same, between two devices.
pub fn report_between(by: u128, of: u128, at: UnixMillis) -> ReportRecord {
    ReportRecord { reporter: person(by), reported: person(of), ..report(at) }
}

pub fn line(text: &str, mine: bool) -> Line {
    Line { mine, text: text.to_owned(), proven: !mine }
}

pub fn picture(report: ReportId, bytes: Vec<u8>) -> Picture {
    Picture { report, at: NOW, kind: PictureKind::Webp, bytes }
}

/// A ban of the device 2.
pub fn ban(at: UnixMillis, until: Option<UnixMillis>) -> Ban {
    Ban {
        id: BanId(Uuid::new_v4()),
        target: BanTarget { device: Some(device(2)), address: None },
        at,
        until,
        reason: "three people reported you".to_owned(),
        appeal: None,
        reports: Vec::new(),
    }
}

/// The same, resting on reports.
pub fn ban_for(reports: &[ReportId], at: UnixMillis, until: Option<UnixMillis>) -> Ban {
    Ban { reports: reports.to_vec(), ..ban(at, until) }
}

pub fn separation(by: u128, of: u128, at: UnixMillis) -> Entry {
    Entry::Separation(Separation { by: device(by), of: device(of), at })
}

/// Writes it.
pub async fn keep(store: &dyn Store, entry: impl Into<Wrapped>) {
    store.write(&entry.into().0).await.unwrap();
}

/// Something as an entry.
pub struct Wrapped(pub Entry);

impl From<Entry> for Wrapped {
    fn from(entry: Entry) -> Self {
        Self(entry)
    }
}

impl From<&ReportRecord> for Wrapped {
    fn from(report: &ReportRecord) -> Self {
        Self(Entry::Report(Box::new(report.clone())))
    }
}

impl From<&Picture> for Wrapped {
    fn from(picture: &Picture) -> Self {
        Self(Entry::Picture(Box::new(picture.clone())))
    }
}

impl From<&Ban> for Wrapped {
    fn from(ban: &Ban) -> Self {
        Self(Entry::Ban(Box::new(ban.clone())))
    }
}

/// Whether a report is there.
pub async fn is_there(store: &dyn Store, report: &ReportRecord) -> bool {
    store.report(report.id).await.unwrap().is_some()
}
