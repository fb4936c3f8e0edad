//! What the proxy tells the service of its people, and what it must not show them.

use tokio::join;

use super::finding::Finding;
use super::{in_time, web};
use crate::config::{GuardFlags, PublicUrl};

const SUBJECT: &str = "proxy";
const OPERATIONS: &str = "operations";

/// Pages that anybody can get.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// The cookie that `/` gives.
    cookie: Option<String>,
    /// Which of `/readyz` and `/metrics` are those of the operations port.
    operations: Vec<&'static str>,
}

pub(super) async fn look(url: &PublicUrl) -> Pages {
    let get = async |path| in_time(web::get(url, path)).await.and_then(Result::ok);
    let (page, ready, metrics) = join!(get("/"), get("/readyz"), get("/metrics"));
    let cookie = page.and_then(|page| page.header("set-cookie").map(String::from));
    // Other answers are the proxy's own, or the page's.
    let is_readiness = |body: &str| body.contains("starting or draining") || body.trim() == "ready";
    let ready = ready.filter(|answer| is_readiness(&answer.body)).map(|_| "/readyz");
    let metrics = metrics.filter(|answer| answer.body.contains("passerby_")).map(|_| "/metrics");
    Pages { cookie, operations: ready.into_iter().chain(metrics).collect() }
}

pub(super) fn judge(
    url: &PublicUrl,
    guard: &GuardFlags,
    pages: &Pages,
    other_cookie: Option<&str>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if url.tls {
        let cookie = pages.cookie.as_deref().or(other_cookie);
        found.push(forwarded(guard, cookie));
    }
    found.push(operations(&pages.operations));
    found
}

/// The service marks its cookie as one for TLS where a proxy that it trusts says that
/// people come by TLS.
fn forwarded(guard: &GuardFlags, cookie: Option<&str>) -> Finding {
    let told = cookie.map(|cookie| cookie.contains("Secure"));
    if guard.trusted_proxies.is_empty() {
        let what = "--trusted-proxies is empty: all people seem to have the proxy's address, and \
            their cookie lacks Secure";
        let remedy = "name the proxy's address in --trusted-proxies, and have it send \
            X-Forwarded-For and X-Forwarded-Proto";
        return Finding::wrong(SUBJECT, what, remedy);
    }
    match told {
        Some(true) => Finding::ok(SUBJECT, "the service learns from it that people come by TLS"),
        Some(false) => {
            let what =
                "the service does not learn that people come by TLS: its cookie lacks Secure";
            let remedy = "name the proxy's own address in --trusted-proxies of the service that \
                runs, and have the proxy send X-Forwarded-Proto (nginx: proxy_set_header \
                X-Forwarded-Proto $scheme;) and X-Forwarded-For";
            Finding::wrong(SUBJECT, what, remedy)
        }
        None => {
            let what = "no cookie came: whether the proxy's headers are believed can't be seen";
            Finding::warning(SUBJECT, what, "mend what else is wrong with --url, and try again")
        }
    }
}

fn operations(shown: &[&str]) -> Finding {
    if shown.is_empty() {
        return Finding::ok(OPERATIONS, "/readyz and /metrics are not public");
    }
    let what = format!("anybody can read {} at --url", shown.join(" and "));
    let remedy = "have the proxy pass on to --listen alone, never to --ops-listen";
    Finding::wrong(OPERATIONS, what, remedy)
}
