//! The clock: credentials of TURN and cookies end by it, and other machines check them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::header::HttpDate;

use super::finding::Finding;
use super::{in_time, web};
use crate::clock::UnixMillis;
use crate::config::{Doctor, PublicUrl};
use crate::store::DatabaseUrl;
use crate::store::sql::SqlStore;

const SUBJECT: &str = "clock";
/// Clocks may differ by as much. `Date` has whole seconds, and is a way off.
const APART: Duration = Duration::from_secs(30);

pub(super) async fn check(flags: &Doctor) -> Vec<Finding> {
    let database = database(&flags.serve.store.database.database_url);
    let (database, web) = tokio::join!(database, web(flags.url.as_ref()));
    let mut found = Vec::new();
    found.extend(database.map(|(now, theirs)| judge("the database", now, theirs)));
    found.extend(web.map(|(now, theirs)| judge("--url", now, theirs)));
    found
}

/// Ours and its own; where it can't be reached, another check says so.
async fn database(url: &DatabaseUrl) -> Option<(UnixMillis, UnixMillis)> {
    let DatabaseUrl::Postgres(_) = url else { return None };
    let store = SqlStore::new(url);
    let theirs = in_time(store.time()).await?.ok()??;
    Some((UnixMillis::now(), theirs))
}

async fn web(url: Option<&PublicUrl>) -> Option<(UnixMillis, UnixMillis)> {
    let answer = in_time(web::get(url?, "/healthz")).await?.ok()?;
    let date: HttpDate = answer.header("date")?.parse().ok()?;
    let since = SystemTime::from(date).duration_since(UNIX_EPOCH).ok()?;
    let theirs = UnixMillis(u64::try_from(since.as_millis()).ok()?);
    Some((UnixMillis::now(), theirs))
}

fn judge(whose: &str, now: UnixMillis, theirs: UnixMillis) -> Finding {
    let apart = now.since(theirs).max(theirs.since(now));
    if apart <= APART {
        return Finding::ok(SUBJECT, format!("as {whose} has it"));
    }
    let seconds = apart.as_secs();
    let way = if now > theirs { "before" } else { "behind" };
    let what = format!("{seconds} s {way} that of {whose}");
    let remedy = "have both set theirs by the network: timedatectl set-ntp true";
    Finding::wrong(SUBJECT, what, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn half_a_minute_either_way_is_let_pass() {
        let now = UnixMillis(1_800_000_000_000);
        for (millis, expected) in [(30_000, Verdict::Ok), (30_001, Verdict::Wrong)] {
            let apart = Duration::from_millis(millis);
            assert_eq!(judge("a", now, now + apart).verdict, expected);
            assert_eq!(judge("a", now, now.before(apart)).verdict, expected);
        }
    }
}
