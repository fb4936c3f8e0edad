//! Which database, as a flag names it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// Where a store is. It doesn't print itself: it may hold a password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// SQLite, in memory alone: gone with the process.
    Memory,
    /// SQLite, in this file.
    File(PathBuf),
    /// A server of PostgreSQL.
    Postgres(Box<PgConnectOptions>),
}

/// A text that names no database. It is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not sqlite:FILE, sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
pub struct NotADatabase;

impl DatabaseUrl {
    /// Which of the two databases it is, for logs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Memory => "SQLite in memory",
            Self::File(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Whether several machines can have it.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

impl FromStr for DatabaseUrl {
    type Err = NotADatabase;

    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite(rest.strip_prefix("//").unwrap_or(rest));
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(NotADatabase);
        }
        text.parse().map(|options| Self::Postgres(Box::new(options))).map_err(|_| NotADatabase)
    }
}

/// SQLite takes options behind a `?`, none of which is of use here: one that was
/// meant and not heeded would be worse than a refusal.
fn sqlite(path: &str) -> Result<DatabaseUrl, NotADatabase> {
    match path {
        ":memory:" => Ok(DatabaseUrl::Memory),
        _ if path.is_empty() || path.starts_with(':') || path.contains(['?', '\0']) => {
            Err(NotADatabase)
        }
        _ => Ok(DatabaseUrl::File(path.into())),
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_memory_or_a_server() {
        let path = |text: &str| match text.parse() {
            Ok(DatabaseUrl::File(path)) => path,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(path("sqlite:passerby.db"), PathBuf::from("passerby.db"));
        assert_eq!(path("sqlite:///var/lib/a b.db"), PathBuf::from("/var/lib/a b.db"));
        assert!(matches!("sqlite::memory:".parse(), Ok(DatabaseUrl::Memory)));
        for server in ["postgres://u:p%40ss@h:1/d?sslmode=require", "postgresql:///d?host=/run"] {
            assert!(matches!(server.parse(), Ok(DatabaseUrl::Postgres(_))), "{server}");
        }
        for wrong in [
            "",
            "sqlite",
            "sqlite:",
            "sqlite::memory",
            "sqlite:a?mode=ro",
            "mysql://h/d",
            "postgres:d",
            "postgres://h:port/d",
            "postgres://u:word@h/d?sslmode=word",
        ] {
            let error = wrong.parse::<DatabaseUrl>().expect_err(wrong);
            assert!(!error.to_string().contains("word@"), "{error}");
        }
    }

    #[test]
    fn it_does_not_print_itself() {
        let url: DatabaseUrl = "postgres://user:secret-word@host/d".parse().unwrap();
        assert!(!format!("{url:?} {}", url.kind()).contains("secret-word"));
    }
}
