//! A client's message, taken apart into its fields.

use serde::{Deserialize, Deserializer};

use super::Malformed;
use super::json::Json;
use super::plain;
use super::text::surrogates_paired;

/// The fields of all messages, none looked into until the type asks for it. One
/// that is null is none.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Fields<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) room: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) mode: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) interests: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) languages: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) private: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) claim: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) proof: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) sdp: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) fresh: Option<Json<'a>>,
    /// Here null has a meaning, other than that of a missing field.
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) candidate: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) text: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) active: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) reason: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) details: Option<Json<'a>>,
    #[serde(borrow)]
    pub(super) transcript: Option<Json<'a>>,
}

impl<'a> Fields<'a> {
    /// Takes `text` apart.
    ///
    /// # Errors
    /// It is no JSON object, has a field twice, or a string that is no text.
    pub(super) fn of(text: &'a str) -> Result<Self, Malformed> {
        match Self::of_plain(text) {
            Some(fields) => Ok(fields),
            None => Self::of_any(text),
        }
    }

    /// The quick way, for signals as clients usually write them. `None` where it
    /// can't tell: also of whatever is wrong.
    fn of_plain(text: &'a str) -> Option<Self> {
        let mut fields = Self::default();
        plain::fields(text, |name, value| {
            let field = match name {
                "type" => &mut fields.kind,
                "room" => &mut fields.room,
                "sdp" => &mut fields.sdp,
                "candidate" => &mut fields.candidate,
                "text" => &mut fields.text,
                "active" => &mut fields.active,
                _ => return None,
            };
            let null = value.get() == "null" && name != "candidate";
            (!null && field.replace(value).is_none()).then_some(())
        })?;
        Some(fields)
    }

    fn of_any(text: &'a str) -> Result<Self, Malformed> {
        if !is_object(text) {
            // Serde would read a list as the fields in order.
            return Err("a message must be a JSON object".into());
        }
        let fields = serde_json::from_str(text).map_err(malformed)?;
        if !surrogates_paired(text) {
            return Err("a string holds half of a surrogate pair".into());
        }
        Ok(fields)
    }
}

/// Whether well-formed JSON is an object.
pub(super) fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{')
}

fn present<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Json<'de>>, D::Error> {
    Json::deserialize(field).map(Some)
}

fn malformed(error: serde_json::Error) -> Malformed {
    if error.to_string().starts_with("duplicate field") {
        "a field stands twice".into()
    } else {
        "not JSON".into()
    }
}

#[cfg(test)]
mod tests;
