//! The database: reached, its tables up to date or about to be, and written to.

use std::path::Path;

use super::files;
use super::finding::Finding;
use super::in_time;
use crate::config::Serve;
use crate::store::DatabaseUrl;
use crate::store::sql::{Barrier, Examined, SqlStore, Unexamined};

const SUBJECT: &str = "database";

pub(super) async fn check(serve: &Serve) -> Vec<Finding> {
    let url = &serve.store.database.database_url;
    let mut found = match url {
        DatabaseUrl::Memory => vec![in_memory()],
        DatabaseUrl::File(path) => of_file(url, path).await,
        DatabaseUrl::Postgres(_) => vec![examine(url).await],
    };
    if serve.cluster.cluster_url.is_some() && !matches!(url, DatabaseUrl::Postgres(_)) {
        let what = "with SQLite each node of a cluster keeps its own reports and bans: who is \
            banned on one is not on the others";
        let remedy = "name one PostgreSQL for all: --database-url postgres://...";
        found.push(Finding::warning(SUBJECT, what, remedy));
    }
    found
}

fn in_memory() -> Finding {
    let remedy = "name a file or a server by --database-url";
    Finding::warning(SUBJECT, "reports and bans end with the process", remedy)
}

async fn of_file(url: &DatabaseUrl, path: &Path) -> Vec<Finding> {
    let folder = files::folder(path);
    if let Err(error) = files::writable(folder) {
        let what = format!("the folder {} can't be written to: {error}", folder.display());
        let remedy = "make it, and let the service's user write there: SQLite keeps its journal \
            beside the file";
        return vec![Finding::wrong(SUBJECT, what, remedy)];
    }
    match path.try_exists() {
        Ok(false) => {
            vec![Finding::ok(SUBJECT, format!("{} is made at the first start", path.display()))]
        }
        // Where that is refused, opening it says why.
        Ok(true) | Err(_) => vec![examine(url).await],
    }
}

async fn examine(url: &DatabaseUrl) -> Finding {
    let store = SqlStore::new(url);
    judge(url.kind(), in_time(store.examine()).await)
}

fn judge(kind: &str, examined: Option<Result<Examined, Unexamined>>) -> Finding {
    let look = if kind == "PostgreSQL" {
        "look at --database-url, and at the server's log"
    } else {
        "look at --database-url, and who owns the file; what is no database is to be moved away"
    };
    match examined {
        None => Finding::wrong(SUBJECT, format!("{kind} does not answer in time"), look),
        Some(Err(Unexamined { barrier: Some(barrier), words })) => barred(kind, barrier, &words),
        Some(Err(Unexamined { barrier: None, words })) => {
            Finding::wrong(SUBJECT, format!("{kind}: {words}"), look)
        }
        Some(Ok(Examined { missing, unwritable })) => match (missing.len(), unwritable) {
            (0, None) => Finding::ok(SUBJECT, format!("{kind} is up to date and can be written")),
            (count, None) => {
                let what = format!("{kind} can be written; \"serve\" applies {count} migrations");
                Finding::ok(SUBJECT, what)
            }
            (0, Some(why)) => {
                let what = format!("{kind} can't be written: {why}");
                Finding::wrong(SUBJECT, what, "give the service's user the right to change rows")
            }
            (_, Some(why)) => {
                let what = format!("{kind} lacks tables, and none can be made: {why}");
                let remedy = "run \"passerby migrate\" as the database's owner";
                Finding::wrong(SUBJECT, what, remedy)
            }
        },
    }
}

fn barred(kind: &str, barrier: Barrier, words: &str) -> Finding {
    let (what, remedy) = match barrier {
        Barrier::NoRoute => (
            "can't be reached",
            "start it, and look at host and port in --database-url, at its listen_addresses and at \
                firewalls",
        ),
        Barrier::Refused => (
            "does not let the user in",
            "put the right user and password into --database-url: \
                postgres://USER:PASSWORD@HOST:PORT/DATABASE; or let them in by its pg_hba.conf",
        ),
        Barrier::NoDatabase => (
            "has no such database",
            "make it (CREATE DATABASE name OWNER user), or name another in --database-url",
        ),
    };
    Finding::wrong(SUBJECT, format!("{kind} {what}: {words}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn tables_may_be_missing_where_they_can_be_made() {
        let of = |missing: &[&str], unwritable: Option<&str>| {
            let missing = missing.iter().map(ToString::to_string).collect();
            let unwritable = unwritable.map(String::from);
            judge("SQLite", Some(Ok(Examined { missing, unwritable })))
        };
        assert_eq!(of(&[], None).verdict, Verdict::Ok);
        assert_eq!(of(&["a"], None).verdict, Verdict::Ok);
        assert_eq!(of(&[], Some("read-only")).verdict, Verdict::Wrong);
        assert!(of(&["a"], Some("no right")).to_string().contains("passerby migrate"));
        assert_eq!(judge("SQLite", None).verdict, Verdict::Wrong);
    }
}
