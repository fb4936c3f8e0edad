//! What a client presents to come back to its session (rule 6). Pure.

use actix_http::RequestHead;
use actix_http::header::SEC_WEBSOCKET_PROTOCOL;
use actix_web::web::Query;
use serde::Deserialize;

use super::admission::texts;
use crate::session::attendance::Resume;
use crate::session::token::Token;

/// No token of ours is longer; what is, is not looked up.
const MAX_TOKEN_BYTES: usize = 128;

/// What a handshake's subprotocols or query ask for. The subprotocols count
/// where both are there.
pub(super) fn asked(head: &RequestHead) -> Option<Resume> {
    let offered = texts(head, SEC_WEBSOCKET_PROTOCOL).flat_map(|offered| offered.split(','));
    let by_subprotocol = offered.filter_map(|offer| offer.trim().strip_prefix("resume.")).next();
    match by_subprotocol {
        Some(asked) => {
            let (token, seq) = asked.split_once('.').map_or((asked, None), |(t, n)| (t, Some(n)));
            resume(token, seq)
        }
        None => by_query(head.uri.query()?),
    }
}

#[derive(Deserialize)]
struct Asked {
    resume: String,
    seq: Option<String>,
}

fn by_query(query: &str) -> Option<Resume> {
    let asked = Query::<Asked>::from_query(query).ok()?.into_inner();
    resume(&asked.resume, asked.seq.as_deref())
}

/// A number that is none was never sent, and counts as missing.
fn resume(token: &str, seq: Option<&str>) -> Option<Resume> {
    let token = token.get(..MAX_TOKEN_BYTES).unwrap_or(token);
    Some(Resume { token: Token::presented(token), seq: seq.and_then(|seq| seq.parse().ok()) })
}

#[cfg(test)]
mod tests {
    use actix_http::Request;
    use actix_web::test::TestRequest;

    use super::*;

    fn asked_by(uri: &str, subprotocols: &str) -> Option<(String, Option<u64>)> {
        let mut request = TestRequest::with_uri(uri);
        if !subprotocols.is_empty() {
            request = request.insert_header((SEC_WEBSOCKET_PROTOCOL, subprotocols));
        }
        let request: Request = request.to_request();
        asked(request.head()).map(|resume| (resume.token.secret().to_owned(), resume.seq))
    }

    #[test]
    fn a_token_comes_by_query_or_by_subprotocol() {
        for (uri, subprotocols, seq) in [
            ("/ws?resume=abc&seq=7", "", Some(7)),
            ("/ws?resume=abc", "passerby.v1", None),
            ("/ws", "passerby.v1, resume.abc.7", Some(7)),
            ("/ws", "resume.abc,passerby.v1", None),
            ("/ws?resume=other&seq=1", "passerby.v1,resume.abc.2", Some(2)),
        ] {
            assert_eq!(asked_by(uri, subprotocols), Some(("abc".into(), seq)), "{uri}");
        }
        assert_eq!(asked_by("/ws", "passerby.v1"), None);
        assert_eq!(asked_by("/ws?seq=5", ""), None);
    }

    #[test]
    fn an_absurd_number_counts_as_missing() {
        for seq in ["", "-1", "x", "1.5", "99999999999999999999999"] {
            assert_eq!(asked_by(&format!("/ws?resume=abc&seq={seq}"), "").unwrap().1, None);
        }
        assert_eq!(asked_by("/ws", "passerby.v1, resume.abc.-1").unwrap().1, None);
    }
}
