//! The flags of the commands for who looks after the service.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgGroup, Args, Subcommand};
use uuid::Uuid;

use super::store::DatabaseFlags;
use crate::identity::{AddressHash, DeviceHash};
use crate::moderation::{BanId, ReportId};

/// What to do with reports.
#[derive(Clone, Debug, Subcommand)]
pub enum ReportsCommand {
    /// List the newest reports.
    ///
    ///   passerby reports list --limit 50
    #[command(verbatim_doc_comment)]
    List {
        /// At most so many.
        #[arg(long, env = "PASSERBY_LIMIT", default_value = "20", value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Where they are kept.
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Show a report with what was attached to it.
    ///
    /// A line marked "proven" passed through the room in these words; of one marked
    /// "claimed" only the reporter says so.
    Show(OneReport),
    /// Put a report under legal hold: it is neither deleted when its time is over
    /// nor when somebody has their data erased.
    Hold(OneReport),
    /// Lift the legal hold of a report.
    Release(OneReport),
    /// Write the picture of a report to a new file. Think before you look at it.
    ///
    ///   passerby reports picture 2f1c... evidence.jpg
    #[command(verbatim_doc_comment)]
    Picture {
        /// Of which.
        #[command(flatten)]
        report: OneReport,
        /// The file, which must not be there yet.
        file: PathBuf,
    },
}

/// A report, by its id.
#[derive(Clone, Debug, Args)]
pub struct OneReport {
    /// Its id, as "reports list" shows it.
    #[arg(value_parser = report_id)]
    pub id: ReportId,
    /// Where it is kept.
    #[command(flatten)]
    pub database: DatabaseFlags,
}

/// What to do with bans.
#[derive(Clone, Debug, Subcommand)]
pub enum BansCommand {
    /// List the bans in force.
    List {
        /// Also those that are over and not deleted yet.
        #[arg(long, env = "PASSERBY_ALL", value_parser = BoolishValueParser::new())]
        all: bool,
        /// Where they are kept.
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Show a ban with the reports on which it rests.
    Show {
        /// Its id, as "bans list" shows it.
        #[arg(value_parser = ban_id)]
        id: BanId,
        /// Where it is kept.
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Ban somebody: a device, an address, or the person of a report.
    ///
    /// Hashes are those that "reports show" shows. A service that runs on the same
    /// database enforces it within a second.
    ///
    ///   passerby bans add --report 2f1c... --for 7d --reason "Harassment"
    ///   passerby bans add --device 8d0b... --for good --reason "Threats"
    #[command(verbatim_doc_comment)]
    Add(Box<AddBan>),
    /// End a ban now.
    Lift {
        /// Its id, as "bans list" shows it.
        #[arg(value_parser = ban_id)]
        id: BanId,
        /// Where they are kept.
        #[command(flatten)]
        database: DatabaseFlags,
    },
}

/// A ban to be.
#[derive(Clone, Debug, Args)]
#[command(group = ArgGroup::new("whom").required(true).multiple(true).args(["device", "address", "report"]))]
pub struct AddBan {
    /// Everybody with this device.
    #[arg(long, env = "PASSERBY_DEVICE", value_name = "HASH", value_parser = device)]
    pub device: Option<DeviceHash>,

    /// Everybody behind this address, which may be a household or a whole office.
    #[arg(long, env = "PASSERBY_ADDRESS", value_name = "KEY:HASH", value_parser = address)]
    pub address: Option<AddressHash>,

    /// Whom this report is about: the device, and the address as well where the
    /// browser came without its cookie. The report is kept as long as the ban.
    #[arg(long, env = "PASSERBY_REPORT", value_name = "ID", value_parser = report_id, conflicts_with_all = ["device", "address"])]
    pub report: Option<ReportId>,

    /// For how long: 30m, 24h, 7d, 4w, or good.
    #[arg(long = "for", env = "PASSERBY_FOR", value_name = "TIME")]
    pub length: BanLength,

    /// Why, in words that the banned person is told.
    #[arg(long, env = "PASSERBY_REASON", value_name = "TEXT", value_parser = words)]
    pub reason: String,

    /// How to appeal, if that differs from what the service says to all.
    #[arg(long, env = "PASSERBY_APPEAL", value_name = "TEXT", value_parser = words)]
    pub appeal: Option<String>,

    /// Where it is kept.
    #[command(flatten)]
    pub database: DatabaseFlags,
}

/// How long a ban lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BanLength {
    /// So long.
    For(Duration),
    /// Until it is lifted.
    Good,
}

impl FromStr for BanLength {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "not a number from 1 to 9999 with m, h, d or w behind it, nor good";
        if text == "good" {
            return Ok(Self::Good);
        }
        let seconds = match text.chars().next_back() {
            Some('m') => 60,
            Some('h') => 60 * 60,
            Some('d') => 24 * 60 * 60,
            Some('w') => 7 * 24 * 60 * 60,
            _ => return Err(WRONG),
        };
        let count = text[..text.len() - 1].parse().ok().filter(|count| (1..=9999).contains(count));
        count.map(|count: u64| Self::For(Duration::from_secs(count * seconds))).ok_or(WRONG)
    }
}

fn report_id(text: &str) -> Result<ReportId, &'static str> {
    Uuid::try_parse(text).map(ReportId).map_err(|_| "not the id of a report")
}

fn ban_id(text: &str) -> Result<BanId, &'static str> {
    Uuid::try_parse(text).map(BanId).map_err(|_| "not the id of a ban")
}

fn device(text: &str) -> Result<DeviceHash, &'static str> {
    DeviceHash::parse(text).ok_or("not 32 hex digits")
}

fn address(text: &str) -> Result<AddressHash, &'static str> {
    AddressHash::parse(text).ok_or("not a number, a colon and 32 hex digits")
}

/// What the banned person is told has an end, and says something.
fn words(text: &str) -> Result<String, &'static str> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 500;
    fits.then(|| text.to_owned()).ok_or("not a text of 1 to 500 characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_lasts_for_a_time_or_for_good() {
        let hours = |hours: u64| Ok(BanLength::For(Duration::from_secs(hours * 3600)));
        assert_eq!("24h".parse(), hours(24));
        assert_eq!("7d".parse(), hours(7 * 24));
        assert_eq!("2w".parse(), hours(14 * 24));
        assert_eq!("120m".parse(), hours(2));
        assert_eq!("good".parse(), Ok(BanLength::Good));
        for wrong in ["", "h", "0h", "24", "-1h", "10000d", "1y", "1é", "Good", "1.5h"] {
            assert!(wrong.parse::<BanLength>().is_err(), "{wrong}");
        }
    }
}
