//! Reads a partner's descriptions and candidates.

use str0m::Candidate;
use str0m::net::Protocol;

/// A description without its candidates, and those of them that can be used.
pub(super) fn split(sdp: &str) -> (String, Vec<Candidate>) {
    let candidate_of = |line: &str| line.strip_prefix("a=").and_then(candidate);
    let candidates = sdp.lines().filter_map(candidate_of).collect();
    let others = sdp.lines().filter(|line| {
        !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates")
    });
    (others.map(|line| format!("{line}\r\n")).collect(), candidates)
}

/// The candidate of a candidate-attribute (RFC 8839 section 5.1), which may lack
/// `raddr` and `rport`. Nothing where it is none that can be used: a name in place
/// of an address, as browsers hide theirs by, or TCP.
pub(super) fn candidate(text: &str) -> Option<Candidate> {
    let candidate = Candidate::from_sdp_string(text).ok()?;
    (candidate.proto() == Protocol::Udp).then_some(candidate)
}

/// The name of a description's first media section.
pub(super) fn mid(sdp: &str) -> Option<String> {
    sdp.lines().find_map(|line| line.strip_prefix("a=mid:")).map(|mid| mid.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use str0m::CandidateKind;

    use super::*;

    #[test]
    fn a_description_is_parted_from_its_candidates() {
        let sdp = "v=0\r\na=mid:x\r\na=candidate:1 1 udp 5 192.0.2.1 9 typ host\r\n\
                   a=candidate:2 1 udp 5 0a1b.local 9 typ host\r\na=end-of-candidates\r\na=x:y\r\n";
        let (rest, candidates) = split(sdp);
        assert_eq!(rest, "v=0\r\na=mid:x\r\na=x:y\r\n");
        assert_eq!(candidates.len(), 1);
        assert_eq!(mid(sdp).as_deref(), Some("x"));
    }

    #[test]
    fn a_relay_without_its_related_address_can_be_used() {
        let hidden = candidate("candidate:1 1 udp 5 192.0.2.1 9 typ relay generation 0").unwrap();
        assert_eq!(hidden.kind(), CandidateKind::Relayed);
    }

    #[test]
    fn names_and_tcp_are_passed_over() {
        for text in [
            "",
            "rubbish",
            "candidate:1 1 udp 5 0a1b2c3d-0000-4000-8000-000000000000.local 9 typ host",
            "candidate:1 1 tcp 5 192.0.2.1 9 typ host tcptype active",
        ] {
            assert!(candidate(text).is_none(), "{text}");
        }
    }
}
