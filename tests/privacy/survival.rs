//! What bears no address comes through, whatever is written around it.

use std::net::IpAddr;

use passerby::privacy::{candidate, description};
use proptest::prelude::*;
use proptest::sample::select;

use super::browsers::descriptions;

/// Lines of real descriptions that pass as they are.
fn harmless_lines() -> Vec<String> {
    let kept = descriptions().into_iter().map(|(_, text)| description(&text));
    let lines: Vec<String> =
        kept.flat_map(|kept| kept.lines().map(String::from).collect::<Vec<_>>()).collect();
    assert!(lines.len() > 1000, "only {} lines of browsers pass", lines.len());
    lines
}

fn relay() -> impl Strategy<Value = (String, IpAddr, u16)> {
    let rest = select(vec![
        "",
        " raddr 0.0.0.0 rport 0",
        " raddr 203.0.113.9 rport 5 generation 0 ufrag abcd network-id 3 network-cost 10",
        " generation 1",
    ]);
    ("[0-9a-zA-Z+/]{1,32}", 1..=2u16, any::<u32>(), any::<IpAddr>(), any::<u16>(), rest).prop_map(
        |(foundation, component, priority, address, port, rest)| {
            let text = format!(
                "candidate:{foundation} {component} udp {priority} {address} {port} typ relay{rest}"
            );
            (text, address, port)
        },
    )
}

proptest! {
    #[test]
    fn real_lines_survive_in_any_order_with_any_end(
        lines in proptest::collection::vec(select(harmless_lines()), 1..60),
        noise in proptest::collection::vec("[uiepkrzx]=\\PC{0,20}", 60),
        end in select(vec!["\r\n", "\n", "\r"]),
    ) {
        let mixed: String =
            lines.iter().zip(&noise).map(|(line, noise)| format!("{noise}{end}{line}{end}")).collect();
        let expected: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        prop_assert_eq!(description(&mixed), expected);
    }

    #[test]
    fn a_relay_survives_with_its_address((text, address, port) in relay()) {
        let kept = candidate(&text).expect("a relay passes");
        let words: Vec<_> = kept.split(' ').collect();
        prop_assert_eq!(words[4].parse::<IpAddr>().unwrap(), address);
        prop_assert_eq!(words[5].parse::<u16>().unwrap(), port);
        prop_assert_eq!(&words[6..8], ["typ", "relay"]);
        prop_assert!(!kept.contains("raddr") && !kept.contains("network"));
        let again = candidate(&kept);
        prop_assert_eq!(again.as_ref(), Some(&kept));
        prop_assert_eq!(description(&format!("a={text}")), format!("a={kept}\r\n"));
    }
}
