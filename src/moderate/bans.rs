//! Bans, for who makes and lifts them.

use uuid::Uuid;

use super::text::{brief, harmless, say, table};
use super::{Mistake, open};
use crate::clock::UnixMillis;
use crate::config::{AddBan, BanLength, BansCommand, DatabaseFlags};
use crate::moderation::{Ban, BanId, BanTarget, Entry, ReportId};
use crate::store::{Revision, Store};

/// Bans that are read at once.
const PAGE: u32 = 500;
/// How much of a reason a list shows.
const BRIEF: usize = 40;
/// Before the first, so that those which ended are read as well.
const ALL: Revision = -1;

pub(super) async fn command(command: &BansCommand) -> Result<(), Mistake> {
    let now = UnixMillis::now();
    match command {
        BansCommand::List { all, database } => list(*all, database, now).await,
        BansCommand::Show { id, database } => show(*id, database, now).await,
        BansCommand::Add(ban) => add(ban, now).await,
        BansCommand::Lift { id, database } => lift(*id, database, now).await,
    }
}

async fn list(all: bool, database: &DatabaseFlags, now: UnixMillis) -> Result<(), Mistake> {
    let bans = read(&*open(database), now).await?;
    let shown = bans.iter().filter(|ban| all || in_force(ban, now));
    let rows = shown.map(row).collect::<Vec<_>>();
    Ok(say(&table(["ID", "MADE", "UNTIL", "DEVICE", "ADDRESS", "REASON"], &rows))?)
}

async fn read(store: &dyn Store, now: UnixMillis) -> Result<Vec<Ban>, Mistake> {
    let (mut bans, mut revision) = (Vec::new(), ALL);
    loop {
        let page = store.bans(revision, now, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(bans) };
        revision = *last;
        bans.extend(page.into_iter().map(|(_, ban)| ban));
    }
}

async fn show(id: BanId, database: &DatabaseFlags, now: UnixMillis) -> Result<(), Mistake> {
    for line in described(&find(&*open(database), id, now).await?) {
        say(&line)?;
    }
    Ok(())
}

async fn find(store: &dyn Store, id: BanId, now: UnixMillis) -> Result<Ban, Mistake> {
    let found = read(store, now).await?.into_iter().find(|ban| ban.id == id);
    found.ok_or(Mistake::Missing("ban"))
}

fn described(ban: &Ban) -> Vec<String> {
    let [id, made, until, device, address, _] = row(ban);
    let appeal = ban.appeal.as_deref().map_or_else(|| "as for all".to_owned(), harmless);
    let mut lines = vec![
        format!("ban      {id}"),
        format!("made     {made}"),
        format!("until    {until}"),
        format!("device   {device}"),
        format!("address  {address}"),
        format!("reason   {}", harmless(&ban.reason)),
        format!("appeal   {appeal}"),
    ];
    lines.extend(ban.reports.iter().map(|report| format!("report   {}", report.0)));
    lines
}

fn in_force(ban: &Ban, now: UnixMillis) -> bool {
    ban.until.is_none_or(|until| until > now)
}

fn row(ban: &Ban) -> [String; 6] {
    [
        ban.id.0.to_string(),
        ban.at.to_string(),
        until(ban),
        ban.target.device.map_or_else(|| "-".to_owned(), |device| device.to_string()),
        ban.target.address.map_or_else(|| "-".to_owned(), |address| address.to_string()),
        brief(&ban.reason, BRIEF),
    ]
}

fn until(ban: &Ban) -> String {
    ban.until.map_or_else(|| "for good".to_owned(), |at| at.to_string())
}

async fn add(flags: &AddBan, now: UnixMillis) -> Result<(), Mistake> {
    let store = open(&flags.database);
    let target = match flags.report {
        Some(report) => target_of(&*store, report).await?,
        None => BanTarget { device: flags.device, address: flags.address },
    };
    let until = match flags.length {
        BanLength::For(span) => Some(now + span),
        BanLength::Good => None,
    };
    let ban = Ban {
        id: BanId(Uuid::new_v4()),
        target,
        at: now,
        until,
        reason: flags.reason.clone(),
        appeal: flags.appeal.clone(),
        reports: flags.report.into_iter().collect(),
    };
    store.write(&Entry::Ban(Box::new(ban.clone()))).await?;
    let length = until.map_or_else(|| "for good".to_owned(), |at| format!("until {at}"));
    Ok(say(&format!("ban {} is in force {length}", ban.id.0))?)
}

/// Whom a report is about. A device that came without its cookie may be another one the
/// next time: the address stands in for it.
async fn target_of(store: &dyn Store, report: ReportId) -> Result<BanTarget, Mistake> {
    let found = store.report(report).await?;
    let reported = found.ok_or(Mistake::Missing("report"))?.0.reported;
    let address = (!reported.presented).then_some(reported.address);
    Ok(BanTarget { device: Some(reported.device), address })
}

async fn lift(id: BanId, database: &DatabaseFlags, now: UnixMillis) -> Result<(), Mistake> {
    let store = open(database);
    let ban = find(&*store, id, now).await?;
    if !in_force(&ban, now) {
        return Err(Mistake::Otherwise("that ban is over already"));
    }
    // The newer counts, also where a clock that made it is ahead of this one.
    let at = now.max(UnixMillis(ban.at.0.saturating_add(1)));
    store.write(&Entry::Ban(Box::new(Ban { at, until: Some(now), ..ban }))).await?;
    Ok(say(&format!("ban {} is lifted", id.0))?)
}
