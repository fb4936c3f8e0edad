//! The flags of what keeps one client from costing others.

use std::net::IpAddr;
use std::sync::Arc;

use clap::Args;
use clap::builder::BoolishValueParser;
use ipnet::IpNet;

use crate::guard::address::AddressLimits;
use crate::guard::limits::AddressAllowances;
use crate::guard::session::SessionLimits;
use crate::http::forwarded::{ProxyHeader, TrustedProxies};

/// The most characters of `--appeal`: it is sent with each ban.
const MAX_APPEAL_CHARS: usize = 500;

/// Limits, proxies and what the banned are told.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits and bans")]
pub struct GuardFlags {
    /// Lift every limit on how often something may be done, and every quota. Sizes and
    /// the bounds of queues stay. For load tests.
    #[arg(long, env = "PASSERBY_NO_LIMITS", value_parser = BoolishValueParser::new())]
    pub no_limits: bool,

    /// The proxies in front of the service, as ranges or addresses with commas
    /// between: their X-Forwarded-For, Forwarded and X-Forwarded-Proto are believed.
    #[arg(
        long,
        env = "PASSERBY_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "RANGE",
        value_parser = range
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Which of X-Forwarded-For and Forwarded the proxies write. The other comes from
    /// clients as they like, and is not read [default: either; where both come, what
    /// both say].
    #[arg(long, env = "PASSERBY_PROXY_HEADER", value_name = "HEADER")]
    pub proxy_header: Option<ProxyHeader>,

    /// How to appeal, told to whoever is banned: an address to write to, for instance.
    #[arg(long, env = "PASSERBY_APPEAL", value_name = "TEXT", value_parser = appeal)]
    pub appeal: Option<String>,

    /// Whether two sessions of one device may be paired [default: where the service
    /// listens on loopback only, and no proxy is trusted].
    #[arg(
        long,
        env = "PASSERBY_ALLOW_SELF",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub allow_self: Option<bool>,
}

impl GuardFlags {
    /// The proxies whose word counts.
    #[must_use]
    pub fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone(), self.proxy_header)
    }

    /// Whether one who listens at `address` pairs two sessions of one device: somebody
    /// who tries it alone, and not who is behind a proxy.
    #[must_use]
    pub fn allows_self(&self, address: IpAddr) -> bool {
        let alone = address.is_loopback() && self.trusted_proxies.is_empty();
        self.allow_self.unwrap_or(alone)
    }

    /// What one address may do.
    #[must_use]
    pub fn address_limits(&self) -> AddressLimits {
        if self.no_limits {
            AddressLimits::none()
        } else {
            AddressLimits::new(AddressAllowances::default())
        }
    }

    /// What each new session may do.
    #[must_use]
    pub fn session_limits(&self) -> SessionLimits {
        if self.no_limits { SessionLimits::none() } else { SessionLimits::new(Arc::default()) }
    }
}

fn range(text: &str) -> Result<IpNet, &'static str> {
    let text = text.trim();
    let alone = || text.parse::<IpAddr>().map(|address| address.to_canonical().into());
    text.parse().or_else(|_| alone()).map_err(|_| "not an address or a range like 10.0.0.0/8")
}

fn appeal(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=MAX_APPEAL_CHARS).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!("1 to {MAX_APPEAL_CHARS} characters, all on one line"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        guard: GuardFlags,
    }

    fn parse(flags: &[&str]) -> Result<GuardFlags, clap::Error> {
        let line = std::iter::once(&"passerby").chain(flags);
        Line::try_parse_from(line).map(|line| line.guard)
    }

    #[test]
    fn without_flags_there_are_limits_and_no_proxies() {
        let flags = parse(&[]).unwrap();
        assert!(!flags.no_limits && flags.trusted_proxies.is_empty());
        assert_eq!((flags.appeal, flags.allow_self), (None, None));
    }

    #[test]
    fn flags_are_read() {
        let proxies = "--trusted-proxies=10.0.0.0/8, ::1,192.0.2.7,2001:db8::/32";
        let flags = parse(&["--no-limits", proxies, "--appeal", " write to a@example.org "]);
        let flags = flags.unwrap();
        let expected = ["10.0.0.0/8", "::1/128", "192.0.2.7/32", "2001:db8::/32"];
        assert_eq!(flags.trusted_proxies, expected.map(|range| range.parse::<IpNet>().unwrap()));
        assert!(flags.no_limits);
        assert_eq!(flags.appeal.as_deref(), Some("write to a@example.org"));
        for (flag, expected) in
            [("--allow-self", true), ("--allow-self=true", true), ("--allow-self=false", false)]
        {
            assert_eq!(parse(&[flag]).unwrap().allow_self, Some(expected));
        }
    }

    #[test]
    fn who_tries_it_alone_may_meet_himself() {
        let (here, everywhere) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0]));
        let allows = |flags: &[&str], at| parse(flags).unwrap().allows_self(at);
        assert!(allows(&[], here) && !allows(&[], everywhere));
        assert!(!allows(&["--trusted-proxies=127.0.0.1"], here), "a proxy is the way in");
        assert!(allows(&["--trusted-proxies=127.0.0.1", "--allow-self"], here));
        assert!(!allows(&["--allow-self=false"], here));
    }

    #[test]
    fn wrong_values_are_refused() {
        for flag in [
            "--trusted-proxies=10.0.0.0/33",
            "--trusted-proxies=proxy.example",
            "--trusted-proxies=",
            "--proxy-header=via",
            "--appeal=",
            "--appeal=two\nlines",
            "--allow-self=perhaps",
        ] {
            assert!(parse(&[flag]).is_err(), "{flag}");
        }
        assert!(parse(&[&format!("--appeal={}", "x".repeat(501))]).is_err());
    }
}
