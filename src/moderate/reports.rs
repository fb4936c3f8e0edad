//! Reports, for who judges them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::text::{brief, harmless, say, table};
use super::{Mistake, open};
use crate::clock::UnixMillis;
use crate::config::{OneReport, ReportsCommand};
use crate::identity::Identity;
use crate::moderation::{Line, PictureKind, ReportRecord};

/// How much of the reporter's words a list shows.
const BRIEF: usize = 40;

pub(super) async fn command(command: &ReportsCommand) -> Result<(), Mistake> {
    match command {
        ReportsCommand::List { limit, database } => {
            let all = UnixMillis(u64::MAX);
            let rows = open(database).reports(all, *limit).await?;
            let rows = rows.iter().map(row).collect::<Vec<_>>();
            let head = ["ID", "WHEN", "REASON", "HELD", "LINES", "REPORTED", "DETAILS"];
            Ok(say(&table(head, &rows))?)
        }
        ReportsCommand::Show(one) => show(one).await,
        ReportsCommand::Hold(one) => hold(one, true).await,
        ReportsCommand::Release(one) => hold(one, false).await,
        ReportsCommand::Picture { report, file } => picture(report, file).await,
    }
}

fn row((report, held): &(ReportRecord, bool)) -> [String; 7] {
    [
        report.id.0.to_string(),
        report.at.to_string(),
        report.reason.name().to_owned(),
        yes(*held),
        report.lines.len().to_string(),
        report.reported.device.to_string(),
        brief(report.details.as_deref().unwrap_or_default(), BRIEF),
    ]
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

async fn show(one: &OneReport) -> Result<(), Mistake> {
    let store = open(&one.database);
    let found = store.report(one.id).await?;
    let (report, held) = found.ok_or(Mistake::Missing("report"))?;
    let pictured = store.report_of(report.room, report.token).await?.is_some_and(|(_, has)| has);
    for line in described(&report, held, pictured) {
        say(&line)?;
    }
    Ok(())
}

fn described(report: &ReportRecord, held: bool, pictured: bool) -> Vec<String> {
    let ended = report.ended.map_or_else(|| "not yet".to_owned(), |at| at.to_string());
    let mut lines = vec![
        format!("report      {}", report.id.0),
        format!("made        {}", report.at),
        format!("reason      {}", report.reason.name()),
        format!("legal hold  {}", yes(held)),
        format!("room        {}", report.room),
        format!("began       {}", report.began),
        format!("ended       {ended}"),
        format!("picture     {}", yes(pictured)),
    ];
    lines.extend(person("reported", &report.reported));
    lines.extend(person("reporter", &report.reporter));
    let details = report.details.as_deref().map_or_else(|| "none".to_owned(), harmless);
    lines.push(format!("details     {details}"));
    lines.extend(report.lines.iter().map(line));
    lines
}

fn person(role: &str, identity: &Identity) -> [String; 3] {
    let cookie = if identity.presented { "presented" } else { "not presented" };
    [
        format!("{role}    device   {}", identity.device),
        format!("            address  {}", identity.address),
        format!("            cookie   {cookie}, given out {}", identity.since),
    ]
}

fn line(line: &Line) -> String {
    let who = if line.mine { "reporter" } else { "reported" };
    let proof = if line.proven { "proven" } else { "claimed" };
    format!("  {who} ({proof}): {}", harmless(&line.text))
}

async fn hold(one: &OneReport, held: bool) -> Result<(), Mistake> {
    if !open(&one.database).hold(one.id, held).await? {
        return Err(Mistake::Missing("report"));
    }
    let now = if held { "under legal hold" } else { "under no legal hold any more" };
    Ok(say(&format!("report {} is {now}", one.id.0))?)
}

async fn picture(one: &OneReport, path: &Path) -> Result<(), Mistake> {
    let found = open(&one.database).picture(one.id).await?;
    let picture = found.ok_or(Mistake::Missing("picture"))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&picture.bytes)?;
    let kind = match picture.kind {
        PictureKind::Jpeg => "JPEG",
        PictureKind::Webp => "WebP",
    };
    Ok(say(&format!("{}: {kind}, {} bytes", path.display(), picture.bytes.len()))?)
}
