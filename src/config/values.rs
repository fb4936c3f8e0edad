//! How values are read that the standard library has no form for.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// A range of ports, `FIRST-LAST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(pub RangeInclusive<u16>);

/// A text that is no range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not FIRST-LAST, two ports from 1 to 65535, the first at most the last")]
pub struct NotPorts;

impl FromStr for Ports {
    type Err = NotPorts;

    fn from_str(text: &str) -> Result<Self, NotPorts> {
        let (first, last) = text.split_once('-').ok_or(NotPorts)?;
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0).ok_or(NotPorts);
        let (first, last) = (port(first)?, port(last)?);
        if first <= last { Ok(Self(first..=last)) } else { Err(NotPorts) }
    }
}

/// Milliseconds. Thirty-two bits are 49 days: sums with them overflow nowhere.
pub(super) fn millis(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(|millis: u32| Duration::from_millis(millis.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_ports_has_a_first_and_a_last() {
        assert_eq!("49152-65535".parse(), Ok(Ports(49152..=65535)));
        assert_eq!("5-5".parse(), Ok(Ports(5..=5)));
        for bad in ["", "5", "-5", "5-", "6-5", "0-5", "5-65536", "a-b", "5-6-7"] {
            assert_eq!(bad.parse::<Ports>(), Err(NotPorts), "{bad}");
        }
    }
}
