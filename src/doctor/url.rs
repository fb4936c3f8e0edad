//! The way through the proxy, as people go it.

use super::finding::Finding;
use super::{certificate, handshake, in_time, origins, proxy, web};
use crate::config::{PublicUrl, Serve};

const SUBJECT: &str = "--url";

pub(super) async fn check(url: &PublicUrl, serve: &Serve) -> Vec<Finding> {
    let opinion = match in_time(web::connect(url)).await {
        Some(Ok((_stream, opinion))) => opinion,
        Some(Err(error)) => return vec![unreachable(url, &error.to_string())],
        None => return vec![unreachable(url, "no answer in time")],
    };
    let mut found = vec![match opinion {
        Some(opinion) => certificate::finding(&url.host, opinion),
        None => plain(url),
    }];
    let shaken = handshake::shake_both(url);
    let visits = origins::visit(url, &serve.allowed_origins);
    let (pages, shaken, visits) = tokio::join!(proxy::look(url), shaken, visits);
    found.extend(handshake::judge(url, &shaken));
    // Else what is said above has to be mended first.
    if shaken.welcome() {
        found.extend(origins::judge(&visits));
    }
    found.extend(proxy::judge(url, &serve.guard, &pages, shaken.cookie()));
    found
}

fn unreachable(url: &PublicUrl, why: &str) -> Finding {
    let what = format!("{} can't be reached: {why}", url.origin());
    let remedy = "start the service and its proxy first; then look at the name's DNS entry and \
        the firewall";
    Finding::wrong(SUBJECT, what, remedy)
}

fn plain(url: &PublicUrl) -> Finding {
    if url.is_local() {
        return Finding::ok(SUBJECT, format!("{} is this machine: no TLS is needed", url.origin()));
    }
    let what = format!("{} has no TLS: browsers give no camera and no microphone", url.origin());
    Finding::warning(SUBJECT, what, "put a proxy with a certificate in front, and name https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn only_this_machine_needs_no_tls() {
        let verdict = |url: &str| plain(&url.parse().unwrap()).verdict;
        assert_eq!(verdict("http://localhost:8080"), Verdict::Ok);
        assert_eq!(verdict("http://[::1]:8080"), Verdict::Ok);
        assert_eq!(verdict("http://chat.example"), Verdict::Warning);
        assert_eq!(verdict("http://192.168.1.5"), Verdict::Warning);
    }
}
