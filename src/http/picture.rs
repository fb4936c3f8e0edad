//! The still picture that belongs to a report.

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::ice::bearer;
use super::{Front, cors, visitor};
use crate::clock::UnixMillis;
use crate::guard::address::Asked;
use crate::guard::limits::Limit;
use crate::ids::RoomId;
use crate::moderation::picture::{Checked, MAX_PICTURE_BYTES, NotAPicture, check};
use crate::moderation::{Known, NotAdded, Picture, ReportId};
use crate::session::token::{Token, TokenHash};

/// Why a picture is not taken, in words for whoever sent it.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a picture wants the session's token: Authorization: Bearer TOKEN")]
    NoToken,
    #[error("this session reported nobody in that room, or it is too long ago")]
    NoReport,
    #[error(
        "this session reported nobody in that room, as far as this node knows; where each node \
         has a database of its own, a picture goes to the node that took the report"
    )]
    NotHere,
    #[error("the report has a picture already")]
    Again,
    #[error("a picture may have at most {MAX_PICTURE_BYTES} bytes")]
    TooLarge,
    #[error("{0}")]
    NotAPicture(#[from] NotAPicture),
    #[error("too many pictures; try again in {0} s")]
    TooMany(u64),
    #[error("this can't be taken just now; please try again in a moment")]
    Away,
    #[error("the picture did not arrive whole")]
    Broken,
}

/// Takes one JPEG or WebP for the report of a room by the session of the token.
pub(super) async fn picture(
    request: HttpRequest,
    room: Path<String>,
    body: Result<Bytes, actix_web::Error>,
    front: Data<Front>,
) -> HttpResponse {
    let (mut response, words) = match take(&request, &room, body, &front).await {
        Ok(()) => (HttpResponse::NoContent(), None),
        Err(refusal) => (refusal.response(), Some(format!("{refusal}\n"))),
    };
    response.insert_header((CACHE_CONTROL, "no-store"));
    cors::allow(&request, &front, &mut response);
    match words {
        None => response.finish(),
        Some(words) => response.content_type("text/plain; charset=utf-8").body(words),
    }
}

async fn take(
    request: &HttpRequest,
    room: &str,
    body: Result<Bytes, actix_web::Error>,
    front: &Front,
) -> Result<(), Refusal> {
    let token = bearer(request).map(|token: Token| token.hash()).ok_or(Refusal::NoToken)?;
    let address = visitor::address(request.head(), front);
    let node = &front.node;
    node.address_limits.take(Asked::Picture, address, node.clock.now()).map_err(|refused| {
        node.metrics.moderation.limited(Limit::Picture);
        Refusal::TooMany(refused.again.as_secs() + 1)
    })?;
    let bytes = body.map_err(|error| broken(&error))?;
    let room = RoomId::parse(room).ok_or(Refusal::NoReport)?;
    let report = report_of(front, room, token).await?;
    // Decoding takes a while and is bounded by the pool of blocking threads.
    let Checked { kind, bytes } =
        actix_web::web::block(move || check(&bytes)).await.map_err(|_| Refusal::Away)??;
    let picture = Picture { report, at: UnixMillis::now(), kind, bytes };
    node.moderation.add_picture(room, token, picture).map_err(|why| match why {
        NotAdded::Again => Refusal::Again,
        NotAdded::Overfull(_) => Refusal::Away,
    })
}

/// The report that a picture is for: it was made a moment ago here, or stands in the
/// store.
async fn report_of(front: &Front, room: RoomId, token: TokenHash) -> Result<ReportId, Refusal> {
    let moderation = &front.node.moderation;
    if let Some(Known { id, pictured }) = moderation.recent_report(room, token) {
        let again = pictured || pictured_elsewhere(front, room, token).await;
        return if again { Err(Refusal::Again) } else { Ok(id) };
    }
    match front.store.report_of(room, token).await {
        Ok(Some((report, false))) => Ok(report),
        Ok(Some((_, true))) => Err(Refusal::Again),
        Ok(None) if moderation.has_own_store() => Err(Refusal::NotHere),
        Ok(None) => Err(Refusal::NoReport),
        Err(_) => Err(Refusal::Away),
    }
}

/// Whether another node took a picture for a report that was made here.
async fn pictured_elsewhere(front: &Front, room: RoomId, token: TokenHash) -> bool {
    front.node.office.is_some()
        && matches!(front.store.report_of(room, token).await, Ok(Some((_, true))))
}

fn broken(error: &actix_web::Error) -> Refusal {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => Refusal::TooLarge,
        _ if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::TooLarge
        }
        _ => Refusal::Broken,
    }
}

impl Refusal {
    fn response(&self) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(self.status());
        match self {
            Self::NoToken => _ = response.insert_header((WWW_AUTHENTICATE, "Bearer")),
            Self::TooMany(seconds) => _ = response.insert_header((RETRY_AFTER, *seconds)),
            Self::Away => _ = response.insert_header((RETRY_AFTER, 5)),
            _ => (),
        }
        response
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NoReport | Self::NotHere => StatusCode::NOT_FOUND,
            Self::Again => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAPicture(NotAPicture::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAPicture(NotAPicture::UnknownFormat) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAPicture(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}
