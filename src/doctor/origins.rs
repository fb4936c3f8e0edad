//! Whose pages the running service lets in, as the proxy passes their origins on.

use futures_util::future::join_all;

use super::finding::Finding;
use super::handshake::{Shaken, shake_from};
use crate::config::PublicUrl;
use crate::http::origin::AllowedOrigin;

const SUBJECT: &str = "--allowed-origins";
/// Of a page that nobody has (RFC 6761).
const NOBODY: &str = "https://passerby-doctor.invalid";

/// How pages of the origins that are listed fare, and that of nobody.
#[derive(Debug)]
pub(super) struct Visits {
    listed: Vec<(String, Shaken)>,
    nobody: Shaken,
}

pub(super) async fn visit(url: &PublicUrl, listed: &[AllowedOrigin]) -> Visits {
    let each = async |origin: &AllowedOrigin| {
        let page = origin.page();
        let shaken = shake_from(url, &page).await;
        (page, shaken)
    };
    let (listed, nobody) = tokio::join!(join_all(listed.iter().map(each)), shake_from(url, NOBODY));
    Visits { listed, nobody }
}

pub(super) fn judge(visits: &Visits) -> Vec<Finding> {
    let mut found: Vec<_> = visits.listed.iter().map(|(page, shaken)| one(page, shaken)).collect();
    if matches!(visits.nobody, Shaken::Welcome(_)) {
        let what = "pages of any origin connect: the proxy drops Origin, or names its own";
        let remedy = "have the proxy pass Origin on as it came";
        found.push(Finding::wrong(SUBJECT, what, remedy));
    }
    found
}

fn one(page: &str, shaken: &Shaken) -> Finding {
    match shaken {
        Shaken::Welcome(_) => Finding::ok(SUBJECT, format!("pages of {page} connect")),
        Shaken::Status(403) => {
            let what = format!("the service that runs refuses pages of {page}");
            let remedy = "start it again with that origin in its --allowed-origins; if it has it, \
                have the proxy pass Origin on as it came";
            Finding::wrong(SUBJECT, what, remedy)
        }
        Shaken::Status(status) => {
            let what = format!("pages of {page} are answered with {status}");
            Finding::wrong(SUBJECT, what, "look at the proxy's rules for this origin")
        }
        Shaken::Broken(why) => {
            let what = format!("the handshake of pages of {page} breaks: {why}");
            Finding::wrong(SUBJECT, what, "look at the proxy's log")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Verdict, verdict};

    #[test]
    fn who_is_listed_is_let_in_and_nobody_else() {
        let of = |listed, nobody| {
            let listed = vec![("https://a.example".to_owned(), listed)];
            verdict(&judge(&Visits { listed, nobody }))
        };
        let welcome = || Shaken::Welcome(None);
        assert_eq!(of(welcome(), Shaken::Status(403)), Verdict::Ok);
        assert_eq!(of(Shaken::Status(403), Shaken::Status(403)), Verdict::Wrong);
        assert_eq!(of(Shaken::Status(429), Shaken::Status(403)), Verdict::Wrong);
        assert_eq!(of(welcome(), welcome()), Verdict::Wrong);
    }
}
