//! A WebSocket through the proxy: from a page of the service, and from no page.

use futures_util::StreamExt as _;
use tokio::join;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL, SET_COOKIE};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::finding::Finding;
use super::{in_time, web};
use crate::config::PublicUrl;

const SUBJECT: &str = "WebSocket";
/// What the page offers.
const OFFER: &str = "passerby.v1";

/// How a handshake ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shaken {
    /// The service said `welcome`, and gave this cookie.
    Welcome(Option<String>),
    /// The answer was this status instead.
    Status(u16),
    /// It broke.
    Broken(String),
}

/// Both handshakes.
#[derive(Debug)]
pub(super) struct Both {
    from_page: Shaken,
    from_nowhere: Shaken,
}

impl Both {
    /// Whether pages of the service itself are let in.
    pub(super) const fn welcome(&self) -> bool {
        matches!(self.from_page, Shaken::Welcome(_))
    }

    /// The cookie that somebody got of whom only the proxy knows whether it is TLS.
    pub(super) fn cookie(&self) -> Option<&str> {
        match &self.from_nowhere {
            Shaken::Welcome(cookie) => cookie.as_deref(),
            Shaken::Status(_) | Shaken::Broken(_) => None,
        }
    }
}

pub(super) async fn shake_both(url: &PublicUrl) -> Both {
    let origin = url.origin();
    let (from_page, from_nowhere) = join!(shake_from(url, &origin), shake(url, None));
    Both { from_page, from_nowhere }
}

/// As a page of this origin does it.
pub(super) async fn shake_from(url: &PublicUrl, origin: &str) -> Shaken {
    shake(url, Some(origin)).await
}

async fn shake(url: &PublicUrl, origin: Option<&str>) -> Shaken {
    let Some(shaken) = in_time(try_to_shake(url, origin)).await else {
        return Shaken::Broken("no answer in time".to_owned());
    };
    match shaken {
        Ok(response) => {
            let cookie = response.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
            Shaken::Welcome(cookie.map(String::from))
        }
        Err(Error::Http(response)) => Shaken::Status(response.status().as_u16()),
        Err(error) => Shaken::Broken(error.to_string()),
    }
}

async fn try_to_shake(url: &PublicUrl, origin: Option<&str>) -> Result<Response, Error> {
    let (stream, _) =
        web::connect(url).await.map_err(|why| std::io::Error::other(why.to_string()))?;
    let scheme = if url.tls { "wss" } else { "ws" };
    let mut request = format!("{scheme}://{}/ws", url.authority).into_client_request()?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, OFFER.parse()?);
    if let Some(origin) = origin {
        request.headers_mut().insert(ORIGIN, origin.parse()?);
    }
    let (mut socket, response) = client_async(request, stream).await?;
    match socket.next().await {
        Some(Ok(Message::Text(text))) if text.contains("\"welcome\"") => (),
        Some(Err(error)) => return Err(error),
        _ => return Err(std::io::Error::other("it says no welcome").into()),
    }
    // The visit is over whether or not the service hears that.
    let _ = socket.close(None).await;
    Ok(response)
}

/// What the handshakes say of the proxy.
pub(super) fn judge(url: &PublicUrl, both: &Both) -> Vec<Finding> {
    let origin = url.origin();
    let host_changed = || {
        let what = format!("the service refuses pages of {origin}: its proxy changes Host");
        let remedy = format!(
            "pass Host on (nginx: proxy_set_header Host $http_host;), or name {} in \
            --allowed-origins",
            url.authority
        );
        Finding::wrong(SUBJECT, what, remedy)
    };
    match (&both.from_page, &both.from_nowhere) {
        (Shaken::Welcome(cookie), _) => welcome(url, cookie.as_deref()),
        (Shaken::Status(403), Shaken::Welcome(_)) => vec![host_changed()],
        (Shaken::Status(status), _) => vec![refused(*status)],
        (Shaken::Broken(why), _) => {
            let remedy = "look at the proxy's log; it has to speak HTTP/1.1 to the service and pass \
                WebSocket frames on";
            vec![Finding::wrong(SUBJECT, format!("the handshake breaks: {why}"), remedy)]
        }
    }
}

fn welcome(url: &PublicUrl, cookie: Option<&str>) -> Vec<Finding> {
    let origin = url.origin();
    let what = format!(
        "pages of {origin} connect. Not tried is whether the proxy cuts a connection that rests: \
        let it wait a minute at least (nginx: proxy_read_timeout 1h;)"
    );
    let mut found = vec![Finding::ok(SUBJECT, what)];
    // Only who comes from another host than the service's own is given such a one.
    if cookie.is_some_and(|cookie| cookie.contains("Partitioned")) {
        let what = format!("the proxy changes Host: {origin} is taken for somebody else's page");
        let remedy = "pass Host on (nginx: proxy_set_header Host $http_host;)";
        found.push(Finding::warning(SUBJECT, what, remedy));
    }
    found
}

fn refused(status: u16) -> Finding {
    let (what, remedy) = match status {
        400 | 426 => (
            "the proxy does not pass the upgrade on",
            "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                proxy_set_header Connection \"upgrade\";",
        ),
        403 => ("pages are refused", "the proxy has to let /ws through, with Host as it came"),
        404 => ("nothing is at /ws", "the proxy has to pass all paths on, /ws too"),
        429 => ("there were too many connections", "try again in a minute"),
        502 | 504 => (
            "the proxy does not reach the service",
            "start the service, and have the proxy pass on to --listen",
        ),
        503 => ("it is full, stopping or away", "look at the service's log, and start it"),
        _ => ("that is no WebSocket", "see that the proxy passes /ws on to --listen as it came"),
    };
    Finding::wrong(SUBJECT, format!("the handshake is answered with {status}: {what}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use crate::doctor::verdict;

    #[test]
    fn what_the_two_handshakes_say_together() {
        let url: PublicUrl = "https://chat.example".parse().unwrap();
        let welcome = |cookie: &str| Shaken::Welcome(Some(cookie.to_owned()));
        let of = |from_page, from_nowhere| judge(&url, &Both { from_page, from_nowhere });
        let words = |found: &[Finding]| found.iter().map(ToString::to_string).collect::<String>();
        let fine = of(welcome("a=b; Secure"), welcome("a=b; Secure"));
        assert_eq!(verdict(&fine), Verdict::Ok);
        let other = of(welcome("a=b; Secure; Partitioned"), welcome("a=b"));
        assert_eq!(verdict(&other), Verdict::Warning);
        let refused = of(Shaken::Status(403), welcome("a=b"));
        assert_eq!(verdict(&refused), Verdict::Wrong);
        assert!(words(&refused).contains("--allowed-origins"));
        for (status, word) in [(426, "Upgrade"), (502, "--listen"), (404, "/ws"), (418, "/ws")] {
            let found = of(Shaken::Status(status), Shaken::Status(status));
            assert_eq!(verdict(&found), Verdict::Wrong);
            assert!(words(&found).contains(word), "{status}");
        }
    }
}
