//! The flags of what is kept.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};

use crate::store::{DatabaseUrl, NotADatabase, Retention};

/// A day, in which retention is counted.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Which database.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is kept")]
pub struct DatabaseFlags {
    /// Where reports and bans are kept: sqlite:FILE, sqlite::memory: (gone with the
    /// process), or postgres://USER:PASSWORD@HOST:PORT/DATABASE, which several
    /// machines can share. A password is better in the environment, where no list of
    /// processes shows it.
    #[arg(
        long,
        env = "PASSERBY_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:passerby.db",
        value_name = "URL",
        value_parser = Unquoted
    )]
    pub database_url: DatabaseUrl,
}

/// The database, and for how long.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is kept")]
pub struct StoreFlags {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseFlags,

    /// After so many days reports are deleted, with their pictures.
    #[arg(long, env = "PASSERBY_RETAIN_REPORTS", default_value = "90", value_name = "DAYS", value_parser = days)]
    pub retain_reports: Duration,

    /// The same for reports of people who seem under age.
    #[arg(long, env = "PASSERBY_RETAIN_MINOR", default_value = "365", value_name = "DAYS", value_parser = days)]
    pub retain_minor: Duration,

    /// Where what is to be kept waits while the database is away
    /// [default: passerby-PORT.pending].
    #[arg(long, env = "PASSERBY_STORE_QUEUE", value_name = "FILE")]
    pub store_queue: Option<PathBuf>,
}

impl StoreFlags {
    /// How long reports are kept.
    #[must_use]
    pub const fn retention(&self) -> Retention {
        Retention { reports: self.retain_reports, minor: self.retain_minor }
    }

    /// The queue of a service on this port.
    #[must_use]
    pub fn queue(&self, port: u16) -> PathBuf {
        let default = || format!("passerby-{port}.pending").into();
        self.store_queue.clone().unwrap_or_else(default)
    }
}

/// Days, up to a hundred years.
fn days(text: &str) -> Result<Duration, &'static str> {
    let days = text.parse().ok().filter(|days| (1..=36_500).contains(days));
    days.map(|days: u32| DAY * days).ok_or("not a number of days from 1 to 36500")
}

/// Reads the address of a database. The usual complaint would repeat it, with its
/// password.
#[derive(Clone)]
struct Unquoted;

impl TypedValueParser for Unquoted {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<DatabaseUrl, clap::Error> {
        value.to_str().ok_or(NotADatabase).and_then(str::parse).map_err(|error| {
            let words = format!("invalid value for '--database-url <URL>': {error}\n");
            clap::Error::raw(ErrorKind::ValueValidation, words).with_cmd(command)
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Flags {
        #[command(flatten)]
        store: StoreFlags,
    }

    fn parse(flags: &[&str]) -> Result<StoreFlags, String> {
        let flags = Flags::try_parse_from([&["passerby"], flags].concat());
        flags.map(|flags| flags.store).map_err(|error| error.to_string())
    }

    #[test]
    fn retention_is_in_days() {
        let flags = parse(&["--retain-reports", "7"]).unwrap();
        assert_eq!(flags.retention(), Retention { reports: 7 * DAY, minor: 365 * DAY });
        assert_eq!(flags.queue(8080), PathBuf::from("passerby-8080.pending"));
        for wrong in ["0", "-1", "36501", "a", "1.5"] {
            assert!(parse(&["--retain-minor", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_and_not_repeated() {
        let said = parse(&["--database-url", "postgress://me:secret-word@host/d"]).unwrap_err();
        assert!(said.contains("--database-url") && said.contains("sqlite:FILE"), "{said}");
        assert!(!said.contains("secret-word"), "{said}");
    }
}
