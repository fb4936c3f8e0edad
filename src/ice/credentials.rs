//! Credentials by the TURN REST convention (draft-uberti-behave-turn-rest-00),
//! which coturn knows as `use-auth-secret`. Pure: time comes in.
//!
//! The username is `<unix time of expiry>:<name>`, the password the base64 of
//! HMAC-SHA1 over the username under a secret that the server shares.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::secret::Secret;

/// A username and its password, for one client.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `<unix time of expiry>:<name>`.
    pub username: String,
    /// The password.
    pub password: String,
}

/// Makes and checks credentials.
#[derive(Clone)]
pub struct Signer(Hmac<Sha1>);

impl Signer {
    /// With the secret that the TURN server shares.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let mac = Hmac::new_from_slice(secret.expose().as_bytes());
        Self(mac.expect("HMAC takes keys of any length"))
    }

    /// Credentials for `name`, good until `expires`, in seconds since 1970.
    #[must_use]
    pub fn sign(&self, name: &str, expires: u64) -> Credentials {
        let username = format!("{expires}:{name}");
        let password = self.password(&username);
        Credentials { username, password }
    }

    /// The password of a username.
    #[must_use]
    pub fn password(&self, username: &str) -> String {
        let mac = self.0.clone().chain_update(username.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl Credentials {
    /// The expiry, in seconds since 1970, and the name in a username; `None`
    /// where it is none of the convention's.
    #[must_use]
    pub fn read(username: &str) -> Option<(u64, &str)> {
        let (expires, name) = username.split_once(':').unwrap_or((username, ""));
        let digits = !expires.is_empty() && expires.bytes().all(|byte| byte.is_ascii_digit());
        Some((expires.parse().ok().filter(|_| digits)?, name))
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: &str) -> Signer {
        Signer::new(&Secret::new(secret).unwrap())
    }

    #[test]
    fn the_password_is_what_other_servers_of_the_convention_compute() {
        // printf '1767225600:anna' | openssl dgst -sha1 -hmac north -binary | base64
        let made = signer("north").sign("anna", 1_767_225_600);
        assert_eq!(made.username, "1767225600:anna");
        assert_eq!(made.password, "r57ftBmAzTMRZoAPdE8WhA8CjZY=");
        assert_ne!(made.password, signer("south").password("1767225600:anna"));
    }

    #[test]
    fn a_username_is_an_expiry_and_a_name() {
        assert_eq!(Credentials::read("17:a:b"), Some((17, "a:b")));
        assert_eq!(Credentials::read("17"), Some((17, "")), "the convention allows a bare time");
        for bad in ["", ":a", "x:a", "-1:a", "+1:a", "1.5:a", "99999999999999999999:a", "anna"] {
            assert_eq!(Credentials::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_of_it_prints_itself() {
        let signer = signer("north");
        let text = format!("{signer:?} {:?}", signer.sign("anna", 5));
        assert!(!text.contains("anna") && !text.contains("north"));
    }
}
