//! The device cookie in HTTP headers (RFC 6265; `Partitioned` is CHIPS).

use cookie::{Cookie, SameSite, time};

use super::device::{Device, DeviceKey};
use crate::clock::UnixMillis;

/// Its name without TLS.
const NAME: &str = "passerby_device";
/// Its name behind TLS: browsers let no neighbouring host set one that is called so.
const HOST_NAME: &str = "__Host-passerby_device";

/// How long a browser keeps it; more than 400 days none does.
const KEPT: time::Duration = time::Duration::days(400);

/// The most cookies of its names that are looked at in one request. The rest are not
/// the browser's: it has one of each name, or two where one is partitioned.
const MAX_CANDIDATES: usize = 8;

/// Where a cookie is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jar {
    /// For the service's own page, without TLS.
    Plain,
    /// For the service's own page, behind TLS.
    Secure,
    /// For a page of another origin that may connect: kept apart for each such site, so
    /// that it tells none of them what somebody does on the others. Needs TLS.
    Partitioned,
}

impl Jar {
    /// The header that sets the cookie of `device`.
    #[must_use]
    pub fn set_cookie(self, device: &Device) -> String {
        let name = if self == Self::Plain { NAME } else { HOST_NAME };
        let cookie = Cookie::build((name, device.cookie_value()))
            .path("/")
            .max_age(KEPT)
            .http_only(true)
            .secure(self != Self::Plain)
            .partitioned(self == Self::Partitioned)
            .same_site(if self == Self::Partitioned { SameSite::None } else { SameSite::Lax });
        cookie.build().to_string()
    }
}

/// The device that the `Cookie` headers of a request name, if any.
///
/// Of several the newest counts, and one that was set behind TLS before all others: a
/// neighbouring host may set those, and would choose who somebody is.
#[must_use]
pub fn find<'a>(
    headers: impl IntoIterator<Item = &'a str>,
    key: &DeviceKey,
    now: UnixMillis,
) -> Option<Device> {
    headers
        .into_iter()
        .flat_map(Cookie::split_parse)
        .flatten()
        .filter(|cookie| matches!(cookie.name(), NAME | HOST_NAME))
        .take(MAX_CANDIDATES)
        .filter_map(|cookie| Some((cookie.name() == HOST_NAME, key.read(cookie.value(), now)?)))
        .max_by_key(|(protected, device)| (*protected, device.since()))
        .map(|(_, device)| device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn key() -> DeviceKey {
        DeviceKey::new(&Secret::new("a secret of tests").unwrap())
    }

    fn device(number: u8, since: u64) -> Device {
        key().mint([number; 16], UnixMillis(since))
    }

    #[test]
    fn a_cookie_is_set_for_where_it_is_used() {
        let device = device(1, 5);
        let value = device.cookie_value();
        for (jar, expected) in [
            (Jar::Plain, format!("passerby_device={value}; HttpOnly; SameSite=Lax")),
            (
                Jar::Secure,
                format!("__Host-passerby_device={value}; HttpOnly; SameSite=Lax; Secure"),
            ),
            (
                Jar::Partitioned,
                format!(
                    "__Host-passerby_device={value}; HttpOnly; SameSite=None; Partitioned; Secure"
                ),
            ),
        ] {
            let expected = format!("{expected}; Path=/; Max-Age=34560000");
            let set = jar.set_cookie(&device);
            assert_eq!(set, expected);
            let pair = set.split(';').next().unwrap();
            assert_eq!(find([pair], &key(), NOW), Some(device.clone()));
        }
    }

    #[test]
    fn it_is_found_among_others_and_in_any_header() {
        let device = device(1, 5);
        let ours = format!("{NAME}={}", device.cookie_value());
        for headers in [
            vec![ours.clone()],
            vec!["a=b".into(), format!("c=d;{ours} ; e=f")],
            vec![format!("\u{7f};=;;==; {NAME}; x=\"; {ours}")],
            vec![format!("{NAME}=garbage; {HOST_NAME}=; {ours}")],
        ] {
            let found = find(headers.iter().map(String::as_str), &key(), NOW);
            assert_eq!(found, Some(device.clone()), "{headers:?}");
        }
        let others = format!("not_{ours}; {}", ours.to_uppercase());
        assert_eq!(find([others.as_str(), "", ";", "="], &key(), NOW), None);
    }

    #[test]
    fn the_newest_counts_and_one_that_is_protected_before_it() {
        let (old, new) = (device(1, 5), device(2, 6));
        let cookies = |old_name, new_name| {
            format!("{old_name}={}; {new_name}={}", old.cookie_value(), new.cookie_value())
        };
        for (old_name, new_name, expected) in [
            (NAME, NAME, &new),
            (HOST_NAME, HOST_NAME, &new),
            (NAME, HOST_NAME, &new),
            (HOST_NAME, NAME, &old),
        ] {
            let header = cookies(old_name, new_name);
            assert_eq!(find([header.as_str()], &key(), NOW).as_ref(), Some(expected));
        }
    }
}
